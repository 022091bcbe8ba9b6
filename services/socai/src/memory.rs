//! How the process is given its memory.

/// From now on in pages of 4 KiB. An image is opened quicker in pages of 2 MiB; what a serving process allocates for each
/// request, on many threads, would leave most of such a page unused: with them it took four times the memory.
#[cfg(target_os = "linux")]
pub(crate) fn in_small_pages() {
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!(%error, "pages of memory stay as the kernel gives them");
    }
}

/// Only Linux gives huge ones by itself.
#[cfg(not(target_os = "linux"))]
pub(crate) fn in_small_pages() {}

//! What others published of transparency logs (`tests/data/transparency`), read by our own code.

mod merkle;
mod notes;
mod requests;
mod tiles;

use std::path::{Path, PathBuf};

/// A file or folder of `tests/data/transparency`.
fn data(path: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/transparency");
    folder.join(path)
}

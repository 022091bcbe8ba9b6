//! Why a log cannot be opened, and where it is damaged.

use std::io;
use std::path::{Path, PathBuf};

/// Bytes that are not what was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("segment {segment} at byte {offset} (position {position}): {what}")]
pub struct Damage {
    /// The file's name.
    pub segment: String,
    /// The byte from which on the segment cannot be trusted.
    pub offset: u64,
    /// The first position that cannot be trusted.
    pub position: u64,
    /// What was found.
    pub what: String,
}

/// Why a log does not open. Nothing has been changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Create one, or name the directory that has one.
    #[error("there is no ledger in {}", .dir.display())]
    NoLedger { dir: PathBuf },

    /// Open it, or name an empty directory.
    #[error("there is a ledger in {} already", .dir.display())]
    Exists { dir: PathBuf },

    /// One process writes a ledger. Ask that one, or end it.
    #[error("the ledger in {} is in use by another process", .dir.display())]
    Locked { dir: PathBuf },

    /// Open it for reading only, or mend the permissions.
    #[error("the ledger in {} cannot be written to; it can be opened for reading only", .dir.display())]
    NotWritable {
        dir: PathBuf,
        #[source]
        source: io::Error,
    },

    /// Use the release that wrote it, or a later one.
    #[error("{file} has format version {version}; this release reads versions up to {supported}")]
    NewerFormat {
        file: String,
        version: u16,
        supported: u16,
    },

    /// Stop, keep the files, verify, restore from a copy.
    #[error("the ledger is damaged")]
    Damaged(#[source] Damage),

    /// The operating system said no.
    #[error("cannot {doing} {}", .path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl OpenError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            doing,
            path: path.to_owned(),
            source,
        }
    }

    /// As [`io`](Self::io), for steps that need a directory that can be written.
    pub(crate) fn write(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                let dir = path.parent().unwrap_or(path).to_owned();
                Self::NotWritable { dir, source }
            }
            _ => Self::Io {
                doing,
                path: path.to_owned(),
                source,
            },
        }
    }
}

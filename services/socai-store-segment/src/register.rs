//! Registers as files beside the log, for the one process that has the ledger open for writing.
//!
//! ```text
//! DIR/registers/sealer      the version in decimal, a newline, the value
//! ```
//!
//! A swap writes a draft, syncs it, renames it over the file and syncs the directory, so that a crash
//! leaves the value before or the one after. Deliberately absent: a lock of its own. Whoever holds the
//! ledger's lock has its registers as well.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use socai_store::{Held, Register, RegisterError, SwapError};

/// A register in a ledger's directory.
#[derive(Debug)]
pub struct DirectoryRegister {
    path: PathBuf,
    /// Held from the look to the rename.
    turn: Mutex<()>,
}

impl DirectoryRegister {
    /// The register called `name`, a word of a-z, of the ledger in `dir`. Nothing is written before a swap.
    #[must_use]
    pub fn new(dir: &Path, name: &str) -> Self {
        Self {
            path: dir.join("registers").join(name),
            turn: Mutex::new(()),
        }
    }

    fn held(&self) -> io::Result<Option<Held>> {
        let file = match fs::read(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let line = file.iter().position(|byte| *byte == b'\n').unwrap_or(0);
        let version = std::str::from_utf8(&file[..line]).ok();
        let version = version.and_then(|version| version.parse().ok());
        let damaged = || io::Error::other(format!("{} is damaged", self.path.display()));
        Ok(Some(Held {
            version: version.ok_or_else(damaged)?,
            value: Bytes::from(file).slice(line + 1..),
        }))
    }

    fn write(&self, version: u64, value: &[u8]) -> io::Result<()> {
        let dir = self.path.parent().expect("a register is in a directory");
        fs::create_dir_all(dir)?;
        let draft = self.path.with_extension("draft");
        let mut file = File::create(&draft)?;
        file.write_all(format!("{version}\n").as_bytes())?;
        file.write_all(value)?;
        file.sync_all()?;
        fs::rename(&draft, &self.path)?;
        File::open(dir)?.sync_all()
    }
}

#[async_trait]
impl Register for DirectoryRegister {
    async fn read(&self) -> Result<Option<Held>, RegisterError> {
        self.held().map_err(|error| RegisterError(error.into()))
    }

    async fn swap(&self, expected: Option<u64>, value: Bytes) -> Result<u64, SwapError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let unknown = |error: io::Error| SwapError::Unknown(error.into());
        let found = self.held().map_err(unknown)?.map(|held| held.version);
        if found != expected {
            return Err(SwapError::Lost);
        }
        let version = found.unwrap_or(0) + 1;
        self.write(version, &value).map_err(unknown)?;
        Ok(version)
    }
}

//! A bundle that arrives piece by piece. It is kept in a file until its turn comes, one at a time: unpacked it may have
//! a gibibyte, which is where the reader stops.

use std::io;

use socai_tlog::Policy;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::sync::Semaphore;

use super::{Bundles, Given, judge_bundles};
use crate::trouble::Trouble;

/// Bytes of a bundle that arrives, at most.
pub const UPLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bundles that are unpacked at once.
static TURNS: Semaphore = Semaphore::const_new(1);

/// A bundle, as far as it has arrived.
pub struct Upload {
    file: File,
    bytes: usize,
}

/// Why a piece is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Untaken {
    /// There is too much of it.
    #[error("a bundle has at most {UPLOAD_BYTES_MAX} bytes")]
    TooLarge,
    /// It cannot be kept.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Upload {
    /// Nothing yet, in a file without a name.
    ///
    /// # Errors
    ///
    /// [`Trouble::Unavailable`].
    pub async fn begin() -> Result<Self, Trouble> {
        let file = tokio::task::spawn_blocking(tempfile::tempfile).await;
        let file = file.map_err(io::Error::other).flatten().map_err(no_room)?;
        let file = File::from_std(file);
        Ok(Self { file, bytes: 0 })
    }

    /// Takes what arrived next.
    ///
    /// # Errors
    ///
    /// [`Untaken`].
    pub async fn take(&mut self, piece: &[u8]) -> Result<(), Untaken> {
        self.bytes += piece.len();
        if self.bytes > UPLOAD_BYTES_MAX {
            return Err(Untaken::TooLarge);
        }
        Ok(self.file.write_all(piece).await.map_err(no_room)?)
    }

    /// Judges it in its turn, which lasts until that is done, whether or not somebody still waits for it.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub async fn judge(
        mut self,
        policy: Option<Policy>,
        tolerance_hours: u32,
    ) -> Result<Bundles, Trouble> {
        self.file.rewind().await.map_err(no_room)?;
        let turn = TURNS.acquire().await.expect("turns are given for ever");
        let mut zip = Vec::new();
        self.file.read_to_end(&mut zip).await.map_err(no_room)?;
        let name = "bundle".to_owned();
        let judging = move || {
            let _turn = turn;
            judge_bundles(vec![Given { name, zip }], policy.as_ref(), tolerance_hours)
        };
        let judged = tokio::task::spawn_blocking(judging).await;
        judged.map_err(|_| Trouble::Stopped("a fault of the program, told in its log".to_owned()))
    }
}

fn no_room(error: io::Error) -> Trouble {
    Trouble::Unavailable(format!("the bundle cannot be kept: {error}"))
}

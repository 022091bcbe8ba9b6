//! A bundle that arrives piece by piece, or two to be compared. They are kept in files until their turn comes, one
//! request at a time: unpacked a bundle may have a gibibyte, which is where the reader stops.

use std::io;

use socai_tlog::Policy;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::sync::Semaphore;

use super::{Bundles, Given, judge_bundles};
use crate::trouble::Trouble;

/// Bytes of a bundle that arrives, at most.
pub const UPLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Requests whose bundles are unpacked at once.
static TURNS: Semaphore = Semaphore::const_new(1);

/// Which of two bundles that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The first, or the only one.
    First,
    /// The one that it is compared with.
    Second,
}

/// A bundle or two, as far as they have arrived.
pub struct Upload {
    first: Arrived,
    second: Option<Arrived>,
}

/// What has arrived of one bundle.
struct Arrived {
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
    /// Nothing yet.
    ///
    /// # Errors
    ///
    /// [`Trouble::Unavailable`].
    pub async fn begin() -> Result<Self, Trouble> {
        Ok(Self {
            first: Arrived::begin().await?,
            second: None,
        })
    }

    /// Takes what arrived next of one of them.
    ///
    /// # Errors
    ///
    /// [`Untaken`].
    pub async fn take(&mut self, which: Which, piece: &[u8]) -> Result<(), Untaken> {
        let into = match (which, &mut self.second) {
            (Which::First, _) => &mut self.first,
            (Which::Second, Some(second)) => second,
            (Which::Second, none) => none.insert(Arrived::begin().await?),
        };
        into.take(piece).await
    }

    /// Whether anything of a second bundle arrived.
    #[must_use]
    pub const fn has_two(&self) -> bool {
        self.second.is_some()
    }

    /// Judges them in their turn, which lasts until that is done, whether or not somebody still waits for it.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub async fn judge(
        self,
        policy: Option<Policy>,
        tolerance_hours: u32,
    ) -> Result<Bundles, Trouble> {
        let turn = TURNS.acquire().await.expect("turns are given for ever");
        let given = match self.second {
            None => vec![self.first.given("bundle").await?],
            Some(second) => vec![
                self.first.given("first").await?,
                second.given("second").await?,
            ],
        };
        let judging = move || {
            let _turn = turn;
            judge_bundles(given, policy.as_ref(), tolerance_hours)
        };
        let judged = tokio::task::spawn_blocking(judging).await;
        judged.map_err(|_| Trouble::Stopped("a fault of the program, told in its log".to_owned()))
    }
}

impl Arrived {
    /// Nothing yet, in a file without a name.
    async fn begin() -> Result<Self, Trouble> {
        let file = tokio::task::spawn_blocking(tempfile::tempfile).await;
        let file = file.map_err(io::Error::other).flatten().map_err(no_room)?;
        let file = File::from_std(file);
        Ok(Self { file, bytes: 0 })
    }

    async fn take(&mut self, piece: &[u8]) -> Result<(), Untaken> {
        self.bytes += piece.len();
        if self.bytes > UPLOAD_BYTES_MAX {
            return Err(Untaken::TooLarge);
        }
        Ok(self.file.write_all(piece).await.map_err(no_room)?)
    }

    async fn given(mut self, name: &str) -> Result<Given, Trouble> {
        self.file.rewind().await.map_err(no_room)?;
        let mut zip = Vec::new();
        self.file.read_to_end(&mut zip).await.map_err(no_room)?;
        let name = name.to_owned();
        Ok(Given { name, zip })
    }
}

fn no_room(error: io::Error) -> Trouble {
    Trouble::Unavailable(format!("the bundle cannot be kept: {error}"))
}

//! A bundle that arrives piece by piece, or two to be compared. They are kept in files without a name, in a folder of the
//! process, until their turn comes, one request at a time: unpacked a bundle may have a gibibyte, which is where the
//! reader stops. So many requests wait at most that their bundles take up a gibibyte of the disk.

use std::io;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use socai_domain::id::AccountId;
use socai_tlog::Policy;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::sync::Semaphore;

use super::{Bundles, Given, judge_bundles};
use crate::shares::{NoShare, Share, Shares};
use crate::trouble::Trouble;

/// Bytes of a bundle that arrives, at most.
pub const UPLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Requests whose bundles arrive or wait for their turn at once, at most: in all, and of one account.
const UPLOADS_MAX: (u64, u64) = (8, 1);

static UPLOADS: LazyLock<Arc<Shares<AccountId>>> =
    LazyLock::new(|| Shares::new(UPLOADS_MAX.0, UPLOADS_MAX.1));

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
    folder: Arc<Path>,
    first: Arrived,
    second: Option<Arrived>,
    place: Share<AccountId>,
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
    /// Too many arrive already.
    #[error(transparent)]
    NoPlace(#[from] NoShare),
    /// It cannot be kept.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Upload {
    /// Nothing yet of what `who` sends. It is kept in `folder`.
    ///
    /// # Errors
    ///
    /// [`Untaken::NoPlace`], [`Trouble::Unavailable`].
    pub async fn begin(folder: Arc<Path>, who: &AccountId) -> Result<Self, Untaken> {
        let place = UPLOADS.take(who, 1)?;
        Ok(Self {
            first: Arrived::begin(folder.clone()).await?,
            second: None,
            folder,
            place,
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
            (Which::Second, none) => none.insert(Arrived::begin(self.folder.clone()).await?),
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
        let place = self.place;
        let given = match self.second {
            None => vec![self.first.given("bundle").await?],
            Some(second) => vec![
                self.first.given("first").await?,
                second.given("second").await?,
            ],
        };
        let judging = move || {
            let (_turn, _place) = (turn, place);
            judge_bundles(given, policy.as_ref(), tolerance_hours)
        };
        let judged = tokio::task::spawn_blocking(judging).await;
        judged.map_err(|_| Trouble::Stopped("a fault of the program, told in its log".to_owned()))
    }
}

impl Arrived {
    /// Nothing yet, in a file without a name.
    async fn begin(folder: Arc<Path>) -> Result<Self, Trouble> {
        let file = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await;
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

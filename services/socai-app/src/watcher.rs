//! The watcher: raises a late flag for each obligation that is overdue and not flagged, and seals the heads of all
//! streams once a day.
//!
//! Any number of watchers may run. A flag is decided like every command: where another watcher was first,
//! the obligation's stream has moved, the flag is decided again, and it is so already.

use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::civil::Date;
use socai_domain::origin::Origin;

use crate::heads::{self, SealHeadsError, SealedHeads};
use crate::ledger::{Outcome, sweep};
use crate::live::{ExecuteError, Live};

/// Flags under way at once.
const TOGETHER: usize = 64;

/// What a sweep came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Flags raised here.
    pub flagged: u64,
    /// What another watcher had flagged by then, or what had been handed in.
    pub settled: u64,
}

/// Flags what is overdue at the end of `on`, as far as the image knows.
///
/// # Errors
///
/// [`ExecuteError`], the first one; what was flagged by then is.
pub async fn watch(live: &Live, origin: &Origin, on: Date) -> Result<Swept, ExecuteError> {
    live.caught_up().await?;
    let requests = sweep(&live.image(), on);
    let mut left = requests.iter();
    let mut under_way = FuturesUnordered::new();
    let mut swept = Swept::default();
    loop {
        let room = TOGETHER - under_way.len();
        under_way.extend(
            left.by_ref()
                .take(room)
                .map(|flag| live.execute(flag, origin)),
        );
        match under_way.next().await.transpose()? {
            None => return Ok(swept),
            Some(Outcome::Recorded(_)) => swept.flagged += 1,
            Some(Outcome::Unchanged | Outcome::Refused(_)) => swept.settled += 1,
            Some(Outcome::Failed | Outcome::Unknown) => {
                unreachable!("one command is done, refused or an error")
            }
        }
    }
}

/// Seals the heads of all streams, where that was not done today and something was recorded since.
///
/// # Errors
///
/// [`SealHeadsError`].
pub async fn seal_heads(
    mut live: &Live,
    origin: &Origin,
) -> Result<Option<SealedHeads>, SealHeadsError> {
    if !heads::are_due(&live.image(), origin) {
        return Ok(None);
    }
    heads::seal(&mut live, origin).await.map(Some)
}

//! What is more than a question: each a function over the ports that it uses, the same for every wire.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`review`] | the review of a document over a window |
//! | [`evidence`] | records handed out with their proof |
//! | [`attachments`] | files beside the log |
//! | [`receipt`] | the proof that one record is in the log |
//! | [`tiles`] | the log as readers of C2SP tlog-tiles follow it |
//! | [`records`] | records as they are stored |
//! | [`sweep`] | late flags for what is overdue |
//! | [`verify`] | judging a bundle, two of them, or a receipt |
//! | [`verification`] | the whole ledger read again where it is kept |
//! | [`for_accounts`], `taken_out`, `listening` | all of these as an account may ask them |
//! | [`live_updates`] | what changes, as it is recorded |

use tokio::runtime::Handle;
use tracing::Instrument;

pub mod attachments;
pub mod evidence;
pub mod for_accounts;
mod listening;
pub mod live_updates;
pub mod receipt;
pub mod records;
pub mod review;
pub mod sweep;
mod taken_out;
pub mod tiles;
mod trouble;
pub mod verification;
pub mod verify;

pub use for_accounts::Works;
pub(crate) use for_accounts::{now, scope};
pub use listening::Listening;

/// Does what computes for long on a thread of its own.
pub(crate) async fn aside<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let (runtime, work) = (Handle::current(), work.in_current_span());
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work)).await;
    done.unwrap_or_else(|fault| std::panic::resume_unwind(fault.into_panic()))
}

#[cfg(test)]
mod tests;

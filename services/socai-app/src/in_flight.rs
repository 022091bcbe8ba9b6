//! Appends under way: handed to the store in order, waited for later.

use std::pin::Pin;
use std::sync::Arc;

use futures_util::future::{self, Future};
use socai_store::{Append, AppendError, EventStore, Position};

/// The answer to an append, to be waited for.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Vec<Position>, AppendError>> + Send>>;

/// Hands an append to the store. A store of one process takes appends in the order in which they are first
/// polled; of one that is shared nobody may expect that.
pub(crate) async fn start(store: &Arc<dyn EventStore>, append: Append) -> Answer {
    let store = Arc::clone(store);
    let mut answer: Answer = Box::pin(async move { store.append(append).await });
    match future::poll_immediate(&mut answer).await {
        Some(answer) => Box::pin(future::ready(answer)),
        None => answer,
    }
}

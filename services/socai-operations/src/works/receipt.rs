//! The proof that one record is in the log.

use socai_app::receipt;
use socai_app::tree::Sources;
use socai_store::Position;
use tokio::sync::Semaphore;

use super::aside;
use crate::trouble::Trouble;

/// Where tiles are missing, every record is read for a receipt: one such reading at once.
static TURNS: Semaphore = Semaphore::const_new(1);

/// The receipt of the record at `position`, as a file of C2SP tlog-proof.
///
/// # Errors
///
/// [`Trouble::NotFound`] where there is no such record, [`Trouble::Unavailable`] where it is not sealed yet.
pub async fn receipt(sources: &Sources, position: Position) -> Result<String, Trouble> {
    let turn = TURNS.acquire().await;
    let _turn = turn.expect("turns are given for ever");
    let sources = sources.clone();
    let proof = aside(async move { receipt::receipt(&sources, position).await }).await?;
    Ok(proof.to_string())
}

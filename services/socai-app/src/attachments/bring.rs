//! Attachments of a ledger that moves, into another keeper: the same bytes at the same addresses.

use std::num::NonZeroU32;

use socai_store::blob::{BlobAddress, BlobStore, GetError, ListError, PutError};

/// Blobs listed at once.
const PAGE: NonZeroU32 = NonZeroU32::new(256).expect("not zero");

/// What a move of attachments came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brought {
    /// Those that the target had already, whole.
    pub there: u64,
    /// Those that were brought.
    pub brought: u64,
    /// Those that are damaged where they come from: they stay there.
    pub damaged: Vec<BlobAddress>,
}

/// Why attachments were not brought. What was by then stays, and asking again goes on.
#[derive(Debug, thiserror::Error)]
pub enum BringError {
    /// The source cannot be listed.
    #[error("the attachments of the source cannot be listed")]
    List(#[from] ListError),
    /// One of the two cannot be read.
    #[error("the attachment at {address} cannot be read")]
    Get {
        /// Which.
        address: BlobAddress,
        /// Why.
        #[source]
        source: GetError,
    },
    /// The target did not take it.
    #[error("the target did not take the attachment at {address}")]
    Put {
        /// Which.
        address: BlobAddress,
        /// Why.
        #[source]
        source: PutError,
    },
}

/// Brings everything that `from` keeps and `to` does not. What the ledger says is erased and `to` keeps
/// still is for an audit to find.
///
/// # Errors
///
/// [`BringError`].
pub async fn bring(from: &dyn BlobStore, to: &dyn BlobStore) -> Result<Brought, BringError> {
    let mut brought = Brought::default();
    let mut after = None;
    loop {
        let page = from.list(after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(brought);
        };
        after = Some(last.address);
        for kept in page {
            one(from, to, kept.address, &mut brought).await?;
        }
    }
}

async fn one(
    from: &dyn BlobStore,
    to: &dyn BlobStore,
    address: BlobAddress,
    brought: &mut Brought,
) -> Result<(), BringError> {
    let unread = |source| BringError::Get { address, source };
    match to.kept(&address).await {
        Ok(_) => {
            brought.there += 1;
            return Ok(());
        }
        Err(GetError::NotThere { .. }) => {}
        Err(error @ (GetError::Corrupt { .. } | GetError::Unavailable(_))) => {
            return Err(unread(error));
        }
    }
    match from.kept(&address).await {
        Ok(salted) => {
            let kept = to.keep(salted).await;
            kept.map_err(|source| BringError::Put { address, source })?;
            brought.brought += 1;
        }
        Err(GetError::Corrupt { .. }) => brought.damaged.push(address),
        // Erased since it was listed, or never whole.
        Err(GetError::NotThere { .. }) => {}
        Err(error @ GetError::Unavailable(_)) => return Err(unread(error)),
    }
    Ok(())
}

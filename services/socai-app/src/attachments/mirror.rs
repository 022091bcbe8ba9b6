//! The attachments of a ledger beside a copy of it: those that the copy's ledger knows and does not call erased, no other.
//!
//! They are brought before the copy is proven, and pruned afterwards, so that at any moment it has those of what is proven.

use std::collections::BTreeMap;

use socai_domain::attachment::Attachment;
use socai_domain::id::Sha256Hex;
use socai_store::blob::{BlobAddress, BlobStore, EraseError, GetError, ListError, PutError};

use super::{address, audit};

/// What a copy of attachments came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mirrored {
    /// Those that the copy had already.
    pub there: u64,
    /// Those that were brought.
    pub brought: u64,
    /// Those that could not be had: the source has them not, or damaged.
    pub lost: Vec<BlobAddress>,
}

/// Why attachments were not copied. What was copied by then stays, and asking again goes on.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The copy cannot be listed.
    #[error("the attachments of the copy cannot be listed")]
    List(#[from] ListError),
    /// The source cannot be read.
    #[error("the attachment at {address} cannot be read")]
    Get {
        /// Which.
        address: BlobAddress,
        /// Why.
        #[source]
        source: GetError,
    },
    /// The copy did not take it.
    #[error("the copy did not take the attachment at {address}")]
    Put {
        /// Which.
        address: BlobAddress,
        /// Why.
        #[source]
        source: PutError,
    },
    /// What is erased may still be in the copy.
    #[error("the attachment at {address} is erased, and may still be in the copy")]
    Erase {
        /// Which.
        address: BlobAddress,
        /// Why.
        #[source]
        source: EraseError,
    },
}

/// Brings from `from` what the ledger says of `attachments` that it keeps, and `to` has not. What is there already is not
/// read again.
///
/// # Errors
///
/// [`MirrorError`].
pub async fn mirror(
    attachments: &BTreeMap<Sha256Hex, Attachment>,
    from: &dyn BlobStore,
    to: &dyn BlobStore,
) -> Result<Mirrored, MirrorError> {
    let there = audit::all(to).await?;
    let mut mirrored = Mirrored::default();
    for address in kept(attachments) {
        if there.contains_key(&address) {
            mirrored.there += 1;
        } else {
            bring(from, to, address, &mut mirrored).await?;
        }
    }
    Ok(mirrored)
}

/// Erases from `to` what the ledger calls erased or does not know, and says how many that were.
///
/// # Errors
///
/// [`MirrorError`].
pub async fn prune(
    attachments: &BTreeMap<Sha256Hex, Attachment>,
    to: &dyn BlobStore,
) -> Result<u64, MirrorError> {
    let mut surplus = audit::all(to).await?;
    for address in kept(attachments) {
        surplus.remove(&address);
    }
    for &address in surplus.keys() {
        let erased = to.erase(&address).await;
        erased.map_err(|source| MirrorError::Erase { address, source })?;
    }
    Ok(surplus.len() as u64)
}

fn kept(attachments: &BTreeMap<Sha256Hex, Attachment>) -> impl Iterator<Item = BlobAddress> {
    let kept = attachments.iter().filter(|(_, it)| it.erased.is_none());
    kept.map(|(id, _)| address(id))
}

async fn bring(
    from: &dyn BlobStore,
    to: &dyn BlobStore,
    address: BlobAddress,
    mirrored: &mut Mirrored,
) -> Result<(), MirrorError> {
    match from.kept(&address).await {
        Ok(salted) => {
            let kept = to.keep(salted).await;
            kept.map_err(|source| MirrorError::Put { address, source })?;
            mirrored.brought += 1;
        }
        // Lost, or erased since the copy's records were recorded.
        Err(GetError::NotThere { .. } | GetError::Corrupt { .. }) => mirrored.lost.push(address),
        Err(source @ GetError::Unavailable(_)) => {
            return Err(MirrorError::Get { address, source });
        }
    }
    Ok(())
}

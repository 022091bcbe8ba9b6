//! Whose ledger a stream holds: kept in the stream's metadata, given once.

use std::collections::HashMap;

use socai_store::Identity;

pub(crate) const ID: &str = "socai.id";
pub(crate) const ORIGIN: &str = "socai.origin";

/// The form in which the stream holds the ledger. A stream of the first form does not say it.
pub(crate) const FORMAT: &str = "socai.format";

/// The form that this program writes.
pub(crate) const SUPPORTED: &str = "1";

/// The identity that a stream's metadata tell, if they do.
pub(crate) fn of(metadata: &HashMap<String, String>) -> Option<Identity> {
    Identity::new(metadata.get(ID)?.parse().ok()?, metadata.get(ORIGIN)?)
}

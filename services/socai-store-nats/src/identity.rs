//! Whose ledger a stream holds: kept in the stream's metadata, given once.

use std::collections::HashMap;

use uuid::Uuid;

pub(crate) const ID: &str = "socai.id";
pub(crate) const ORIGIN: &str = "socai.origin";

/// Who a ledger is. Never changes, and never comes about by accident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    id: Uuid,
    origin: String,
}

impl Identity {
    /// A ledger known to machines as `id` and to people as `origin`: one line of 1 to 200 bytes.
    #[must_use]
    pub fn new(id: Uuid, origin: &str) -> Option<Self> {
        let valid = (1..=200).contains(&origin.len()) && !origin.chars().any(char::is_control);
        valid.then(|| Self {
            id,
            origin: origin.to_owned(),
        })
    }

    /// The id of the ledger.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Whose ledger it is.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The identity that a stream's metadata tell, if they do.
    pub(crate) fn of(metadata: &HashMap<String, String>) -> Option<Self> {
        Self::new(metadata.get(ID)?.parse().ok()?, metadata.get(ORIGIN)?)
    }
}

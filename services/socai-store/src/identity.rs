//! Whose ledger it is, wherever it is kept.

use uuid::Uuid;

/// Bytes of an origin, at most.
const ORIGIN_BYTES_MAX: usize = 200;

/// Who a ledger is. Given once, with the store; it moves with the ledger and never comes about by accident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    id: Uuid,
    origin: String,
}

impl Identity {
    /// A ledger known to machines as `id` and to people as `origin`: one line of
    /// 1 to 200 bytes.
    #[must_use]
    pub fn new(id: Uuid, origin: &str) -> Option<Self> {
        let one_line = !origin.chars().any(char::is_control);
        let valid = (1..=ORIGIN_BYTES_MAX).contains(&origin.len()) && one_line;
        valid.then(|| Self {
            id,
            origin: origin.to_owned(),
        })
    }

    /// What machines know it by.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Whose ledger it is.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

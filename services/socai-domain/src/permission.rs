//! Who may do and read what: the table, as data.

use std::collections::BTreeSet;

use crate::id::UnitId;

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// Units, groups, documents, requirements and tasks by name.
    Registry,
    /// Rates, and the obligations behind them.
    Counts,
    /// Everything recorded about one thing.
    Histories,
    /// Records of the whole ledger as they are stored, and subscriptions to them.
    Records,
    /// Files that were shown.
    Attachments,
    /// Checkpoints, receipts, tiles of hashes: nothing of the content.
    Proofs,
    /// Reviews.
    Reviews,
    /// Evidence bundles.
    Evidence,
    /// Accounts and their roles.
    Accounts,
}

/// What of it whoever asks may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    Everything,
    /// What concerns these units.
    Units(BTreeSet<UnitId>),
}

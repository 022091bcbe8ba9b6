//! Who may do and read what: the table of roles as data, and what it says of one command or one reading.
//!
//! ```text
//! command ──► touched: on whom, for which unit ──► table: roles and their reach ──► permitted, or refused
//! reading ───────────────────────────────────────► table: roles and their sight ──► scope
//! ```
//!
//! Whoever owns the files of a ledger asks without an account, and this is not asked then. Deliberately
//! absent: who it is that asks, which the edge finds out, and the rules of the field, which deciders check.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::command::Command;
use crate::id::{AccountId, UnitId};
use crate::origin::Asking;
use crate::refusal::{Refused, refusals};
use crate::registry::Registry;

mod reach;
mod table;
mod touched;

pub use reach::{Reach, Sight};
pub use table::{COMMANDS, READINGS};

use reach::Home;
use touched::Touched;

/// What an account may do, in one word.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Văn thư: records what is issued and assigned, and the answers of whoever assigned it.
    Registrar,
    /// Reports for its unit.
    Reporter,
    /// Receives, returns and passes on the reports that go through its unit.
    Consolidator,
    /// Theo dõi, đôn đốc: reminds, extends, excuses, never its own unit.
    Monitor,
    /// Reads everything, inspects, takes evidence out.
    Inspector,
    /// Keeps accounts, units and calendars, and does no business act.
    Operator,
    /// Checks that nothing is rewritten, and does nothing.
    Witness,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Registrar,
        Self::Reporter,
        Self::Consolidator,
        Self::Monitor,
        Self::Inspector,
        Self::Operator,
        Self::Witness,
    ];

    /// Whether only an account that has a unit can have it.
    pub const fn is_for_a_unit(self) -> bool {
        match self {
            Self::Reporter | Self::Consolidator => true,
            Self::Registrar | Self::Monitor | Self::Inspector | Self::Operator | Self::Witness => {
                false
            }
        }
    }

    /// The role's name in data.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::Reporter => "reporter",
            Self::Consolidator => "consolidator",
            Self::Monitor => "monitor",
            Self::Inspector => "inspector",
            Self::Operator => "operator",
            Self::Witness => "witness",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// What is read.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
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
    /// How the ledger is kept: what a reading of all its bytes finds.
    Upkeep,
    /// How the ledger and its processes stand, in numbers.
    Metrics,
}

/// What of it whoever asks may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of it.
    Everything,
    /// What concerns these units.
    Units(BTreeSet<UnitId>),
}

refusals!("permission" {
    /// Whoever asks is known, but not to this ledger.
    NoAccount = "no_account", "whoever asks has no account in the ledger";
    /// Nobody acts as a closed account.
    Closed = "closed", "the account is closed";
    /// No role of the account goes with it.
    NoRole = "no_role", "no role of the account allows this";
    /// A role allows it for the account itself alone.
    OtherAccount = "other_account", "the account may do this for itself alone";
    /// A role allows it for other units than those named, or named by what is named.
    OutOfReach = "out_of_reach", "a role of the account allows this for its own units alone, and something named is not theirs";
    /// Nobody judges, excuses or moves what the own unit owes.
    OwnUnit = "own_unit", "the account may not do this to its own unit";
});

/// Whether the account that asks may ask `command`. Whether it makes sense is for the decider to say.
///
/// # Errors
///
/// The [`Refusal`] of the role that comes nearest to allowing it.
pub fn permit(command: &Command, asking: &Asking<'_>) -> Result<(), Refused> {
    let name = command.name();
    let row = COMMANDS.iter().find(|(known, _)| *known == name);
    let (_, allowed) = row.expect("every command has a row in the table");
    let today = asking.origin.today();
    let (account, home) = at_home(&asking.origin.actor, asking.registry, today)?;
    let touched = Touched::by(command, asking);
    let mut nearest = Refusal::NoRole;
    for (_, reach) in allowed.iter().filter(|(role, _)| account.acts_as(*role)) {
        if reach.covers(&touched, &home) {
            return Ok(());
        }
        nearest = reach.refusal();
    }
    Err(nearest.about(name))
}

/// What of `reading` the account may see on the day `on`.
///
/// # Errors
///
/// The [`Refusal`]: there is nothing of it for this account.
pub fn scope(
    reading: Reading,
    account: &AccountId,
    registry: &Registry,
    on: Date,
) -> Result<Scope, Refused> {
    let row = READINGS.iter().find(|(known, _)| *known == reading);
    let (_, allowed) = row.expect("every reading has a row in the table");
    let (account, home) = at_home(account, registry, on)?;
    let sights = allowed.iter().filter(|(role, _)| account.acts_as(*role));
    let sights: Vec<Sight> = sights.map(|(_, sight)| *sight).collect();
    if sights.is_empty() {
        return Err(Refusal::NoRole.into());
    }
    Ok(home.seen(&sights))
}

/// Whether the account acts as `role` on the day `on`: for what no command records, such as mending what is kept beside
/// the log.
///
/// # Errors
///
/// The [`Refusal`].
pub fn acts_as(
    role: Role,
    account: &AccountId,
    registry: &Registry,
    on: Date,
) -> Result<(), Refused> {
    let (account, _) = at_home(account, registry, on)?;
    if account.acts_as(role) {
        Ok(())
    } else {
        Err(Refusal::NoRole.into())
    }
}

/// Whether there is any command that the account may ask on the day `on`, of whomever it is.
///
/// # Errors
///
/// The [`Refusal`]: nothing that it asks is recorded, and none of it needs to be looked at.
pub fn any_command(account: &AccountId, registry: &Registry, on: Date) -> Result<(), Refused> {
    let (account, _) = at_home(account, registry, on)?;
    let mut allowed = COMMANDS.iter().flat_map(|(_, allowed)| *allowed);
    // What an account takes out it does not note itself: that is noted of it.
    if allowed.any(|(role, reach)| *reach != Reach::Itself && account.acts_as(*role)) {
        Ok(())
    } else {
        Err(Refusal::NoRole.into())
    }
}

fn at_home<'a>(
    id: &'a AccountId,
    registry: &'a Registry,
    day: Date,
) -> Result<(&'a Account, Home<'a>), Refused> {
    let account = registry.accounts.get(id);
    let account = account.ok_or_else(|| Refusal::NoAccount.about(id))?;
    if account.closed.is_some() {
        return Err(Refusal::Closed.about(id));
    }
    let home = Home {
        account: id,
        unit: account.unit.as_ref(),
        registry,
        day,
    };
    Ok((account, home))
}

#[cfg(test)]
mod tests;

//! Which obligations count, and how: the same for every question that counts.

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::id::{GroupId, UnitId};
use socai_domain::obligation::Kind;
use socai_domain::permission::Scope;
use socai_domain::standing::DueMode;
use socai_ledger::query::{Lineage, Query};

use super::named;
use crate::known_at::KnownAt;
use crate::question::Asked;
use crate::trouble::Trouble;

/// Which obligations count, and how.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
pub struct Counted {
    /// The first due date that counts
    #[arg(long, value_name = "DAY")]
    pub from: Option<Date>,
    /// The last due date that counts
    #[arg(long, value_name = "DAY")]
    pub to: Option<Date>,
    /// The day at whose end is counted; today, where left out
    #[arg(long, value_name = "DAY")]
    pub as_of: Option<Date>,
    /// Only what the ledger held at this position or time
    #[arg(long, value_name = "POSITION|TIME")]
    pub known_at: Option<KnownAt>,
    /// Only what this unit owes
    #[arg(long, value_name = "ID")]
    pub unit: Option<UnitId>,
    /// Only what members of this group owe
    #[arg(long, value_name = "ID")]
    pub group: Option<GroupId>,
    /// Only what this document, or one issued under it, asks for; by id or number
    #[arg(long, value_name = "ID|NUMBER")]
    pub document: Option<String>,
    /// Reports, tasks or both
    #[arg(long, value_enum, default_value_t)]
    #[serde(default)]
    pub obligations: What,
    /// The due date that counts: the one in force, or the original one whatever extensions followed
    #[arg(long, value_enum, default_value_t)]
    #[serde(default)]
    pub due: Due,
    /// Whose row it is: the unit that owed it, or the one that a merged unit went into
    #[arg(long, value_enum, default_value_t)]
    #[serde(default)]
    pub lineage: LineageMode,
}

/// Reports, tasks or both.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Report obligations
    Report,
    /// Task obligations
    Task,
    /// Both
    #[default]
    All,
}

/// The due date that counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// In force on the as-of day
    #[default]
    Current,
    /// As first given
    Original,
}

/// Whose row it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum LineageMode {
    /// The unit that owed it
    #[default]
    Recorded,
    /// The unit that a wholly merged one went into
    Successor,
}

impl Counted {
    /// The day at whose end is counted.
    pub fn day(&self, today: Date) -> Date {
        self.as_of.unwrap_or(today)
    }

    /// What is asked of the image.
    ///
    /// # Errors
    ///
    /// Where the window ends before it begins, or something named is not there.
    pub fn query(&self, asked: &Asked<'_>) -> Result<Query, Trouble> {
        self.check_window()?;
        self.unit
            .iter()
            .try_for_each(|unit| named::unit(asked.image, asked.scope, unit))?;
        self.group
            .iter()
            .try_for_each(|group| named::group(asked.image, group))?;
        Ok(Query {
            due_from: self.from,
            due_to: self.to,
            kind: self.kind(),
            unit: self.unit.clone(),
            within: match asked.scope {
                Scope::Everything => None,
                Scope::Units(units) => Some(units.clone()),
            },
            group: self.group.clone(),
            document: named::only_document(asked.image, self.document.as_ref())?,
            due_mode: match self.due {
                Due::Current => DueMode::Current,
                Due::Original => DueMode::Original,
            },
            lineage: match self.lineage {
                LineageMode::Recorded => Lineage::Recorded,
                LineageMode::Successor => Lineage::Successor,
            },
            ..Query::as_of(self.day(asked.today))
        })
    }

    fn check_window(&self) -> Result<(), Trouble> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from > to => {
                let sentence = format!("{from}: the window ends before it begins, on {to}");
                Err(Trouble::parameter("from", sentence))
            }
            _ => Ok(()),
        }
    }

    const fn kind(&self) -> Option<Kind> {
        match self.obligations {
            What::Report => Some(Kind::Report),
            What::Task => Some(Kind::Task),
            What::All => None,
        }
    }
}

//! Which obligations count, as typed; the same for every command that counts.

use std::str::FromStr;

use anyhow::bail;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use socai_domain::id::{GroupId, UnitId};
use socai_domain::obligation::Kind;
use socai_domain::standing::DueMode;
use socai_ledger::image::Image;
use socai_ledger::query::{Lineage, Query};

use crate::{named, origin};

/// Which obligations count, and how.
#[derive(Debug, Args)]
pub(crate) struct Filters {
    /// The first due date that counts
    #[arg(long, value_name = "DAY")]
    pub(crate) from: Option<Date>,
    /// The last due date that counts
    #[arg(long, value_name = "DAY")]
    pub(crate) to: Option<Date>,
    /// The day at whose end is counted; today, where left out
    #[arg(long, value_name = "DAY")]
    pub(crate) as_of: Option<Date>,
    /// Only what the ledger held at this position or time
    #[arg(long, value_name = "POSITION|TIME")]
    pub(crate) known_at: Option<KnownAt>,
    /// Only what this unit owes
    #[arg(long, value_name = "ID")]
    pub(crate) unit: Option<UnitId>,
    /// Only what members of this group owe
    #[arg(long, value_name = "ID")]
    pub(crate) group: Option<GroupId>,
    /// Only what this document, or one issued under it, asks for; by id or number
    #[arg(long, value_name = "ID|NUMBER")]
    pub(crate) document: Option<String>,
    /// Reports, tasks or both
    #[arg(long, value_enum, default_value_t)]
    pub(crate) obligations: What,
    /// The due date that counts: the one in force, or the original one whatever extensions followed
    #[arg(long, value_enum, default_value_t)]
    pub(crate) due: Due,
    /// Whose row it is: the unit that owed it, or the one that a merged unit went into
    #[arg(long, value_enum, default_value_t)]
    pub(crate) lineage: LineageMode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum What {
    /// Report obligations
    Report,
    /// Task obligations
    Task,
    /// Both
    #[default]
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Due {
    /// In force on the as-of day
    #[default]
    Current,
    /// As first given
    Original,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum LineageMode {
    /// The unit that owed it
    #[default]
    Recorded,
    /// The unit that a wholly merged one went into
    Successor,
}

/// As known when: a position, or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KnownAt {
    /// What stands at this position and before.
    Position(u64),
    /// What was recorded before the first record that is later than this.
    Time(Timestamp),
}

impl FromStr for KnownAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(position) = text.parse() {
            return Ok(Self::Position(position));
        }
        let end_of_day = |date: Date| date.to_datetime(jiff::civil::time(23, 59, 59, 999_999_999));
        if let Ok(date) = text.parse::<Date>() {
            let offset = socai_domain::origin::VIETNAM;
            let at = offset
                .to_timestamp(end_of_day(date))
                .map_err(|error| error.to_string())?;
            return Ok(Self::Time(at));
        }
        text.parse().map(Self::Time).map_err(|_| {
            format!(
                "{text:?} is no position, day or time: expected a number such as 1200, a day such as \
                 2019-03-31 (its end in Việt Nam) or a time such as 2019-03-31T17:00:00Z"
            )
        })
    }
}

/// What `filters` ask of `image`.
///
/// # Errors
///
/// Where the window ends before it begins, or something named is not in the ledger.
pub(crate) fn query(filters: &Filters, image: &Image) -> anyhow::Result<Query> {
    if let (Some(from), Some(to)) = (filters.from, filters.to)
        && from > to
    {
        bail!("--from {from} --to {to}: the window ends before it begins");
    }
    filters
        .unit
        .iter()
        .try_for_each(|unit| named::unit(image, unit))?;
    filters
        .group
        .iter()
        .try_for_each(|group| named::group(image, group))?;
    let document = filters
        .document
        .as_ref()
        .map(|typed| named::document(image, typed));
    Ok(Query {
        due_from: filters.from,
        due_to: filters.to,
        kind: match filters.obligations {
            What::Report => Some(Kind::Report),
            What::Task => Some(Kind::Task),
            What::All => None,
        },
        unit: filters.unit.clone(),
        group: filters.group.clone(),
        document: document.transpose()?,
        due_mode: match filters.due {
            Due::Current => DueMode::Current,
            Due::Original => DueMode::Original,
        },
        lineage: match filters.lineage {
            LineageMode::Recorded => Lineage::Recorded,
            LineageMode::Successor => Lineage::Successor,
        },
        ..Query::as_of(filters.as_of.unwrap_or_else(origin::today))
    })
}

//! A sweep: late flags for what is overdue at the end of a day.
//!
//! Sweeping again flags nothing twice, so that whoever got no answer asks again. Deliberately absent: how the flags
//! come into the ledger, one by one by an account's right, or all at once by whoever owns the files.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_app::ledger::{self, Outcome, Written};
use socai_app::records::{Permitted, Records};
use socai_app::request::Request;
use socai_domain::command::Command;
use socai_domain::id::{AccountId, ObligationId};
use socai_domain::obligation;
use socai_domain::rate::DEFINITION;
use socai_ledger::image::Image;

use super::Works;
use super::for_accounts::now;
use crate::cells::{Cells, figures, words};
use crate::question::Frame;
use crate::trouble::Trouble;

/// For which day is swept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[group(skip)]
pub struct Sweep {
    /// The day at whose end is looked
    #[arg(long, value_name = "DAY")]
    pub on: Date,
}

/// One obligation that was flagged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Flagged {
    /// Its id.
    pub obligation: String,
    /// Where the flag is recorded.
    pub position: u64,
}

/// What was flagged, and up to where the ledger has come. The shape of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Swept {
    /// For when it holds.
    #[serde(flatten)]
    pub frame: Frame,
    /// What was flagged.
    pub rows: Vec<Flagged>,
}

impl Sweep {
    /// A flag for each obligation that is overdue and not flagged for the due date in force.
    ///
    /// # Errors
    ///
    /// [`Trouble::Parameter`] where the day has not come.
    pub fn flags(&self, image: &Image, today: Date) -> Result<Vec<Request>, Trouble> {
        if self.on > today {
            let says = format!("{}: that day is not over yet; today is {today}", self.on);
            return Err(Trouble::parameter("on", says));
        }
        Ok(ledger::sweep(image, self.on))
    }

    /// What the flags came to, in a ledger that is at `position` now.
    pub fn swept(&self, outcomes: Vec<Outcome>, position: u64) -> Swept {
        let frame = Frame {
            position,
            known_at: position,
            as_of: Some(self.on),
            definition: DEFINITION,
        };
        let rows = outcomes.into_iter().flat_map(flagged).collect();
        Swept { frame, rows }
    }

    /// A flag as it matters to who may set one.
    fn any(&self) -> Command {
        let obligation = ObligationId::new("any").expect("a plain word is an id");
        let on = self.on;
        Command::Obligation(obligation::Command::FlagLate { obligation, on })
    }
}

/// What was overdue when it was looked for and is not when it is decided comes to nothing.
fn flagged(outcome: Outcome) -> Vec<Flagged> {
    let Outcome::Recorded(written) = outcome else {
        return Vec::new();
    };
    let flag = |event: Written| Flagged {
        obligation: event.subject.trim_start_matches("obligation.").to_owned(),
        position: event.position.0,
    };
    written.into_iter().map(flag).collect()
}

/// The rows as cells.
pub fn cells(flagged: &[Flagged]) -> Cells {
    Cells {
        columns: vec![words("obligation"), figures("position")],
        rows: flagged
            .iter()
            .map(|f| vec![f.obligation.clone(), f.position.to_string()])
            .collect(),
        empty: "nothing is overdue that is not flagged already",
    }
}

impl Works {
    /// Flags what is overdue, each by the right of the account when it is decided.
    ///
    /// # Errors
    ///
    /// [`Trouble`]; what was flagged before it stays so.
    pub async fn sweep(&self, asked: Sweep, who: &AccountId) -> Result<Swept, Trouble> {
        let origin = now(who);
        self.may(&asked.any(), &origin)?;
        let flags = asked.flags(&self.live.image(), origin.today())?;
        let mut outcomes = Vec::new();
        for flag in flags {
            outcomes.push(Permitted(&self.live).one(flag, &origin).await?);
        }
        Ok(asked.swept(outcomes, self.live.image().position().0))
    }
}

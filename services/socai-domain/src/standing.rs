//! What stands of an obligation at the end of a day: due date, fulfilment, release.
//!
//! The one place where acts become a bucket. The image, the tables and the deciders all ask here.
//! A fact that takes effect after the day does not count; a reversed act never happened.

use jiff::ToSpan;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rate::Bucket;

/// What an act in an obligation's stream does, without its words.
///
/// Acts that change what stands are told in the order of their days; the others may be told late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// A report was received.
    Submitted,
    /// Completion was claimed.
    Claimed,
    /// What was submitted or claimed was sent back; handed in again by `again_by` it keeps its date.
    Returned {
        /// The last day to hand it in again without losing the first date.
        again_by: Option<Date>,
    },
    /// The report was accepted.
    Accepted,
    /// The claim was confirmed.
    Confirmed,
    /// It is due on another day.
    Extended {
        /// The new due date.
        due: Date,
    },
    /// It was taken out of the count.
    Released(Release),
    /// Another unit owes it.
    Transferred,
    /// The act of that revision never happened.
    Reversed {
        /// The revision that is undone.
        revision: u64,
    },
    /// Somebody said that it is late.
    FlaggedLate {
        /// The due date that passed.
        due: Date,
    },
    /// The channel unit has it.
    Received,
    /// The channel unit passed it on.
    Forwarded,
    /// The unit knows of it.
    Acknowledged,
    /// The unit told how far it is.
    Progressed,
    /// Somebody urged the unit.
    Reminded,
    /// The lateness was reported to a superior.
    Escalated,
    /// The unit was asked why.
    ExplanationRequested,
    /// The unit said why.
    Explained,
}

impl Act {
    /// Whether the act changes what stands, rather than being a record of who did what about it.
    pub const fn changes_standing(self) -> bool {
        match self {
            Self::Submitted
            | Self::Claimed
            | Self::Returned { .. }
            | Self::Accepted
            | Self::Confirmed
            | Self::Extended { .. }
            | Self::Released(_)
            | Self::Transferred => true,
            Self::Reversed { .. }
            | Self::FlaggedLate { .. }
            | Self::Received
            | Self::Forwarded
            | Self::Acknowledged
            | Self::Progressed
            | Self::Reminded
            | Self::Escalated
            | Self::ExplanationRequested
            | Self::Explained => false,
        }
    }
}

/// How an obligation left the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Release {
    /// An authority excused it.
    Excused,
    /// The assigner called it off.
    Cancelled,
}

/// What makes a claim stand. A report stands as soon as it is received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// The assigner's word.
    #[default]
    Required,
    /// Nothing: the document says that a claim is enough.
    NotRequired,
    /// The assigner's word, or its silence for so many days.
    AfterDays(u16),
}

/// How an obligation was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The day from which it is owed.
    pub opened: Date,
    /// The due date that it was opened with.
    pub due: Option<Date>,
    /// The due date that an event set later, and the day from which it holds.
    pub due_set: Option<(Date, Date)>,
    /// What makes a claim stand.
    pub confirmation: Confirmation,
}

/// Where what was handed in stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verdict {
    /// Nothing was handed in.
    #[default]
    Nothing,
    /// A claim waits for the assigner.
    Waiting,
    /// It was sent back.
    SentBack,
    /// It stands.
    Stands,
}

/// What stands of an obligation at the end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// The due date in force.
    pub due: Option<Date>,
    /// The due date that it was first given.
    pub original_due: Option<Date>,
    /// The fulfilment date of what stands.
    pub fulfilled: Option<Date>,
    /// When and how it left the count.
    pub released: Option<(Date, Release)>,
    /// Where what was handed in stands.
    pub verdict: Verdict,
    /// Somebody accepted or confirmed it in words.
    pub accepted: bool,
}

/// Which due date is counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DueMode {
    /// The one in force on the as-of day.
    #[default]
    Current,
    /// The one that it was first given, whatever extensions followed.
    Original,
}

impl Standing {
    /// The due date that `mode` counts against.
    pub const fn due(&self, mode: DueMode) -> Option<Date> {
        match mode {
            DueMode::Current => self.due,
            DueMode::Original => self.original_due,
        }
    }

    /// The bucket at the end of `as_of`, the day that this was asked for.
    pub fn bucket(&self, mode: DueMode, as_of: Date) -> Bucket {
        match (self.released, self.due(mode), self.fulfilled) {
            (Some(_), _, _) => Bucket::Excused,
            (None, None, _) => Bucket::NoDueDate,
            (None, Some(due), Some(fulfilled)) if fulfilled <= due => Bucket::OnTime,
            (None, Some(_), Some(_)) => Bucket::Late,
            (None, Some(due), None) if as_of <= due => Bucket::Pending,
            (None, Some(_), None) => Bucket::Overdue,
        }
    }
}

/// What stands at the end of `day`. `acts` are those of the obligation's stream, in order; the
/// revision of an act is its place, counted from 1.
pub fn standing<I>(terms: &Terms, acts: I, day: Date) -> Standing
where
    I: Iterator<Item = (Date, Act)> + Clone,
{
    let due_set = terms
        .due_set
        .filter(|(from, _)| *from <= day)
        .map(|(_, due)| due);
    let due = terms.due.or(due_set);
    let mut tally = Tally {
        at: Standing {
            due,
            original_due: due,
            ..Standing::default()
        },
        claim: None,
    };
    for (revision, (on, act)) in (1..).zip(acts.clone()) {
        if on <= day && !is_reversed(acts.clone(), revision) {
            tally.take(on, act, terms.confirmation);
        }
    }
    tally.silence(day, terms.confirmation);
    tally.at
}

fn is_reversed(mut acts: impl Iterator<Item = (Date, Act)>, revision: u64) -> bool {
    acts.any(|(_, act)| act == Act::Reversed { revision })
}

/// The days on which what stands may change by something other than a due date passing, ascending,
/// each with what stands from that day on.
pub fn phases<I>(terms: &Terms, acts: I) -> Vec<(Date, Standing)>
where
    I: Iterator<Item = (Date, Act)> + Clone,
{
    let mut days = vec![terms.opened];
    days.extend(terms.due_set.map(|(from, _)| from));
    for (on, act) in acts.clone().filter(|(_, act)| act.changes_standing()) {
        days.push(on);
        if let (Act::Claimed, Confirmation::AfterDays(n)) = (act, terms.confirmation) {
            days.push(on.saturating_add(i64::from(n).days()));
        }
    }
    days.sort_unstable();
    days.dedup();
    let at = |day: Date| (day, standing(terms, acts.clone(), day));
    let mut phases: Vec<(Date, Standing)> = days.into_iter().map(at).collect();
    phases.dedup_by(|later, earlier| later.1 == earlier.1);
    phases
}

/// What stands after the acts so far.
struct Tally {
    at: Standing,
    /// The day of the claim or submission that stands, waits or was sent back last, by which it is
    /// counted, and until when it may be handed in again without losing that day.
    claim: Option<Attempt>,
}

#[derive(Clone, Copy)]
struct Attempt {
    counted_on: Date,
    handed_in: Date,
    again_by: Option<Date>,
}

impl Tally {
    fn take(&mut self, on: Date, act: Act, confirmation: Confirmation) {
        match act {
            Act::Submitted => self.hand_in(on, Verdict::Stands),
            Act::Claimed => match confirmation {
                Confirmation::NotRequired => self.hand_in(on, Verdict::Stands),
                Confirmation::Required | Confirmation::AfterDays(_) => {
                    self.hand_in(on, Verdict::Waiting);
                }
            },
            Act::Returned { again_by } => self.send_back(again_by),
            Act::Accepted | Act::Confirmed => {
                self.at.accepted = true;
                self.stand();
            }
            Act::Extended { due } => self.at.due = Some(due),
            Act::Released(release) => self.at.released = Some((on, release)),
            Act::Transferred
            | Act::Reversed { .. }
            | Act::FlaggedLate { .. }
            | Act::Received
            | Act::Forwarded
            | Act::Acknowledged
            | Act::Progressed
            | Act::Reminded
            | Act::Escalated
            | Act::ExplanationRequested
            | Act::Explained => {}
        }
    }

    fn hand_in(&mut self, on: Date, verdict: Verdict) {
        let keeps = |sent_back: &Attempt| sent_back.again_by.is_some_and(|by| on <= by);
        let counted_on = self
            .claim
            .filter(keeps)
            .map_or(on, |sent_back| sent_back.counted_on);
        self.claim = Some(Attempt {
            counted_on,
            handed_in: on,
            again_by: None,
        });
        self.at.verdict = verdict;
        if verdict == Verdict::Stands {
            self.stand();
        }
    }

    fn send_back(&mut self, again_by: Option<Date>) {
        self.claim = self.claim.map(|attempt| Attempt {
            again_by,
            ..attempt
        });
        self.at.verdict = Verdict::SentBack;
        self.at.fulfilled = None;
        self.at.accepted = false;
    }

    fn stand(&mut self) {
        self.at.verdict = Verdict::Stands;
        self.at.fulfilled = self.claim.map(|attempt| attempt.counted_on);
    }

    /// A claim that nobody answered for long enough stands.
    fn silence(&mut self, day: Date, confirmation: Confirmation) {
        if let (Verdict::Waiting, Confirmation::AfterDays(n), Some(claim)) =
            (self.at.verdict, confirmation, self.claim)
            && claim.handed_in.saturating_add(i64::from(n).days()) <= day
        {
            self.stand();
        }
    }
}

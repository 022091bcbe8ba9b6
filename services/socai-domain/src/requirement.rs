//! A reporting requirement: the rule that creates report obligations, one per reporter and period.
//!
//! Opening a period resolves its window, due date and reporters and records them, so that a later
//! change of calendar or membership rewrites nothing. `on_request` and `on_event` requirements owe
//! nothing until somebody opens a period; silence is then not lateness.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::Passage;
use crate::due::{DayOff, DueRule, Times, Timing};
use crate::group::{Addressee, Expansion, expand};
use crate::id::{DocumentId, ObligationId, RequirementId, UnitId};
use crate::line::Line;
use crate::origin::Asking;
use crate::period::{Cadence, Period, Window, WindowRule};
use crate::refusal::{Refused, refusals};
use crate::registry::Registry;

/// What sort of report is asked for (09/2019/NĐ-CP Art. 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "RequirementKind")]
pub enum Kind {
    /// Định kỳ.
    Periodic,
    /// Chuyên đề.
    Thematic,
    /// Đột xuất.
    AdHoc,
}

/// What a document says about one report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// The document that asks for it.
    pub document: DocumentId,
    pub kind: Kind,
    pub title: Line,
    /// Who reports: units, and groups that are expanded when a period is opened.
    pub reporters: Vec<Addressee>,
    /// The channel unit (qua).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<UnitId>,
    /// The addressee; absent where the document does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Addressee>,
    /// Who grants extensions; the document's issuer, where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigner: Option<UnitId>,
    pub cadence: Cadence,
    /// What a report covers.
    pub window: WindowRule,
    /// When it is due.
    pub due: DueRule,
    /// What happens to a due date on a day off.
    pub day_off: DayOff,
    /// Documents by whose direction it is made (theo chỉ đạo tại).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub directed_by: Vec<DocumentId>,
    /// The requirement whose report it is a section of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<RequirementId>,
    /// A report of which this is a section, where that report is no requirement of this ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_report: Option<Line>,
    /// How it is to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Line>,
    /// The sections asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outline: Vec<Line>,
    /// The figures asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Line>,
    /// Where the document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passage: Option<Passage>,
}

/// What is asked of requirements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Command {
    /// A document asks for a report.
    #[serde(rename = "requirement.set")]
    Set {
        requirement: RequirementId,
        rule: Box<Rule>,
    },
    /// No period is opened from the effective day on.
    #[serde(rename = "requirement.end")]
    End {
        requirement: RequirementId,
        reason: Line,
    },
    /// The reports of a period are owed from the effective day on.
    #[serde(rename = "period.open")]
    Open {
        requirement: RequirementId,
        period: Period,
        /// The data window, where the rule leaves it to whoever opens the period.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<Window>,
        /// The due date, where a request or an event states it and the rule does not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Date>,
        /// What was requested, or what happened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<Line>,
    },
}

/// What became true of a requirement. Names of variants and fields are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// The document asks for it from the effective day.
    #[serde(rename = "requirement.set.v1")]
    Set { rule: Box<Rule> },
    /// No period is opened from the effective day on.
    #[serde(rename = "requirement.ended.v1")]
    Ended { reason: Line },
    /// Each of `reporters` owes the report of `period` from the effective day on.
    #[serde(rename = "period.opened.v1")]
    Opened {
        period: Period,
        /// Window and due date as resolved on that day.
        times: Times,
        /// Who owes it, in the order of their ids.
        reporters: Vec<UnitId>,
        /// How groups were expanded.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        expansions: Vec<Expansion>,
        /// The versions of the calendars that the due date was resolved with, by year.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        calendars: BTreeMap<i16, u32>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cause: Option<Line>,
    },
}

/// A requirement as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// What the document says.
    pub rule: Rule,
    /// The day from which it is asked for.
    pub set: Date,
    /// The day from which it is not.
    pub ended: Option<Date>,
    /// The periods opened, each with the day of opening and what was resolved.
    pub periods: BTreeMap<Period, Opened>,
}

/// A period that was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// The day from which its reports are owed.
    pub on: Date,
    /// The data window.
    pub window: Option<Window>,
    /// The due date.
    pub due: Option<Date>,
    /// How many owe it.
    pub reporters: u32,
}

refusals!("requirement" {
    /// Somebody must report.
    NoReporters = "no_reporters", "the requirement names nobody who reports";
    /// It is not in the ledger.
    Unknown = "unknown", "no such requirement is in the ledger";
    /// The document is not in the ledger.
    UnknownDocument = "unknown_document", "the document is not in the ledger";
    /// A unit or group named is not in the ledger.
    UnknownUnit = "unknown_unit", "the unit is not in the ledger";
    /// The host requirement is not in the ledger.
    UnknownHost = "unknown_host", "the requirement that hosts it is not in the ledger";
    /// A secret document is not quoted here.
    Secret = "secret", "the document is secret: no passage of it is kept";
    /// An id is given once.
    AlreadySet = "already_set", "a requirement of this id is set already, with other facts";
    /// A later period exists.
    OpenAfter = "open_after", "a period was opened on that day or after it";
    /// It asks for nothing any more.
    Ended = "ended", "the requirement has ended by the effective day";
    /// It asks for nothing yet.
    NotYetSet = "not_yet_set", "the requirement is not in force on the effective day";
    /// A due date is not invented.
    DueNotOurs = "due_not_ours", "only a request or an event may state a due date that the document does not";
    /// It is due on the day it is asked for at the earliest.
    DueBeforeOpening = "due_before_opening", "the due date lies before the day on which the period is opened";
    /// A period is opened once.
    AlreadyOpened = "already_opened", "the period is opened already, with other facts";
    /// What is asked for once has one period.
    OnlyOnce = "only_once", "the report is asked for once, and its period is opened already";
    /// Its id becomes a part of obligations' ids, and each obligation needs one of its own.
    BadId = "bad_id", "the id has an underscore, is too long to name obligations by, or makes one that is taken";
});

/// Decides what follows when `asking` asks `command`.
///
/// Asking again for what is already so yields no events.
///
/// # Errors
///
/// The [`Refusal`] that applies; where several do, the one declared first. Rules of calendars,
/// periods and due dates refuse with their own codes.
pub fn decide(
    command: &Command,
    asking: &Asking<'_>,
) -> Result<(RequirementId, Vec<Event>), Refused> {
    let (id, events) = match command {
        Command::Set { requirement, rule } => (requirement, set(requirement, rule, asking)?),
        Command::End {
            requirement,
            reason,
        } => (requirement, end(requirement, reason, asking)?),
        Command::Open {
            requirement,
            period,
            window,
            due,
            cause,
        } => {
            let opening = Opening {
                period,
                window: *window,
                due: *due,
                cause,
            };
            (requirement, open(requirement, &opening, asking)?)
        }
    };
    Ok((id.clone(), events))
}

fn set(id: &RequirementId, rule: &Rule, asking: &Asking<'_>) -> Result<Vec<Event>, Refused> {
    if rule.reporters.is_empty() {
        return Err(Refusal::NoReporters.into());
    }
    rule.names_what_is_known(asking.registry)?;
    if rule.passage.is_some() && asking.registry.is_secret(&rule.document) {
        return Err(Refusal::Secret.about(&rule.document));
    }
    let timing = rule.timing().check(rule.cadence);
    timing.map_err(|error| Refused {
        code: error.code(),
        sentence: "no period of the requirement could have such a window and due date",
        about: Some(error.to_string()),
    })?;
    match asking.registry.requirements.get(id) {
        Some(known) if (&known.rule, known.set) == (rule, asking.on) => Ok(Vec::new()),
        Some(_) => Err(Refusal::AlreadySet.about(id)),
        None if id.as_str().contains('_') || id.as_str().len() > 48 => {
            Err(Refusal::BadId.about(id))
        }
        None => Ok(vec![Event::Set {
            rule: Box::new(rule.clone()),
        }]),
    }
}

impl Rule {
    fn names_what_is_known(&self, registry: &Registry) -> Result<(), Refused> {
        let mut documents = std::iter::once(&self.document).chain(&self.directed_by);
        if let Some(id) = documents.find(|id| !registry.documents.contains_key(*id)) {
            return Err(Refusal::UnknownDocument.about(id));
        }
        let mut units = self.via.iter().chain(&self.assigner);
        if let Some(id) = units.find(|id| registry.unit(id).is_none()) {
            return Err(Refusal::UnknownUnit.about(id));
        }
        let mut addressees = self.reporters.iter().chain(&self.to);
        if let Some(who) = addressees.find(|who| !registry.knows(who)) {
            return Err(Refusal::UnknownUnit.about(who));
        }
        match &self.host {
            Some(host) if !registry.requirements.contains_key(host) => {
                Err(Refusal::UnknownHost.about(host))
            }
            _ => Ok(()),
        }
    }

    fn timing(&self) -> Timing {
        Timing {
            window: self.window,
            due: self.due,
            day_off: self.day_off,
        }
    }
}

fn end(id: &RequirementId, reason: &Line, asking: &Asking<'_>) -> Result<Vec<Event>, Refused> {
    let requirement = known(id, asking)?;
    if requirement.ended == Some(asking.on) {
        return Ok(Vec::new());
    }
    if requirement
        .periods
        .values()
        .any(|opened| opened.on >= asking.on)
    {
        return Err(Refusal::OpenAfter.about(id));
    }
    if requirement.ended.is_some() {
        return Err(Refusal::Ended.about(id));
    }
    if asking.on < requirement.set {
        return Err(Refusal::NotYetSet.about(requirement.set));
    }
    Ok(vec![Event::Ended {
        reason: reason.clone(),
    }])
}

fn known<'a>(id: &RequirementId, asking: &Asking<'a>) -> Result<&'a Requirement, Refused> {
    asking
        .registry
        .requirements
        .get(id)
        .ok_or_else(|| Refusal::Unknown.about(id))
}

/// What whoever opens a period says.
struct Opening<'a> {
    period: &'a Period,
    window: Option<Window>,
    due: Option<Date>,
    cause: &'a Option<Line>,
}

fn open(
    id: &RequirementId,
    opening: &Opening<'_>,
    asking: &Asking<'_>,
) -> Result<Vec<Event>, Refused> {
    let requirement = known(id, asking)?;
    let rule = &requirement.rule;
    let opened = requirement.periods.get(opening.period);
    if opened.is_some_and(|opened| opening.repeats(opened, rule, asking.on)) {
        return Ok(Vec::new());
    }
    if requirement.ended.is_some_and(|ended| ended <= asking.on) {
        return Err(Refusal::Ended.about(id));
    }
    if asking.on < requirement.set {
        return Err(Refusal::NotYetSet.about(requirement.set));
    }
    let times = opening.times(rule, asking)?;
    if let Some(opened) = opened {
        let due = times.due.as_ref().map(|due| due.due);
        let same = (opened.on, opened.window, opened.due) == (asking.on, times.window, due);
        let refusal = || Refusal::AlreadyOpened.about(opening.period);
        return if same { Ok(Vec::new()) } else { Err(refusal()) };
    }
    if rule.cadence == Cadence::Once && !requirement.periods.is_empty() {
        return Err(Refusal::OnlyOnce.about(id));
    }
    let (reporters, expansions) = expand(&rule.reporters, asking.on, asking.registry)?;
    for reporter in &reporters {
        let named = ObligationId::of_report(id, &opening.period.to_string(), reporter);
        named
            .ok()
            .filter(|named| !asking.obligations.has(named))
            .ok_or_else(|| Refusal::BadId.about(reporter))?;
    }
    Ok(vec![Event::Opened {
        period: opening.period.clone(),
        calendars: calendars(&times, asking),
        times,
        reporters,
        expansions,
        cause: opening.cause.clone(),
    }])
}

impl Opening<'_> {
    /// Whether this says again what opened the period. What the rule resolved then stands, whatever
    /// a later version of the calendar would make of it.
    fn repeats(&self, opened: &Opened, rule: &Rule, on: Date) -> bool {
        let window = match rule.window {
            WindowRule::Stated => self.window == opened.window,
            WindowRule::Decree09
            | WindowRule::Calendar
            | WindowRule::Fixed(_)
            | WindowRule::NotStated => self.window.is_none() || self.window == opened.window,
        };
        let due = self.due.is_none() && (rule.due != DueRule::NotStated || opened.due.is_none());
        opened.on == on && window && due
    }

    fn times(&self, rule: &Rule, asking: &Asking<'_>) -> Result<Times, Refused> {
        rule.cadence.check(self.period).map_err(|error| Refused {
            code: error.code(),
            sentence: "the period cannot be opened",
            about: Some(error.to_string()),
        })?;
        let timing = match (self.due, rule.due, rule.cadence) {
            (None, _, _) => rule.timing(),
            (Some(date), DueRule::NotStated, Cadence::OnRequest | Cadence::OnEvent) => Timing {
                due: DueRule::Fixed { date },
                ..rule.timing()
            },
            (Some(date), ..) => return Err(Refusal::DueNotOurs.about(date)),
        };
        let times = timing.times(self.period, self.window, &asking.registry.calendar);
        let times = times.map_err(|error| Refused {
            code: error.code(),
            sentence: "the period cannot have such a window and due date",
            about: Some(error.to_string()),
        })?;
        match &times.due {
            Some(due) if due.due < asking.on => Err(Refusal::DueBeforeOpening.about(due.due)),
            _ => Ok(times),
        }
    }
}

/// The versions of the years that the due date was found in.
fn calendars(times: &Times, asking: &Asking<'_>) -> BTreeMap<i16, u32> {
    let Some(due) = &times.due else {
        return BTreeMap::new();
    };
    let counted_from = times.window.map_or(due.unshifted, Window::to);
    let days = [counted_from, due.unshifted, due.due].map(Date::year);
    let version = |year: i16| Some((year, asking.registry.calendar.year(year)?.version));
    days.into_iter().filter_map(version).collect()
}

/// Tells `requirement` one more fact, true from `on`; `None` where the event cannot follow.
pub fn evolve(requirement: Option<Requirement>, on: Date, event: &Event) -> Option<Requirement> {
    match (requirement, event) {
        (None, Event::Set { rule }) => Some(Requirement {
            rule: Rule::clone(rule),
            set: on,
            ended: None,
            periods: BTreeMap::new(),
        }),
        (Some(mut requirement), Event::Ended { reason: _ }) => {
            requirement.ended = Some(on);
            Some(requirement)
        }
        (
            Some(mut requirement),
            Event::Opened {
                period,
                times,
                reporters,
                ..
            },
        ) => {
            let due = times.due.as_ref().map(|due| due.due);
            let reporters = u32::try_from(reporters.len()).unwrap_or(u32::MAX);
            let opened = Opened {
                on,
                window: times.window,
                due,
                reporters,
            };
            requirement.periods.insert(period.clone(), opened);
            Some(requirement)
        }
        (Some(_), Event::Set { .. }) | (None, _) => None,
    }
}

#[cfg(test)]
pub(crate) mod tests;

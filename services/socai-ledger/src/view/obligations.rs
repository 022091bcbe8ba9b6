//! Openings, obligations, their phases and acts.

use jiff::civil::Date;
use socai_domain::obligation::Kind;
use socai_domain::standing::{Act as Told, Confirmation, DueMode, Release, Standing, phases};
use socai_store::Position;

use super::Changes;
use crate::day::Day;
use crate::digest::{Codes, bucket_of, is_done, shift};
use crate::image::Image;
use crate::row::{Aside, NONE, Opened, Row, Transfer};

/// What one event opened, for one unit or many. Keyed by its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening<'a> {
    /// Where it is recorded.
    pub position: Position,
    /// What it asks for.
    pub kind: Kind,
    /// The requirement or the task.
    pub source: &'a str,
    /// The period; none for a task.
    pub period: Option<&'a str>,
    /// The data window.
    pub window: Option<(Date, Date)>,
    /// The document that asks for it.
    pub document: &'a str,
    /// Who may extend it.
    pub assigner: Option<&'a str>,
    /// The day from which it is owed.
    pub opened: Date,
    /// The due date that it was opened with.
    pub due: Option<Date>,
    /// From when, and what: the due date that was set later.
    pub due_set: Option<(Date, Date)>,
    /// After how many days a claim stands without a word: 0 at once, `None` never.
    pub silence_days: Option<u16>,
    /// It was made for a demonstration or a test.
    pub synthetic: bool,
}

/// What one unit owes. Keyed by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation<'a> {
    /// Its place in the order in which the log opens obligations, from 0.
    pub number: u32,
    /// Its id.
    pub id: String,
    /// The opening, by its position.
    pub opening: Position,
    /// Who owed it first.
    pub unit: &'a str,
}

/// Days in which nothing about an obligation changes but whether its due date has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase<'a> {
    /// The obligation.
    pub number: u32,
    /// The first day.
    pub from: Date,
    /// The first day after it, where there is one.
    pub until: Option<Date>,
    /// Who owes it, and the day on which that unit came to owe it.
    pub unit: &'a str,
    /// See `unit`.
    pub owed_since: Date,
    /// The due date in force.
    pub due: Option<Date>,
    /// The due date that it was first given.
    pub original_due: Option<Date>,
    /// The fulfilment date of what stands.
    pub fulfilled: Option<Date>,
    /// When it left the count.
    pub released: Option<Date>,
    /// The buckets against the due date in force, until it and after it.
    pub current: [&'static str; 2],
    /// The buckets against the original due date, until it and after it.
    pub original: [&'static str; 2],
    /// It is done, where no due date is stated.
    pub undated_done: bool,
}

/// One event of an obligation's stream, without its words. Keyed by its position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Where it is recorded.
    pub position: Position,
    /// The obligation.
    pub number: u32,
    /// What was done.
    pub kind: &'static str,
    /// The day from which it is true.
    pub on: Date,
    /// The day that it names: a due date, or the last day to hand in again.
    pub day: Option<Date>,
    /// The revision that it takes back.
    pub undoes: Option<u64>,
    /// The day on which the ledger took it in.
    pub recorded_on: Date,
    /// It was made for a demonstration or a test.
    pub synthetic: bool,
}

impl Changes {
    /// The positions of openings that were there before and are to be replaced.
    pub fn replaced_openings(&self, image: &Image) -> Vec<Position> {
        let at = |opening: &u32| Position(image.table.opened[*opening as usize].position.into());
        self.openings.iter().map(at).collect()
    }

    /// The openings to be written: those replaced, and those added.
    pub fn openings<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Opening<'a>> {
        let added = &image.table.opened[self.first_opening as usize..];
        let replaced = self
            .openings
            .iter()
            .map(|at| &image.table.opened[*at as usize]);
        replaced.chain(added).map(|opened| image.opening(opened))
    }

    /// The obligations to be added.
    pub fn obligations<'a>(&self, image: &'a Image) -> impl Iterator<Item = Obligation<'a>> {
        (self.first_row..image.row_count()).map(|number| image.owed(number))
    }

    /// The numbers of obligations that were there before and whose phases are to be replaced. Each comes
    /// once after [`settle`](Self::settle).
    pub fn replaced_phases(&self) -> &[u32] {
        &self.phases
    }

    /// Calls `write` with every phase to be written: those of [`replaced_phases`](Self::replaced_phases)
    /// and of obligations added.
    pub fn each_phase<'a>(&self, image: &'a Image, mut write: impl FnMut(&Phase<'a>)) {
        let added = self.first_row..image.row_count();
        for number in self.phases.iter().copied().chain(added) {
            image.each_phase_of(number, &mut write);
        }
    }

    /// The acts to be added.
    pub fn acts<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = Act> + 'a {
        self.acts
            .iter()
            .map(|(position, row)| image.act(*position, *row))
    }
}

impl Image {
    pub(super) fn all_acts(&self) -> Vec<(u32, u32)> {
        let of_row = |number: u32| {
            let stream = self.journal.stream(self.table.rows[number].last);
            stream.map(move |(position, _)| (position, number))
        };
        (0..self.row_count()).flat_map(of_row).collect()
    }

    fn row_count(&self) -> u32 {
        u32::try_from(self.table.rows.len()).expect("rows are numbered by u32")
    }

    fn opening<'a>(&'a self, opened: &Opened) -> Opening<'a> {
        let table = &self.table;
        let named = |number: u32| number != NONE;
        Opening {
            position: Position(opened.position.into()),
            kind: opened.kind,
            source: table.makers.get(opened.maker),
            period: named(opened.period).then(|| table.makers.get(opened.period)),
            window: opened.window.0.date().zip(opened.window.1.date()),
            document: table.documents.get(opened.document),
            assigner: named(opened.assigner).then(|| table.units.get(opened.assigner)),
            opened: date(opened.opened),
            due: opened.due.date(),
            due_set: opened.due_set.0.date().zip(opened.due_set.1.date()),
            silence_days: match opened.confirmation {
                Confirmation::Required => None,
                Confirmation::NotRequired => Some(0),
                Confirmation::AfterDays(days) => Some(days),
            },
            synthetic: self.journal.at(opened.position).synthetic(),
        }
    }

    fn owed(&self, number: u32) -> Obligation<'_> {
        let row = &self.table.rows[number];
        Obligation {
            number,
            id: self.table.id_text(number),
            opening: Position(self.table.opened[row.opened as usize].position.into()),
            unit: self.table.units.get(row.unit),
        }
    }

    fn each_phase_of<'a>(&'a self, number: u32, write: &mut impl FnMut(&Phase<'a>)) {
        let row = &self.table.rows[number];
        let opened = &self.table.opened[row.opened as usize];
        let acts: Vec<(Date, Told)> = self
            .table
            .acts(&self.journal, row)
            .into_iter()
            .map(|(position, entry)| self.journal.told(position, entry))
            .collect();
        let standings = phases(&opened.terms(), acts.iter().copied());
        let transfers = self.table.aside(row).map_or(&[][..], Aside::transfers);
        let mut last: Option<Phase<'a>> = None;
        for day in days(&standings, transfers) {
            let next = self.phase(number, day, in_force(&standings, day));
            match &mut last {
                Some(last) if same(last, &next) => {}
                Some(last) => {
                    last.until = Some(day);
                    write(last);
                    *last = next;
                }
                None => last = Some(next),
            }
        }
        write(&last.expect("an obligation has a first day"));
    }

    fn phase<'a>(&'a self, number: u32, from: Date, standing: &Standing) -> Phase<'a> {
        let row: &Row = &self.table.rows[number];
        let taken = self
            .table
            .aside(row)
            .and_then(|aside| aside.taken_by(Day::of(from)));
        let opened = self.table.opened[row.opened as usize].opened;
        let (unit, since) = taken.map_or((row.unit, opened), |taken| (taken.to, taken.on));
        let codes = Codes::of(standing);
        let buckets = |mode: DueMode| codes.pair(shift(mode)).map(|code| bucket_of(code).id());
        Phase {
            number,
            from,
            until: None,
            unit: self.table.units.get(unit),
            owed_since: date(since),
            due: standing.due,
            original_due: standing.original_due,
            fulfilled: standing.fulfilled,
            released: standing.released.map(|(on, _)| on),
            current: buckets(DueMode::Current),
            original: buckets(DueMode::Original),
            undated_done: is_done(codes.pair(shift(DueMode::Current))[0]),
        }
    }

    fn act(&self, position: u32, number: u32) -> Act {
        let entry = self.journal.at(position);
        let (on, told) = self.journal.told(position, entry);
        let (kind, day, undoes) = describe(told);
        let position = Position(position.into());
        Act {
            position,
            number,
            kind,
            on,
            day,
            undoes,
            recorded_on: self
                .recorded_on(position)
                .expect("a folded record was recorded on a day"),
            synthetic: entry.synthetic(),
        }
    }
}

fn date(day: Day) -> Date {
    day.date().expect("a fold writes only days that are")
}

/// The days on which standing or owner may change, ascending.
fn days(standings: &[(Date, Standing)], transfers: &[Transfer]) -> Vec<Date> {
    let mut days: Vec<Date> = standings.iter().map(|(from, _)| *from).collect();
    if !transfers.is_empty() {
        days.extend(transfers.iter().map(|transfer| date(transfer.on)));
        days.sort_unstable();
        days.dedup();
    }
    days
}

/// The last standing that has begun by `day`, or the first of all.
fn in_force(standings: &[(Date, Standing)], day: Date) -> &Standing {
    let begun = standings.iter().rfind(|(from, _)| *from <= day);
    let first = standings.first();
    &begun.or(first).expect("an obligation has a first day").1
}

fn same(one: &Phase<'_>, other: &Phase<'_>) -> bool {
    let Phase { from, until, .. } = *one;
    *one == Phase {
        from,
        until,
        ..other.clone()
    }
}

/// What an act is called, the day that it names, and the revision that it takes back.
fn describe(act: Told) -> (&'static str, Option<Date>, Option<u64>) {
    match act {
        Told::Submitted => ("submitted", None, None),
        Told::Claimed => ("claimed", None, None),
        Told::Returned { again_by } => ("returned", again_by, None),
        Told::Accepted => ("accepted", None, None),
        Told::Confirmed => ("confirmed", None, None),
        Told::Extended { due } => ("extended", Some(due), None),
        Told::Released(Release::Excused) => ("excused", None, None),
        Told::Released(Release::Cancelled) => ("cancelled", None, None),
        Told::Transferred => ("transferred", None, None),
        Told::Reversed { revision: 0 } => ("unknown", None, None),
        Told::Reversed { revision } => ("reversed", None, Some(revision)),
        Told::FlaggedLate { due } => ("flagged_late", Some(due), None),
        Told::Received => ("received", None, None),
        Told::Forwarded => ("forwarded", None, None),
        Told::Acknowledged => ("acknowledged", None, None),
        Told::Progressed => ("progressed", None, None),
        Told::Reminded => ("reminded", None, None),
        Told::Escalated => ("escalated", None, None),
        Told::ExplanationRequested => ("explanation_requested", None, None),
        Told::Explained => ("explained", None, None),
    }
}

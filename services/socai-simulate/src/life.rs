//! What becomes of an obligation, told ahead when it is opened: who does what on which day, and when
//! it is recorded.
//!
//! A script keeps every rule of the deciders by its order: acts that change what stands ascend both in
//! effect and in recording, nothing is recorded before it took effect, and the same act never comes
//! twice on one day. What the sweep finds is what the ledger knew on the day of the sweep, so that an
//! obligation fulfilled in time and recorded late is flagged all the same.

use std::mem::discriminant;

use jiff::civil::Date;
use socai_domain::obligation::Kind;
use socai_domain::standing::{Act, Confirmation, Release, Standing, Terms, Verdict, standing};

use crate::chance::Chance;
use crate::city::{City, Habit, Seat};
use crate::days::{Day, Days};

/// One act, without its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    Submit { token: u32 },
    Receive,
    Forward,
    Return { again_by: Option<Day>, word: u8 },
    Accept,
    Acknowledge,
    Progress { percent: u8, word: u8 },
    Claim { token: u32 },
    Confirm,
    Refuse { again_by: Option<Day>, word: u8 },
    Extend { due: Day, asked: Day, word: u8 },
    Excuse { word: u8 },
    Cancel { word: u8 },
    Transfer { to: Seat },
    Remind,
    FlagLate { due: Day },
    Escalate,
    RequestExplanation { answer_by: Day },
    Explain { word: u8 },
    Reverse { revision: u8, undone: Day },
}

/// An act with its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Beat {
    /// The day on which it is recorded.
    pub(crate) recorded: Day,
    /// The day on which it happened.
    pub(crate) on: Day,
    pub(crate) what: Move,
}

/// What an obligation was opened with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) kind: Kind,
    pub(crate) owner: Seat,
    pub(crate) opened: Day,
    pub(crate) due: Option<Day>,
    /// A due date that is set later, and from when it holds.
    pub(crate) due_set: Option<(Day, Day)>,
    pub(crate) confirmation: Confirmation,
    /// It may be excused, cancelled, extended or recorded in error. One whose report fulfils another
    /// obligation as well goes straight.
    pub(crate) eventful: bool,
    /// A channel unit passes its reports on.
    pub(crate) via: bool,
}

/// Writes scripts.
pub(crate) struct Writer<'a> {
    days: &'a Days,
    city: &'a City,
    chance: &'a mut Chance,
    case: Case,
    habit: Habit,
    beats: Vec<Beat>,
    recorded: Day,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(days: &'a Days, city: &'a City, chance: &'a mut Chance, case: Case) -> Self {
        let habit = city.unit(case.owner).habit;
        Self {
            days,
            city,
            chance,
            case,
            habit,
            beats: Vec::new(),
            recorded: case.opened,
        }
    }

    /// The script of the obligation, in the order of recording.
    pub(crate) fn script(mut self) -> Vec<Beat> {
        let due = self.case.due.or(self.case.due_set.map(|(_, due)| due));
        if let Some((from, due)) = self.before(due) {
            self.hand_in(from, due);
        }
        self.reorganise();
        self.aftermath();
        self.number_reversals();
        self.beats
    }

    /// The script of an obligation that the first report of `host` fulfils as well. The report is not
    /// in it: it stands in the host's.
    pub(crate) fn linked(mut self, host: &[Beat]) -> Vec<Beat> {
        let first = host
            .iter()
            .position(|beat| matches!(beat.what, Move::Submit { .. }));
        let before = &host[..first.map_or(host.len(), |at| at + 1)];
        let moves = |beat: &&Beat| matches!(beat.what, Move::Submit { .. } | Move::Transfer { .. });
        self.beats = before.iter().filter(moves).copied().collect();
        self.flags();
        self.beats
            .retain(|beat| !matches!(beat.what, Move::Submit { .. }));
        self.beats
    }

    /// What precedes the first report or claim: from which day on it is made, and by when it is due
    /// then. `None` where it is not made at all.
    fn before(&mut self, due: Option<Day>) -> Option<(Day, Option<Day>)> {
        let opened = self.case.opened;
        if !self.case.eventful {
            return Some((opened, due));
        }
        let by = due.unwrap_or(opened + 30);
        if self.chance.permille(8) {
            let on = self.chance.between(opened, by);
            let word = self.word();
            self.then(on, Move::Excuse { word });
            return None;
        }
        if self.chance.permille(5) {
            let on = self.chance.between(opened, by);
            let word = self.word();
            self.then(on, Move::Cancel { word });
            return None;
        }
        let Some(due) = self.case.due else {
            return Some((opened, due));
        };
        if due > opened + 5 && self.chance.permille(self.habit.extended) {
            let asked = self.chance.between(opened, due);
            let on = self.chance.between(asked, due);
            let longer = due + self.chance.between(5, 40);
            let extended = self.days.working_from(longer);
            let (due, word) = (extended, self.word());
            self.then(on, Move::Extend { due, asked, word });
            return Some((on, Some(due)));
        }
        Some((opened, Some(due)))
    }

    fn hand_in(&mut self, from: Day, due: Option<Day>) {
        let Some(on) = self.pace(from, due) else {
            self.progress(from, from + 60);
            return;
        };
        if self.case.kind == Kind::Task {
            self.progress(from, on);
        }
        self.remind(from, due, on);
        let mut on = on;
        if self.case.eventful && self.chance.permille(4) {
            self.offer(on);
            let back = self.recorded + self.chance.between(0, 3);
            self.then(
                back,
                Move::Reverse {
                    revision: 0,
                    undone: on,
                },
            );
            on = back + self.chance.between(1, 10);
        }
        for _ in 0..3 {
            self.offer(on);
            let Some(again) = self.judge(on) else {
                return;
            };
            on = again;
        }
    }

    fn offer(&mut self, on: Day) {
        let token = self.chance.bits();
        let what = match self.case.kind {
            Kind::Report => Move::Submit { token },
            Kind::Task => Move::Claim { token },
        };
        let late = self.chance.permille(self.habit.back_dated);
        let lag = if late { self.chance.between(2, 15) } else { 0 };
        self.noted(on, on + lag, what);
    }

    /// The day on which it is first handed in; `None` where it never is.
    fn pace(&mut self, from: Day, due: Option<Day>) -> Option<Day> {
        let Some(due) = due else {
            let on = from + self.chance.between(5, 120);
            return self
                .chance
                .permille(800)
                .then(|| self.days.working_from(on));
        };
        if self.chance.permille(self.habit.on_time) {
            let early = self.chance.below(10).min(self.chance.below(10));
            let early = i32::try_from(early).unwrap_or(0);
            return Some(self.days.working_by((due - early).max(from), from));
        }
        let late = match self.chance.below(1000) {
            0..550 => self.chance.between(1, 5),
            550..830 => self.chance.between(6, 20),
            830..950 => self.chance.between(21, 60),
            950..985 => self.chance.between(61, 240),
            _ => return None,
        };
        Some(self.days.working_from(due.max(from) + late))
    }

    fn progress(&mut self, from: Day, until: Day) {
        if self.case.kind != Kind::Task {
            return;
        }
        let mut on = from + self.chance.between(0, 4);
        if on < until && self.chance.permille(900) {
            self.then(on, Move::Acknowledge);
        }
        let times = 2 + self.chance.below(4);
        for at in 0..times {
            on += 1 + self.chance.between(0, (until - on).max(3) / 2);
            if on >= until {
                return;
            }
            let percent = u8::try_from((at + 1) * 90 / times).unwrap_or(90);
            let word = self.word();
            self.then(on, Move::Progress { percent, word });
        }
    }

    fn remind(&mut self, from: Day, due: Option<Day>, done: Day) {
        let Some(due) = due else { return };
        let mut after = from;
        for before in [self.chance.between(6, 10), self.chance.between(2, 4)] {
            let on = self.days.working_by(due - before, from);
            if after < on && on < done && self.chance.permille(500) {
                after = on;
                self.beside(on, Move::Remind);
            }
        }
    }

    /// What becomes of what was handed in on `on`; the day on which it is handed in again, if it is.
    fn judge(&mut self, on: Day) -> Option<Day> {
        let mut at = on;
        if self.case.kind == Kind::Report && self.case.via {
            at = self.days.working_from(at + self.chance.between(0, 1));
            self.then(at, Move::Receive);
        }
        if self.chance.permille(self.habit.sent_back) {
            let later = self.chance.between(1, 6);
            return self.send_back(at + later);
        }
        if self.case.kind == Kind::Report && self.case.via && self.chance.permille(970) {
            at = self.days.working_from(at + self.chance.between(0, 3));
            self.then(at, Move::Forward);
        }
        let asks_for_it = self.case.confirmation == Confirmation::Required;
        let judged = if asks_for_it { 985 } else { 940 };
        if self.chance.permille(judged) {
            at = self.days.working_from(at + self.chance.between(0, 6));
            let what = match self.case.kind {
                Kind::Report => Move::Accept,
                Kind::Task => Move::Confirm,
            };
            self.then(at, what);
        }
        None
    }

    fn send_back(&mut self, on: Day) -> Option<Day> {
        let on = self.days.working_from(on);
        let time = self.chance.between(5, 15);
        let again_by = self.chance.permille(900).then_some(on + time);
        let word = self.word();
        let what = match self.case.kind {
            Kind::Report => Move::Return { again_by, word },
            Kind::Task => Move::Refuse { again_by, word },
        };
        self.then(on, what);
        match self.chance.below(100) {
            0..78 => Some(on + self.chance.between(1, time)),
            78..95 => Some(on + time + self.chance.between(1, 20)),
            _ => None,
        }
    }

    /// A unit that ends does nothing more; its open obligations go to an heir, are called off or stay.
    fn reorganise(&mut self) {
        let mut owner = self.case.owner;
        while let Some(fate) = &self.city.unit(owner).fate {
            let end = fate.on;
            let earlier = |beat: &Beat| beat.on < end;
            let (mut before, after): (Vec<Beat>, Vec<Beat>) =
                self.beats.iter().partition(|beat| earlier(beat));
            for beat in &mut before {
                beat.recorded = beat.recorded.min(end - 1);
            }
            self.beats = before;
            let then = self.stands(end - 1, Day::MAX);
            if !is_open(&then) {
                self.beats.extend(by_others(&after));
                return;
            }
            let moves = then.due.is_none_or(|due| self.days.of(due) >= end);
            match self.chance.below(100) {
                0..75 if moves && !fate.heirs.is_empty() => {
                    let to = *self.chance.one(&fate.heirs);
                    self.push(end, end, Move::Transfer { to });
                    self.beats.extend(after);
                    owner = to;
                }
                75..90 if moves && self.case.eventful => {
                    self.push(end - 1, end - 1, Move::Cancel { word: 2 });
                    return;
                }
                _ => return,
            }
        }
    }

    /// What follows from lateness: the flags of the sweep, and what is done about the last of them.
    fn aftermath(&mut self) {
        let Some(flagged) = self.flags() else { return };
        let handed_in =
            |beat: &&Beat| matches!(beat.what, Move::Submit { .. } | Move::Claim { .. });
        let done = self.beats.iter().rfind(handed_in);
        let until = done.map_or(Day::MAX, |beat| beat.recorded);
        let mut steps: Vec<(Day, Move)> = Vec::new();
        if self.chance.permille(500) {
            steps.push((flagged + self.chance.between(1, 10), Move::Remind));
        }
        if self.chance.permille(300) {
            let asked = flagged + self.chance.between(2, 20);
            let answer_by = asked + 10;
            steps.push((asked, Move::RequestExplanation { answer_by }));
            if self.chance.permille(850) {
                let word = self.word();
                let on = asked + self.chance.between(2, 12);
                steps.push((on, Move::Explain { word }));
            }
        }
        if self.chance.permille(120) {
            steps.push((flagged + self.chance.between(10, 40), Move::Escalate));
        }
        let ends = self.last_day();
        for (on, what) in steps {
            let on = self.days.working_from(on);
            let did =
                |beat: &Beat| beat.on == on && discriminant(&beat.what) == discriminant(&what);
            if on < until && on < ends && !self.beats.iter().any(did) {
                self.push(on, on, what);
            }
        }
        self.sort();
    }

    /// The first day on which whoever owes it last does not exist.
    fn last_day(&self) -> Day {
        let taken_over = self.beats.iter().rev().find_map(|beat| match beat.what {
            Move::Transfer { to } => Some(to),
            _ => None,
        });
        let owner = self.city.unit(taken_over.unwrap_or(self.case.owner));
        owner.fate.as_ref().map_or(Day::MAX, |fate| fate.on)
    }

    /// Adds a flag for each due date that the sweep finds passed; answers the day of the last one.
    fn flags(&mut self) -> Option<Day> {
        let first = self.case.due.or(self.case.due_set.map(|(_, due)| due));
        let extended = self.beats.iter().filter_map(|beat| match beat.what {
            Move::Extend { due, .. } => Some(due),
            _ => None,
        });
        let dues: Vec<Day> = first.into_iter().chain(extended).collect();
        let mut last = None;
        for due in dues {
            let sweep = self.days.working_from(due + 1);
            let then = self.stands(sweep, sweep);
            let in_force = then.due.map(|due| self.days.of(due));
            if in_force == Some(due) && then.fulfilled.is_none() && then.released.is_none() {
                self.push(sweep, due + 1, Move::FlagLate { due });
                last = Some(sweep);
            }
        }
        self.sort();
        last
    }

    /// What stands on `day` by what was recorded before `known`.
    fn stands(&self, day: Day, known: Day) -> Standing {
        let mut acts = Vec::with_capacity(self.beats.len());
        for beat in self.beats.iter().filter(|beat| beat.recorded < known) {
            match beat.what {
                Move::Reverse { .. } => undo(&mut acts),
                what => acts.push((self.days.date(beat.on), act(what, self.days))),
            }
        }
        standing(&self.terms(), acts.into_iter(), self.days.date(day))
    }

    fn terms(&self) -> Terms {
        let date = |day: Day| self.days.date(day);
        Terms {
            opened: date(self.case.opened),
            due: self.case.due.map(date),
            due_set: self.case.due_set.map(|(from, due)| (date(from), date(due))),
            confirmation: self.case.confirmation,
        }
    }

    /// In the order of recording; on one day the sweep comes first, and a take-over before it.
    fn sort(&mut self) {
        self.beats.sort_by_key(|beat| {
            let within = match beat.what {
                Move::Transfer { .. } => 0,
                Move::FlagLate { .. } => 1,
                _ => 2,
            };
            (beat.recorded, within)
        });
    }

    /// A reversal names the revision of what it undoes.
    fn number_reversals(&mut self) {
        let mut offered = 0;
        for (at, beat) in self.beats.iter_mut().enumerate() {
            match &mut beat.what {
                Move::Submit { .. } | Move::Claim { .. } => offered = at + 1,
                Move::Reverse { revision, .. } => {
                    *revision = u8::try_from(offered).expect("a script has few acts");
                }
                _ => {}
            }
        }
    }

    fn word(&mut self) -> u8 {
        u8::try_from(self.chance.below(256)).expect("below 256")
    }

    /// The next act, recorded on its day or the next working day.
    fn then(&mut self, on: Day, what: Move) {
        self.noted(on, on, what);
    }

    fn noted(&mut self, on: Day, recorded: Day, what: Move) {
        self.recorded = self.days.working_from(recorded).max(self.recorded);
        self.push(self.recorded, on, what);
    }

    /// An act that changes nothing that stands, out of the row.
    fn beside(&mut self, on: Day, what: Move) {
        self.push(self.days.working_from(on), on, what);
        self.sort();
    }

    fn push(&mut self, recorded: Day, on: Day, what: Move) {
        self.beats.push(Beat { recorded, on, what });
    }
}

/// What was undone never happened.
fn undo(acts: &mut Vec<(Date, Act)>) {
    let offered = |(_, act): &(Date, Act)| matches!(act, Act::Submitted | Act::Claimed);
    let last = acts.iter().rposition(offered);
    acts.remove(last.expect("only what was handed in is recorded in error"));
}

fn is_open(then: &Standing) -> bool {
    then.released.is_none() && matches!(then.verdict, Verdict::Nothing | Verdict::SentBack)
}

/// What others than the unit that owes it do next, up to its being sent back.
fn by_others(after: &[Beat]) -> impl Iterator<Item = Beat> {
    let by_others = |beat: &&Beat| {
        matches!(
            beat.what,
            Move::Receive | Move::Forward | Move::Accept | Move::Confirm
        )
    };
    after.iter().take_while(by_others).copied()
}

/// What a move does to what stands.
fn act(what: Move, days: &Days) -> Act {
    let date = |day: Day| days.date(day);
    match what {
        Move::Submit { .. } => Act::Submitted,
        Move::Receive => Act::Received,
        Move::Forward => Act::Forwarded,
        Move::Return { again_by, .. } | Move::Refuse { again_by, .. } => Act::Returned {
            again_by: again_by.map(date),
        },
        Move::Accept => Act::Accepted,
        Move::Acknowledge => Act::Acknowledged,
        Move::Progress { .. } => Act::Progressed,
        Move::Claim { .. } => Act::Claimed,
        Move::Confirm => Act::Confirmed,
        Move::Extend { due, .. } => Act::Extended { due: date(due) },
        Move::Excuse { .. } => Act::Released(Release::Excused),
        Move::Cancel { .. } => Act::Released(Release::Cancelled),
        Move::Transfer { .. } => Act::Transferred,
        Move::Remind => Act::Reminded,
        Move::FlagLate { due } => Act::FlaggedLate { due: date(due) },
        Move::Escalate => Act::Escalated,
        Move::RequestExplanation { .. } => Act::ExplanationRequested,
        Move::Explain { .. } => Act::Explained,
        Move::Reverse { revision, .. } => Act::Reversed {
            revision: u64::from(revision),
        },
    }
}

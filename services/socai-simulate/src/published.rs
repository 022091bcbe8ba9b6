//! Published counts of tasks as a history that counts the same.
//!
//! The bodies that published them gave totals, not tasks, so everything but the totals is made up:
//! one assigner, some units, tasks with many leads, and a day of each sort of outcome.

use jiff::civil::Date;
use socai_domain::command::Command;
use socai_domain::document;
use socai_domain::group::Addressee;
use socai_domain::id::{AccountId, DocumentId, ObligationId, TaskId, UnitId};
use socai_domain::obligation;
use socai_domain::task::{self, Assignment, Due};
use socai_domain::unit::{self, Kind};

use crate::Step;
use crate::days::Days;
use crate::words::line;

/// Leads of one task, at most.
const UNITS: u32 = 60;

/// What was published. `done` stands for itself where its split is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    pub done: Option<u32>,
    pub done_on_time: Option<u32>,
    pub done_late: Option<u32>,
    pub undone_in_time: Option<u32>,
    pub undone_overdue: Option<u32>,
}

/// A history, and the question to which the published counts are the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// Commands in the order in which they are recorded.
    pub steps: Vec<Step>,
    /// The first due date asked for.
    pub from: Date,
    /// The last due date asked for.
    pub to: Date,
    /// The day on which the counts hold.
    pub as_of: Date,
    /// The figures tell how much of what was done was late. Where they do not, all of it is made to be
    /// in time, and only rates that do not ask hold.
    pub split: bool,
}

/// How tasks come out, with the days of one outcome.
struct Outcome {
    word: &'static str,
    count: u32,
    due: Date,
    claimed: Option<Date>,
}

impl Figures {
    /// A history that counts so, or `None` where figures that it needs were not published.
    pub fn scenario(&self) -> Option<Scenario> {
        let split = self.done_on_time.zip(self.done_late);
        let (on_time, late) = split.or(self.done.map(|done| (done, 0)))?;
        let (from, to) = (Date::constant(2017, 1, 1), Date::constant(2018, 3, 31));
        let as_of = Date::constant(2017, 12, 25);
        let passed = Date::constant(2017, 6, 30);
        let outcome = |word, count, due, claimed| Outcome {
            word,
            count,
            due,
            claimed,
        };
        let outcomes = [
            outcome("som", on_time, passed, Some(Date::constant(2017, 6, 16))),
            outcome("muon", late, passed, Some(Date::constant(2017, 8, 15))),
            outcome("cho", self.undone_in_time?, to, None),
            outcome("qua-han", self.undone_overdue?, passed, None),
        ];
        let steps = Teller::new().tell(&outcomes);
        Some(Scenario {
            steps,
            from,
            to,
            as_of,
            split: split.is_some(),
        })
    }
}

struct Teller {
    days: Days,
    steps: Vec<Step>,
    document: DocumentId,
}

impl Teller {
    fn new() -> Self {
        Self {
            days: Days::new(2017, 2017, &[]),
            steps: Vec::new(),
            document: DocumentId::new("giao-nhiem-vu").expect("letters and hyphens"),
        }
    }

    fn tell(mut self, outcomes: &[Outcome]) -> Vec<Step> {
        let start = Date::constant(2017, 1, 3);
        self.found(start);
        for outcome in outcomes {
            self.assign(start, outcome);
        }
        let mut claimed: Vec<&Outcome> = outcomes.iter().collect();
        claimed.sort_by_key(|outcome| outcome.claimed);
        for outcome in claimed {
            self.claim(outcome);
        }
        self.steps
    }

    fn say(&mut self, on: Date, actor: &str, command: Command) {
        let ms = 9 * 3_600_000;
        self.steps.push(Step {
            effective: on,
            recorded: self.days.instant(self.days.of(on), ms),
            actor: AccountId::new(actor).expect("letters, digits and hyphens"),
            command,
        });
    }

    fn found(&mut self, on: Date) {
        let all = (0..UNITS).map(|at| (unit(at), Kind::Department));
        let assigner = std::iter::once((issuer(), Kind::Central));
        for (id, kind) in assigner.chain(all) {
            let form = unit::Command::Form {
                name: line(&format!("Cơ quan {id} (mô phỏng)")),
                unit: id,
                kind,
                parent: None,
                code: None,
                basis: None,
            };
            self.say(on, "van-thu", Command::Unit(form));
        }
        let issue = document::Command::Issue {
            document: Some(self.document.clone()),
            number: None,
            kind: line("Thông báo"),
            issuer: Some(issuer()),
            date: Some(on),
            subject: Some(line("Giao nhiệm vụ (mô phỏng)")),
            secret: false,
        };
        self.say(on, "van-thu", Command::Document(issue));
    }

    fn assign(&mut self, on: Date, outcome: &Outcome) {
        for (task, leads) in outcome.tasks() {
            let leads = (0..leads).map(|at| Addressee::Unit(unit(at)));
            let assignment = Box::new(Assignment {
                document: self.document.clone(),
                title: line("Nhiệm vụ được giao (mô phỏng)"),
                leads: leads.collect(),
                coordinators: Vec::new(),
                due: Due::Fixed { date: outcome.due },
                due_text: None,
                assigner: None,
                claim_is_enough: true,
                part_of: None,
                passage: None,
            });
            let assign = task::Command::Assign { task, assignment };
            self.say(on, "van-thu", Command::Task(assign));
        }
    }

    fn claim(&mut self, outcome: &Outcome) {
        let Some(on) = outcome.claimed else { return };
        for (task, leads) in outcome.tasks() {
            for unit in (0..leads).map(unit) {
                let obligation = ObligationId::of_task(&task, &unit).expect("its parts are short");
                let claim = obligation::Command::Claim {
                    obligation,
                    evidence: Vec::new(),
                    note: None,
                };
                self.say(on, unit.as_str(), Command::Obligation(claim));
            }
        }
    }
}

impl Outcome {
    /// The tasks, each with the number of units that lead it.
    fn tasks(&self) -> impl Iterator<Item = (TaskId, u32)> {
        (0..self.count.div_ceil(UNITS)).map(|at| {
            let task = TaskId::new(&format!("{}-{}", self.word, at + 1));
            let leads = (self.count - at * UNITS).min(UNITS);
            (task.expect("letters, digits and hyphens"), leads)
        })
    }
}

fn issuer() -> UnitId {
    UnitId::new("co-quan-giao").expect("letters and hyphens")
}

fn unit(at: u32) -> UnitId {
    UnitId::new(&format!("co-quan-{:02}", at + 1)).expect("letters, digits and hyphens")
}

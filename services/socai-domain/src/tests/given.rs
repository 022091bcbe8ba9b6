//! Given what was recorded, when somebody asks, then this follows.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::book::Book;
use crate::command::{Command, Decision};
use crate::id::AccountId;
use crate::origin::Origin;
use crate::refusal::Refused;

/// The day on which everything is recorded, where a test does not name another.
const TODAY: &str = "2031-01-01";

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// Who asks what, true from which day.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) actor: &'static str,
    pub(crate) on: Date,
    pub(crate) name: String,
    pub(crate) body: Value,
}

/// `ana` asks the command `name` with `body`, true from `on`.
pub(crate) fn step(on: &str, name: &str, body: Value) -> Step {
    Step {
        actor: "ana",
        on: day(on),
        name: name.to_owned(),
        body,
    }
}

impl Step {
    pub(crate) fn by(self, actor: &'static str) -> Self {
        Self { actor, ..self }
    }

    #[track_caller]
    pub(crate) fn command(&self) -> Command {
        let read = Command::decode(&self.name, &self.body.to_string());
        read.unwrap_or_else(|error| panic!("{} {}: {error}", self.name, self.body))
    }
}

/// One event that follows, as it would be stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Told {
    subject: String,
    on: Date,
    name: String,
    body: Value,
}

/// `subject` is told the event `name` with `body`, true from `on`.
pub(crate) fn told(subject: &str, on: &str, name: &str, body: Value) -> Told {
    Told {
        subject: subject.to_owned(),
        on: day(on),
        name: name.to_owned(),
        body,
    }
}

impl Told {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn body(&self) -> &Value {
        &self.body
    }

    pub(crate) fn all_of(decision: &Decision) -> Vec<Self> {
        let mut all = Vec::new();
        for (subject, events) in &decision.writes {
            for (on, event) in events {
                let (name, body) = event.encode();
                let body = serde_json::from_str(&body).unwrap();
                let subject = subject.to_string();
                all.push(Self {
                    subject,
                    on: *on,
                    name,
                    body,
                });
            }
        }
        all
    }
}

/// What was recorded, and the day on which the next question is recorded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    pub(crate) book: Book,
    today: Option<Date>,
}

/// Everything in `steps` was accepted, in this order.
#[track_caller]
pub(crate) fn given(steps: impl IntoIterator<Item = Step>) -> Given {
    let mut given = Given::default();
    for step in steps {
        given.and(&step);
    }
    given
}

impl Given {
    #[track_caller]
    pub(crate) fn and(&mut self, step: &Step) -> Decision {
        let outcome = self.ask(step);
        outcome.unwrap_or_else(|refused| {
            panic!("{} {}: {} ({refused})", step.name, step.body, refused.code)
        })
    }

    #[track_caller]
    pub(crate) fn ask(&mut self, step: &Step) -> Result<Decision, Refused> {
        let origin = self.origin(step);
        self.book.execute(&step.command(), step.on, &origin)
    }

    pub(crate) fn today(self, today: &str) -> Self {
        Self {
            today: Some(day(today)),
            ..self
        }
    }

    fn origin(&self, step: &Step) -> Origin {
        let today = self.today.unwrap_or_else(|| day(TODAY));
        let at: Timestamp = format!("{today}T08:00:00+07:00").parse().unwrap();
        let actor = AccountId::new(step.actor).unwrap();
        Origin { actor, at }
    }

    #[track_caller]
    pub(crate) fn when(mut self, actor: &'static str, on: &str, name: &str, body: Value) -> When {
        let asked = step(on, name, body).by(actor);
        let outcome = self.ask(&asked);
        When {
            outcome,
            given: self,
        }
    }
}

/// What follows.
pub(crate) struct When {
    outcome: Result<Decision, Refused>,
    given: Given,
}

impl When {
    /// These events follow, and are recorded.
    #[track_caller]
    pub(crate) fn then(self, expected: impl IntoIterator<Item = Told>) -> Given {
        let decision = self.outcome.expect("the command is accepted");
        let expected: Vec<Told> = expected.into_iter().collect();
        assert_eq!(Told::all_of(&decision), expected);
        self.given
    }

    /// It was so already.
    #[track_caller]
    pub(crate) fn unchanged(self) -> Given {
        self.then([])
    }

    /// Something follows, and what it is matters elsewhere.
    #[track_caller]
    pub(crate) fn accepted(self) -> Given {
        let decision = self.outcome.expect("the command is accepted");
        assert_ne!(decision, Decision::default(), "nothing follows");
        self.given
    }

    /// The ledger says no, and is as before.
    #[track_caller]
    pub(crate) fn refused(self, refusal: impl Into<Refused>) -> Given {
        let expected = refusal.into().code;
        let code = self.outcome.as_ref().map_err(|refused| refused.code);
        assert_eq!(code.map(Told::all_of), Err(expected));
        self.given
    }
}

/// A People's Committee, two departments and an office; two directives; a group.
pub(crate) fn city() -> Vec<Step> {
    use serde_json::json;
    let unit = |id: &str, name: &str, kind: &str, parent: Option<&str>| {
        let mut body = json!({"unit": id, "name": name, "kind": kind});
        if let Some(parent) = parent {
            body["parent"] = json!(parent);
        }
        step("2008-08-01", "unit.form", body)
    };
    vec![
        unit("ubnd", "UBND Thành phố", "peoples_committee", None),
        unit("snv", "Sở Nội vụ", "department", Some("ubnd")),
        unit("stc", "Sở Tài chính", "department", Some("ubnd")),
        unit("vp", "Văn phòng UBND Thành phố", "department", Some("ubnd")),
        step(
            "2019-01-02",
            "document.issue",
            json!({"document": "ct-01", "number": "01/CT-UBND", "type": "Chỉ thị",
                   "issuer": "ubnd", "date": "2019-01-02"}),
        ),
        step(
            "2019-01-03",
            "document.issue",
            json!({"document": "cv-mat", "type": "Công văn", "issuer": "ubnd",
                   "date": "2019-01-03", "secret": true}),
        ),
        step(
            "2019-01-02",
            "group.define",
            json!({"group": "cac-so", "name": "các sở", "members": ["snv", "stc"]}),
        ),
    ]
}

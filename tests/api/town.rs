//! A ledger with two offices: `tp` and its units `a` and `b`, and `qh` with its unit `x`, of which nobody at
//! `tp` may know more than that they exist. And somebody of every role.

#![allow(dead_code, reason = "each program of tests uses a part of it")]

use serde_json::{Value, json};

use crate::accounts::Person;

/// Units, documents, what is owed, and what became of it.
pub(crate) const HISTORY: &str = include_str!("town.ndjson");

/// Everybody.
pub(crate) struct Town {
    pub(crate) operator: Person,
    pub(crate) registrar: Person,
    pub(crate) reporter: Person,
    pub(crate) beside: Person,
    pub(crate) stranger: Person,
    pub(crate) consolidator: Person,
    pub(crate) monitor: Person,
    pub(crate) inspector: Person,
    pub(crate) witness: Person,
}

impl Town {
    pub(crate) fn new() -> Self {
        Self {
            operator: Person::new("chief", "operator", None),
            registrar: Person::new("registry", "registrar", None),
            reporter: Person::new("clerk-a", "reporter", Some("a")),
            beside: Person::new("clerk-b", "reporter", Some("b")),
            stranger: Person::new("clerk-x", "reporter", Some("x")),
            consolidator: Person::new("office-tp", "consolidator", Some("tp")),
            monitor: Person::new("monitor-tp", "monitor", Some("tp")),
            inspector: Person::new("committee", "inspector", None),
            witness: Person::new("eye", "witness", None),
        }
    }

    /// Everybody.
    pub(crate) fn people(&self) -> [&Person; 9] {
        [
            &self.operator,
            &self.registrar,
            &self.reporter,
            &self.beside,
            &self.stranger,
            &self.consolidator,
            &self.monitor,
            &self.inspector,
            &self.witness,
        ]
    }

    /// What is recorded of all of it.
    pub(crate) fn lines(&self) -> String {
        let people = self.people();
        let people = people.iter().flat_map(|person| person.lines());
        HISTORY
            .lines()
            .map(str::to_owned)
            .chain(people)
            .map(|line| line + "\n")
            .collect()
    }
}

/// A report of `a` that is owed, as the body of `POST /v1/commands/report.submit`.
pub(crate) fn submission() -> Value {
    json!({
        "effective": "2024-07-19",
        "data": {"obligations": ["r_2024-h1_a"], "submission": {"number": "3/BC-SNV"}},
    })
}

/// The `number`th progress report of `a`: any number of them can be recorded, none twice.
pub(crate) fn progress(number: u32) -> Value {
    json!({
        "effective": "2024-03-01",
        "data": {"obligation": "t_a", "percent": 10, "note": format!("lần {number}")},
    })
}

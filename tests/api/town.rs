//! A ledger with two offices: `tp` and its units `a` and `b`, and `qh` with its unit `x`, of which nobody at
//! `tp` may know more than that they exist. And somebody of every role.

use serde_json::{Value, json};

use crate::accounts::Person;
use crate::client::Client;
use crate::server::{Home, Server};

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

/// The town, its ledger, and the process that serves it.
pub(crate) struct Stage {
    pub(crate) town: Town,
    pub(crate) server: Server,
    pub(crate) home: Home,
}

/// Tests ask more often than people do.
const OFTEN: &str = "requests_per_minute = 1000000\nstrangers_per_minute = 1000000\n";

impl Stage {
    /// The town, served.
    pub(crate) fn new() -> Self {
        Self::limited("")
    }

    /// The town, served with `limits` among what the configuration says of the API.
    pub(crate) fn limited(limits: &str) -> Self {
        let town = Town::new();
        let home = Home::with(&town.lines());
        home.configure(&format!("[api]\n{OFTEN}{limits}"));
        let server = Server::start(&home.config());
        Self { town, server, home }
    }

    /// Somebody, with a connection.
    pub(crate) fn client(&self, person: &Person) -> Client {
        Client::of(&self.server, person)
    }

    /// How many records there are.
    pub(crate) fn records(&self) -> usize {
        self.home.records().len()
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

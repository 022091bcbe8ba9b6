//! The town, its ledger, and the process that serves it.

use crate::accounts::Person;
use crate::client::Client;
use crate::server::{Home, Server};
use crate::town::Town;

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
        Client::of(self.server.address(), person)
    }

    /// How many records there are.
    pub(crate) fn records(&self) -> usize {
        self.home.records().len()
    }
}

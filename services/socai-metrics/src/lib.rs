//! How the ledger and the process stand, as metrics for Prometheus.
//!
//! Counts are collected from the image when they are asked for, so that a unit that is gone leaves no series behind.
//! Deliberately absent: rates, which rules of Prometheus divide; who may ask; labels that name persons, tasks, documents
//! or numbers.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`requests`], [`appends`], [`timed`] | how long things took, told by whoever did them |
//! | [`ledger`], [`units`] | counts, from the image |
//! | [`window`] | what is counted |
//! | [`roles`], [`noted`], [`waiting`] | what runs by itself, and what waits |
//! | [`machine`] | disks, and the last backup |
//! | `process`, `build` | the process and the program |
//! | [`exposition`] | the forms that metrics are written in |
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

pub mod appends;
mod build;
pub mod exposition;
pub mod ledger;
pub mod machine;
pub mod noted;
mod process;
pub mod requests;
pub mod roles;
pub mod timed;
pub mod units;
pub mod waiting;
pub mod window;
mod write;

pub use appends::Appends;
pub use exposition::Form;
pub use noted::Noted;
pub use requests::{Example, Requests};

/// Everything that is measured in a process.
#[derive(Debug)]
pub struct Metrics {
    /// How long answers took.
    pub requests: Requests,
    /// How long appends took.
    pub appends: Appends,
    /// Connections that are open.
    pub connections: Gauge,
    /// What loops note.
    pub noted: Arc<Noted>,
    registry: RwLock<Registry>,
}

impl Default for Metrics {
    fn default() -> Self {
        let (requests, appends) = (Requests::default(), Appends::default());
        let mut registry = Registry::default();
        build::register(&mut registry);
        let started = Timestamp::now();
        registry.register_collector(Box::new(process::Process { started }));
        requests.register(&mut registry);
        appends.register(&mut registry);
        let connections = Gauge::default();
        let help = "Connections that are open where the API listens";
        registry.register("socai_connections", help, connections.clone());
        let noted = Arc::new(Noted::default());
        registry.register_collector(Box::new(noted.clone()));
        Self {
            connections,
            noted,
            requests,
            appends,
            registry: RwLock::new(registry),
        }
    }
}

impl Metrics {
    /// Collects from `collector` as well, from now on.
    pub fn add(&self, collector: impl Collector) {
        let registry = self.registry.write();
        let mut registry = registry.unwrap_or_else(PoisonError::into_inner);
        registry.register_collector(Box::new(collector));
    }

    /// Collects everything and writes it in `form`. It takes as long as counting does: not for a thread that others wait
    /// for.
    pub fn collect(&self, form: Form) -> String {
        let registry = self.registry.read();
        let registry = registry.unwrap_or_else(PoisonError::into_inner);
        let mut written = String::new();
        let done = match form {
            Form::OpenMetrics => text::encode(&mut written, &registry),
            Form::Text => prometheus_text::encode(&mut written, &registry),
        };
        done.expect("a text in memory takes whatever is written into it");
        written
    }
}

//! What loops of the process note as they go: when they last succeeded, and what they saw.

use std::fmt::Error;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use socai_domain::obligation;
use socai_domain::rate::{Bucket, Counts};

use crate::units::OBLIGATIONS;
use crate::write::{Family, NO_LABELS};

/// What loops of the process noted.
#[derive(Debug, Default)]
pub struct Noted {
    head: AtomicU64,
    store_bytes: AtomicU64,
    told: Mutex<Told>,
}

#[derive(Debug, Clone, Default)]
struct Told {
    swept: Option<Timestamp>,
    verification: Option<Verification>,
    reporting: Option<ReadBack>,
}

/// How reading the ledger again went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verification {
    /// When it last had the root that was sealed.
    pub succeeded: Option<Timestamp>,
    /// How often it was not what was sealed, since the process started.
    pub failures: u64,
    /// What was wrong the last time; `None` once it is right.
    pub problem: Option<String>,
}

/// What PostgreSQL answers to whoever reads reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadBack {
    /// When it was asked.
    pub at: Timestamp,
    /// The last record whose rows were there.
    pub position: u64,
    /// When a projector last wrote, or said that it is there.
    pub written: Option<Timestamp>,
    /// By kind of unit, as the database names it, and by what the obligations ask for.
    pub counts: Vec<(String, obligation::Kind, Counts)>,
}

impl Noted {
    /// The ledger was seen to end at `position`.
    pub fn ledger_ends_at(&self, position: u64) {
        self.head.fetch_max(position, Relaxed);
    }

    pub(crate) fn head(&self) -> u64 {
        self.head.load(Relaxed)
    }

    /// The ledger's records take so many bytes where they are kept.
    pub fn store_has(&self, bytes: u64) {
        self.store_bytes.store(bytes, Relaxed);
    }

    /// A sweep came to its end.
    pub fn swept(&self, now: Timestamp) {
        self.told().swept = Some(now);
    }

    /// This process verifies: its failures count from 0.
    pub fn verifies(&self) {
        self.told().verification.get_or_insert_default();
    }

    /// The ledger was read again and found right.
    pub fn verified(&self, now: Timestamp) {
        let mut told = self.told();
        let verification = told.verification.get_or_insert_default();
        verification.succeeded = Some(now);
        verification.problem = None;
    }

    /// The ledger was read again and is not what was sealed.
    pub fn verification_failed(&self, problem: String) {
        let mut told = self.told();
        let verification = told.verification.get_or_insert_default();
        verification.failures += 1;
        verification.problem = Some(problem);
    }

    /// How verifying went, in a process that verifies.
    pub fn verification(&self) -> Option<Verification> {
        self.told().verification.clone()
    }

    /// PostgreSQL was asked.
    pub fn read_back(&self, answer: ReadBack) {
        self.told().reporting = Some(answer);
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `at` in seconds since the epoch.
pub(crate) fn seconds(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}

impl Collector for Noted {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        let encoder = &mut encoder;
        let told = self.told().clone();
        let help =
            "When the watcher of this process last looked for what is overdue, and flagged it.";
        Family::seconds("socai_sweep_last_success_timestamp", help)
            .gauge(encoder, told.swept.map(seconds))?;
        write_verification(encoder, told.verification.as_ref())?;
        let bytes = Some(self.store_bytes.load(Relaxed)).filter(|bytes| *bytes > 0);
        Family::bytes(
            "socai_store",
            "Bytes of the ledger's records as the store keeps them.",
        )
        .gauge(encoder, bytes)?;
        write_reporting(encoder, told.reporting.as_ref())
    }
}

fn write_verification(
    encoder: &mut DescriptorEncoder,
    verification: Option<&Verification>,
) -> Result<(), Error> {
    let succeeded = verification.and_then(|verification| verification.succeeded);
    let help = "When the ledger was last read again and had the root that was sealed.";
    Family::seconds("socai_verification_last_success_timestamp", help)
        .gauge(encoder, succeeded.map(seconds))?;
    let failures = verification.map(|verification| (NO_LABELS, verification.failures));
    let help = "Times that the ledger was read again and was not what was sealed.";
    Family::of("socai_verification_failures", help).counters(encoder, failures)
}

fn write_reporting(encoder: &mut DescriptorEncoder, read: Option<&ReadBack>) -> Result<(), Error> {
    let help = "When a projector last wrote into PostgreSQL, or said that it is there.";
    let written = read.and_then(|read| read.written);
    Family::seconds("socai_projection_written_timestamp", help)
        .gauge(encoder, written.map(seconds))?;
    let help = "The position that the counts read back from PostgreSQL hold at.";
    Family::of("socai_reporting_position", help).gauge(encoder, read.map(|read| read.position))?;
    let help = "When the counts were read back from PostgreSQL.";
    Family::seconds("socai_reporting_read_timestamp", help)
        .gauge(encoder, read.map(|read| seconds(read.at)))?;
    let help = "The same counts as socai_kind_obligations, read back from PostgreSQL by the reader of reports.";
    let rows = read.iter().flat_map(|read| &read.counts);
    let series = rows.flat_map(|(kind, asked, counts)| {
        let obligation = OBLIGATIONS.iter().find(|(known, _)| known == asked);
        let obligation = obligation.map_or("", |(_, name)| *name);
        Bucket::ALL.map(|bucket| {
            let labels = [
                ("kind", kind.as_str()),
                ("obligation", obligation),
                ("bucket", bucket.id()),
            ];
            (labels, counts.get(bucket))
        })
    });
    Family::of("socai_reporting_obligations", help).gauges(encoder, series)
}

//! What the metrics of a process are collected from, and the loops that look for it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use socai_app::role::Report;
use socai_app::tree::Sources;
use socai_app::verification::read_again;
use socai_identity::Identity;
use socai_metrics::Metrics;
use socai_metrics::ledger::OfLedger;
use socai_metrics::noted::{Noted, ReadBack};
use socai_metrics::roles::OfRoles;
use socai_metrics::units::Told;
use socai_metrics::waiting::Waiting;
use socai_metrics::window::{Due, Window};
use socai_operations::jobs::Jobs;

use crate::config::{Config, Units};
use crate::serving::Serving;
use crate::stop::Stop;

/// How often PostgreSQL is asked what it answers to readers of reports.
const READ_BACK_EVERY: Duration = Duration::from_secs(60);

/// How long after the ledger could not be read, or had no checkpoint, it is tried again at the latest.
const VERIFIED_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// What is there before the ledger is open: the roles.
pub(crate) fn roles(metrics: &Metrics, config: &Config, reports: &[Report]) {
    let keys = config.sealer.witnesses.iter().map(|witness| &*witness.key);
    // A verifier key is name+hash+key.
    let names = keys.filter_map(|key| key.split('+').next());
    let names = names.map(String::from).collect();
    let noted = metrics.noted.clone();
    metrics.add(OfRoles::new(reports.to_vec(), names, noted));
}

/// What is there once the ledger is open: its image, where a role keeps one, and the disks.
pub(crate) fn ledger(metrics: &Metrics, config: &Config, serving: &Serving) {
    metrics.add(serving.directories());
    let told = match config.metrics.units {
        Units::All => Told::All,
        Units::Kinds => Told::Kinds,
        Units::Off => Told::Off,
    };
    if let Ok(live) = serving.live() {
        metrics.add(OfLedger::new(
            live,
            told,
            config.metrics.window,
            Timestamp::now,
        ));
    }
}

/// What waits in a process that answers.
pub(crate) fn waiting(metrics: &Metrics, jobs: Jobs, identity: Arc<Identity>) {
    let in_states = move || {
        let states = jobs.in_states().into_iter();
        states.map(|(state, count)| (state.name(), count)).collect()
    };
    metrics.add(Waiting {
        jobs: Box::new(in_states),
        passwords: Box::new(move || identity.passwords_waiting()),
    });
}

/// Reads the ledger again every so often, until `stop`.
pub(crate) async fn verifying(
    sources: Sources,
    every: Duration,
    noted: Arc<Noted>,
    mut stop: Stop,
) {
    noted.verifies();
    let again = every.min(VERIFIED_AGAIN_AFTER);
    loop {
        let verified = tokio::select! {
            verified = read_again(&*sources.store, &*sources.checkpoints) => verified,
            () = stop.asked() => return,
        };
        let pause = match verified {
            Ok(None) => again,
            Ok(Some(verified)) => {
                noted.verified(Timestamp::now());
                let (size, root) = (verified.size, verified.root);
                tracing::info!(size, %root, "read again, and as it was sealed");
                every
            }
            Err(error) if error.is_passing() => {
                let error = format!("{:#}", anyhow::anyhow!(error));
                tracing::warn!(error, "the ledger could not be read again yet");
                again
            }
            Err(error) => {
                let error = format!("{:#}", anyhow::anyhow!(error));
                tracing::error!(
                    error,
                    "the ledger is not what was sealed: see ops/runbook, keep everything as it is"
                );
                noted.verification_failed(error);
                every
            }
        };
        if stop.asked_within(pause).await {
            return;
        }
    }
}

/// Asks PostgreSQL every minute what it answers to readers of reports about what is `due`, until `stop`.
pub(crate) async fn reading_back(
    settings: socai_view_postgres::Settings,
    due: Due,
    noted: Arc<Noted>,
    mut stop: Stop,
) {
    let mut answered = true;
    loop {
        let window = Window::of(due, Timestamp::now());
        let read =
            socai_view_postgres::read_back(&settings, window.as_of, (window.from, window.to));
        let read = tokio::select! {
            read = read => read,
            () = stop.asked() => return,
        };
        match read {
            Ok(read) => {
                noted.read_back(as_noted(read));
                answered = true;
            }
            Err(error) => {
                let error = format!("{:#}", anyhow::anyhow!(error));
                // Once is enough to look for it; the metrics show for how long.
                if answered {
                    tracing::warn!(error, "PostgreSQL does not answer the reader of reports");
                }
                answered = false;
            }
        }
        if stop.asked_within(READ_BACK_EVERY).await {
            return;
        }
    }
}

fn as_noted(read: socai_view_postgres::ReadBack) -> ReadBack {
    let socai_view_postgres::ReadBack {
        position,
        written,
        counts,
    } = read;
    ReadBack {
        at: Timestamp::now(),
        position,
        written,
        counts,
    }
}

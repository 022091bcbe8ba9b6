//! What a serving process does by itself, one loop a role. Each tells how it is and ends when it is asked to,
//! or where only a person can help.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use socai_app::cosigning::Alarm;
use socai_app::live::{ExecuteError, Live};
use socai_app::role::{Report, State};
use socai_app::sealer::{SealError, Sealer, Standing};
use socai_app::watcher;
use socai_domain::origin::Origin;
use socai_store::EventStore;
use socai_view_postgres::{Error, Projector, State as Projecting, Status};
use tokio::sync::watch;

use crate::config;
use crate::origin;
use crate::rounds::{Brought, Rounds};
use crate::sealing::Sealing;
use crate::stop::Stop;

/// Runs a role. One that panics has stopped, and says so.
pub(crate) async fn guarded(report: Report, role: impl Future<Output = ()>) {
    if AssertUnwindSafe(role).catch_unwind().await.is_err() {
        let reason = "a fault of the program, told in its log".to_owned();
        report.is(State::Stopped { reason });
    }
}

/// Keeps the image at the end of the ledger, and says how far it is.
pub(crate) async fn api(live: Arc<Live>, report: Report, mut stop: Stop) {
    report.is(State::Working);
    tokio::select! {
        reason = followed(&live, &report) => report.is(State::Stopped { reason }),
        () = stop.asked() => {}
    }
}

/// Raises late flags, at once and then every so often, and seals the heads of all streams once a day.
pub(crate) async fn watcher(
    live: Arc<Live>,
    settings: config::Watcher,
    report: Report,
    mut stop: Stop,
) {
    loop {
        let now = origin::now(&settings.account);
        let watched = tokio::select! {
            watched = watch(&live, &now) => watched,
            () = stop.asked() => return,
        };
        let pause = match watched {
            Ok(()) => {
                report.is(State::Working);
                Duration::from_secs(settings.every_seconds.into())
            }
            Err(state @ State::Stopped { .. }) => return report.is(state),
            Err(state) => {
                report.is(state);
                TRIED_AGAIN_AFTER
            }
        };
        let followed = tokio::select! {
            asked = stop.asked_within(pause) => if asked { return } else { continue },
            reason = followed(&live, &report) => reason,
        };
        return report.is(State::Stopped { reason: followed });
    }
}

/// Watches once. What went wrong is told as the state that it leaves the role in.
async fn watch(live: &Live, now: &Origin) -> Result<(), State> {
    let swept = watcher::watch(live, now, now.today()).await;
    let swept = swept.map_err(|error| match error {
        ExecuteError::Stopped { reason } => State::Stopped { reason },
        error => State::Trying {
            reason: format!("{:#}", anyhow::anyhow!(error)),
        },
    })?;
    if swept.flagged > 0 {
        tracing::info!(flagged = swept.flagged, on = %now.today(), "late flags raised");
    }
    let sealed = watcher::seal_heads(live, now).await;
    let sealed = sealed.map_err(|error| {
        let passing = error.is_passing();
        let reason = format!("{:#}", anyhow::anyhow!(error));
        if passing {
            State::Trying { reason }
        } else {
            State::Stopped { reason }
        }
    })?;
    if let Some(sealed) = sealed {
        let (size, streams) = (sealed.tree.size(), sealed.tree.streams());
        tracing::info!(size, streams, position = sealed.position.0, "heads sealed");
    }
    Ok(())
}

/// Says how far the image is, until it cannot follow the log any more, and why not.
async fn followed(live: &Live, report: &Report) -> String {
    let mut followed = live.followed();
    loop {
        let now = followed.borrow_and_update().clone();
        report.has_come_to(now.position.0);
        if let Some(reason) = now.stopped {
            return reason;
        }
        if followed.changed().await.is_err() {
            return "the image is gone".to_owned();
        }
    }
}

/// How long a role waits before it tries again.
const TRIED_AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Seals, or stands by for another sealer.
pub(crate) async fn sealer(
    mut sealing: Sealing,
    settings: config::Sealer,
    mut rounds: Option<Rounds>,
    report: Report,
    mut stop: Stop,
) {
    let term = SignedDuration::from_secs(settings.term_seconds.into());
    let name = name_of_this_process();
    let (mut working, mut tiles_were_cleared) = (sealing.sealer(&name, term), false);
    loop {
        let pause = match working.step(Timestamp::now()).await {
            Ok(standing) => {
                if let Err(alarm) = ask_witnesses(&mut rounds, &standing, &mut working).await {
                    let reason = alarm.to_string();
                    return report.is(State::Stopped { reason });
                }
                pause_after(standing, &settings, &report)
            }
            Err(error) if !tiles_were_cleared && sealing.clears_tiles_for(&error) => {
                tracing::warn!(%error, "they are made again from the ledger");
                (working, tiles_were_cleared) = (sealing.sealer(&name, term), true);
                Duration::ZERO
            }
            Err(error) => {
                let passing = error.is_passing();
                let reason = format!("{:#}", anyhow::anyhow!(error));
                if !passing {
                    return report.is(State::Stopped { reason });
                }
                report.is(State::Trying { reason });
                TRIED_AGAIN_AFTER
            }
        };
        if stop.asked_within(pause).await {
            break;
        }
    }
    if let Err(error) = leave(&mut working).await {
        let error = anyhow::anyhow!(error);
        tracing::warn!(error = %format!("{error:#}"), "the place was not given up; it ends with its term");
    }
}

/// Goes on asking witnesses, where there are some to ask, and this process seals.
async fn ask_witnesses(
    rounds: &mut Option<Rounds>,
    standing: &Standing,
    sealer: &mut Sealer,
) -> Result<(), Alarm> {
    let sealed = match standing {
        Standing::Sealing { sealed, .. } => sealed.as_ref(),
        Standing::StandingBy(_) | Standing::Lost => None,
    };
    if let (Some(rounds), Some(sealed)) = (rounds, sealed)
        && rounds.go_on(sealed).await? == Brought::Cosignatures
    {
        sealer.look_again();
    }
    Ok(())
}

/// Tells how the sealer stands, and how long it waits before the next step.
fn pause_after(standing: Standing, settings: &config::Sealer, report: &Report) -> Duration {
    let every = Duration::from_millis(settings.every_ms.into());
    match standing {
        Standing::Sealing {
            sealed,
            signed,
            level,
        } => {
            if let Some(sealed) = sealed {
                report.has_sealed(&sealed, signed.then(Instant::now));
            }
            if !level {
                return Duration::ZERO;
            }
            report.is(State::Working);
            every
        }
        Standing::StandingBy(seal) => {
            report.is(State::StandingBy { holder: seal.name });
            Duration::from_secs(settings.term_seconds.into()) / 4
        }
        // Whose checkpoint came first the next step tells: what is here is not sealed yet.
        Standing::Lost => Duration::ZERO,
    }
}

/// Seals what came last, and gives the place up.
async fn leave(sealer: &mut Sealer) -> Result<(), SealError> {
    let now = Timestamp::now();
    let last = sealer.step(now).await.map(drop);
    last.and(sealer.resign(now).await)
}

/// What people know this process by: its machine and its number there.
fn name_of_this_process() -> String {
    let machine = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    format!("{}:{}", machine.trim(), std::process::id())
}

/// Keeps PostgreSQL, or stands by for another projector.
pub(crate) async fn projector(
    store: Arc<dyn EventStore>,
    settings: socai_view_postgres::Settings,
    report: Report,
    mut stop: Stop,
) {
    loop {
        let (sender, status) = watch::channel(Status::default());
        let mut asked = stop.clone();
        let projector = Projector::new(store.clone(), settings.clone());
        let run = projector.run(sender, async move { asked.asked().await });
        let (ended, ()) = tokio::join!(run, tell(status, &report));
        match ended {
            Ok(()) => return,
            // Another one took over while this one was paused.
            Err(Error::Fenced { .. }) => {}
            Err(error) => {
                let reason = format!("{:#}", anyhow::anyhow!(error));
                return report.is(State::Stopped { reason });
            }
        }
        if stop.asked_within(TRIED_AGAIN_AFTER).await {
            return;
        }
    }
}

/// Passes on what a projector says of itself, until it has ended.
async fn tell(mut status: watch::Receiver<Status>, report: &Report) {
    loop {
        let now = status.borrow_and_update().clone();
        report.has_come_to(now.position.0);
        match now.state {
            Projecting::Starting => report.is(State::Starting),
            Projecting::Standby => report.is(State::StandingBy {
                holder: "another projector".to_owned(),
            }),
            Projecting::Running => report.is(State::Working),
            Projecting::Retrying { reason } => report.is(State::Trying { reason }),
            // How it ended is said by its result.
            Projecting::Parked { .. } | Projecting::Failed { .. } | Projecting::Stopped => {}
        }
        if status.changed().await.is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_role_that_panics_has_stopped() {
        let report = Report::new("watcher");
        report.is(State::Working);
        guarded(report.clone(), async { panic!("a test") }).await;
        assert!(matches!(report.now().state, State::Stopped { .. }));
        assert!(!report.now().is_ready());
    }
}

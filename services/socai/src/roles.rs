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
use socai_metrics::Noted;
use socai_metrics::window::Due;
use socai_store::EventStore;
use socai_view_postgres::{Error, Projector, State as Projecting, Status};
use tokio::sync::watch;
use tracing::Instrument;

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
    (report, noted): (Report, Arc<Noted>),
    mut stop: Stop,
) {
    loop {
        let now = origin::now(&settings.account);
        let watched = tokio::select! {
            watched = watch(&live, &now).instrument(tracing::error_span!("watch", role = "watcher")) => watched,
            () = stop.asked() => return,
        };
        let pause = match watched {
            Ok(()) => {
                noted.swept(Timestamp::now());
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
    sealing: Sealing,
    settings: config::Sealer,
    mut rounds: Option<Rounds>,
    report: Report,
    mut stop: Stop,
) {
    let term = SignedDuration::from_secs(settings.term_seconds.into());
    let mut working = sealing.sealer(&name_of_this_process(), term);
    if rounds.is_some() {
        working = working.asking_first();
    }
    loop {
        let pause = match step(&mut working, &mut rounds, &settings, &report).await {
            Ok(pause) => pause,
            Err(Stopped::Alarm(alarm)) => {
                let reason = alarm.to_string();
                sealing.raise(&reason).await;
                give_up(&mut working).await;
                return report.is(State::Stopped { reason });
            }
            Err(Stopped::Refused(error)) => {
                let passing = error.is_passing();
                let reason = format!("{:#}", anyhow::anyhow!(error));
                if !passing {
                    give_up(&mut working).await;
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
    // Its last step seals what came last; where witnesses are still to be asked, the next process does.
    if let Err(error) = working.step(Timestamp::now()).await {
        let error = anyhow::anyhow!(error);
        tracing::warn!(error = %format!("{error:#}"), "what came last is not sealed");
    }
    give_up(&mut working).await;
}

/// Why a sealer came to nothing.
enum Stopped {
    Refused(SealError),
    Alarm(Alarm),
}

impl From<SealError> for Stopped {
    fn from(error: SealError) -> Self {
        Self::Refused(error)
    }
}

impl From<Alarm> for Stopped {
    fn from(alarm: Alarm) -> Self {
        Self::Alarm(alarm)
    }
}

/// Seals, asks witnesses, and says after what time to do so again.
async fn step(
    sealer: &mut Sealer,
    rounds: &mut Option<Rounds>,
    settings: &config::Sealer,
    report: &Report,
) -> Result<Duration, Stopped> {
    let standing = sealer.step(Timestamp::now()).await?;
    let patience = Duration::from_secs(settings.term_seconds.into()) / 4;
    ask_witnesses(rounds, &standing, sealer, patience).await?;
    Ok(pause_after(standing, settings, report))
}

/// Goes on asking witnesses, where there are some to ask, and this process seals.
async fn ask_witnesses(
    rounds: &mut Option<Rounds>,
    standing: &Standing,
    sealer: &mut Sealer,
    patience: Duration,
) -> Result<(), Alarm> {
    let Some(rounds) = rounds else {
        return Ok(());
    };
    let brought = match standing {
        Standing::Sealing {
            sealed: Some(sealed),
            ..
        } => rounds.go_on(sealed).await?,
        Standing::Asking(sealed) => {
            let brought = rounds.first(sealed, patience).await?;
            sealer.may_sign();
            brought
        }
        Standing::Sealing { sealed: None, .. } | Standing::StandingBy(_) | Standing::Lost => {
            Brought::Nothing
        }
    };
    if brought == Brought::Cosignatures {
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
        Standing::Asking(_) | Standing::Lost => Duration::ZERO,
    }
}

/// Gives the place up, so that nobody waits for its term to end.
async fn give_up(sealer: &mut Sealer) {
    if let Err(error) = sealer.resign(Timestamp::now()).await {
        let error = anyhow::anyhow!(error);
        tracing::warn!(error = %format!("{error:#}"), "the place was not given up; it ends with its term");
    }
}

/// What people know this process by: its machine and its number there.
pub(crate) fn name_of_this_process() -> String {
    let machine = std::fs::read_to_string("/etc/hostname").unwrap_or_default();
    format!("{}:{}", machine.trim(), std::process::id())
}

/// Keeps PostgreSQL, whose dashboards of today count what is `due`, or stands by for another projector.
pub(crate) async fn projector(
    store: Arc<dyn EventStore>,
    settings: socai_view_postgres::Settings,
    due: Due,
    report: Report,
    mut stop: Stop,
) {
    loop {
        let (sender, status) = watch::channel(Status::default());
        let mut asked = stop.clone();
        let projector = Projector::new(store.clone(), settings.clone()).counting(due.days());
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

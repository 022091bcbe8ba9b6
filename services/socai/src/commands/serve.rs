//! `socai serve`: roles side by side, until the process is asked to stop.

use std::io;
use std::pin::Pin;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use socai_api::Front;
use socai_app::role::Report;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout_at};
use tracing_subscriber::EnvFilter;

use crate::answering::Answering;
use crate::arguments::Serve;
use crate::config::{Config, Directory, LogForm, RoleName};
use crate::memory;
use crate::roles;
use crate::rounds::Rounds;
use crate::serving::{Serving, patiently};
use crate::stop::Stop;

pub(crate) async fn run(asked: &Serve) -> anyhow::Result<ExitCode> {
    let config = config(asked)?;
    log(config.serve.log);
    let mut stop = Stop::on_signals()?;
    let listener = TcpListener::bind(config.serve.listen).await;
    let listener = listener.with_context(|| format!("serve.listen: {}", config.serve.listen))?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    let names = config.serve.roles.iter();
    let reports: Vec<Report> = names.map(|role| Report::new(role.as_str())).collect();
    let front = Front::new(reports.clone());
    let answers = {
        let mut stop = stop.clone();
        let asked = async move { stop.asked().await };
        let (front, settings) = (front.clone(), config.api.clone());
        tokio::spawn(socai_api::serve(listener, front, settings, asked))
    };
    let serving = tokio::select! {
        serving = Serving::open(&config, &reports) => Some(serving?),
        () = stop.asked() => None,
    };
    let over = if let Some(serving) = serving {
        memory::in_small_pages();
        let mut running = JoinSet::new();
        let answering = tokio::select! {
            answering = patiently(&reports, async || answering(&config, &serving).await) => answering?,
            () = stop.asked() => None,
        };
        if let Some(answering) = answering {
            running.spawn(answering.sweeping(stop.clone()));
            front.open(answering.router);
        }
        start(&config, &serving, &reports, &stop, &mut running)?;
        stop.asked().await;
        let over = over(&config);
        end(over, &mut running).await;
        serving.close();
        over
    } else {
        over(&config)
    };
    finish(over, answers).await?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

fn config(asked: &Serve) -> anyhow::Result<Config> {
    let mut config = match (&asked.config, &asked.dir) {
        (Some(file), _) => Config::load(file)?,
        (None, Some(dir)) => Config::of_directory(Directory {
            directory: dir.clone(),
        }),
        (None, None) => bail!("where is the ledger? Give --config FILE.toml or --data DIR"),
    };
    if !asked.roles.is_empty() {
        config.serve.roles.clone_from(&asked.roles);
    }
    if let Some(listen) = asked.listen {
        config.serve.listen = listen;
    }
    config.serve.roles.sort_unstable();
    config.serve.roles.dedup();
    if config.serve.roles.is_empty() {
        bail!("serve.roles is empty: name at least one of api, watcher, projector, sealer");
    }
    if config.serve.roles.contains(&RoleName::Projector) && config.postgres.is_none() {
        bail!("the projector needs [postgres]: where the database is");
    }
    if answers_from_the_ledger(&config) {
        let checked = config.api.check(config.serve.listen.ip());
        checked.map_err(anyhow::Error::msg)?;
    }
    Ok(config)
}

async fn answering(config: &Config, serving: &Serving) -> anyhow::Result<Option<Answering>> {
    if answers_from_the_ledger(config) {
        return Answering::open(config, serving).await.map(Some);
    }
    Ok(None)
}

fn answers_from_the_ledger(config: &Config) -> bool {
    config.serve.roles.contains(&RoleName::Api)
}

/// The log goes to standard error; what it says of the process is for operators, never for programs.
pub(crate) fn log(form: LogForm) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,async_nats=warn"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match form {
        LogForm::Text => lines.with_ansi(false).init(),
        LogForm::Json => lines.json().init(),
    }
}

fn start(
    config: &Config,
    serving: &Serving,
    reports: &[Report],
    stop: &Stop,
    running: &mut JoinSet<()>,
) -> anyhow::Result<()> {
    for (role, report) in config.serve.roles.iter().zip(reports) {
        let role = begin(*role, config, serving, report, stop)?;
        running.spawn(roles::guarded(report.clone(), role));
    }
    running.spawn(serving.keeping(reports.to_vec(), stop.clone()));
    Ok(())
}

/// What a role comes to, once it is run.
type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

fn begin(
    role: RoleName,
    config: &Config,
    serving: &Serving,
    report: &Report,
    stop: &Stop,
) -> anyhow::Result<Running> {
    let (report, stop) = (report.clone(), stop.clone());
    Ok(match role {
        RoleName::Api => Box::pin(roles::api(serving.live()?, report, stop)),
        RoleName::Watcher => {
            let settings = config.watcher.clone();
            Box::pin(roles::watcher(serving.live()?, settings, report, stop))
        }
        RoleName::Sealer => {
            let (sealing, settings) = (serving.sealing()?, config.sealer.clone());
            let rounds = Rounds::new(&settings, &sealing.ports)?;
            Box::pin(roles::sealer(sealing, settings, rounds, report, stop))
        }
        RoleName::Projector => {
            let settings = config.postgres.clone();
            let settings = settings.context("the projector needs [postgres]")?;
            Box::pin(roles::projector(serving.store(), settings, report, stop))
        }
    })
}

/// When grace is over for a process that was asked to stop just now.
fn over(config: &Config) -> Instant {
    Instant::now() + Duration::from_secs(config.serve.grace_seconds.into())
}

/// Lets answers under way come to their end. A request that never ends is not waited for.
async fn finish(over: Instant, answers: JoinHandle<io::Result<()>>) -> anyhow::Result<()> {
    let abort = answers.abort_handle();
    match timeout_at(over, answers).await {
        Ok(ended) => Ok(ended??),
        Err(_) => {
            abort.abort();
            Ok(())
        }
    }
}

/// Lets the roles come to their end, for as long as there is grace.
async fn end(over: Instant, running: &mut JoinSet<()>) {
    let all = async { while running.join_next().await.is_some() {} };
    if timeout_at(over, all).await.is_err() {
        tracing::warn!("not every role came to its end in time; what they acknowledged is durable");
        running.abort_all();
    }
}

//! `socai serve`: roles side by side, until the process is asked to stop.

use std::io;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use socai_api::Front;
use socai_app::role::Report;
use socai_metrics::{Metrics, Noted};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout_at};

use crate::answering::Answering;
use crate::arguments::Serve;
use crate::config::{Config, Directory, RoleName};
use crate::rounds::Rounds;
use crate::serving::{Serving, patiently};
use crate::stop::Stop;
use crate::{log, measured, memory, roles};

pub(crate) async fn run(asked: &Serve) -> anyhow::Result<ExitCode> {
    let config = config(asked)?;
    // Kept to the end: what is left of spans goes when it is dropped.
    let _exporting = log::start(config.serve.log, config.traces.as_ref())?;
    let mut stop = Stop::on_signals()?;
    let listener = TcpListener::bind(config.serve.listen).await;
    let listener = listener.with_context(|| format!("serve.listen: {}", config.serve.listen))?;
    tracing::info!(address = %listener.local_addr()?, "listening");
    let names = config.serve.roles.iter();
    let reports: Vec<Report> = names.map(|role| Report::new(role.as_str())).collect();
    let metrics = Arc::new(Metrics::default());
    measured::roles(&metrics, &config, &reports);
    let front = Front::new(reports.clone(), metrics.clone());
    let scraped = scraped(&config, &front, &stop).await?;
    let answers = {
        let mut stop = stop.clone();
        let asked = async move { stop.asked().await };
        let (front, settings) = (front.clone(), config.api.clone());
        tokio::spawn(socai_api::serve(listener, front, settings, asked))
    };
    let serving = tokio::select! {
        serving = Serving::open(&config, &reports, &metrics.appends) => Some(serving?),
        () = stop.asked() => None,
    };
    let over = if let Some(serving) = serving {
        memory::in_small_pages();
        let mut running = JoinSet::new();
        measured::ledger(&metrics, &config, &serving);
        let answering = tokio::select! {
            answering = patiently(&reports, async || answering(&config, &serving, &metrics).await) => answering?,
            () = stop.asked() => None,
        };
        if let Some(answering) = answering {
            running.spawn(answering.sweeping(stop.clone()));
            front.open(answering.router);
        }
        start(&config, &serving, (&reports, &metrics), &stop, &mut running)?;
        look(&config, &serving, &metrics, &stop, &mut running).await?;
        stop.asked().await;
        let over = over(&config);
        end(over, &mut running).await;
        serving.close();
        over
    } else {
        over(&config)
    };
    finish(over, answers).await?;
    if let Some(scraped) = scraped {
        finish(over, scraped).await?;
    }
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
        let checked = config.api.check("serve.listen", config.serve.listen.ip());
        checked.map_err(anyhow::Error::msg)?;
    }
    if let Some(listen) = config.metrics.listen {
        let checked = config.api.check("metrics.listen", listen.ip());
        checked.map_err(anyhow::Error::msg)?;
    }
    Ok(config)
}

async fn answering(
    config: &Config,
    serving: &Serving,
    metrics: &Arc<Metrics>,
) -> anyhow::Result<Option<Answering>> {
    if answers_from_the_ledger(config) {
        return Answering::open(config, serving, metrics).await.map(Some);
    }
    Ok(None)
}

/// Answers `/metrics`, and how the process is, at an address of its own, where one is given.
async fn scraped(
    config: &Config,
    front: &Front,
    stop: &Stop,
) -> anyhow::Result<Option<JoinHandle<io::Result<()>>>> {
    let Some(listen) = config.metrics.listen else {
        return Ok(None);
    };
    let listener = TcpListener::bind(listen).await;
    let listener = listener.with_context(|| format!("metrics.listen: {listen}"))?;
    tracing::info!(address = %listener.local_addr()?, "metrics");
    let mut stop = stop.clone();
    let asked = async move { stop.asked().await };
    let (front, settings) = (front.clone(), config.api.clone());
    let answers = socai_api::metrics::serve(listener, front, settings, asked);
    Ok(Some(tokio::spawn(answers)))
}

fn answers_from_the_ledger(config: &Config) -> bool {
    config.serve.roles.contains(&RoleName::Api)
}

fn start(
    config: &Config,
    serving: &Serving,
    (reports, metrics): (&[Report], &Metrics),
    stop: &Stop,
    running: &mut JoinSet<()>,
) -> anyhow::Result<()> {
    for (role, report) in config.serve.roles.iter().zip(reports) {
        let role = begin(*role, config, serving, (report, &metrics.noted), stop)?;
        running.spawn(roles::guarded(report.clone(), role));
    }
    let noted = metrics.noted.clone();
    running.spawn(serving.keeping(reports.to_vec(), noted, stop.clone()));
    Ok(())
}

/// Begins what only looks: whether the ledger is what was sealed, and what PostgreSQL answers.
async fn look(
    config: &Config,
    serving: &Serving,
    metrics: &Metrics,
    stop: &Stop,
    running: &mut JoinSet<()>,
) -> anyhow::Result<()> {
    if config.serve.roles.contains(&RoleName::Sealer) {
        let every = Duration::from_secs(config.verification.every_seconds.into());
        let (sources, noted) = (serving.sources(config).await?, metrics.noted.clone());
        running.spawn(measured::verifying(sources, every, noted, stop.clone()));
    }
    if let Some(settings) = &config.postgres
        && config.serve.roles.contains(&RoleName::Projector)
    {
        let (settings, noted) = (settings.clone(), metrics.noted.clone());
        running.spawn(measured::reading_back(
            settings,
            config.metrics.window,
            noted,
            stop.clone(),
        ));
    }
    Ok(())
}

/// What a role comes to, once it is run.
type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

fn begin(
    role: RoleName,
    config: &Config,
    serving: &Serving,
    (report, noted): (&Report, &Arc<Noted>),
    stop: &Stop,
) -> anyhow::Result<Running> {
    let (report, stop) = (report.clone(), stop.clone());
    Ok(match role {
        RoleName::Api => Box::pin(roles::api(serving.live()?, report, stop)),
        RoleName::Watcher => {
            let settings = config.watcher.clone();
            let told = (report, noted.clone());
            Box::pin(roles::watcher(serving.live()?, settings, told, stop))
        }
        RoleName::Sealer => {
            let (sealing, settings) = (serving.sealing()?, config.sealer.clone());
            let rounds = Rounds::new(&settings, &sealing.ports)?;
            Box::pin(roles::sealer(sealing, settings, rounds, report, stop))
        }
        RoleName::Projector => {
            let settings = config.postgres.clone();
            let settings = settings.context("the projector needs [postgres]")?;
            let due = config.metrics.window;
            Box::pin(roles::projector(
                serving.store(),
                settings,
                due,
                report,
                stop,
            ))
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

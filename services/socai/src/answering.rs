//! What the role `api` answers with: the ledger's operations, and who it is that asks.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use socai_api::Router;
use socai_identity::Identity;
use socai_metrics::Metrics;
use socai_operations::accounts::OfLedger;
use socai_operations::jobs::{Jobs, Limits};
use socai_operations::service::Service;
use socai_operations::works::Works;

use crate::config::Config;
use crate::place::Place;
use crate::serving::Serving;
use crate::stop::Stop;
use crate::{blobs, measured, who_asks};

/// The folder of what jobs made, beside the ledger or in this process's own.
const JOBS: &str = "jobs";

/// How often what is left of sessions that are over is removed.
const SWEPT_EVERY: Duration = Duration::from_secs(3_600);

/// The ledger of a process, to be asked over HTTP and gRPC.
pub(crate) struct Answering {
    identity: Arc<Identity>,
    pub(crate) router: Router,
}

impl Answering {
    /// Over what `serving` has open.
    ///
    /// # Errors
    ///
    /// Where what is known of persons, attachments or checkpoints cannot be opened.
    pub(crate) async fn open(
        config: &Config,
        serving: &Serving,
        metrics: &Arc<Metrics>,
    ) -> anyhow::Result<Self> {
        let live = serving.live()?;
        let place = Place::in_config(config.clone());
        let accounts = Arc::new(OfLedger(live.clone()));
        let identity = Arc::new(who_asks::identity(config, accounts)?);
        let sources = serving.sources(config).await?;
        let checkpoints = Some(sources.checkpoints.clone());
        let service = Service::new(live.clone(), Some(serving.snapshots()), checkpoints);
        let jobs = Jobs::open(&serving.folder().join(JOBS), Limits::default())?;
        measured::waiting(metrics, jobs.clone(), identity.clone());
        let works = Works {
            past: service.past().clone(),
            jobs,
            blobs: blobs::of(place).await?.into(),
            at_rest: serving.at_rest(sources.checkpoints.clone()),
            sources,
            live,
        };
        let settings = config.api.clone();
        let router = socai_api::router(
            Arc::new(service),
            works,
            identity.clone(),
            settings,
            metrics.clone(),
        );
        Ok(Self { identity, router })
    }

    /// Removes what is left of sessions that are over, until `stop`.
    pub(crate) fn sweeping(&self, mut stop: Stop) -> impl Future<Output = ()> + Send + use<> {
        let identity = self.identity.clone();
        async move {
            while !stop.asked_within(SWEPT_EVERY).await {
                if let Err(error) = identity.sweep(Timestamp::now()).await {
                    tracing::warn!(%error, "sessions that are over are not removed yet");
                }
            }
        }
    }
}

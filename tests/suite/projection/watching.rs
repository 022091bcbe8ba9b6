//! A projector that runs beside a test, and what the tables hold.

use std::collections::BTreeMap;
use std::time::Duration;

use socai_store::Position;
use socai_view_postgres::{Error, Place, Projector, Settings, State, Status, migrate, status};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio_postgres::Client;

use super::ledgers::Store;

/// How long anything may take on a machine with a lot else to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// A projector beside the test.
pub(super) struct Running {
    status: watch::Receiver<Status>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), Error>>,
}

impl Running {
    pub(super) fn start(store: &Store, settings: &Settings) -> Self {
        Self::run(Projector::new(store.clone(), settings.clone()))
    }

    pub(super) fn run(projector: Projector) -> Self {
        let (sender, status) = watch::channel(Status::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = tokio::spawn(async move {
            let stop = async { drop(stopped.await) };
            projector.run(sender, stop).await
        });
        Self {
            status,
            stop,
            ended,
        }
    }

    /// Waits until the status is as `wanted`.
    pub(super) async fn until(&mut self, wanted: impl Fn(&Status) -> bool) -> Status {
        let over = |status: &Status| {
            matches!(
                status.state,
                State::Failed { .. } | State::Parked { .. } | State::Stopped
            )
        };
        let waiting = self
            .status
            .wait_for(|status| wanted(status) || over(status));
        let status = tokio::time::timeout(PATIENCE, waiting).await;
        let status = status
            .expect("the projector gets there in time")
            .unwrap()
            .clone();
        assert!(wanted(&status), "it ended instead: {status:?}");
        status
    }

    /// Waits until the tables are at the end of `store`.
    pub(super) async fn reach_the_end(&mut self, store: &Store) {
        let head = store.head().await.unwrap();
        self.until(|status| status.position >= head).await;
    }

    /// Asks it to stop, and waits until it has.
    pub(super) async fn stop(self) -> Result<(), Error> {
        drop(self.stop);
        let ended = tokio::time::timeout(PATIENCE, self.ended).await;
        ended.expect("it stops in time").unwrap()
    }

    /// Waits until it ends by itself, and answers why.
    pub(super) async fn end(self) -> Error {
        let ended = tokio::time::timeout(PATIENCE, self.ended).await;
        ended.expect("it ends in time").unwrap().unwrap_err()
    }
}

/// Migrates, and projects all of `store`.
pub(super) async fn project(store: &Store, settings: &Settings) {
    migrate(settings).await.unwrap();
    let mut running = Running::start(store, settings);
    running.reach_the_end(store).await;
    running.stop().await.unwrap();
}

/// Every row of every table that serves, as text, in order.
pub(super) async fn tables(client: &Client) -> BTreeMap<String, Vec<String>> {
    let serving = "SELECT serving FROM control.projection";
    let schema: String = client.query_one(serving, &[]).await.unwrap().get(0);
    let named = "SELECT tablename::text FROM pg_tables WHERE schemaname = $1";
    let names = client.query(named, &[&schema]).await.unwrap();
    let mut tables = BTreeMap::new();
    for name in names.iter().map(|row| row.get::<_, String>(0)) {
        let read = format!("SELECT t::text FROM {schema}.{name} t ORDER BY 1");
        let rows = client.query(&read, &[]).await.unwrap();
        let rows = rows.iter().map(|row| row.get(0)).collect();
        tables.insert(name, rows);
    }
    assert_eq!(19, tables.len());
    tables
}

/// Fails where two ways of filling the tables differ, and names the first row.
#[track_caller]
pub(super) fn assert_same(
    expected: &BTreeMap<String, Vec<String>>,
    found: &BTreeMap<String, Vec<String>>,
    how: &str,
) {
    for (name, rows) in expected {
        let other = &found[name];
        let differs = rows.iter().zip(other).find(|(one, other)| one != other);
        assert!(differs.is_none(), "{how}: {name}: {differs:?}");
        assert_eq!(rows.len(), other.len(), "{how}: {name}");
    }
}

/// Where the view is, once it is at `position`.
pub(super) async fn place_at(settings: &Settings, position: Position) -> Place {
    let place = status(settings).await.unwrap();
    assert_eq!(position, place.position);
    place
}

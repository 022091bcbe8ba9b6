//! The ledger on JetStream, beyond the promises of the port: what it survives, and what it refuses.

use std::time::{Duration, Instant};

use socai_store_nats::{Connection, Identity, Login, NatsStore, OpenError, Settings, connect};
use uuid::Uuid;

pub(super) use crate::servers::nats::{Cluster, Server};

/// The settings of the gateway, with what it needs to ask whether the server syncs.
pub(super) fn settings(server: &Server) -> Settings {
    let user = |name: &str| Login {
        user: Some(name.to_owned()),
        password: Some(server.password(name)),
        ..Login::default()
    };
    let mut settings = Settings::new(&server.url(), "LEDGER", "ledger.hanoi");
    settings.replicas = 1;
    settings.login = user("gateway");
    settings.system = Some(user("auditor"));
    settings
}

pub(super) fn identity() -> Identity {
    Identity::new(Uuid::from_u128(0x19d2_f3a9_c1e7), "hanoi").unwrap()
}

pub(super) async fn connection(settings: &Settings) -> Connection {
    connect(settings).await.unwrap()
}

/// A new ledger on a server alone.
pub(super) async fn create(server: &Server) -> NatsStore {
    let settings = settings(server);
    let connection = connection(&settings).await;
    NatsStore::create(&connection, &settings, &identity())
        .await
        .unwrap()
}

pub(super) fn cluster_settings(cluster: &Cluster, name: &str) -> Settings {
    let mut settings = settings(&cluster.servers[0]);
    settings.servers = cluster.urls();
    settings.replicas = 3;
    settings.stream = name.to_owned();
    settings.prefix = format!("ledger.{name}");
    settings
}

/// A new ledger called `name` on three servers, as soon as they have found one another.
pub(super) async fn create_on(cluster: &Cluster, name: &str) -> NatsStore {
    let settings = cluster_settings(cluster, name);
    let connection = connection(&settings).await;
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match NatsStore::create(&connection, &settings, &identity()).await {
            Ok(store) => return store,
            Err(error @ OpenError::Unavailable(_)) if Instant::now() < deadline => drop(error),
            Err(OpenError::Exists { .. }) => {
                return NatsStore::open(&connection, &settings, None).await.unwrap();
            }
            Err(error) => panic!("{:#}", chain(&error)),
        }
    }
}

/// What went wrong and why, in one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(next) = source {
        text = format!("{text}: {next}");
        source = next.source();
    }
    text
}

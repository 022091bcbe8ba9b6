//! The ledger on JetStream, beyond the promises of the port: what it survives, and what it refuses.

//!
//! | Module | What is tried |
//! |---|---|
//! | [`access`] | who gets in, how, and what they may do |
//! | [`faults`] | servers that are killed, paused, restarted under load; several gateways at once |
//! | [`moving`] | a migration that is cut off |
//! | [`opening`] | what an opened ledger asserts |
//! | [`sealing`] | what is signed, and what is refused before that |
//! | [`traps`] | what nats-server does that a ledger must not fall for |

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use socai_store_nats::{Connection, Identity, Login, NatsStore, OpenError, Settings, connect};
use uuid::Uuid;

mod access;
mod faults;
mod moving;
mod opening;
mod sealing;
mod traps;

pub(crate) use crate::servers::nats::{Cluster, Configuration, Server};

/// The settings of the gateway, with what it needs to ask whether the server syncs.
pub(crate) fn settings(server: &Server) -> Settings {
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

pub(crate) fn identity() -> Identity {
    Identity::new(Uuid::from_u128(0x19d2_f3a9_c1e7), "hanoi").unwrap()
}

pub(crate) async fn connection(settings: &Settings) -> Connection {
    connect(settings).await.unwrap()
}

/// A new ledger on a server alone.
pub(crate) async fn create(server: &Server) -> NatsStore {
    let settings = settings(server);
    let connection = connection(&settings).await;
    NatsStore::create(&connection, &settings, &identity())
        .await
        .unwrap()
}

pub(crate) fn cluster_settings(cluster: &Cluster, name: &str) -> Settings {
    let mut settings = settings(&cluster.servers[0]);
    settings.servers = cluster.urls();
    settings.replicas = 3;
    settings.stream = name.to_owned();
    settings.prefix = format!("ledger.{name}");
    settings
}

/// A new ledger called `name` on three servers, as soon as they have found one another.
pub(crate) async fn create_on(cluster: &Cluster, name: &str) -> NatsStore {
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
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(next) = source {
        text = format!("{text}: {next}");
        source = next.source();
    }
    text
}

/// A server of a test's own: two accounts, and whatever `extra` says.
pub(crate) fn own(jetstream: &str, extra: &str) -> Configuration {
    Configuration::Own(format!(
        r#"
        server_name: n1
        listen: "127.0.0.1:{{port}}"
        jetstream {{ store_dir: "{{store}}", {jetstream} }}
        accounts {{
          LEDGER: {{ jetstream: enabled, users: [ {{ user: gateway, password: of-the-gateway }} ] }}
          SYS: {{ users: [ {{ user: auditor, password: of-the-system }} ] }}
        }}
        system_account: SYS
        {extra}
        "#
    ))
}

/// Asks until `found` answers something.
pub(crate) async fn until<T>(what: &str, mut found: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = found().await {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not come about");
        tokio::task::yield_now().await;
    }
}

/// A request to the JetStream API, with the answer as it came. Some take no body, not even `null`.
pub(crate) async fn api(
    client: &async_nats::Client,
    request: &str,
    body: serde_json::Value,
) -> String {
    let body = match body {
        serde_json::Value::Null => String::new(),
        body => body.to_string(),
    };
    let answer = client.request(format!("$JS.API.{request}"), body.into());
    match answer.await {
        Ok(answer) => String::from_utf8_lossy(&answer.payload).into_owned(),
        Err(error) => error.to_string(),
    }
}

/// Copies a directory and everything in it.
pub(crate) fn copy_dir(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

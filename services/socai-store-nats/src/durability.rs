//! Whether every server that holds a copy syncs what it acknowledges.
//!
//! JetStream's default acknowledges a message that is still only in the page cache. `/varz` tells the
//! truth about it, and the system account answers the same over NATS, from every server at once.

use std::collections::BTreeMap;

use async_nats::Client;
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::time::{Instant, timeout_at};

use crate::connection::{connect_system, expect_version};
use crate::error::OpenError;
use crate::settings::Settings;

const ASK: &str = "$SYS.REQ.SERVER.PING.VARZ";

#[derive(Deserialize)]
struct Answer {
    server: Server,
    #[serde(default)]
    data: Varz,
}

#[derive(Deserialize)]
struct Server {
    name: String,
    #[serde(default)]
    ver: String,
}

#[derive(Default, Deserialize)]
struct Varz {
    #[serde(default)]
    jetstream: JetStream,
}

#[derive(Default, Deserialize)]
struct JetStream {
    #[serde(default)]
    config: Config,
}

#[derive(Default, Deserialize)]
struct Config {
    #[serde(default)]
    sync_always: bool,
}

/// Those of `servers` that do not say that they sync.
///
/// # Errors
///
/// [`OpenError::Unsynced`] where there are some and `settings` do not accept that, and where one of them
/// is too old, what [`ConnectError`](crate::ConnectError) says of it.
pub(crate) async fn unsynced(
    settings: &Settings,
    servers: &[String],
) -> Result<Vec<String>, OpenError> {
    let synced = match &settings.system {
        Some(login) => ask(&connect_system(settings, login).await?, settings, servers).await?,
        None => BTreeMap::new(),
    };
    let unsynced = |server: &&String| synced.get(*server) != Some(&true);
    let unsynced: Vec<String> = servers.iter().filter(unsynced).cloned().collect();
    if unsynced.is_empty() || settings.allow_unsynced {
        return Ok(unsynced);
    }
    Err(OpenError::Unsynced { servers: unsynced })
}

/// What each server says, until all of `servers` have answered or time is up.
async fn ask(
    client: &Client,
    settings: &Settings,
    servers: &[String],
) -> Result<BTreeMap<String, bool>, OpenError> {
    let unavailable = |error: async_nats::Error| OpenError::Unavailable(error);
    let inbox = client.new_inbox();
    let answers = client.subscribe(inbox.clone()).await;
    let mut answers = answers.map_err(|error| unavailable(error.into()))?;
    let asked = client.publish_with_reply(ASK, inbox, "".into()).await;
    asked.map_err(|error| unavailable(error.into()))?;
    let deadline = Instant::now() + settings.request_timeout();
    let mut said = BTreeMap::new();
    while !servers.iter().all(|server| said.contains_key(server)) {
        let Ok(Some(answer)) = timeout_at(deadline, answers.next()).await else {
            break;
        };
        if let Ok(Answer { server, data }) = serde_json::from_slice(&answer.payload) {
            expect_version(&server.name, &server.ver)?;
            said.insert(server.name, data.jetstream.config.sync_always);
        }
    }
    Ok(said)
}

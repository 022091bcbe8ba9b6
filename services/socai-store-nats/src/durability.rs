//! Whether every server that holds a copy syncs what it acknowledges.
//!
//! JetStream's default acknowledges a message that is still only in the page cache. `/varz` tells the
//! truth about it, and the system account answers the same over NATS, from every server at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_nats::Client;
use futures_util::StreamExt;
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout_at};

use crate::connection::{connect_system, expect_version};
use crate::error::{OpenError, Trouble};
use crate::settings::Settings;
use crate::state::Shared;

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

/// How often servers are asked again while a ledger is written: one that was away, or was started again,
/// may have come back with another configuration.
const ASKED_EVERY: Duration = Duration::from_secs(15);

/// Those of `servers` that did not say that they sync, where `settings` accept that; else none.
///
/// A server that is away keeps nobody from opening: what it acknowledges it acknowledges once it is back,
/// and then it is [asked](watch). More than half of the servers have to answer.
///
/// # Errors
///
/// [`OpenError::Unsynced`] where one does not sync or nobody may be asked, [`OpenError::Unavailable`]
/// where too few answer, and where one of them is too old, what [`ConnectError`](crate::ConnectError) says
/// of it.
pub(crate) async fn unsynced(
    settings: &Settings,
    servers: &[String],
) -> Result<Vec<String>, OpenError> {
    let said = match &settings.system {
        Some(login) => ask(&connect_system(settings, login).await?, settings, servers).await?,
        None => BTreeMap::new(),
    };
    let those = |unsynced: fn(Option<&bool>) -> bool| {
        let those = servers.iter().filter(|server| unsynced(said.get(*server)));
        those.cloned().collect::<Vec<String>>()
    };
    if settings.allow_unsynced {
        return Ok(those(|said| said != Some(&true)));
    }
    let unsynced = match &settings.system {
        Some(_) => those(|said| said == Some(&false)),
        None => servers.to_vec(),
    };
    if !unsynced.is_empty() {
        return Err(OpenError::Unsynced { servers: unsynced });
    }
    if said.len() <= servers.len() / 2 {
        return Err(OpenError::Unavailable(Trouble::Late.into()));
    }
    Ok(Vec::new())
}

/// Asks again and again while the ledger is written. Where a server says that it does not sync, nothing is
/// appended until it does.
pub(crate) async fn watch(settings: Settings, servers: Vec<String>, shared: Arc<Shared>) {
    if settings.system.is_none() || settings.allow_unsynced {
        return;
    }
    loop {
        sleep(ASKED_EVERY).await;
        match unsynced(&settings, &servers).await {
            Ok(_) => shared.unsynced(Vec::new()),
            Err(OpenError::Unsynced { servers }) => shared.unsynced(servers),
            // Not to be asked is no answer: the connection itself says whether anything is appended.
            Err(error) => tracing::debug!(%error, "servers cannot be asked whether they sync"),
        }
    }
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
        if let Ok(Answer { server, data }) = serde_json::from_slice(&answer.payload)
            && servers.contains(&server.name)
        {
            expect_version(&server.name, &server.ver)?;
            said.insert(server.name, data.jetstream.config.sync_always);
        }
    }
    Ok(said)
}

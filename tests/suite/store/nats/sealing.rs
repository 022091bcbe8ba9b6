//! What a sealer says of a ledger on JetStream that is not what was sealed: an older copy, a second history, a hole.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use socai_app::sealer::SealError;
use socai_store::Position;
use socai_store_nats::{NatsStore, OpenError, Reached};

use super::{Server, api, connection, copy_dir, create, own, settings, until};
use crate::moving::{Kept, on_nats};

/// Where a server keeps the stream of events, and that alone.
fn events(server: &Server) -> std::path::PathBuf {
    server.store().join("jetstream/LEDGER/streams/LEDGER")
}

async fn open(server: &Server, reached: Option<Reached>) -> Result<NatsStore, OpenError> {
    let settings = settings(server);
    NatsStore::open(&connection(&settings).await, &settings, reached).await
}

/// What a sealer says that is started now, with the tiles in `state`; not that it should be tried again.
async fn refusal(server: &Server, state: &Path) -> String {
    let store = open(server, None).await.unwrap();
    let refused = on_nats(server, store, state).await.seal().await;
    let refused = refused.unwrap_err();
    assert!(!refused.is_passing(), "{refused}");
    refused.to_string()
}

/// A ledger of 400 records, of which a copy was taken at 300, sealed at both. Then `older` is what the server has
/// of the events; every checkpoint is still there.
struct Restored {
    server: Server,
    state: tempfile::TempDir,
    ledger: Kept,
    reached: Option<Reached>,
}

async fn restored() -> Restored {
    let mut server = Server::start();
    let state = tempfile::tempdir().unwrap();
    let ledger = on_nats(&server, create(&server).await, state.path()).await;
    let ledger = ledger.found().await;
    ledger.record(299).await;
    assert_eq!(ledger.seal().await.unwrap().size, 300);
    server.stop();
    let copy = tempfile::tempdir().unwrap();
    copy_dir(&events(&server), copy.path());
    server.start_again();
    until("the server", async || open(&server, None).await.ok()).await;
    ledger.record(100).await;
    assert_eq!(ledger.seal().await.unwrap().size, 400);
    let reached = open(&server, None).await.unwrap().reached();

    server.stop();
    fs::remove_dir_all(events(&server)).unwrap();
    copy_dir(copy.path(), &events(&server));
    server.start_again();
    Restored {
        server,
        state,
        ledger,
        reached,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_older_stream_is_refused_by_every_sealer() {
    let Restored {
        server,
        state,
        ledger,
        reached,
    } = restored().await;
    // By the one that was there.
    let refused = until("the end to be missed", async || {
        let error = ledger.seal().await.unwrap_err();
        (!error.is_passing()).then_some(error)
    })
    .await;
    assert!(matches!(refused, SealError::Read(_)), "{refused:?}");
    // By one that is started, with its tiles and without.
    let elsewhere = tempfile::tempdir().unwrap();
    for state in [state.path(), elsewhere.path()] {
        let said = refusal(&server, state).await;
        assert!(
            said.starts_with("the log is not what was sealed: it was sealed up to position 400")
                && said.ends_with("and ends at 300"),
            "{said}"
        );
    }
    // And by one that remembers, before it begins.
    let opened = open(&server, reached).await.err().unwrap();
    assert!(matches!(opened, OpenError::RolledBack { .. }), "{opened:?}");
}

/// The lost tail was written over by others, and the ledger is longer than ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_history_on_a_lost_tail_is_refused() {
    let Restored { server, state, .. } = restored().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let others = on_nats(
        &server,
        open(&server, None).await.unwrap(),
        elsewhere.path(),
    )
    .await;
    others.record(200).await;
    let said = refusal(&server, state.path()).await;
    assert!(
        said.contains("the record at position 301 has leaf hash"),
        "{said}"
    );
    let said = refusal(&server, elsewhere.path()).await;
    assert!(said.contains("up to position 400 its root is"), "{said}");
    assert_eq!(others.checkpoints.len().await.unwrap(), 2);
}

/// A server that lost what it had acknowledged, in a power cut for which it was not set up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_tail_that_was_sealed_is_refused_though_the_next_record_fills_its_place() {
    let Restored { server, state, .. } = restored().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let others = on_nats(
        &server,
        open(&server, None).await.unwrap(),
        elsewhere.path(),
    )
    .await;
    others.record(100).await;
    assert_eq!(others.store.head().await.unwrap(), Position(400));
    for state in [state.path(), elsewhere.path()] {
        let said = refusal(&server, state).await;
        assert!(
            said.starts_with("the log is not what was sealed: "),
            "{said}"
        );
    }
}

/// Made, as nobody should be able to, from the same records with one of them gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hole_is_refused_before_anything_is_sealed() {
    let server = Server::configured(own("sync_interval: always", ""));
    let state = tempfile::tempdir().unwrap();
    let ledger = on_nats(&server, create(&server).await, state.path()).await;
    let ledger = ledger.found().await;
    ledger.record(9).await;
    ledger.seal().await.unwrap();
    let checkpoints = ledger.checkpoints.clone();
    drop(ledger);

    let client = connection(&settings(&server)).await.jetstream().clone();
    let stream = client.get_stream("LEDGER").await.unwrap();
    let mut messages = Vec::new();
    for sequence in 1..=10 {
        messages.push(stream.get_raw_message(sequence).await.unwrap());
    }
    let raw = connection(&settings(&server)).await.client().clone();
    let ask = async |request: &str, body: Value| {
        let answer = api(&raw, &format!("{request}.LEDGER"), body).await;
        assert!(!answer.contains("\"error\""), "{request}: {answer}");
        answer
    };
    let info: Value = serde_json::from_str(&ask("STREAM.INFO", json!({})).await).unwrap();
    let mut config = info["config"].clone();
    ask("STREAM.DELETE", Value::Null).await;
    config["deny_delete"] = json!(false);
    ask("STREAM.CREATE", config.clone()).await;
    for message in messages {
        let mut headers = async_nats::HeaderMap::new();
        for name in ["Socai-Id", "Socai-Revision", "Socai-Crc"] {
            headers.insert(name, message.headers.get(name).unwrap().as_str());
        }
        let stored = raw.request_with_headers(message.subject, headers, message.payload);
        stored.await.unwrap();
    }
    ask("STREAM.MSG.DELETE", json!({ "seq": 5 })).await;
    config["deny_delete"] = json!(true);
    ask("STREAM.UPDATE", config).await;

    let refused = open(&server, None).await.err().unwrap();
    let OpenError::Damaged(damage) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(damage.position, Position(5));
    assert_eq!(checkpoints.len().await.unwrap(), 1);
}

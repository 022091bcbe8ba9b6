//! The log of checkpoints on JetStream: what it survives, what it refuses, and who may do what.

use serde_json::{Value, json};
use socai_store::{CheckpointError, EventStore};
use socai_store_nats::{NatsCheckpoints, NatsStore, OpenError, Settings};

use super::*;
use crate::store::nats::{
    self, api, chain, cluster_settings, connection, copy_dir, own, settings, until,
};
pub(super) use crate::store::nats::{Cluster, Server};

/// The log of a new ledger on a server alone.
pub(super) async fn create(server: &Server) -> NatsCheckpoints {
    drop(nats::create(server).await);
    open(&settings(server)).await.unwrap()
}

/// The log of a new ledger called `name` on three servers.
pub(super) async fn create_on(cluster: &Cluster, name: &str) -> NatsCheckpoints {
    drop(nats::create_on(cluster, name).await);
    until("a log", async || {
        open(&cluster_settings(cluster, name)).await.ok()
    })
    .await
}

/// As one more process opens it.
async fn open(settings: &Settings) -> Result<NatsCheckpoints, OpenError> {
    let store = NatsStore::open(&connection(settings).await, settings, None).await?;
    NatsCheckpoints::open(&store, settings).await
}

async fn open_to_read(settings: &Settings) -> Option<NatsCheckpoints> {
    let store = NatsStore::open_read_only(&connection(settings).await, settings, None).await;
    let log = NatsCheckpoints::open_read_only(&store.unwrap(), settings).await;
    log.unwrap_or_else(|error| panic!("{}", chain(&error)))
}

fn reader(server: &Server) -> Settings {
    let mut settings = settings(server);
    settings.login.user = Some("reader".to_owned());
    settings.login.password = Some(server.password("reader"));
    settings.system = None;
    settings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_see_one_log() {
    let server = Server::start();
    let (one, other) = (
        create(&server).await,
        open(&settings(&server)).await.unwrap(),
    );
    one.append(0, note("a")).await.unwrap();
    lost(&other.append(0, note("b")).await);
    other.append(1, note("b")).await.unwrap();
    for log in [&one, &other] {
        has(log, &["a", "b"].map(note)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_sealers_on_three_servers_one_adds_every_time() {
    let cluster = Cluster::start();
    let one = create_on(&cluster, "race").await;
    let other = open(&cluster_settings(&cluster, "race")).await.unwrap();
    let mut added = Vec::new();
    for round in 0..100 {
        let rivals = ["one", "other"].map(|who| note(&format!("{who} {round}")));
        let [ours, theirs] = &rivals;
        let answers = tokio::join!(
            one.append(round, ours.clone()),
            other.append(round, theirs.clone())
        );
        match answers {
            (Ok(_), Err(AddError::Lost)) => added.push(ours.clone()),
            (Err(AddError::Lost), Ok(_)) => added.push(theirs.clone()),
            answers => panic!("round {round}: {answers:?}"),
        }
    }
    has(&one, &added).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_outlives_the_server_and_the_leader() {
    let mut cluster = Cluster::start();
    let log = create_on(&cluster, "leader").await;
    let mut added = Vec::new();
    for away in 0..3 {
        for _ in 0..3 {
            let next = note(&added.len().to_string());
            let expected = added.len() as u64;
            until("it is added", async || {
                log.append(expected, next.clone()).await.ok()
            })
            .await;
            added.push(next);
        }
        cluster.servers[away].restart();
    }
    until("it is read", async || {
        (log.read(0, ALL).await.ok()? == added).then_some(())
    })
    .await;
}

/// The server stores what it is sent when it wakes up, long after its answer was given up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_found_by_asking_again() {
    let server = Server::start();
    drop(create(&server).await);
    let mut settings = settings(&server);
    settings.request_timeout_ms = 200;
    let log = open(&settings).await.unwrap();
    server.pause();
    let answer = log.append(0, note("a")).await;
    let (AddError::Unknown(_) | AddError::Unavailable(_)) = answer.unwrap_err() else {
        panic!("it was answered");
    };
    server.resume();
    let entry = until("an answer", async || log.append(0, note("a")).await.ok()).await;
    assert_eq!(entry, 1);
    has(&log, &[note("a")]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_lost_its_end_is_refused_by_whoever_saw_it() {
    let mut server = Server::start();
    let log = create(&server).await;
    log.append(0, note("a")).await.unwrap();
    server.stop();
    let copy = tempfile::tempdir().unwrap();
    copy_dir(&server.store(), copy.path());
    server.start_again();
    until("it is added", async || log.append(1, note("b")).await.ok()).await;

    server.stop();
    std::fs::remove_dir_all(server.store()).unwrap();
    copy_dir(copy.path(), &server.store());
    server.start_again();
    let error = until("it is refused", async || match log.last().await {
        Err(CheckpointError::Unavailable(_)) => None,
        answer => Some(answer.unwrap_err()),
    })
    .await;
    let CheckpointError::Corrupt { entry: 2, .. } = error else {
        panic!("{error:?}");
    };
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_was_changed_is_refused_by_field() {
    let server = Server::configured(own("sync_interval: always", ""));
    drop(create(&server).await);
    let client = connection(&settings(&server)).await.client().clone();
    let info = api(&client, "STREAM.INFO.LEDGER-checkpoints", json!({})).await;
    let info: Value = serde_json::from_str(&info).unwrap();
    for (field, value) in [
        ("max_msgs", json!(7)),
        ("max_age", json!(1_000_000_000_000_u64)),
        ("max_msg_size", json!(-1)),
        ("subjects", json!(["checkpoints.LEDGER", "other"])),
    ] {
        let mut config = info["config"].clone();
        config[field] = value;
        let answer = api(&client, "STREAM.UPDATE.LEDGER-checkpoints", config).await;
        assert!(!answer.contains("\"error\""), "{answer}");
        let error = chain(&open(&settings(&server)).await.err().unwrap());
        assert!(
            error.contains(&format!("LEDGER-checkpoints has {field} = ")),
            "{error}"
        );
    }
}

/// Made, as nobody should be able to, so that it can lose a message.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hole_is_found_when_the_log_is_opened() {
    let server = Server::configured(own("sync_interval: always", ""));
    drop(create(&server).await);
    let client = connection(&settings(&server)).await.client().clone();
    let ask = async |request: &str, body: Value| {
        let request = format!("{request}.LEDGER-checkpoints");
        let answer = api(&client, &request, body).await;
        assert!(!answer.contains("\"error\""), "{request}: {answer}");
        answer
    };
    let info: Value = serde_json::from_str(&ask("STREAM.INFO", json!({})).await).unwrap();
    let mut config = info["config"].clone();
    ask("STREAM.DELETE", Value::Null).await;
    config["deny_delete"] = json!(false);
    ask("STREAM.CREATE", config.clone()).await;
    for number in 1..=3 {
        let note = number.to_string().into();
        client.request("checkpoints.LEDGER", note).await.unwrap();
    }
    ask("STREAM.MSG.DELETE", json!({ "seq": 2 })).await;
    config["deny_delete"] = json!(true);
    ask("STREAM.UPDATE", config).await;
    let error = open(&settings(&server)).await.err().unwrap();
    let OpenError::Checkpoints(CheckpointError::Corrupt { entry: 2, .. }) = error else {
        panic!("{error:?}");
    };
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_not_what_was_added_are_told_by_every_read() {
    let server = Server::start();
    let log = create(&server).await;
    let client = connection(&settings(&server)).await.client().clone();
    log.append(0, note("a")).await.unwrap();
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("Socai-Crc", "00000000");
    let changed = client.request_with_headers("checkpoints.LEDGER", headers, "b".into());
    changed.await.unwrap();
    for error in [
        log.last().await.unwrap_err(),
        log.read(0, ALL).await.unwrap_err(),
    ] {
        let CheckpointError::Corrupt { entry: 2, .. } = error else {
            panic!("{error:?}");
        };
    }
    let one = NonZeroU32::new(1).unwrap();
    assert_eq!(log.read(0, one).await.unwrap(), [note("a")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_sees_the_log_and_adds_nothing() {
    let server = Server::start();
    drop(nats::create(&server).await);
    assert!(open_to_read(&reader(&server)).await.is_none());

    let log = open(&settings(&server)).await.unwrap();
    let notes = ["a", "b"].map(note);
    add(&log, &notes).await;
    let reading = open_to_read(&reader(&server)).await.unwrap();
    has(&reading, &notes).await;
    let refused = reading.append(2, note("c")).await;
    assert!(
        matches!(refused, Err(AddError::Unavailable(_))),
        "{refused:?}"
    );
    // Neither does the server write for a reader who names the subject as the place for an answer.
    let client = connection(&reader(&server)).await.client().clone();
    for (to, body) in [
        ("$JS.API.STREAM.INFO.LEDGER-checkpoints", ""),
        ("$JS.API.DIRECT.GET.LEDGER-checkpoints", r#"{"seq":1}"#),
    ] {
        let sent = client.publish_with_reply(to, "checkpoints.LEDGER", body.into());
        sent.await.unwrap();
    }
    client
        .publish("checkpoints.LEDGER", "d".into())
        .await
        .unwrap();
    for request in ["PURGE", "DELETE"] {
        let request = format!("STREAM.{request}.LEDGER-checkpoints");
        let answer = api(&client, &request, Value::Null).await;
        assert!(
            answer.contains("no responders") || answer.contains("timed out"),
            "{answer}"
        );
    }
    assert_eq!(log.append(2, note("c")).await.unwrap(), 3);
    has(&reading, &["a", "b", "c"].map(note)).await;
}

/// The gateway made the stream, and not even it can take anything away again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateway_cannot_take_back_what_was_signed() {
    let server = Server::start();
    let log = create(&server).await;
    add(&log, &["a", "b"].map(note)).await;
    let gateway = connection(&settings(&server)).await.client().clone();
    for (request, body) in [
        ("STREAM.PURGE", ""),
        ("STREAM.DELETE", ""),
        ("STREAM.MSG.DELETE", r#"{"seq":1}"#),
        (
            "STREAM.UPDATE",
            r#"{"name":"LEDGER-checkpoints","max_msgs":1}"#,
        ),
        ("STREAM.RESTORE", "{}"),
    ] {
        let asked = async_nats::Request::new()
            .payload(body.into())
            .timeout(Some(std::time::Duration::from_millis(300)));
        let request = format!("$JS.API.{request}.LEDGER-checkpoints");
        let answer = gateway.send_request(request.clone(), asked).await;
        assert!(answer.is_err(), "{request}: {answer:?}");
    }
    has(&log, &["a", "b"].map(note)).await;
}

/// Consumers of the ledger meet nothing but events.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checkpoints_are_no_part_of_the_ledger() {
    let server = Server::start();
    let log = create(&server).await;
    add(&log, &[note("a")]).await;
    let settings = settings(&server);
    let store = NatsStore::open(&connection(&settings).await, &settings, None).await;
    assert_eq!(store.unwrap().head().await.unwrap().0, 0);
}

//! What nats-server does that a ledger must not fall for, each tried on the real server.

use std::fs;
use std::time::Duration;

use async_nats::{Client, HeaderMap};
use futures_util::future::join_all;
use serde_json::{Value, json};
use socai_store::{AppendError, EventStore, Position, ReadError, Recorded};
use socai_store_nats::{NatsStore, OpenError};
use uuid::Uuid;

use super::{
    Cluster, Server, api, connection, copy_dir, create, create_on, identity, own, settings, until,
};
use crate::store::{ALL, append};

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.insert(*name, *value);
    }
    headers
}

async fn publish(client: &Client, subject: &str, pairs: &[(&'static str, &str)]) -> Value {
    let subject = subject.to_owned();
    let answer = client
        .request_with_headers(subject, headers(pairs), "{}".into())
        .await
        .unwrap();
    serde_json::from_slice(&answer.payload).unwrap()
}

/// A request to the JetStream API that must be granted.
pub(super) async fn done(client: &Client, request: &str, body: Value) -> String {
    let answer = api(client, request, body).await;
    assert!(!answer.contains("\"error\""), "{request}: {answer}");
    answer
}

/// The labels of a well-formed event, as somebody else might write it.
fn labels(id: &str, revision: &'static str) -> Vec<(&'static str, String)> {
    let crc = format!("{:08x}", crc32c::crc32c(b"{}"));
    vec![
        ("Socai-Id", id.to_owned()),
        ("Socai-Revision", revision.to_owned()),
        ("Socai-Crc", crc),
    ]
}

async fn publish_event(client: &Client, subject: &str, labels: &[(&'static str, String)]) -> Value {
    let pairs: Vec<_> = labels
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    publish(client, subject, &pairs).await
}

/// A retry under one message id with a stale expectation is "wrong last sequence" on one server and
/// "duplicate" on three. The ledger gives its events no message ids, and answers both alike.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_is_answered_alike_by_one_server_and_by_three() {
    let (server, cluster) = (Server::start(), Cluster::start());
    let one = create(&server).await;
    let three = create_on(&cluster, "retry").await;
    for store in [&one, &three] {
        let asked = append("a", 0, [1]);
        assert_eq!(
            vec![Position(1)],
            store.append(asked.clone()).await.unwrap()
        );
        store.append(append("a", 1, [2])).await.unwrap();
        assert_eq!(vec![Position(1)], store.append(asked).await.unwrap());
    }
    let again = [
        ("Nats-Msg-Id", "x"),
        ("Nats-Expected-Last-Subject-Sequence", "0"),
    ];
    let raw = connection(&settings(&server)).await.client().clone();
    publish(&raw, "ledger.hanoi.a.b", &again).await;
    let answer = publish(&raw, "ledger.hanoi.a.b", &again).await;
    println!("one server answers a retry with {answer}");
    let raw = connection(&super::cluster_settings(&cluster, "retry"))
        .await
        .client()
        .clone();
    publish(&raw, "ledger.retry.a.b", &again).await;
    let answer = publish(&raw, "ledger.retry.a.b", &again).await;
    println!("three servers answer a retry with {answer}");
}

/// Two rivals of one subject on three servers, round after round, each with the headers that `one` and `other`
/// make of the last sequence. Answers in how many rounds both were let through.
async fn both_let_through(
    name: &str,
    one: impl Fn(&str) -> HeaderMap,
    other: impl Fn(&str) -> HeaderMap,
) -> u32 {
    let cluster = Cluster::start();
    drop(create_on(&cluster, name).await);
    let settings = super::cluster_settings(&cluster, name);
    let (left, right) = (connection(&settings).await, connection(&settings).await);
    let subject = format!("ledger.{name}.a.b");
    let (mut last, mut both) = ("0".to_owned(), 0);
    for _ in 0..300 {
        let race = [(left.client(), one(&last)), (right.client(), other(&last))];
        let answers = join_all(race.map(async |(client, headers)| {
            let answer = client
                .request_with_headers(subject.clone(), headers, "{}".into())
                .await;
            serde_json::from_slice::<Value>(&answer.unwrap().payload).unwrap()
        }));
        let answers = answers.await;
        let stored = answers.iter().filter(|answer| answer["error"].is_null());
        let stored: Vec<u64> = stored
            .map(|answer| answer["seq"].as_u64().unwrap())
            .collect();
        both += u32::from(stored.len() == 2);
        last = stored
            .iter()
            .max()
            .expect("nobody was let through")
            .to_string();
    }
    both
}

fn literal(last: &str) -> HeaderMap {
    headers(&[("Nats-Expected-Last-Subject-Sequence", last)])
}

/// An expectation on a literal subject lets one of two rivals through, always.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expectation_on_a_literal_subject_is_kept_on_three_servers() {
    assert_eq!(0, both_let_through("literal", literal, literal).await);
}

/// An expectation on a pattern lets both through, where the other rival does not use the same pattern. That is
/// why an event's type is not in its subject. It also shows that this race would show a literal one that fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expectation_on_a_pattern_is_not_what_the_ledger_relies_on() {
    let pattern = |last: &str| {
        headers(&[
            ("Nats-Expected-Last-Subject-Sequence", last),
            (
                "Nats-Expected-Last-Subject-Sequence-Subject",
                "ledger.pattern.a.*",
            ),
        ])
    };
    let both = both_let_through("pattern", literal, pattern).await;
    println!("with a pattern both rivals were let through in {both} of 300 rounds");
    assert!(
        both > 0,
        "the race shows nothing, or nats-server keeps patterns now"
    );
}

/// Publishes that name the sequences they hope for, one behind the other: an intruder takes the place of one,
/// which is refused, and all that follow are stored as if nothing had been.
#[tokio::test]
async fn a_pipeline_that_hopes_loses_one_and_goes_on() {
    let server = Server::start();
    drop(create(&server).await);
    let jetstream = connection(&settings(&server)).await.jetstream().clone();
    let publish = async |expected: Option<u64>| {
        let last = expected.map(|last| last.to_string()).unwrap_or_default();
        let hope = [("Nats-Expected-Last-Sequence", last.as_str())];
        let headers = headers(&hope[..usize::from(expected.is_some())]);
        let sent = jetstream.publish_with_headers("ledger.hanoi.obligation.x", headers, "x".into());
        sent.await.unwrap()
    };
    let mut sent = Vec::new();
    for hoped in 0..50 {
        if hoped == 20 {
            publish(None).await.await.unwrap();
        }
        sent.push(publish(Some(hoped)).await);
    }
    let answers = join_all(sent.into_iter().map(IntoFuture::into_future)).await;
    let refused: Vec<_> = (0..)
        .zip(&answers)
        .filter(|(_, answer)| answer.is_err())
        .collect();
    assert_eq!(1, refused.len(), "{refused:?}");
    assert_eq!(20, refused[0].0);
}

/// That is why the ledger never hopes: it has one append of a stream in flight, whoever else writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_publish_in_a_pipeline_leaves_no_hole_in_a_stream() {
    let server = Server::start();
    let store = create(&server).await;
    let intruder = connection(&settings(&server)).await.client().clone();
    let id = Uuid::from_u128(77).to_string();
    let clients = join_all((0..20_u128).map(async |client| {
        let stream = format!("c{client}");
        for revision in 0..10_u64 {
            let number = client * 1_000 + u128::from(revision);
            store
                .append(append(&stream, revision, [number]))
                .await
                .unwrap();
        }
    }));
    let labels = labels(&id, "1");
    let intrude = publish_event(&intruder, "ledger.hanoi.obligation.x", &labels);
    tokio::join!(clients, intrude);
    until("the intruder's event", async || {
        (store.last_position() == Position(201)).then_some(())
    })
    .await;
    assert_eq!(
        201,
        store.read_all(Position::ZERO, ALL).await.unwrap().len()
    );
    for client in 0..20 {
        let id = crate::store::stream(&format!("c{client}"));
        let read = store
            .read(&id, socai_store::Revision::NONE, ALL)
            .await
            .unwrap();
        assert!(read.is_sorted_by_key(|record: &Recorded| record.position) && read.len() == 10);
    }
}

/// A disk image from last week, a restored snapshot: to the server all is well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_copy_of_the_ledger_stops_whoever_saw_more() {
    let mut server = Server::start();
    let store = create(&server).await;
    store.append(append("a", 0, [1, 2])).await.unwrap();
    server.stop();
    let copy = tempfile::tempdir().unwrap();
    copy_dir(&server.store(), copy.path());
    server.start_again();
    let more = append("a", 2, [3, 4]);
    until("an append", async || store.append(more.clone()).await.ok()).await;
    let reached = store.reached();

    server.stop();
    fs::remove_dir_all(server.store()).unwrap();
    copy_dir(copy.path(), &server.store());
    server.start_again();

    let damage = until("the damage to be seen", async || store.damage().cloned()).await;
    assert_eq!(Position(3), damage.position);
    let read = store.read_all(Position::ZERO, ALL).await.unwrap_err();
    assert!(
        matches!(
            read,
            ReadError::Corrupt {
                position: Position(3),
                ..
            }
        ),
        "{read:?}"
    );
    let error = store.append(append("b", 0, [9])).await.unwrap_err();
    assert!(matches!(error, AppendError::Unavailable(_)), "{error:?}");
    let settings = settings(&server);
    let opened = NatsStore::open(&connection(&settings).await, &settings, reached).await;
    assert!(matches!(
        opened.err().unwrap(),
        OpenError::RolledBack { .. }
    ));
}

/// As above, but by the time that anybody looks somebody else has written a second history.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_history_of_the_same_length_is_known_by_its_ids() {
    let mut server = Server::start();
    let store = create(&server).await;
    store.append(append("a", 0, [1])).await.unwrap();
    server.stop();
    let copy = tempfile::tempdir().unwrap();
    copy_dir(&server.store(), copy.path());
    server.start_again();
    until("an append", async || {
        store.append(append("a", 1, [2])).await.ok()
    })
    .await;
    server.stop();
    let late = server.store();
    fs::remove_dir_all(&late).unwrap();
    copy_dir(copy.path(), &late);
    // The other history is made where the first process cannot see it.
    let aside = server.on_another_port();
    let other = {
        let settings = settings(&server);
        NatsStore::open(&connection(&settings).await, &settings, None)
            .await
            .unwrap()
    };
    other.append(append("b", 0, 11..=13)).await.unwrap();
    drop(other);
    server.stop();
    server.back_on(aside);
    let damage = until("the damage to be seen", async || store.damage().cloned()).await;
    assert_eq!(Position(2), damage.position);
}

/// A stream that could lose messages until a moment ago, with one of them gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hole_is_found_when_the_ledger_is_opened() {
    let server = Server::configured(own("sync_interval: always", ""));
    let store = create(&server).await;
    let client = connection(&settings(&server)).await.client().clone();
    let info = done(&client, "STREAM.INFO.LEDGER", json!({})).await;
    let info: Value = serde_json::from_str(&info).unwrap();
    drop(store);
    done(&client, "STREAM.DELETE.LEDGER", Value::Null).await;
    let mut config = info["config"].clone();
    config["deny_delete"] = json!(false);
    done(&client, "STREAM.CREATE.LEDGER", config.clone()).await;
    for number in 1..=3_u128 {
        let subject = format!("ledger.hanoi.obligation.{number}");
        publish_event(
            &client,
            &subject,
            &labels(&Uuid::from_u128(number).to_string(), "1"),
        )
        .await;
    }
    done(&client, "STREAM.MSG.DELETE.LEDGER", json!({ "seq": 2 })).await;
    config["deny_delete"] = json!(true);
    done(&client, "STREAM.UPDATE.LEDGER", config).await;

    let settings = settings(&server);
    let opened = NatsStore::open(&connection(&settings).await, &settings, None).await;
    match opened.err().unwrap() {
        OpenError::Damaged(damage) => assert_eq!(Position(2), damage.position),
        error => panic!("{error:?}"),
    }
}

/// What the gateway's password can do in other hands: the ledger stops there, and skips nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_no_event_stops_the_ledger() {
    let good = || labels(&Uuid::from_u128(50).to_string(), "1");
    let wrong: [(&str, Vec<(&'static str, String)>); 4] = [
        ("ledger.hanoi.obligation.a", vec![("Other", "x".to_owned())]),
        ("ledger.hanoi.Obligation.a", good()),
        ("ledger.hanoi.obligation.a", labels("no-uuid", "1")),
        (
            "ledger.hanoi.obligation.b",
            labels(&Uuid::from_u128(51).to_string(), "2"),
        ),
    ];
    for (subject, labels) in wrong {
        let server = Server::start();
        let store = create(&server).await;
        store.append(append("a", 0, [1])).await.unwrap();
        let client = connection(&settings(&server)).await.client().clone();
        publish_event(&client, subject, &labels).await;
        let damage = until("the damage to be seen", async || store.damage().cloned()).await;
        assert_eq!(Position(2), damage.position, "{damage}");
        let mut subscription = match store.subscribe(Position::ZERO).await {
            Ok(_) => panic!("a damaged ledger is handed out"),
            Err(error) => error,
        };
        assert!(matches!(&mut subscription, ReadError::Corrupt { .. }));
    }
}

/// Bytes that rotted where no checksum of the server's is looked at: ours is, on every read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_changed_are_told_by_the_read_that_meets_them() {
    let server = Server::start();
    let client = connection(&settings(&server)).await.client().clone();
    drop(create(&server).await);
    for number in 1..=1_100_u128 {
        let mut labels = labels(&Uuid::from_u128(number).to_string(), "1");
        if number == 5 {
            labels[2].1 = "00000000".to_owned();
        }
        publish_event(
            &client,
            &format!("ledger.hanoi.obligation.{number}"),
            &labels,
        )
        .await;
    }
    // Far behind, so only headers are looked at while it opens.
    let settings = settings(&server);
    let store = NatsStore::open(&connection(&settings).await, &settings, None)
        .await
        .unwrap();
    assert_eq!(&identity(), store.identity());
    let error = store.read_all(Position::ZERO, ALL).await.unwrap_err();
    assert!(
        matches!(
            error,
            ReadError::Corrupt {
                position: Position(5),
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(1_095, store.read_all(Position(5), ALL).await.unwrap().len());
}

/// Nothing that an append waits for may wait for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_ends_though_the_server_never_answers() {
    let server = Server::start();
    let mut settings = settings(&server);
    settings.request_timeout_ms = 200;
    drop(create(&server).await);
    let store = NatsStore::open(&connection(&settings).await, &settings, None)
        .await
        .unwrap();
    server.pause();
    let answer = tokio::time::timeout(Duration::from_secs(30), store.append(append("a", 0, [1])));
    answer.await.expect("it ends").unwrap_err();
    server.resume();
}

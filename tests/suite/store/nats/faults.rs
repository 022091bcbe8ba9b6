//! Servers that are killed, paused and restarted under load, and several gateways at once: nothing that was
//! acknowledged is lost or doubled, and of rivals one wins.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use socai_store::{Append, AppendError, EventStore, Position, Revision};
use socai_store_nats::{NatsStore, Settings};
use tokio::task::JoinHandle;

use super::{Cluster, Server, cluster_settings, connection, create, create_on, settings, until};
use crate::store::{ALL, all_numbers, append, event, guard, stream, write};

/// What one client was told: the number of each event of its stream, and its position.
type Told = Vec<(u128, Position)>;

/// A client that appends to a stream of its own until `stop`, and asks again for what it was not told.
fn client(store: Arc<NatsStore>, number: u128, stop: Arc<AtomicBool>) -> JoinHandle<Told> {
    tokio::spawn(async move {
        let mut told = Told::new();
        while !stop.load(Ordering::Relaxed) {
            let next = number * 1_000_000 + told.len() as u128;
            let asked = append(&format!("c{number}"), told.len() as u64, [next]);
            told.push((next, insist(&store, asked).await));
        }
        told
    })
}

/// Asks until the answer is certain, as whoever was told that the outcome is unknown should.
async fn insist(store: &NatsStore, asked: Append) -> Position {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match store.append(asked.clone()).await {
            Ok(given) => return given[0],
            Err(AppendError::Unavailable(_) | AppendError::Unknown(_)) => {
                assert!(Instant::now() < deadline, "nobody answers");
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}

struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Told>>,
}

impl Load {
    fn start(store: &Arc<NatsStore>, clients: u128) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |number| client(store.clone(), number, stop.clone());
        let clients = (1..=clients).map(client).collect();
        Self { stop, clients }
    }

    async fn end(self) -> Told {
        self.stop.store(true, Ordering::Relaxed);
        let mut told = Told::new();
        for client in self.clients {
            told.extend(client.await.unwrap());
        }
        told
    }
}

/// Waits until `count` more events are recorded.
async fn progress(store: &NatsStore, count: u64) {
    let enough = store.last_position().plus(count);
    until("progress", async || {
        (store.last_position() >= enough).then_some(())
    })
    .await;
}

/// Every event that was acknowledged is where it was said to be, once, and there is nothing else.
async fn expect_exactly(store: Arc<NatsStore>, mut told: Told) {
    told.sort_by_key(|(_, position)| *position);
    let expected: Vec<u128> = told.iter().map(|(number, _)| *number).collect();
    let places: Vec<u64> = told.iter().map(|(_, position)| position.0).collect();
    assert_eq!(
        (1..=told.len() as u64).collect::<Vec<_>>(),
        places,
        "positions have gaps"
    );
    let store: crate::store::Store = store;
    assert_eq!(expected, all_numbers(&store).await);
}

async fn open(settings: &Settings) -> Arc<NatsStore> {
    let connection = connection(settings).await;
    Arc::new(NatsStore::open(&connection, settings, None).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_a_server_that_is_killed_under_load() {
    let mut server = Server::start();
    let store = Arc::new(create(&server).await);
    let load = Load::start(&store, 8);
    for _ in 0..3 {
        progress(&store, 300).await;
        server.kill9();
        let down = Instant::now();
        server.start_again();
        progress(&store, 1).await;
        println!("recovered in {:?}", down.elapsed());
    }
    let told = load.end().await;
    expect_exactly(store, told.clone()).await;
    expect_exactly(open(&settings(&server)).await, told).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_the_loss_of_each_server_of_three() {
    let mut cluster = Cluster::start();
    let store = Arc::new(create_on(&cluster, "killed").await);
    let load = Load::start(&store, 8);
    for name in ["n1", "n2", "n3"] {
        progress(&store, 300).await;
        let down = Instant::now();
        cluster.server(name).kill9();
        progress(&store, 100).await;
        println!("{name} killed: went on after {:?}", down.elapsed());
        cluster.server(name).start_again();
    }
    let told = load.end().await;
    expect_exactly(store, told.clone()).await;
    let settings = cluster_settings(&cluster, "killed");
    let again = until("a server that leads", async || {
        let connection = connection(&settings).await;
        NatsStore::open(&connection, &settings, None).await.ok()
    });
    expect_exactly(Arc::new(again.await), told).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_silent_leaves_the_outcome_unknown_and_asking_again_is_safe() {
    let server = Server::start();
    let mut settings = settings(&server);
    settings.request_timeout_ms = 300;
    drop(create(&server).await);
    let store = open(&settings).await;
    store.append(append("a", 0, [1])).await.unwrap();

    server.pause();
    let error = store.append(append("a", 1, [2])).await.unwrap_err();
    assert!(matches!(error, AppendError::Unknown(_)), "{error:?}");
    server.resume();

    let asked = append("a", 1, [2]);
    let given = until("an answer", async || store.append(asked.clone()).await.ok()).await;
    assert_eq!(vec![Position(2)], given);
    let store: crate::store::Store = store;
    assert_eq!(vec![1, 2], all_numbers(&store).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_gone_recorded_nothing_and_says_so() {
    let mut server = Server::start();
    let mut settings = settings(&server);
    settings.request_timeout_ms = 300;
    drop(create(&server).await);
    let store = open(&settings).await;
    server.kill9();
    let error = until("an error that is certain", async || {
        match store.append(append("a", 0, [1])).await.unwrap_err() {
            error @ AppendError::Unavailable(_) => Some(error),
            AppendError::Unknown(_) => None,
            error => panic!("{error:?}"),
        }
    });
    println!("{}", super::chain(&error.await));
}

/// Two gateways race for every revision of one stream.
async fn expect_one_winner(one: Arc<NatsStore>, other: Arc<NatsStore>, rounds: u64) {
    for revision in 0..rounds {
        let rivals = [&one, &other]
            .into_iter()
            .enumerate()
            .map(|(rival, store)| {
                let number = u128::from(revision) * 2 + rival as u128;
                let store = store.clone();
                tokio::spawn(async move { store.append(append("a", revision, [number])).await })
            });
        let mut won = 0;
        for rival in rivals.collect::<Vec<_>>() {
            match rival.await.unwrap() {
                Ok(_) => won += 1,
                Err(error) => assert!(matches!(error, AppendError::Conflict { .. }), "{error:?}"),
            }
        }
        assert_eq!(1, won, "at revision {}", revision + 1);
    }
    assert_eq!(rounds, one.last_position().0.max(other.last_position().0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_gateways_at_one_revision_one_wins_on_one_server() {
    let server = Server::start();
    let one = Arc::new(create(&server).await);
    expect_one_winner(one, open(&settings(&server)).await, 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_gateways_at_one_revision_one_wins_on_three_servers() {
    let cluster = Cluster::start();
    let one = Arc::new(create_on(&cluster, "rivals").await);
    expect_one_winner(one, open(&cluster_settings(&cluster, "rivals")).await, 200).await;
}

/// Each of two appends writes one stream and holds on to the other: both together would be a state that
/// neither decided on.
async fn expect_guards_hold(one: Arc<NatsStore>, other: Arc<NatsStore>, rounds: u64) {
    let (mut a, mut b) = (0, 0);
    let mut lost = 0;
    for round in 0..rounds {
        let guarded = |writes: &str, at: u64, holds: &str, held: u64, number: u64| Append {
            writes: vec![write(writes, at, [u128::from(number)])],
            guards: vec![guard(holds, held)],
        };
        let (left, right) = (
            guarded("a", a, "b", b, round * 2),
            guarded("b", b, "a", a, round * 2 + 1),
        );
        let (left, right) = tokio::join!(one.append(left), other.append(right));
        assert!(
            !(left.is_ok() && right.is_ok()),
            "both held in round {round}"
        );
        for answer in [&left, &right] {
            assert!(
                matches!(answer, Ok(_) | Err(AppendError::Conflict { .. })),
                "{answer:?}"
            );
        }
        lost += u64::from(left.is_err() && right.is_err());
        (a, b) = (a + u64::from(left.is_ok()), b + u64::from(right.is_ok()));
    }
    assert_eq!(
        0, lost,
        "in these rounds both were refused, though one could have been first"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guards_hold_against_another_gateway_on_one_server() {
    let server = Server::start();
    let one = Arc::new(create(&server).await);
    expect_guards_hold(one, open(&settings(&server)).await, 100).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guards_hold_against_another_gateway_on_three_servers() {
    let cluster = Cluster::start();
    let one = Arc::new(create_on(&cluster, "guards").await);
    expect_guards_hold(one, open(&cluster_settings(&cluster, "guards")).await, 200).await;
}

/// One writes what the other has not seen yet: whoever knows more is not refused by whoever knows less.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_learns_what_another_wrote() {
    let server = Server::start();
    let one = create(&server).await;
    let other = open(&settings(&server)).await;
    for revision in 0..100 {
        let writer: &dyn EventStore = if revision % 2 == 0 {
            &one
        } else {
            other.as_ref()
        };
        writer
            .append(append("a", revision, [u128::from(revision)]))
            .await
            .unwrap();
    }
    // Its reads go as far as it knows, which is as far as it was told.
    until("the last event", async || {
        (one.last_position() == Position(100)).then_some(())
    })
    .await;
    let read = one.read(&stream("a"), Revision::NONE, ALL).await;
    assert_eq!(100, read.unwrap().len());
}

/// A crowd on one server is more than is worth publishing one by one, so it shares batches; one of them is
/// bound to be refused, and only that one is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conflict_in_a_crowd_is_told_to_whoever_has_it() {
    let server = Server::start();
    let one = Arc::new(create(&server).await);
    let other = open(&settings(&server)).await;
    let crowd = (0..400_u64).map(|number| {
        let (one, id) = (one.clone(), format!("s{number}"));
        tokio::spawn(async move { one.append(append(&id, 0, [u128::from(number)])).await })
    });
    let crowd: Vec<_> = crowd.collect();
    let taken = other
        .append(Append::to(
            stream("s399"),
            Revision::NONE,
            vec![event(9_999)],
        ))
        .await;
    let mut refused = 0;
    for member in crowd {
        refused += u64::from(member.await.unwrap().is_err());
    }
    assert_eq!(u64::from(taken.is_ok()), refused);
    until("both to know all", async || {
        (one.last_position() == other.last_position()).then_some(())
    })
    .await;
    assert_eq!(Position(400), one.last_position());
}

/// How long it takes to open is the reader's time to wait after every restart.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_ledger_opens_with_its_headers_alone() {
    let server = Server::start();
    let store = create(&server).await;
    for batch in 0..20_u64 {
        let numbers = batch * 1_000..(batch + 1) * 1_000;
        store
            .append(append("a", batch * 1_000, numbers.map(u128::from)))
            .await
            .unwrap();
    }
    let started = Instant::now();
    let again = open(&settings(&server)).await;
    println!("20,000 events opened in {:?}", started.elapsed());
    assert_eq!(Position(20_000), again.last_position());
    assert!(started.elapsed() < Duration::from_secs(20));
    let store: crate::store::Store = again;
    assert_eq!(20_000, all_numbers(&store).await.len());
}

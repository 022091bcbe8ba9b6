//! What the ledger on JetStream costs, beside what the raw client does with the same server.
//!
//! Each pair runs in the same round on the same server with the same options: sync always, one and three
//! replicas, messages of 400 bytes. The ratio of the medians counts, against a budget of 0.90; absolute
//! numbers drift with the machine. `--test` only wants to know that it runs.
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that unwraps fails with a place"
)]

#[path = "../servers/mod.rs"]
mod servers;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use servers::nats::{Cluster, Server};
use socai_store::{Append, EventStore, NewEvent, Revision, StreamId};
use socai_store_nats::{Connection, Identity, Login, NatsStore, OpenError, Settings, connect};
use tokio::runtime::Runtime;
use uuid::Uuid;

const BATCH: u64 = 1_000;
const PAYLOAD: Bytes = Bytes::from_static(&[b'x'; 400]);

/// How long each case runs, and how many rounds there are.
#[derive(Clone, Copy)]
struct Effort {
    case: Duration,
    rounds: usize,
}

fn main() {
    let brief = std::env::args().any(|argument| argument == "--test");
    let effort = match brief {
        true => Effort {
            case: Duration::from_millis(50),
            rounds: 1,
        },
        false => Effort {
            case: Duration::from_secs(2),
            rounds: 5,
        },
    };
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let server = Server::start();
        compare("one server", vec![server.url()], &server, 1, effort).await;
        drop(server);
        let cluster = Cluster::start();
        compare(
            "three servers",
            cluster.urls(),
            &cluster.servers[0],
            3,
            effort,
        )
        .await;
    });
}

/// A ledger and, beside it, a stream of the same options for the raw client.
struct Pair {
    store: Arc<NatsStore>,
    raw: Connection,
    number: AtomicU64,
}

async fn compare(what: &str, urls: Vec<String>, server: &Server, replicas: usize, effort: Effort) {
    let settings = |stream: &str, prefix: &str| {
        let mut settings = Settings::new(&server.url(), stream, prefix);
        settings.servers.clone_from(&urls);
        settings.replicas = replicas;
        settings.login = user(server, "gateway");
        settings.system = Some(user(server, "auditor"));
        settings
    };
    let store = create(&settings("LEDGER", "ledger.hanoi")).await;
    let beside = settings("BESIDE", "ledger.raw");
    drop(create(&beside).await);
    let raw = connect(&beside).await.unwrap();
    let pair = Pair {
        store: Arc::new(store),
        raw,
        number: AtomicU64::new(0),
    };
    println!("\n{what}");
    for clients in [1, 64, 512] {
        let (mut raw, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..effort.rounds {
            raw.push(pair.raw_publishes(clients, effort.case).await);
            ours.push(pair.appends(clients, effort.case).await);
        }
        report(
            &format!("{clients} at once: events"),
            median(raw),
            median(ours),
        );
    }
    let (mut raw, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        raw.push(pair.raw_batches(effort.case).await);
        ours.push(pair.bulk(effort.case).await);
    }
    report("batches of 1,000: events", median(raw), median(ours));
}

fn report(case: &str, raw: f64, ours: f64) {
    let ratio = ours / raw;
    println!(
        "{case:<28} raw {raw:>9.0} /s   append {ours:>9.0} /s   {ratio:.2} × raw (budget 0.90)"
    );
}

fn user(server: &Server, name: &str) -> Login {
    let (user, password) = (Some(name.to_owned()), Some(server.password(name)));
    Login {
        user,
        password,
        ..Login::default()
    }
}

async fn create(settings: &Settings) -> NatsStore {
    let connection = connect(settings).await.unwrap();
    let identity = Identity::new(Uuid::from_u128(7), "bench").unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match NatsStore::create(&connection, settings, &identity).await {
            Ok(store) => return store,
            Err(OpenError::Unavailable(_)) if Instant::now() < deadline => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}

impl Pair {
    fn number(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    async fn raw_publishes(&self, clients: usize, time: Duration) -> f64 {
        let started = Instant::now();
        let client = async || {
            let subject = format!("ledger.raw.bench.{}", self.number());
            let mut count = 0_u64;
            while started.elapsed() < time {
                let ack = self.raw.jetstream().publish(subject.clone(), PAYLOAD).await;
                ack.unwrap().await.unwrap();
                count += 1;
            }
            count
        };
        let counts = join_all((0..clients).map(|_| client())).await;
        rate(counts.iter().sum(), started)
    }

    async fn appends(&self, clients: usize, time: Duration) -> f64 {
        let started = Instant::now();
        let client = async || {
            let stream = StreamId::new("bench", &self.number().to_string()).unwrap();
            let mut count = 0;
            while started.elapsed() < time {
                let append = Append::to(stream.clone(), Revision(count), vec![event()]);
                self.store.append(append).await.unwrap();
                count += 1;
            }
            count
        };
        let counts = join_all((0..clients).map(|_| client())).await;
        rate(counts.iter().sum(), started)
    }

    async fn raw_batches(&self, time: Duration) -> f64 {
        let started = Instant::now();
        let subject = format!("ledger.raw.bench.{}", self.number());
        let mut count = 0;
        while started.elapsed() < time {
            self.raw_batch(&subject).await;
            count += BATCH;
        }
        rate(count, started)
    }

    async fn raw_batch(&self, subject: &str) {
        let client = self.raw.client();
        let id = Uuid::now_v7().to_string();
        for sequence in 1..=BATCH {
            let mut headers = async_nats::HeaderMap::new();
            headers.insert("Nats-Batch-Id", id.as_str());
            headers.insert("Nats-Batch-Sequence", sequence.to_string());
            let to = subject.to_owned();
            if sequence < BATCH {
                client
                    .publish_with_headers(to, headers, PAYLOAD)
                    .await
                    .unwrap();
            } else {
                headers.insert("Nats-Batch-Commit", "1");
                let answer = client
                    .request_with_headers(to, headers, PAYLOAD)
                    .await
                    .unwrap();
                let answer = String::from_utf8_lossy(&answer.payload).into_owned();
                assert!(answer.contains("\"count\":1000"), "{answer}");
            }
        }
    }

    async fn bulk(&self, time: Duration) -> f64 {
        let started = Instant::now();
        let stream = StreamId::new("bench", &self.number().to_string()).unwrap();
        let mut count = 0;
        while started.elapsed() < time {
            let events = (0..BATCH).map(|_| event()).collect();
            let append = Append::to(stream.clone(), Revision(count), events);
            self.store.append(append).await.unwrap();
            count += BATCH;
        }
        rate(count, started)
    }
}

fn event() -> NewEvent {
    NewEvent {
        id: Uuid::now_v7(),
        bytes: PAYLOAD,
    }
}

#[allow(clippy::cast_precision_loss, reason = "rates are read by people")]
fn rate(count: u64, started: Instant) -> f64 {
    count as f64 / started.elapsed().as_secs_f64()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

//! What it costs to keep the image's rows in PostgreSQL, beside what the server can take at most.
//!
//! A simulated city is projected into a server with `fsync` on, in the two ways there are: a rebuild fills
//! tables that have no index yet, and a projector catches up in tables that have. The limit beside them is a
//! bare COPY of the same bytes into the same tables, with nothing decided and no index.
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that unwraps fails with a place"
)]

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt, TryStreamExt};
use jiff::civil::date;
use socai_app::import::{Happened, append_all};
use socai_app::ledger::{Founding, Ledger};
use socai_domain::id::AccountId;
use socai_domain::line::Line;
use socai_domain::origin::{Origin, VIETNAM};
use socai_ledger::{Fact, Image};
use socai_simulate::{Plan, Simulation};
use socai_store::{EventStore, Position};
use socai_store_memory::MemoryStore;
use socai_view_postgres::{Projector, Settings, Stage, Status, migrate, rebuild};
use tokio::sync::{oneshot, watch};
use tokio_postgres::Client;
use uuid::Uuid;

#[allow(dead_code, reason = "shared with the tests, which ask more of it")]
#[path = "../servers/postgres.rs"]
mod postgres;

use postgres::Postgres;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Store = Arc<dyn EventStore>;

const EVENTS: u64 = 500_000;
const ROUNDS: usize = 3;

fn main() {
    let brief = std::env::args().any(|argument| argument == "--test");
    let (events, rounds) = if brief { (5_000, 1) } else { (EVENTS, ROUNDS) };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(measure(events, rounds));
}

async fn measure(events: u64, rounds: usize) {
    let store = city(events).await;
    let events = store.head().await.unwrap().0;
    println!(
        "{events} events; fold alone {}",
        rate(events, fold(&store).await)
    );
    for round in 1..=rounds {
        let (rebuilt, stages, copied, bytes) = by_rebuild(&store).await;
        let caught_up = by_projector(&store).await;
        println!("round {round}");
        println!("  rebuild               {}", rate(events, rebuilt));
        for (stage, took) in stages {
            println!(
                "    {:<12} {:>10.2} s",
                format!("{stage:?}"),
                took.as_secs_f64()
            );
        }
        println!("  catch-up, with indexes{}", rate(events, caught_up));
        println!(
            "  bare COPY             {}, {} MB",
            rate(events, copied),
            bytes >> 20
        );
        println!(
            "  of bare COPY          {:>10.2} rebuild, {:.2} catch-up",
            copied.as_secs_f64() / rebuilt.as_secs_f64(),
            copied.as_secs_f64() / caught_up.as_secs_f64()
        );
    }
}

fn rate(events: u64, took: Duration) -> String {
    format!(
        "{:>10.0} events/s ({:.2} s)",
        events as f64 / took.as_secs_f64(),
        took.as_secs_f64()
    )
}

async fn city(events: u64) -> Store {
    let plan = Plan {
        units: 600,
        years: 5,
        seed: 7,
        events: Some(events),
    };
    let store: Store = Arc::new(MemoryStore::default());
    let founding = Founding {
        id: Uuid::from_u128(1),
        origin: Line::new("thanh-pho").unwrap(),
        claims_stand_after_days: Some(9),
        simulated_clock: true,
        log_key: None,
    };
    let day = date(2013, 12, 1).to_zoned(jiff::tz::TimeZone::fixed(VIETNAM));
    let first = Origin {
        actor: AccountId::new("operator").unwrap(),
        at: day.unwrap().timestamp(),
    };
    Ledger::found(store.clone(), &founding, &first)
        .await
        .unwrap();
    let happened = Simulation::new(plan)
        .unwrap()
        .events()
        .map(|told| Happened {
            command: Uuid::from_u128(u128::from(told.step) + 1_000),
            subject: told.subject,
            effective: told.effective,
            recorded: told.recorded,
            actor: told.actor,
            event: told.event,
            synthetic: true,
        });
    append_all(&store, "/thanh-pho", happened, |_| {})
        .await
        .unwrap();
    store
}

async fn fold(store: &Store) -> Duration {
    let all = NonZeroU32::new(u32::MAX).unwrap();
    let records = store.read_all(Position::ZERO, all).await.unwrap();
    let (started, mut image) = (Instant::now(), Image::new());
    for record in &records {
        image.fold(&Fact::decode(record).unwrap()).unwrap();
    }
    started.elapsed()
}

type Stages = Vec<(Stage, Duration)>;

/// How long a rebuild takes, and a COPY of what it made.
async fn by_rebuild(store: &Store) -> (Duration, Stages, Duration, usize) {
    let postgres = Postgres::start().await;
    let settings = settings(&postgres);
    migrate(&settings).await.unwrap();
    let (started, mut began) = (Instant::now(), Vec::new());
    let rebuilt = rebuild(store.clone(), &settings, |progress| {
        if began
            .last()
            .is_none_or(|(stage, _)| *stage != progress.stage)
        {
            began.push((progress.stage, started.elapsed()));
        }
    });
    let schema = rebuilt.await.unwrap().schema;
    let took = started.elapsed();
    let ends: Vec<Duration> = began
        .iter()
        .skip(1)
        .map(|(_, at)| *at)
        .chain([took])
        .collect();
    let stages = began
        .iter()
        .zip(ends)
        .map(|((stage, at), end)| (*stage, end - *at));
    let (copied, bytes) = copy(&postgres.session("postgres").await, &schema).await;
    (took, stages.collect(), copied, bytes)
}

async fn by_projector(store: &Store) -> Duration {
    let postgres = Postgres::start().await;
    let settings = settings(&postgres);
    migrate(&settings).await.unwrap();
    let (sender, mut status) = watch::channel(Status::default());
    let (stop, stopped) = oneshot::channel::<()>();
    let projector = Projector::new(store.clone(), settings);
    let started = Instant::now();
    let running = tokio::spawn(projector.run(sender, async { drop(stopped.await) }));
    let head = store.head().await.unwrap();
    status
        .wait_for(|status| status.position >= head)
        .await
        .unwrap();
    let took = started.elapsed();
    drop(stop);
    running.await.unwrap().unwrap();
    took
}

fn settings(postgres: &Postgres) -> Settings {
    let batch_records_max = Settings::default().batch_records_max;
    Settings {
        batch_records_max,
        ..postgres.settings()
    }
}

/// Copies the rows of `schema` into tables of the same form, in one transaction.
async fn copy(client: &Client, schema: &str) -> (Duration, usize) {
    let named = "SELECT tablename::text FROM pg_tables WHERE schemaname = $1";
    let names = client.query(named, &[&schema]).await.unwrap();
    let mut tables: Vec<(String, Vec<Bytes>)> = Vec::new();
    client.batch_execute("CREATE SCHEMA bare").await.unwrap();
    for name in names.iter().map(|row| row.get::<_, String>(0)) {
        let make = format!("CREATE TABLE bare.{name} (LIKE {schema}.{name})");
        client.batch_execute(&make).await.unwrap();
        let read = format!("COPY {schema}.{name} TO STDOUT (FORMAT binary)");
        let rows = client.copy_out(&read).await.unwrap();
        tables.push((name, rows.try_collect().await.unwrap()));
    }
    let bytes = tables
        .iter()
        .flat_map(|(_, rows)| rows)
        .map(Bytes::len)
        .sum();
    let started = Instant::now();
    client.batch_execute("BEGIN").await.unwrap();
    for (name, rows) in tables {
        let write = format!("COPY bare.{name} FROM STDIN (FORMAT binary)");
        let mut sink = Box::pin(client.copy_in(&write).await.unwrap());
        for piece in together(rows) {
            sink.send(piece).await.unwrap();
        }
        sink.as_mut().finish().await.unwrap();
    }
    client.batch_execute("COMMIT").await.unwrap();
    (started.elapsed(), bytes)
}

/// Rows come one by one; they go in pieces as large as those of the projection.
fn together(rows: Vec<Bytes>) -> Vec<Bytes> {
    let all = rows.concat();
    let pieces = all.chunks(256 * 1024);
    pieces.map(Bytes::copy_from_slice).collect()
}

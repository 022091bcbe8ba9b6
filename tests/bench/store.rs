//! What the stores cost, beside what the disk under them can do.
//!
//! Criterion measures each case; a table at the end sets them against the raw
//! `fdatasync` rate of the same disk in the same run, and against the budgets.
//! Ratios count; absolute numbers drift with the machine.
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that unwraps fails with a place"
)]

use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{Criterion, Throughput};
use socai_store::envelope::{self, Envelope};
use socai_store::{Append, EventStore, NewEvent, Position, Revision, StreamId};
use socai_store_segment::{Identity, SegmentStore};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

const CLIENTS: u64 = 64;
const BATCH: u64 = 1_000;
const SCANNED: u64 = 500_000;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    measure(&mut criterion);
    criterion.final_summary();
    // `cargo test --benches` only wants to know that it runs.
    if !std::env::args().any(|argument| argument == "--test") {
        compare();
    }
}

fn measure(criterion: &mut Criterion) {
    let runtime = runtime();
    let mut group = criterion.benchmark_group("store");
    group.throughput(Throughput::Elements(1));
    group.bench_function("raw fdatasync of 400 bytes", |bench| {
        bench.iter_custom(raw_syncs)
    });
    group.bench_function("append, 1 client", |bench| {
        bench.iter_custom(|count| appends(&runtime, 1, count));
    });
    group.bench_function("append, 64 clients", |bench| {
        bench.iter_custom(|count| appends(&runtime, CLIENTS, count));
    });
    group.throughput(Throughput::Elements(BATCH));
    group.bench_function("append, batches of 1,000", |bench| {
        bench.iter_custom(|count| batches(&runtime, count));
    });
    let ledger = ledger(&runtime, SCANNED / 10);
    group.throughput(Throughput::Elements(SCANNED / 10));
    group.bench_function("scan", |bench| bench.iter(|| scan(ledger.path())));
    group.bench_function("scan and parse", |bench| {
        bench.iter(|| scan_and_parse(ledger.path()))
    });
    let record = record(1);
    group.throughput(Throughput::Elements(1));
    group.bench_function("parse an envelope", |bench| {
        bench.iter(|| envelope::parse(black_box(&record)).unwrap());
    });
    group.finish();
}

/// Five rounds, each of everything, so that a disk that is slow for a while is
/// slow for all; the median of each.
fn compare() {
    let runtime = runtime();
    let cases: [&dyn Fn() -> f64; 4] = [
        &|| rate(8_000, raw_syncs(8_000)),
        &|| rate(8_000, appends(&runtime, 1, 8_000)),
        &|| rate(200_000, appends(&runtime, CLIENTS, 200_000)),
        &|| rate(200 * BATCH, batches(&runtime, 200)),
    ];
    let mut rounds: [Vec<f64>; 4] = Default::default();
    for _ in 0..5 {
        for (case, rates) in cases.iter().zip(&mut rounds) {
            rates.push(case());
        }
    }
    let [raw, one, many, bulk] = rounds.map(median);
    let ledger = ledger(&runtime, SCANNED);
    let timed = |work: &dyn Fn(&Path) -> u64| {
        let started = Instant::now();
        assert_eq!(SCANNED, work(ledger.path()));
        rate(SCANNED, started.elapsed())
    };
    println!("\nraw fdatasync                     {raw:>12.0} /s");
    println!(
        "append, 1 client                  {one:>12.0} /s   {:.2} × raw (budget 0.80)",
        one / raw
    );
    println!("append, 64 clients                {many:>12.0} /s   (budget 50,000)");
    println!("append, batches of 1,000: events  {bulk:>12.0} /s   (budget 100,000)");
    println!(
        "open: events                      {:>12.0} /s",
        timed(&open)
    );
    println!(
        "open and scan: events             {:>12.0} /s",
        timed(&scan)
    );
    println!(
        "open, scan and parse: events      {:>12.0} /s   (budget, with fold, 1,000,000)",
        timed(&scan_and_parse)
    );
    println!(
        "verify: events                    {:>12.0} /s   (budget 500,000)",
        timed(&verify)
    );
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn rate(count: u64, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// On the disk that the build is on, which a temporary directory may not be.
fn directory() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// What the disk can do: a small write into zeros that are there, and a sync.
fn raw_syncs(count: u64) -> Duration {
    let dir = directory();
    let file = File::create(dir.path().join("raw")).unwrap();
    let bytes = [b'x'; 400];
    let zeros = vec![0; (count as usize + 1) * bytes.len()];
    file.write_all_at(&zeros, 0).unwrap();
    file.sync_all().unwrap();
    let started = Instant::now();
    for at in 0..count {
        file.write_all_at(&bytes, at * bytes.len() as u64).unwrap();
        file.sync_data().unwrap();
    }
    started.elapsed()
}

fn create(dir: &Path) -> Arc<SegmentStore> {
    let identity = Identity::new(Uuid::from_u128(1), "bench").unwrap();
    Arc::new(SegmentStore::create(dir, &identity).unwrap())
}

fn stream(number: u64) -> StreamId {
    StreamId::new("obligation", &format!("bc-2019-{number:08}")).unwrap()
}

/// A record of about 400 bytes.
fn record(number: u64) -> Bytes {
    let data = r#"{"unit":"ubnd-phuong-hang-bac","number":"17/BC-UBND","received":"2019-04-10"}"#;
    let record = envelope::compose(&Envelope {
        id: id(number),
        source: "/hanoi".into(),
        event_type: "report.submitted.v1".into(),
        subject: "obligation.bc-2019-00000042".into(),
        time: jiff::civil::date(2019, 4, 10).at(0, 0, 0, 0),
        recorded_time: "2026-11-23T05:00:00.123Z".parse().unwrap(),
        revision: Revision(3),
        actor: "hang-bac-van-thu".into(),
        correlation_id: Uuid::from_u128(2),
        synthetic: false,
        data,
    });
    record.into()
}

fn id(number: u64) -> Uuid {
    Uuid::from_u128(0x019d_2f3a_9c1e_7000_8000_0000_0000_0000 | u128::from(number))
}

fn event(number: u64) -> NewEvent {
    NewEvent {
        id: id(number),
        bytes: record(number),
    }
}

/// `count` appends of one event by `clients` that each wait for their answer.
fn appends(runtime: &Runtime, clients: u64, count: u64) -> Duration {
    let dir = directory();
    let store = create(dir.path());
    let each = count.div_ceil(clients);
    let prepared: Vec<Vec<Append>> = (0..clients)
        .map(|client| {
            let one = |at: u64| vec![event(client * each + at)];
            (0..each)
                .map(|at| Append::to(stream(client), Revision(at), one(at)))
                .collect()
        })
        .collect();
    let started = Instant::now();
    runtime.block_on(async {
        let client = |appends: Vec<Append>| {
            let store = store.clone();
            tokio::spawn(async move {
                for append in appends {
                    store.append(append).await.unwrap();
                }
            })
        };
        for client in prepared.into_iter().map(client).collect::<Vec<_>>() {
            client.await.unwrap();
        }
    });
    // Clients share the count by rounding up.
    started
        .elapsed()
        .mul_f64(count as f64 / (each * clients) as f64)
}

fn batch(number: u64) -> Append {
    let events = (number * BATCH..(number + 1) * BATCH).map(event);
    Append::to(stream(number), Revision::NONE, events.collect())
}

fn batches(runtime: &Runtime, count: u64) -> Duration {
    let dir = directory();
    let store = create(dir.path());
    let prepared: Vec<_> = (0..count).map(batch).collect();
    let started = Instant::now();
    runtime.block_on(async {
        for append in prepared {
            store.append(append).await.unwrap();
        }
    });
    started.elapsed()
}

/// A ledger of `count` events, five to a stream, one to a frame.
fn ledger(runtime: &Runtime, count: u64) -> TempDir {
    let dir = directory();
    let store = create(dir.path());
    runtime.block_on(async {
        for revision in 0..5 {
            let mut waiting = Vec::new();
            for at in 0..count / 5 {
                let one = Append::to(
                    stream(at),
                    Revision(revision),
                    vec![event(at * 5 + revision)],
                );
                let store = store.clone();
                waiting.push(tokio::spawn(
                    async move { store.append(one).await.unwrap() },
                ));
            }
            for append in waiting {
                append.await.unwrap();
            }
        }
    });
    dir
}

fn open(dir: &Path) -> u64 {
    SegmentStore::open(dir).unwrap().last_position().0
}

fn scan(dir: &Path) -> u64 {
    let store = SegmentStore::open(dir).unwrap();
    store
        .scan(Position::ZERO)
        .map(|chunk| black_box(chunk.unwrap()).len() as u64)
        .sum()
}

fn scan_and_parse(dir: &Path) -> u64 {
    let store = SegmentStore::open(dir).unwrap();
    let mut count = 0;
    for chunk in store.scan(Position::ZERO) {
        for (_, record) in chunk.unwrap().iter() {
            count += u64::from(envelope::parse(black_box(record)).unwrap().revision == Revision(3));
        }
    }
    count
}

fn verify(dir: &Path) -> u64 {
    SegmentStore::verify(dir, |_| {}).unwrap().position
}

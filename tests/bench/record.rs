//! What recording costs from the line of JSON to the durable event, and opening a large ledger, beside
//! the disk's own `fdatasync` rate in the same run.
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that unwraps fails with a place"
)]

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use socai_app::ledger::{Founding, Ledger, Outcome};
use socai_app::request::{self, Request};
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_simulate::{Plan, Simulation};
use socai_store::EventStore;
use socai_store_segment::{Identity, SegmentStore};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Lines recorded together, as the command line does.
const TOGETHER: usize = 4_096;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let short = std::env::args().any(|argument| argument == "--test");
    let lines = lines(if short { 2_000 } else { 100_000 });
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let mut group = criterion.benchmark_group("record");
    group.throughput(Throughput::Elements(lines.len() as u64));
    group.bench_function("lines in, durable events out", |bench| {
        bench.iter_custom(|rounds| (0..rounds).map(|_| record(&runtime, &lines).0).sum());
    });
    group.finish();
    criterion.final_summary();
    if !short {
        compare(&runtime, &lines);
    }
}

/// A simulated city's commands as NDJSON lines, each with the instant at which it is recorded.
fn lines(events: u64) -> Vec<(String, Origin)> {
    let plan = Plan {
        units: 200,
        years: 3,
        seed: 11,
        events: Some(events),
    };
    let line = |step: socai_simulate::Step| {
        let origin = Origin {
            actor: step.actor,
            at: step.recorded,
        };
        let request = Request {
            command: step.command,
            effective: step.effective,
            synthetic: true,
            id: None,
            actor: None,
        };
        (request::compose(&request), origin)
    };
    Simulation::new(plan).unwrap().map(line).collect()
}

/// Reads, decides, appends and folds every line; how long it took, and how many events there are.
fn record(runtime: &Runtime, lines: &[(String, Origin)]) -> (Duration, u64) {
    let dir = tempfile::tempdir().unwrap();
    let identity = Identity::new(Uuid::nil(), "hanoi").unwrap();
    let store: Arc<dyn EventStore> = Arc::new(SegmentStore::create(dir.path(), &identity).unwrap());
    let founding = Founding {
        origin: Line::new("hanoi").unwrap(),
        claims_stand_after_days: None,
        simulated_clock: true,
        log_key: None,
        id: Uuid::nil(),
    };
    runtime.block_on(async {
        let mut ledger = Ledger::found(store, &founding, &lines[0].1).await.unwrap();
        let begun = Instant::now();
        for together in lines.chunks(TOGETHER) {
            let read = |(line, origin): &(String, Origin)| {
                (request::parse(line.as_bytes()).unwrap(), origin.clone())
            };
            let asked: Vec<_> = together.iter().map(read).collect();
            let batch = ledger.record(&asked).await.unwrap();
            let good = |outcome: &Outcome| matches!(outcome, Outcome::Recorded(_));
            assert!(
                batch.outcomes.iter().all(good),
                "a simulated step is refused"
            );
        }
        (begun.elapsed(), ledger.image().position().0 - 1)
    })
}

/// Five rounds of both, so that a disk that is slow for a while is slow for both; the median of each.
fn compare(runtime: &Runtime, lines: &[(String, Origin)]) {
    let (mut raw, mut recorded) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        raw.push(2_000.0 / raw_syncs(2_000).as_secs_f64());
        let (elapsed, events) = record(runtime, lines);
        recorded.push(events as f64 / elapsed.as_secs_f64());
    }
    println!(
        "\nraw fdatasync of 400 bytes       {:>12.0} /s",
        median(raw)
    );
    println!(
        "record, bulk: durable events     {:>12.0} /s   (budget 100,000)",
        median(recorded)
    );
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// Writes 400 bytes and syncs, again and again, into room that is there already.
fn raw_syncs(count: u64) -> Duration {
    let dir = tempfile::tempdir().unwrap();
    let file = room(dir.path(), count * 400);
    let begun = Instant::now();
    for at in 0..count {
        file.write_all_at(&[7; 400], at * 400).unwrap();
        file.sync_data().unwrap();
    }
    begun.elapsed()
}

fn room(dir: &Path, bytes: u64) -> File {
    let file = File::create(dir.join("raw")).unwrap();
    let zeros = vec![0; usize::try_from(bytes).unwrap()];
    file.write_all_at(&zeros, 0).unwrap();
    file.sync_all().unwrap();
    file
}

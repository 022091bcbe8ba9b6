//! What the memory image costs: reading and folding records, counting, its bytes, its snapshot.
//!
//! The ledger is made up here: a thousand units, a thousand reports asked of each, and what becomes of
//! them. Criterion measures each case; a table at the end sets the figures against the budgets.
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that unwraps fails with a place"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, Throughput};
use jiff::ToSpan;
use jiff::civil::Date;
use socai_domain::obligation::Kind;
use socai_domain::standing::DueMode;
use socai_ledger::query::{Grouping, Lineage, Query, Span};
use socai_ledger::{Fact, Image};
use socai_store::Recorded;

mod city;

use city::{START, UNITS, ledger};

/// Reports that each unit owes, in the full measure.
const OPENINGS: u32 = 1_000;
const CHUNK: usize = 4_096;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    measure(&mut criterion);
    criterion.final_summary();
    // `cargo test --benches` only wants to know that it runs, and a profiler wants one case.
    let alone = ["--test", "--profile-time"];
    if !std::env::args().any(|argument| alone.contains(&argument.as_str())) {
        compare();
    }
}

fn measure(criterion: &mut Criterion) {
    let records = ledger(20);
    let facts: Vec<Fact> = records
        .iter()
        .map(|record| Fact::decode(record).unwrap())
        .collect();
    let mut group = criterion.benchmark_group("image");
    group.throughput(Throughput::Elements(records.len() as u64));
    group.bench_function("decode", |bench| bench.iter(|| decode(&records)));
    group.bench_function("fold", |bench| bench.iter(|| fold(&facts)));
    group.bench_function("decode and fold on two threads", |bench| {
        bench.iter_batched(|| chunks(&records), fold_chunks, BatchSize::LargeInput);
    });
    let image = fold(&facts);
    group.throughput(Throughput::Elements(image.obligation_count() as u64));
    group.bench_function("rates of 1,000 units", |bench| {
        bench.iter(|| image.rates(black_box(&Query::as_of(START + 90.days())), Grouping::Unit));
    });
    let snapshot = snapshot(&image);
    group.throughput(Throughput::Bytes(snapshot.len() as u64));
    group.bench_function("write a snapshot", |bench| {
        bench.iter(|| self::snapshot(&image))
    });
    group.bench_function("read a snapshot", |bench| {
        bench.iter(|| Image::read_snapshot(black_box(&*snapshot)).unwrap());
    });
    group.finish();
}

fn compare() {
    let records = ledger(OPENINGS);
    let events = records.len();
    let chunks = chunks(&records);
    drop(records);
    let started = Instant::now();
    let image = fold_chunks(chunks);
    let folded = started.elapsed();
    let started = Instant::now();
    let snapshot = snapshot(&image);
    let written = started.elapsed();
    let started = Instant::now();
    let read = Image::read_snapshot(&*snapshot).unwrap();
    let loaded = started.elapsed();
    assert_eq!(image.position(), read.position());

    let (obligations, memory) = (image.obligation_count(), image.memory());
    let ten_million = |elapsed: Duration| elapsed.as_secs_f64() * 10_000_000.0 / events as f64;
    println!("\n{events} events, {obligations} obligations, {UNITS} units");
    println!(
        "decode and fold        {:>10.0} events/s (budget 1,000,000)",
        rate(events, folded)
    );
    println!(
        "10 million, cold       {:>10.1} s (budget 12)",
        ten_million(folded)
    );
    println!(
        "10 million, snapshot   {:>10.1} s (budget 2), {} MB",
        ten_million(loaded),
        snapshot.len() >> 20
    );
    println!("snapshot written in    {:>10.1} s", written.as_secs_f64());
    println!(
        "bytes per obligation   {:>10.1} (budget 200)",
        memory.obligations as f64 / obligations as f64
    );
    println!(
        "bytes per event        {:>10.1} (budget 16)",
        memory.events as f64 / events as f64
    );
    for (name, question) in questions() {
        let [median, worst] = latency(&image, &question);
        println!("{name:<28} {median:>6.1} ms, p99 {worst:>6.1} ms (budget 20)");
    }
}

type Question = Box<dyn Fn(&Image, Date) -> usize>;

/// Each asked of everything, as of any day.
fn questions() -> Vec<(&'static str, Question)> {
    let rows = |by: Grouping| move |image: &Image, query: Query| image.rates(&query, by).rows.len();
    let of = |lineage, due_mode| {
        move |day| Query {
            lineage,
            due_mode,
            ..Query::as_of(day)
        }
    };
    let recorded = of(Lineage::Recorded, DueMode::Current);
    let successor = of(Lineage::Successor, DueMode::Original);
    let window = move |day: Date| Query {
        due_from: Some(day - 365.days()),
        due_to: Some(day),
        kind: Some(Kind::Report),
        ..recorded(day)
    };
    let (units, quarters) = (rows(Grouping::Unit), rows(Grouping::Quarter));
    vec![
        (
            "rates by unit",
            Box::new(move |image, day| units(image, recorded(day))),
        ),
        (
            "rates by unit, a year",
            Box::new(move |image, day| units(image, window(day))),
        ),
        (
            "by successor, original due",
            Box::new(move |image, day| units(image, successor(day))),
        ),
        (
            "rates by quarter",
            Box::new(move |image, day| quarters(image, recorded(day))),
        ),
        (
            "units by quarter",
            Box::new(move |image, day| {
                image
                    .rates_matrix(&recorded(day), Grouping::Unit, Span::Quarter)
                    .rows
                    .len()
            }),
        ),
    ]
}

/// The median and the 99th percentile in milliseconds, over as-of days spread over all years.
fn latency(image: &Image, question: &Question) -> [f64; 2] {
    let ask = |turn: i64| {
        let day = START + (turn * 37 % 4_000).days();
        let started = Instant::now();
        black_box(question(image, day));
        started.elapsed().as_secs_f64() * 1_000.0
    };
    let mut times: Vec<f64> = (0..200).map(ask).collect();
    times.sort_by(f64::total_cmp);
    [times[100], times[198]]
}

fn rate(count: usize, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}

fn decode(records: &[Recorded]) -> u64 {
    let facts = records
        .iter()
        .map(|record| Fact::decode(black_box(record)).unwrap());
    facts.map(|fact| fact.revision).sum()
}

fn fold(facts: &[Fact]) -> Image {
    let mut image = Image::new();
    facts.iter().for_each(|fact| image.fold(fact).unwrap());
    image
}

fn chunks(records: &[Recorded]) -> Vec<Vec<Recorded>> {
    records.chunks(CHUNK).map(<[Recorded]>::to_vec).collect()
}

fn fold_chunks(chunks: Vec<Vec<Recorded>>) -> Image {
    let mut image = Image::new();
    image
        .fold_all(chunks.into_iter().map(Ok::<_, std::io::Error>))
        .unwrap();
    image
}

fn snapshot(image: &Image) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_snapshot(&mut bytes).unwrap();
    bytes
}

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
use jiff::civil::{Date, Time, date};
use socai_domain::obligation::Kind;
use socai_domain::standing::DueMode;
use socai_ledger::query::{Grouping, Lineage, Query, Span};
use socai_ledger::{Fact, Image};
use socai_store::envelope::{Envelope, compose};
use socai_store::{Position, Recorded, Revision};
use uuid::Uuid;

const UNITS: u32 = 1_000;
/// Reports that each unit owes, in the full measure.
const OPENINGS: u32 = 1_000;
const START: Date = date(2014, 1, 1);
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

/// The records of a ledger in which each unit was asked for `openings` reports.
fn ledger(openings: u32) -> Vec<Recorded> {
    let mut city = City::default();
    city.found();
    for opening in 0..openings {
        city.open(opening);
    }
    city.records
}

#[derive(Default)]
struct City {
    records: Vec<Recorded>,
    units: Vec<String>,
}

const REQUIREMENTS: u32 = 20;

impl City {
    fn found(&mut self) {
        for unit in 0..UNITS {
            let id = format!("hn-phuong-{unit:03}");
            let body = format!(r#"{{"name":"Ủy ban nhân dân phường {unit}","kind":"commune"}}"#);
            self.push(&format!("unit.{id}"), "unit.formed.v1", 1, START, &body);
            self.units.push(id);
        }
        let body = r#"{"type":"Chỉ thị","number":"25-CT/TU","issuer":"hn-phuong-000"}"#;
        self.push("document.25-ct-tu", "document.issued.v1", 1, START, body);
        for requirement in 0..REQUIREMENTS {
            let rule = r#"{"rule":{"document":"25-ct-tu","kind":"periodic","title":"Báo cáo","reporters":[{"unit":"hn-phuong-000"}],"cadence":"on_request","window":{"rule":"not_stated"},"due":{"rule":"not_stated"},"day_off":"keep"}}"#;
            self.push(
                &format!("requirement.bc-{requirement}"),
                "requirement.set.v1",
                1,
                START,
                rule,
            );
        }
    }

    fn open(&mut self, opening: u32) {
        let (requirement, period) = (opening % REQUIREMENTS, opening / REQUIREMENTS);
        let opened = START + i64::from(opening * 3).days();
        let due = opened + 20.days();
        let stream = format!("requirement.bc-{requirement}");
        let reporters = self.units.iter().map(|unit| format!(r#""{unit}""#));
        let reporters = reporters.collect::<Vec<_>>().join(",");
        let body = format!(
            r#"{{"period":"ky-{period}","times":{{"window":null,"due":{{"due":"{due}","unshifted":"{due}","shifted_because":null,"certainty":"certain"}}}},"reporters":[{reporters}]}}"#
        );
        self.push(
            &stream,
            "period.opened.v1",
            u64::from(period) + 2,
            opened,
            &body,
        );
        for unit in 0..UNITS {
            let stream = format!(
                "obligation.bc-{requirement}_ky-{period}_{}",
                self.units[unit as usize]
            );
            self.live(&stream, opened, due, opening * 7 + unit * 13);
        }
    }

    /// What becomes of one report: most come in time, some late, returned, extended or never.
    fn live(&mut self, stream: &str, opened: Date, due: Date, dice: u32) {
        let mut events: Vec<(&str, Date, String)> = Vec::new();
        let mut due = due;
        if dice.is_multiple_of(19) {
            due += 30.days();
            events.push(("obligation.extended.v1", opened + 3.days(), format!(
                r#"{{"due":"{due}","by":"hn-phuong-000","requested":"{opened}","reason":"mưa lũ kéo dài"}}"#
            )));
        }
        if dice.is_multiple_of(3) {
            let note = r#"{"by":"hn-phuong-000","note":"Đề nghị báo cáo đúng hạn"}"#;
            events.push(("obligation.reminded.v1", opened + 10.days(), note.into()));
        }
        if dice.is_multiple_of(11) {
            events.push((
                "obligation.flagged_late.v1",
                due + 1.day(),
                format!(r#"{{"due":"{due}"}}"#),
            ));
        }
        if !dice.is_multiple_of(33) {
            let late = if dice.is_multiple_of(11) {
                9
            } else {
                -i64::from(dice % 5)
            };
            events.push(("report.submitted.v1", due + late.days(), format!(
                r#"{{"by":"hn-phuong-000","submission":{{"number":"{}/BC-UBND","date":"{due}","channel":"trục liên thông văn bản"}}}}"#,
                dice % 900
            )));
        }
        for (revision, (event_type, on, body)) in (1..).zip(events) {
            self.push(stream, event_type, revision, on, &body);
        }
    }

    fn push(&mut self, stream: &str, event_type: &str, revision: u64, on: Date, body: &str) {
        let position = Position(self.records.len() as u64 + 1);
        let second =
            jiff::Timestamp::from_second(1_400_000_000 + position.0.cast_signed() * 30).unwrap();
        let bytes = compose(&Envelope {
            id: Uuid::from_u128(position.0.into()),
            source: "/hanoi".into(),
            event_type: event_type.into(),
            subject: stream.into(),
            time: on.to_datetime(Time::midnight()),
            recorded_time: second,
            revision: Revision(revision),
            actor: format!("van-thu-{}", position.0 % 97).into(),
            correlation_id: Uuid::from_u128(position.0.into()),
            synthetic: true,
            data: body.as_bytes(),
        });
        self.records.push(Recorded {
            position,
            bytes: bytes.into(),
        });
    }
}

//! What it costs to be scraped: a thousand units, a million obligations.
//!
//! Beside it stand what no scrape can be without: one look at every obligation, and carrying as many bytes over a socket of
//! the same machine.
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that unwraps fails with a place"
)]

use std::hint::black_box;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use criterion::Criterion;
use jiff::Timestamp;
use socai_ledger::query::Grouping;
use socai_ledger::{Image, Query};
use socai_metrics::ledger::Numbers;
use socai_metrics::units::Told;
use socai_metrics::window::{Due, Window};
use socai_metrics::{Form, Metrics};

mod city;

use city::{UNITS, ledger};

/// Reports that each unit owes, in the full measure.
const OPENINGS: u32 = 1_000;

/// A day on which half of what is due in its year is due still.
const NOW: i64 = 1_530_000_000;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let image = image(20);
    criterion.bench_function("metrics/scrape", |bench| bench.iter(|| scrape(&image)));
    criterion.final_summary();
    // `cargo test --benches` only wants to know that it runs, and a profiler wants one case.
    let alone = ["--test", "--profile-time"];
    if !std::env::args().any(|argument| alone.contains(&argument.as_str())) {
        compare();
    }
}

fn compare() {
    let image = image(OPENINGS);
    let text = scrape(&image);
    let series = text.lines().filter(|line| !line.starts_with('#')).count();
    let obligations = image.obligation_count();
    println!(
        "\n{UNITS} units, {obligations} obligations: {series} series, {} bytes",
        text.len()
    );
    let query = Query::as_of(Window::of(Due::ThisYear, now()).as_of);
    for (name, [median, worst]) in [
        (
            "one look at every obligation",
            latency(|| image.rates(&query, Grouping::Total).rows.len()),
        ),
        ("carrying the bytes", latency(|| carried(&text))),
        ("the image is looked at for", latency(|| numbers(&image))),
        ("scrape (budget 50)", latency(|| scrape(&image).len())),
    ] {
        println!("{name:<30} {median:>6.1} ms, p99 {worst:>6.1} ms");
    }
}

fn image(openings: u32) -> Image {
    let records = ledger(openings);
    let mut image = Image::new();
    image
        .fold_all(std::iter::once(Ok::<_, std::io::Error>(records)))
        .unwrap();
    image
}

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn numbers(image: &Image) -> Numbers {
    Numbers::of(image, Told::All, Due::ThisYear, now())
}

fn scrape(image: &Image) -> String {
    let metrics = Metrics::default();
    metrics.add(numbers(image));
    metrics.collect(Form::OpenMetrics)
}

/// Sends `text` through a socket, and takes it there.
fn carried(text: &str) -> usize {
    let (mut from, mut to) = UnixStream::pair().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || from.write_all(text.as_bytes()).unwrap());
        let mut taken = Vec::with_capacity(text.len());
        to.read_to_end(&mut taken).unwrap()
    })
}

/// The median and the 99th percentile in milliseconds.
fn latency<T>(done: impl Fn() -> T) -> [f64; 2] {
    let one = |_| {
        let started = Instant::now();
        black_box(done());
        started.elapsed().as_secs_f64() * 1_000.0
    };
    let mut times: Vec<f64> = (0..200).map(one).collect();
    times.sort_by(f64::total_cmp);
    [times[100], times[198]]
}

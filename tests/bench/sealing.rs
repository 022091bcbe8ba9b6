//! What sealing costs those who append: the same work with a sealer beside it and without, in turn, on the same
//! disk. The budget is a tenth.
//!
//! Criterion measures each case; a table at the end has the medians of rounds that alternate. Ratios count.
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that unwraps fails with a place"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use socai_app::ledger::{Founding, Ledger};
use socai_app::request::Request;
use socai_app::sealer::{Held, Ports, Sealer};
use socai_app::sealing::{Beside, Ended};
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_simulate::{Plan, Simulation};
use socai_store::envelope::{self, Envelope};
use socai_store::{Append, EventStore, NewEvent, Revision, StreamId};
use socai_store_segment::{Identity, SegmentStore};
use socai_tlog::{KeyKind, SigningKey};
use socai_tlog_directory::{DirectoryCheckpoints, DirectoryMarks, DirectoryTiles};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

/// As the binary has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BATCH: u64 = 1_000;

/// Lines recorded together, as the command line does.
const TOGETHER: usize = 4_096;

/// Rounds of the table.
const ROUNDS: usize = 7;

/// Whether a sealer works beside those who append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beneath {
    Nothing,
    Sealer,
}

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let short = std::env::args().any(|argument| argument == "--test");
    let bench = Bench::new(if short { 2_000 } else { 300_000 });
    bench.measure(&mut criterion);
    criterion.final_summary();
    if !short {
        bench.compare();
    }
}

struct Bench {
    runtime: Runtime,
    lines: Vec<(Request, Origin)>,
}

impl Bench {
    fn new(events: u64) -> Self {
        Self {
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap(),
            lines: commands(events),
        }
    }

    fn measure(&self, criterion: &mut Criterion) {
        let mut group = criterion.benchmark_group("sealing");
        for beneath in [Beneath::Nothing, Beneath::Sealer] {
            group.throughput(Throughput::Elements(1));
            group.bench_function(format!("append, 64 clients, {beneath:?}"), |bench| {
                bench.iter_custom(|count| self.appends(64, count, beneath).0);
            });
        }
        group.finish();
    }

    fn compare(&self) {
        let recorded = self.lines.len() as u64;
        let cases: [(&str, u64, &dyn Fn(Beneath) -> Taken); 4] = [
            ("append, 1 client", 20_000, &|beneath| {
                self.appends(1, 20_000, beneath)
            }),
            ("append, 64 clients", 400_000, &|beneath| {
                self.appends(64, 400_000, beneath)
            }),
            ("append, batches of 1,000", 1_500_000, &|beneath| {
                self.batches(1_500, beneath)
            }),
            ("record commands in bulk", recorded, &|beneath| {
                self.record(beneath)
            }),
        ];
        println!(
            "\n{:<28}{:>12}{:>12}{:>8}{:>14}",
            "events/s", "alone", "sealed", "ratio", "checkpoints"
        );
        for (name, count, case) in cases {
            let (mut alone, mut sealed, mut checkpoints) = (Vec::new(), Vec::new(), 0);
            for _ in 0..ROUNDS {
                alone.push(rate(count, case(Beneath::Nothing).0));
                let (took, signed) = case(Beneath::Sealer);
                sealed.push(rate(count, took));
                checkpoints = signed;
            }
            let (alone, sealed) = (median(alone), median(sealed));
            let ratio = sealed / alone;
            println!("{name:<28}{alone:>12.0}{sealed:>12.0}{ratio:>8.2}{checkpoints:>14}");
        }
    }

    /// `count` appends of one event by `clients` that each wait for their answer.
    fn appends(&self, clients: u64, count: u64, beneath: Beneath) -> Taken {
        let each = count.div_ceil(clients);
        let prepared: Vec<Vec<Append>> = (0..clients)
            .map(|client| {
                let one = |at: u64| vec![event(client * each + at)];
                (0..each)
                    .map(|at| Append::to(stream(client), Revision(at), one(at)))
                    .collect()
            })
            .collect();
        let ledger = self.ledger();
        self.timed(&ledger, beneath, async {
            let client = |appends: Vec<Append>| {
                let store = ledger.store.clone();
                tokio::spawn(async move {
                    for append in appends {
                        store.append(append).await.unwrap();
                    }
                })
            };
            for client in prepared.into_iter().map(client).collect::<Vec<_>>() {
                client.await.unwrap();
            }
        })
    }

    fn batches(&self, count: u64, beneath: Beneath) -> Taken {
        let batch = |number: u64| {
            let events = (number * BATCH..(number + 1) * BATCH).map(event);
            Append::to(stream(number), Revision::NONE, events.collect())
        };
        let prepared: Vec<Append> = (0..count).map(batch).collect();
        let ledger = self.ledger();
        self.timed(&ledger, beneath, async {
            for append in prepared {
                ledger.store.append(append).await.unwrap();
            }
        })
    }

    /// Commands that are decided, appended and folded.
    fn record(&self, beneath: Beneath) -> Taken {
        let ledger = self.ledger();
        let store: Arc<dyn EventStore> = ledger.store.clone();
        let mut open = self.runtime.block_on(Ledger::load(store)).unwrap();
        self.timed(&ledger, beneath, async {
            for asked in self.lines.chunks(TOGETHER) {
                let batch = open.record(asked).await.unwrap();
                assert!(batch.trouble.is_none());
            }
        })
    }

    /// How long `work` takes, and how many checkpoints were signed until it ended and everything was sealed. That
    /// the sealer goes on after the work is not counted: nobody waits for it.
    fn timed(&self, ledger: &OnDisk, beneath: Beneath, work: impl Future<Output = ()>) -> Taken {
        self.runtime.block_on(async {
            let sealer = (beneath == Beneath::Sealer).then(|| Beside::start(ledger.sealer()));
            let started = Instant::now();
            work.await;
            let took = started.elapsed();
            let Some(sealer) = sealer else {
                return (took, 0);
            };
            match sealer.finish().await.unwrap() {
                Ended::Sealed(Some(sealed)) => (took, sealed.entry),
                other => panic!("{other:?}"),
            }
        })
    }

    fn ledger(&self) -> OnDisk {
        let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let identity = Identity::new(Uuid::from_u128(1), "bench").unwrap();
        let store = Arc::new(SegmentStore::create(dir.path(), &identity).unwrap());
        let founding = Founding {
            origin: Line::new("bench").unwrap(),
            claims_stand_after_days: None,
            simulated_clock: true,
            log_key: Some(key().verifier_key().to_string().parse().unwrap()),
            id: Uuid::nil(),
        };
        let by = &self.lines[0].1;
        let founded = Ledger::found(store.clone(), &founding, by);
        self.runtime.block_on(founded).unwrap();
        OnDisk { store, dir }
    }
}

/// How long it took, and how many checkpoints were signed.
type Taken = (Duration, u64);

struct OnDisk {
    store: Arc<SegmentStore>,
    dir: TempDir,
}

impl OnDisk {
    fn sealer(&self) -> Sealer {
        let dir: &Path = self.dir.path();
        Sealer::alone(Ports {
            store: self.store.clone(),
            tiles: Arc::new(DirectoryTiles::new(dir)),
            checkpoints: Arc::new(DirectoryCheckpoints::open(dir).unwrap()),
            marks: Arc::new(DirectoryMarks::new(dir)),
            keys: Arc::new(|| {
                Ok(Held {
                    keys: vec![key()],
                    looked: String::new(),
                })
            }),
        })
    }
}

fn key() -> SigningKey {
    SigningKey::from_seed("socai/bench", KeyKind::Ed25519, [7; 32]).unwrap()
}

fn commands(events: u64) -> Vec<(Request, Origin)> {
    let plan = Plan {
        units: 200,
        years: 3,
        seed: 11,
        events: Some(events),
    };
    let asked = |step: socai_simulate::Step| {
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
        (request, origin)
    };
    Simulation::new(plan).unwrap().map(asked).collect()
}

fn stream(number: u64) -> StreamId {
    StreamId::new("obligation", &format!("bc-2019-{number:08}")).unwrap()
}

/// A record of about 400 bytes.
fn event(number: u64) -> NewEvent {
    let id = Uuid::from_u128(0x019d_2f3a_9c1e_7000_8000_0000_0000_0000 | u128::from(number));
    let data = r#"{"unit":"ubnd-phuong-hang-bac","number":"17/BC-UBND","received":"2019-04-10"}"#;
    let record = envelope::compose(&Envelope {
        id,
        source: "/hanoi".into(),
        event_type: "report.submitted.v1".into(),
        subject: "obligation.bc-2019-00000042".into(),
        time: jiff::civil::date(2019, 4, 10).at(0, 0, 0, 0),
        recorded_time: "2026-11-23T05:00:00.123Z".parse().unwrap(),
        revision: Revision(3),
        actor: "hang-bac-van-thu".into(),
        correlation_id: Uuid::from_u128(2),
        synthetic: false,
        data: data.as_bytes(),
    });
    NewEvent {
        id,
        bytes: record.into(),
    }
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn rate(count: u64, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64()
}

//! What sealing costs those who append: the same work with a sealer beside it and without, in turn, on the same
//! disk. The budget is a tenth.
//!
//! Rounds are of two seconds, so that a sealer that looks twice a second seals in each, and alternate: the ratio is the
//! median over pairs of neighbours. A machine that does other things as well moves both; what the process takes of a
//! processor for an event it does not move much, so that is shown too.
#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that unwraps fails with a place"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::Criterion;
use socai_app::ledger::{Founding, Ledger};
use socai_app::request::Request;
use socai_app::sealer::{Held, Ports, Sealer};
use socai_app::sealing::{Beside, Ended, to_the_end};
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

/// Pairs of rounds in the table, and how long a round is.
const PAIRS: usize = 11;
const ROUND: Duration = Duration::from_secs(2);

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
    let bench = Bench::new(if short { 2_000 } else { 400_000 });
    criterion.bench_function("a checkpoint of one event", |timed| {
        timed.iter_custom(|count| bench.checkpoints(count));
    });
    criterion.final_summary();
    if !short {
        bench.compare();
    }
}

struct Bench {
    runtime: Runtime,
    lines: Vec<(Request, Origin)>,
}

/// What a round came to.
struct Round {
    events: u64,
    took: Duration,
    /// Of all processors together.
    busy: Duration,
    checkpoints: u64,
}

impl Round {
    fn rate(&self) -> f64 {
        self.events as f64 / self.took.as_secs_f64()
    }

    fn busy_micros(&self) -> f64 {
        self.busy.as_secs_f64() * 1e6 / self.events as f64
    }
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

    fn compare(&self) {
        let cases: [(&str, &dyn Fn(Beneath) -> Round); 4] = [
            ("append, 1 client", &|beneath| self.appends(1, beneath)),
            ("append, 64 clients", &|beneath| self.appends(64, beneath)),
            ("append, batches of 1,000", &|beneath| self.batches(beneath)),
            ("record commands in bulk", &|beneath| self.record(beneath)),
        ];
        println!(
            "\n{:<26}{:>11}{:>11}{:>7}{:>14}{:>14}{:>13}",
            "", "alone /s", "sealed /s", "ratio", "alone µs cpu", "sealed µs cpu", "checkpoints"
        );
        for (name, case) in cases {
            let mut pairs = Vec::new();
            for _ in 0..PAIRS {
                pairs.push((case(Beneath::Nothing), case(Beneath::Sealer)));
            }
            let of = |figure: &dyn Fn(&(Round, Round)) -> f64| {
                median(pairs.iter().map(figure).collect())
            };
            println!(
                "{name:<26}{:>11.0}{:>11.0}{:>7.2}{:>14.2}{:>14.2}{:>13.0}",
                of(&|(alone, _)| alone.rate()),
                of(&|(_, sealed)| sealed.rate()),
                of(&|(alone, sealed)| sealed.rate() / alone.rate()),
                of(&|(alone, _)| alone.busy_micros()),
                of(&|(_, sealed)| sealed.busy_micros()),
                of(&|(_, sealed)| sealed.checkpoints as f64),
            );
        }
    }

    /// How long `count` appends of one event take, each sealed before the next.
    fn checkpoints(&self, count: u64) -> Duration {
        let ledger = self.ledger();
        let mut sealer = ledger.sealer();
        self.runtime.block_on(async {
            let started = Instant::now();
            for at in 0..count {
                let append = Append::to(stream(0), Revision(at), vec![event(at)]);
                ledger.store.append(append).await.unwrap();
                to_the_end(&mut sealer).await.unwrap();
            }
            started.elapsed()
        })
    }

    /// Appends of one event by `clients` that each wait for their answer.
    fn appends(&self, clients: u64, beneath: Beneath) -> Round {
        let ledger = self.ledger();
        self.timed(&ledger, beneath, async |until| {
            let client = |client: u64| {
                let store = ledger.store.clone();
                tokio::spawn(async move {
                    let mut done = 0;
                    while Instant::now() < until {
                        let one = vec![event((client << 32) | done)];
                        let append = Append::to(stream(client), Revision(done), one);
                        store.append(append).await.unwrap();
                        done += 1;
                    }
                    done
                })
            };
            let mut events = 0;
            for client in (0..clients).map(client).collect::<Vec<_>>() {
                events += client.await.unwrap();
            }
            events
        })
    }

    fn batches(&self, beneath: Beneath) -> Round {
        let ledger = self.ledger();
        self.timed(&ledger, beneath, async |until| {
            let mut number = 0;
            while Instant::now() < until {
                let events = (number * BATCH..(number + 1) * BATCH).map(event);
                let append = Append::to(stream(number), Revision::NONE, events.collect());
                ledger.store.append(append).await.unwrap();
                number += 1;
            }
            number * BATCH
        })
    }

    /// Commands that are decided, appended and folded.
    fn record(&self, beneath: Beneath) -> Round {
        let ledger = self.ledger();
        let store: Arc<dyn EventStore> = ledger.store.clone();
        let mut open = self.runtime.block_on(Ledger::load(store)).unwrap();
        self.timed(&ledger, beneath, async |until| {
            for asked in self.lines.chunks(TOGETHER) {
                let batch = open.record(asked).await.unwrap();
                assert!(batch.trouble.is_none());
                if Instant::now() >= until {
                    break;
                }
            }
            open.image().position().0 - 1
        })
    }

    /// Does `work` for a round. That the sealer goes on after it is not counted: nobody waits for it.
    fn timed(
        &self,
        ledger: &OnDisk,
        beneath: Beneath,
        work: impl AsyncFnOnce(Instant) -> u64,
    ) -> Round {
        self.runtime.block_on(async {
            let sealer = (beneath == Beneath::Sealer).then(|| Beside::start(ledger.sealer()));
            let (started, busy) = (Instant::now(), busy());
            let events = work(started + ROUND).await;
            let (took, busy) = (started.elapsed(), self::busy() - busy);
            let checkpoints = match sealer {
                None => 0,
                Some(sealer) => entries(sealer.finish().await.unwrap()),
            };
            Round {
                events,
                took,
                busy,
                checkpoints,
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

fn entries(ended: Ended) -> u64 {
    match ended {
        Ended::Sealed(Some(sealed)) => sealed.entry,
        other => panic!("{other:?}"),
    }
}

/// What this process took of all processors so far.
fn busy() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, after_name) = stat.rsplit_once(") ").unwrap();
    let ticks = after_name.split(' ').skip(11).take(2);
    let ticks: u64 = ticks.map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    // A hundred a second, on every Linux.
    Duration::from_millis(10 * ticks)
}

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
        data,
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

//! Clerks who record all the while, and racers who want the same revisions: what each asked, and was told.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use socai_app::ledger::{Outcome, fold_until};
use socai_app::live::{ExecuteError, Live};
use socai_app::request::{self, Request};
use socai_domain::id::AccountId;
use socai_domain::origin::Origin;
use socai_ledger::image::Image;
use socai_store::envelope::{self, Envelope};
use socai_store::{Append, AppendError, EventStore, NewEvent, Position, Revision, StreamId};
use socai_store_nats::{NatsStore, connect};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::PATIENCE;
use crate::faults::{Dice, moment};
use crate::processes::City;
use crate::servers::until;

/// Units that owe each task.
const UNITS: usize = 12;

/// Streams that racers want.
const RACED: u64 = 4;

/// Those who record: clerks, who give commands, and racers, who append at a revision.
const CLERKS: usize = 6;
const RACERS: usize = 4;

/// What everybody was told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Events that were acknowledged: their id and position.
    pub(crate) acknowledged: Vec<(Uuid, u64)>,
    /// Of a race, who was told that the revision is theirs: stream, revision, id.
    pub(crate) won: Vec<(String, u64, Uuid)>,
    /// Ids of events of which was told that they were not recorded, and how.
    pub(crate) refused: Vec<(Uuid, String)>,
    /// Ids of commands of which was told that nothing was recorded.
    pub(crate) failed: Vec<Uuid>,
    /// How often the store could not say.
    pub(crate) unknown: u64,
}

struct Shared {
    told: Mutex<Told>,
    /// By who records, how often it was acknowledged.
    counts: Vec<AtomicU64>,
    /// The highest position that anybody was told.
    head: AtomicU64,
    /// The task that clerks work on.
    task: AtomicU64,
    stop: AtomicBool,
}

/// Those who record, over connections of their own.
pub(crate) struct Load {
    shared: Arc<Shared>,
    offices: [Arc<Live>; 2],
    working: JoinSet<()>,
}

impl Load {
    /// Two offices with their clerks and racers, on a ledger with units and a directive.
    pub(crate) async fn start(city: &City, seed: u64) -> Self {
        let urls = || city.cluster.urls();
        let offices = [office(city, urls()).await, office(city, urls()).await];
        let shared = Arc::new(Shared {
            told: Mutex::default(),
            counts: (0..CLERKS + RACERS).map(|_| AtomicU64::new(0)).collect(),
            head: AtomicU64::new(0),
            task: AtomicU64::new(0),
            stop: AtomicBool::new(false),
        });
        found(&offices).await;
        let mut working = JoinSet::new();
        for who in 0..CLERKS + RACERS {
            let (live, shared) = (offices[who % 2].clone(), shared.clone());
            let dice = Dice::new(seed.wrapping_mul(31).wrapping_add(who as u64));
            if who < CLERKS {
                working.spawn(clerk(who, live, shared, dice));
            } else {
                working.spawn(racer(who, live.store().clone(), shared, dice));
            }
        }
        Self {
            shared,
            offices,
            working,
        }
    }

    /// Assigns a task that is overdue already, so that watchers have something to flag, and has clerks work on it.
    pub(crate) async fn direct(&self, round: u64) {
        assign(&self.offices, round).await;
        self.shared.task.store(round, Ordering::SeqCst);
    }

    /// The round whose task is worked on.
    pub(crate) fn task(&self) -> u64 {
        self.shared.task.load(Ordering::SeqCst)
    }

    /// How often each was acknowledged.
    pub(crate) fn acknowledged(&self) -> Vec<u64> {
        self.shared
            .counts
            .iter()
            .map(|count| count.load(Ordering::SeqCst))
            .collect()
    }

    /// Waits until each has recorded something that it began after `before` was counted.
    pub(crate) async fn all_record_again(&self, before: Vec<u64>) -> Duration {
        // One may have been under way; the second was begun afterwards.
        let look = || async {
            self.acknowledged()
                .iter()
                .zip(&before)
                .all(|(now, before)| *now >= before + 2)
        };
        until("everybody records again", PATIENCE, look).await
    }

    /// The highest position that anybody was told.
    pub(crate) fn head(&self) -> u64 {
        self.shared.head.load(Ordering::SeqCst)
    }

    /// Lets everybody come to an end, and says what they were told.
    pub(crate) async fn stop(mut self) -> Told {
        self.shared.stop.store(true, Ordering::SeqCst);
        while let Some(ended) = self.working.join_next().await {
            ended.unwrap();
        }
        std::mem::take(&mut self.shared.told.lock().unwrap())
    }

    /// Takes down what somebody from outside was told.
    pub(crate) fn tell(&self, events: impl IntoIterator<Item = (Uuid, u64)>) {
        self.shared.acknowledge(None, events);
    }
}

impl Shared {
    fn acknowledge(&self, who: Option<usize>, events: impl IntoIterator<Item = (Uuid, u64)>) {
        let mut told = self.told.lock().unwrap();
        for (id, position) in events {
            told.acknowledged.push((id, position));
            self.head.fetch_max(position, Ordering::SeqCst);
        }
        if let Some(who) = who {
            self.counts[who].fetch_add(1, Ordering::SeqCst);
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// A process that records, over `servers`.
pub(crate) async fn office(city: &City, servers: Vec<String>) -> Arc<Live> {
    let settings = city.settings(servers);
    let connection = connect(&settings).await.unwrap();
    let store = NatsStore::open(&connection, &settings, None).await.unwrap();
    let store: Arc<dyn EventStore> = Arc::new(store);
    let image = fold_until(&*store, Image::new(), None).await.unwrap();
    Arc::new(Live::start(store, image).await.unwrap())
}

fn clerk_origin() -> Origin {
    Origin {
        actor: AccountId::new("clerk").unwrap(),
        at: Timestamp::now(),
    }
}

fn request(line: &str) -> Request {
    request::parse(line.as_bytes()).unwrap()
}

/// A task of all units, which both offices know of then.
async fn assign([live, other]: &[Arc<Live>; 2], round: u64) {
    let leads: Vec<String> = (0..UNITS)
        .map(|unit| format!(r#"{{"unit":"u{unit}"}}"#))
        .collect();
    let line = format!(
        r#"{{"command":"task.assign","effective":"2024-01-15","data":{{"task":"r{round}","assignment":{{"document":"d","title":"Rà soát","leads":[{}],"due":{{"rule":"fixed","date":"2024-06-30"}}}}}}}}"#,
        leads.join(",")
    );
    let outcome = live.execute(&request(&line), &clerk_origin()).await;
    assert!(matches!(outcome, Ok(Outcome::Recorded(_))), "{outcome:?}");
    other.caught_up().await.unwrap();
}

async fn found(offices: &[Arc<Live>; 2]) {
    let live = &offices[0];
    let mut lines: Vec<String> = (0..UNITS).map(|unit| format!(r#"{{"command":"unit.form","effective":"2014-01-01","data":{{"unit":"u{unit}","name":"Sở {unit}","kind":"department"}}}}"#)).collect();
    lines.push(r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"c","name":"Thành ủy","kind":"party_committee"}}"#.to_owned());
    lines.push(r#"{"command":"document.issue","effective":"2024-01-15","data":{"document":"d","number":"12-CT/TU","type":"Chỉ thị","issuer":"c","date":"2024-01-15"}}"#.to_owned());
    for line in lines {
        let outcome = live.execute(&request(&line), &clerk_origin()).await;
        assert!(matches!(outcome, Ok(Outcome::Recorded(_))), "{outcome:?}");
    }
    assign(offices, 0).await;
}

/// One progress report of some unit, of so many that none comes twice.
pub(crate) fn progress(task: u64, dice: &mut Dice) -> Request {
    let (unit, percent) = (dice.below(UNITS as u64), dice.below(100) + 1);
    let (month, day) = (dice.below(5) + 2, dice.below(28) + 1);
    let line = format!(
        r#"{{"command":"task.progress","id":"{}","effective":"2024-{month:02}-{day:02}","data":{{"obligation":"r{task}_u{unit}","percent":{percent}}}}}"#,
        Uuid::now_v7()
    );
    request(&line)
}

async fn clerk(who: usize, live: Arc<Live>, shared: Arc<Shared>, mut dice: Dice) {
    while !shared.stopped() {
        moment(30).await;
        let request = progress(shared.task.load(Ordering::SeqCst), &mut dice);
        match live.execute(&request, &clerk_origin()).await {
            Ok(Outcome::Recorded(written)) => {
                shared.acknowledge(
                    Some(who),
                    written.iter().map(|one| (one.id, one.position.0)),
                );
            }
            Ok(Outcome::Unchanged) => {}
            Ok(other) => panic!("{other:?}"),
            Err(ExecuteError::Append(AppendError::Unknown(_))) => {
                shared.told.lock().unwrap().unknown += 1
            }
            Err(ExecuteError::Stopped { reason }) => panic!("the image stopped: {reason}"),
            Err(ExecuteError::Contended | ExecuteError::Append(_)) => {
                let failed = request.id.unwrap();
                shared.told.lock().unwrap().failed.push(failed);
            }
            Err(ExecuteError::Read(_)) => {}
        }
    }
}

/// Wants the next revision of one of a few streams, as others do.
async fn racer(who: usize, store: Arc<dyn EventStore>, shared: Arc<Shared>, mut dice: Dice) {
    while !shared.stopped() {
        moment(30).await;
        let stream = StreamId::new("race", &format!("s{}", dice.below(RACED))).unwrap();
        let last = store.read_backwards(&stream, None, NonZeroU32::MIN).await;
        let Ok(last) = last else { continue };
        let revision = last
            .first()
            .map_or(0, |last| envelope::parse(&last.bytes).unwrap().revision.0);
        let events: Vec<NewEvent> = (1..=1 + dice.below(3))
            .map(|next| event(&stream, revision + next))
            .collect();
        let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
        let append = Append::to(stream.clone(), Revision(revision), events);
        match race(&*store, append).await {
            Ok(positions) => {
                shared.acknowledge(
                    Some(who),
                    ids.iter()
                        .copied()
                        .zip(positions.iter().map(|position| position.0)),
                );
                let won = ids.into_iter().zip(revision + 1..);
                shared
                    .told
                    .lock()
                    .unwrap()
                    .won
                    .extend(won.map(|(id, at)| (stream.to_string(), at, id)));
            }
            Err(error @ (AppendError::Conflict { .. } | AppendError::Unavailable(_))) => {
                let told = ids.into_iter().map(|id| (id, format!("{error:?}")));
                shared.told.lock().unwrap().refused.extend(told);
            }
            Err(AppendError::Unknown(_)) => shared.told.lock().unwrap().unknown += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Asks again where the store could not say, which is harmless. From then on only positions or a conflict say
/// what became of it.
async fn race(store: &dyn EventStore, append: Append) -> Result<Vec<Position>, AppendError> {
    let mut answer = store.append(append.clone()).await;
    for _ in 0..3 {
        if !matches!(answer, Err(AppendError::Unknown(_))) {
            break;
        }
        answer = match store.append(append.clone()).await {
            Err(AppendError::Unavailable(source)) => Err(AppendError::Unknown(source)),
            answer => answer,
        };
    }
    answer
}

fn event(stream: &StreamId, revision: u64) -> NewEvent {
    let id = Uuid::now_v7();
    let now = Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap();
    let record = envelope::compose(&Envelope {
        id,
        source: "/hanoi".into(),
        event_type: "race.run.v1".into(),
        subject: stream.as_str().into(),
        time: jiff::civil::date(2024, 2, 1).at(0, 0, 0, 0),
        recorded_time: now,
        revision: Revision(revision),
        actor: "racer".into(),
        correlation_id: id,
        synthetic: false,
        data: "{}",
    });
    NewEvent {
        id,
        bytes: Bytes::from(record),
    }
}

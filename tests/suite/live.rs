//! A ledger that many record into at once: the live image, the watcher, the migration. Over the
//! memory store and the segment log; the servers' own stories are elsewhere.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use socai_app::ledger::{Founding, Ledger, Outcome, fold_until};
use socai_app::live::{ExecuteError, Live};
use socai_app::migrate::{MigrateError, migrate};
use socai_app::request::{self, Request};
use socai_app::watcher::{Swept, watch};
use socai_domain::id::AccountId;
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_ledger::image::Image;
use socai_store::{
    Append, AppendError, EventStore, NewEvent, Position, Recorded, Revision, StreamId,
};
use socai_store_memory::MemoryStore;
use socai_store_segment::{Identity, SegmentStore};
use uuid::Uuid;

use crate::tricked::{Trick, Tricked};

fn origin(actor: &str) -> Origin {
    Origin {
        actor: AccountId::new(actor).unwrap(),
        at: "2024-07-01T00:00:00Z".parse().unwrap(),
    }
}

fn request(line: &str) -> Request {
    request::parse(line.as_bytes()).unwrap()
}

async fn founded(store: Arc<dyn EventStore>) {
    let founding = Founding {
        origin: Line::new("hanoi").unwrap(),
        claims_stand_after_days: None,
        simulated_clock: false,
        log_key: None,
        id: Uuid::nil(),
    };
    Ledger::found(store, &founding, &origin("operator"))
        .await
        .unwrap();
}

/// A store with units `u0` to `u7`, a document, and a task `t` that all of them owe by 2024-06-30.
async fn directed() -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::default());
    founded(store.clone()).await;
    let mut ledger = Ledger::load(store.clone()).await.unwrap();
    let mut lines: Vec<String> = (0..8).map(|unit| format!(r#"{{"command":"unit.form","effective":"2014-01-01","data":{{"unit":"u{unit}","name":"Sở {unit}","kind":"department"}}}}"#)).collect();
    lines.push(r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"c","name":"Thành ủy","kind":"party_committee"}}"#.into());
    lines.push(r#"{"command":"document.issue","effective":"2024-01-15","data":{"document":"d","number":"12-CT/TU","type":"Chỉ thị","issuer":"c","date":"2024-01-15"}}"#.into());
    let leads: Vec<String> = (0..8)
        .map(|unit| format!(r#"{{"unit":"u{unit}"}}"#))
        .collect();
    lines.push(format!(r#"{{"command":"task.assign","effective":"2024-01-15","data":{{"task":"t","assignment":{{"document":"d","title":"Rà soát","leads":[{}],"due":{{"rule":"fixed","date":"2024-06-30"}}}}}}}}"#, leads.join(",")));
    let asked: Vec<_> = lines
        .iter()
        .map(|line| (request(line), origin("clerk")))
        .collect();
    let batch = ledger.record(&asked).await.unwrap();
    assert!(
        batch
            .outcomes
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Recorded(_))),
        "{batch:?}"
    );
    store
}

/// One more process on the same store.
async fn live(store: &Arc<MemoryStore>) -> Arc<Live> {
    let store: Arc<dyn EventStore> = store.clone();
    let image = socai_app::ledger::fold_until(&*store, Default::default(), None)
        .await
        .unwrap();
    Arc::new(Live::start(store, image).await.unwrap())
}

fn progress(unit: usize, percent: usize) -> Request {
    request(&format!(
        r#"{{"command":"task.progress","effective":"2024-02-01","data":{{"obligation":"t_u{unit}","percent":{percent}}}}}"#
    ))
}

async fn all(store: &dyn EventStore) -> Vec<Recorded> {
    store
        .read_all(Position::ZERO, NonZeroU32::MAX)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_record_into_the_same_streams_and_both_see_everything() {
    let store = directed().await;
    let before = store.head().await.unwrap().0;
    let (one, other) = (live(&store).await, live(&store).await);
    let mut asked = Vec::new();
    for n in 0..200 {
        let process = if n % 2 == 0 {
            one.clone()
        } else {
            other.clone()
        };
        asked.push(tokio::spawn(async move {
            process
                .execute(&progress(n % 8, n % 97 + 1), &origin("clerk"))
                .await
        }));
    }
    let mut positions = Vec::new();
    for asked in asked {
        match asked.await.unwrap().unwrap() {
            Outcome::Recorded(written) => {
                positions.extend(written.into_iter().map(|written| written.position.0))
            }
            Outcome::Unchanged => {}
            other => panic!("{other:?}"),
        }
    }
    positions.sort_unstable();
    let head = store.head().await.unwrap().0;
    assert_eq!(
        positions,
        (before + 1..=head).collect::<Vec<_>>(),
        "each position was given once"
    );
    for process in [&one, &other] {
        assert_eq!(process.caught_up().await.unwrap().0, head);
        assert_eq!(process.image().position().0, head);
    }
    // The history folds from the start, so that every revision was won once.
    Ledger::load(store).await.unwrap();
}

#[tokio::test]
async fn a_command_decided_on_a_stale_image_is_decided_again() {
    let store = directed().await;
    let (one, other) = (live(&store).await, live(&store).await);
    let claim = request(
        r#"{"command":"task.claim","effective":"2024-03-01","data":{"obligation":"t_u1"}}"#,
    );
    let (ana, ben) = (origin("ana"), origin("ben"));
    let (first, second) = tokio::join!(one.execute(&claim, &ana), other.execute(&claim, &ben));
    let recorded = [&first, &second]
        .iter()
        .filter(|outcome| matches!(outcome, Ok(Outcome::Recorded(_))))
        .count();
    assert_eq!(recorded, 1, "{first:?} {second:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_watchers_never_flag_twice() {
    let store = directed().await;
    let today = "2024-07-01".parse().unwrap();
    let (one, other) = (live(&store).await, live(&store).await);
    let (early, late) = (origin("watcher-1"), origin("watcher-2"));
    let (first, second) = tokio::join!(watch(&one, &early, today), watch(&other, &late, today));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.flagged + second.flagged, 8, "{first:?} {second:?}");
    assert_eq!(watch(&one, &early, today).await.unwrap(), Swept::default());
    let flags = all(&*store).await;
    let flags = flags
        .iter()
        .filter(|record| String::from_utf8_lossy(&record.bytes).contains("flagged_late"));
    assert_eq!(flags.count(), 8);
}

#[tokio::test]
async fn an_image_that_cannot_follow_says_where_and_takes_no_commands() {
    let store = directed().await;
    let process = live(&store).await;
    let at = store.head().await.unwrap().plus(1);
    store.append(poison()).await.unwrap();
    let error = process.caught_up().await.unwrap_err();
    assert!(
        error.to_string().contains(&format!("position {at}")),
        "{error}"
    );
    let refused = process
        .execute(&progress(1, 10), &origin("clerk"))
        .await
        .unwrap_err();
    assert!(matches!(refused, ExecuteError::Stopped { .. }), "{refused}");
    assert_eq!(store.head().await.unwrap(), at, "nothing was recorded");
}

/// A record that no image can fold.
fn poison() -> Append {
    let event = NewEvent {
        id: Uuid::now_v7(),
        bytes: bytes::Bytes::from_static(b"{\"no\":\"envelope\"}"),
    };
    Append::to(
        StreamId::parse("unit.x").unwrap(),
        Revision::NONE,
        vec![event],
    )
}

/// What a store does with appends before it answers as it should.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Takes the first one and loses the answer; of the later ones it says that it takes nothing.
    LosesTheAnswer,
    /// Has somebody else record first what no image can fold.
    IsPoisoned,
}

struct Tricky {
    kind: Kind,
    asked: AtomicU32,
}

#[async_trait]
impl Trick for Tricky {
    async fn append(
        &self,
        store: &MemoryStore,
        append: Append,
    ) -> Result<Vec<Position>, AppendError> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst);
        match (self.kind, asked) {
            (Kind::LosesTheAnswer, 0) => {
                store.append(append).await?;
                Err(AppendError::Unknown("the answer is lost".into()))
            }
            (Kind::LosesTheAnswer, _) => Err(AppendError::Unavailable("nobody is there".into())),
            (Kind::IsPoisoned, _) => {
                store.append(poison()).await?;
                store.append(append).await
            }
        }
    }
}

async fn tricky(kind: Kind) -> (Arc<MemoryStore>, Live) {
    let store = directed().await;
    let asked = AtomicU32::new(0);
    let tricky = Arc::new(Tricked {
        store: store.clone(),
        trick: Tricky { kind, asked },
    });
    let image = fold_until(&*store, Image::new(), None).await.unwrap();
    (store, Live::start(tricky, image).await.unwrap())
}

/// A store lost an answer, and could not be reached when it was asked again. What it said then was true of
/// the second asking, and was told of the command: "nothing was recorded" of an event that was there.
#[tokio::test]
async fn what_may_be_recorded_is_never_said_not_to_be() {
    let (store, process) = tricky(Kind::LosesTheAnswer).await;
    let before = store.head().await.unwrap();
    let told = process.execute(&progress(1, 10), &origin("clerk")).await;
    assert!(
        matches!(told, Err(ExecuteError::Append(AppendError::Unknown(_)))),
        "{told:?}"
    );
    assert_eq!(store.head().await.unwrap(), before.plus(1));
}

#[tokio::test]
async fn what_is_recorded_is_said_to_be_though_the_image_cannot_come_to_it() {
    let (store, process) = tricky(Kind::IsPoisoned).await;
    let told = process.execute(&progress(1, 10), &origin("clerk")).await;
    let head = store.head().await.unwrap();
    let Ok(Outcome::Recorded(written)) = told else {
        panic!("{told:?}")
    };
    assert_eq!(written[0].position, head);
    let next = process.execute(&progress(1, 20), &origin("clerk")).await;
    assert!(
        matches!(next, Err(ExecuteError::Stopped { .. })),
        "{next:?}"
    );
}

fn segment(dir: &std::path::Path) -> Arc<dyn EventStore> {
    let identity = Identity::new(Uuid::from_u128(7), "hanoi").unwrap();
    Arc::new(SegmentStore::create(dir, &identity).unwrap())
}

#[tokio::test]
async fn a_migrated_ledger_has_the_same_bytes_at_the_same_positions() {
    let store = directed().await;
    let process = live(&store).await;
    for n in 0..50 {
        process
            .execute(&progress(n % 3, n + 1), &origin("clerk"))
            .await
            .unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    let target = segment(dir.path());
    let migrated = migrate(&*store, &*target, |_| {}).await.unwrap();
    assert_eq!(
        (migrated.there, migrated.end),
        (0, store.head().await.unwrap())
    );
    assert_eq!(all(&*store).await, all(&*target).await);
    // Asked again there is nothing to bring; after more was recorded, only that.
    let again = migrate(&*store, &*target, |_| {}).await.unwrap();
    assert_eq!((again.brought, &again.root), (0, &migrated.root));
    process
        .execute(&progress(7, 99), &origin("clerk"))
        .await
        .unwrap();
    assert_eq!(migrate(&*store, &*target, |_| {}).await.unwrap().brought, 1);
    let back: Arc<dyn EventStore> = Arc::new(MemoryStore::default());
    let back_again = migrate(&*target, &*back, |_| {}).await.unwrap();
    assert_eq!(all(&*store).await, all(&*back).await);
    assert_eq!(back_again.end, store.head().await.unwrap());
}

#[tokio::test]
async fn a_target_that_is_another_ledger_or_longer_is_refused() {
    let store = directed().await;
    let other: Arc<dyn EventStore> = directed().await;
    let refused = migrate(&*store, &*other, |_| {}).await.unwrap_err();
    // Both were founded alike; the ids of their second events differ.
    assert!(
        matches!(
            refused,
            MigrateError::NotAPrefix {
                position: Position(2)
            }
        ),
        "{refused}"
    );
    let short = Arc::new(MemoryStore::default());
    founded(short.clone()).await;
    let before = all(&*other).await;
    let refused = migrate(&*short, &*other, |_| {}).await.unwrap_err();
    assert!(matches!(refused, MigrateError::Longer { .. }), "{refused}");
    assert_eq!(before, all(&*other).await, "nothing was written");
}

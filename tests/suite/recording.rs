//! Recording over a store that fails: at every call, before or after it took effect, the ledger is
//! right afterwards and asking again brings it where it would have been.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use socai_app::ledger::{Founding, Ledger, Outcome};
use socai_app::request::{self, Request};
use socai_domain::id::AccountId;
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_store::{Append, AppendError, EventStore, Position, Recorded, envelope};
use socai_store_memory::MemoryStore;
use uuid::Uuid;

use crate::tricked::{Trick, Tricked};

const LINES: &str = r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"c","name":"Thành ủy","kind":"party_committee"}}
{"command":"unit.form","effective":"2014-01-01","data":{"unit":"a","name":"Sở Nội vụ","kind":"department"}}
{"command":"unit.form","effective":"2014-01-01","data":{"unit":"b","name":"Sở Tư pháp","kind":"department"}}
{"command":"document.issue","effective":"2024-01-15","data":{"document":"d","number":"12-CT/TU","type":"Chỉ thị","issuer":"c","date":"2024-01-15"}}
{"command":"task.assign","effective":"2024-01-15","data":{"task":"t","assignment":{"document":"d","title":"Rà soát","leads":[{"unit":"a"},{"unit":"b"}],"due":{"rule":"fixed","date":"2024-06-30"}}}}
{"command":"task.progress","effective":"2024-02-01","data":{"obligation":"t_a","percent":10}}
{"command":"task.progress","effective":"2024-03-01","data":{"obligation":"t_a","percent":20}}
{"command":"obligation.remind","effective":"2024-03-01","data":{"obligation":"t_b","by":"c"}}
{"command":"unit.rename","effective":"2024-04-01","data":{"unit":"x","name":"Không có"}}
{"command":"unit.merge","effective":"2024-05-01","data":{"units":["a","b"],"into":"c","transfer":["t_a","t_b"]}}
{"command":"task.claim","effective":"2024-06-01","data":{"obligation":"t_a"}}"#;

fn asked() -> Vec<(Request, Origin)> {
    let at = "2024-07-01T00:00:00Z".parse().unwrap();
    let origin = Origin {
        actor: AccountId::new("clerk").unwrap(),
        at,
    };
    LINES
        .lines()
        .map(|line| (request::parse(line.as_bytes()).unwrap(), origin.clone()))
        .collect()
}

async fn founded(store: Arc<dyn EventStore>) -> Ledger {
    let founding = Founding {
        origin: Line::new("hanoi").unwrap(),
        claims_stand_after_days: None,
        simulated_clock: false,
        log_key: None,
        id: Uuid::nil(),
    };
    Ledger::found(store, &founding, &asked()[0].1)
        .await
        .unwrap()
}

/// What the store holds: the stream, revision and type of every record, in order of streams.
async fn content(store: &dyn EventStore) -> Vec<(String, u64, String)> {
    let all = store
        .read_all(Position::ZERO, NonZeroU32::new(1_000).unwrap())
        .await
        .unwrap();
    let read = |recorded: &Recorded| {
        let envelope = envelope::parse(&recorded.bytes).unwrap();
        (
            envelope.subject.into_owned(),
            envelope.revision.0,
            envelope.event_type.into_owned(),
        )
    };
    let mut content: Vec<_> = all.iter().map(read).collect();
    content.sort();
    content
}

/// When a call fails.
#[derive(Debug, Clone, Copy)]
enum Fails {
    /// Nothing is written.
    Before,
    /// It is written, but the answer is lost.
    After,
}

/// Fails the nth append once.
struct Faulty {
    left: AtomicU32,
    fails: Fails,
}

#[async_trait]
impl Trick for Faulty {
    async fn append(
        &self,
        store: &MemoryStore,
        append: Append,
    ) -> Result<Vec<Position>, AppendError> {
        if self.left.fetch_sub(1, Ordering::SeqCst) != 1 {
            return store.append(append).await;
        }
        match self.fails {
            Fails::Before => Err(AppendError::Unavailable("the disk is full".into())),
            Fails::After => {
                store.append(append).await?;
                Err(AppendError::Unknown("the answer is lost".into()))
            }
        }
    }
}

#[tokio::test]
async fn a_failing_append_loses_doubles_and_invents_nothing() {
    let whole = Arc::new(MemoryStore::default());
    let outcomes = founded(whole.clone())
        .await
        .record(&asked())
        .await
        .unwrap()
        .outcomes;
    let refused = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Outcome::Refused(_)))
        .count();
    assert_eq!(refused, 1, "{outcomes:?}");
    let expected = content(&*whole).await;

    for fails in [Fails::Before, Fails::After] {
        for nth in 1.. {
            let store = Arc::new(MemoryStore::default());
            drop(founded(store.clone()).await);
            let left = AtomicU32::new(nth);
            let faulty = Arc::new(Tricked {
                store: store.clone(),
                trick: Faulty { left, fails },
            });
            let mut ledger = Ledger::load(faulty).await.unwrap();
            let batch = ledger.record(&asked()).await.unwrap();
            let stored = content(&*store).await;
            for (outcome, (request, _)) in batch.outcomes.iter().zip(asked()) {
                // What was acknowledged is there.
                if let Outcome::Recorded(written) = outcome {
                    for event in written {
                        assert!(
                            stored.iter().any(|(stream, ..)| *stream == event.subject),
                            "{request:?}"
                        );
                    }
                }
            }
            let again = ledger.record(&asked()).await.unwrap();
            assert!(again.trouble.is_none(), "{fails:?} {nth}: {again:?}");
            assert_eq!(content(&*store).await, expected, "{fails:?} {nth}");
            if batch.trouble.is_none() {
                assert!(nth > 1, "no append was made to fail");
                break;
            }
        }
    }
}

/// The image that a ledger was told while recording is the one that a fresh fold comes to.
#[tokio::test]
async fn the_image_while_recording_is_the_image_afterwards() {
    let store = Arc::new(MemoryStore::default());
    let mut ledger = founded(store.clone()).await;
    ledger.record(&asked()).await.unwrap();
    let fresh = Ledger::load(store).await.unwrap();
    let bytes = |ledger: &Ledger| {
        let mut bytes = Vec::new();
        ledger.image().write_snapshot(&mut bytes).unwrap();
        bytes
    };
    assert!(bytes(&ledger) == bytes(&fresh));
}

#[tokio::test]
async fn all_or_nothing_is_one_append() {
    let store = Arc::new(MemoryStore::default());
    let mut ledger = founded(store.clone()).await;
    let before = content(&*store).await;
    ledger
        .record_all_or_nothing(&asked())
        .await
        .expect_err("one of the lines is refused");
    assert_eq!(content(&*store).await, before);
    let good: Vec<_> = asked()
        .into_iter()
        .filter(|(request, _)| !request::compose(request).contains("unit.rename"))
        .collect();
    ledger.record_all_or_nothing(&good).await.unwrap();
    let mut ordinary = founded(Arc::new(MemoryStore::default())).await;
    ordinary.record(&asked()).await.unwrap();
    assert_eq!(content(&*store).await, content(&**ordinary.store()).await);
}

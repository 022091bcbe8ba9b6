//! Sealed heads, over the memory store: they cover everything, once, whoever seals; and a ledger whose heads are not
//! those that it sealed is told.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use socai_app::heads::{self, SealHeadsError};
use socai_app::ledger::{Founding, Ledger, Outcome, fold_until};
use socai_app::live::Live;
use socai_app::request::{self, Request};
use socai_app::watcher;
use socai_domain::command::Command;
use socai_domain::id::AccountId;
use socai_domain::ledger;
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_ledger::Image;
use socai_store::{EventStore, Position};
use socai_store_memory::MemoryStore;
use uuid::Uuid;

fn on(day: &str) -> Origin {
    Origin {
        actor: AccountId::new("watcher").unwrap(),
        at: format!("{day}T03:00:00Z").parse().unwrap(),
    }
}

async fn founded() -> (Arc<dyn EventStore>, Ledger) {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::default());
    let founding = Founding {
        origin: Line::new("hanoi").unwrap(),
        claims_stand_after_days: None,
        simulated_clock: false,
        log_key: None,
        id: Uuid::nil(),
    };
    let ledger = Ledger::found(store.clone(), &founding, &on("2026-01-01")).await;
    let mut ledger = ledger.unwrap();
    form(&mut ledger, "snv").await;
    (store, ledger)
}

async fn form(ledger: &mut Ledger, unit: &str) {
    let asked = (forming(unit), on("2026-01-01"));
    let batch = ledger.record(&[asked]).await.unwrap();
    assert!(matches!(batch.outcomes[..], [Outcome::Recorded(_)]));
}

fn forming(unit: &str) -> Request {
    let line = format!(
        r#"{{"command":"unit.form","effective":"2014-01-01","data":{{"unit":"{unit}","name":"Sở","kind":"department"}}}}"#
    );
    request::parse(line.as_bytes()).unwrap()
}

async fn live(store: &Arc<dyn EventStore>) -> Live {
    let image = fold_until(&**store, Image::new(), None).await.unwrap();
    Live::start(store.clone(), image).await.unwrap()
}

#[tokio::test]
async fn heads_cover_everything_recorded_before_them() {
    let (_, mut ledger) = founded().await;
    let sealed = heads::seal(&mut ledger, &on("2026-01-02")).await.unwrap();
    assert_eq!((sealed.tree.size(), sealed.position), (2, Position(3)));

    let names = ["ledger.main", "unit.snv", "unit.stc"].map(str::to_owned);
    let told = sealed.tree.of(&BTreeSet::from(names));
    let told: Vec<_> = told.iter().map(|head| (head.revision, head.last)).collect();
    assert_eq!(told, [(1, 1), (1, 2), (0, 0)]);
    let known = ledger.image().registry().ledger.heads.as_ref().unwrap();
    assert_eq!(
        (known.size, known.streams, known.root.to_string()),
        (2, 2, sealed.tree.root().to_string())
    );
}

/// Where nothing came after them, the heads that are sealed are answered, and no event follows.
#[tokio::test]
async fn sealing_again_records_only_what_is_new() {
    let (store, mut ledger) = founded().await;
    let first = heads::seal(&mut ledger, &on("2026-01-02")).await.unwrap();
    let again = heads::seal(&mut ledger, &on("2026-01-03")).await.unwrap();
    assert_eq!(first.position, again.position);
    assert_eq!(first.tree.root(), again.tree.root());
    assert_eq!(store.head().await.unwrap(), Position(3));

    form(&mut ledger, "stc").await;
    let more = heads::seal(&mut ledger, &on("2026-01-03")).await.unwrap();
    assert_eq!((more.tree.size(), more.position), (4, Position(5)));
    let sealed_twice = heads::tree_at(ledger.image(), Position(2));
    assert_eq!(sealed_twice.root(), first.tree.root());
}

/// Once a day, by whichever watcher comes first, and only where there is something new.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn watchers_seal_heads_once_a_day() {
    let (store, _) = founded().await;
    let (one, other) = (live(&store).await, live(&store).await);
    let mut recorded = Vec::new();
    for (day, unit) in [("2026-01-02", "a"), ("2026-01-03", "b")] {
        one.execute(&forming(unit), &on(day)).await.unwrap();
        for live in [&one, &other, &one] {
            live.caught_up().await.unwrap();
            let sealed = watcher::seal_heads(live, &on(day)).await.unwrap();
            recorded.push(sealed.is_some());
        }
    }
    assert_eq!(recorded, [true, false, false, true, false, false]);
    other.caught_up().await.unwrap();
    let quiet = watcher::seal_heads(&other, &on("2026-01-04")).await;
    assert!(quiet.unwrap().is_none(), "nothing was recorded since");
    assert_eq!(store.head().await.unwrap(), Position(6));
}

/// Whoever loses the race takes what the winner sealed, and nobody seals less than another did.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_that_seal_at_once_agree() {
    let (store, _) = founded().await;
    let (one, other) = (live(&store).await, live(&store).await);
    for round in 0..20 {
        let unit = format!("u{round}");
        one.execute(&forming(&unit), &on("2026-01-02"))
            .await
            .unwrap();
        let origin = on("2026-01-02");
        let (mut first, mut second) = (&one, &other);
        let (first, second) = tokio::join!(
            heads::seal(&mut first, &origin),
            heads::seal(&mut second, &origin)
        );
        for sealed in [first.unwrap(), second.unwrap()] {
            let at = fold_until(&*store, Image::new(), Some(Position(sealed.tree.size()))).await;
            let fresh = heads::tree_at(&at.unwrap(), Position(sealed.tree.size()));
            assert_eq!(fresh.root(), sealed.tree.root());
        }
    }
    let mut sizes = Vec::new();
    for record in store
        .read_all(Position::ZERO, NonZeroU32::MAX)
        .await
        .unwrap()
    {
        let record = socai_store::envelope::parse(&record.bytes).unwrap();
        if record.event_type == "ledger.heads_sealed.v1" {
            let said: serde_json::Value = serde_json::from_str(record.data).unwrap();
            sizes.push(said["size"].as_u64().unwrap());
        }
    }
    assert!(sizes.is_sorted_by(|one, next| one < next), "{sizes:?}");
}

/// The domain cannot know a root; whoever computes it again does.
#[tokio::test]
async fn heads_that_are_not_those_of_the_records_are_told() {
    let (_, mut ledger) = founded().await;
    let command = Command::Ledger(ledger::Command::SealHeads {
        size: 2,
        streams: 2,
        root: "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
            .parse()
            .unwrap(),
    });
    let request = Request {
        command,
        ..forming("x")
    };
    ledger.record(&[(request, on("2026-01-02"))]).await.unwrap();
    let error = heads::seal(&mut ledger, &on("2026-01-02"))
        .await
        .unwrap_err();
    assert!(
        matches!(error, SealHeadsError::Differ { size: 2, .. }),
        "{error}"
    );
}

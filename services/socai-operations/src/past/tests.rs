//! What was known earlier, folded once.

use socai_app::ledger::{Founding, Ledger};
use socai_app::request;
use socai_domain::id::AccountId;
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_store::EventStore;
use socai_store_memory::MemoryStore;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

/// A ledger of ten records: its founding and nine units.
async fn ledger() -> Arc<dyn EventStore> {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::default());
    let operator = Origin {
        actor: AccountId::new("operator").unwrap(),
        at: "2024-07-01T00:00:00Z".parse().unwrap(),
    };
    let founding = Founding {
        origin: Line::new("hanoi").unwrap(),
        claims_stand_after_days: None,
        simulated_clock: false,
        log_key: None,
        id: Uuid::nil(),
    };
    let founded = Ledger::found(store.clone(), &founding, &operator);
    let mut ledger = founded.await.unwrap();
    let line = |unit| {
        format!(
            r#"{{"command":"unit.form","effective":"2014-01-01","data":{{"unit":"u{unit}","name":"Sở {unit}","kind":"department"}}}}"#
        )
    };
    for unit in 1..10 {
        let later = operator.at + jiff::SignedDuration::from_hours(unit);
        let origin = Origin {
            at: later,
            ..operator.clone()
        };
        let request = request::parse(line(unit).as_bytes()).unwrap();
        ledger.record(&[(request, origin)]).await.unwrap();
    }
    store
}

async fn past(snapshots: Option<Snapshots>) -> Past {
    let store = ledger().await;
    let image = fold_until(&*store, Image::new(), None).await.unwrap();
    let live = Live::start(store, image).await.unwrap();
    Past::new(Arc::new(live), snapshots)
}

fn ana() -> AccountId {
    AccountId::new("ana").unwrap()
}

fn bytes(image: &Image) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_snapshot(&mut bytes).unwrap();
    bytes
}

async fn folded(past: &Past, position: u64) -> Vec<u8> {
    let store = past.shared.live.store();
    let image = fold_until(&**store, Image::new(), Some(Position(position))).await;
    bytes(&image.unwrap())
}

#[tokio::test]
async fn what_was_known_is_what_a_fold_up_to_there_gives() {
    let past = past(None).await;
    for position in [0, 4, 7, 3, 10, 7] {
        let image = past.at(KnownAt::Position(position), &ana()).await.unwrap();
        assert_eq!(bytes(&image), folded(&past, position).await, "{position}");
    }
    let noon = "2024-07-01T05:30:00Z".parse().unwrap();
    let image = past.at(KnownAt::Time(noon), &ana()).await.unwrap();
    assert_eq!(image.position(), Position(6));
}

#[tokio::test]
async fn what_is_not_there_yet_was_not_known() {
    let past = past(None).await;
    let error = past.at(KnownAt::Position(11), &ana()).await.unwrap_err();
    let said = "known_at: 11: the ledger ends at position 10";
    assert_eq!(error.to_string(), said);
}

#[tokio::test]
async fn several_who_ask_for_one_position_are_given_one_image() {
    let past = past(None).await;
    let ana = ana();
    let ask = || past.at(KnownAt::Position(5), &ana);
    let (one, two, three) = tokio::join!(ask(), ask(), ask());
    let one = one.unwrap();
    assert!(Arc::ptr_eq(&one, &two.unwrap()) && Arc::ptr_eq(&one, &three.unwrap()));
    assert!(Arc::ptr_eq(&one, &ask().await.unwrap()));
}

#[tokio::test]
async fn an_account_that_folds_much_is_waited_for_by_nobody_else() {
    let past = past(None).await;
    let ben = AccountId::new("ben").unwrap();
    let turn = past.shared.turns.next(&ana()).await.unwrap();
    let mut waiting: Vec<_> = (1..=8)
        .map(|position| {
            let past = past.clone();
            tokio::spawn(async move { past.at(KnownAt::Position(position), &ana()).await })
        })
        .collect();
    // They wait now, and take no place from the images that are kept.
    tokio::task::yield_now().await;
    past.at(KnownAt::Position(9), &ben).await.unwrap();
    assert_eq!(past.shared.kept().len(), 1);
    assert!(waiting.iter().all(|one| !one.is_finished()));
    for one in waiting.drain(4..) {
        one.abort();
    }
    drop(turn);
    for one in waiting {
        one.await.unwrap().unwrap();
    }
    let kept = past.shared.kept();
    let folded: Vec<u64> = kept.iter().map(|kept| kept.position.0).collect();
    assert_eq!(folded, [1, 2, 3, 4], "nobody waits for the others");
}

#[tokio::test]
async fn what_nobody_waits_for_is_not_folded() {
    let past = past(None).await;
    let runtime = Handle::current();
    let folding = tokio::task::spawn_blocking(move || {
        let fold = |wanted: &Weak<()>| past.shared.fold_while(wanted, Position(5), &runtime);
        let wanted = Arc::new(());
        let image = fold(&Arc::downgrade(&wanted)).unwrap().unwrap();
        assert_eq!(image.position(), Position(5));
        drop(wanted);
        assert!(fold(&Weak::new()).unwrap().is_none());
    });
    folding.await.unwrap();
}

#[tokio::test]
async fn few_images_are_kept_and_those_used_last() {
    let past = past(None).await;
    for position in [1, 2, 3, 4, 1, 5, 6] {
        past.at(KnownAt::Position(position), &ana()).await.unwrap();
    }
    let kept = past.shared.kept();
    let positions: Vec<u64> = kept.iter().map(|kept| kept.position.0).collect();
    assert_eq!(positions, [4, 1, 5, 6]);
}

#[tokio::test]
async fn a_snapshot_is_gone_on_from_and_a_damaged_one_passed_over() {
    for damaged in [false, true] {
        let home: TempDir = tempfile::tempdir().unwrap();
        let store = ledger().await;
        let image = fold_until(&*store, Image::new(), Some(Position(5)));
        Snapshots::of(home.path())
            .keep(&image.await.unwrap())
            .unwrap();
        if damaged {
            let kept = Snapshots::of(home.path()).kept(None).remove(0);
            std::fs::write(kept.path, b"nothing").unwrap();
        }
        let past = past(Some(Snapshots::of(home.path()))).await;
        for position in [3, 8] {
            let image = past.at(KnownAt::Position(position), &ana()).await.unwrap();
            assert_eq!(bytes(&image), folded(&past, position).await, "{position}");
        }
    }
}

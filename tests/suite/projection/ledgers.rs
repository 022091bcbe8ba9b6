//! Ledgers to project: the scenario, a simulated city, and the first records of either.

use std::num::NonZeroU32;
use std::sync::Arc;

use jiff::civil::date;
use socai_app::import::{Happened, append_all};
use socai_app::ledger::{Founding, Ledger};
use socai_domain::id::AccountId;
use socai_domain::line::Line;
use socai_domain::origin::{Origin, VIETNAM};
use socai_ledger::{Fact, Image};
use socai_simulate::{Plan, Simulation};
use socai_store::{Append, EventStore, NewEvent, Position, Recorded, Revision, StreamId, envelope};
use socai_store_memory::MemoryStore;
use uuid::Uuid;

use crate::review::hanoi;

pub(super) type Store = Arc<dyn EventStore>;

/// The Hà Nội scenario.
pub(super) async fn scenario() -> Store {
    hanoi::loaded().await.store().clone()
}

/// A city of two years, with mergers, divisions, transfers and inspections.
pub(super) async fn city(events: u64) -> Store {
    let plan = Plan {
        units: 60,
        years: 4,
        seed: 11,
        events: Some(events),
    };
    let store: Store = Arc::new(MemoryStore::default());
    let founding = Founding {
        id: Uuid::from_u128(1),
        origin: Line::new("thanh-pho").unwrap(),
        claims_stand_after_days: Some(9),
        simulated_clock: true,
        log_key: None,
    };
    let day = date(2013, 12, 1).to_zoned(jiff::tz::TimeZone::fixed(VIETNAM));
    let first = Origin {
        actor: AccountId::new("operator").unwrap(),
        at: day.unwrap().timestamp(),
    };
    Ledger::found(store.clone(), &founding, &first)
        .await
        .unwrap();
    let told = Simulation::new(plan).unwrap().events();
    let happened = told.map(|told| Happened {
        command: Uuid::from_u128(u128::from(told.step) + 1_000),
        subject: told.subject,
        effective: told.effective,
        recorded: told.recorded,
        actor: told.actor,
        event: told.event,
        synthetic: true,
    });
    append_all(&store, "/thanh-pho", happened, |_| {})
        .await
        .unwrap();
    store
}

/// Every record of a ledger.
pub(super) async fn records(store: &Store) -> Vec<Recorded> {
    let all = NonZeroU32::new(u32::MAX).unwrap();
    store.read_all(Position::ZERO, all).await.unwrap()
}

/// A ledger of `records`.
pub(super) async fn ledger(records: &[Recorded]) -> Store {
    let store: Store = Arc::new(MemoryStore::default());
    append(&store, records).await;
    store
}

/// Appends `records`, as they are, one by one.
pub(super) async fn append(store: &Store, records: &[Recorded]) {
    for record in records {
        let read = envelope::parse(&record.bytes).unwrap();
        let event = NewEvent {
            id: read.id,
            bytes: record.bytes.clone(),
        };
        let stream = StreamId::parse(&read.subject).unwrap();
        let append = Append::to(stream, Revision(read.revision.0 - 1), vec![event]);
        store.append(append).await.unwrap();
    }
}

/// The image of a ledger.
pub(super) async fn image(store: &Store) -> Image {
    let mut image = Image::new();
    for record in records(store).await {
        image.fold(&Fact::decode(&record).unwrap()).unwrap();
    }
    image
}

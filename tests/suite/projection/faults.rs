//! Whatever is killed, and whenever, the tables end equal; and what cannot be mended stops.

use std::borrow::Cow;
use std::collections::BTreeMap;

use socai_store::{Position, Recorded, envelope};
use socai_view_postgres::layout::LAYOUT;
use socai_view_postgres::{Error, Settings, State, migrate, rebuild};
use uuid::Uuid;

use super::ledgers::{self, Store};
use super::proxy::{Last, Wire};
use super::watching::{Running, assert_same, place_at, project, tables};
use crate::servers::postgres::Postgres;

type Tables = BTreeMap<String, Vec<String>>;

/// What the tables hold once `store` is projected in one go.
async fn in_one_go(store: &Store) -> Tables {
    let postgres = Postgres::start().await;
    project(store, &postgres.settings()).await;
    tables(&postgres.session("postgres").await).await
}

async fn cut_everywhere(last: Last) {
    let (postgres, store) = (Postgres::start().await, ledgers::city(400).await);
    migrate(&postgres.settings()).await.unwrap();
    let wire = Wire::to(&postgres, last).await;
    let settings = Settings {
        batch_records_max: 150,
        ..wire.settings(&postgres)
    };
    let mut running = Running::start(&store, &settings);
    running.reach_the_end(&store).await;
    running.stop().await.unwrap();
    let cuts = wire.cuts();
    assert!(cuts > 60, "{cuts} cuts");
    println!("cut {cuts} times, the message {last:?}");
    let found = tables(&postgres.session("postgres").await).await;
    assert_same(&in_one_go(&store).await, &found, &format!("{last:?}"));
}

#[tokio::test]
async fn a_wire_cut_before_any_message_loses_and_doubles_nothing() {
    cut_everywhere(Last::Lost).await;
}

/// The answer to a commit among them: it is found out by reading the position.
#[tokio::test]
async fn a_wire_cut_before_any_answer_loses_and_doubles_nothing() {
    cut_everywhere(Last::Seen).await;
}

#[tokio::test]
async fn a_server_killed_in_the_middle_has_the_rows_of_its_position() {
    let (mut postgres, store) = (Postgres::start().await, ledgers::city(6_000).await);
    let settings = Settings {
        batch_records_max: 60,
        ..postgres.settings()
    };
    migrate(&settings).await.unwrap();
    let mut running = Running::start(&store, &settings);
    for after in [500, 1_700, 3_100, 4_400] {
        running.until(|status| status.position.0 >= after).await;
        postgres.kill();
        postgres.restart().await;
    }
    running.reach_the_end(&store).await;
    running.stop().await.unwrap();
    let found = tables(&postgres.session("postgres").await).await;
    assert_same(&in_one_go(&store).await, &found, "killed four times");
}

#[tokio::test]
async fn of_two_projectors_one_writes_and_the_other_takes_over() {
    let (postgres, all) = (Postgres::start().await, ledgers::city(3_000).await);
    let all = ledgers::records(&all).await;
    let store = ledgers::ledger(&all[..1_000]).await;
    let settings = Settings {
        batch_records_max: 40,
        ..postgres.settings()
    };
    migrate(&settings).await.unwrap();
    let mut one = Running::start(&store, &settings);
    one.until(|status| status.state == State::Running).await;
    let mut other = Running::start(&store, &settings);
    other.until(|status| status.state == State::Standby).await;
    one.reach_the_end(&store).await;
    ledgers::append(&store, &all[1_000..2_000]).await;
    one.stop().await.unwrap();
    other
        .until(|status| status.state == State::Running && status.epoch == 2)
        .await;
    ledgers::append(&store, &all[2_000..]).await;
    other.reach_the_end(&store).await;
    other.stop().await.unwrap();
    let found = tables(&postgres.session("postgres").await).await;
    assert_same(&in_one_go(&store).await, &found, "handed over");
}

#[tokio::test]
async fn a_projector_of_an_older_epoch_writes_nothing_and_stops() {
    let (postgres, all) = (Postgres::start().await, ledgers::city(600).await);
    let all = ledgers::records(&all).await;
    let (store, settings) = (ledgers::ledger(&all[..500]).await, postgres.settings());
    migrate(&settings).await.unwrap();
    let mut running = Running::start(&store, &settings);
    running.reach_the_end(&store).await;
    let root = postgres.session("postgres").await;
    let before = tables(&root).await;
    root.execute("UPDATE control.projection SET epoch = epoch + 1", &[])
        .await
        .unwrap();
    ledgers::append(&store, &all[500..]).await;
    let error = running.end().await;
    assert!(matches!(error, Error::Fenced { epoch: 1 }), "{error}");
    place_at(&settings, Position(500)).await;
    assert_same(&before, &tables(&root).await, "fenced");
    project(&store, &settings).await;
    assert_same(
        &in_one_go(&store).await,
        &tables(&root).await,
        "started again",
    );
}

/// A record of a known type about `subject` that no program of today can take in.
fn poison(after: &[Recorded], event_type: &'static str, data: &'static str) -> Recorded {
    let read = |record: &Recorded| envelope::parse(&record.bytes).map(|e| e.subject.into_owned());
    let units = after.iter().map(|record| read(record).unwrap());
    let unit = units
        .clone()
        .find(|subject| subject.starts_with("unit."))
        .unwrap();
    let revision = units.filter(|subject| *subject == unit).count() as u64 + 1;
    let last = envelope::parse(&after.last().unwrap().bytes).unwrap();
    let bytes = envelope::compose(&envelope::Envelope {
        id: Uuid::from_u128(7),
        event_type: Cow::Borrowed(event_type),
        subject: Cow::Owned(unit),
        revision: socai_store::Revision(revision),
        data,
        ..last
    });
    let position = Position(after.len() as u64 + 1);
    Recorded {
        position,
        bytes: bytes.into(),
    }
}

async fn parks(event_type: &'static str, data: &'static str) {
    let (postgres, all) = (Postgres::start().await, ledgers::city(700).await);
    let (all, settings) = (ledgers::records(&all).await, postgres.settings());
    let bad = poison(&all[..400], event_type, data);
    let store = ledgers::ledger(&all[..400]).await;
    ledgers::append(&store, &[bad]).await;
    migrate(&settings).await.unwrap();
    // Twice: starting again tries again.
    for _ in 0..2 {
        let error = Running::start(&store, &settings).end().await;
        let Error::Parked { position, reason } = error else {
            panic!("{error}")
        };
        assert_eq!(Position(401), position);
        assert!(reason.contains("position 401"), "{reason}");
        let place = place_at(&settings, Position(400)).await;
        assert_eq!(
            ("parked", Some((position, reason))),
            (place.state.as_str(), place.parked)
        );
    }
    let root = postgres.session("postgres").await;
    let before = in_one_go(&ledgers::ledger(&all[..400]).await).await;
    assert_same(&before, &tables(&root).await, "parked");

    // As if a later program could read it.
    let mended = ledgers::ledger(&all).await;
    project(&mended, &settings).await;
    assert_eq!(
        "stopped",
        place_at(&settings, Position(all.len() as u64)).await.state
    );
    assert_same(&in_one_go(&mended).await, &tables(&root).await, "mended");
}

#[tokio::test]
async fn a_record_that_does_not_read_parks_the_projector_after_everything_before_it() {
    parks("unit.renamed.v1", r#"{"nonsense":true}"#).await;
}

/// A fold that fails half way has spoilt the image; what came before is folded anew.
#[tokio::test]
async fn a_record_that_does_not_follow_parks_the_projector_after_everything_before_it() {
    parks(
        "unit.formed.v1",
        r#"{"name":"Sở Nội vụ","kind":"department"}"#,
    )
    .await;
}

#[tokio::test]
async fn a_log_that_was_rolled_back_or_is_another_one_is_refused() {
    let (postgres, store) = (Postgres::start().await, ledgers::city(500).await);
    let settings = postgres.settings();
    project(&store, &settings).await;
    let all = ledgers::records(&store).await;
    let end = all.len() as u64;
    let shorter = ledgers::ledger(&all[..300]).await;
    let error = Running::start(&shorter, &settings).end().await;
    assert!(
        matches!(error, Error::LogBehind { cursor, head } if (cursor.0, head.0) == (end, 300)),
        "{error}"
    );
    let other = ledgers::scenario().await;
    let error = Running::start(&other, &settings).end().await;
    assert!(
        matches!(error, Error::OtherHistory { cursor, .. } if cursor.0 == end),
        "{error}"
    );
    place_at(&settings, Position(end)).await;
}

#[tokio::test]
async fn a_database_that_was_not_prepared_says_so() {
    let (postgres, store) = (Postgres::start().await, ledgers::ledger(&[]).await);
    let error = Running::start(&store, &postgres.settings()).end().await;
    assert!(matches!(error, Error::NotMigrated), "{error}");
}

/// An image before the cursor is folded on to it, one after it is no use, and neither changes a row.
#[tokio::test]
async fn an_image_from_elsewhere_shortens_the_start() {
    let (postgres, store) = (Postgres::start().await, ledgers::city(1_500).await);
    let (all, settings) = (ledgers::records(&store).await, postgres.settings());
    let images = [
        ledgers::image(&ledgers::ledger(&all[..300]).await).await,
        ledgers::image(&store).await,
    ];
    for (image, end) in images.into_iter().zip([900, all.len()]) {
        project(&ledgers::ledger(&all[..end - 400]).await, &settings).await;
        let store = ledgers::ledger(&all[..end]).await;
        let images: socai_view_postgres::Images = std::sync::Arc::new(move |_| {
            let image = image.clone();
            Box::pin(async move { image })
        });
        let projector = socai_view_postgres::Projector::new(store.clone(), settings.clone());
        let mut running = Running::run(projector.with_images(images));
        running.reach_the_end(&store).await;
        running.stop().await.unwrap();
    }
    let found = tables(&postgres.session("postgres").await).await;
    assert_same(&in_one_go(&store).await, &found, "from images");
}

#[tokio::test]
async fn tables_of_an_earlier_layout_are_left_alone_until_a_rebuild() {
    let (postgres, store) = (Postgres::start().await, ledgers::city(300).await);
    let settings = postgres.settings();
    project(&store, &settings).await;
    let root = postgres.session("postgres").await;
    is_of_layout(&root, LAYOUT - 1).await;
    migrate(&settings).await.unwrap();
    let error = Running::start(&store, &settings).end().await;
    let said = format!(
        "the tables have layout {}, and this program writes layout {LAYOUT}: rebuild",
        LAYOUT - 1
    );
    assert_eq!(error.to_string(), said);
    rebuild(store.clone(), &settings, |_| {}).await.unwrap();
    project(&store, &settings).await;
    assert_same(&in_one_go(&store).await, &tables(&root).await, "rebuilt");
}

/// Whoever goes back to an earlier program for good says so, as `ops/runbook/upgrade.md` has it.
#[tokio::test]
async fn tables_of_a_later_program_are_replaced_by_nothing_of_this_one() {
    let (postgres, store) = (Postgres::start().await, ledgers::city(300).await);
    let settings = postgres.settings();
    project(&store, &settings).await;
    let root = postgres.session("postgres").await;
    is_of_layout(&root, LAYOUT + 1).await;
    let before = tables(&root).await;
    migrate(&settings).await.unwrap();
    let projector = Running::start(&store, &settings).end().await;
    let rebuilt = rebuild(store.clone(), &settings, |_| {}).await.unwrap_err();
    for error in [projector, rebuilt] {
        assert!(
            matches!(error, Error::NewerLayout { found, .. } if found == LAYOUT + 1),
            "{error}"
        );
    }
    assert_same(&before, &tables(&root).await, "as they were");
    is_of_layout(&root, 0).await;
    rebuild(store.clone(), &settings, |_| {}).await.unwrap();
    assert_same(&before, &tables(&root).await, "rebuilt");
}

async fn is_of_layout(root: &tokio_postgres::Client, layout: i32) {
    let set = "UPDATE control.projection SET layout = $1";
    root.execute(set, &[&layout]).await.unwrap();
}

/// As a process is that was stopped by a signal: its session is there, and silent.
#[tokio::test]
async fn a_projector_that_says_nothing_is_taken_over() {
    let (postgres, store) = (Postgres::start().await, ledgers::city(300).await);
    let settings = Settings {
        silent_ms_max: 500,
        ..postgres.settings()
    };
    migrate(&settings).await.unwrap();
    let silent = postgres.session("socai_projector").await;
    let lock = "SELECT pg_advisory_lock($1)";
    silent
        .execute(lock, &[&socai_view_postgres::place::PROJECTOR_LOCK])
        .await
        .unwrap();
    let mut running = Running::start(&store, &settings);
    running.until(|status| status.state == State::Standby).await;
    running.reach_the_end(&store).await;
    assert!(
        silent.execute("SELECT 1", &[]).await.is_err(),
        "its session was ended"
    );
    // One that waits for records is not silent.
    let mut other = Running::start(&store, &settings);
    other.until(|status| status.state == State::Standby).await;
    let root = postgres.session("postgres").await;
    root.batch_execute("SELECT pg_sleep(1.2)").await.unwrap();
    assert_eq!(
        1,
        place_at(&settings, store.head().await.unwrap()).await.epoch
    );
    running.stop().await.unwrap();
    other.stop().await.unwrap();
}

//! New tables while the old ones serve.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Mutex;

use socai_store::Position;
use socai_view_postgres::{Error, Settings, Stage, migrate, rebuild};
use tokio_postgres::Client;

use super::ledgers::{self, Store};
use super::watching::{Running, assert_same, place_at, project, tables};
use crate::servers::postgres::Postgres;

async fn schemas(client: &Client) -> Vec<String> {
    let named =
        "SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^(ledger_|reporting)' ORDER BY 1";
    let rows = client.query(named, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Runs a rebuild until it says that it is at `stage`, and drops it there. The one before may not be gone
/// yet for the server.
async fn cancelled_at(stage: Stage, store: &Store, settings: &Settings) {
    loop {
        let (told, mut hears) = tokio::sync::watch::channel(None);
        let rebuilding = rebuild(store.clone(), settings, |progress| {
            told.send_replace(Some(progress.stage));
        });
        let mut rebuilding = pin!(rebuilding);
        tokio::select! {
            biased;
            reached = hears.wait_for(|at| *at >= Some(stage)) => return drop(reached.unwrap()),
            ended = &mut rebuilding => match ended {
                Err(Error::RebuildUnderWay) => tokio::task::yield_now().await,
                ended => panic!("it ended before {stage:?}: {ended:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_rebuild_makes_the_same_rows() {
    for store in [ledgers::city(3_000).await, ledgers::scenario().await] {
        let (postgres, stages) = (Postgres::start().await, Mutex::new(BTreeSet::new()));
        let settings = postgres.settings();
        project(&store, &settings).await;
        let root = postgres.session("postgres").await;
        let before = tables(&root).await;
        let progress = |progress: socai_view_postgres::Progress| {
            stages.lock().unwrap().insert(progress.stage);
        };
        let rebuilt = rebuild(store.clone(), &settings, progress).await.unwrap();
        assert_eq!(
            ("ledger_2", store.head().await.unwrap()),
            (rebuilt.schema.as_str(), rebuilt.position)
        );
        assert_eq!(
            rebuilt.rows,
            before.values().map(|rows| rows.len() as u64).sum::<u64>()
        );
        assert_same(&before, &tables(&root).await, "rebuilt");
        assert_eq!(["ledger_2", "reporting"], schemas(&root).await[..]);
        assert_eq!(5, stages.into_inner().unwrap().len());
    }
}

/// A projector writes, a reader reads, and the position never goes back for either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_while_the_ledger_grows_is_followed_by_the_projector() {
    let (postgres, all) = (Postgres::start().await, ledgers::city(5_000).await);
    let all = ledgers::records(&all).await;
    let store = ledgers::ledger(&all[..2_000]).await;
    let settings = Settings {
        batch_records_max: 25,
        ..postgres.settings()
    };
    migrate(&settings).await.unwrap();
    let mut running = Running::start(&store, &settings);
    running
        .until(|status| status.position > Position(500))
        .await;

    let reader = postgres.session("grafana_reader").await;
    let reading = tokio::spawn(async move {
        let (mut last, mut reads) = (0, 0);
        while last < 5_000 {
            let ask = "SELECT (SELECT position FROM projection), (SELECT count(*) FROM obligations_current)";
            let position: i64 = reader.query_one(ask, &[]).await.unwrap().get(0);
            assert!(position >= last, "{position} after {last}");
            (last, reads) = (position, reads + 1);
        }
        reads
    });
    let (growing, part) = (store.clone(), all[2_000..].to_vec());
    let growing = tokio::spawn(async move {
        for part in part.chunks(100) {
            ledgers::append(&growing, part).await;
            tokio::task::yield_now().await;
        }
    });
    for _ in 0..3 {
        rebuild(store.clone(), &settings, |_| {}).await.unwrap();
    }
    growing.await.unwrap();
    running.reach_the_end(&store).await;
    assert!(reading.await.unwrap() > 3);
    running.stop().await.unwrap();

    let fresh = Postgres::start().await;
    project(&store, &fresh.settings()).await;
    let expected = tables(&fresh.session("postgres").await).await;
    let found = tables(&postgres.session("postgres").await).await;
    assert_same(&expected, &found, "rebuilt three times under way");
}

#[tokio::test]
async fn a_rebuild_dropped_at_any_stage_leaves_the_old_tables_serving() {
    let (postgres, store) = (Postgres::start().await, ledgers::city(2_000).await);
    let settings = postgres.settings();
    project(&store, &settings).await;
    let root = postgres.session("postgres").await;
    let before = tables(&root).await;
    let place = place_at(&settings, store.head().await.unwrap()).await;
    for stage in [
        Stage::Folding,
        Stage::Writing,
        Stage::Indexing,
        Stage::Checking,
        Stage::Swapping,
    ] {
        cancelled_at(stage, &store, &settings).await;
        let now = place_at(&settings, place.position).await;
        assert_eq!(
            (&place.serving, place.epoch),
            (&now.serving, now.epoch),
            "{stage:?}"
        );
        assert_same(&before, &tables(&root).await, &format!("{stage:?}"));
    }
    // The last one left its tables behind, whole and not serving.
    assert!(schemas(&root).await.len() > 2, "{:?}", schemas(&root).await);
    let rebuilt = until_free(&store, &settings).await;
    assert_same(&before, &tables(&root).await, "in the end");
    assert_eq!([rebuilt.as_str(), "reporting"], schemas(&root).await[..]);
}

/// Rebuilds once the server has noticed that the one before is gone.
async fn until_free(store: &Store, settings: &Settings) -> String {
    loop {
        match rebuild(store.clone(), settings, |_| {}).await {
            Ok(rebuilt) => return rebuilt.schema,
            Err(Error::RebuildUnderWay) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Somebody reads for long: nobody waits for anybody, and the old tables go with the next rebuild.
#[tokio::test]
async fn a_reader_in_the_way_reads_on_and_delays_nothing() {
    let (postgres, store) = (Postgres::start().await, ledgers::city(500).await);
    let settings = postgres.settings();
    project(&store, &settings).await;
    let (root, mut reader) = (
        postgres.session("postgres").await,
        postgres.session("grafana_reader").await,
    );
    let reading = reader.transaction().await.unwrap();
    reading.query("SELECT * FROM units", &[]).await.unwrap();
    let rebuilt = rebuild(store.clone(), &settings, |_| {}).await.unwrap();
    assert_eq!("ledger_2", rebuilt.schema);
    assert_eq!(
        ["ledger_1", "ledger_2", "reporting", "reporting_1"],
        schemas(&root).await[..]
    );
    reading
        .query("SELECT * FROM units, obligations_current LIMIT 1", &[])
        .await
        .unwrap();
    reading.commit().await.unwrap();
    rebuild(store.clone(), &settings, |_| {}).await.unwrap();
    assert_eq!(["ledger_3", "reporting"], schemas(&root).await[..]);
}

/// A statement prepared before the swap answers after it, and a view that somebody made is not dropped.
#[tokio::test]
async fn what_others_hold_survives_a_rebuild() {
    let (postgres, store) = (Postgres::start().await, ledgers::city(500).await);
    let settings = postgres.settings();
    project(&store, &settings).await;
    let (root, reader) = (
        postgres.session("postgres").await,
        postgres.session("grafana_reader").await,
    );
    let prepared = reader
        .prepare("SELECT count(*) FROM rates('2024-01-01', 'year')")
        .await
        .unwrap();
    let count = async || {
        reader
            .query_one(&prepared, &[])
            .await
            .unwrap()
            .get::<_, i64>(0)
    };
    let before = count().await;
    rebuild(store.clone(), &settings, |_| {}).await.unwrap();
    assert_eq!(before, count().await);
    root.batch_execute("CREATE VIEW public.mine AS SELECT count(*) FROM reporting.units")
        .await
        .unwrap();
    rebuild(store.clone(), &settings, |_| {}).await.unwrap();
    root.query_one("SELECT * FROM public.mine", &[])
        .await
        .unwrap();
    assert_eq!(
        ["ledger_2", "ledger_3", "reporting", "reporting_2"],
        schemas(&root).await[..]
    );
}

#[tokio::test]
async fn tables_that_differ_from_the_image_are_found() {
    let (postgres, store) = (Postgres::start().await, ledgers::city(2_000).await);
    let settings = postgres.settings();
    project(&store, &settings).await;
    let image = ledgers::image(&store).await;
    assert!(
        socai_view_postgres::check(&settings, &image)
            .await
            .unwrap()
            .is_empty()
    );
    let root = postgres.session("postgres").await;
    let spoil = "UPDATE ledger_1.phases SET current_until = 'late', current_after = 'late' WHERE number = 3";
    root.execute(spoil, &[]).await.unwrap();
    let found = socai_view_postgres::check(&settings, &image).await.unwrap();
    assert!(!found.is_empty());
    rebuild(store.clone(), &settings, |_| {}).await.unwrap();
    assert!(
        socai_view_postgres::check(&settings, &image)
            .await
            .unwrap()
            .is_empty()
    );
}

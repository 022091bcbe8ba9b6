//! What SQL answers is what the image answers.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use socai_domain::obligation::Kind;
use socai_domain::rate::{Counts, RateId};
use socai_domain::standing::DueMode;
use socai_ledger::query::{Grouping, Lineage, Query};
use socai_ledger::{Fact, Image};
use socai_store::Position;
use socai_view_postgres::check::{check, counts};
use socai_view_postgres::layout::REPORTING;
use tokio_postgres::Client;

use super::ledgers::{self, Store};
use super::watching::{Running, assert_same, project, tables};
use crate::servers::postgres::Postgres;

const GROUPINGS: [Grouping; 7] = [
    Grouping::Unit,
    Grouping::Group,
    Grouping::Kind,
    Grouping::Document,
    Grouping::Year,
    Grouping::Quarter,
    Grouping::Total,
];

/// In both modes and by both lineages.
fn in_every_mode(as_of: Date) -> Vec<Query> {
    let lineages = [Lineage::Recorded, Lineage::Successor];
    let modes = [DueMode::Current, DueMode::Original];
    let query = |lineage, due_mode| Query {
        lineage,
        due_mode,
        ..Query::as_of(as_of)
    };
    lineages
        .into_iter()
        .flat_map(|lineage| modes.map(|mode| query(lineage, mode)))
        .collect()
}

async fn same_rates(client: &Client, image: &Image, query: &Query, by: Grouping) -> usize {
    let sql = counts(client, REPORTING, query, by).await.unwrap();
    let expected = image.rates(query, by).rows;
    assert_eq!(expected, sql, "{by:?} {query:?}");
    sql.len()
}

/// Every grouping, lineage and due mode on `days`; and every sort of filter on each of them.
async fn same_answers(client: &Client, image: &Image, days: &[Date]) {
    let mut rows = 0;
    for day in days {
        for query in in_every_mode(*day) {
            for by in GROUPINGS {
                rows += same_rates(client, image, &query, by).await;
            }
        }
        for query in filtered(image, *day) {
            for by in [Grouping::Unit, Grouping::Year] {
                rows += same_rates(client, image, &query, by).await;
            }
            same_rows(client, image, &query).await;
        }
    }
    assert!(rows > 100, "{rows} rows were compared");
}

/// Windows, kinds, and some units, groups and documents of the ledger.
fn filtered(image: &Image, day: Date) -> Vec<Query> {
    let all = Query::as_of(day);
    let registry = image.registry();
    let year = Query {
        due_from: Some(day - 1.year()),
        due_to: Some(day),
        ..all.clone()
    };
    let kinds = [Kind::Report, Kind::Task].map(|kind| Query {
        kind: Some(kind),
        ..year.clone()
    });
    let units = registry.units.keys().step_by(registry.units.len() / 3 + 1);
    let units = units.map(|unit| Query {
        unit: Some(unit.clone()),
        lineage: Lineage::Successor,
        ..all.clone()
    });
    let groups = registry.groups.keys().map(|group| Query {
        group: Some(group.clone()),
        due_mode: DueMode::Original,
        ..all.clone()
    });
    let documents = registry
        .documents
        .keys()
        .step_by(registry.documents.len() / 4 + 1);
    let documents = documents.map(|document| Query {
        document: Some(document.clone()),
        ..all.clone()
    });
    let some = units.chain(groups.take(3)).chain(documents);
    some.chain(kinds).chain([year.clone()]).collect()
}

/// The rows behind a number are the same ones, with the same dates and bucket.
async fn same_rows(client: &Client, image: &Image, query: &Query) {
    let (Some(kind), Lineage::Recorded, DueMode::Current) =
        (query.kind, query.lineage, query.due_mode)
    else {
        return;
    };
    let kind = match kind {
        Kind::Report => "report",
        Kind::Task => "task",
    };
    let ask = format!(
        "SELECT id, unit, due, original_due, fulfilled_on, bucket, opened \
         FROM reporting.obligation_rows($1, $2, $3, '{kind}') ORDER BY id COLLATE \"C\""
    );
    let rows = client
        .query(&ask, &[&query.as_of, &query.due_from, &query.due_to])
        .await
        .unwrap();
    type Line = (
        String,
        String,
        Option<Date>,
        Option<Date>,
        Option<Date>,
        String,
        Date,
    );
    let sql: Vec<Line> = rows
        .iter()
        .map(|row| {
            (
                row.get(0),
                row.get(1),
                row.get(2),
                row.get(3),
                row.get(4),
                row.get(5),
                row.get(6),
            )
        })
        .collect();
    let expected: Vec<Line> = image
        .obligations(query)
        .into_iter()
        .map(|row| {
            let bucket = row.bucket.id().to_owned();
            (
                row.id.to_string(),
                row.unit.to_string(),
                row.due,
                row.original_due,
                row.fulfilled_on,
                bucket,
                row.opened,
            )
        })
        .collect();
    assert_eq!(expected, sql, "{query:?}");
}

/// As many days as asked for, spread over all days on which something falls due.
fn days(image: &Image, count: usize) -> Vec<Date> {
    let quarters = image
        .rates(&Query::as_of(Date::MAX), Grouping::Quarter)
        .rows;
    let step = (quarters.len() / count).max(1);
    let day = |id: &str| {
        let (year, quarter) = id.split_once("-q").unwrap();
        date(
            year.parse().unwrap(),
            quarter.parse::<i8>().unwrap() * 3 - 1,
            17,
        )
    };
    quarters
        .iter()
        .step_by(step)
        .map(|row| day(&row.id))
        .collect()
}

#[tokio::test]
async fn rates_of_the_scenario_in_sql_are_those_of_the_image() {
    let (postgres, store) = (Postgres::start().await, ledgers::scenario().await);
    project(&store, &postgres.settings()).await;
    let (client, image) = (
        postgres.session("grafana_reader").await,
        ledgers::image(&store).await,
    );
    let mut days = days(&image, 6);
    days.extend([
        date(2013, 1, 1),
        date(2019, 3, 31),
        date(2025, 7, 1),
        date(2026, 6, 30),
    ]);
    same_answers(&client, &image, &days).await;
    assert!(
        check(&postgres.settings(), &image)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn rates_of_a_city_with_reorganisations_in_sql_are_those_of_the_image() {
    let (postgres, store) = (Postgres::start().await, ledgers::city(12_000).await);
    project(&store, &postgres.settings()).await;
    let (client, image) = (
        postgres.session("grafana_reader").await,
        ledgers::image(&store).await,
    );
    same_answers(&client, &image, &days(&image, 5)).await;
    assert!(
        check(&postgres.settings(), &image)
            .await
            .unwrap()
            .is_empty()
    );
}

/// What metrics of PostgreSQL are made from is what those of the image are made from.
#[tokio::test]
async fn counts_read_back_by_kind_of_unit_are_those_of_the_image() {
    let (postgres, store) = (Postgres::start().await, ledgers::city(12_000).await);
    project(&store, &postgres.settings()).await;
    let image = ledgers::image(&store).await;
    for as_of in days(&image, 5) {
        let (from, to) = (date(as_of.year(), 1, 1), date(as_of.year(), 12, 31));
        let settings = postgres.settings();
        let read = socai_view_postgres::read_back(&settings, as_of, (from, to))
            .await
            .unwrap();
        assert_eq!(read.position, image.position().0);
        assert!(read.written.is_some());
        let query = Query {
            due_from: Some(from),
            due_to: Some(to),
            ..Query::as_of(as_of)
        };
        let mut expected: BTreeMap<(&str, Kind), Counts> = BTreeMap::new();
        for unit in image.units_standing(&query) {
            for (kind, owing) in [(Kind::Report, unit.reports), (Kind::Task, unit.tasks)] {
                let sum = expected.entry((unit.kind.id(), kind)).or_default();
                sum.merge(&owing.counts);
            }
        }
        let read = read.counts.iter();
        let read: BTreeMap<(&str, Kind), Counts> = read
            .map(|(unit, kind, counts)| ((unit.as_str(), *kind), *counts))
            .collect();
        assert_eq!(read, expected, "{as_of}");
    }
}

/// In one go, record by record, in batches of odd sizes, and prefix after prefix: the same rows.
#[tokio::test]
async fn however_small_the_steps_the_tables_end_equal() {
    let store = ledgers::city(1_500).await;
    let mut expected = None;
    for records_max in [50_000, 1, 7, 333] {
        let postgres = Postgres::start().await;
        let settings = socai_view_postgres::Settings {
            batch_records_max: records_max,
            ..postgres.settings()
        };
        project(&store, &settings).await;
        let found = tables(&postgres.session("postgres").await).await;
        let expected = expected.get_or_insert_with(|| found.clone());
        assert_same(expected, &found, &format!("batches of {records_max}"));
    }
}

/// A live ledger: at each of many prefixes the tables are those of that prefix, and rates agree.
#[tokio::test]
async fn at_every_prefix_rates_are_those_of_the_image_of_that_prefix() {
    let (postgres, settings) = {
        let postgres = Postgres::start().await;
        let settings = postgres.settings();
        (postgres, settings)
    };
    socai_view_postgres::migrate(&settings).await.unwrap();
    let all = ledgers::records(&ledgers::city(3_000).await).await;
    let (store, mut image): (Store, _) = (ledgers::ledger(&[]).await, Image::new());
    let mut running = Running::start(&store, &settings);
    let client = postgres.session("grafana_reader").await;
    for part in all.chunks(271) {
        ledgers::append(&store, part).await;
        for record in part {
            image.fold(&Fact::decode(record).unwrap()).unwrap();
        }
        running.reach_the_end(&store).await;
        let day = image.recorded_on(image.position()).unwrap();
        for query in in_every_mode(day) {
            same_rates(&client, &image, &query, Grouping::Unit).await;
        }
        same_rates(&client, &image, &Query::as_of(day), Grouping::Group).await;
    }
    assert_eq!(Position(all.len() as u64), image.position());
    running.stop().await.unwrap();
}

/// Numerator, denominator and percentage of each rate, as the domain has them.
#[tokio::test]
async fn percentages_are_the_domains_to_the_last_digit() {
    let (postgres, store) = (Postgres::start().await, ledgers::city(6_000).await);
    project(&store, &postgres.settings()).await;
    let (client, image) = (
        postgres.session("grafana_reader").await,
        ledgers::image(&store).await,
    );
    let query = Query::as_of(image.recorded_on(image.position()).unwrap());
    let ask = "SELECT id, rate, numerator, denominator, percent::text FROM reporting.rates($1)";
    let rows = client.query(ask, &[&query.as_of]).await.unwrap();
    let mut sql = rows.iter().map(|row| {
        let count = |column| row.get::<_, i64>(column).unsigned_abs();
        (row.get(0), row.get(1), count(2), count(3), row.get(4))
    });
    for row in image.rates(&query, Grouping::Unit).rows {
        let mut lines: Vec<(String, String, u64, u64, Option<String>)> =
            sql.by_ref().take(6).collect();
        for id in RateId::ALL {
            let at = lines.iter().position(|line| line.1 == id.id()).unwrap();
            let line = lines.swap_remove(at);
            let rate = row.counts.rate(id);
            let percent = rate.percent().map(|percent| percent.to_string());
            assert_eq!(
                (row.id.clone(), id.id().to_owned(), rate.n, rate.d, percent),
                line
            );
        }
    }
    assert!(sql.next().is_none());
    let published =
        "SELECT string_agg(percent::text, ' ') FROM reporting.rate_lines(14068, 1983, 5640, 223)";
    let row = client.query_one(published, &[]).await.unwrap();
    assert_eq!("98.63 86.44 87.65 73.25 1.37 1.02", row.get::<_, String>(0));
    let nothing = "SELECT count(percent), count(*) FROM reporting.rate_lines(0, 0, 0, 0)";
    let row = client.query_one(nothing, &[]).await.unwrap();
    assert_eq!((0, 6), (row.get::<_, i64>(0), row.get::<_, i64>(1)));
}

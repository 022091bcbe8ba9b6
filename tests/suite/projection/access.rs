//! Who may do what, with the roles of `ops/postgres/roles.sql` as they are.

use jiff::civil::{Date, date};
use socai_view_postgres::{Error, Settings, check};
use tokio_postgres::Client;

use super::ledgers;
use super::watching::{Running, project};
use crate::servers::postgres::Postgres;

async fn projected() -> Postgres {
    let (postgres, store) = (Postgres::start().await, ledgers::city(800).await);
    project(&store, &postgres.settings()).await;
    postgres
}

/// Refused for want of a privilege, whatever is set for the session.
#[track_caller]
fn is_refused(tried: Result<u64, tokio_postgres::Error>, what: &str) {
    let error = tried.expect_err(what);
    let state = error.code().expect(what).code();
    assert_eq!("42501", state, "{what}: {error:?}");
}

async fn names(client: &Client, query: &str) -> Vec<String> {
    let rows = client.query(query, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn the_reader_reads_every_view_and_nothing_else() {
    let postgres = projected().await;
    let reader = postgres.session("grafana_reader").await;
    let views = names(
        &reader,
        "SELECT viewname::text FROM pg_views WHERE schemaname = 'reporting'",
    )
    .await;
    assert!(views.len() >= 20, "{views:?}");
    for view in &views {
        // The search path is set for the role: a dashboard names the view alone.
        reader
            .query(&format!("SELECT * FROM {view}"), &[])
            .await
            .unwrap();
    }
    reader
        .execute("SET default_transaction_read_only = off", &[])
        .await
        .unwrap();
    let mut refused = vec![
        "SELECT * FROM ledger_1.phases".to_owned(),
        "SELECT * FROM control.projection".to_owned(),
        "CREATE TABLE reporting.mine (a int)".to_owned(),
        "CREATE TABLE public.mine (a int)".to_owned(),
        "CREATE TEMPORARY TABLE mine (a int)".to_owned(),
        "CREATE SCHEMA mine".to_owned(),
        "SELECT pg_read_file('/etc/passwd')".to_owned(),
    ];
    refused.extend(
        views
            .iter()
            .map(|view| format!("DELETE FROM reporting.{view}")),
    );
    for what in refused {
        let tried = reader.execute(&what, &[]).await;
        // A view over several tables cannot be written by anybody.
        let nobody = tried
            .as_ref()
            .err()
            .and_then(|e| e.code())
            .is_some_and(|code| code.code() == "55000");
        if !nobody {
            is_refused(tried, &what);
        }
    }
}

#[tokio::test]
async fn the_reader_does_not_hold_the_database() {
    let postgres = Postgres::start().await;
    let reader = postgres.session("grafana_reader").await;
    let set = "SELECT current_setting('statement_timeout') || ' ' || current_setting('default_transaction_read_only')";
    assert_eq!(["15s on"], names(&reader, set).await[..]);
}

#[tokio::test]
async fn the_projector_writes_rows_and_makes_nothing() {
    let postgres = projected().await;
    let projector = postgres.session("socai_projector").await;
    for what in [
        "CREATE SCHEMA mine",
        "CREATE TEMPORARY TABLE mine (a int)",
        "DROP TABLE ledger_1.phases",
        "TRUNCATE ledger_1.phases",
        "UPDATE ledger_1.phases SET due = NULL",
        "UPDATE control.projection SET serving = 'ledger_9'",
        "DELETE FROM control.projection",
        "SELECT * FROM reporting.units",
    ] {
        is_refused(projector.execute(what, &[]).await, what);
    }
}

#[tokio::test]
async fn every_view_column_and_function_says_what_it_is() {
    let postgres = projected().await;
    let root = postgres.session("postgres").await;
    let silent = "SELECT c.relname || coalesce('.' || a.attname, '') FROM pg_class c \
         CROSS JOIN LATERAL (SELECT 0 AS attnum, NULL::name AS attname UNION ALL \
            SELECT attnum, attname FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0) a \
         WHERE c.relnamespace = 'reporting'::regnamespace AND c.relkind = 'v' \
           AND col_description(c.oid, a.attnum) IS NULL AND (a.attnum > 0 OR obj_description(c.oid, 'pg_class') IS NULL) \
         UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'reporting'::regnamespace \
           AND obj_description(oid, 'pg_proc') IS NULL";
    assert_eq!(Vec::<String>::new(), names(&root, silent).await);
}

#[tokio::test]
async fn a_misspelt_choice_is_refused_by_name() {
    let postgres = projected().await;
    let reader = postgres.session("grafana_reader").await;
    let asked = reader
        .query("SELECT * FROM rates('2019-03-31', 'units')", &[])
        .await;
    let error = asked.unwrap_err();
    let message = error.as_db_error().unwrap().message();
    assert!(message.contains("\"units\""), "{message}");
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let postgres = projected().await;
    let root = postgres.session("postgres").await;
    let shape = "SELECT table_schema || '.' || table_name || '.' || column_name || ' ' || data_type \
         FROM information_schema.columns WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1";
    let before = names(&root, shape).await;
    let settings = postgres.settings();
    let (one, other) = tokio::join!(
        socai_view_postgres::migrate(&settings),
        socai_view_postgres::migrate(&settings)
    );
    one.unwrap();
    other.unwrap();
    assert_eq!(before, names(&root, shape).await);
}

/// Each part of the work is done by the role that is for it, and by no other's password.
#[tokio::test]
async fn each_role_works_with_its_own_password() {
    let (mut postgres, store) = (Postgres::start().await, ledgers::city(300).await);
    let settings = postgres.settings_with_passwords().await;
    project(&store, &settings).await;
    let unattended = Settings {
        owner_password_file: None,
        ..settings.clone()
    };
    let image = ledgers::image(&store).await;
    assert_eq!(check(&unattended, &image).await.unwrap(), []);
    let unread = Settings {
        reader_password_file: None,
        ..settings
    };
    let error = check(&unread, &image).await.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
}

/// Encrypted, and only to whom the certificate says.
#[tokio::test]
async fn over_tls_the_server_has_to_be_who_it_should_be() {
    let (mut postgres, store) = (Postgres::start().await, ledgers::city(300).await);
    let settings = postgres.settings_with_tls().await;
    project(&store, &settings).await;
    let other_name = socai_view_postgres::Settings {
        host: "127.0.0.1".to_owned(),
        ..settings.clone()
    };
    let plain = socai_view_postgres::Settings {
        sslmode: socai_view_postgres::SslMode::Disable,
        ..settings.clone()
    };
    for wrong in [other_name, plain] {
        let asked = socai_view_postgres::status(&wrong).await;
        assert!(asked.is_err(), "{wrong:?}: {asked:?}");
    }
    let nobody = socai_view_postgres::Settings {
        ca_file: None,
        ..settings
    };
    let error = socai_view_postgres::status(&nobody).await.unwrap_err();
    assert!(error.to_string().contains("ca_file is missing"), "{error}");
}

/// Without a window, the calendar year; and whoever is told another one says it for as long as it is the projector.
#[tokio::test]
async fn dashboards_count_the_days_that_the_projector_is_told() {
    let (postgres, store) = (Postgres::start().await, ledgers::city(300).await);
    let settings = postgres.settings();
    project(&store, &settings).await;
    let reader = postgres.session("grafana_reader").await;
    let days = || async {
        let ask = "SELECT due_from, due_to, today() FROM counted_days";
        let row = reader.query_one(ask, &[]).await.unwrap();
        [0, 1, 2].map(|column| row.get::<_, Date>(column))
    };
    let [from, to, today] = days().await;
    assert_eq!([from, to], [today.first_of_year(), today.last_of_year()]);
    let term = [date(2021, 1, 1), date(2025, 12, 31)];
    for told in [Some(term), None] {
        let projector = socai_view_postgres::Projector::new(store.clone(), settings.clone());
        let counting = projector.counting(told.map(|[from, to]| (from, to)));
        let mut running = Running::run(counting);
        running.reach_the_end(&store).await;
        let expected = told.unwrap_or([from, to]);
        assert_eq!(days().await[..2], expected);
        running.stop().await.unwrap();
        assert_eq!(days().await[..2], expected, "also while none runs");
    }
}

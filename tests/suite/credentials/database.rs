//! The database: who may read the schema, what a second process sees, and how it comes back.

use std::time::{Duration, Instant};

use socai_store::{Credentials, CredentialsError};
use socai_view_postgres::{PostgresCredentials, migrate};

use super::{key, person, session};
use crate::servers::postgres::Postgres;

pub(super) async fn start() -> (Postgres, PostgresCredentials) {
    let server = Postgres::start().await;
    migrate(&server.settings()).await.unwrap();
    let credentials = PostgresCredentials::new(server.settings());
    (server, credentials)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_keeps_another_sees() {
    let (server, credentials) = start().await;
    let other = PostgresCredentials::new(server.settings());
    let (an, opened) = (person("an"), session("an", 1, 2));
    credentials.keep_person("an", None, &an).await.unwrap();
    credentials.keep_session(key(1), &opened).await.unwrap();
    assert_eq!(other.person("an").await.unwrap(), Some(an));
    assert_eq!(other.session(key(1)).await.unwrap(), Some(opened));
    other.end_session(key(1)).await.unwrap();
    assert_eq!(credentials.session(key(1)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_its_role_reads_the_schema_and_the_role_reads_nothing_else() {
    let (server, _credentials) = start().await;
    let own = server.session("socai_credentials").await;
    for table in ["person", "subject", "session"] {
        let read = format!("SELECT * FROM credentials.{table}");
        own.query(&read, &[]).await.unwrap();
        for role in ["grafana_reader", "socai_projector"] {
            let error = server.session(role).await.query(&read, &[]).await;
            let error = error.expect_err(role);
            assert_eq!(error.code().unwrap().code(), "42501", "{role}: {error}");
        }
    }
    for what in [
        "SELECT * FROM reporting.units",
        "SELECT * FROM ledger_1.phases",
        "SELECT * FROM control.projection",
        "CREATE TABLE credentials.mine (a int)",
        "CREATE TEMPORARY TABLE mine (a int)",
        "DROP TABLE credentials.session",
    ] {
        let error = own.execute(what, &[]).await.expect_err(what);
        assert_eq!(error.code().unwrap().code(), "42501", "{what}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_server_is_gone_nothing_is_answered_and_afterwards_all_is_there() {
    let (mut server, credentials) = start().await;
    let an = person("an");
    credentials.keep_person("an", None, &an).await.unwrap();
    server.kill();
    let error = credentials.person("an").await.unwrap_err();
    assert!(
        matches!(error, CredentialsError::Unavailable(_)),
        "{error:?}"
    );
    server.restart().await;
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match credentials.person("an").await {
            Ok(person) => break assert_eq!(person, Some(an)),
            Err(error) => assert!(Instant::now() < deadline, "{error:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_prepared_is_said_to_be_so() {
    let server = Postgres::start().await;
    let credentials = PostgresCredentials::new(server.settings());
    let error = credentials.person("an").await.unwrap_err();
    let CredentialsError::Unavailable(source) = &error else {
        panic!("{error:?}");
    };
    assert!(source.to_string().contains("not prepared"), "{source}");
}

#[tokio::test(flavor = "multi_thread")]
async fn preparing_the_database_again_leaves_credentials_alone() {
    let (server, credentials) = start().await;
    let an = person("an");
    credentials.keep_person("an", None, &an).await.unwrap();
    migrate(&server.settings()).await.unwrap();
    assert_eq!(credentials.person("an").await.unwrap(), Some(an));
}

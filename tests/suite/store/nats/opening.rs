//! What is asserted of a stream and its servers before anything is read or written.

use serde_json::json;
use socai_store::{EventStore, Position};
use socai_store_nats::{NatsStore, OpenError, Reached};
use uuid::Uuid;

use super::{Server, api, chain, connection, create, identity, own, settings};
use crate::store::append;

async fn refused(server: &Server, reached: Option<Reached>) -> OpenError {
    let settings = settings(server);
    let opened = NatsStore::open(&connection(&settings).await, &settings, reached).await;
    opened.err().expect("it opened")
}

#[tokio::test]
async fn a_ledger_opens_again_with_everything_in_it() {
    let mut server = Server::start();
    let store = create(&server).await;
    store.append(append("a", 0, 1..=5)).await.unwrap();
    let reached = store.reached();
    drop(store);
    server.restart();
    let settings = settings(&server);
    let store = NatsStore::open(&connection(&settings).await, &settings, reached)
        .await
        .unwrap();
    assert_eq!(
        (Position(5), reached),
        (store.last_position(), store.reached())
    );
    assert_eq!((&identity(), 0), (store.identity(), store.unsynced().len()));
}

#[tokio::test]
async fn a_ledger_is_made_once_and_not_by_accident() {
    let server = Server::start();
    assert!(matches!(
        refused(&server, None).await,
        OpenError::NoLedger { .. }
    ));
    drop(create(&server).await);
    let settings = settings(&server);
    let again = NatsStore::create(&connection(&settings).await, &settings, &identity()).await;
    assert!(matches!(again.err().unwrap(), OpenError::Exists { .. }));
}

#[tokio::test]
async fn a_ledger_without_what_was_seen_before_is_refused() {
    let server = Server::start();
    create(&server)
        .await
        .append(append("a", 0, [1, 2]))
        .await
        .unwrap();
    let seen = |position, id| Reached {
        position: Position(position),
        id: Uuid::from_u128(id),
    };
    for reached in [seen(3, 3), seen(2, 7)] {
        let error = refused(&server, Some(reached)).await;
        assert!(matches!(error, OpenError::RolledBack { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_sync_is_refused_by_name_unless_that_is_accepted() {
    let server = Server::configured(own("", ""));
    let mut settings = settings(&server);
    let connection = connection(&settings).await;
    let error = NatsStore::create(&connection, &settings, &identity())
        .await
        .err()
        .unwrap();
    assert!(
        matches!(&error, OpenError::Unsynced { servers } if servers == &["n1"]),
        "{error:?}"
    );
    settings.allow_unsynced = true;
    let store = NatsStore::open(&connection, &settings, None).await.unwrap();
    assert_eq!(["n1"], store.unsynced());
}

#[tokio::test]
async fn a_server_that_nobody_can_ask_is_not_believed_to_sync() {
    let server = Server::start();
    let mut settings = settings(&server);
    settings.system = None;
    let connection = connection(&settings).await;
    let error = NatsStore::create(&connection, &settings, &identity())
        .await
        .err()
        .unwrap();
    assert!(
        matches!(&error, OpenError::Unsynced { servers } if servers == &["n1"]),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_stream_that_was_changed_is_refused_by_field() {
    let server = Server::configured(own("sync_interval: always", ""));
    drop(create(&server).await);
    let client = connection(&settings(&server)).await.client().clone();
    let changes = [
        ("max_msgs", json!(7)),
        ("description", json!("changed")),
        ("allow_rollup_hdrs", json!(false)),
        ("max_age", json!(1_000_000_000_000_u64)),
        ("allow_msg_ttl", json!(true)),
    ];
    for (field, value) in changes {
        let info = api(&client, "STREAM.INFO.LEDGER", json!({})).await;
        let info: serde_json::Value = serde_json::from_str(&info).unwrap();
        let mut config = info["config"].clone();
        let before = config[field].clone();
        config[field] = value.clone();
        let answer = api(&client, "STREAM.UPDATE.LEDGER", config.clone()).await;
        assert!(!answer.contains("error"), "{answer}");
        if value != json!(false) {
            let error = chain(&refused(&server, None).await);
            assert!(error.contains(&format!("has {field} = ")), "{error}");
        }
        config[field] = before;
        api(&client, "STREAM.UPDATE.LEDGER", config).await;
        if field == "allow_msg_ttl" {
            // It cannot be switched off again.
            break;
        }
        drop(
            NatsStore::open(
                &connection(&settings(&server)).await,
                &settings(&server),
                None,
            )
            .await
            .unwrap(),
        );
    }
}

#[tokio::test]
async fn a_stream_that_socai_did_not_make_is_refused() {
    let server = Server::start();
    let client = connection(&settings(&server)).await.client().clone();
    let config = json!({ "name": "LEDGER", "subjects": ["ledger.hanoi.*.*"], "storage": "file" });
    api(&client, "STREAM.CREATE.LEDGER", config).await;
    let error = refused(&server, None).await;
    assert!(matches!(error, OpenError::NotALedger { .. }), "{error:?}");
}

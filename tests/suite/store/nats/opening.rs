//! What is asserted of a stream and its servers before anything is read or written.

use serde_json::json;
use socai_store::{EventStore, Position};
use socai_store_nats::{NatsStore, OpenError, Reached, connect};
use uuid::Uuid;

use super::{
    Cluster, Server, api, chain, cluster_settings, connection, create, create_on, identity, own,
    settings, until,
};
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
async fn a_server_that_comes_back_without_syncing_ends_appends_until_it_syncs() {
    let mut server = Server::configured(own("sync_interval: always", ""));
    let store = create(&server).await;
    store.append(append("a", 0, [1])).await.unwrap();
    let mut revision = 1;
    for (from, to, taken) in [("always", "'2m'", false), ("'2m'", "always", true)] {
        server.reconfigure(from, to);
        server.restart();
        until("the server is asked again", async || {
            let appended = store
                .append(append("a", revision, [u128::from(revision) + 1]))
                .await;
            revision += u64::from(appended.is_ok());
            let refused = appended.as_ref().err().map(|error| chain(error));
            let unsynced = refused.is_some_and(|why| why.contains("do not sync"));
            (unsynced != taken && (unsynced || appended.is_ok())).then_some(())
        })
        .await;
    }
}

/// Three servers are there so that one may be away, also when a process starts.
#[tokio::test]
async fn a_process_starts_while_one_of_three_servers_is_away_and_not_while_two_are() {
    let mut cluster = Cluster::start();
    let store = create_on(&cluster, "away").await;
    store.append(append("a", 0, [1])).await.unwrap();
    drop(store);
    let settings = cluster_settings(&cluster, "away");
    cluster.servers[2].kill9();
    let opened = until("a leader is there", async || {
        let connection = connect(&settings).await.ok()?;
        match NatsStore::open(&connection, &settings, None).await {
            Ok(store) => Some(store),
            Err(OpenError::Unavailable(_)) => None,
            Err(error) => panic!("{}", chain(&error)),
        }
    });
    let store = opened.await;
    store.append(append("a", 1, [2])).await.unwrap();
    cluster.servers[1].kill9();
    let connection = connection(&settings).await;
    let refused = NatsStore::open(&connection, &settings, None).await;
    let error = refused.err().expect("two of three are away");
    assert!(matches!(error, OpenError::Unavailable(_)), "{error:?}");
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

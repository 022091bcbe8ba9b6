//! Who gets in, how, and what they may do.

use std::path::PathBuf;

use serde_json::{Value, json};
use socai_store::{AppendError, EventStore, Position, Register, Revision, SwapError};
use socai_store_nats::{
    ConnectError, Connection, Login, NatsRegister, NatsStore, Settings, Tls, connect,
};

use super::{
    Cluster, Server, api, chain, cluster_settings, connection, create, create_on, identity, own,
    settings, until,
};
use crate::store::{ALL, append, expect_caught_up, expect_record, stream};

fn data(file: &str) -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/data/nats"
    ))
    .join(file)
}

fn reader(server: &Server) -> Settings {
    let mut settings = settings(server);
    settings.login.user = Some("reader".to_owned());
    settings.login.password = Some(server.password("reader"));
    settings.system = None;
    settings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_sees_the_ledger_and_follows_it() {
    let server = Server::start();
    let store = create(&server).await;
    store.append(append("a", 0, 1..=3)).await.unwrap();
    let settings = reader(&server);
    let reading = NatsStore::open_read_only(&connection(&settings).await, &settings, None).await;
    let reading = reading.unwrap();
    assert_eq!(
        3,
        reading
            .read(&stream("a"), Revision::NONE, ALL)
            .await
            .unwrap()
            .len()
    );
    let mut subscription = reading.subscribe(Position(3)).await.unwrap();
    expect_caught_up(&mut subscription).await;
    store.append(append("a", 3, [4])).await.unwrap();
    expect_record(&mut subscription, 4).await;
    let error = reading.append(append("a", 4, [5])).await.unwrap_err();
    assert!(matches!(error, AppendError::ReadOnly), "{error:?}");
}

/// Everything that a reader could try to change what is recorded, and that it changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_cannot_write_purge_delete_or_change() {
    let server = Server::start();
    let store = create(&server).await;
    store.append(append("a", 0, 1..=3)).await.unwrap();
    let reader = connection(&reader(&server)).await.client().clone();
    let gateway = connection(&settings(&server)).await.client().clone();
    let event = "ledger.hanoi.obligation.a";
    let timeout = Some(std::time::Duration::from_millis(300));
    let published = reader
        .send_request(event, async_nats::Request::new().timeout(timeout))
        .await;
    assert!(published.is_err(), "{published:?}");
    let requests = [
        ("STREAM.PURGE.LEDGER", Value::Null),
        ("STREAM.DELETE.LEDGER", Value::Null),
        ("STREAM.MSG.DELETE.LEDGER", json!({ "seq": 1 })),
        (
            "STREAM.UPDATE.LEDGER",
            json!({ "name": "LEDGER", "max_msgs": 1 }),
        ),
        (
            "STREAM.CREATE.OTHER",
            json!({ "name": "OTHER", "subjects": ["other"] }),
        ),
        ("STREAM.SNAPSHOT.LEDGER", json!({ "deliver_subject": "x" })),
        ("STREAM.RESTORE.LEDGER", json!({})),
    ];
    for (request, body) in requests {
        let answer = api(&reader, request, body).await;
        assert!(
            answer.contains("no responders") || answer.contains("timed out"),
            "{request}: {answer}"
        );
    }
    expect_untouched(&store, &gateway).await;
}

/// The server writes its answers, and what consumers deliver, where it is told to; but for somebody of another
/// account neither into the ledger nor into a register, and it takes none of it for a request.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_writes_nothing_for_a_reader_either() {
    let server = Server::start();
    let store = create(&server).await;
    store.append(append("a", 0, 1..=3)).await.unwrap();
    let reader = connection(&reader(&server)).await.client().clone();
    let gateway = connection(&settings(&server)).await;
    let register = NatsRegister::open(&gateway, "socai", "sealer", 1)
        .await
        .unwrap();
    let version = register.swap(None, "n1".into()).await.unwrap();

    let event = "ledger.hanoi.obligation.a";
    for (to, body) in [
        ("$JS.API.STREAM.INFO.LEDGER", ""),
        ("$JS.API.DIRECT.GET.LEDGER", r#"{"seq":1,"batch":2}"#),
    ] {
        reader
            .publish_with_reply(to, event, body.into())
            .await
            .unwrap();
    }
    let push = async |name: &str, to: &str| {
        let config = json!({ "name": name, "deliver_subject": to, "headers_only": true,
            "ack_policy": "none", "deliver_policy": "all", "mem_storage": true, "num_replicas": 1 });
        let body = json!({ "stream_name": "LEDGER", "config": config, "action": "" });
        api(&reader, &format!("CONSUMER.CREATE.LEDGER.{name}"), body).await
    };
    let made = push("w", event).await;
    assert!(made.contains("forms a cycle"), "{made}");
    push("x", "$KV.socai.sealer").await;
    push("y", "$JS.API.STREAM.DELETE.LEDGER").await;
    push("z", "$JS.API.STREAM.PURGE.LEDGER").await;

    expect_untouched(&store, gateway.client()).await;
    assert_eq!(version, register.read().await.unwrap().unwrap().version);
}

/// A ledger of three records takes a fourth, after which whatever was asked before has been dealt with, and
/// has these four.
async fn expect_untouched(store: &NatsStore, gateway: &async_nats::Client) {
    store.append(append("a", 3, [4])).await.unwrap();
    let expected = json!({ "messages": 4, "first_seq": 1, "last_seq": 4 });
    assert_eq!(expected, state(gateway).await);
    assert_eq!(None, store.damage());
}

/// What is in the stream, as its leader says.
async fn state(client: &async_nats::Client) -> Value {
    let info = api(client, "STREAM.INFO.LEDGER", Value::Null).await;
    let mut info: Value = serde_json::from_str(&info).unwrap();
    let mut state = info["state"].take();
    json!({ "messages": state["messages"].take(), "first_seq": state["first_seq"].take(),
        "last_seq": state["last_seq"].take() })
}

/// The gateway made the stream, and not even it can take anything away again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_gateway_cannot_take_back_what_it_recorded() {
    let server = Server::start();
    let store = create(&server).await;
    store.append(append("a", 0, 1..=3)).await.unwrap();
    let gateway = connection(&settings(&server)).await.client().clone();
    for (request, body) in [
        ("STREAM.PURGE.LEDGER", Value::Null),
        ("STREAM.DELETE.LEDGER", Value::Null),
        ("STREAM.MSG.DELETE.LEDGER", json!({ "seq": 1 })),
        (
            "STREAM.UPDATE.LEDGER",
            json!({ "name": "LEDGER", "max_msgs": 1 }),
        ),
    ] {
        let mut ask = async_nats::Request::new();
        ask = ask.payload(body.to_string().into());
        let timeout = Some(std::time::Duration::from_millis(300));
        let answer = gateway
            .send_request(format!("$JS.API.{request}"), ask.timeout(timeout))
            .await;
        assert!(answer.is_err(), "{request}: {answer:?}");
    }
    assert_eq!(3, store.read_all(Position::ZERO, ALL).await.unwrap().len());
}

/// The user of the system account could stop servers and read everybody's connections: it may not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_auditor_may_ask_for_nothing_but_whether_servers_sync() {
    let server = Server::start();
    let mut settings = settings(&server);
    settings.login = settings.system.take().unwrap();
    let auditor = connection(&settings).await.client().clone();
    let ask = async |subject: &'static str| {
        let timeout = Some(std::time::Duration::from_millis(300));
        auditor
            .send_request(subject, async_nats::Request::new().timeout(timeout))
            .await
    };
    let varz = ask("$SYS.REQ.SERVER.PING.VARZ").await.unwrap();
    assert!(String::from_utf8_lossy(&varz.payload).contains("\"sync_always\":true"));
    for other in [
        "$SYS.REQ.SERVER.PING.CONNZ",
        "$SYS.REQ.SERVER.PING.JSZ",
        "$SYS.REQ.USER.INFO",
    ] {
        assert!(ask(other).await.is_err(), "{other}");
    }
}

#[tokio::test]
async fn whoever_is_not_known_is_told_so_at_once() {
    let server = Server::start();
    let mut settings = settings(&server);
    settings.login.password = Some(server.password("reader"));
    let error = connect(&settings).await.unwrap_err();
    assert!(
        matches!(error, ConnectError::Unreachable { .. }),
        "{error:?}"
    );
    assert!(
        chain(&error).contains("authorization violation"),
        "{}",
        chain(&error)
    );
    settings.login.password = Some("/nowhere/password".into());
    let error = connect(&settings).await.unwrap_err().to_string();
    assert_eq!("cannot read /nowhere/password", error);
}

/// A ledger as good as any, over whatever connection.
async fn expect_ledger(settings: &Settings) {
    let connection = connect(settings)
        .await
        .unwrap_or_else(|error| panic!("{}", chain(&error)));
    let store = NatsStore::create(&connection, settings, &identity()).await;
    let store = store.unwrap_or_else(|error| panic!("{}", chain(&error)));
    assert_eq!(
        vec![Position(1)],
        store.append(append("a", 0, [1])).await.unwrap()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_nkey_lets_the_gateway_in() {
    let public = std::fs::read_to_string(data("gateway.nk.pub")).unwrap();
    let config = format!(
        r#"
        server_name: n1
        listen: "127.0.0.1:{{port}}"
        jetstream {{ store_dir: "{{store}}", sync_interval: always }}
        accounts {{
          LEDGER: {{ jetstream: enabled, users: [ {{ nkey: {} }} ] }}
          SYS: {{ users: [ {{ user: auditor, password: of-the-system }} ] }}
        }}
        system_account: SYS
        "#,
        public.trim()
    );
    let server = Server::configured(super::Configuration::Own(config));
    let mut settings = settings(&server);
    settings.login = Login {
        nkey_seed: Some(data("gateway.nk")),
        ..Login::default()
    };
    expect_ledger(&settings).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_creds_file_lets_the_gateway_in() {
    let operator = std::fs::read_to_string(data("operator.conf")).unwrap();
    let config = format!(
        r#"
        server_name: n1
        listen: "127.0.0.1:{{port}}"
        jetstream {{ store_dir: "{{store}}", sync_interval: always }}
        {operator}
        "#
    );
    let server = Server::configured(super::Configuration::Own(config));
    let mut settings = settings(&server);
    let creds = |file| Login {
        credentials: Some(data(file)),
        ..Login::default()
    };
    (settings.login, settings.system) = (creds("gateway.creds"), Some(creds("auditor.creds")));
    expect_ledger(&settings).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_believed_by_its_certificate_and_asks_for_ours() {
    let file = |name| data(name).display().to_string();
    let tls = format!(
        r#"tls {{ cert_file: "{}", key_file: "{}", ca_file: "{}", verify: true }}"#,
        file("server.pem"),
        file("server-key.pem"),
        file("ca.pem")
    );
    let server = Server::configured(own("sync_interval: always", &tls));
    let mut settings = settings(&server);
    assert!(
        connect(&settings).await.is_err(),
        "it was believed without a certificate"
    );
    settings.tls.ca = Some(data("ca.pem"));
    assert!(
        connect(&settings).await.is_err(),
        "it let somebody in without a certificate"
    );
    settings.tls = Tls {
        ca: Some(data("ca.pem")),
        certificate: Some(data("client.pem")),
        key: Some(data("client-key.pem")),
    };
    expect_ledger(&settings).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_encryption_is_refused_where_it_is_asked_for() {
    let server = Server::start();
    let mut settings = settings(&server);
    settings.tls.ca = Some(data("ca.pem"));
    assert!(connect(&settings).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_authorities_without_one_is_refused_by_name() {
    let server = Server::start();
    let mut settings = settings(&server);
    settings.tls.ca = Some(data("server-key.pem"));
    let error = connect(&settings).await.err().unwrap();
    let said = error.to_string();
    assert!(
        said.starts_with("cannot read ") && said.ends_with("server-key.pem"),
        "{said}"
    );
    let why = std::error::Error::source(&error).unwrap().to_string();
    assert!(why.contains("no certificate in it"), "{why}");
}

async fn expect_register(connection: &Connection, replicas: usize) {
    let open = || NatsRegister::open(connection, "socai", "sealer", replicas);
    let one = until("a register", async || open().await.ok()).await;
    let other = open().await.unwrap();
    assert_eq!(None, one.read().await.unwrap());
    let first = one.swap(None, "a".into()).await.unwrap();
    assert!(matches!(
        other.swap(None, "b".into()).await,
        Err(SwapError::Lost)
    ));
    let second = other.swap(Some(first), "b".into()).await.unwrap();
    assert!(second > first);
    assert!(matches!(
        one.swap(Some(first), "c".into()).await,
        Err(SwapError::Lost)
    ));
    let held = one.read().await.unwrap().unwrap();
    assert_eq!(("b".as_bytes(), second), (&held.value[..], held.version));
    let largest = vec![b'x'; socai_store::register::REGISTER_BYTES_MAX];
    one.swap(Some(second), largest.into()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_register_is_swapped_by_whoever_saw_what_is_there() {
    let server = Server::start();
    expect_register(&connection(&settings(&server)).await, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_register_is_swapped_alike_on_three_servers() {
    let cluster = Cluster::start();
    drop(create_on(&cluster, "beside").await);
    expect_register(&connection(&cluster_settings(&cluster, "beside")).await, 3).await;
}

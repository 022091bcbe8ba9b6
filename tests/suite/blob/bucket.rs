//! What a bucket of JetStream promises besides the port's promises.

use std::time::{Duration, Instant};

use async_nats::jetstream::Context;
use bytes::Bytes;
use socai_store::blob::{BlobStore, GetError, SALT_BYTES};
use socai_store_nats::blob::NatsBlobs;
use socai_store_nats::{Login, Settings, connect};
use tokio::io::AsyncReadExt;

use super::{addresses, not_there, put, somewhere_in};
use crate::servers::nats::Cluster;
pub(super) use crate::servers::nats::Server;

const BUCKET: &str = "LEDGER-attachments";

/// As the gateway, which may do no more than the shipped configuration lets it.
async fn context(server: &Server) -> Context {
    let mut settings = Settings::new(&server.url(), "LEDGER", "ledger.hanoi");
    settings.login = Login {
        user: Some("gateway".to_owned()),
        password: Some(server.password("gateway")),
        ..Login::default()
    };
    connect(&settings).await.unwrap().jetstream().clone()
}

pub(super) async fn open(server: &Server) -> NatsBlobs {
    NatsBlobs::open(context(server).await, BUCKET, 1)
        .await
        .unwrap()
}

/// A bucket on three servers, as soon as they have found one another, seen from one of them.
async fn open_on(cluster: &Cluster, server: usize) -> NatsBlobs {
    let context = context(&cluster.servers[server]).await;
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match NatsBlobs::open(context.clone(), BUCKET, 3).await {
            Ok(blobs) => return blobs,
            Err(error) if Instant::now() < deadline => drop(error),
            Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
        }
    }
}

#[tokio::test]
async fn a_bucket_opened_again_has_what_was_put() {
    let server = Server::start();
    let address = put(&open(&server).await, "a").await;
    assert_eq!(open(&server).await.get(&address).await.unwrap(), "a");
}

#[tokio::test]
async fn a_bucket_of_other_settings_is_refused() {
    let server = Server::start();
    open(&server).await;
    let context = context(&server).await;
    let opened = NatsBlobs::open(context, BUCKET, 3).await;
    let error = opened.err().unwrap().to_string();
    assert!(
        error.contains(BUCKET) && error.contains("3 replicas"),
        "{error}"
    );
}

/// The server overwrites a deleted message in the file of the stream.
#[tokio::test]
async fn of_what_is_erased_no_byte_is_left_with_the_server() {
    let server = Server::start();
    let blobs = open(&server).await;
    let [address, other] = [put(&blobs, "họ và tên").await, put(&blobs, "khác").await];
    assert!(somewhere_in(&server.store(), "họ và tên".as_bytes()));
    blobs.erase(&address).await.unwrap();
    assert!(!somewhere_in(&server.store(), "họ và tên".as_bytes()));
    assert_eq!(blobs.get(&other).await.unwrap(), "khác");
}

/// A chunk that was replaced, and one that is missing.
#[tokio::test]
async fn changed_chunks_are_corrupt_and_not_handed_out() {
    let server = Server::start();
    let blobs = open(&server).await;
    let address = put(&blobs, "content").await;
    let context = context(&server).await;
    let stream = context.get_stream(format!("OBJ_{BUCKET}")).await.unwrap();
    let chunk = stream.get_raw_message(1).await.unwrap();
    stream.delete_message(1).await.unwrap();
    for attempt in ["missing", "replaced"] {
        let got = blobs.get(&address).await;
        assert!(
            matches!(got, Err(GetError::Corrupt { .. })),
            "{attempt}: {got:?}"
        );
        let other = Bytes::from_static(b"something else than what was put");
        let sent = context.publish(chunk.subject.clone(), other).await.unwrap();
        sent.await.unwrap();
    }
}

/// Killed after some chunks were erased and before the name was.
#[tokio::test]
async fn an_erasure_cut_short_is_completed_by_the_next() {
    let server = Server::start();
    let blobs = open(&server).await;
    let content = Bytes::from(vec![7; 300 * 1024]);
    let address = blobs.put(content).await.unwrap();
    let context = context(&server).await;
    let mut stream = context.get_stream(format!("OBJ_{BUCKET}")).await.unwrap();
    stream.delete_message(1).await.unwrap();
    assert_eq!(addresses(&blobs).await, [address]);
    blobs.erase(&address).await.unwrap();
    not_there(&blobs.get(&address).await, address);
    assert_eq!(stream.info().await.unwrap().state.messages, 0);
}

/// Killed after some chunks were put and before the name was: no event tells of them, an audit does.
#[tokio::test]
async fn chunks_without_a_name_are_listed_and_erased() {
    let server = Server::start();
    let blobs = open(&server).await;
    let content = Bytes::from(vec![7; 300 * 1024]);
    let address = blobs.put(content).await.unwrap();
    let context = context(&server).await;
    let mut stream = context.get_stream(format!("OBJ_{BUCKET}")).await.unwrap();
    let last = stream.info().await.unwrap().state.last_sequence;
    stream.delete_message(last).await.unwrap();
    not_there(&blobs.get(&address).await, address);
    assert_eq!(addresses(&blobs).await, [address]);
    blobs.erase(&address).await.unwrap();
    assert_eq!(addresses(&blobs).await, []);
    assert_eq!(stream.info().await.unwrap().state.messages, 0);
}

/// The client of NATS reads what is kept, salt and all, and checks its digest.
#[tokio::test]
async fn the_tools_of_nats_read_it() {
    let server = Server::start();
    let address = put(&open(&server).await, "content").await.to_string();
    let bucket = context(&server)
        .await
        .get_object_store(BUCKET)
        .await
        .unwrap();
    let mut object = bucket.get(&address).await.unwrap();
    let mut kept = Vec::new();
    object.read_to_end(&mut kept).await.unwrap();
    assert_eq!(&kept[SALT_BYTES..], b"content");
}

/// Whatever one server of three has put, the others get at once, list and erase; and so they do when it is
/// gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_keep_what_one_of_them_loses() {
    let mut cluster = Cluster::start();
    let [first, second, third] = [
        open_on(&cluster, 0).await,
        open_on(&cluster, 1).await,
        open_on(&cluster, 2).await,
    ];
    for number in 0..20 {
        let address = first.put(format!("{number}").into()).await.unwrap();
        for blobs in [&second, &third, &first] {
            assert_eq!(blobs.get(&address).await.unwrap(), format!("{number}"));
        }
        second.erase(&address).await.unwrap();
        for blobs in [&third, &first, &second] {
            not_there(&blobs.get(&address).await, address);
        }
    }
    let kept = put(&first, "a").await;
    cluster.servers[0].kill9();
    let deadline = Instant::now() + Duration::from_secs(30);
    let got = loop {
        match second.get(&kept).await {
            // The two that are left agree on a leader first.
            Err(GetError::Unavailable(_)) if Instant::now() < deadline => {}
            answer => break answer,
        }
    };
    assert_eq!(got.unwrap(), "a");
    assert_eq!(addresses(&third).await, [kept]);
    third.erase(&kept).await.unwrap();
    not_there(&second.get(&kept).await, kept);
}

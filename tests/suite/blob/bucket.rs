//! What a bucket of JetStream promises besides the port's promises.

use bytes::Bytes;
use socai_store::blob::{BlobStore, GetError, SALT_BYTES};
use socai_store_nats::blob::NatsBlobs;
use tokio::io::AsyncReadExt;

use super::server::Server;
use super::{addresses, not_there, put, somewhere_in};

const BUCKET: &str = "hanoi_attachments";

async fn context(server: &Server) -> async_nats::jetstream::Context {
    let client = async_nats::connect(&server.address).await.unwrap();
    async_nats::jetstream::new(client)
}

pub(super) async fn open(server: &Server) -> NatsBlobs {
    NatsBlobs::open(context(server).await, BUCKET, 1)
        .await
        .unwrap()
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
    assert!(somewhere_in(server.dir(), "họ và tên".as_bytes()));
    blobs.erase(&address).await.unwrap();
    assert!(!somewhere_in(server.dir(), "họ và tên".as_bytes()));
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

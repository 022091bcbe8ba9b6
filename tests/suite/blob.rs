//! Every promise of the blob port, over every keeper.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use socai_blob_directory::DirectoryBlobs;
use socai_store::blob::{BLOB_BYTES_MAX, BlobAddress, BlobStore, GetError, Kept, PutError};
use socai_store_memory::MemoryBlobs;

mod bucket;
mod directory;

/// Expands every promise into one test per keeper, so that a broken promise is reported as
/// `blob::directory_keeper::what_was_put_is_got`.
macro_rules! every_keeper {
    ($($promise:ident),+ $(,)?) => {
        mod memory_keeper {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $promise() {
                super::$promise(std::sync::Arc::new(super::MemoryBlobs::default())).await;
            })+
        }
        mod directory_keeper {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $promise() {
                let home = tempfile::tempdir().unwrap();
                let blobs = super::DirectoryBlobs::open(&home.path().join("blobs")).unwrap();
                super::$promise(std::sync::Arc::new(blobs)).await;
            })+
        }
        mod bucket_keeper {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $promise() {
                let server = super::bucket::Server::start();
                super::$promise(std::sync::Arc::new(super::bucket::open(&server).await)).await;
            })+
        }
    };
}

every_keeper![
    what_was_put_is_got,
    the_same_content_put_twice_has_two_addresses,
    an_address_is_not_the_hash_of_the_content,
    a_blob_of_nothing_is_a_blob,
    the_largest_blob_is_kept,
    a_larger_blob_is_refused_and_leaves_nothing,
    what_was_never_put_is_not_there,
    what_is_erased_is_not_there,
    erasing_twice_is_harmless,
    erasing_what_was_never_there_is_harmless,
    erasing_one_blob_leaves_the_others,
    blobs_are_listed_in_order_and_by_pages,
    what_is_erased_is_not_listed,
    many_may_put_at_once,
    what_another_keeper_kept_keeps_its_address,
];

const ALL: NonZeroU32 = NonZeroU32::new(1_000).unwrap();

async fn put(blobs: &dyn BlobStore, content: &'static str) -> BlobAddress {
    blobs
        .put(Bytes::from_static(content.as_bytes()))
        .await
        .unwrap()
}

async fn addresses(blobs: &dyn BlobStore) -> Vec<BlobAddress> {
    let kept = blobs.list(None, ALL).await.unwrap();
    kept.iter().map(|kept| kept.address).collect()
}

#[track_caller]
fn not_there(got: &Result<Bytes, GetError>, address: BlobAddress) {
    assert!(
        matches!(got, Err(GetError::NotThere { address: named }) if *named == address),
        "{got:?}"
    );
}

fn nowhere() -> BlobAddress {
    "0".repeat(64).parse().unwrap()
}

async fn what_was_put_is_got(blobs: Arc<dyn BlobStore>) {
    let address = put(&*blobs, "báo cáo").await;
    for _ in 0..2 {
        assert_eq!(blobs.get(&address).await.unwrap(), "báo cáo");
    }
}

async fn what_another_keeper_kept_keeps_its_address(blobs: Arc<dyn BlobStore>) {
    let first = MemoryBlobs::default();
    let address = put(&first, "báo cáo").await;
    for _ in 0..2 {
        blobs
            .keep(first.kept(&address).await.unwrap())
            .await
            .unwrap();
        assert_eq!(blobs.get(&address).await.unwrap(), "báo cáo");
    }
    assert_eq!(addresses(&*blobs).await, [address]);
    blobs.erase(&address).await.unwrap();
    not_there(&blobs.get(&address).await, address);
}

async fn the_same_content_put_twice_has_two_addresses(blobs: Arc<dyn BlobStore>) {
    let [one, other] = [put(&*blobs, "a").await, put(&*blobs, "a").await];
    assert_ne!(one, other);
    assert_eq!(addresses(&*blobs).await.len(), 2);
}

/// Whoever guesses the content finds no hash of it: the digest of one byte is known to everybody.
async fn an_address_is_not_the_hash_of_the_content(blobs: Arc<dyn BlobStore>) {
    let address = put(&*blobs, "a").await.to_string();
    let guess = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
    assert_ne!(address, guess);
}

async fn a_blob_of_nothing_is_a_blob(blobs: Arc<dyn BlobStore>) {
    let address = put(&*blobs, "").await;
    assert_eq!(blobs.get(&address).await.unwrap(), "");
}

async fn the_largest_blob_is_kept(blobs: Arc<dyn BlobStore>) {
    let content: Vec<u8> = (0..BLOB_BYTES_MAX).map(|at| (at % 251) as u8).collect();
    let content = Bytes::from(content);
    let address = blobs.put(content.clone()).await.unwrap();
    assert!(blobs.get(&address).await.unwrap() == content);
    blobs.erase(&address).await.unwrap();
    not_there(&blobs.get(&address).await, address);
}

async fn a_larger_blob_is_refused_and_leaves_nothing(blobs: Arc<dyn BlobStore>) {
    let put = blobs.put(vec![0; BLOB_BYTES_MAX + 1].into()).await;
    assert!(
        matches!(put, Err(PutError::TooLarge { bytes }) if bytes == BLOB_BYTES_MAX + 1),
        "{put:?}"
    );
    assert_eq!(addresses(&*blobs).await, []);
}

async fn what_was_never_put_is_not_there(blobs: Arc<dyn BlobStore>) {
    not_there(&blobs.get(&nowhere()).await, nowhere());
    assert_eq!(blobs.list(None, ALL).await.unwrap(), []);
}

async fn what_is_erased_is_not_there(blobs: Arc<dyn BlobStore>) {
    let address = put(&*blobs, "a").await;
    blobs.erase(&address).await.unwrap();
    not_there(&blobs.get(&address).await, address);
}

async fn erasing_twice_is_harmless(blobs: Arc<dyn BlobStore>) {
    let address = put(&*blobs, "a").await;
    blobs.erase(&address).await.unwrap();
    blobs.erase(&address).await.unwrap();
    not_there(&blobs.get(&address).await, address);
}

async fn erasing_what_was_never_there_is_harmless(blobs: Arc<dyn BlobStore>) {
    blobs.erase(&nowhere()).await.unwrap();
}

async fn erasing_one_blob_leaves_the_others(blobs: Arc<dyn BlobStore>) {
    let [one, other] = [put(&*blobs, "a").await, put(&*blobs, "a").await];
    blobs.erase(&one).await.unwrap();
    assert_eq!(blobs.get(&other).await.unwrap(), "a");
}

async fn blobs_are_listed_in_order_and_by_pages(blobs: Arc<dyn BlobStore>) {
    let mut put_ones = BTreeSet::new();
    for content in ["a", "b", "c", "d", "e", "f", "g"] {
        put_ones.insert(put(&*blobs, content).await);
    }
    let put_ones: Vec<BlobAddress> = put_ones.into_iter().collect();
    assert_eq!(addresses(&*blobs).await, put_ones);

    let (mut listed, mut after) = (Vec::new(), None);
    let two = NonZeroU32::new(2).unwrap();
    loop {
        let page: Vec<Kept> = blobs.list(after, two).await.unwrap();
        assert!(page.len() <= 2);
        let Some(last) = page.last() else { break };
        after = Some(last.address);
        listed.extend(page.iter().map(|kept| kept.address));
    }
    assert_eq!(listed, put_ones);

    let day = 24 * 60 * 60;
    let since = blobs.list(None, ALL).await.unwrap()[0].since;
    let age = jiff::Timestamp::now().as_second() - since.as_second();
    assert!((-day..day).contains(&age), "kept since {since}");
}

async fn what_is_erased_is_not_listed(blobs: Arc<dyn BlobStore>) {
    let [one, other] = [put(&*blobs, "a").await, put(&*blobs, "b").await];
    blobs.erase(&one).await.unwrap();
    assert_eq!(addresses(&*blobs).await, [other]);
}

async fn many_may_put_at_once(blobs: Arc<dyn BlobStore>) {
    let mut putting = Vec::new();
    for number in 0..16 {
        let blobs = blobs.clone();
        putting.push(tokio::spawn(async move {
            let content = Bytes::from(format!("{number}"));
            (blobs.put(content.clone()).await.unwrap(), content)
        }));
    }
    for put in putting {
        let (address, content) = put.await.unwrap();
        assert_eq!(blobs.get(&address).await.unwrap(), content);
    }
    assert_eq!(addresses(&*blobs).await.len(), 16);
}

/// Whether any file below `dir` has `word` in it.
fn somewhere_in(dir: &std::path::Path, word: &[u8]) -> bool {
    std::fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return somewhere_in(&path, word);
        }
        let bytes = std::fs::read(path).unwrap();
        bytes.windows(word.len()).any(|window| window == word)
    })
}

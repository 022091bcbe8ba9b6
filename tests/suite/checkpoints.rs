//! Every promise of the log of checkpoints, over every log.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use socai_store::{AddError, CheckpointLog, NOTE_BYTES_MAX};
use socai_store_memory::MemoryCheckpoints;
use socai_tlog_directory::DirectoryCheckpoints;

mod directory;
mod nats;

/// Expands every promise into one test per log, so that a broken promise is reported as
/// `checkpoints::directory::of_many_at_once_one_wins`.
macro_rules! every_log {
    ($($promise:ident),+ $(,)?) => {
        mod memory_log {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $promise() {
                super::$promise(std::sync::Arc::new(super::MemoryCheckpoints::default())).await;
            })+
        }
        mod directory_log {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $promise() {
                let home = tempfile::tempdir().unwrap();
                let log = super::DirectoryCheckpoints::open(home.path()).unwrap();
                super::$promise(std::sync::Arc::new(log)).await;
            })+
        }
        mod nats_log {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $promise() {
                let server = super::nats::Server::start();
                super::$promise(std::sync::Arc::new(super::nats::create(&server).await)).await;
            })+
        }
        /// Three servers take seconds to find one another, so they do it once.
        mod nats_cluster_log {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn every_promise_holds() {
                let cluster = super::nats::Cluster::start();
                let mut broken = Vec::new();
                $(
                    let log = super::nats::create_on(&cluster, stringify!($promise)).await;
                    let kept = tokio::spawn(super::$promise(std::sync::Arc::new(log))).await;
                    if kept.is_err() {
                        broken.push(stringify!($promise));
                    }
                )+
                assert!(broken.is_empty(), "broken: {broken:?}");
            }
        }
    };
}

every_log![
    nothing_was_added,
    what_is_added_is_read_in_order,
    hundreds_are_read_from_any_place,
    whoever_expects_another_number_loses,
    asking_again_is_success_until_something_follows,
    of_many_at_once_one_wins,
    a_note_may_look_like_anything,
    the_longest_note_is_kept_and_a_longer_one_refused,
];

type Shared = Arc<dyn CheckpointLog>;

const ALL: NonZeroU32 = NonZeroU32::new(10_000).unwrap();

fn note(text: &str) -> Bytes {
    Bytes::from(format!("socai/hanoi\n{text}\n\n— socai/hanoi AAAA\n"))
}

async fn add(log: &dyn CheckpointLog, notes: &[Bytes]) {
    for (expected, note) in notes.iter().enumerate() {
        let number = log.append(expected as u64, note.clone()).await.unwrap();
        assert_eq!(number, expected as u64 + 1);
    }
}

/// That `notes` are what there is, whatever is asked.
async fn has(log: &dyn CheckpointLog, notes: &[Bytes]) {
    assert_eq!(log.read(0, ALL).await.unwrap(), notes);
    assert_eq!(log.len().await.unwrap(), notes.len() as u64);
    let last = notes.last().map(|last| (notes.len() as u64, last.clone()));
    assert_eq!(log.last().await.unwrap(), last);
}

#[track_caller]
fn lost(answer: &Result<u64, AddError>) {
    assert!(matches!(answer, Err(AddError::Lost)), "{answer:?}");
}

async fn nothing_was_added(log: Shared) {
    has(&*log, &[]).await;
    assert_eq!(log.read(7, ALL).await.unwrap(), [] as [Bytes; 0]);
    lost(&log.append(1, note("a")).await);
    lost(&log.append(u64::MAX, note("a")).await);
    has(&*log, &[]).await;
}

async fn what_is_added_is_read_in_order(log: Shared) {
    let notes = ["a", "b", "c"].map(note);
    add(&*log, &notes).await;
    has(&*log, &notes).await;
    let two = NonZeroU32::new(2).unwrap();
    assert_eq!(log.read(0, two).await.unwrap(), notes[..2]);
    assert_eq!(log.read(1, two).await.unwrap(), notes[1..]);
    assert_eq!(log.read(2, two).await.unwrap(), notes[2..]);
    for behind in [3, 4, u64::MAX] {
        assert_eq!(log.read(behind, two).await.unwrap(), [] as [Bytes; 0]);
    }
}

async fn hundreds_are_read_from_any_place(log: Shared) {
    let notes: Vec<Bytes> = (0..300).map(|number| note(&number.to_string())).collect();
    add(&*log, &notes).await;
    has(&*log, &notes).await;
    for (after, limit) in [(0, 1), (255, 2), (256, 1), (257, 300), (299, 9)] {
        let read = log
            .read(after as u64, NonZeroU32::new(limit).unwrap())
            .await;
        let expected = notes.iter().skip(after).take(limit as usize);
        assert!(read.unwrap().iter().eq(expected), "{limit} after {after}");
    }
}

async fn whoever_expects_another_number_loses(log: Shared) {
    let notes = ["a", "b", "c"].map(note);
    add(&*log, &notes).await;
    for expected in [0, 1, 2, 4, 5, u64::MAX] {
        lost(&log.append(expected, note("d")).await);
    }
    has(&*log, &notes).await;
}

async fn asking_again_is_success_until_something_follows(log: Shared) {
    add(&*log, &[note("a")]).await;
    assert_eq!(log.append(0, note("a")).await.unwrap(), 1);
    assert_eq!(log.append(1, note("b")).await.unwrap(), 2);
    lost(&log.append(0, note("a")).await);
    assert_eq!(log.append(1, note("b")).await.unwrap(), 2);
    has(&*log, &[note("a"), note("b")]).await;
    // The same note once more is another entry: a number was named that nothing is at yet.
    assert_eq!(log.append(2, note("b")).await.unwrap(), 3);
}

async fn of_many_at_once_one_wins(log: Shared) {
    add(&*log, &[note("first")]).await;
    let appends = (0..8).map(|who| {
        let log = log.clone();
        tokio::spawn(async move { log.append(1, note(&who.to_string())).await })
    });
    let mut winners = vec![note("first")];
    for (who, append) in appends.collect::<Vec<_>>().into_iter().enumerate() {
        match append.await.unwrap() {
            Ok(number) => {
                assert_eq!(number, 2);
                winners.push(note(&who.to_string()));
            }
            answer => lost(&answer),
        }
    }
    has(&*log, &winners).await;
}

async fn a_note_may_look_like_anything(log: Shared) {
    let notes = [
        "\n",
        "entry 2, 3 bytes, crc32c 00000000\nabc\n\n",
        "\0\u{1}",
        "không có dấu xuống dòng",
    ];
    let notes = notes.map(|text| Bytes::from_static(text.as_bytes()));
    add(&*log, &notes).await;
    has(&*log, &notes).await;
}

async fn the_longest_note_is_kept_and_a_longer_one_refused(log: Shared) {
    let longest = Bytes::from(vec![b'x'; NOTE_BYTES_MAX]);
    let longer = Bytes::from(vec![b'x'; NOTE_BYTES_MAX + 1]);
    let refused = log.append(0, longer).await;
    assert!(
        matches!(refused, Err(AddError::TooLarge { .. })),
        "{refused:?}"
    );
    has(&*log, &[]).await;
    add(&*log, &[longest.clone(), note("b")]).await;
    has(&*log, &[longest, note("b")]).await;
}

//! Every promise of the event-store port, over every store.
//!
//! One promise, one function, one name in the report; a new store is one more
//! `mod` in the macro.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use socai_metrics::timed::Timed;
use socai_store::{
    Append, AppendError, BATCH_BYTES_MAX, BATCH_EVENTS_MAX, Delivery, EVENT_BYTES_MAX, EventStore,
    Guard, NewEvent, Position, Recorded, Revision, StreamAppend, StreamId, Subscription,
};
use socai_store_memory::MemoryStore;
use socai_store_segment::{Identity, Options, SegmentStore};
use uuid::Uuid;

mod golden;
pub(crate) mod nats;
mod on_disk;

/// Expands every promise into one test per store, so that a broken promise is
/// reported as `store::segment::a_stale_append_conflicts`.
macro_rules! every_store {
    ($($promise:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $promise() {
                super::$promise(std::sync::Arc::new(super::MemoryStore::default())).await;
            })+
        }
        /// What is timed is promised all the same.
        mod timed {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $promise() {
                let store = std::sync::Arc::new(super::MemoryStore::default());
                super::$promise(std::sync::Arc::new(super::Timed::new(store, Default::default()))).await;
            })+
        }
        mod segment {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $promise() {
                let dir = tempfile::tempdir().unwrap();
                let store = super::SegmentStore::create(dir.path(), &super::identity()).unwrap();
                super::$promise(std::sync::Arc::new(store)).await;
            })+
        }
        /// Segments so small that nearly every append begins one.
        mod small_segments {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $promise() {
                let dir = tempfile::tempdir().unwrap();
                let store = super::small_segments(dir.path());
                super::$promise(std::sync::Arc::new(store)).await;
            })+
        }
        mod nats_single {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $promise() {
                let server = super::nats::Server::start();
                let store = super::nats::create(&server).await;
                super::$promise(std::sync::Arc::new(store)).await;
            })+
        }
        /// Three servers take seconds to find one another, so they do it once, and every promise has a
        /// stream of its own. The report names each one that is broken.
        mod nats_cluster {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn every_promise_holds() {
                let cluster = super::nats::Cluster::start();
                let mut broken = Vec::new();
                $(
                    let store = super::nats::create_on(&cluster, stringify!($promise)).await;
                    let kept = tokio::spawn(super::$promise(std::sync::Arc::new(store))).await;
                    if kept.is_err() {
                        broken.push(stringify!($promise));
                    }
                )+
                assert!(broken.is_empty(), "broken: {broken:?}");
            }
        }
    };
}

every_store![
    a_new_store_is_empty,
    a_stream_that_does_not_exist_reads_as_empty,
    an_append_reads_back_in_order_and_byte_for_byte,
    positions_follow_one_another_over_all_streams,
    reads_go_backwards,
    reads_keep_to_their_limit,
    a_stale_append_conflicts,
    an_append_ahead_of_its_stream_conflicts,
    a_refused_append_leaves_no_trace,
    several_streams_are_written_together,
    several_streams_are_written_together_or_not_at_all,
    a_guard_holds_an_append_back,
    a_guard_that_holds_lets_it_through,
    asking_again_answers_the_same_positions,
    asking_again_needs_no_guard,
    asking_again_for_a_part_answers_its_positions,
    asking_again_with_more_conflicts,
    asking_again_in_another_order_conflicts,
    an_id_is_taken_for_ever,
    an_id_comes_once_in_an_append,
    a_stream_is_named_once_in_an_append,
    a_batch_has_events_and_not_too_many,
    an_event_is_not_too_large,
    a_batch_is_not_too_large,
    of_two_appends_at_one_revision_one_wins,
    concurrent_appends_leave_no_gap,
    whoever_asks_twice_at_once_is_told_the_same,
    a_subscription_catches_up_and_goes_on,
    a_subscription_begins_after_its_position,
    a_subscription_loses_nothing_where_a_wait_is_given_up,
    a_subscriber_sees_what_an_append_has_answered,
];

fn identity() -> Identity {
    Identity::new(Uuid::from_u128(0x19d2_f3a9_c1e7), "hanoi").unwrap()
}

fn small_segments(dir: &std::path::Path) -> SegmentStore {
    let options = Options {
        segment_bytes: 300,
        allocate_bytes: 512,
        group_bytes: 1_000,
    };
    let disk = Arc::new(socai_store_segment::disk::RealDisk);
    SegmentStore::create_on(disk, dir, &identity(), options).unwrap()
}

type Store = Arc<dyn EventStore>;

fn stream(id: &str) -> StreamId {
    StreamId::new("obligation", id).unwrap()
}

fn event(number: u128) -> NewEvent {
    let bytes = Bytes::from(format!("{{\"event\":{number}}}"));
    NewEvent {
        id: Uuid::from_u128(number),
        bytes,
    }
}

fn events(numbers: impl IntoIterator<Item = u128>) -> Vec<NewEvent> {
    numbers.into_iter().map(event).collect()
}

fn write(id: &str, expected: u64, numbers: impl IntoIterator<Item = u128>) -> StreamAppend {
    StreamAppend {
        stream: stream(id),
        expected: Revision(expected),
        events: events(numbers),
    }
}

fn append(id: &str, expected: u64, numbers: impl IntoIterator<Item = u128>) -> Append {
    Append {
        writes: vec![write(id, expected, numbers)],
        guards: Vec::new(),
    }
}

fn guard(id: &str, expected: u64) -> Guard {
    Guard {
        stream: stream(id),
        expected: Revision(expected),
    }
}

fn positions(numbers: impl IntoIterator<Item = u64>) -> Vec<Position> {
    numbers.into_iter().map(Position).collect()
}

const fn limit(limit: u32) -> NonZeroU32 {
    NonZeroU32::new(limit).unwrap()
}

const ALL: NonZeroU32 = limit(u32::MAX);

/// The numbers of the events in `records`, by their bytes.
fn numbers(records: &[Recorded]) -> Vec<u128> {
    let number = |record: &Recorded| {
        let text = std::str::from_utf8(&record.bytes).unwrap();
        text.trim_start_matches("{\"event\":")
            .trim_end_matches('}')
            .parse()
            .unwrap()
    };
    records.iter().map(number).collect()
}

async fn stream_numbers(store: &Store, id: &str) -> Vec<u128> {
    numbers(&store.read(&stream(id), Revision::NONE, ALL).await.unwrap())
}

async fn all_numbers(store: &Store) -> Vec<u128> {
    numbers(&store.read_all(Position::ZERO, ALL).await.unwrap())
}

#[track_caller]
fn assert_conflict(answer: Result<Vec<Position>, AppendError>, id: &str, at: u64, not: u64) {
    match answer.unwrap_err() {
        AppendError::Conflict {
            stream: moved,
            expected,
            actual,
        } => {
            let expectation = (stream(id), Revision(not), Revision(at));
            assert_eq!(expectation, (moved, expected, actual));
        }
        other => panic!("{other:?}"),
    }
}

async fn a_new_store_is_empty(store: Store) {
    assert_eq!(Position::ZERO, store.head().await.unwrap());
    assert!(
        store
            .read_all(Position::ZERO, ALL)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .read_all_backwards(None, ALL)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_stream_that_does_not_exist_reads_as_empty(store: Store) {
    store.append(append("a", 0, [1])).await.unwrap();
    assert!(
        store
            .read(&stream("b"), Revision::NONE, ALL)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .read(&stream("a"), Revision(7), ALL)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .read(&stream("a"), Revision(u64::MAX), ALL)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .read_backwards(&stream("b"), None, ALL)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .read_backwards(&stream("a"), Some(Revision(1)), ALL)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .read_backwards(&stream("a"), Some(Revision(0)), ALL)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .read_all(Position(u64::MAX), ALL)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn an_append_reads_back_in_order_and_byte_for_byte(store: Store) {
    let odd = Bytes::from_static(b"\x00\xff not JSON \n\0");
    let empty = Bytes::new();
    let new = |id, bytes: &Bytes| NewEvent {
        id: Uuid::from_u128(id),
        bytes: bytes.clone(),
    };
    let batch = vec![new(1, &odd), new(2, &empty), new(3, &odd)];
    let given = store
        .append(Append::to(stream("a"), Revision::NONE, batch))
        .await
        .unwrap();
    assert_eq!(positions(1..=3), given);

    let read = store.read(&stream("a"), Revision::NONE, ALL).await.unwrap();
    let expected = [&odd, &empty, &odd].into_iter().zip(given);
    let expected = expected.map(|(bytes, position)| Recorded {
        position,
        bytes: bytes.clone(),
    });
    assert_eq!(expected.collect::<Vec<_>>(), read);
    assert_eq!(read, store.read_all(Position::ZERO, ALL).await.unwrap());
}

async fn positions_follow_one_another_over_all_streams(store: Store) {
    assert_eq!(
        positions([1, 2]),
        store.append(append("a", 0, [10, 11])).await.unwrap()
    );
    assert_eq!(
        positions([3]),
        store.append(append("b", 0, [12])).await.unwrap()
    );
    assert_eq!(
        positions([4]),
        store.append(append("a", 2, [13])).await.unwrap()
    );
    assert_eq!(Position(4), store.head().await.unwrap());
    assert_eq!(vec![10, 11, 12, 13], all_numbers(&store).await);
    assert_eq!(vec![10, 11, 13], stream_numbers(&store, "a").await);
}

async fn reads_go_backwards(store: Store) {
    for number in 0..5 {
        store
            .append(append("a", number, [u128::from(number)]))
            .await
            .unwrap();
        store
            .append(append("b", number, [u128::from(number) + 100]))
            .await
            .unwrap();
    }
    let a = store.read_backwards(&stream("a"), None, ALL).await.unwrap();
    assert_eq!(vec![4, 3, 2, 1, 0], numbers(&a));
    let a = store
        .read_backwards(&stream("a"), Some(Revision(4)), limit(2))
        .await
        .unwrap();
    assert_eq!(vec![2, 1], numbers(&a));
    let a = store
        .read_backwards(&stream("a"), Some(Revision(99)), limit(1))
        .await
        .unwrap();
    assert_eq!(vec![4], numbers(&a));
    let all = store.read_all_backwards(None, limit(3)).await.unwrap();
    assert_eq!(vec![104, 4, 103], numbers(&all));
    let all = store
        .read_all_backwards(Some(Position(3)), ALL)
        .await
        .unwrap();
    assert_eq!(vec![100, 0], numbers(&all));
    assert!(
        store
            .read_all_backwards(Some(Position(1)), ALL)
            .await
            .unwrap()
            .is_empty()
    );
}

async fn reads_keep_to_their_limit(store: Store) {
    store.append(append("a", 0, 1..=4)).await.unwrap();
    store.append(append("a", 4, 5..=9)).await.unwrap();
    let read = store
        .read(&stream("a"), Revision(2), limit(4))
        .await
        .unwrap();
    assert_eq!(vec![3, 4, 5, 6], numbers(&read));
    let read = store.read_all(Position(6), limit(2)).await.unwrap();
    assert_eq!(vec![7, 8], numbers(&read));
    assert_eq!(
        positions([7, 8]),
        read.iter()
            .map(|record| record.position)
            .collect::<Vec<_>>()
    );
}

async fn a_stale_append_conflicts(store: Store) {
    store.append(append("a", 0, [1])).await.unwrap();
    assert_conflict(store.append(append("a", 0, [2])).await, "a", 1, 0);
}

async fn an_append_ahead_of_its_stream_conflicts(store: Store) {
    assert_conflict(store.append(append("a", 1, [2])).await, "a", 0, 1);
    assert_conflict(
        store.append(append("a", u64::MAX, [2])).await,
        "a",
        0,
        u64::MAX,
    );
}

async fn a_refused_append_leaves_no_trace(store: Store) {
    store.append(append("a", 0, [1])).await.unwrap();
    store.append(append("a", 0, [2])).await.unwrap_err();
    assert_eq!(vec![1], all_numbers(&store).await);
    assert_eq!(Position(1), store.head().await.unwrap());
    // Its id is free: nothing was recorded by it.
    assert_eq!(
        positions([2]),
        store.append(append("a", 1, [2])).await.unwrap()
    );
}

async fn several_streams_are_written_together(store: Store) {
    store.append(append("a", 0, [1])).await.unwrap();
    let together = Append {
        writes: vec![write("b", 0, [2, 3]), write("a", 1, [4])],
        guards: vec![],
    };
    assert_eq!(
        positions([2, 3, 4]),
        store.append(together.clone()).await.unwrap()
    );
    assert_eq!(vec![1, 4], stream_numbers(&store, "a").await);
    assert_eq!(vec![2, 3], stream_numbers(&store, "b").await);
    assert_eq!(positions([2, 3, 4]), store.append(together).await.unwrap());
}

async fn several_streams_are_written_together_or_not_at_all(store: Store) {
    store.append(append("a", 0, [1])).await.unwrap();
    let together = Append {
        writes: vec![write("b", 0, [2, 3]), write("a", 0, [4])],
        guards: vec![],
    };
    assert_conflict(store.append(together).await, "a", 1, 0);
    assert_eq!(vec![1], all_numbers(&store).await);
    assert!(stream_numbers(&store, "b").await.is_empty());
}

async fn a_guard_holds_an_append_back(store: Store) {
    store.append(append("a", 0, [1])).await.unwrap();
    let guarded = Append {
        writes: vec![write("b", 0, [2])],
        guards: vec![guard("a", 0)],
    };
    assert_conflict(store.append(guarded).await, "a", 1, 0);
    assert_eq!(vec![1], all_numbers(&store).await);
}

async fn a_guard_that_holds_lets_it_through(store: Store) {
    store.append(append("a", 0, [1])).await.unwrap();
    let guards = vec![guard("a", 1), guard("c", 0)];
    let guarded = Append {
        writes: vec![write("b", 0, [2])],
        guards,
    };
    assert_eq!(positions([2]), store.append(guarded).await.unwrap());
}

async fn asking_again_answers_the_same_positions(store: Store) {
    let asked = append("a", 0, [1, 2]);
    let given = store.append(asked.clone()).await.unwrap();
    for number in 2..50 {
        assert_eq!(given, store.append(asked.clone()).await.unwrap());
        store
            .append(append("a", number, [u128::from(number) + 1]))
            .await
            .unwrap();
    }
    assert_eq!(given, store.append(asked).await.unwrap());
    assert_eq!((1..=50).collect::<Vec<u128>>(), all_numbers(&store).await);
}

async fn asking_again_needs_no_guard(store: Store) {
    let asked = Append {
        writes: vec![write("b", 0, [2])],
        guards: vec![guard("a", 0)],
    };
    let given = store.append(asked.clone()).await.unwrap();
    store.append(append("a", 0, [1])).await.unwrap();
    assert_eq!(given, store.append(asked).await.unwrap());
}

async fn asking_again_for_a_part_answers_its_positions(store: Store) {
    store.append(append("a", 0, [1, 2, 3])).await.unwrap();
    assert_eq!(
        positions([1, 2]),
        store.append(append("a", 0, [1, 2])).await.unwrap()
    );
    assert_eq!(
        positions([2, 3]),
        store.append(append("a", 1, [2, 3])).await.unwrap()
    );
}

async fn asking_again_with_more_conflicts(store: Store) {
    store.append(append("a", 0, [1, 2])).await.unwrap();
    assert_conflict(store.append(append("a", 0, [1, 2, 3])).await, "a", 2, 0);
    let more = Append {
        writes: vec![write("a", 0, [1, 2]), write("b", 0, [4])],
        guards: vec![],
    };
    assert_conflict(store.append(more).await, "a", 2, 0);
    assert_eq!(vec![1, 2], all_numbers(&store).await);
}

async fn asking_again_in_another_order_conflicts(store: Store) {
    store.append(append("a", 0, [1, 2])).await.unwrap();
    assert_conflict(store.append(append("a", 0, [2, 1])).await, "a", 2, 0);
}

#[track_caller]
fn assert_id_taken(answer: Result<Vec<Position>, AppendError>, number: u128) {
    match answer.unwrap_err() {
        AppendError::IdTaken { id } => assert_eq!(Uuid::from_u128(number), id),
        other => panic!("{other:?}"),
    }
}

async fn an_id_is_taken_for_ever(store: Store) {
    store.append(append("a", 0, [1, 2])).await.unwrap();
    assert_id_taken(store.append(append("b", 0, [1])).await, 1);
    assert_id_taken(store.append(append("a", 2, [3, 2])).await, 2);
    assert_eq!(vec![1, 2], all_numbers(&store).await);
}

async fn an_id_comes_once_in_an_append(store: Store) {
    assert_id_taken(store.append(append("a", 0, [1, 1])).await, 1);
    let twice = Append {
        writes: vec![write("a", 0, [1]), write("b", 0, [1])],
        guards: vec![],
    };
    assert_id_taken(store.append(twice).await, 1);
    assert_eq!(Position::ZERO, store.head().await.unwrap());
}

async fn a_stream_is_named_once_in_an_append(store: Store) {
    let written = Append {
        writes: vec![write("a", 0, [1]), write("a", 1, [2])],
        guards: vec![],
    };
    let guarded = Append {
        writes: vec![write("a", 0, [1])],
        guards: vec![guard("a", 0)],
    };
    for twice in [written, guarded] {
        let error = store.append(twice).await.unwrap_err();
        assert!(matches!(&error, AppendError::StreamTwice { stream: it } if *it == stream("a")));
    }
    assert_eq!(Position::ZERO, store.head().await.unwrap());
}

async fn a_batch_has_events_and_not_too_many(store: Store) {
    let most = BATCH_EVENTS_MAX as u128;
    let nothing = Append {
        writes: vec![],
        guards: vec![guard("a", 0)],
    };
    let idle = Append {
        writes: vec![write("a", 0, [1]), write("b", 0, [])],
        guards: vec![],
    };
    for wrong in [nothing, idle, append("a", 0, 0..=most)] {
        let error = store.append(wrong).await.unwrap_err();
        assert!(matches!(error, AppendError::BatchSize { .. }), "{error}");
    }
    assert_eq!(Position::ZERO, store.head().await.unwrap());
    let given = store.append(append("a", 0, 0..most)).await.unwrap();
    assert_eq!(positions(1..=BATCH_EVENTS_MAX as u64), given);
    assert_eq!(
        (0..most).collect::<Vec<_>>(),
        stream_numbers(&store, "a").await
    );
}

fn large(number: u128, bytes: usize) -> NewEvent {
    NewEvent {
        id: Uuid::from_u128(number),
        bytes: vec![b'x'; bytes].into(),
    }
}

async fn an_event_is_not_too_large(store: Store) {
    let of = |bytes| Append::to(stream("a"), Revision::NONE, vec![large(1, bytes)]);
    let error = store.append(of(EVENT_BYTES_MAX + 1)).await.unwrap_err();
    assert!(matches!(error, AppendError::TooLarge { .. }), "{error}");
    store.append(of(EVENT_BYTES_MAX)).await.unwrap();
    let read = store.read(&stream("a"), Revision::NONE, ALL).await.unwrap();
    assert_eq!(EVENT_BYTES_MAX, read[0].bytes.len());
}

async fn a_batch_is_not_too_large(store: Store) {
    let full = BATCH_BYTES_MAX / EVENT_BYTES_MAX;
    let mut most: Vec<_> = (0..full as u128)
        .map(|number| large(number, EVENT_BYTES_MAX))
        .collect();
    let fits = Append::to(stream("a"), Revision::NONE, most.clone());
    most.push(large(99, 1));
    let error = store
        .append(Append::to(stream("a"), Revision::NONE, most))
        .await
        .unwrap_err();
    assert!(matches!(error, AppendError::TooLarge { .. }), "{error}");
    store.append(fits).await.unwrap();
    assert_eq!(
        full,
        store.read_all(Position::ZERO, ALL).await.unwrap().len()
    );
}

async fn of_two_appends_at_one_revision_one_wins(store: Store) {
    for revision in 0..40 {
        let rivals = (0..8).map(|rival| {
            let (store, number) = (store.clone(), u128::from(revision) * 8 + rival);
            tokio::spawn(async move { store.append(append("a", revision, [number])).await })
        });
        let rivals: Vec<_> = rivals.collect();
        let mut won = 0;
        for rival in rivals {
            match rival.await.unwrap() {
                Ok(_) => won += 1,
                Err(error) => assert!(matches!(error, AppendError::Conflict { .. }), "{error}"),
            }
        }
        assert_eq!(1, won);
    }
    assert_eq!(40, stream_numbers(&store, "a").await.len());
    assert_eq!(Position(40), store.head().await.unwrap());
}

async fn concurrent_appends_leave_no_gap(store: Store) {
    let writers = (0..8_u128).map(|writer| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut given = Vec::new();
            for revision in 0..25_u64 {
                let asked = append(
                    &writer.to_string(),
                    revision,
                    [writer * 100 + u128::from(revision)],
                );
                given.extend(store.append(asked).await.unwrap());
            }
            given
        })
    });
    let mut given = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        given.extend(writer.await.unwrap());
    }
    given.sort_unstable();
    assert_eq!(positions(1..=200), given);
    for writer in 0..8 {
        let expected: Vec<u128> = (0..25).map(|revision| writer * 100 + revision).collect();
        assert_eq!(expected, stream_numbers(&store, &writer.to_string()).await);
    }
}

async fn whoever_asks_twice_at_once_is_told_the_same(store: Store) {
    for number in 0..40_u64 {
        let asked = append("a", number, [u128::from(number)]);
        let twins = [0, 1, 2].map(|_| {
            let (store, asked) = (store.clone(), asked.clone());
            tokio::spawn(async move { store.append(asked).await.unwrap() })
        });
        for twin in twins {
            assert_eq!(positions([number + 1]), twin.await.unwrap());
        }
    }
    assert_eq!(Position(40), store.head().await.unwrap());
}

async fn expect_record(subscription: &mut Subscription, position: u64) {
    match subscription.next().await.unwrap() {
        Delivery::Record(record) => assert_eq!(Position(position), record.position),
        Delivery::CaughtUp => panic!("caught up instead of record {position}"),
    }
}

async fn expect_caught_up(subscription: &mut Subscription) {
    assert_eq!(Delivery::CaughtUp, subscription.next().await.unwrap());
}

async fn a_subscription_catches_up_and_goes_on(store: Store) {
    let mut empty = store.subscribe(Position::ZERO).await.unwrap();
    expect_caught_up(&mut empty).await;
    store.append(append("a", 0, 1..=3)).await.unwrap();
    let mut late = store.subscribe(Position::ZERO).await.unwrap();
    for subscription in [&mut empty, &mut late] {
        for position in 1..=3 {
            expect_record(subscription, position).await;
        }
        expect_caught_up(subscription).await;
    }
    let waiting = tokio::spawn(async move {
        expect_record(&mut late, 4).await;
        expect_caught_up(&mut late).await;
    });
    store.append(append("b", 0, [4])).await.unwrap();
    waiting.await.unwrap();
    expect_record(&mut empty, 4).await;
}

async fn a_subscription_begins_after_its_position(store: Store) {
    store.append(append("a", 0, 1..=5)).await.unwrap();
    let mut subscription = store.subscribe(Position(3)).await.unwrap();
    expect_record(&mut subscription, 4).await;
    expect_record(&mut subscription, 5).await;
    expect_caught_up(&mut subscription).await;
    let mut ahead = store.subscribe(Position(6)).await.unwrap();
    expect_caught_up(&mut ahead).await;
    store.append(append("a", 5, [6, 7])).await.unwrap();
    expect_record(&mut ahead, 7).await;
}

async fn a_subscription_loses_nothing_where_a_wait_is_given_up(store: Store) {
    let mut subscription = store.subscribe(Position::ZERO).await.unwrap();
    expect_caught_up(&mut subscription).await;
    for number in 0..20 {
        tokio::select! {
            biased;
            delivery = subscription.next() => panic!("{delivery:?} before there was any"),
            () = std::future::ready(()) => {}
        }
        store
            .append(append("a", number, [u128::from(number)]))
            .await
            .unwrap();
        expect_record(&mut subscription, number + 1).await;
        expect_caught_up(&mut subscription).await;
    }
}

async fn a_subscriber_sees_what_an_append_has_answered(store: Store) {
    for number in 0..20 {
        let given = store
            .append(append("a", number, [u128::from(number)]))
            .await
            .unwrap();
        assert_eq!(given[0], store.head().await.unwrap());
        assert_eq!(number + 1, stream_numbers(&store, "a").await.len() as u64);
        let mut subscription = store.subscribe(Position(number)).await.unwrap();
        expect_record(&mut subscription, number + 1).await;
    }
}

//! What the segment store promises beyond the port: that it outlives the process,
//! and what it says where it will not open.

use std::error::Error;
use std::fs;
use std::path::Path;

use socai_store::ReadError;
use socai_store_segment::OpenError;

use super::*;

fn create(dir: &Path) -> Store {
    Arc::new(SegmentStore::create(dir, &identity()).unwrap())
}

fn open(dir: &Path) -> Store {
    Arc::new(SegmentStore::open(dir).unwrap())
}

#[tokio::test]
async fn everything_is_there_after_it_is_opened_again() {
    for make in [create as fn(&Path) -> Store, |dir| {
        Arc::new(small_segments(dir))
    }] {
        let dir = tempfile::tempdir().unwrap();
        let store = make(dir.path());
        store.append(append("a", 0, 1..=3)).await.unwrap();
        store.append(append("b", 0, [4])).await.unwrap();
        drop(store);

        let store = open(dir.path());
        assert_eq!(vec![1, 2, 3, 4], all_numbers(&store).await);
        assert_eq!(
            positions(1..=3),
            store.append(append("a", 0, 1..=3)).await.unwrap()
        );
        assert_conflict(store.append(append("a", 0, [5])).await, "a", 3, 0);
        assert_id_taken(store.append(append("c", 0, [4])).await, 4);
        assert_eq!(
            positions([5]),
            store.append(append("a", 3, [5])).await.unwrap()
        );
        drop(store);

        assert_eq!(
            vec![1, 2, 3, 5],
            stream_numbers(&open(dir.path()), "a").await
        );
    }
}

#[tokio::test]
async fn what_waits_is_written_when_the_store_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    let mut waiting = store.append(append("a", 0, [1]));
    // Polled once and given up: the append is in the queue, its answer unheard.
    tokio::select! {
        biased;
        _ = &mut waiting => {}
        () = std::future::ready(()) => {}
    }
    drop(waiting);
    drop(store);
    assert_eq!(vec![1], all_numbers(&open(dir.path())).await);
}

#[tokio::test]
async fn the_index_is_the_same_with_and_without_sidecars() {
    let dir = tempfile::tempdir().unwrap();
    let store: Store = Arc::new(small_segments(dir.path()));
    for number in 0..30 {
        store
            .append(append(
                &(number % 3).to_string(),
                number / 3,
                [u128::from(number)],
            ))
            .await
            .unwrap();
    }
    drop(store);
    let sidecars = || files(dir.path(), "idx");
    let written: Vec<_> = sidecars()
        .iter()
        .map(|path| fs::read(path).unwrap())
        .collect();
    assert!(written.len() > 5);
    for (at, damage) in ["", "missing", "cut", "flipped"].into_iter().enumerate() {
        match damage {
            "missing" => sidecars()
                .iter()
                .for_each(|path| fs::remove_file(path).unwrap()),
            "cut" => sidecars()
                .iter()
                .for_each(|path| fs::write(path, b"SOCAI").unwrap()),
            "flipped" => sidecars().iter().for_each(|path| flip(path, 40)),
            _ => {}
        }
        for stream in 0..3 {
            // Whoever only looks makes the table of streams once it is asked for one.
            let looking: Store = Arc::new(SegmentStore::open_read_only(dir.path()).unwrap());
            let expected: Vec<u128> = (stream..30).step_by(3).collect();
            let read = stream_numbers(&looking, &stream.to_string()).await;
            assert_eq!(expected, read, "{damage}");
        }
        let store = open(dir.path());
        assert_eq!(
            (0..30).collect::<Vec<u128>>(),
            all_numbers(&store).await,
            "{damage}"
        );
        let asked = append("2", 9, [29]);
        assert_eq!(
            positions([30]),
            store.append(asked).await.unwrap(),
            "{damage}"
        );
        drop(store);
        let rebuilt: Vec<_> = sidecars()
            .iter()
            .map(|path| fs::read(path).unwrap())
            .collect();
        assert_eq!(written, rebuilt, "{at} {damage}");
    }
}

#[tokio::test]
async fn a_ledger_is_not_created_twice_nor_opened_where_there_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let error = SegmentStore::open(dir.path()).err().unwrap();
    assert!(matches!(error, OpenError::NoLedger { .. }), "{error}");
    drop(create(dir.path()));
    let error = SegmentStore::create(dir.path(), &identity()).err().unwrap();
    assert!(matches!(error, OpenError::Exists { .. }), "{error}");
    assert_eq!(
        identity(),
        *SegmentStore::open(dir.path()).unwrap().identity()
    );
}

#[tokio::test]
async fn a_second_writer_is_kept_out_and_a_reader_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    store.append(append("a", 0, [1])).await.unwrap();
    let error = SegmentStore::open(dir.path()).err().unwrap();
    assert!(
        error.to_string().ends_with("is in use by another process"),
        "{error}"
    );

    let reader: Store = Arc::new(SegmentStore::open_read_only(dir.path()).unwrap());
    assert_eq!(vec![1], all_numbers(&reader).await);
    let error = reader.append(append("a", 1, [2])).await.unwrap_err();
    assert!(matches!(error, AppendError::ReadOnly), "{error}");
    drop(store);
    open(dir.path());
}

#[tokio::test]
async fn a_reader_never_takes_a_write_under_way_for_damage() {
    let dir = tempfile::tempdir().unwrap();
    let store: Store = Arc::new(small_segments(dir.path()));
    let writing = tokio::spawn(async move {
        for number in 0..300 {
            store
                .append(append("a", number, [u128::from(number)]))
                .await
                .unwrap();
        }
    });
    let mut seen = Position::ZERO;
    while !writing.is_finished() {
        let reader = SegmentStore::open_read_only(dir.path()).unwrap();
        assert_eq!(None, reader.damage());
        assert!(reader.last_position() >= seen);
        seen = reader.last_position();
        tokio::task::yield_now().await;
    }
    writing.await.unwrap();
}

fn files(dir: &Path, extension: &str) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(dir.join("log")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|it| it == extension))
        .collect();
    paths.sort();
    paths
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

/// A bit that flips anywhere in what was recorded is found by verification, by
/// whoever opens the log or by whoever reads it, and is never taken for a crash.
#[tokio::test]
async fn a_flipped_bit_is_found_wherever_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let store: Store = Arc::new(small_segments(dir.path()));
    for number in 0..5 {
        store
            .append(append("a", number, [u128::from(number)]))
            .await
            .unwrap();
    }
    drop(store);
    let segments = files(dir.path(), "seg");
    assert!(segments.len() > 2);
    for path in &segments {
        let whole = fs::read(path).unwrap();
        let recorded = whole.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        for at in 0..recorded {
            flip(path, at);
            assert_damage_is_found(dir.path(), path, at).await;
            fs::write(path, &whole).unwrap();
        }
    }
    let whole = SegmentStore::verify(dir.path(), |_| {}).unwrap();
    assert_eq!(
        (Position(5), None),
        (Position(whole.position), whole.damage)
    );
}

async fn assert_damage_is_found(dir: &Path, path: &Path, at: usize) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let verified = SegmentStore::verify(dir, |_| {}).unwrap();
    let damage = verified.damage.unwrap_or_else(|| panic!("{name} {at}"));
    assert_eq!(name, damage.segment);
    assert!(damage.offset <= at as u64, "{damage} {at}");
    assert_eq!(verified.position + 1, damage.position);
    match SegmentStore::open(dir) {
        Err(OpenError::Damaged(found)) => assert_eq!(damage, found),
        Err(other) => panic!("{other}"),
        // A sealed segment is trusted to its sidecar until it is read.
        Ok(store) => match store.read_all(Position::ZERO, ALL).await.unwrap_err() {
            ReadError::Corrupt { position, source } => {
                assert_eq!(Position(damage.position), position);
                assert_eq!(damage.to_string(), source.to_string());
            }
            other => panic!("{other}"),
        },
    }
}

/// A sector that is lost looks as if it had never been written. Behind it are
/// appends that were made after it was synced, so it had been.
#[tokio::test]
async fn a_lost_sector_before_later_appends_is_no_torn_write() {
    let dir = tempfile::tempdir().unwrap();
    let store = create(dir.path());
    for number in 0..3 {
        let asked = Append::to(
            stream("a"),
            Revision(number),
            vec![large(number.into(), 2_000)],
        );
        store.append(asked).await.unwrap();
    }
    drop(store);
    let path = &files(dir.path(), "seg")[0];
    let whole = fs::read(path).unwrap();
    for (sector, position) in [(1, 1), (2, 1), (4, 1), (5, 2)] {
        let mut bytes = whole.clone();
        bytes[sector * 512..(sector + 1) * 512].fill(0);
        fs::write(path, bytes).unwrap();
        match SegmentStore::open(dir.path()).err() {
            Some(OpenError::Damaged(damage)) => assert_eq!(position, damage.position, "{damage}"),
            other => panic!("sector {sector}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_damaged_ledger_can_be_read_up_to_its_damage() {
    let dir = tempfile::tempdir().unwrap();
    let store: Store = Arc::new(small_segments(dir.path()));
    for number in 0..5 {
        store
            .append(append("a", number, [u128::from(number)]))
            .await
            .unwrap();
    }
    drop(store);
    files(dir.path(), "idx")
        .iter()
        .for_each(|path| fs::remove_file(path).unwrap());
    let segments = files(dir.path(), "seg");
    flip(&segments[1], 100);
    let store = SegmentStore::open_read_only(dir.path()).unwrap();
    let damage = store.damage().unwrap().clone();
    assert_eq!(
        segments[1].file_name().unwrap().to_str().unwrap(),
        damage.segment
    );
    let store: Store = Arc::new(store);
    let before: Vec<u128> = (0..u128::from(damage.position) - 1).collect();
    assert_eq!(before, all_numbers(&store).await);

    let refused = SegmentStore::open(dir.path()).err().unwrap();
    let chain = format!("{refused}: {}", refused.source().unwrap());
    assert!(
        chain.contains(&damage.segment) && chain.contains("position"),
        "{chain}"
    );
}

#[tokio::test]
async fn a_missing_segment_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let store: Store = Arc::new(small_segments(dir.path()));
    for number in 0..6 {
        store
            .append(append("a", number, [u128::from(number)]))
            .await
            .unwrap();
    }
    drop(store);
    let segments = files(dir.path(), "seg");
    for missing in [&segments[0], &segments[1], segments.last().unwrap()] {
        let bytes = fs::read(missing).unwrap();
        fs::remove_file(missing).unwrap();
        let error = SegmentStore::open(dir.path()).err().unwrap();
        let chain = format!("{error}: {}", error.source().unwrap());
        assert!(chain.contains("missing"), "{chain}");
        fs::write(missing, bytes).unwrap();
    }
    open(dir.path());
}

#[tokio::test]
async fn a_newer_format_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    drop(create(dir.path()));
    let path = &files(dir.path(), "seg")[0];
    let mut bytes = fs::read(path).unwrap();
    bytes[8] = 2;
    let checksum = crc32c(&bytes[..60]);
    bytes[60..64].copy_from_slice(&checksum.to_le_bytes());
    fs::write(path, &bytes).unwrap();
    let error = SegmentStore::open(dir.path()).err().unwrap().to_string();
    assert!(
        error.contains("format version 2") && error.contains("up to 1"),
        "{error}"
    );

    let identity = dir.path().join("log/identity");
    let text = fs::read_to_string(&identity).unwrap();
    fs::write(&identity, text.replace("socai-log 1", "socai-log 2")).unwrap();
    let error = SegmentStore::open(dir.path()).err().unwrap().to_string();
    assert!(error.contains("identity has format version 2"), "{error}");
}

/// CRC-32C bit by bit, so that the test does not lean on the code under test.
fn crc32c(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| {
        if crc & 1 == 1 {
            (crc >> 1) ^ 0x82f6_3b78
        } else {
            crc >> 1
        }
    };
    !bytes
        .iter()
        .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[tokio::test]
async fn a_ledger_takes_no_segment_of_another() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(create(dir.path()));
    let stranger = Identity::new(Uuid::from_u128(7), "hue").unwrap();
    drop(SegmentStore::create(other.path(), &stranger).unwrap());
    fs::copy(&files(other.path(), "seg")[0], &files(dir.path(), "seg")[0]).unwrap();
    let error = SegmentStore::open(dir.path()).err().unwrap();
    assert!(
        error
            .source()
            .unwrap()
            .to_string()
            .contains("another ledger"),
        "{error}"
    );
}

#[tokio::test]
async fn a_scan_hands_out_what_a_read_does() {
    let dir = tempfile::tempdir().unwrap();
    let store = small_segments(dir.path());
    for number in 0..20 {
        store
            .append(append(
                "a",
                number * 2,
                [u128::from(number), u128::from(number) + 100],
            ))
            .await
            .unwrap();
    }
    for after in [0, 1, 17, 39, 40, 41] {
        let read = store.read_all(Position(after), ALL).await.unwrap();
        let chunks: Vec<_> = store.scan(Position(after)).map(Result::unwrap).collect();
        let scanned: Vec<_> = chunks.iter().flat_map(|chunk| chunk.recorded()).collect();
        assert_eq!(read, scanned);
        let borrowed = chunks.iter().flat_map(|chunk| chunk.iter());
        assert!(borrowed.eq(read.iter().map(|it| (it.position, it.bytes.as_ref()))));
    }
}

//! `socai verify DIR` after somebody who can write every file of the ledger has changed something: each way is found,
//! and said in a sentence that names its place.

use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use socai_ledger::{Fact, Image};
use socai_store::{
    Append, CheckpointLog, EventStore, NewEvent, Position, Recorded, Revision, StreamId, envelope,
};
use socai_store_segment::SegmentStore;
use socai_tlog_directory::DirectoryCheckpoints;
use uuid::Uuid;

use crate::socai::{FOUNDED, Ledger, Ran, socai};

/// Where the second unit stands among the records.
const SECOND_UNIT: usize = FOUNDED as usize + 1;

/// What `verify` says of a directory.
fn verified(dir: &Path) -> Ran {
    socai(&["verify", dir.to_str().unwrap(), "--format", "json"], b"")
}

/// The problems that `verify` names, none where it says that all is valid.
fn problems(dir: &Path) -> Vec<String> {
    let ran = verified(dir);
    let found = ran.json().remove(0);
    let problems: Vec<String> = serde_json::from_value(found["problems"].clone()).unwrap();
    assert_eq!(found["valid"], problems.is_empty(), "{ran:?}");
    assert_eq!(ran.code, i32::from(!problems.is_empty()), "{ran:?}");
    assert_eq!(
        found["problem"].as_str(),
        problems.first().map(String::as_str)
    );
    problems
}

/// The first problem is said so.
fn says(dir: &Path, sentence: &str) {
    let problems = problems(dir);
    assert!(
        problems
            .first()
            .is_some_and(|first| first.contains(sentence)),
        "expected {sentence:?}: {problems:?}"
    );
}

/// A ledger of 18 records, sealed three times.
fn sealed() -> Ledger {
    let ledger = Ledger::with_obligations();
    for unit in ["b", "a"] {
        let renamed = format!(
            r#"{{"command":"unit.rename","effective":"2024-05-01","data":{{"unit":"{unit}","name":"Sở {unit}"}}}}"#
        );
        assert_eq!(ledger.record(&renamed).code, 0);
    }
    ledger
}

/// The log in `dir` again, whole and with right checksums, from other records.
async fn rewrite(dir: &Path, change: impl FnOnce(&mut Vec<Bytes>)) {
    let store = SegmentStore::open_read_only(dir).unwrap();
    let records = store
        .read_all(Position::ZERO, NonZeroU32::MAX)
        .await
        .unwrap();
    let mut records: Vec<Bytes> = records.into_iter().map(|record| record.bytes).collect();
    change(&mut records);

    let elsewhere = tempfile::tempdir_in(dir.parent().unwrap()).unwrap();
    let other = SegmentStore::create(elsewhere.path(), store.identity()).unwrap();
    for bytes in records {
        append(&other, bytes).await;
    }
    drop(other);
    fs::remove_dir_all(dir.join("log")).unwrap();
    fs::rename(elsewhere.path().join("log"), dir.join("log")).unwrap();
    // Whoever does this does that as well.
    fs::remove_file(dir.join("reached")).unwrap();
}

async fn append(store: &SegmentStore, bytes: Bytes) {
    let subject = envelope::parse(&bytes).unwrap().subject.into_owned();
    let stream = StreamId::parse(&subject).unwrap();
    let there = store.read(&stream, Revision::NONE, NonZeroU32::MAX).await;
    let expected = Revision(there.unwrap().len() as u64);
    let id = Uuid::now_v7();
    let event = NewEvent { id, bytes };
    store
        .append(Append::to(stream, expected, vec![event]))
        .await
        .unwrap();
}

/// The log of checkpoints in `dir` again, whole and with right checksums, from other notes.
async fn rewrite_notes(dir: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let log = DirectoryCheckpoints::open_read_only(dir).unwrap();
    let notes = log.read(0, NonZeroU32::MAX).await.unwrap();
    let mut notes: Vec<String> = notes
        .iter()
        .map(|note| String::from_utf8(note.to_vec()).unwrap())
        .collect();
    change(&mut notes);
    for name in ["checkpoints", "checkpoint"] {
        fs::remove_file(dir.join("tlog").join(name)).unwrap();
    }
    let log = DirectoryCheckpoints::open(dir).unwrap();
    for (entries, note) in (0..).zip(notes) {
        log.append(entries, note.into()).await.unwrap();
    }
}

fn replaced(record: &Bytes, from: &str, to: &str) -> Bytes {
    let text = std::str::from_utf8(record).unwrap();
    assert!(text.contains(from), "{text}");
    text.replacen(from, to, 1).into()
}

/// Files below `dir`, sorted.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found.sort();
    found
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(file, target).unwrap();
    }
}

fn position(dir: &Path) -> u64 {
    verified(dir).json()[0]["position"].as_u64().unwrap()
}

#[test]
fn what_was_recorded_is_sealed_and_holds() {
    let ledger = sealed();
    let ran = verified(ledger.dir());
    let found = ran.json().remove(0);
    assert_eq!((ran.code, &found["valid"]), (0, &true.into()), "{ran:?}");
    assert_eq!(found["sealed"], found["position"]);
    assert!(found["checkpoints"].as_u64() >= Some(3), "{found}");
    assert!(found["tiles"].as_u64() > Some(0), "{found}");
    let told = socai(&["verify", ledger.dir().to_str().unwrap()], b"");
    assert!(told.out.ends_with("\nvalid\n"), "{told:?}");
    assert!(
        told.out.contains("records are sealed, with root "),
        "{told:?}"
    );
}

/// The checksums of the log are no secret: whoever changes a record changes them as well.
#[tokio::test]
async fn a_changed_record_with_a_right_checksum_is_named_by_its_position() {
    let ledger = sealed();
    rewrite(ledger.dir(), |records| {
        records[SECOND_UNIT] = replaced(&records[SECOND_UNIT], "Sở Nội vụ", "Sở Nội Vụ");
    })
    .await;
    says(
        ledger.dir(),
        "the record at position 6 is not the one that was sealed there: its leaf hash is ",
    );
    // Also where the tiles are gone: then between which checkpoints it is.
    fs::remove_dir_all(ledger.dir().join("tlog/tile")).unwrap();
    let problems = problems(ledger.dir());
    let named = problems.iter().any(|problem| {
        problem.contains("after position 4 something was changed, left out or put in")
    });
    assert!(named, "{problems:?}");
}

#[tokio::test]
async fn a_dropped_record_is_named_wherever_it_stood() {
    let ledger = sealed();
    let end = position(ledger.dir());
    rewrite(ledger.dir(), |records| drop(records.pop())).await;
    says(
        ledger.dir(),
        &format!(
            "it covers {end} records, and the ledger ends at position {}: records were dropped from its end, or an older \
             copy was restored",
            end - 1
        ),
    );
    let ledger = sealed();
    rewrite(ledger.dir(), |records| {
        drop(records.remove(SECOND_UNIT + 1))
    })
    .await;
    says(
        ledger.dir(),
        "the record at position 7 is not the one that was sealed there",
    );
    let ledger = sealed();
    rewrite(ledger.dir(), |records| {
        records.swap(SECOND_UNIT, SECOND_UNIT + 1)
    })
    .await;
    says(
        ledger.dir(),
        "the record at position 6 is not the one that was sealed there",
    );
}

#[test]
fn a_changed_tile_is_named() {
    let ledger = sealed();
    let tile = files(&ledger.dir().join("tlog/tile")).pop().unwrap();
    let mut bytes = fs::read(&tile).unwrap();
    bytes[64] ^= 1;
    fs::write(&tile, &bytes).unwrap();
    let name = tile.strip_prefix(ledger.dir().join("tlog")).unwrap();
    let name = name.to_str().unwrap().to_owned();
    says(
        ledger.dir(),
        &format!("{name} is not what the records come to, first in hash 2 of 0 to "),
    );

    fs::write(&tile, &bytes[..100]).unwrap();
    says(ledger.dir(), &format!("{name} is damaged"));
}

#[test]
fn a_missing_tile_is_named() {
    let ledger = sealed();
    let end = position(ledger.dir());
    fs::remove_dir_all(ledger.dir().join("tlog/tile")).unwrap();
    says(
        ledger.dir(),
        &format!("tile/0/000.p/1 is missing, and {end} records are sealed"),
    );
}

#[tokio::test]
async fn a_checkpoint_of_another_ledger_is_named() {
    let (ledger, other) = (sealed(), sealed());
    let notes = DirectoryCheckpoints::open_read_only(other.dir()).unwrap();
    let (_, last) = notes.last().await.unwrap().unwrap();
    let last = String::from_utf8(last.to_vec()).unwrap();
    let end = position(ledger.dir());
    rewrite_notes(ledger.dir(), |notes| notes.push(last.clone())).await;
    says(
        ledger.dir(),
        &format!("of the checkpoints: no key that the ledger names for {end} records signed it"),
    );
    let elsewhere = last.replacen("socai/hanoi", "socai/hue", 1);
    rewrite_notes(ledger.dir(), |notes| {
        notes.pop();
        notes.push(elsewhere);
    })
    .await;
    says(
        ledger.dir(),
        "it is of the log socai/hue, and this one is socai/hanoi",
    );
}

#[tokio::test]
async fn a_changed_checkpoint_is_named_and_one_that_is_gone() {
    let ledger = sealed();
    rewrite_notes(ledger.dir(), |notes| drop(notes.remove(1))).await;
    says(ledger.dir(), "checkpoints, and only");
    assert_eq!(problems(ledger.dir()).len(), 1);

    let end = position(ledger.dir());
    rewrite_notes(ledger.dir(), |notes| {
        let last = notes.last_mut().unwrap();
        *last = last.replacen(&format!("\n{end}\n"), &format!("\n{}\n", end - 1), 1);
    })
    .await;
    says(
        ledger.dir(),
        "the checkpoint was changed after it was signed, or was never signed",
    );
}

#[test]
fn a_flipped_bit_in_the_checkpoints_is_damage_also_in_the_last_of_them() {
    let ledger = sealed();
    let file = ledger.dir().join("tlog/checkpoints");
    let whole = fs::read(&file).unwrap();
    for place in [whole.len() / 4, whole.len() - 40] {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        fs::write(&file, &bytes).unwrap();
        says(ledger.dir(), "the log of checkpoints is damaged at entry ");
    }
    fs::write(&file, &whole).unwrap();
    assert!(problems(ledger.dir()).is_empty());

    let published = ledger.dir().join("tlog/checkpoint");
    let mut note = fs::read(&published).unwrap();
    note[20] ^= 1;
    fs::write(&published, note).unwrap();
    says(ledger.dir(), "the log of checkpoints is damaged at entry ");
}

#[tokio::test]
async fn an_older_log_under_newer_checkpoints_is_named() {
    let ledger = Ledger::with_obligations();
    let end = position(ledger.dir());
    let backup = tempfile::tempdir().unwrap();
    copy(&ledger.dir().join("log"), &backup.path().join("log"));
    let renamed =
        r#"{"command":"unit.rename","effective":"2024-05-01","data":{"unit":"a","name":"Sở A"}}"#;
    assert_eq!(ledger.record(renamed).code, 0);

    fs::remove_dir_all(ledger.dir().join("log")).unwrap();
    copy(&backup.path().join("log"), &ledger.dir().join("log"));
    fs::remove_file(ledger.dir().join("reached")).unwrap();
    says(
        ledger.dir(),
        &format!(
            "it covers {} records, and the ledger ends at position {end}",
            end + 1
        ),
    );
}

/// Who has the log key can sign another history, and is betrayed by what was signed before.
#[tokio::test]
async fn another_history_signed_with_the_stolen_key_contradicts_what_was_signed() {
    let ledger = sealed();
    let thief = tempfile::tempdir().unwrap();
    copy(ledger.dir(), thief.path());
    rewrite(thief.path(), |records| {
        records[SECOND_UNIT] = replaced(&records[SECOND_UNIT], "Sở Nội vụ", "Sở Nội Vụ");
    })
    .await;
    fs::remove_dir_all(thief.path().join("tlog")).unwrap();
    fs::remove_file(thief.path().join("sealed")).unwrap();
    let data = thief.path().to_str().unwrap();
    let seal = socai(&["seal", "--data", data], b"");
    assert_eq!(seal.code, 0, "{seal:?}");
    // By itself it holds together: only what others have of the first history tells.
    assert!(problems(thief.path()).is_empty());
    let forged = DirectoryCheckpoints::open_read_only(thief.path()).unwrap();
    let (_, forged) = forged.last().await.unwrap().unwrap();
    let forged = String::from_utf8(forged.to_vec()).unwrap();
    rewrite_notes(ledger.dir(), |notes| notes.push(forged)).await;
    says(ledger.dir(), "the key signed two histories");
}

#[tokio::test]
async fn a_snapshot_of_other_records_is_named() {
    let (ledger, other) = (sealed(), sealed());
    let store = SegmentStore::open_read_only(other.dir()).unwrap();
    let all: Vec<Recorded> = store
        .read_all(Position::ZERO, NonZeroU32::MAX)
        .await
        .unwrap();
    let mut image = Image::new();
    for recorded in &all {
        image.fold(&Fact::decode(recorded).unwrap()).unwrap();
    }
    let snapshots = socai_app::snapshots::Snapshots::of(ledger.dir());
    snapshots.keep(&image).unwrap();
    says(
        ledger.dir(),
        &format!(
            "the snapshot at position {} is not what the records come to: delete ",
            all.len()
        ),
    );
}

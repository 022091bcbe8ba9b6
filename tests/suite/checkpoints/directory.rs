//! What the log of checkpoints looks like as a file, and what becomes of it.

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect;
use socai_store::CheckpointError;
use tempfile::TempDir;

use super::*;

fn file(home: &TempDir) -> PathBuf {
    home.path().join("tlog/checkpoints")
}

/// A log of three entries, and where each ends.
async fn three() -> (TempDir, [Bytes; 3], Vec<usize>) {
    let home = tempfile::tempdir().unwrap();
    let log = DirectoryCheckpoints::open(home.path()).unwrap();
    let notes = ["a", "b", "c"].map(note);
    let mut ends = Vec::new();
    for (expected, note) in notes.iter().enumerate() {
        log.append(expected as u64, note.clone()).await.unwrap();
        ends.push(fs::metadata(file(&home)).unwrap().len() as usize);
    }
    (home, notes, ends)
}

#[track_caller]
fn damaged_at(home: &Path, entry: u64) -> String {
    let opened = DirectoryCheckpoints::open(home).map(|_| ());
    let Err(CheckpointError::Corrupt { entry: at, source }) = opened else {
        panic!("{opened:?}");
    };
    assert_eq!(at, entry, "{source}");
    source.to_string()
}

#[tokio::test]
async fn a_person_can_read_it() {
    let (home, ..) = three().await;
    let text = fs::read_to_string(file(&home)).unwrap();
    expect![[r#"
        entry 1, 36 bytes, crc32c 567a52b0
        socai/hanoi
        a

        — socai/hanoi AAAA

        entry 2, 36 bytes, crc32c 4c5e6a37
        socai/hanoi
        b

        — socai/hanoi AAAA

        entry 3, 36 bytes, crc32c b919afe5
        socai/hanoi
        c

        — socai/hanoi AAAA

    "#]]
    .assert_eq(&text);
    let latest = fs::read(home.path().join("tlog/checkpoint")).unwrap();
    assert_eq!(latest, note("c"));
}

#[tokio::test]
async fn opening_writes_nothing_where_there_is_nothing() {
    let home = tempfile::tempdir().unwrap();
    drop(DirectoryCheckpoints::open(home.path()).unwrap());
    drop(DirectoryCheckpoints::open_read_only(home.path()).unwrap());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn it_goes_on_where_it_ended() {
    let (home, notes, _) = three().await;
    let log = DirectoryCheckpoints::open(home.path()).unwrap();
    has(&log, &notes).await;
    assert_eq!(log.append(3, note("d")).await.unwrap(), 4);
    let log = DirectoryCheckpoints::open(home.path()).unwrap();
    has(&log, &[&notes[..], &[note("d")]].concat()).await;
}

#[tokio::test]
async fn readers_follow_the_one_that_writes_and_add_nothing() {
    let home = tempfile::tempdir().unwrap();
    let reader = DirectoryCheckpoints::open_read_only(home.path()).unwrap();
    has(&reader, &[]).await;
    let log = DirectoryCheckpoints::open(home.path()).unwrap();
    let notes = ["a", "b"].map(note);
    for end in 0..notes.len() {
        log.append(end as u64, notes[end].clone()).await.unwrap();
        has(&reader, &notes[..=end]).await;
    }
    let refused = reader.append(2, note("c")).await;
    assert!(
        matches!(refused, Err(AddError::Unavailable(_))),
        "{refused:?}"
    );
}

/// The write of a fourth entry was under way when the machine stopped.
#[tokio::test]
async fn a_torn_last_entry_is_cut_off_by_whoever_writes_and_passed_over_by_whoever_reads() {
    let fourth = socai_tlog_directory::entry::encode(4, &note("d"));
    for torn in 1..fourth.len() {
        let (home, notes, ends) = three().await;
        let mut bytes = fs::read(file(&home)).unwrap();
        bytes.extend_from_slice(&fourth[..torn]);
        fs::write(file(&home), &bytes).unwrap();

        let reader = DirectoryCheckpoints::open_read_only(home.path()).unwrap();
        has(&reader, &notes).await;
        assert_eq!(
            fs::read(file(&home)).unwrap(),
            bytes,
            "a reader changes nothing"
        );

        let log = DirectoryCheckpoints::open(home.path()).unwrap();
        has(&log, &notes).await;
        assert_eq!(fs::metadata(file(&home)).unwrap().len() as usize, ends[2]);
        assert_eq!(log.append(3, note("e")).await.unwrap(), 4);
        has(&reader, &[&notes[..], &[note("e")]].concat()).await;
    }
}

/// The last entry looks torn as well where it is damaged; but it was published, so it was acknowledged.
#[tokio::test]
async fn damage_anywhere_is_refused_with_its_place() {
    let (home, _, ends) = three().await;
    let whole = fs::read(file(&home)).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        fs::write(file(&home), &damaged).unwrap();
        let entry = ends.iter().take_while(|end| **end <= at).count();
        let begins = if entry == 0 { 0 } else { ends[entry - 1] };
        let place = damaged_at(home.path(), entry as u64 + 1);
        assert!(
            place.contains(&format!("checkpoints, byte {begins}: ")),
            "{place}"
        );
        assert_eq!(fs::read(file(&home)).unwrap(), damaged, "nothing is mended");
    }
}

#[tokio::test]
async fn a_log_that_was_cut_is_refused() {
    for cut in [1, 2, 3, 50] {
        let (home, _, ends) = three().await;
        let whole = fs::read(file(&home)).unwrap();
        fs::write(file(&home), &whole[..ends[2] - cut]).unwrap();
        damaged_at(home.path(), 3);
        fs::write(file(&home), &whole[..ends[1]]).unwrap();
        damaged_at(home.path(), 3);
        fs::write(file(&home), "").unwrap();
        damaged_at(home.path(), 1);
        fs::remove_file(file(&home)).unwrap();
        damaged_at(home.path(), 1);
    }
}

#[tokio::test]
async fn what_was_added_and_not_published_is_published() {
    let (home, notes, _) = three().await;
    let published = home.path().join("tlog/checkpoint");
    for before in [Some(note("b")), None] {
        match before {
            Some(note) => fs::write(&published, note).unwrap(),
            None => fs::remove_file(&published).unwrap(),
        }
        let log = DirectoryCheckpoints::open(home.path()).unwrap();
        has(&log, &notes).await;
        assert_eq!(fs::read(&published).unwrap(), note("c"));
    }
}

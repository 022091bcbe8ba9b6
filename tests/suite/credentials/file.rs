//! The file: whose it is, who else may open it, and what it says when it is not what it was.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use socai_credentials_redb::{FileCredentials, OpenError};
use socai_store::{Credentials, KeepError};

use super::{key, person, session};

const NAME: &str = "credentials.redb";

pub(super) fn open(dir: &Path) -> Result<FileCredentials, OpenError> {
    FileCredentials::open(&dir.join(NAME))
}

#[tokio::test]
async fn what_was_kept_is_there_when_it_is_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let (an, opened) = (person("an"), session("an", 1, 2));
    {
        let credentials = open(dir.path()).unwrap();
        credentials.keep_person("an", None, &an).await.unwrap();
        credentials.keep_session(key(1), &opened).await.unwrap();
    }
    let credentials = open(dir.path()).unwrap();
    assert_eq!(credentials.person("an").await.unwrap(), Some(an));
    assert_eq!(credentials.session(key(1)).await.unwrap(), Some(opened));
}

#[tokio::test]
async fn what_was_kept_is_in_the_file_before_it_is_answered() {
    let dir = tempfile::tempdir().unwrap();
    let credentials = open(dir.path()).unwrap();
    credentials
        .keep_person("an", None, &person("an"))
        .await
        .unwrap();
    // What a process that is killed now leaves.
    let copy = tempfile::tempdir().unwrap();
    fs::copy(dir.path().join(NAME), copy.path().join(NAME)).unwrap();

    let left = open(copy.path()).unwrap();
    assert_eq!(left.person("an").await.unwrap(), Some(person("an")));
}

#[test]
fn its_owner_alone_may_read_it() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()).unwrap());
    let mode = fs::metadata(dir.path().join(NAME)).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
}

#[tokio::test]
async fn what_one_process_keeps_another_sees() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (open(dir.path()).unwrap(), open(dir.path()).unwrap());
    let (an, opened) = (person("an"), session("an", 1, 2));
    one.keep_person("an", None, &an).await.unwrap();
    one.keep_session(key(1), &opened).await.unwrap();
    assert_eq!(other.person("an").await.unwrap(), Some(an.clone()));
    assert_eq!(other.session(key(1)).await.unwrap(), Some(opened));
    let stale = other.keep_person("an", None, &person("other")).await;
    assert!(matches!(stale, Err(KeepError::Changed)), "{stale:?}");
    other.end_session(key(1)).await.unwrap();
    drop(other);
    assert_eq!(one.session(key(1)).await.unwrap(), None);
    assert_eq!(one.person("an").await.unwrap(), Some(an));
}

#[test]
fn a_file_that_is_none_is_called_damaged_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let other = "no credentials at all".repeat(1_000);
    fs::write(dir.path().join(NAME), &other).unwrap();
    let error = open(dir.path()).err().unwrap();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
    assert_eq!(fs::read_to_string(dir.path().join(NAME)).unwrap(), other);
}

#[tokio::test]
async fn a_changed_byte_of_what_is_kept_is_never_answered() {
    let dir = tempfile::tempdir().unwrap();
    {
        let credentials = open(dir.path()).unwrap();
        credentials
            .keep_person("an", None, &person("Nguyễn Thị Hòa"))
            .await
            .unwrap();
    }
    let path = dir.path().join(NAME);
    let whole = fs::read(&path).unwrap();
    let name = "Nguyễn".as_bytes();
    let mut changed = whole.clone();
    for at in 0..whole.len() - name.len() {
        if whole[at..].starts_with(name) {
            changed[at] = b'M';
        }
    }
    assert_ne!(changed, whole, "the name stands in the file");
    fs::write(&path, changed).unwrap();
    let error = open(dir.path()).err().unwrap();
    assert!(matches!(error, OpenError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_folder_that_is_not_there_is_said_to_be_so() {
    let dir = tempfile::tempdir().unwrap();
    let error = open(&dir.path().join("nowhere")).err().unwrap();
    assert!(matches!(error, OpenError::Io { .. }), "{error:?}");
}

#[test]
fn a_file_of_a_newer_form_is_refused_by_its_number_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path()).unwrap());
    {
        let about: redb::TableDefinition<'_, &str, u64> = redb::TableDefinition::new("about");
        let newer = redb::Database::open(dir.path().join(NAME)).unwrap();
        let write = newer.begin_write().unwrap();
        write
            .open_table(about)
            .unwrap()
            .insert("format", 2)
            .unwrap();
        write.commit().unwrap();
    }
    for _ in 0..2 {
        let said = open(dir.path()).err().unwrap().to_string();
        assert!(
            said.contains("are of format 2, and this program writes format 1"),
            "{said}"
        );
    }
}

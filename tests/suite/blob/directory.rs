//! What a directory promises besides the port's promises: every state that a crash leaves is opened.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use socai_blob_directory::{DirectoryBlobs, OpenError};
use socai_store::blob::{BlobAddress, BlobStore, EraseError, GetError, PutError};
use tempfile::TempDir;

use super::{addresses, not_there, nowhere, put, somewhere_in};

fn home() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("blobs");
    (home, dir)
}

fn file_of(dir: &Path, address: BlobAddress) -> PathBuf {
    let text = address.to_string();
    dir.join(&text[..2]).join(&text[2..])
}

#[tokio::test]
async fn a_directory_opened_again_has_what_was_put() {
    let (_home, dir) = home();
    let address = put(&DirectoryBlobs::open(&dir).unwrap(), "a").await;
    for blobs in [
        DirectoryBlobs::open(&dir).unwrap(),
        DirectoryBlobs::open_read_only(&dir),
    ] {
        assert_eq!(blobs.get(&address).await.unwrap(), "a");
        assert_eq!(addresses(&blobs).await, [address]);
    }
}

#[tokio::test]
async fn only_the_owner_reads_it() {
    let (_home, dir) = home();
    let file = file_of(&dir, put(&DirectoryBlobs::open(&dir).unwrap(), "a").await);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(file.parent().unwrap()), 0o700);
    assert_eq!(mode(&dir), 0o700);
}

#[tokio::test]
async fn of_what_is_erased_no_byte_is_left_in_the_directory() {
    let (home, dir) = home();
    let blobs = DirectoryBlobs::open(&dir).unwrap();
    let address = put(&blobs, "họ và tên").await;
    assert!(somewhere_in(home.path(), "họ và tên".as_bytes()));
    blobs.erase(&address).await.unwrap();
    assert!(!somewhere_in(home.path(), "họ và tên".as_bytes()));
}

#[tokio::test]
async fn one_process_writes() {
    let (_home, dir) = home();
    let first = DirectoryBlobs::open(&dir).unwrap();
    let second = DirectoryBlobs::open(&dir);
    assert!(matches!(second, Err(OpenError::InUse { .. })), "{second:?}");
    drop(first);
    DirectoryBlobs::open(&dir).unwrap();
}

#[tokio::test]
async fn opened_to_read_nothing_is_written() {
    let (_home, dir) = home();
    let reading = DirectoryBlobs::open_read_only(&dir);
    not_there(&reading.get(&nowhere()).await, nowhere());
    assert_eq!(addresses(&reading).await, []);
    let put = reading.put("a".into()).await;
    assert!(matches!(put, Err(PutError::Unavailable(_))), "{put:?}");
    let erased = reading.erase(&nowhere()).await;
    assert!(matches!(erased, Err(EraseError(_))), "{erased:?}");
    assert!(!dir.exists());
}

/// Killed while a draft was written, or before it was renamed: nobody was told an address.
#[tokio::test]
async fn a_crash_before_the_rename_leaves_a_draft_that_the_next_opening_clears_away() {
    let (_home, dir) = home();
    let address = put(&DirectoryBlobs::open(&dir).unwrap(), "a").await;
    for half in ["", "half of a salt"] {
        let draft = dir.join("drafts").join("1");
        fs::write(&draft, half).unwrap();
        // Who only reads leaves it alone: somebody else may be writing it.
        assert_eq!(
            addresses(&DirectoryBlobs::open_read_only(&dir)).await,
            [address]
        );
        assert!(draft.exists());

        let blobs = DirectoryBlobs::open(&dir).unwrap();
        assert!(!draft.exists());
        assert_eq!(addresses(&blobs).await, [address]);
        let next = put(&blobs, "b").await;
        blobs.erase(&next).await.unwrap();
    }
}

/// Killed after its folder was made, or after the last blob in it was removed.
#[tokio::test]
async fn an_empty_folder_is_no_blob() {
    let (_home, dir) = home();
    drop(DirectoryBlobs::open(&dir).unwrap());
    fs::create_dir(dir.join("00")).unwrap();
    let blobs = DirectoryBlobs::open(&dir).unwrap();
    assert_eq!(addresses(&blobs).await, []);
    blobs.erase(&nowhere()).await.unwrap();
}

/// Killed after the rename and before the answer: it is there, and an audit finds that no event names it.
#[tokio::test]
async fn a_crash_after_the_rename_leaves_a_whole_blob() {
    let (_home, dir) = home();
    let address = put(&DirectoryBlobs::open(&dir).unwrap(), "a").await;
    let kept = fs::read(file_of(&dir, address)).unwrap();
    fs::remove_file(file_of(&dir, address)).unwrap();
    fs::write(dir.join("drafts").join("7"), kept).unwrap();
    fs::rename(dir.join("drafts").join("7"), file_of(&dir, address)).unwrap();
    let blobs = DirectoryBlobs::open(&dir).unwrap();
    assert_eq!(blobs.get(&address).await.unwrap(), "a");
}

#[tokio::test]
async fn a_changed_file_is_corrupt_and_not_handed_out() {
    let (_home, dir) = home();
    let blobs = DirectoryBlobs::open(&dir).unwrap();
    let address = put(&blobs, "content").await;
    let file = file_of(&dir, address);
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[0] ^= 1;
    let longer = [&whole[..], b"x"].concat();
    for damaged in [flipped, longer, whole[..10].to_vec(), Vec::new()] {
        fs::write(&file, damaged).unwrap();
        let got = blobs.get(&address).await;
        assert!(matches!(got, Err(GetError::Corrupt { .. })), "{got:?}");
    }
    fs::write(&file, whole).unwrap();
    assert_eq!(blobs.get(&address).await.unwrap(), "content");
}

#[tokio::test]
async fn what_is_not_named_as_a_blob_is_passed_over() {
    let (_home, dir) = home();
    let blobs = DirectoryBlobs::open(&dir).unwrap();
    let address = put(&blobs, "a").await;
    fs::write(dir.join("README"), "x").unwrap();
    fs::write(dir.join("zz"), "x").unwrap();
    fs::write(file_of(&dir, address).with_extension("bak"), "x").unwrap();
    assert_eq!(addresses(&blobs).await, [address]);
}

/// A disk that is full or cannot be written tells so, and nothing is kept.
#[tokio::test]
async fn where_no_draft_can_be_written_nothing_is_kept() {
    let (_home, dir) = home();
    let blobs = DirectoryBlobs::open(&dir).unwrap();
    fs::remove_dir(dir.join("drafts")).unwrap();
    let put = blobs.put("a".into()).await;
    assert!(matches!(put, Err(PutError::Unavailable(_))), "{put:?}");
    assert_eq!(addresses(&blobs).await, []);
}

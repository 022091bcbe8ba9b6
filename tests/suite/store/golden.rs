//! Segments of every format version ever written stay readable.
//!
//! The files under `tests/golden/` are never rewritten, only added to.

use std::fs;
use std::path::Path;

use super::*;

/// Written by version 1: five events in three streams and three segments.
const VERSION_1: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/segment-v1");

fn version_1_appends() -> [Append; 3] {
    [
        append("a", 0, [1, 2]),
        Append {
            writes: vec![write("b", 0, [3]), write("c", 0, [4])],
            guards: vec![],
        },
        append("a", 2, [5]),
    ]
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[tokio::test]
async fn version_1_is_readable() {
    for sidecars in ["with", "without"] {
        let dir = tempfile::tempdir().unwrap();
        copy(&Path::new(VERSION_1).join("log"), &dir.path().join("log"));
        if sidecars == "without" {
            fs::remove_file(dir.path().join("log/00000000000000000001.idx")).unwrap();
        }
        let store: Store = Arc::new(SegmentStore::open(dir.path()).unwrap());
        assert_eq!((1..=5).collect::<Vec<u128>>(), all_numbers(&store).await);
        assert_eq!(vec![1, 2, 5], stream_numbers(&store, "a").await);
        assert_eq!(vec![4], stream_numbers(&store, "c").await);
        for asked in version_1_appends() {
            assert!(store.append(asked).await.is_ok());
        }
        assert_eq!(
            positions([6]),
            store.append(append("a", 3, [6])).await.unwrap()
        );
    }
}

/// What is written today is version 1 to the byte: whoever changes it makes a
/// version 2.
#[tokio::test]
async fn version_1_is_what_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let store = small_segments(dir.path());
    for asked in version_1_appends() {
        store.append(asked).await.unwrap();
    }
    drop(store);
    let golden = Path::new(VERSION_1).join("log");
    for entry in fs::read_dir(&golden).unwrap() {
        let name = entry.unwrap().file_name();
        let written = fs::read(dir.path().join("log").join(&name)).unwrap();
        assert_eq!(fs::read(golden.join(&name)).unwrap(), written, "{name:?}");
    }
}

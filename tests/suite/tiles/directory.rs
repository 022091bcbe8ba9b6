//! What tiles in a directory look like from outside.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;

/// Every file below `dir`, by its path from there.
fn files(dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let path = path.strip_prefix(dir).unwrap();
                found.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn they_lie_where_readers_of_c2sp_look() {
    let home = tempfile::tempdir().unwrap();
    let tiles = DirectoryTiles::new(home.path());
    let written = [
        tile(0, 1_234_067, 256),
        tile(0, 1_234_068, 8),
        tile(1, 0, 9),
    ];
    write(&tiles, written).await;
    assert_eq!(
        files(home.path()),
        [
            "tlog/tile/0/x001/x234/067",
            "tlog/tile/0/x001/x234/068.p/8",
            "tlog/tile/1/000.p/9",
        ]
    );
    for tile in written {
        let file = fs::read(home.path().join("tlog").join(tile.path()));
        assert!(file.unwrap() == hashes(tile), "{tile}");
    }
}

/// Whoever has an older checkpoint asks for the width that the tile had, until there is a full one.
#[tokio::test]
async fn narrower_tiles_stay_until_there_is_a_full_one() {
    let home = tempfile::tempdir().unwrap();
    let tiles = DirectoryTiles::new(home.path());
    for width in [1, 8, 200] {
        write(&tiles, [tile(0, 0, width)]).await;
    }
    let partial = ["1", "200", "8"].map(|width| format!("tlog/tile/0/000.p/{width}"));
    assert_eq!(files(home.path()), partial);

    write(&tiles, [tile(0, 0, 256)]).await;
    assert_eq!(files(home.path()), ["tlog/tile/0/000"]);
    assert!(!home.path().join("tlog/tile/0/000.p").exists());
}

#[tokio::test]
async fn another_process_reads_them_at_once() {
    let home = tempfile::tempdir().unwrap();
    let reader = DirectoryTiles::new(home.path());
    is_not_there(&reader, tile(0, 0, 8)).await;
    write(&DirectoryTiles::new(home.path()), [tile(0, 0, 8)]).await;
    is_read(&reader, tile(0, 0, 8)).await;
}

#[tokio::test]
async fn a_file_that_cannot_be_the_tile_is_damage() {
    let home = tempfile::tempdir().unwrap();
    let tiles = DirectoryTiles::new(home.path());
    let kept = tile(0, 0, 8);
    write(&tiles, [kept]).await;
    let path = home.path().join("tlog/tile/0/000.p/8");
    fs::write(&path, [0; 100]).unwrap();

    let error = tiles.read(&kept).await.unwrap_err();
    assert!(matches!(error, TileError::Corrupt { .. }), "{error:?}");
    let wider = tile(0, 0, 9);
    let error = tiles.write(vec![(wider, hashes(wider))]).await.unwrap_err();
    assert!(matches!(error, TileError::Corrupt { .. }), "{error:?}");
}

#[tokio::test]
async fn what_a_stopped_process_was_writing_is_no_tile_and_in_nobodys_way() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("tlog/tile/0/000.p");
    fs::create_dir_all(&folder).unwrap();
    for draft in ["tlog/tile/0/000.draft", "tlog/tile/0/000.p/8.draft"] {
        fs::write(home.path().join(draft), "half").unwrap();
    }
    let tiles = DirectoryTiles::new(home.path());
    is_not_there(&tiles, tile(0, 0, 8)).await;
    is_not_there(&tiles, tile(0, 0, 256)).await;
    write(&tiles, [tile(0, 0, 8)]).await;
    write(&tiles, [tile(0, 0, 256)]).await;
    assert_eq!(files(home.path()), ["tlog/tile/0/000"]);
}

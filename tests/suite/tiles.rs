//! Every promise of the port of tiles, over every keeper.

use std::sync::Arc;

use socai_store::{TileError, TileStore};
use socai_store_memory::MemoryTiles;
use socai_tlog::Tile;
use socai_tlog_directory::DirectoryTiles;

mod directory;

/// Expands every promise into one test per keeper, so that a broken promise is reported as
/// `tiles::directory_keeper::what_is_written_is_read`.
macro_rules! every_keeper {
    ($($promise:ident),+ $(,)?) => {
        mod memory_keeper {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $promise() {
                super::$promise(std::sync::Arc::new(super::MemoryTiles::default())).await;
            })+
        }
        mod directory_keeper {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $promise() {
                let home = tempfile::tempdir().unwrap();
                let tiles = super::DirectoryTiles::new(home.path());
                super::$promise(std::sync::Arc::new(tiles)).await;
            })+
        }
    };
}

every_keeper![
    what_was_never_written_is_not_there,
    what_is_written_is_read,
    a_narrower_width_is_cut_from_a_wider_one,
    more_than_was_written_is_not_there,
    a_partial_tile_grows,
    a_full_tile_serves_every_width,
    writing_again_is_success,
    other_hashes_are_refused_and_replace_nothing,
    another_number_of_bytes_is_refused,
    hundreds_are_written_at_once,
    many_may_write_at_once,
];

type Shared = Arc<dyn TileStore>;

const fn tile(level: u8, index: u64, width: u16) -> Tile {
    Tile {
        level,
        index,
        width,
    }
}

/// Hashes that belong to this tile alone, and begin alike in every width.
fn hashes(tile: Tile) -> Vec<u8> {
    let hash = |place: u16| {
        let seed = u64::from(tile.level) << 56 | tile.index << 16 | u64::from(place);
        [seed.to_be_bytes(); 4].concat()
    };
    (0..tile.width).flat_map(hash).collect()
}

async fn write(tiles: &dyn TileStore, written: impl IntoIterator<Item = Tile>) {
    let written = written.into_iter().map(|tile| (tile, hashes(tile)));
    tiles.write(written.collect()).await.unwrap();
}

async fn is_read(tiles: &dyn TileStore, tile: Tile) {
    let found = tiles.read(&tile).await.unwrap();
    assert!(found.is_some_and(|found| found == hashes(tile)), "{tile}");
}

async fn is_not_there(tiles: &dyn TileStore, tile: Tile) {
    assert_eq!(tiles.read(&tile).await.unwrap(), None, "{tile}");
}

async fn what_was_never_written_is_not_there(tiles: Shared) {
    is_not_there(&*tiles, tile(0, 0, 256)).await;
    is_not_there(&*tiles, tile(0, 0, 1)).await;
    tiles.write(Vec::new()).await.unwrap();
    is_not_there(&*tiles, tile(0, 0, 1)).await;
}

async fn what_is_written_is_read(tiles: Shared) {
    let written = [
        tile(0, 0, 256),
        tile(0, 1, 7),
        tile(0, 1_234_067, 256),
        tile(1, 0, 1),
        tile(7, 0, 1),
    ];
    write(&*tiles, written).await;
    for tile in written {
        is_read(&*tiles, tile).await;
    }
    is_not_there(&*tiles, tile(0, 2, 1)).await;
    is_not_there(&*tiles, tile(2, 0, 1)).await;
}

async fn a_narrower_width_is_cut_from_a_wider_one(tiles: Shared) {
    write(&*tiles, [tile(0, 3, 200)]).await;
    for width in [1, 199, 200] {
        is_read(&*tiles, tile(0, 3, width)).await;
    }
}

async fn more_than_was_written_is_not_there(tiles: Shared) {
    write(&*tiles, [tile(0, 3, 200), tile(0, 3, 20)]).await;
    is_not_there(&*tiles, tile(0, 3, 201)).await;
    is_not_there(&*tiles, tile(0, 3, 256)).await;
}

async fn a_partial_tile_grows(tiles: Shared) {
    for width in [1, 2, 100, 255] {
        write(&*tiles, [tile(1, 0, width)]).await;
        for narrower in [1, 2, 100, 255] {
            if narrower <= width {
                is_read(&*tiles, tile(1, 0, narrower)).await;
            } else {
                is_not_there(&*tiles, tile(1, 0, narrower)).await;
            }
        }
    }
}

async fn a_full_tile_serves_every_width(tiles: Shared) {
    write(&*tiles, [tile(0, 5, 9), tile(0, 5, 100)]).await;
    write(&*tiles, [tile(0, 5, 256)]).await;
    for width in [1, 9, 50, 100, 101, 255, 256] {
        is_read(&*tiles, tile(0, 5, width)).await;
    }
}

async fn writing_again_is_success(tiles: Shared) {
    let all = [tile(0, 0, 256), tile(0, 1, 9), tile(0, 1, 3)];
    for _ in 0..2 {
        write(&*tiles, all).await;
    }
    // Narrower than what is there, as whoever begins with an older checkpoint would.
    write(&*tiles, [tile(0, 0, 20), tile(0, 1, 2)]).await;
    for tile in all {
        is_read(&*tiles, tile).await;
    }
}

async fn other_hashes_are_refused_and_replace_nothing(tiles: Shared) {
    let kept = [tile(0, 0, 256), tile(0, 1, 9)];
    write(&*tiles, kept).await;
    let others = [
        tile(0, 0, 256),
        tile(0, 0, 20),
        tile(0, 1, 9),
        tile(0, 1, 8),
        tile(0, 1, 10),
        tile(0, 1, 256),
    ];
    for other in others {
        let mut changed = hashes(other);
        changed[7 * 32 + 5] ^= 1;
        let refused = tiles.write(vec![(other, changed)]).await.unwrap_err();
        assert!(
            matches!(refused, TileError::Different { tile } if tile == other),
            "{refused:?}"
        );
    }
    for tile in kept {
        is_read(&*tiles, tile).await;
    }
    is_not_there(&*tiles, tile(0, 1, 10)).await;
}

async fn another_number_of_bytes_is_refused(tiles: Shared) {
    let asked = tile(0, 0, 2);
    for bytes in [0, 63, 65, 8_192] {
        let refused = tiles.write(vec![(asked, vec![0; bytes])]).await;
        assert!(matches!(refused, Err(TileError::Size { .. })), "{bytes}");
    }
    is_not_there(&*tiles, tile(0, 0, 1)).await;
}

async fn hundreds_are_written_at_once(tiles: Shared) {
    let all: Vec<Tile> = (800..1_500).map(|index| tile(0, index, 256)).collect();
    write(&*tiles, all.clone()).await;
    for tile in all {
        is_read(&*tiles, tile).await;
    }
}

async fn many_may_write_at_once(tiles: Shared) {
    let writers = (0..8_u64).map(|who| {
        let tiles = tiles.clone();
        tokio::spawn(async move {
            // Each grows a tile of its own, and all of them the same one.
            for width in (16..=256).step_by(16) {
                write(&*tiles, [tile(0, who, width), tile(1, 0, width)]).await;
                is_read(&*tiles, tile(1, 0, width)).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    for who in 0..8 {
        is_read(&*tiles, tile(0, who, 256)).await;
    }
}

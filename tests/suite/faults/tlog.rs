//! Tiles and checkpoints on the same disk, with the same questions.

use std::num::NonZeroU32;

use socai_store::{CheckpointError, CheckpointLog, TileStore};
use socai_tlog::Tile;
use socai_tlog_directory::{DirectoryCheckpoints, DirectoryTiles};

use super::*;

const ALL: NonZeroU32 = NonZeroU32::new(1_000).unwrap();

const fn tile(level: u8, index: u64, width: u16) -> Tile {
    Tile {
        level,
        index,
        width,
    }
}

/// What is written, one call after the other: tiles that grow, become full, and open folders.
fn calls() -> Vec<Vec<Tile>> {
    vec![
        vec![tile(0, 0, 3)],
        vec![tile(0, 0, 256), tile(0, 1, 5), tile(1, 0, 1)],
        vec![tile(0, 1, 9)],
        vec![tile(0, 1, 256), tile(0, 1_000, 256), tile(1, 0, 2)],
    ]
}

fn hashes(tile: Tile) -> Vec<u8> {
    let hash = |place: u16| {
        [u64::from(tile.level) << 56 | tile.index << 16 | u64::from(place) | 1 << 63; 4]
    };
    let words = (0..tile.width).flat_map(hash);
    words.flat_map(u64::to_be_bytes).collect()
}

fn tiles_on(disk: &FaultyDisk) -> DirectoryTiles {
    DirectoryTiles::on(Arc::new(disk.clone()), dir())
}

/// Whether the tiles of one call were acknowledged. A call that fails is made once more.
fn write(runtime: &Runtime, tiles: &DirectoryTiles, call: &[Tile]) -> bool {
    let write = || tiles.write(call.iter().map(|tile| (*tile, hashes(*tile))).collect());
    (0..2).any(|_| runtime.block_on(write()).is_ok())
}

/// Every tile that was acknowledged is there, and no tile is wrong. Written again, all are there for good.
fn assert_tiles_right(runtime: &Runtime, disk: &FaultyDisk, told: &[bool], story: &str) {
    let tiles = tiles_on(disk);
    for (call, told) in calls().iter().zip(told) {
        for tile in call {
            let found = runtime.block_on(tiles.read(tile));
            let found = found.unwrap_or_else(|error| panic!("{story}: {tile}: {error:?}"));
            assert!(found.is_some() || !told, "{story}: {tile} is lost");
            let right = found.is_none_or(|found| found == hashes(*tile));
            assert!(right, "{story}: {tile} is wrong");
        }
    }
    for call in calls() {
        assert!(write(runtime, &tiles, &call), "{story}: {call:?}");
    }
    let again = tiles_on(&disk.crash(Keeps::Nothing));
    for tile in calls().concat() {
        let found = runtime.block_on(again.read(&tile)).unwrap();
        assert!(found.is_some_and(|found| found == hashes(tile)), "{story}");
    }
}

#[test]
fn whatever_step_fails_no_tile_is_wrong_and_none_that_was_acknowledged_is_lost() {
    let runtime = runtime();
    for fault in honest_faults() {
        for step in 0.. {
            let disk = FaultyDisk::default();
            disk.plan(step, fault);
            let tiles = tiles_on(&disk);
            let calls = calls();
            let told = calls.iter().map(|call| write(&runtime, &tiles, call));
            let told: Vec<bool> = told.collect();
            let was_reached = disk.heal();
            for keeps in KEEPS {
                let story = format!("{fault:?} at step {step}, told {told:?}, kept {keeps:?}");
                assert_tiles_right(&runtime, &disk.crash(keeps), &told, &story);
            }
            if !was_reached {
                assert!(step > 60, "there are fewer steps than should be: {step}");
                break;
            }
        }
    }
}

/// Some shorter than a sector, some longer.
fn notes() -> Vec<Bytes> {
    let note = |number: usize| format!("socai/hanoi\n{number}\n{}\n", "x".repeat(number * 350));
    (0..5).map(|number| Bytes::from(note(number))).collect()
}

fn checkpoints_on(disk: &FaultyDisk) -> Result<DirectoryCheckpoints, CheckpointError> {
    DirectoryCheckpoints::open_on(Arc::new(disk.clone()), dir())
}

/// Adds notes, opening the log anew in the middle, and says how many were acknowledged and how many were asked
/// for. What failed is asked for once more; whoever fails twice stops.
fn add_notes(runtime: &Runtime, disk: &FaultyDisk) -> (usize, usize) {
    let notes = notes();
    for part in [0..3, 3..notes.len()] {
        let Ok(log) = checkpoints_on(disk).or_else(|_| checkpoints_on(disk)) else {
            return (part.start, part.start);
        };
        for at in part {
            let append = || runtime.block_on(log.append(at as u64, notes[at].clone()));
            match append().or_else(|_| append()) {
                Ok(number) => assert_eq!(number, at as u64 + 1),
                Err(_) => return (at, at + 1),
            }
        }
    }
    (notes.len(), notes.len())
}

/// What is there is the beginning of what was asked for, with all that was acknowledged, and its last note is
/// published. It goes on, and for good.
fn assert_log_right(
    runtime: &Runtime,
    disk: &FaultyDisk,
    (acknowledged, asked): (usize, usize),
    story: &str,
) {
    let log = checkpoints_on(disk).unwrap_or_else(|error| panic!("{story}: {error:?}"));
    let found = runtime.block_on(log.read(0, ALL)).unwrap();
    assert!(
        (acknowledged..=asked).contains(&found.len()),
        "{story}: {}",
        found.len()
    );
    assert_eq!(found, notes()[..found.len()], "{story}");
    assert_eq!(published(disk), found.last().cloned(), "{story}");

    for (at, note) in notes().into_iter().enumerate().skip(found.len()) {
        let number = runtime.block_on(log.append(at as u64, note));
        assert_eq!(number.unwrap(), at as u64 + 1, "{story}");
    }
    let again = checkpoints_on(&disk.crash(Keeps::Nothing)).unwrap();
    assert_eq!(
        runtime.block_on(again.read(0, ALL)).unwrap(),
        notes(),
        "{story}"
    );
}

fn published(disk: &FaultyDisk) -> Option<Bytes> {
    use socai_tlog_directory::disk::Disk;
    let file = disk.open_read_only(&dir().join("tlog/checkpoint")).ok()?;
    let mut bytes = vec![0; file.size().unwrap() as usize];
    file.read_at(&mut bytes, 0).unwrap();
    Some(bytes.into())
}

/// Runs `check` with `fault` at step 0, 1, 2 … until there is no such step.
fn at_every_step(fault: Fault, mut check: impl FnMut(&FaultyDisk, (usize, usize), &str)) {
    let runtime = runtime();
    for step in 0.. {
        let disk = FaultyDisk::default();
        disk.plan(step, fault);
        let told = add_notes(&runtime, &disk);
        let was_reached = disk.heal();
        for keeps in KEEPS {
            let story = format!("{fault:?} at step {step}, told {told:?}, kept {keeps:?}");
            check(&disk.crash(keeps), told, &story);
        }
        if !was_reached {
            assert!(step > 50, "there are fewer steps than should be: {step}");
            return;
        }
    }
}

#[test]
fn whatever_step_fails_no_checkpoint_that_was_acknowledged_is_lost() {
    let runtime = runtime();
    for fault in honest_faults() {
        at_every_step(fault, |disk, told, story| {
            assert_log_right(&runtime, disk, told, story);
        });
    }
}

/// Where a disk lies, a checkpoint may be lost; but none is changed, and what is lost is said if it was published.
#[test]
fn a_disk_that_lies_about_a_sync_leaves_no_wrong_checkpoint() {
    let runtime = runtime();
    at_every_step(Fault::SyncsNothing, |disk, _, story| {
        match checkpoints_on(disk) {
            Ok(log) => {
                let found = runtime.block_on(log.read(0, ALL)).unwrap();
                assert_eq!(found, notes()[..found.len()], "{story}");
            }
            Err(error) => {
                let is_said = matches!(error, CheckpointError::Corrupt { .. });
                assert!(is_said, "{story}: {error:?}");
            }
        }
    });
}

#[test]
fn mending_a_torn_checkpoint_may_fail_or_die_at_any_step_itself() {
    use socai_tlog_directory::disk::Disk;
    let runtime = runtime();
    let torn = FaultyDisk::default();
    add_notes(&runtime, &torn);
    let file = torn.open(&dir().join("tlog/checkpoints")).unwrap();
    file.write_at(b"entry 6, 99 bytes, crc32c 0", file.size().unwrap())
        .unwrap();
    for fault in honest_faults() {
        for step in 0.. {
            let disk = torn.crash(Keeps::Everything);
            disk.plan(step, fault);
            let opened = checkpoints_on(&disk).map(drop);
            let was_reached = disk.heal();
            let story = format!("{fault:?} at step {step} of mending: {opened:?}");
            for keeps in KEEPS {
                assert_log_right(&runtime, &disk.crash(keeps), (5, 5), &story);
            }
            if !was_reached {
                assert!(opened.is_ok() && step > 8, "{story}");
                break;
            }
        }
    }
}

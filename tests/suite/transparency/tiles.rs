//! Tiles that others wrote: whole logs of Tessera and of Sunlight's mirror, from the entries to the roots they signed.

use std::fs;

use socai_tlog::{
    Edge, Hash, Tile, Tiles, tiles_for_consistency, tiles_for_inclusion, tiles_for_root,
    verify_consistency, verify_inclusion,
};

const TESSERA: &str = "tessera-testlog";
const MIRROR: &str = "sunlight-witness/witness/mirror/000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706";

/// Size and root, which are lines 2 and 3 of a checkpoint.
fn checkpoint(path: &str) -> (u64, Hash) {
    let note = fs::read_to_string(super::data(path)).unwrap();
    let lines: Vec<&str> = note.lines().collect();
    (lines[1].parse().unwrap(), lines[2].parse().unwrap())
}

/// The tiles of a published log with these names, and no others.
fn published(log: &str, names: Vec<Tile>) -> Tiles {
    let mut tiles = Tiles::default();
    for tile in names {
        let bytes = fs::read(super::data(log).join(tile.path())).unwrap();
        tiles.insert(tile, bytes).unwrap();
    }
    tiles
}

/// The entries of a bundle: each behind its length, 16 bits, big end first.
fn entries(mut bundle: &[u8]) -> Vec<&[u8]> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = bundle.split_first_chunk::<2>() {
        let (entry, rest) = rest.split_at(u16::from_be_bytes(*length).into());
        entries.push(entry);
        bundle = rest;
    }
    entries
}

#[test]
fn tesseras_entries_make_its_tiles_and_these_the_roots_that_it_signed() {
    let mut edge = Edge::default();
    for size in 0..=15_u64 {
        if size > 0 {
            let bundle = format!("{TESSERA}/tile/entries/000.p/{size}");
            let bundle = fs::read(super::data(&bundle)).unwrap();
            let entries = entries(&bundle);
            assert_eq!(entries.len() as u64, size);
            edge.push(Hash::of_leaf(entries.last().unwrap()));
        }
        for (tile, bytes) in edge.partial() {
            let theirs = fs::read(super::data(TESSERA).join(tile.path())).unwrap();
            assert_eq!(bytes, theirs, "{tile}");
        }
        let signed = checkpoint(&format!("{TESSERA}/checkpoint.{size}"));
        assert_eq!((edge.size(), edge.root()), signed);
        let tiles = published(TESSERA, tiles_for_root(size));
        assert_eq!(tiles.root(size).unwrap(), signed.1);
    }
    assert!(edge.take_full().is_empty());
}

#[test]
fn tesseras_checkpoints_go_on_from_each_other() {
    for size in 1..=15 {
        let (_, root) = checkpoint(&format!("{TESSERA}/checkpoint.{size}"));
        for old in 1..=size {
            let (_, old_root) = checkpoint(&format!("{TESSERA}/checkpoint.{old}"));
            let tiles = published(TESSERA, tiles_for_consistency(old, size));
            let proof = tiles.consistency(old, size).unwrap();
            verify_consistency(old, &old_root, size, &root, &proof).unwrap();
        }
    }
}

#[test]
fn sunlights_tiles_of_two_levels_make_the_root_that_it_signed() {
    let (size, root) = checkpoint(&format!("{MIRROR}/checkpoint"));
    assert_eq!(size, 300);
    let tiles = published(MIRROR, tiles_for_root(size));
    assert_eq!(tiles.root(size).unwrap(), root);

    let edge = Edge::load(size, &published(MIRROR, Edge::tiles(size))).unwrap();
    assert_eq!((edge.size(), edge.root()), (size, root));
}

#[test]
fn sunlights_leaves_grow_into_its_tiles() {
    let (size, root) = checkpoint(&format!("{MIRROR}/checkpoint"));
    let leaves = published_leaves(size);
    let mut edge = Edge::default();
    edge.extend(leaves.iter().copied());
    assert_eq!(edge.root(), root);
    let made = [edge.take_full(), edge.partial()].concat();
    let names: Vec<String> = made.iter().map(|(tile, _)| tile.path()).collect();
    assert_eq!(names, ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]);
    for (tile, bytes) in made {
        let theirs = fs::read(super::data(MIRROR).join(tile.path())).unwrap();
        assert_eq!(bytes, theirs, "{tile}");
    }

    for (index, leaf) in (0..).zip(&leaves) {
        let tiles = published(MIRROR, tiles_for_inclusion(index, size));
        let proof = tiles.inclusion(index, size).unwrap();
        verify_inclusion(leaf, index, size, &root, &proof).unwrap();
    }
}

fn published_leaves(size: u64) -> Vec<Hash> {
    let tile = |index, width| Tile {
        level: 0,
        index,
        width,
    };
    let tiles = [tile(0, 256), tile(1, u16::try_from(size - 256).unwrap())];
    let bytes = tiles.map(|tile| fs::read(super::data(MIRROR).join(tile.path())).unwrap());
    let bytes = bytes.concat();
    let hashes = bytes.as_chunks().0.iter();
    hashes.copied().map(Hash::from_bytes).collect()
}

//! What others wrote for the same purpose agrees: `tlog_tiles` (a port of Go's `sumdb/tlog`) and `ct-merkle`.
//!
//! Trees are random; what is compared is roots, paths, tiles and proofs, both as made and as accepted.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::Sha256;
use tlog_tiles::HashReader;

use crate::*;

/// A tree as `tlog_tiles` keeps it: every node that is ever made, in the order in which it is made.
#[derive(Default)]
struct Stored(Vec<tlog_tiles::Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog_tiles::Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|at| self.0[*at as usize]).collect())
    }
}

impl Stored {
    fn of(leaves: &[Hash]) -> Self {
        let mut stored = Self::default();
        for (n, leaf) in (0..).zip(leaves) {
            let made = tlog_tiles::stored_hashes_for_record_hash(n, theirs(leaf), &stored).unwrap();
            stored.0.extend(made);
        }
        stored
    }
}

fn theirs(hash: &Hash) -> tlog_tiles::Hash {
    tlog_tiles::Hash(*hash.as_bytes())
}

fn ours(proof: &[tlog_tiles::Hash]) -> Vec<Hash> {
    proof.iter().map(|hash| Hash::from_bytes(hash.0)).collect()
}

fn records(size: usize) -> Vec<[u8; 8]> {
    (0..size as u64).map(u64::to_be_bytes).collect()
}

fn leaves(size: usize) -> Vec<Hash> {
    records(size).iter().map(|it| Hash::of_leaf(it)).collect()
}

/// The edge after `leaves`, and every tile that it made on the way.
fn grown(leaves: &[Hash]) -> (Edge, Tiles) {
    let (mut edge, mut tiles) = (Edge::default(), Tiles::default());
    edge.extend(leaves.iter().copied());
    for (tile, bytes) in edge.take_full().into_iter().chain(edge.partial()) {
        tiles.insert(tile, bytes).unwrap();
    }
    (edge, tiles)
}

/// Only the tiles that are asked for: what was not named is not there.
fn only(tiles: &Tiles, named: &[Tile]) -> Tiles {
    let mut found = Tiles::default();
    for tile in named {
        let hashes = tiles.hashes(*tile).unwrap();
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
        found.insert(*tile, bytes).unwrap();
    }
    found
}

/// A size of a tree, and a smaller or equal one from 1; small trees and such that need a second level.
fn two_sizes() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![1..40_usize, 250..270_usize, 500..1_100_usize]
        .prop_flat_map(|size| (1..=size, Just(size)))
}

proptest! {
    #[test]
    fn roots_agree((old, size) in two_sizes()) {
        let leaves = leaves(size);
        let stored = Stored::of(&leaves);
        let (edge, tiles) = grown(&leaves);
        let root = tlog_tiles::tree_hash(size as u64, &stored).unwrap();
        prop_assert_eq!(root, theirs(&root_of(&leaves)));
        prop_assert_eq!(root, theirs(&edge.root()));
        let needed = only(&tiles, &tiles_for_root(size as u64));
        prop_assert_eq!(root, theirs(&needed.root(size as u64).unwrap()));
        prop_assert_eq!(tiles.root(old as u64).unwrap(), root_of(&leaves[..old]));
    }

    #[test]
    fn inclusion_proofs_agree((end, size) in two_sizes()) {
        let (leaves, index) = (leaves(size), end as u64 - 1);
        let (stored, (edge, tiles)) = (Stored::of(&leaves), grown(&leaves));
        let needed = only(&tiles, &tiles_for_inclusion(index, size as u64));
        let proof = needed.inclusion(index, size as u64).unwrap();
        let expected = tlog_tiles::prove_record(size as u64, index, &stored).unwrap();
        prop_assert_eq!(&proof, &ours(&expected));
        prop_assert_eq!(&proof, &inclusion_in(&leaves, index).unwrap());
        let leaf = &leaves[end - 1];
        prop_assert_eq!(verify_inclusion(leaf, index, size as u64, &edge.root(), &proof), Ok(()));
    }

    #[test]
    fn consistency_proofs_agree((old, size) in two_sizes()) {
        let leaves = leaves(size);
        let (stored, (edge, tiles)) = (Stored::of(&leaves), grown(&leaves));
        let (old_size, size) = (old as u64, size as u64);
        let needed = only(&tiles, &tiles_for_consistency(old_size, size));
        let proof = needed.consistency(old_size, size).unwrap();
        let expected = tlog_tiles::prove_tree(size, old_size, &stored).unwrap();
        prop_assert_eq!(&proof, &ours(&expected));
        prop_assert_eq!(&proof, &consistency_in(&leaves, old_size).unwrap());
        let old_root = root_of(&leaves[..old]);
        prop_assert_eq!(verify_consistency(old_size, &old_root, size, &edge.root(), &proof), Ok(()));
    }

    #[test]
    fn another_tree_makes_the_same_proofs((old, size) in two_sizes()) {
        let leaves = leaves(size);
        let mut tree = MemoryBackedTree::<Sha256, [u8; 8]>::new();
        records(size).into_iter().for_each(|record| tree.push(record));
        let root = root_of(&leaves);
        prop_assert!(tree.root().as_bytes().as_slice() == root.as_bytes());
        let inclusion = inclusion_in(&leaves, old as u64 - 1).unwrap();
        prop_assert!(tree.prove_inclusion(old - 1).as_bytes() == bytes(&inclusion));
        let consistency = consistency_in(&leaves, old as u64).unwrap();
        prop_assert!(tree.prove_consistency(size - old).as_bytes() == bytes(&consistency));
    }

    #[test]
    fn other_hashes_are_accepted_by_neither(
        (old, size) in two_sizes(),
        index: prop::sample::Index,
        bit in 0..256_usize,
    ) {
        let leaves = leaves(size);
        let (root, old_root) = (root_of(&leaves), root_of(&leaves[..old]));
        let (old_size, size) = (old as u64, size as u64);
        let mut proof = consistency_in(&leaves, old_size).unwrap();
        prop_assume!(!proof.is_empty());
        let at = index.index(proof.len());
        proof[at] = flipped(&proof[at], bit);
        prop_assert!(verify_consistency(old_size, &old_root, size, &root, &proof).is_err());
        let proof: Vec<_> = proof.iter().map(theirs).collect();
        prop_assert!(tlog_tiles::check_tree(&proof, size, theirs(&root), old_size, theirs(&old_root)).is_err());
    }

    /// Whatever hashes somebody sends: both accept or both refuse, and neither panics.
    #[test]
    fn hostile_proofs_are_judged_alike(
        index in prop_oneof![0..20_u64, any::<u64>()],
        size in prop_oneof![0..20_u64, any::<u64>()],
        hashes in 0..70_usize,
    ) {
        let proof = leaves(hashes);
        let (leaf, root) = (Hash::of_leaf(b"leaf"), Hash::of_leaf(b"root"));
        prop_assert!(verify_inclusion(&leaf, index, size, &root, &proof).is_err());
        prop_assert!(verify_consistency(index, &leaf, size, &root, &proof).is_err() || index == size);
    }

    #[test]
    fn paths_agree(level in 0..=5_u8, index in 0..1_u64 << 48, width in 1..=256_u16) {
        let theirs = tlog_tiles::Tile::new(8, level, index, u32::from(width), false).path();
        let tile = Tile { level, index, width };
        // They name the height of a tile in its path, as Go's sum database does.
        prop_assert_eq!(tile.path(), theirs.replacen("tile/8/", "tile/", 1));
    }

    #[test]
    fn new_tiles_agree((old, size) in two_sizes()) {
        let expected = tlog_tiles::Tile::new_tiles(8, old as u64, size as u64);
        let mut expected: Vec<_> = expected
            .iter()
            .map(|it| (it.level(), it.level_index(), it.width()))
            .collect();
        expected.sort_unstable();

        let leaves = leaves(size);
        let (mut edge, _) = grown(&leaves[..old]);
        edge.extend(leaves[old..].iter().copied());
        let before: Vec<Tile> = Edge::tiles(old as u64);
        let mut found: Vec<_> = edge.take_full().into_iter().chain(edge.partial())
            .map(|(tile, _)| tile)
            .filter(|tile| !before.contains(tile))
            .map(|tile| (tile.level, tile.index, u32::from(tile.width)))
            .collect();
        found.sort_unstable();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn tiles_agree(size in 1..700_usize) {
        let leaves = leaves(size);
        let stored = Stored::of(&leaves);
        let mut edge = Edge::default();
        edge.extend(leaves);
        for (tile, bytes) in edge.take_full().into_iter().chain(edge.partial()) {
            let theirs = tlog_tiles::Tile::new(8, tile.level, tile.index, u32::from(tile.width), false);
            prop_assert_eq!(theirs.read_data(&stored).unwrap(), bytes, "{}", tile);
        }
    }
}

fn bytes(proof: &[Hash]) -> Vec<u8> {
    proof.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

fn flipped(hash: &Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash::from_bytes(bytes)
}

#[test]
fn no_proof_survives_another_bit_anywhere() {
    let leaves = leaves(13);
    let (root, old_root) = (root_of(&leaves), root_of(&leaves[..6]));
    let inclusion = inclusion_in(&leaves, 11).unwrap();
    let consistency = consistency_in(&leaves, 6).unwrap();
    for bit in 0..256 {
        let other = |hash: &Hash| flipped(hash, bit);
        let with = |proof: &[Hash], at: usize| {
            let mut proof = proof.to_vec();
            proof[at] = other(&proof[at]);
            proof
        };
        assert!(verify_inclusion(&other(&leaves[11]), 11, 13, &root, &inclusion).is_err());
        assert!(verify_inclusion(&leaves[11], 11, 13, &other(&root), &inclusion).is_err());
        for at in 0..inclusion.len() {
            let proof = with(&inclusion, at);
            assert!(verify_inclusion(&leaves[11], 11, 13, &root, &proof).is_err());
        }
        assert!(verify_consistency(6, &other(&old_root), 13, &root, &consistency).is_err());
        assert!(verify_consistency(6, &old_root, 13, &other(&root), &consistency).is_err());
        for at in 0..consistency.len() {
            let proof = with(&consistency, at);
            assert!(verify_consistency(6, &old_root, 13, &root, &proof).is_err());
        }
    }
}

#[test]
fn in_its_tree_no_proof_fits_another_place() {
    let leaves = leaves(13);
    let root = root_of(&leaves);
    let inclusion = inclusion_in(&leaves, 11).unwrap();
    let places = [(0..13).collect(), vec![13, 14, u64::MAX]].concat();
    let accepted = places
        .into_iter()
        .filter(|at| verify_inclusion(&leaves[11], *at, 13, &root, &inclusion).is_ok());
    assert_eq!(accepted.collect::<Vec<_>>(), [11]);
}

#[test]
fn an_edge_loads_at_every_size_as_it_grew() {
    let leaves = leaves(1_100);
    let (mut grown, mut tiles) = (Edge::default(), Tiles::default());
    for (size, leaf) in (0_u64..).zip(&leaves) {
        let partial = grown.partial();
        let names: Vec<Tile> = partial.iter().map(|(tile, _)| *tile).collect();
        assert_eq!(names, Edge::tiles(size));
        for (tile, bytes) in partial {
            tiles.insert(tile, bytes).unwrap();
        }
        let mut loaded = Edge::load(size, &only(&tiles, &names)).unwrap();
        assert_eq!((loaded.size(), loaded.root()), (size, grown.root()));

        loaded.push(*leaf);
        grown.push(*leaf);
        assert_eq!(loaded.partial(), grown.partial());
        assert_eq!(loaded.take_full(), grown.take_full());
        assert_eq!(loaded.root(), grown.root());
    }
}

#[test]
fn the_largest_tree_has_names_for_what_it_lacks() {
    let (tiles, max) = (Tiles::default(), u64::MAX);
    assert!(Edge::load(max, &tiles).is_err());
    assert_eq!(Edge::tiles(max).len(), 8);
    assert_eq!(tiles_for_root(max), Edge::tiles(max));
    for tile in [
        tiles.root(max).unwrap_err().0,
        tiles.inclusion(max - 1, max).unwrap_err().0,
        tiles.inclusion(max, max).unwrap_err().0,
        tiles.consistency(max - 1, max).unwrap_err().0,
        tiles.consistency(max, max - 1).unwrap_err().0,
        tiles_for_inclusion(0, max)[0],
        tiles_for_consistency(max / 3, max)[0],
    ] {
        assert_eq!(tile.path().parse(), Ok(tile));
    }
    assert!(tiles_for_inclusion(max, max).is_empty());
    assert!(tiles_for_consistency(max, 1).is_empty());
    assert_eq!(tiles.root(0), Ok(Hash::OF_NOTHING));
    assert_eq!(tiles.consistency(0, max), Ok(Vec::new()));
}

#[test]
fn tiles_of_one_place_must_agree_and_the_widest_serves_all() {
    let leaves = leaves(20);
    let bytes = bytes(&leaves);
    let tile = |width: u16| Tile {
        level: 0,
        index: 0,
        width,
    };
    let mut tiles = Tiles::default();
    tiles.insert(tile(9), &bytes[..9 * 32]).unwrap();
    tiles.insert(tile(20), &bytes[..20 * 32]).unwrap();
    tiles.insert(tile(3), &bytes[..3 * 32]).unwrap();
    for size in 1..=20 {
        assert_eq!(tiles.root(size).unwrap(), root_of(&leaves[..size as usize]));
    }
    assert_eq!(tiles.root(21), Err(MissingTile(tile(21))));

    let contradicted = BadTile::Contradicted {
        tile: tile(2),
        hash: 0,
    };
    assert_eq!(tiles.insert(tile(2), [0; 64]), Err(contradicted));
    let length = BadTile::Length {
        tile: tile(2),
        found: 63,
    };
    assert_eq!(tiles.insert(tile(2), [0; 63]), Err(length));
    let impossible = BadTile::Impossible { tile: tile(257) };
    assert_eq!(tiles.insert(tile(257), [0; 257 * 32]), Err(impossible));
    assert_eq!(tiles.root(20), Ok(root_of(&leaves)));
}

//! The tree of RFC 6962 and its proofs: the reference tree, and every case that `transparency-dev/merkle` tries.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use socai_tlog::{
    Hash, consistency_in, inclusion_in, root_of, verify_consistency, verify_inclusion,
};

/// Two equal strings that are no hashes pass for equal roots upstream. Here they are no roots at all.
const OF_NO_HASHES: &str = "additional/sizes-are-equal-one-and-proof-is-empty.json";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

/// As many as there are, so that none is passed over.
const CASES_OF_EACH: usize = 98;

#[test]
fn every_published_case_of_inclusion_is_judged_as_published() {
    let cases = cases("inclusion");
    assert_eq!(cases.len(), CASES_OF_EACH);
    for path in cases {
        let case: Inclusion = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(accepts_inclusion(&case), !case.want_err, "{path:?}");
    }
}

#[test]
fn every_published_case_of_consistency_is_judged_as_published() {
    let cases = cases("consistency");
    assert_eq!(cases.len(), CASES_OF_EACH);
    for path in cases.iter().filter(|path| !path.ends_with(OF_NO_HASHES)) {
        let case: Consistency = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        assert_eq!(accepts_consistency(&case), !case.want_err, "{path:?}");
    }
}

/// A text that is no hash is refused where it is read, before anything is verified.
fn accepts_inclusion(case: &Inclusion) -> bool {
    let read = || {
        Some((
            hash(&case.leaf_hash)?,
            hash(&case.root)?,
            hashes(&case.proof)?,
        ))
    };
    read().is_some_and(|(leaf, root, proof)| {
        verify_inclusion(&leaf, case.leaf_idx, case.tree_size, &root, &proof).is_ok()
    })
}

fn accepts_consistency(case: &Consistency) -> bool {
    let read = || Some((hash(&case.root1)?, hash(&case.root2)?, hashes(&case.proof)?));
    read().is_some_and(|(old_root, root, proof)| {
        verify_consistency(case.size1, &old_root, case.size2, &root, &proof).is_ok()
    })
}

fn hash(text: &str) -> Option<Hash> {
    text.parse().ok()
}

fn hashes(texts: &Option<Vec<String>>) -> Option<Vec<Hash>> {
    texts.iter().flatten().map(|text| hash(text)).collect()
}

fn cases(of: &str) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![super::data("rfc6962-merkle").join(of)]);
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(folder).unwrap();
        let (below, found): (Vec<_>, Vec<_>) = entries
            .map(|entry| entry.unwrap().path())
            .partition(|path| path.is_dir());
        folders.extend(below);
        files.extend(found);
    }
    files
}

#[derive(Deserialize)]
struct ReferenceTree {
    empty_root: String,
    leaf_hash_of_empty: String,
    hash_tests: Vec<ReferenceHash>,
    leaves_hex: Vec<String>,
    root_hex_by_size: BTreeMap<usize, String>,
    inclusion_paths: Vec<ReferencePath>,
}

/// Of a leaf, of which upstream says the text; of a node it names parts that are no hashes, and that no code of ours takes.
#[derive(Deserialize)]
struct ReferenceHash {
    kind: String,
    input_ascii: Option<String>,
    want: String,
}

#[derive(Deserialize)]
struct ReferencePath {
    index: u64,
    size: usize,
    path: Vec<String>,
}

#[test]
fn the_reference_tree_has_its_roots_and_paths() {
    let tree: ReferenceTree =
        serde_json::from_slice(&reference("rfc6962-reference-tree.json")).unwrap();
    let leaves: Vec<Hash> = tree
        .leaves_hex
        .iter()
        .map(|hex| Hash::of_leaf(&unhex(hex)))
        .collect();

    assert_eq!(root_of(&[]), hex_hash(&tree.empty_root));
    assert_eq!(leaves[0], hex_hash(&tree.leaf_hash_of_empty));
    let leaf = tree.hash_tests.iter().find(|it| it.kind == "leaf").unwrap();
    let text = leaf.input_ascii.as_ref().unwrap();
    assert_eq!(Hash::of_leaf(text.as_bytes()), hex_hash(&leaf.want));
    assert_eq!(tree.root_hex_by_size.len(), 8);
    for (size, root) in &tree.root_hex_by_size {
        assert_eq!(root_of(&leaves[..*size]), hex_hash(root), "{size}");
    }
    assert_eq!(tree.inclusion_paths.len(), 5);
    for ReferencePath { index, size, path } in &tree.inclusion_paths {
        let expected: Vec<Hash> = path.iter().map(|hex| hex_hash(hex)).collect();
        assert_eq!(inclusion_in(&leaves[..*size], *index), Some(expected));
    }
    assert_eq!(inclusion_in(&leaves, 8), None);
    assert_eq!(consistency_in(&leaves, 0), None);
    assert_eq!(consistency_in(&leaves, 9), None);
}

fn reference(name: &str) -> Vec<u8> {
    fs::read(super::data(name)).unwrap()
}

fn hex_hash(hex: &str) -> Hash {
    Hash::from_bytes(unhex(hex).try_into().unwrap())
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

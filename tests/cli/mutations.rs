//! Every way of the threat model to alter what an inspection is handed, and by which words each is told.
//!
//! Whoever alters a bundle here is careful: the manifest is made anew, so that its hashes fit. [`HOLDS`] stands
//! where a verifier cannot tell by what it looks at: Go's packages and tlog-scales know checkpoints, proofs and
//! records, but not that something is missing.

use socai_evidence::archive::{self, Files};
use socai_evidence::{Manifest, manifest, names};
use socai_tlog::{Checkpoint, Hash, KeyKind, Note, SigningKey};

use crate::inspected::{Inspected, judged, repacked, verify};
use crate::verifiers::{script, verdict, verify_py};

/// Exit status, and words among what is said.
type Told = (i32, &'static str);

const HOLDS: Told = (0, "holds");
const GO_PROOF: Told = (1, "invalid transparency proof");
const SCALES_PROOF: Told = (1, "InclusionProofInvalid");

struct Way {
    name: &'static str,
    alter: fn(&Inspected, &mut Files, &mut Manifest),
    socai: Told,
    python: Told,
    go: Told,
    scales: Told,
}

const WAYS: &[Way] = &[
    Way {
        name: "nothing",
        alter: |_, _, _| {},
        socai: (0, "VALID"),
        python: (0, "valid"),
        go: HOLDS,
        scales: HOLDS,
    },
    Way {
        name: "an edited record",
        alter: |_, files, _| {
            let name = names::record(position(files, "report.submitted.v1"));
            replace(files, &name, "2024-07-19", "2024-07-18");
        },
        socai: (1, "is not the one that was sealed there"),
        python: (1, "not what was sealed there"),
        go: GO_PROOF,
        scales: SCALES_PROOF,
    },
    Way {
        name: "a dropped event",
        alter: |_, files, manifest| {
            let first = first_of(files, "ledger.main");
            drop_record(files, manifest, first);
        },
        socai: (
            1,
            "an event of ledger.main was left out: revision 1 is missing",
        ),
        python: (
            1,
            "something was left out: stream ledger.main goes from revision 0 to 2",
        ),
        go: HOLDS,
        scales: HOLDS,
    },
    Way {
        name: "a dropped last event of a stream",
        alter: |_, files, manifest| {
            let last = position(files, "report.submitted.v1");
            drop_record(files, manifest, last);
            let mut streams = manifest.streams.iter_mut();
            let head = streams.find(|head| head.last == last).unwrap();
            (head.revision, head.last) = (0, 0);
        },
        socai: (1, "the last events of obligation.r_2024-h1_a were left out"),
        python: (
            1,
            "nothing in heads.json proves that revision 0 is its last",
        ),
        go: HOLDS,
        scales: HOLDS,
    },
    Way {
        name: "a dropped last event of the ledger",
        alter: |_, files, manifest| {
            let last = manifest.size;
            drop_record(files, manifest, last);
        },
        socai: (
            1,
            "is missing between the sealed heads and the top checkpoint",
        ),
        python: (1, "the tail is not every position"),
        go: HOLDS,
        scales: HOLDS,
    },
    Way {
        name: "reordered events",
        alter: |_, files, _| {
            let (one, other) = two_of(files);
            swap(files, &names::record(one), &names::record(other));
        },
        socai: (1, "the order was changed"),
        python: (1, "not what was sealed there"),
        go: GO_PROOF,
        scales: SCALES_PROOF,
    },
    Way {
        name: "reordered events with their proofs",
        alter: |_, files, _| {
            let (one, other) = two_of(files);
            swap(files, &names::record(one), &names::record(other));
            swap(files, &names::proof(one), &names::proof(other));
        },
        socai: (1, "the order was changed"),
        python: (1, "not a proof of index"),
        go: (1, "not a proof of index"),
        scales: (1, "not a proof of index"),
    },
    Way {
        name: "a swapped proof",
        alter: |_, files, _| {
            let (one, other) = two_of(files);
            swap(files, &names::proof(one), &names::proof(other));
        },
        socai: (1, "proofs were exchanged"),
        python: (1, "not a proof of index"),
        go: (1, "not a proof of index"),
        scales: (1, "not a proof of index"),
    },
    Way {
        name: "another record's proof under the right index",
        alter: |_, files, _| {
            let (one, other) = two_of(files);
            let mut proof = text(files, &names::proof(other));
            let (was, is) = (
                format!("index {}\n", other - 1),
                format!("index {}\n", one - 1),
            );
            proof = proof.replace(&was, &is);
            files.insert(names::proof(one), proof.into_bytes());
        },
        socai: (1, "is not the one that was sealed there"),
        python: (1, "not what was sealed there"),
        go: GO_PROOF,
        scales: SCALES_PROOF,
    },
    Way {
        name: "another ledger's checkpoint",
        alter: |_, files, manifest| {
            let other = key("socai/khac", KeyKind::Ed25519);
            let note = checkpoint("socai/khac", manifest.size, &manifest.root).sign(&[&other]);
            add_note(files, manifest.size, &note);
        },
        socai: (1, "is a checkpoint of another ledger's log"),
        python: (1, "a checkpoint of another log"),
        go: (1, "no verifiable signatures"),
        scales: (1, "a checkpoint of socai/khac"),
    },
    Way {
        name: "a checkpoint of another history, signed by nobody who is known",
        alter: |_, files, manifest| {
            let thief = key(&manifest.origin, KeyKind::Ed25519);
            let note = checkpoint(&manifest.origin, manifest.size, &manifest.root).sign(&[&thief]);
            add_note(files, manifest.size, &note);
        },
        socai: (1, "is not signed by any key of its log"),
        python: (1, "no signature by a log key of the policy"),
        go: (1, "no verifiable signatures"),
        scales: (1, "no signature matched vkey"),
    },
    Way {
        name: "an altered cosignature",
        alter: |world, files, manifest| {
            let mut note = top(files, manifest);
            let last = note.signatures.last_mut().unwrap();
            assert_eq!(last.name, world.witnesses[1].name());
            last.bytes[0] ^= 1;
            exchange_top(files, manifest, &note);
        },
        socai: (1, "lam-chung/hai"),
        python: (1, "bad cosignature by lam-chung/hai"),
        go: (1, "invalid signature for key lam-chung/hai"),
        scales: (1, "InvalidSignature"),
    },
    Way {
        name: "two histories of one size",
        alter: |world, files, manifest| {
            let root = Hash::of_leaf(b"another history");
            let note =
                checkpoint(&manifest.origin, manifest.size, &root).sign(&[&world.stolen_key()]);
            let first = names::note(manifest.size, 1);
            files.insert(first, note.to_string().into_bytes());
        },
        socai: (1, "have two roots: the log showed two histories"),
        python: (1, "two histories: another checkpoint of size"),
        go: (1, "two histories of size"),
        scales: (1, "ConsistencyProofInvalid"),
    },
    Way {
        name: "an older checkpoint of another history, signed with the stolen key",
        alter: |world, files, manifest| {
            let root = Hash::of_leaf(b"another history");
            let size = older(files, manifest);
            let note = checkpoint(&manifest.origin, size, &root).sign(&[&world.stolen_key()]);
            for name in notes_of_size(files, size) {
                files.insert(name, note.to_string().into_bytes());
            }
        },
        socai: (
            1,
            "is no earlier state of the top checkpoint: the history was rewritten",
        ),
        python: (1, "did not grow out of it"),
        go: GO_PROOF,
        scales: (1, "ConsistencyProofInvalid"),
    },
    Way {
        name: "heads of another day",
        alter: |_, files, _| {
            let heads = text(files, names::HEADS).replacen("\"revision\":1", "\"revision\":2", 1);
            files.insert(names::HEADS.to_owned(), heads.into_bytes());
        },
        socai: (1, "is not proven"),
        python: (1, "is not under the root"),
        go: HOLDS,
        scales: HOLDS,
    },
    Way {
        name: "another question",
        alter: |_, _, manifest| manifest.query.to = manifest.query.from,
        socai: (
            1,
            "the manifest does not fit the recorded export: the window differs",
        ),
        python: (1, "the export recorded to 2024-12-31"),
        go: HOLDS,
        scales: HOLDS,
    },
    Way {
        name: "an altered page",
        alter: |_, files, _| {
            let page = text(files, names::PAGE).replace("2024", "2023");
            files.insert(names::PAGE.to_owned(), page.into_bytes());
        },
        socai: (1, "index.html is not what the records of this bundle give"),
        python: (0, "index.html and VERIFY.md were not compared"),
        go: HOLDS,
        scales: HOLDS,
    },
];

#[test]
fn each_way_to_alter_a_bundle_is_told_by_name() {
    let world = Inspected::new();
    let surprises: Vec<String> = WAYS.iter().flat_map(|way| surprises(&world, way)).collect();
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// Who says something else than expected.
fn surprises(world: &Inspected, way: &Way) -> Vec<String> {
    let mut files = archive::unpack(&world.bundle).unwrap();
    let mut listed = Manifest::parse(&files[manifest::NAME]).unwrap();
    (way.alter)(world, &mut files, &mut listed);
    let told = judged(world, &repacked(files, listed));
    let all = [
        ("socai", way.socai, told.socai),
        ("verify.py", way.python, told.python),
        ("Go", way.go, told.go),
        ("tlog-scales", way.scales, told.scales),
    ];
    let surprises = all
        .into_iter()
        .filter(|(_, expected, verdict)| !verdict.is(*expected));
    let name = way.name;
    surprises
        .map(|(who, expected, verdict)| format!("{name}: {who}: {expected:?}, not {verdict:?}"))
        .collect()
}

/// Without a word to the manifest: no file, no place in it, is left unwatched.
#[test]
fn an_edited_byte_anywhere_is_told_with_the_name_of_the_file() {
    let world = Inspected::new();
    let policy = world.policy("ca-hai");
    let whole = archive::unpack(&world.bundle).unwrap();
    for (name, bytes) in &whole {
        for place in places(bytes) {
            let mut files = whole.clone();
            files.get_mut(name).unwrap()[place] ^= 1;
            let zip = world.file("sua.zip", &archive::pack(&files));
            let story = format!("byte {place} of {name}");
            let arguments = [zip.to_str().unwrap(), "--policy", policy.to_str().unwrap()];
            // What is wrong with the manifest may show in a file that it describes.
            let words = if name == manifest::NAME {
                "invalid:"
            } else {
                name
            };
            verify(&arguments).says((1, words), &format!("socai: {story}"));
        }
        let mut files = whole.clone();
        let Some(middle) = places(bytes).get(1).copied() else {
            continue;
        };
        files.get_mut(name).unwrap()[middle] ^= 1;
        let zip = world.file("sua.zip", &archive::pack(&files));
        let by_python = verify_py(&zip, Some(&policy));
        by_python.says((1, "INVALID"), &format!("verify.py: {name}"));
    }
}

/// The first byte, one in the middle, and the last.
fn places(bytes: &[u8]) -> Vec<usize> {
    let mut places = vec![0, bytes.len() / 2, bytes.len().saturating_sub(1)];
    places.retain(|place| *place < bytes.len());
    places.dedup();
    places
}

#[test]
fn what_is_not_cosigned_enough_is_said_to_be_so() {
    let world = Inspected::new();
    let one = &world.cosigned_once;
    for (zip, by) in [(&world.uncosigned, "nobody"), (one, "mot")] {
        let told = judged(&world, zip);
        let cosigned_by = format!(
            "not cosigned by the quorum of the policy: only the log vouches that there is no other history (cosigned by: {by})"
        );
        assert!(
            told.socai.code == 2 && told.socai.said.contains(&cosigned_by),
            "{:?}",
            told.socai
        );
        told.python.says((2, "uncosigned"), by);
        told.go.says((1, "cosignatures, and 2 are asked for"), by);
        told.scales
            .says((1, "cosignatures, and 2 are asked for"), by);
    }
    // The policy decides how much is enough.
    for (zip, quorum) in [(one, "mot"), (&world.uncosigned, "none")] {
        let (file, policy) = (world.file("mot.zip", zip), world.policy(quorum));
        let arguments = [file.to_str().unwrap(), "--policy", policy.to_str().unwrap()];
        verify(&arguments).says((0, "VALID"), quorum);
        verify_py(&file, Some(&policy)).says((0, "valid"), quorum);
    }
}

#[test]
fn nothing_is_valid_without_a_policy() {
    let world = Inspected::new();
    let file = world.file("goi-1.zip", &world.bundle);
    verify(&[file.to_str().unwrap()]).says((2, "nothing says who signed it"), "socai");
    verify_py(&file, None).says((2, "no policy"), "verify.py");
}

/// No program of ours made it; its page is of a version that neither knows.
#[test]
fn a_bundle_and_a_policy_made_by_hand_are_judged_alike() {
    let folder = tempfile::tempdir().unwrap();
    let [zip, policy] = ["bundle.zip", "policy"].map(|name| folder.path().join(name));
    verdict(script("hand_made.py").arg(folder.path()).arg("2")).accepts("hand_made.py");
    let arguments = [zip.to_str().unwrap(), "--policy", policy.to_str().unwrap()];
    verify(&arguments).says((2, "are of version 2"), "socai");
    verify_py(&zip, Some(&policy)).says((2, "index 2 is not known here"), "verify.py");
}

fn key(name: &str, kind: KeyKind) -> SigningKey {
    SigningKey::from_seed(name, kind, [99; 32]).unwrap()
}

fn checkpoint(origin: &str, size: u64, root: &Hash) -> Checkpoint {
    Checkpoint {
        origin: origin.to_owned(),
        size,
        root: *root,
        extensions: Vec::new(),
    }
}

fn text(files: &Files, name: &str) -> String {
    String::from_utf8(files[name].clone()).unwrap()
}

fn replace(files: &mut Files, name: &str, from: &str, to: &str) {
    let was = text(files, name);
    assert!(was.contains(from), "{name}: {was}");
    files.insert(name.to_owned(), was.replace(from, to).into_bytes());
}

fn swap(files: &mut Files, one: &str, other: &str) {
    let bytes = files[one].clone();
    let bytes = files.insert(other.to_owned(), bytes).unwrap();
    files.insert(one.to_owned(), bytes);
}

fn drop_record(files: &mut Files, manifest: &mut Manifest, position: u64) {
    files.remove(&names::record(position)).unwrap();
    files.remove(&names::proof(position)).unwrap();
    manifest.selected.retain(|at| *at != position);
    manifest.tail.retain(|at| *at != position);
}

/// Position and record of everything in a bundle, in order.
fn records(files: &Files) -> Vec<(u64, serde_json::Value)> {
    let name = |name: &str| {
        name.strip_prefix("records/")?
            .strip_suffix(".json")?
            .parse()
            .ok()
    };
    let records = files
        .iter()
        .filter_map(|(file, bytes)| Some((name(file)?, serde_json::from_slice(bytes).unwrap())));
    let mut records: Vec<_> = records.collect();
    records.sort_by_key(|(position, _)| *position);
    records
}

fn position(files: &Files, event: &str) -> u64 {
    let records = records(files);
    records
        .iter()
        .find(|(_, record)| record["type"] == event)
        .unwrap()
        .0
}

fn first_of(files: &Files, stream: &str) -> u64 {
    let records = records(files);
    records
        .iter()
        .find(|(_, record)| record["subject"] == stream)
        .unwrap()
        .0
}

/// Two records whose exchange nobody would see by their shape.
fn two_of(files: &Files) -> (u64, u64) {
    (
        position(files, "task.claimed.v1"),
        position(files, "report.submitted.v1"),
    )
}

fn notes_of_size(files: &Files, size: u64) -> Vec<String> {
    let of_size = |name: &&String| names::parse_note(name).is_some_and(|(other, _)| other == size);
    files.keys().filter(of_size).cloned().collect()
}

/// The size of a checkpoint below the top.
fn older(files: &Files, manifest: &Manifest) -> u64 {
    let sizes = files.keys().filter_map(|name| names::parse_note(name));
    sizes
        .map(|(size, _)| size)
        .find(|size| *size < manifest.size)
        .unwrap()
}

/// Puts a note before those of its size.
fn add_note(files: &mut Files, size: u64, note: &Note) {
    for name in notes_of_size(files, size).into_iter().rev() {
        let (_, number) = names::parse_note(&name).unwrap();
        let bytes = files.remove(&name).unwrap();
        files.insert(names::note(size, number + 1), bytes);
    }
    files.insert(names::note(size, 1), note.to_string().into_bytes());
}

fn top(files: &Files, manifest: &Manifest) -> Note {
    let last = notes_of_size(files, manifest.size).len() as u64;
    Note::parse(&files[&names::note(manifest.size, last)]).unwrap()
}

/// Another note as the top one, in every proof as well.
fn exchange_top(files: &mut Files, manifest: &Manifest, note: &Note) {
    let was = top(files, manifest).to_string();
    for bytes in files.values_mut() {
        if let Ok(text) = str::from_utf8(bytes) {
            *bytes = text.replace(&was, &note.to_string()).into_bytes();
        }
    }
}

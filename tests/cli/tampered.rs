//! Every way of the threat model to alter a data directory, and who tells it by which words.
//!
//! Whoever alters a log here is careful as well: it is written anew by our own store, so that checksums and frames
//! fit. What is left to catch it by is what was sealed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use socai_store::{Append, CheckpointLog, EventStore, NewEvent, Revision, StreamId};
use socai_store_segment::SegmentStore;
use socai_tlog::cosignature::cosign;
use socai_tlog::{Checkpoint, Hash, KeyKind, Note, SigningKey};
use socai_tlog_directory::DirectoryCheckpoints;

use crate::inspected::{Inspected, copy, done, notes_of, now, said, verify};
use crate::socai::socai;

/// What a thief would rather have been recorded.
const INSTEAD: &str = r#"{"command":"report.submit","effective":"2024-07-01","data":{"obligations":["r_2024-h1_a"]}}"#;

/// Words among what is said; the exit status is 1.
type Told = &'static str;

struct Way {
    name: &'static str,
    alter: fn(&Inspected, &Path),
    verify: Told,
    seal: Told,
}

const WAYS: &[Way] = &[
    Way {
        name: "an edited byte in the log",
        alter: |_, dir| edit(&dir.join("log/00000000000000000001.seg"), b"2024-07-19"),
        verify: "checksum",
        seal: "checksum",
    },
    Way {
        name: "an edited record",
        alter: |_, dir| {
            rewrite(dir, |records| {
                let last = place(records, "report.submitted.v1");
                records[last] = records[last].replace("2024-07-19", "2024-07-18");
            })
        },
        verify: "is not the one that was sealed there",
        seal: "the log is not what was sealed",
    },
    Way {
        name: "a back-dated record put in",
        alter: |_, dir| {
            rewrite(dir, |records| {
                let copy = records[place(records, "task.claimed.v1")].replace("\"t_a\"", "\"t_b\"");
                records.insert(4, copy.replace("obligation.t_a", "obligation.t_b"));
            })
        },
        verify: "is not the one that was sealed there",
        seal: "the log is not what was sealed",
    },
    Way {
        name: "a dropped event",
        alter: |_, dir| {
            rewrite(dir, |records| {
                let one = place(records, "task.claimed.v1");
                records.remove(one);
            })
        },
        verify: "is not the one that was sealed there",
        seal: "the log is not what was sealed",
    },
    Way {
        name: "a dropped last event",
        alter: |_, dir| rewrite(dir, |records| drop(records.pop())),
        verify: "records were dropped from its end, or an older copy was restored",
        seal: "the log is not what was sealed: it was sealed up to position",
    },
    Way {
        name: "reordered events",
        alter: |_, dir| {
            rewrite(dir, |records| {
                let (one, other) = (
                    place(records, "task.claimed.v1"),
                    place(records, "report.submitted.v1"),
                );
                records.swap(one, other);
            })
        },
        verify: "is not the one that was sealed there",
        seal: "the log is not what was sealed",
    },
    Way {
        name: "an old backup of the log",
        alter: |world, dir| {
            fs::remove_dir_all(dir.join("log")).unwrap();
            copy(&world.backup.join("log"), &dir.join("log"));
        },
        verify: "records were dropped from its end, or an older copy was restored",
        seal: "restored from an older copy",
    },
    Way {
        name: "another history in place of the log",
        alter: |world, dir| {
            let (fork, _) = world.forked(&[INSTEAD]);
            fs::remove_dir_all(dir.join("log")).unwrap();
            fs::remove_file(dir.join("reached")).unwrap();
            copy(&fork.join("log"), &dir.join("log"));
        },
        verify: "is not the one that was sealed there",
        seal: "the log is not what was sealed",
    },
    Way {
        name: "an edited tile",
        alter: |_, dir| edit_tile(dir),
        verify: "is not what the records come to",
        seal: "the tiles are not those of the log",
    },
    Way {
        name: "an edited byte among the checkpoints",
        alter: |_, dir| edit(&dir.join("tlog/checkpoints"), b"socai/hanoi\n"),
        verify: "the log of checkpoints is damaged at entry",
        seal: "the log of checkpoints is damaged at entry",
    },
    Way {
        name: "another ledger's checkpoint",
        alter: |_, dir| {
            let other = SigningKey::from_seed("socai/khac", KeyKind::Ed25519, [9; 32]).unwrap();
            add(dir, |last| {
                Checkpoint {
                    origin: "socai/khac".to_owned(),
                    ..last
                }
                .sign(&[&other])
            });
        },
        verify: "it is of the log socai/khac",
        seal: "of the checkpoints is not this ledger's",
    },
    Way {
        name: "a checkpoint that nobody who may has signed",
        alter: |_, dir| {
            let thief = SigningKey::from_seed("socai/hanoi", KeyKind::Ed25519, [9; 32]).unwrap();
            add(dir, |last| {
                Checkpoint {
                    size: last.size + 1,
                    ..last
                }
                .sign(&[&thief])
            });
        },
        verify: "no key that the ledger names",
        seal: "of the checkpoints is not this ledger's",
    },
    Way {
        name: "two histories of one size, signed with the stolen key",
        alter: |world, dir| {
            let key = world.stolen_key();
            add(dir, |last| {
                Checkpoint {
                    root: Hash::of_leaf(b"other"),
                    ..last
                }
                .sign(&[&key])
            });
        },
        verify: "the key signed two histories",
        seal: "of the checkpoints is not this ledger\'s",
    },
];

#[test]
fn each_way_to_alter_a_data_directory_is_told_by_name() {
    let world = Inspected::new();
    let surprises: Vec<String> = WAYS.iter().flat_map(|way| surprises(&world, way)).collect();
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
}

/// Who says something else than expected.
fn surprises(world: &Inspected, way: &Way) -> Vec<String> {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("so-cai");
    copy(world.ledger.dir(), &dir);
    (way.alter)(world, &dir);
    let path = dir.to_str().unwrap();
    let verified = verify(&[path]);
    let sealed = said(socai(&["seal", "--data", path], b""));
    let all = [("verify", way.verify, verified), ("seal", way.seal, sealed)];
    let surprises = all
        .into_iter()
        .filter(|(_, words, verdict)| !verdict.is((1, words)));
    let name = way.name;
    surprises
        .map(|(who, words, verdict)| format!("{name}: socai {who}: {words}, not {verdict:?}"))
        .collect()
}

/// What no attacker did: a cosignature that was carried for days comes back after the ledger has gone on.
#[test]
fn a_cosignature_that_came_late_is_no_older_state() {
    let world = Inspected::new();
    let dir = world.ledger.dir();
    let first = Note::parse(notes_of(dir)[0].as_bytes()).unwrap();
    let late = SigningKey::from_seed("lam-chung/xa", KeyKind::CosignatureV1, [7; 32]).unwrap();
    add(dir, |_| {
        let mut note = first;
        note.add(cosign(&note.text, &late, 1_704_067_200));
        note
    });
    done(&["verify", dir.to_str().unwrap()]);
    done(&["seal", "--data", dir.to_str().unwrap()]);
}

/// Flips a bit of the last place where a file has `wanted`.
fn edit(path: &Path, wanted: &[u8]) {
    let mut bytes = fs::read(path).unwrap();
    let mut windows = bytes.windows(wanted.len());
    let place = windows.rposition(|window| window == wanted).unwrap();
    bytes[place] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// Flips a bit of the tile from which the sealer goes on.
fn edit_tile(dir: &Path) {
    let size = last(dir).1.size;
    let path = dir.join(format!("tlog/tile/0/000.p/{size}"));
    let mut bytes = fs::read(&path).unwrap();
    bytes[0] ^= 1;
    fs::write(&path, bytes).unwrap();
}

/// The number of entries, and what the last one says.
fn last(dir: &Path) -> (u64, Checkpoint) {
    let log = DirectoryCheckpoints::open_read_only(dir).unwrap();
    let (entry, note) = now(log.last()).unwrap().unwrap();
    let note = Note::parse(&note).unwrap();
    (entry, Checkpoint::parse(&note.text).unwrap())
}

/// Adds what `forge` makes of the last checkpoint.
fn add(dir: &Path, forge: impl FnOnce(Checkpoint) -> Note) {
    let (entry, last) = last(dir);
    let log = DirectoryCheckpoints::open(dir).unwrap();
    now(log.append(entry, forge(last).to_string().into())).unwrap();
}

/// Where the first record of a type stands in a list of records.
pub(crate) fn place(records: &[String], event: &str) -> usize {
    let wanted = format!("\"type\":\"{event}\"");
    records
        .iter()
        .position(|record| record.contains(&wanted))
        .unwrap()
}

/// Writes the log anew with other records, whole and with every checksum right.
pub(crate) fn rewrite(dir: &Path, alter: impl FnOnce(&mut Vec<String>)) {
    let exported = socai(&["export", "--data", dir.to_str().unwrap()], b"");
    let mut records: Vec<String> = exported.out.lines().map(String::from).collect();
    alter(&mut records);
    let identity = SegmentStore::open_read_only(dir)
        .unwrap()
        .identity()
        .clone();
    fs::remove_dir_all(dir.join("log")).unwrap();
    fs::remove_file(dir.join("reached")).unwrap();
    let store = SegmentStore::create(dir, &identity).unwrap();
    let mut revisions = BTreeMap::new();
    for record in records {
        let revision: &mut u64 = revisions.entry(subject_of(&record)).or_default();
        now(store.append(appending(&record, *revision))).unwrap();
        *revision += 1;
    }
}

fn subject_of(record: &str) -> String {
    let record: serde_json::Value = serde_json::from_str(record).unwrap();
    record["subject"].as_str().unwrap().to_owned()
}

fn appending(record: &str, revision: u64) -> Append {
    let stream: StreamId = subject_of(record).parse().unwrap();
    let event = NewEvent {
        id: uuid::Uuid::now_v7(),
        bytes: record.to_owned().into(),
    };
    Append::to(stream, Revision(revision), vec![event])
}

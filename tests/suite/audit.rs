//! A ledger held against what was sealed of it: every way to damage one is found, and named with its place.

use std::num::NonZeroU32;
use std::sync::Arc;

use bytes::Bytes;
use socai_app::audit::{Against, Audit, KeptTiles, Problem, Report, Wrong};
use socai_app::ledger::Ledger;
use socai_app::request;
use socai_app::sealer::{Held, Ports, Sealer};
use socai_app::sealing::to_the_end;
use socai_app::verification::{Verified, VerifyError, read_again};
use socai_domain::id::AccountId;
use socai_domain::origin::Origin;
use socai_store::{
    Append, CheckpointLog, EventStore, NewEvent, Position, Revision, StreamId, TileStore, envelope,
};
use socai_store_memory::{MemoryCheckpoints, MemoryMarks, MemoryStore, MemoryTiles};
use socai_tlog::cosignature::cosign;
use socai_tlog::{Checkpoint, Hash, KeyKind, Note, Policy, SigningKey, Tile, root_of};
use uuid::Uuid;

const ORIGIN: &str = "socai/hanoi";

/// More than a tile, so that there are two levels of them.
const UNITS: u64 = 700;

fn key(number: u8) -> SigningKey {
    SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, [number; 32]).unwrap()
}

fn witness() -> SigningKey {
    SigningKey::from_seed("witness", KeyKind::CosignatureV1, [9; 32]).unwrap()
}

/// A ledger, and what was sealed of it.
#[derive(Clone, Default)]
struct Sealed {
    records: Vec<Bytes>,
    tiles: MemoryTiles,
    checkpoints: MemoryCheckpoints,
    policy: Option<String>,
}

impl Sealed {
    /// A ledger of 701 records, sealed at 1, 301, 301 again with a witness, and 701.
    async fn new() -> Self {
        let (store, sealed) = (MemoryStore::default(), Self::default());
        append(&store, created(&key(1))).await;
        sealed.seal(&store).await;
        form_units(&store, 0..300).await;
        sealed.seal(&store).await;
        let (_, note) = sealed.checkpoints.last().await.unwrap().unwrap();
        let mut note = Note::parse(&note).unwrap();
        note.add(cosign(&note.text, &witness(), 1));
        sealed.add(&note).await;
        form_units(&store, 300..UNITS).await;
        sealed.seal(&store).await;
        Self {
            records: all(&store).await,
            ..sealed
        }
    }

    /// As [`new`](Self::new), with a second key that signs the last checkpoint; the first one is retired.
    async fn rotated(valid_to: u64, reason: &str) -> Self {
        let (sealed, store) = (Self::new().await, MemoryStore::default());
        for record in &sealed.records {
            append(&store, record.clone()).await;
        }
        let [old, new] = [1, 2].map(|number| key(number).verifier_key().to_string());
        let added = format!(r#"{{"key":"{new}"}}"#);
        append(&store, said(2, "ledger.log_key_added.v1", &added)).await;
        let gone = format!(r#"{{"key":"{old}","valid_to":{valid_to},"reason":"{reason}"}}"#);
        append(&store, said(3, "ledger.log_key_retired.v1", &gone)).await;
        sealed.seal(&store).await;
        Self {
            records: all(&store).await,
            ..sealed
        }
    }

    async fn seal(&self, store: &MemoryStore) {
        let keys = || {
            Ok(Held {
                keys: vec![key(1), key(2)],
                looked: "in the test".to_owned(),
            })
        };
        let mut sealer = Sealer::alone(Ports {
            store: Arc::new(store.clone()),
            tiles: Arc::new(self.tiles.clone()),
            checkpoints: Arc::new(self.checkpoints.clone()),
            marks: Arc::new(MemoryMarks::default()),
            keys: Arc::new(keys),
        });
        to_the_end(&mut sealer).await.unwrap();
    }

    async fn add(&self, note: &Note) {
        let entries = self.checkpoints.len().await.unwrap();
        let note = Bytes::from(note.to_string());
        self.checkpoints.append(entries, note).await.unwrap();
    }

    /// Signs the first `size` records as they are now.
    async fn sign(&self, size: usize, key: &SigningKey) {
        let leaves: Vec<Hash> = self.records[..size]
            .iter()
            .map(|it| Hash::of_leaf(it))
            .collect();
        let checkpoint = Checkpoint {
            origin: ORIGIN.to_owned(),
            size: size as u64,
            root: root_of(&leaves),
            extensions: Vec::new(),
        };
        self.add(&checkpoint.sign(&[key])).await;
    }

    /// The ledger with other entries for those of its log of checkpoints.
    async fn with_notes(&self, change: impl FnOnce(&mut Vec<String>)) -> Self {
        let notes = self.checkpoints.read(0, NonZeroU32::MAX).await.unwrap();
        let mut notes: Vec<String> = notes
            .iter()
            .map(|note| String::from_utf8(note.to_vec()).unwrap())
            .collect();
        change(&mut notes);
        let checkpoints = MemoryCheckpoints::default();
        for (entries, note) in (0..).zip(notes) {
            checkpoints.append(entries, note.into()).await.unwrap();
        }
        Self {
            checkpoints,
            ..self.clone()
        }
    }

    /// The ledger with other tiles.
    async fn with_tiles(&self, mut change: impl FnMut(Tile, Vec<u8>) -> Option<Vec<u8>>) -> Self {
        let tiles = MemoryTiles::default();
        for (level, index, width) in [(0, 0, 256), (0, 1, 256), (0, 2, 189), (1, 0, 2)] {
            let tile = Tile {
                level,
                index,
                width,
            };
            let hashes = self.tiles.read(&tile).await.unwrap().unwrap().to_vec();
            if let Some(hashes) = change(tile, hashes) {
                tiles.write(vec![(tile, hashes)]).await.unwrap();
            }
        }
        Self {
            tiles,
            ..self.clone()
        }
    }

    async fn audit(&self) -> Report {
        let store = MemoryStore::default();
        for record in &self.records {
            append(&store, record.clone()).await;
        }
        let against = Against {
            store: Arc::new(store.clone()),
            tiles: KeptTiles::All(Arc::new(self.tiles.clone())),
            checkpoints: Some(Arc::new(self.checkpoints.clone())),
            policy: self
                .policy
                .as_ref()
                .map(|text| Policy::parse(text).unwrap()),
            snapshot: None,
        };
        let audit = Audit::start(against, Arc::new(|_| {})).await.unwrap();
        let records = audit.records();
        let all = store.read_all(Position::ZERO, NonZeroU32::MAX).await;
        for chunk in all.unwrap().chunks(100) {
            records.give(chunk.to_vec()).await;
        }
        drop(records);
        audit.end().await.unwrap()
    }

    /// Reads it again as a serving process does.
    async fn read_again(&self) -> Result<Option<Verified>, VerifyError> {
        let store = MemoryStore::default();
        for record in &self.records {
            append(&store, record.clone()).await;
        }
        read_again(&store, &self.checkpoints).await
    }

    /// What is wrong, as it is said.
    async fn problems(&self) -> Vec<String> {
        let report = self.audit().await;
        report.problems.iter().map(ToString::to_string).collect()
    }
}

async fn all(store: &MemoryStore) -> Vec<Bytes> {
    let all = store.read_all(Position::ZERO, NonZeroU32::MAX).await;
    all.unwrap()
        .into_iter()
        .map(|record| record.bytes)
        .collect()
}

/// Appends the record as the next of the stream that it names.
async fn append(store: &MemoryStore, bytes: Bytes) {
    let subject = envelope::parse(&bytes).unwrap().subject.into_owned();
    let id = Uuid::now_v7();
    let stream = StreamId::parse(&subject).unwrap();
    let there = store.read(&stream, Revision::NONE, NonZeroU32::MAX).await;
    let expected = Revision(there.unwrap().len() as u64);
    let event = NewEvent { id, bytes };
    let append = Append::to(stream, expected, vec![event]);
    store.append(append).await.unwrap();
}

fn created(key: &SigningKey) -> Bytes {
    let key = key.verifier_key();
    let data = format!(r#"{{"origin":"hanoi","definition":"v1","log_key":"{key}"}}"#);
    said(1, "ledger.created.v1", &data)
}

/// What the ledger says of itself.
fn said(revision: u64, event_type: &str, data: &str) -> Bytes {
    let id = Uuid::now_v7();
    let bytes = envelope::compose(&envelope::Envelope {
        id,
        source: "/hanoi".into(),
        event_type: event_type.into(),
        subject: "ledger.main".into(),
        time: "2024-01-01T00:00:00".parse().unwrap(),
        recorded_time: "2024-07-01T00:00:00Z".parse().unwrap(),
        revision: Revision(revision),
        actor: "operator".into(),
        correlation_id: id,
        synthetic: false,
        data,
    });
    bytes.into()
}

async fn form_units(store: &MemoryStore, units: std::ops::Range<u64>) {
    let mut ledger = Ledger::load(Arc::new(store.clone())).await.unwrap();
    let origin = Origin {
        actor: AccountId::new("clerk").unwrap(),
        at: "2024-07-01T00:00:00Z".parse().unwrap(),
    };
    let asked = units.map(|unit| {
        let line = format!(
            r#"{{"command":"unit.form","effective":"2014-01-01","data":{{"unit":"u{unit}","name":"Sở {unit}","kind":"department"}}}}"#
        );
        (request::parse(line.as_bytes()).unwrap(), origin.clone())
    });
    let asked: Vec<_> = asked.collect();
    ledger.record(&asked).await.unwrap();
}

fn changed(record: &Bytes, from: &str, to: &str) -> Bytes {
    let text = std::str::from_utf8(record).unwrap();
    assert!(text.contains(from), "{text}");
    text.replacen(from, to, 1).into()
}

#[tokio::test]
async fn an_honest_ledger_agrees_with_all_that_was_sealed() {
    let sealed = Sealed::new().await;
    let report = sealed.audit().await;
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!((report.records, report.folded), (701, 701));
    assert_eq!(report.checkpoints, 4);
    let last = report.sealed.unwrap();
    assert_eq!((last.entry, last.size), (4, 701));
    // Two full tiles, every width of two partial ones, and what comes at the end again.
    assert_eq!(report.tiles, 2 + 189 + 2 + 2);
}

#[tokio::test]
async fn a_ledger_that_is_read_again_has_the_root_that_was_sealed_or_it_is_told() {
    let honest = Sealed::new().await;
    let verified = honest.read_again().await.unwrap().unwrap();
    assert_eq!(verified.size, 701);

    let mut other = honest.clone();
    other.records[399] = changed(&other.records[399], "Sở 398", "Sở 999");
    let error = other.read_again().await.unwrap_err();
    assert!(!error.is_passing());
    assert!(
        error
            .to_string()
            .starts_with("701 records were sealed with root "),
        "{error}"
    );

    let mut shorter = honest.clone();
    shorter.records.pop();
    let error = shorter.read_again().await.unwrap_err();
    assert!(
        matches!(
            error,
            VerifyError::Ends {
                size: 701,
                end: 700
            }
        ),
        "{error}"
    );

    let foreign = honest
        .with_notes(|notes| {
            let last = notes.last_mut().unwrap();
            *last = last.replace(ORIGIN, "socai/elsewhere");
        })
        .await;
    let error = foreign.read_again().await.unwrap_err();
    assert!(
        matches!(error, VerifyError::Checkpoint(_)) && !error.is_passing(),
        "{error}"
    );

    let unsealed = Sealed {
        records: honest.records,
        ..Sealed::default()
    };
    assert_eq!(unsealed.read_again().await.unwrap(), None);
}

/// By the rule that bundles are judged by: the last checkpoint has to count, and no other.
#[tokio::test]
async fn what_a_retired_key_signed_is_named_and_invalid_only_where_it_is_the_last() {
    for (valid_to, reason, why) in [
        (300, "rotation", "alone counts up to 300 and is retired"),
        (1000, "stolen", "was stolen"),
    ] {
        let sealed = Sealed::rotated(valid_to, reason).await;
        let report = sealed.audit().await;
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        assert_eq!(report.sealed.unwrap().size, 703);
        let said = report.remarks[0].to_string();
        assert!(said.contains(why), "{said}");

        let unsealed = sealed.with_notes(|notes| drop(notes.pop())).await;
        let said = unsealed.problems().await.join("; ");
        assert!(
            said.contains("it covers 701 records") && said.contains(why),
            "{said}"
        );
        assert!(said.contains("it does not count"), "{said}");
    }
    let sealed = Sealed::rotated(701, "rotation").await;
    assert!(sealed.audit().await.remarks.is_empty());
}

/// Whom the policy names may save what a key alone does not.
#[tokio::test]
async fn a_quorum_saves_what_a_stolen_key_signed() {
    let mut sealed = Sealed::rotated(1, "stolen").await;
    let log = key(1);
    let (log, witness) = (log.verifier_key().to_string(), witness());
    let witness = witness.verifier_key();
    sealed.policy = Some(format!("log {log}\nwitness w {witness}\nquorum w\n"));
    let upto = sealed.with_notes(|notes| notes.truncate(3)).await;
    let report = upto.audit().await;
    let said = format!("{:?}", report.problems);
    assert!(!said.contains("KeyStolen"), "{said}");
    assert_eq!(report.sealed.unwrap().size, 301);
    assert_eq!(report.believed.unwrap().size, 301);
}

#[tokio::test]
async fn a_ledger_that_was_never_sealed_holds_by_itself() {
    let sealed = Sealed::new().await;
    let unsealed = Sealed {
        records: sealed.records,
        ..Sealed::default()
    };
    let report = unsealed.audit().await;
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!((report.sealed, report.checkpoints), (None, 0));
}

#[tokio::test]
async fn a_record_that_was_changed_is_named_by_its_position() {
    let mut sealed = Sealed::new().await;
    sealed.records[399] = changed(&sealed.records[399], "Sở 398", "Sở 999");
    let problems = sealed.audit().await.problems;
    let [
        Problem::Record { position, tile, .. },
        Problem::Checkpoint { entry, problem },
    ] = &problems[..]
    else {
        panic!("{problems:?}");
    };
    assert_eq!((*position, tile.path().as_str()), (400, "tile/0/001"));
    let Wrong::OtherRoot { size, agreed, .. } = problem else {
        panic!("{problem}");
    };
    assert_eq!((*entry, *size, *agreed), (4, 701, 301));
}

#[tokio::test]
async fn records_that_were_dropped_put_in_or_exchanged_are_found() {
    let sealed = Sealed::new().await;
    let mut without = sealed.clone();
    without.records.remove(399);
    let mut with = sealed.clone();
    with.records
        .insert(399, changed(&sealed.records[399], "u398", "u700"));
    let mut exchanged = sealed.clone();
    exchanged.records.swap(399, 400);
    for (what, ledger) in [
        ("without", without),
        ("with", with),
        ("exchanged", exchanged),
    ] {
        let problems = ledger.problems().await;
        assert!(
            problems[0]
                .starts_with("the record at position 400 is not the one that was sealed there"),
            "{what}: {problems:?}"
        );
    }
}

#[tokio::test]
async fn a_dropped_last_record_is_missed_by_the_checkpoint_that_covers_it() {
    let mut sealed = Sealed::new().await;
    sealed.records.pop();
    assert_eq!(
        sealed.problems().await,
        [
            "entry 4 of the checkpoints: it covers 701 records, and the ledger ends at position 700: records were \
             dropped from its end, or an older copy was restored"
        ]
    );
    // That it was replaced does not help.
    let extra = changed(&sealed.records[699], "u698", "u700");
    sealed.records.push(extra);
    let problems = sealed.problems().await;
    assert!(
        problems[0].starts_with("the record at position 701 is not"),
        "{problems:?}"
    );
}

#[tokio::test]
async fn a_tile_that_was_changed_or_is_missing_is_named_and_the_records_are_not() {
    let sealed = Sealed::new().await;
    let damaged = sealed
        .with_tiles(|tile, mut hashes| {
            if (tile.level, tile.index) == (0, 1) {
                hashes[32 * 5] ^= 1;
            }
            Some(hashes)
        })
        .await;
    assert_eq!(
        damaged.problems().await,
        ["tile/0/001 is not what the records come to, first in hash 5 of 0 to 255"]
    );
    let damaged = sealed
        .with_tiles(|tile, mut hashes| {
            hashes[32] ^= u8::from(tile.level == 1);
            Some(hashes)
        })
        .await;
    assert_eq!(
        damaged.problems().await,
        ["tile/1/000.p/2 is not what the records come to, first in hash 1 of 0 to 1"]
    );
    for (level, index, said) in [
        (0, 0, "tile/0/000 is missing, and 701 records are sealed"),
        (
            0,
            2,
            "tile/0/002.p/1 is missing, and 701 records are sealed",
        ),
        (
            1,
            0,
            "tile/1/000.p/1 is missing, and 701 records are sealed",
        ),
    ] {
        let gone = |tile: Tile| (tile.level, tile.index) == (level, index);
        let damaged = sealed.with_tiles(|tile, hashes| (!gone(tile)).then_some(hashes));
        assert_eq!(damaged.await.problems().await, [said]);
    }
}

#[tokio::test]
async fn beyond_what_is_sealed_tiles_may_be_missing_but_not_others() {
    let sealed = Sealed::new().await;
    let cut = sealed.with_notes(|notes| notes.truncate(2)).await;
    assert_eq!(cut.problems().await, [""; 0]);
    let without = cut.with_tiles(|tile, hashes| (tile.index == 0).then_some(hashes));
    let without = without.await;
    assert_eq!(
        without.problems().await,
        ["tile/0/001.p/1 is missing, and 301 records are sealed"]
    );
    let other = cut
        .with_tiles(|tile, mut hashes| {
            *hashes.last_mut().unwrap() ^= u8::from(tile.index == 2);
            Some(hashes)
        })
        .await;
    assert_eq!(
        other.problems().await,
        ["tile/0/002.p/189 is not what the records come to, first in hash 188 of 0 to 188"]
    );
}

#[tokio::test]
async fn a_checkpoint_that_was_changed_moved_here_or_is_none_is_named_by_its_entry() {
    let sealed = Sealed::new().await;
    let bad = format!(
        "entry 4 of the checkpoints: invalid signature in the name of key {}: the checkpoint was changed after it was \
         signed, or was never signed",
        key(1).verifier_key().label()
    );
    let changed = sealed.with_notes(|notes| notes[3] = notes[3].replace("\n701\n", "\n700\n"));
    assert_eq!(changed.await.problems().await, [bad]);

    let other = SigningKey::from_seed("socai/hue", KeyKind::Ed25519, [3; 32]).unwrap();
    let of_other = Checkpoint {
        origin: "socai/hue".to_owned(),
        size: 301,
        root: root_of(&[]),
        extensions: Vec::new(),
    };
    let of_other = of_other.sign(&[&other]).to_string();
    let moved = sealed.with_notes(|notes| notes[1] = of_other).await;
    assert_eq!(
        moved.problems().await,
        ["entry 2 of the checkpoints: it is of the log socai/hue, and this one is socai/hanoi"]
    );

    let none = sealed
        .with_notes(|notes| notes[0] = "nothing\n".to_owned())
        .await;
    let problems = none.problems().await;
    assert!(
        problems[0].starts_with("entry 1 of the checkpoints: it is no checkpoint: "),
        "{problems:?}"
    );
}

#[tokio::test]
async fn a_checkpoint_by_a_key_that_the_ledger_does_not_name_is_nobodys() {
    let sealed = Sealed::new().await;
    sealed.sign(701, &key(2)).await;
    assert_eq!(
        sealed.problems().await,
        ["entry 5 of the checkpoints: no key that the ledger names for 701 records signed it"]
    );
}

#[tokio::test]
async fn entries_between_may_be_gone_but_the_log_never_becomes_smaller() {
    let sealed = Sealed::new().await;
    let without = sealed.with_notes(|notes| {
        notes.remove(1);
        notes.remove(1);
    });
    assert_eq!(without.await.problems().await, [""; 0]);
    let again = sealed
        .with_notes(|notes| notes.push(notes[2].clone()))
        .await;
    assert_eq!(
        again.problems().await,
        [""; 0],
        "a cosigned form may follow"
    );

    sealed.sign(500, &key(1)).await;
    assert_eq!(
        sealed.problems().await,
        [
            "entry 5 of the checkpoints: it covers 500 records, and an earlier entry covered 701 already: a log never \
             becomes smaller"
        ]
    );
}

/// Whoever stole the key can sign whatever he likes; what was signed before contradicts it.
#[tokio::test]
async fn another_history_that_is_signed_with_the_logs_own_key_contradicts_the_first() {
    let sealed = Sealed::new().await;
    let mut other = sealed.clone();
    other.records[399] = changed(&sealed.records[399], "Sở 398", "Sở 999");
    other.sign(701, &key(1)).await;
    let problems = other.problems().await;
    let forked = "entry 4 of the checkpoints: it was signed over 701 records with root ";
    assert!(problems[1].starts_with(forked), "{problems:?}");
    assert!(
        problems[1].ends_with("the key signed two histories"),
        "{problems:?}"
    );
    // Seen from the records that were there first, it is the later entry that contradicts.
    let first = Sealed {
        records: sealed.records.clone(),
        ..other
    };
    let problems = first.problems().await;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with("entry 5 of the checkpoints: it was signed over 701"));
    assert!(problems[0].ends_with("the key signed two histories"));
}

#[tokio::test]
async fn a_history_that_does_not_follow_is_found_whatever_was_signed() {
    let mut sealed = Sealed::new().await;
    sealed.records[399] = changed(&sealed.records[399], r#""revision":1"#, r#""revision":2"#);
    let resealed = Sealed {
        records: sealed.records.clone(),
        ..Sealed::default()
    };
    resealed.sign(701, &key(1)).await;
    let resealed = Sealed {
        tiles: MemoryTiles::default(),
        ..resealed
    };
    let problems = resealed.problems().await;
    assert!(
        problems.contains(
            &"position 400: revision 1 of unit.u398 is missing: the record says 2".to_owned()
        ),
        "{problems:?}"
    );
}

#[tokio::test]
async fn heads_that_are_not_those_of_the_streams_are_named() {
    let sealed = Sealed::new().await;
    let with_heads = |root: &str| {
        let data = format!(r#"{{"size":701,"streams":701,"root":"{root}"}}"#);
        let mut ledger = sealed.clone();
        ledger
            .records
            .push(said(2, "ledger.heads_sealed.v1", &data));
        ledger
    };
    let other = with_heads(&root_of(&[]).to_string());
    let problems = other.problems().await;
    let named = "the heads sealed of the first 701 records are of 701 streams with root 47DEQpj8HBSa+/TImW+5JCeuQeRkm5\
        NMpJWZG3hSuFU=, and those records have 701 streams with root ";
    let right = problems[0].strip_prefix(named);
    let right = right.unwrap_or_else(|| panic!("{problems:?}"));

    let report = with_heads(right).audit().await;
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!((report.heads, report.records), (Some(701), 702));
}

#[tokio::test]
async fn a_policy_says_up_to_where_others_vouch() {
    let mut sealed = Sealed::new().await;
    let (log, seen_by) = (key(1), witness());
    let (log, seen_by) = (log.verifier_key(), seen_by.verifier_key());
    sealed.policy = Some(format!("log {log}\nwitness w {seen_by}\nquorum w\n"));
    let report = sealed.audit().await;
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let believed = report.believed.unwrap();
    assert_eq!((believed.entry, believed.size), (3, 301));

    let forged = sealed.with_notes(|notes| {
        let line = notes[2].lines().last().unwrap().to_owned();
        notes[3].push_str(&line);
        notes[3].push('\n');
    });
    let problems = forged.await.problems().await;
    let said = "entry 4 of the checkpoints: invalid signature in the name of key witness+";
    assert!(problems[0].starts_with(said), "{problems:?}");
}

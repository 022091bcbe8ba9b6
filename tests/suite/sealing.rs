//! The sealer, over the memory store: what it signs, what it refuses, and that no fault, crash or race makes two
//! histories of one ledger. On files and on real servers the same is tried where those are.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use socai_app::sealer::{Held, HeldKeys, Place, Ports, SealError, Sealed, Sealer, Standing};
use socai_app::sealing::{Ended, to_the_end};
use socai_store::{
    Append, CheckpointLog, EventStore, NewEvent, Position, Recorded, Revision, StreamAppend,
    StreamId, envelope,
};
use socai_store_memory::{
    MemoryCheckpoints, MemoryMarks, MemoryRegister, MemoryStore, MemoryTiles,
};
use socai_tlog::{
    Checkpoint, Edge, Hash, KeyKind, Note, SigningKey, Tiles, root_of, verify_consistency,
};
use uuid::Uuid;

mod faults;
mod faulty;
mod keys;
mod marks;
mod places;
mod races;
mod refusals;

use faulty::{Calls, Faulty};

const ORIGIN: &str = "socai/hanoi";

/// A log key. The same number makes the same key.
fn key(number: u8) -> SigningKey {
    SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, [number; 32]).unwrap()
}

/// A ledger with everything that is kept beside it.
#[derive(Clone, Default)]
struct Ledger {
    store: MemoryStore,
    tiles: MemoryTiles,
    checkpoints: MemoryCheckpoints,
    marks: MemoryMarks,
    register: MemoryRegister,
    /// The numbers of the private keys at hand.
    held: Arc<Mutex<Vec<u8>>>,
}

impl Ledger {
    /// A ledger that names key 1, which is at hand.
    async fn new() -> Self {
        let ledger = Self::default();
        *ledger.held.lock().unwrap() = vec![1];
        let named = format!(
            r#"{{"origin":"hanoi","definition":"v1","log_key":"{}"}}"#,
            key(1).verifier_key()
        );
        ledger.say("ledger.created.v1", &named).await;
        ledger
    }

    /// Records what the ledger says of itself, and answers where it stands.
    async fn say(&self, event_type: &str, data: &str) -> u64 {
        let stream = StreamId::new("ledger", "main").unwrap();
        let said = self.store.read(&stream, Revision::NONE, NonZeroU32::MAX);
        let revision = said.await.unwrap().len() as u64;
        let id = Uuid::now_v7();
        let bytes = envelope::compose(&envelope::Envelope {
            id,
            source: "/hanoi".into(),
            event_type: event_type.into(),
            subject: stream.as_str().into(),
            time: "2024-01-01T00:00:00".parse().unwrap(),
            recorded_time: "2024-01-01T00:00:00Z".parse().unwrap(),
            revision: Revision(revision + 1),
            actor: "operator".into(),
            correlation_id: id,
            synthetic: false,
            data,
        });
        let event = NewEvent {
            id,
            bytes: bytes.into(),
        };
        let append = Append::to(stream, Revision(revision), vec![event]);
        self.store.append(append).await.unwrap()[0].0
    }

    /// Records `count` events, no two of which are alike.
    async fn record(&self, count: u64) {
        let mut left = count;
        while left > 0 {
            let now = left.min(1_000);
            let events = (0..now).map(|_| {
                let id = Uuid::now_v7();
                let bytes = format!("record {id}").into();
                NewEvent { id, bytes }
            });
            let write = StreamAppend {
                stream: StreamId::new("copy", &Uuid::now_v7().to_string()).unwrap(),
                expected: Revision::NONE,
                events: events.collect(),
            };
            let writes = vec![write];
            let append = Append {
                writes,
                ..Append::default()
            };
            self.store.append(append).await.unwrap();
            left -= now;
        }
    }

    fn keys(&self) -> HeldKeys {
        let held = self.held.clone();
        Arc::new(move || {
            Ok(Held {
                keys: held.lock().unwrap().iter().map(|&it| key(it)).collect(),
                looked: "in the test".to_owned(),
            })
        })
    }

    fn ports(&self) -> Ports {
        self.ports_with(&Calls::default())
    }

    fn ports_with(&self, calls: &Calls) -> Ports {
        Ports {
            store: Arc::new(Faulty {
                port: self.store.clone(),
                calls: calls.clone(),
            }),
            tiles: Arc::new(Faulty {
                port: self.tiles.clone(),
                calls: calls.clone(),
            }),
            checkpoints: Arc::new(Faulty {
                port: self.checkpoints.clone(),
                calls: calls.clone(),
            }),
            marks: Arc::new(self.marks.clone()),
            keys: self.keys(),
        }
    }

    /// A sealer that was just started, and has this ledger for itself.
    fn sealer(&self) -> Sealer {
        Sealer::alone(self.ports())
    }

    fn place_with(&self, name: &str, calls: &Calls) -> Place {
        let register = Faulty {
            port: self.register.clone(),
            calls: calls.clone(),
        };
        Place::new(Arc::new(register), name, SignedDuration::from_secs(10))
    }

    /// One of several sealers, with tiles of its own.
    fn one_of_many(&self, name: &str, calls: &Calls) -> Sealer {
        let own = Self {
            tiles: MemoryTiles::default(),
            marks: MemoryMarks::default(),
            ..self.clone()
        };
        Sealer::in_turn(own.ports_with(calls), self.place_with(name, calls))
    }

    async fn leaves(&self) -> Vec<Hash> {
        let records = self.records().await;
        let leaf = |recorded: &Recorded| Hash::of_leaf(&recorded.bytes);
        records.iter().map(leaf).collect()
    }

    async fn records(&self) -> Vec<Recorded> {
        let all = self.store.read_all(Position::ZERO, NonZeroU32::MAX);
        all.await.unwrap()
    }

    /// Every checkpoint that there is, in the order of its entries.
    async fn signed(&self) -> Vec<(Checkpoint, Note)> {
        let notes = self.checkpoints.read(0, NonZeroU32::MAX).await.unwrap();
        let read = |bytes: &bytes::Bytes| {
            let note = Note::parse(bytes).unwrap();
            (Checkpoint::parse(&note.text).unwrap(), note)
        };
        notes.iter().map(read).collect()
    }

    /// That every checkpoint is signed, says what the log says, and continues every other of at most its size.
    async fn assert_one_history(&self, story: &str) {
        let leaves = self.leaves().await;
        let tiles = tiles_of(&leaves);
        let signed = self.signed().await;
        let keys = [key(1), key(2), key(3)];
        let keys: Vec<_> = keys.iter().map(SigningKey::verifier_key).collect();
        let mut last = 0;
        for (Checkpoint { size, root, .. }, note) in &signed {
            assert!(*size >= last, "{story}: smaller than before");
            assert_eq!(Ok(*root), tiles.root(*size), "{story}: size {size}");
            let by = note.verified_by(keys.clone()).unwrap();
            assert!(!by.is_empty(), "{story}: size {size} is not signed");
            for (old, _) in signed.iter().filter(|(old, _)| old.size < *size) {
                let proof = tiles.consistency(old.size, *size).unwrap();
                verify_consistency(old.size, &old.root, *size, root, &proof)
                    .unwrap_or_else(|error| panic!("{story}: {} to {size}: {error}", old.size));
            }
            last = *size;
        }
        let all = &leaves[..usize::try_from(last).unwrap()];
        let root = signed.last().map(|(checkpoint, _)| checkpoint.root);
        assert_eq!(root.unwrap_or(Hash::OF_NOTHING), root_of(all), "{story}");
    }

    /// That a sealer which is started now seals everything there is.
    async fn assert_goes_on(&self, story: &str) {
        let ended = to_the_end(&mut self.sealer()).await;
        let ended = ended.unwrap_or_else(|error| panic!("{story}: {error}"));
        let head = self.store.head().await.unwrap().0;
        assert!(
            matches!(&ended, Ended::Sealed(Some(sealed)) if sealed.size == head),
            "{story}: {ended:?}, and the ledger ends at {head}"
        );
        self.assert_one_history(story).await;
    }
}

/// The tiles of the tree over `leaves`.
fn tiles_of(leaves: &[Hash]) -> Tiles {
    let mut edge = Edge::default();
    edge.extend(leaves.iter().copied());
    let mut tiles = Tiles::default();
    for (tile, bytes) in edge.take_full().into_iter().chain(edge.partial()) {
        tiles.insert(tile, bytes).unwrap();
    }
    tiles
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_720_000_000 + second).unwrap()
}

/// What was sealed by a step that came to the end.
fn level(standing: Standing) -> Sealed {
    match standing {
        Standing::Sealing {
            sealed: Some(sealed),
            level: true,
            ..
        } => sealed,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_recorded_is_signed_and_what_is_signed_stays() {
    let ledger = Ledger::new().await;
    let mut sealer = ledger.sealer();
    for count in [0, 1, 1, 253, 1, 1, 300, 1_000, 65_000] {
        ledger.record(count).await;
        let sealed = level(sealer.step(at(0)).await.unwrap());
        assert_eq!(sealed.size, ledger.store.head().await.unwrap().0);
    }
    assert_eq!(ledger.signed().await.len(), 9);
    ledger.assert_one_history("one sealer").await;
}

#[tokio::test]
async fn nothing_is_signed_where_nothing_was_recorded() {
    let ledger = Ledger::new().await;
    let mut sealer = ledger.sealer();
    let first = level(sealer.step(at(0)).await.unwrap());
    for second in 1..5 {
        assert_eq!(level(sealer.step(at(second)).await.unwrap()), first);
    }
    assert_eq!(level(ledger.sealer().step(at(9)).await.unwrap()), first);
    assert_eq!(ledger.signed().await.len(), 1);
}

#[tokio::test]
async fn a_long_log_is_sealed_in_several_steps() {
    let ledger = Ledger::new().await;
    ledger.record(70_000).await;
    let mut sealer = ledger.sealer();
    let first = sealer.step(at(0)).await.unwrap();
    assert!(matches!(first, Standing::Sealing { level: false, .. }));
    let sealed = level(sealer.step(at(0)).await.unwrap());
    assert_eq!(sealed.size, 70_001);
    ledger.assert_one_history("a long log").await;
}

#[tokio::test]
async fn a_sealer_that_was_restarted_needs_the_tiles_and_the_end_of_the_log_alone() {
    let ledger = Ledger::new().await;
    ledger.record(3_000).await;
    level(ledger.sealer().step(at(0)).await.unwrap());
    let calls = Calls::default();
    let mut again = Sealer::alone(ledger.ports_with(&calls));
    // What is asked once: the end, the keys twice, the entries twice; a full tile and two of the edge; the end
    // again, the last tile's records, and the tiles once more.
    calls.plan(1_000, faulty::Fault::Fails);
    level(again.step(at(1)).await.unwrap());
    assert!(calls.made() <= 12, "{} calls", calls.made());
}

#[tokio::test]
async fn lost_tiles_are_made_again_and_compared() {
    let ledger = Ledger::new().await;
    ledger.record(2_000).await;
    level(ledger.sealer().step(at(0)).await.unwrap());
    let without = Ledger {
        tiles: MemoryTiles::default(),
        ..ledger.clone()
    };
    ledger.record(1).await;
    let sealed = level(without.sealer().step(at(1)).await.unwrap());
    assert_eq!(sealed.size, 2_002);
    // And whoever finds them goes on from there.
    without.record(1).await;
    level(without.sealer().step(at(2)).await.unwrap());
    ledger.assert_one_history("lost tiles").await;
}

#[tokio::test]
async fn a_ledger_without_a_key_is_not_sealed_until_it_names_one() {
    let ledger = Ledger::default();
    *ledger.held.lock().unwrap() = vec![1];
    ledger
        .say(
            "ledger.created.v1",
            r#"{"origin":"hanoi","definition":"v1"}"#,
        )
        .await;
    let mut sealer = ledger.sealer();
    let refused = sealer.step(at(0)).await.unwrap_err();
    assert!(matches!(refused, SealError::NoLogKey), "{refused}");
    let named = format!(r#"{{"key":"{}"}}"#, key(1).verifier_key());
    ledger.say("ledger.log_key_added.v1", &named).await;
    assert_eq!(level(sealer.step(at(1)).await.unwrap()).size, 2);
}

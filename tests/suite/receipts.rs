//! Receipts, over the memory store: each proves its record, none is given for what is not sealed, and what is not
//! the log that was sealed gets none.

use std::num::NonZeroU32;
use std::sync::Arc;

use socai_app::leaves::leaves_of;
use socai_app::ledger::{Founding, Ledger, fold_until};
use socai_app::live::Live;
use socai_app::receipt::{ReceiptError, receipt};
use socai_app::request;
use socai_app::tree::Sources;
use socai_domain::origin::Origin;
use socai_ledger::Image;
use socai_store::{Append, EventStore, NewEvent, Position, Revision, StreamId};
use socai_store_memory::{MemoryCheckpoints, MemoryStore, MemoryTiles};
use socai_tlog::cosignature::cosign;
use socai_tlog::{
    Checkpoint, Edge, Hash, KeyKind, Note, ProofFile, SigningKey, VerifierKey, root_of,
};
use uuid::Uuid;

const ORIGIN: &str = "socai/hanoi";

fn key(name: &str, kind: KeyKind) -> SigningKey {
    SigningKey::from_seed(name, kind, [7; 32]).unwrap()
}

fn record(position: u64) -> Vec<u8> {
    format!("record {position}").into_bytes()
}

fn leaves(size: u64) -> Vec<Hash> {
    let leaf = |position| Hash::of_leaf(&record(position));
    (1..=size).map(leaf).collect()
}

/// A log of so many records.
async fn log_of(size: u64) -> Sources {
    let store = MemoryStore::default();
    let events = (1..=size).map(|position| NewEvent {
        id: Uuid::now_v7(),
        bytes: record(position).into(),
    });
    let stream = StreamId::new("copy", "a").unwrap();
    let append = Append::to(stream, Revision::NONE, events.collect());
    store.append(append).await.unwrap();
    Sources {
        store: Arc::new(store),
        tiles: Arc::new(MemoryTiles::default()),
        checkpoints: Arc::new(MemoryCheckpoints::default()),
    }
}

async fn keep_tiles(sources: &Sources, size: u64) {
    let mut edge = Edge::default();
    leaves(size).into_iter().for_each(|leaf| edge.push(leaf));
    let tiles = edge.take_full().into_iter().chain(edge.partial());
    sources.tiles.write(tiles.collect()).await.unwrap();
}

fn signed(size: u64) -> Note {
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size,
        root: root_of(&leaves(size)),
        extensions: Vec::new(),
    };
    checkpoint.sign(&[&key(ORIGIN, KeyKind::Ed25519)])
}

fn cosigned(size: u64) -> Note {
    let mut note = signed(size);
    let witness = key("uy-ban-kiem-tra", KeyKind::CosignatureV1);
    note.add(cosign(&note.text, &witness, 1_760_000_000));
    note
}

async fn add(sources: &Sources, note: &Note) {
    let entries = sources.checkpoints.len().await.unwrap();
    let added = sources.checkpoints.append(entries, note.to_string().into());
    added.await.unwrap();
}

/// Read back from its text, as whoever is handed it reads it.
fn read_back(proof: &ProofFile) -> ProofFile {
    ProofFile::parse(proof.to_string().as_bytes()).unwrap()
}

#[tokio::test]
async fn a_receipt_proves_its_record_and_no_other() {
    let sources = log_of(700).await;
    keep_tiles(&sources, 700).await;
    add(&sources, &signed(700)).await;
    for position in [1, 2, 256, 257, 512, 699, 700] {
        let proof = receipt(&sources, Position(position)).await.unwrap();
        let proof = read_back(&proof);
        let checkpoint = proof.verify(&Hash::of_leaf(&record(position))).unwrap();
        assert_eq!((checkpoint.size, proof.index), (700, position - 1));
        assert!(proof.verify(&Hash::of_leaf(&record(position + 1))).is_err());
        let log: VerifierKey = key(ORIGIN, KeyKind::Ed25519).verifier_key().clone();
        assert_eq!(proof.checkpoint.verified_by([&log]).unwrap().len(), 1);
    }
}

/// A machine that does not seal may have no tiles, or those of an earlier tree.
#[tokio::test]
async fn without_tiles_the_records_give_the_same_receipt() {
    let (kept, none, some) = (log_of(700).await, log_of(700).await, log_of(700).await);
    keep_tiles(&kept, 700).await;
    keep_tiles(&some, 300).await;
    let mut receipts = Vec::new();
    for sources in [&kept, &none, &some] {
        add(sources, &signed(700)).await;
        receipts.push(receipt(sources, Position(600)).await.unwrap());
    }
    assert_eq!(receipts[0], receipts[1]);
    assert_eq!(receipts[0], receipts[2]);
}

#[tokio::test]
async fn the_newest_cosigned_checkpoint_is_taken_and_else_the_newest() {
    let sources = log_of(9).await;
    add(&sources, &signed(5)).await;
    add(&sources, &signed(7)).await;
    let size = |proof: &ProofFile| Checkpoint::parse(&proof.checkpoint.text).unwrap().size;
    assert_eq!(size(&receipt(&sources, Position(3)).await.unwrap()), 7);
    for note in [cosigned(5), cosigned(6), signed(9)] {
        add(&sources, &note).await;
    }
    assert_eq!(size(&receipt(&sources, Position(3)).await.unwrap()), 6);
    assert_eq!(size(&receipt(&sources, Position(8)).await.unwrap()), 9);
}

#[tokio::test]
async fn what_is_not_sealed_or_not_there_has_no_receipt() {
    let sources = log_of(5).await;
    let none = receipt(&sources, Position(1)).await.unwrap_err();
    assert!(matches!(none, ReceiptError::NotSealed { sealed: 0, .. }));
    add(&sources, &signed(4)).await;
    let later = receipt(&sources, Position(5)).await.unwrap_err();
    assert!(matches!(later, ReceiptError::NotSealed { sealed: 4, .. }));
    for position in [0, 6] {
        let error = receipt(&sources, Position(position)).await.unwrap_err();
        assert!(
            matches!(
                error,
                ReceiptError::NotThere {
                    end: Position(5),
                    ..
                }
            ),
            "{error}"
        );
    }
}

/// A log that was replaced after it was sealed, with the tiles of the one that was.
#[tokio::test]
async fn a_record_that_is_not_what_was_sealed_has_no_receipt() {
    let sources = log_of(5).await;
    keep_tiles(&sources, 5).await;
    add(&sources, &signed(5)).await;
    let store = MemoryStore::default();
    let events = [1, 2, 9, 4, 5].map(|position| NewEvent {
        id: Uuid::now_v7(),
        bytes: record(position).into(),
    });
    let stream = StreamId::new("copy", "a").unwrap();
    let append = Append::to(stream, Revision::NONE, events.to_vec());
    store.append(append).await.unwrap();
    let replaced = Sources {
        store: Arc::new(store),
        ..sources
    };
    let error = receipt(&replaced, Position(3)).await.unwrap_err();
    assert!(
        matches!(
            error,
            ReceiptError::NotProven {
                position: Position(3),
                ..
            }
        ),
        "{error}"
    );
    assert!(receipt(&replaced, Position(4)).await.is_ok());
}

/// Beside others, only the store can tell with which bytes an event came to be recorded.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leaves_are_those_of_the_log_whoever_recorded() {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::default());
    let origin = Origin {
        actor: "clerk".parse().unwrap(),
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
    };
    let founding = Founding {
        origin: "hanoi".to_owned().try_into().unwrap(),
        claims_stand_after_days: None,
        simulated_clock: false,
        log_key: None,
        id: Uuid::nil(),
    };
    let mut alone = Ledger::found(store.clone(), &founding, &origin)
        .await
        .unwrap();
    let form = |unit: usize| {
        let line = format!(
            r#"{{"command":"unit.form","effective":"2014-01-01","data":{{"unit":"u{unit}","name":"Sở","kind":"department"}}}}"#
        );
        request::parse(line.as_bytes()).unwrap()
    };
    let asked: Vec<_> = (0..600).map(|unit| (form(unit), origin.clone())).collect();
    let mut outcomes = alone.record(&asked).await.unwrap().outcomes;
    let image = fold_until(&*store, Image::new(), None).await.unwrap();
    let live = Live::start(store.clone(), image).await.unwrap();
    for unit in 590..610 {
        outcomes.push(live.execute(&form(unit), &origin).await.unwrap());
    }
    let leaves = leaves_of(&*store, &outcomes).await.unwrap();
    let records = store.read_all(Position(1), NonZeroU32::MAX).await.unwrap();
    assert_eq!((records.len(), leaves.len()), (610, 610));
    for record in records {
        assert_eq!(leaves[&record.position], Hash::of_leaf(&record.bytes));
    }
}

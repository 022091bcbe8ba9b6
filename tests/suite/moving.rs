//! A ledger that moves, with everything that was ever signed of it: what goes along, and what is refused.
//!
//! | Module | What is tried |
//! |---|---|
//! | [`servers`] | from a directory to a real server and back |

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use socai_app::migrate::checkpoints::{BringError, Brought, Signed};
use socai_app::migrate::migrate;
use socai_app::receipt::receipt;
use socai_app::sealer::{Held, Ports, SealError, Sealed, Sealer};
use socai_app::sealing::{Ended, to_the_end};
use socai_app::tree::Sources;
use socai_store::envelope::{self, Envelope};
use socai_store::{
    Append, CheckpointLog, EventStore, NewEvent, Position, Revision, StreamId, TileStore,
};
use socai_store_memory::{MemoryCheckpoints, MemoryMarks, MemoryStore, MemoryTiles};
use socai_store_segment::{Identity, SegmentStore};
use socai_tlog::{Checkpoint, Edge, Hash, KeyKind, Note, ProofFile, SigningKey};
use socai_tlog_directory::{DirectoryCheckpoints, DirectoryTiles};
use uuid::Uuid;

mod servers;

const ALL: NonZeroU32 = NonZeroU32::new(100_000).unwrap();

fn key() -> SigningKey {
    SigningKey::from_seed("socai/hanoi", KeyKind::Ed25519, [1; 32]).unwrap()
}

/// A ledger with what is kept beside it.
#[derive(Clone)]
struct Kept {
    store: Arc<dyn EventStore>,
    tiles: Arc<dyn TileStore>,
    checkpoints: Arc<dyn CheckpointLog>,
}

impl Kept {
    fn in_memory() -> Self {
        Self {
            store: Arc::new(MemoryStore::default()),
            tiles: Arc::new(MemoryTiles::default()),
            checkpoints: Arc::new(MemoryCheckpoints::default()),
        }
    }

    fn in_directory(dir: &Path) -> Self {
        let identity = Identity::new(Uuid::from_u128(7), "hanoi").unwrap();
        Self {
            store: Arc::new(SegmentStore::create(dir, &identity).unwrap()),
            tiles: Arc::new(DirectoryTiles::new(dir)),
            checkpoints: Arc::new(DirectoryCheckpoints::open(dir).unwrap()),
        }
    }

    /// Records the event that names the log key.
    async fn found(self) -> Self {
        let data = format!(r#"{{"log_key":"{}"}}"#, key().verifier_key());
        self.append("ledger.main", "ledger.created.v1", &[data])
            .await;
        self
    }

    /// Records `count` events, no two of which are alike.
    async fn record(&self, count: u64) {
        let stream = format!("copy.{}", Uuid::now_v7());
        let data: Vec<String> = (0..count).map(|n| format!(r#"{{"n":{n}}}"#)).collect();
        for data in data.chunks(500) {
            self.append(&stream, "copy.made.v1", data).await;
        }
    }

    async fn append(&self, stream: &str, event_type: &str, data: &[String]) {
        let stream = StreamId::parse(stream).unwrap();
        let before = self.store.read(&stream, Revision::NONE, ALL).await;
        let before = before.unwrap().len() as u64;
        let event = |(revision, data): (u64, &String)| {
            let id = Uuid::now_v7();
            let record = envelope::compose(&Envelope {
                id,
                source: "/hanoi".into(),
                event_type: event_type.into(),
                subject: stream.as_str().into(),
                time: "2024-01-01T00:00:00".parse().unwrap(),
                recorded_time: "2024-01-01T00:00:00Z".parse().unwrap(),
                revision: Revision(revision),
                actor: "operator".into(),
                correlation_id: id,
                synthetic: true,
                data,
            });
            let bytes = Bytes::from(record);
            NewEvent { id, bytes }
        };
        let events = (before + 1..).zip(data).map(event).collect();
        let append = Append::to(stream.clone(), Revision(before), events);
        self.store.append(append).await.unwrap();
    }

    /// Seals everything there is, as a sealer that was just started.
    async fn seal(&self) -> Result<Sealed, SealError> {
        let held = || Held {
            keys: vec![key()],
            looked: "in the test".to_owned(),
        };
        let ports = Ports {
            store: self.store.clone(),
            tiles: self.tiles.clone(),
            checkpoints: self.checkpoints.clone(),
            marks: Arc::new(MemoryMarks::default()),
            keys: Arc::new(move || Ok(held())),
        };
        match to_the_end(&mut Sealer::alone(ports)).await? {
            Ended::Sealed(Some(sealed)) => Ok(sealed),
            other => panic!("{other:?}"),
        }
    }

    /// Moves it to `to`, as `socai migrate` does.
    async fn move_to(&self, to: &Self) -> Result<Brought, BringError> {
        let signed = Signed::read(&*self.checkpoints).await?;
        migrate(&*self.store, &*to.store, |_| ()).await.unwrap();
        signed
            .bring(&*self.checkpoints, &*to.checkpoints, &*to.store)
            .await
    }

    async fn notes(&self) -> Vec<Bytes> {
        self.checkpoints.read(0, ALL).await.unwrap()
    }

    async fn leaves(&self) -> Vec<Hash> {
        let records = self.store.read_all(Position::ZERO, ALL).await.unwrap();
        let leaf = |record: &socai_store::Recorded| Hash::of_leaf(&record.bytes);
        records.iter().map(leaf).collect()
    }

    async fn receipt(&self, position: u64) -> ProofFile {
        let sources = Sources {
            store: self.store.clone(),
            tiles: self.tiles.clone(),
            checkpoints: self.checkpoints.clone(),
        };
        receipt(&sources, Position(position)).await.unwrap()
    }
}

fn checkpoint(note: &Bytes) -> Checkpoint {
    Checkpoint::parse(&Note::parse(note).unwrap().text).unwrap()
}

/// A ledger in memory that was sealed at 1, 301 and 311 records.
async fn sealed() -> Kept {
    let ledger = Kept::in_memory().found().await;
    ledger.seal().await.unwrap();
    for count in [300, 10] {
        ledger.record(count).await;
        ledger.seal().await.unwrap();
    }
    ledger
}

#[tokio::test]
async fn every_checkpoint_goes_along_and_a_sealer_goes_on_from_there() {
    let (source, target) = (sealed().await, Kept::in_memory());
    let moved = source.move_to(&target).await.unwrap();
    assert_eq!((moved.there, moved.brought), (0, 3));
    assert_eq!(target.notes().await, source.notes().await);
    let again = source.move_to(&target).await.unwrap();
    assert_eq!((again.there, again.brought), (3, 0));

    target.record(500).await;
    assert_eq!(target.seal().await.unwrap().size, 811);
    assert_eq!(target.notes().await[..3], source.notes().await);
}

#[tokio::test]
async fn a_move_that_was_cut_off_goes_on() {
    let (source, target) = (sealed().await, Kept::in_memory());
    let notes = source.notes().await;
    target
        .checkpoints
        .append(0, notes[0].clone())
        .await
        .unwrap();
    let moved = source.move_to(&target).await.unwrap();
    assert_eq!((moved.there, moved.brought), (1, 2));
    assert_eq!(target.notes().await, notes);
}

/// What is signed while records are brought speaks of more than was brought, and goes along the next time.
#[tokio::test]
async fn what_is_signed_meanwhile_waits_for_its_records() {
    let (source, target) = (sealed().await, Kept::in_memory());
    let signed = Signed::read(&*source.checkpoints).await.unwrap();
    migrate(&*source.store, &*target.store, |_| ())
        .await
        .unwrap();
    source.record(5).await;
    source.seal().await.unwrap();
    let moved = signed.bring(&*source.checkpoints, &*target.checkpoints, &*target.store);
    assert_eq!(moved.await.unwrap().brought, 3);
    assert_eq!(source.move_to(&target).await.unwrap().brought, 1);
    assert_eq!(target.notes().await, source.notes().await);
}

#[tokio::test]
async fn a_ledger_that_lost_its_end_takes_no_checkpoint_along() {
    let (source, target) = (sealed().await, Kept::in_memory());
    let shorter = Kept::in_memory();
    for recorded in source.store.read_all(Position::ZERO, ALL).await.unwrap()[..305].iter() {
        let said = envelope::parse(&recorded.bytes).unwrap();
        let stream = StreamId::parse(&said.subject).unwrap();
        let (id, bytes) = (said.id, recorded.bytes.clone());
        let append = Append::to(
            stream,
            Revision(said.revision.0 - 1),
            vec![NewEvent { id, bytes }],
        );
        shorter.store.append(append).await.unwrap();
    }
    let shorter = Kept {
        checkpoints: source.checkpoints.clone(),
        ..shorter
    };
    let refused = shorter.move_to(&target).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "entry 3 of the source's checkpoints is of 311 records, and the target has 305, all that the source had: \
         it has lost some"
    );
    assert_eq!(target.notes().await.len(), 0);
}

#[tokio::test]
async fn a_checkpoint_of_other_records_is_not_brought() {
    let (source, other) = (sealed().await, sealed().await);
    let mixed = Kept {
        store: other.store.clone(),
        ..source.clone()
    };
    let target = Kept::in_memory();
    let refused = mixed.move_to(&target).await.unwrap_err();
    // Both begin with the same event under another id.
    let BringError::OtherRoot {
        entry: 1, size: 1, ..
    } = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(target.notes().await.len(), 0);
}

#[tokio::test]
async fn two_roots_of_one_size_are_refused_before_anything_is_brought() {
    let (source, other) = (sealed().await, sealed().await);
    let of_another = other.notes().await.remove(1);
    source.checkpoints.append(3, of_another).await.unwrap();
    let refused = Signed::read(&*source.checkpoints).await.unwrap_err();
    let BringError::OtherRoot {
        entry: 4,
        size: 301,
        ..
    } = refused
    else {
        panic!("{refused:?}");
    };
}

#[tokio::test]
async fn a_target_that_was_sealed_by_itself_is_refused_with_the_place() {
    let (source, target) = (sealed().await, Kept::in_memory());
    migrate(&*source.store, &*target.store, |_| ())
        .await
        .unwrap();
    target.seal().await.unwrap();
    let refused = source.move_to(&target).await.unwrap_err();
    assert!(
        matches!(refused, BringError::Differ { entry: 1 }),
        "{refused:?}"
    );

    let longer = Kept::in_memory();
    source.move_to(&longer).await.unwrap();
    longer.checkpoints.append(3, "more".into()).await.unwrap();
    let refused = source.move_to(&longer).await.unwrap_err();
    assert!(
        matches!(refused, BringError::Differ { entry: 4 }),
        "{refused:?}"
    );
}

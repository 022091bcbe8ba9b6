//! What is refused, and how it is said.

use async_trait::async_trait;
use bytes::Bytes;
use socai_store::{AppendError, ReadError, Subscription, TileError, TileStore};
use socai_tlog::Tile;

use super::*;

/// A ledger of `count` records that was sealed.
async fn sealed(count: u64) -> Ledger {
    let ledger = Ledger::new().await;
    ledger.record(count - 1).await;
    level(ledger.sealer().step(at(0)).await.unwrap());
    ledger
}

/// What a sealer that is started on `ledger` says, and that it signs nothing.
async fn refusal(ledger: &Ledger) -> String {
    let before = ledger.checkpoints.len().await.unwrap();
    let refused = ledger.sealer().step(at(1)).await.unwrap_err();
    assert!(!refused.is_passing(), "{refused}");
    assert_eq!(ledger.checkpoints.len().await.unwrap(), before);
    refused.to_string()
}

/// The ledger with the first `count` records of this one, and what was sealed of this one.
async fn restored(from: &Ledger, count: usize) -> Ledger {
    let ledger = Ledger {
        store: MemoryStore::default(),
        ..from.clone()
    };
    for (revision, recorded) in (0..).zip(from.records().await.drain(..count)) {
        let said = recorded.position == Position(1);
        let name = if said { "ledger.main" } else { "copy.all" };
        let append = Append::to(
            StreamId::parse(name).unwrap(),
            Revision(if said { 0 } else { revision - 1 }),
            vec![NewEvent {
                id: Uuid::now_v7(),
                bytes: recorded.bytes,
            }],
        );
        ledger.store.append(append).await.unwrap();
    }
    ledger
}

#[tokio::test]
async fn a_restored_older_log_is_refused_by_whoever_sees_what_was_sealed() {
    let ledger = sealed(600).await;
    let root = ledger.signed().await[0].0.root;
    let restored = restored(&ledger, 598).await;
    let said = refusal(&restored).await;
    assert_eq!(
        said,
        format!(
            "the log is not what was sealed: it was sealed up to position 600 with root {root}, and ends at 598"
        )
    );
    // Also when others have recorded since.
    restored.record(3).await;
    let said = refusal(&restored).await;
    assert!(
        said.starts_with(
            "the log is not what was sealed: the record at position 599 has leaf hash"
        ),
        "{said}"
    );
    // And when the tiles are of no help.
    let without = Ledger {
        tiles: MemoryTiles::default(),
        ..restored
    };
    let said = refusal(&without).await;
    assert!(said.contains("up to position 600 its root is"), "{said}");
}

#[tokio::test]
async fn a_log_that_loses_its_end_while_it_is_sealed_is_refused() {
    let ledger = sealed(10).await;
    let shorter = restored(&ledger, 9).await;
    let store = Arc::new(Mutex::new(ledger.store.clone()));
    let ports = Ports {
        store: Arc::new(Exchanged(store.clone())),
        ..ledger.ports()
    };
    let mut sealer = Sealer::alone(ports);
    level(sealer.step(at(1)).await.unwrap());
    *store.lock().unwrap() = shorter.store.clone();
    let refused = sealer.step(at(2)).await.unwrap_err();
    assert!(refused.to_string().contains("and ends at 9"), "{refused}");
}

#[tokio::test]
async fn a_hole_is_refused_with_its_place() {
    let ledger = Ledger::new().await;
    ledger.record(20).await;
    for (missing, said) in [
        (7, "position 7 is missing: the record after it is at 8"),
        (21, "position 21 is missing: the log goes on to 21"),
    ] {
        let ports = Ports {
            store: Arc::new(Holed {
                store: ledger.store.clone(),
                missing: Position(missing),
            }),
            ..ledger.ports()
        };
        let refused = Sealer::alone(ports).step(at(0)).await.unwrap_err();
        assert!(!refused.is_passing());
        assert_eq!(refused.to_string(), said);
    }
    assert_eq!(ledger.signed().await.len(), 0);
}

#[tokio::test]
async fn tiles_that_were_altered_are_refused_and_can_be_made_again() {
    let ledger = sealed(1_000).await;
    let of_another = sealed(1_000).await;
    ledger.record(1).await;
    let altered = Ledger {
        tiles: of_another.tiles.clone(),
        ..ledger.clone()
    };
    let said = refusal(&altered).await;
    assert!(
        said.starts_with("the tiles are not those of the log: "),
        "{said}"
    );
    let made_again = Ledger {
        tiles: MemoryTiles::default(),
        ..ledger
    };
    made_again.assert_goes_on("tiles made again").await;
}

#[tokio::test]
async fn a_tile_ahead_of_what_was_sealed_is_not_replaced() {
    let ledger = sealed(100).await;
    let of_another = sealed(300).await;
    let tile = Tile {
        level: 0,
        index: 0,
        width: 256,
    };
    let bytes = of_another.tiles.read(&tile).await.unwrap().unwrap();
    ledger.record(200).await;
    let altered = Ledger {
        tiles: MemoryTiles::default(),
        ..ledger
    };
    altered
        .tiles
        .write(vec![(tile, bytes.to_vec())])
        .await
        .unwrap();
    let said = refusal(&altered).await;
    assert!(said.contains("tile/0/000"), "{said}");
}

/// Tiles of a disk that gives back other bytes than it was given.
struct Rotten(MemoryTiles);

#[async_trait]
impl TileStore for Rotten {
    async fn read(&self, tile: &Tile) -> Result<Option<Bytes>, TileError> {
        let read = self.0.read(tile).await?;
        Ok(read.map(|bytes| bytes.iter().map(|byte| byte ^ 1).collect()))
    }

    async fn write(&self, tiles: Vec<(Tile, Vec<u8>)>) -> Result<(), TileError> {
        self.0.write(tiles).await
    }
}

#[tokio::test]
async fn what_the_tiles_as_they_are_kept_do_not_prove_is_not_signed() {
    let ledger = Ledger::new().await;
    let rotten = Ports {
        tiles: Arc::new(Rotten(MemoryTiles::default())),
        ..ledger.ports()
    };
    let refused = Sealer::alone(rotten).step(at(0)).await.unwrap_err();
    let said = "the tiles are not those of the log: the root of 1 records is";
    assert!(refused.to_string().starts_with(said), "{refused}");
    level(ledger.sealer().step(at(0)).await.unwrap());
    ledger.record(3).await;
    let rotten = Ports {
        tiles: Arc::new(Rotten(ledger.tiles.clone())),
        ..ledger.ports()
    };
    let refused = Sealer::alone(rotten).step(at(1)).await.unwrap_err();
    assert!(!refused.is_passing());
    let said = "nothing shows that 4 records with root";
    assert!(refused.to_string().contains(said), "{refused}");
    assert_eq!(ledger.signed().await.len(), 1);
}

#[tokio::test]
async fn checkpoints_of_another_log_or_key_are_refused_with_their_entry() {
    let ledger = sealed(5).await;
    let other_origin = SigningKey::from_seed("socai/hue", KeyKind::Ed25519, [1; 32]).unwrap();
    let (checkpoint, _) = ledger.signed().await.remove(0);
    let elsewhere = Checkpoint {
        origin: "socai/hue".to_owned(),
        ..checkpoint.clone()
    };
    let larger = Checkpoint {
        size: 6,
        ..checkpoint.clone()
    };
    let other_root = Checkpoint {
        root: Hash::of_leaf(b"another history"),
        ..checkpoint
    };
    for (note, said) in [
        (
            elsewhere.sign(&[&other_origin]),
            "it is of socai/hue, and this is socai/hanoi",
        ),
        (
            larger.sign(&[&key(3)]),
            "none of the ledger's keys signed it",
        ),
        (
            other_root.sign(&[&key(1)]),
            "entry 1 says that 5 records have root",
        ),
    ] {
        let ledger = with_entries(&ledger, vec![note.to_string()]).await;
        let refused = refusal(&ledger).await;
        assert!(
            refused.starts_with("entry 2 of the checkpoints"),
            "{refused}"
        );
        assert!(refused.contains(said), "{refused}");
    }
    let ledger = with_entries(&ledger, vec!["no note".to_owned()]).await;
    assert!(
        refusal(&ledger)
            .await
            .starts_with("entry 2 of the checkpoints")
    );
}

#[tokio::test]
async fn a_cosigned_form_that_comes_late_does_not_make_the_ledger_smaller() {
    let ledger = sealed(5).await;
    let early = ledger.signed().await.remove(0).1;
    ledger.record(1).await;
    level(ledger.sealer().step(at(1)).await.unwrap());
    let ledger = with_entries(&ledger, vec![early.to_string()]).await;
    assert_eq!(level(ledger.sealer().step(at(2)).await.unwrap()).size, 6);
    let shorter = restored(&ledger, 5).await;
    assert!(
        refusal(&shorter)
            .await
            .contains("it was sealed up to position 6")
    );
}

/// The ledger, with these entries after its own.
async fn with_entries(ledger: &Ledger, notes: Vec<String>) -> Ledger {
    let checkpoints = MemoryCheckpoints::default();
    let own = ledger.checkpoints.read(0, NonZeroU32::MAX).await.unwrap();
    let notes = notes.into_iter().map(Bytes::from);
    for (entries, note) in (0..).zip(own.into_iter().chain(notes)) {
        checkpoints.append(entries, note).await.unwrap();
    }
    Ledger {
        checkpoints,
        ..ledger.clone()
    }
}

/// A store that becomes another one.
struct Exchanged(Arc<Mutex<MemoryStore>>);

/// A store in which one record is missing.
struct Holed {
    store: MemoryStore,
    missing: Position,
}

impl Exchanged {
    fn now(&self) -> MemoryStore {
        self.0.lock().unwrap().clone()
    }
}

macro_rules! reads_of {
    ($store:ident, |$self:ident| $now:expr, |$read:ident| $kept:expr) => {
        #[async_trait]
        impl EventStore for $store {
            async fn append(&$self, append: Append) -> Result<Vec<Position>, AppendError> {
                $now.append(append).await
            }
            async fn read(
                &$self,
                stream: &StreamId,
                after: Revision,
                limit: NonZeroU32,
            ) -> Result<Vec<Recorded>, ReadError> {
                $now.read(stream, after, limit).await
            }
            async fn read_backwards(
                &$self,
                stream: &StreamId,
                before: Option<Revision>,
                limit: NonZeroU32,
            ) -> Result<Vec<Recorded>, ReadError> {
                $now.read_backwards(stream, before, limit).await
            }
            async fn read_all(
                &$self,
                after: Position,
                limit: NonZeroU32,
            ) -> Result<Vec<Recorded>, ReadError> {
                let mut $read = $now.read_all(after, limit).await?;
                $kept;
                Ok($read)
            }
            async fn read_all_backwards(
                &$self,
                before: Option<Position>,
                limit: NonZeroU32,
            ) -> Result<Vec<Recorded>, ReadError> {
                $now.read_all_backwards(before, limit).await
            }
            async fn subscribe(&$self, after: Position) -> Result<Subscription, ReadError> {
                $now.subscribe(after).await
            }
            async fn head(&$self) -> Result<Position, ReadError> {
                $now.head().await
            }
        }
    };
}

reads_of!(Exchanged, |self| self.now(), |read| read.retain(|_| true));
reads_of!(Holed, |self| self.store, |read| read
    .retain(|recorded| recorded.position != self.missing));

//! From a directory to JetStream and back into another directory: every root, every receipt.

use socai_store_nats::{NatsCheckpoints, NatsStore};
use socai_tlog::{proof, tiles_for_consistency};

use super::*;
use crate::store::nats::{Server, connection, create, settings};

/// The ledger on `server`, new or as it is, with its tiles in `state`.
async fn on_nats(server: &Server, store: NatsStore, state: &Path) -> Kept {
    let checkpoints = NatsCheckpoints::open(&store, &settings(server)).await;
    Kept {
        store: Arc::new(store),
        tiles: Arc::new(DirectoryTiles::new(state)),
        checkpoints: Arc::new(checkpoints.unwrap()),
    }
}

/// Records some and seals them, as often as there are `counts`, and takes a receipt of the last record each time.
async fn grow(ledger: &Kept, counts: &[u64], receipts: &mut Vec<(u64, ProofFile)>) {
    for count in counts {
        ledger.record(*count).await;
        let size = ledger.seal().await.unwrap().size;
        receipts.push((size, ledger.receipt(size).await));
    }
}

/// That `ledger` has the roots that were signed, proves them to continue one another, and bears the receipts out.
async fn bears_out(ledger: &Kept, receipts: &[(u64, ProofFile)]) {
    let leaves = ledger.leaves().await;
    for (position, receipt) in receipts {
        let leaf = leaves[*position as usize - 1];
        assert_eq!(receipt.verify(&leaf).unwrap().size, *position);
        // And one that is given now says the same of the same record.
        let now = ledger.receipt(*position).await;
        assert_eq!(now.index, receipt.index);
        now.verify(&leaf).unwrap();
    }
    let (mut edge, mut old) = (Edge::default(), None);
    for note in ledger.notes().await {
        let now = checkpoint(&note);
        edge.extend(
            leaves[edge.size() as usize..now.size as usize]
                .iter()
                .copied(),
        );
        assert_eq!(edge.root(), now.root, "at {}", now.size);
        if let Some(old) = old.replace(now.clone()) {
            continues(ledger, &old, &now).await;
        }
    }
}

/// That the tiles which are kept prove `new` to continue `old`.
async fn continues(ledger: &Kept, old: &Checkpoint, new: &Checkpoint) {
    let mut tiles = socai_tlog::Tiles::default();
    for tile in tiles_for_consistency(old.size, new.size) {
        let kept = ledger.tiles.read(&tile).await.unwrap();
        tiles
            .insert(tile, kept.unwrap_or_else(|| panic!("{tile}")))
            .unwrap();
    }
    let shown = tiles.consistency(old.size, new.size).unwrap();
    proof::verify_consistency(old.size, &old.root, new.size, &new.root, &shown).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roots_and_receipts_survive_the_way_to_nats_and_back() {
    let home = tempfile::tempdir().unwrap();
    let dir = |name: &str| {
        let dir = home.path().join(name);
        std::fs::create_dir(&dir).unwrap();
        dir
    };
    let mut receipts = Vec::new();
    let first = Kept::in_directory(&dir("first")).found().await;
    grow(&first, &[1, 254, 1, 500], &mut receipts).await;

    let server = Server::start();
    let second = on_nats(&server, create(&server).await, &dir("second")).await;
    assert_eq!(first.move_to(&second).await.unwrap().brought, 4);
    assert_eq!(second.notes().await, first.notes().await);
    grow(&second, &[3, 300], &mut receipts).await;
    bears_out(&second, &receipts).await;

    let third = Kept::in_directory(&dir("third"));
    assert_eq!(second.move_to(&third).await.unwrap().brought, 6);
    grow(&third, &[40], &mut receipts).await;
    bears_out(&third, &receipts).await;
    assert_eq!(third.notes().await[..6], second.notes().await);
    // Another process on the server reads what the one that moved it wrote.
    let settings = settings(&server);
    let store = NatsStore::open_read_only(&connection(&settings).await, &settings, None).await;
    let log = NatsCheckpoints::open_read_only(&store.unwrap(), &settings).await;
    let read = log.unwrap().unwrap().read(0, ALL).await.unwrap();
    assert_eq!(read, second.notes().await);
}

//! A ledger that moves to JetStream while the server goes down and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use jiff::Timestamp;
use socai_app::migrate::{MigrateError, Migrated, Progress, migrate};
use socai_store::envelope::{self, Envelope};
use socai_store::{Append, EventStore, NewEvent, Position, Revision, StreamId};
use socai_store_memory::MemoryStore;
use uuid::Uuid;

use super::{Server, create, until};
use crate::store::ALL;

const RECORDS: u64 = 400;

/// Records of two streams by turns, so that nearly every one is an append of its own.
async fn by_turns() -> MemoryStore {
    let store = MemoryStore::default();
    for number in 0..RECORDS {
        let stream = StreamId::new("race", &format!("s{}", number % 2)).unwrap();
        let (revision, id) = (number / 2, Uuid::now_v7());
        let record = envelope::compose(&Envelope {
            id,
            source: "/hanoi".into(),
            event_type: "race.run.v1".into(),
            subject: stream.as_str().into(),
            time: jiff::civil::date(2024, 2, 1).at(0, 0, 0, 0),
            recorded_time: Timestamp::UNIX_EPOCH,
            revision: Revision(revision + 1),
            actor: "racer".into(),
            correlation_id: id,
            synthetic: true,
            data: "{}",
        });
        let bytes = Bytes::from(record);
        let append = Append::to(stream, Revision(revision), vec![NewEvent { id, bytes }]);
        store.append(append).await.unwrap();
    }
    store
}

/// A migration that kept several appends under way had later ones taken first when a server came back; the
/// target was another ledger then, for good.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_goes_on_where_a_server_cut_it_off() {
    let mut server = Server::start();
    let (source, target) = (by_turns().await, Arc::new(create(&server).await));
    let brought = AtomicU64::new(0);
    let moving = until("the ledger has moved", async || {
        let moved = migrate(&source, &*target, |progress| {
            if let Progress::Brought(position) = progress {
                brought.store(position, Ordering::SeqCst);
            }
        });
        moved_or_cut_off(moved.await)
    });
    let disturbing = async {
        for at in [RECORDS / 4, RECORDS / 2] {
            until("a part is brought", async || {
                (brought.load(Ordering::SeqCst) >= at).then_some(())
            })
            .await;
            server.restart();
        }
    };
    let (migrated, ()) = tokio::join!(moving, disturbing);
    assert_eq!(migrated.end.0, RECORDS);
    let (ours, theirs) = (
        source.read_all(Position::ZERO, ALL).await.unwrap(),
        target.read_all(Position::ZERO, ALL).await.unwrap(),
    );
    assert_eq!(ours, theirs);
}

fn moved_or_cut_off(moved: Result<Migrated, MigrateError>) -> Option<Migrated> {
    match moved {
        Ok(migrated) => Some(migrated),
        Err(MigrateError::Append { .. } | MigrateError::Read(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

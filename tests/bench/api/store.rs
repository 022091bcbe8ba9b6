//! The store by itself: as many appends as there were submissions, of records as long, by as many tasks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use socai_store::envelope::{self, Envelope};
use socai_store::{Append, EventStore, NewEvent, Revision, StreamId};
use socai_store_segment::{Identity, SegmentStore};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::CLIENTS;
use crate::latency::Latencies;

/// Appends `count` records of `bytes` each, every one to a stream of its own.
pub(crate) fn appends(count: usize, bytes: usize) -> Latencies {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let identity = Identity::new(Uuid::from_u128(1), "bench").unwrap();
    let store = Arc::new(SegmentStore::create(dir.path(), &identity).unwrap());
    runtime.block_on(async {
        let begun = Instant::now();
        let mut working = JoinSet::new();
        for client in 0..CLIENTS {
            let mine = (client..count).step_by(CLIENTS);
            working.spawn(client_of(store.clone(), mine, bytes));
        }
        let each = working.join_all().await.concat();
        Latencies::new(each, begun.elapsed())
    })
}

async fn client_of(
    store: Arc<SegmentStore>,
    numbers: impl Iterator<Item = usize>,
    bytes: usize,
) -> Vec<Duration> {
    let mut took = Vec::new();
    for number in numbers {
        let append = append(number, bytes);
        let begun = Instant::now();
        store.append(append).await.unwrap();
        took.push(begun.elapsed());
    }
    took
}

fn append(number: usize, bytes: usize) -> Append {
    let stream = StreamId::new("obligation", &format!("r_p{number}_u0")).unwrap();
    let id = Uuid::now_v7();
    let short = record(id, &stream, "");
    let long = record(id, &stream, &"x".repeat(bytes.saturating_sub(short.len())));
    let event = NewEvent {
        id,
        bytes: Bytes::from(long),
    };
    Append::to(stream, Revision::NONE, vec![event])
}

fn record(id: Uuid, stream: &StreamId, filling: &str) -> Vec<u8> {
    let data = format!(r#"{{"by":"u0","submission":{{"channel":"{filling}"}}}}"#);
    envelope::compose(&Envelope {
        id,
        source: "/hanoi".into(),
        event_type: "report.submitted.v1".into(),
        subject: stream.as_str().into(),
        time: jiff::civil::date(2024, 7, 1).at(0, 0, 0, 0),
        recorded_time: "2026-11-23T05:00:00.123Z".parse().unwrap(),
        revision: Revision(1),
        actor: "clerk-0".into(),
        correlation_id: id,
        synthetic: false,
        data: &data,
    })
}

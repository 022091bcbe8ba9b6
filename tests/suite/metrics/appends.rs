//! How long appends took, by how each ended.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use socai_metrics::timed::Timed;
use socai_metrics::{Form, Metrics};
use socai_store::{
    Append, AppendError, EventStore, NewEvent, Position, Revision, StreamAppend, StreamId,
};
use socai_store_memory::MemoryStore;
use uuid::Uuid;

use super::exposed::Exposed;
use crate::tricked::{Trick, Tricked};

/// Appends to a stream called `gone` find no store, and of those to `lost` the answer is lost.
struct GoneOrLost;

#[async_trait]
impl Trick for GoneOrLost {
    async fn append(
        &self,
        store: &MemoryStore,
        append: Append,
    ) -> Result<Vec<Position>, AppendError> {
        let stream = append.writes.first().map(|write| write.stream.to_string());
        match stream.as_deref() {
            Some("unit.gone") => Err(AppendError::Unavailable("no server".into())),
            Some("unit.lost") => {
                store.append(append).await?;
                Err(AppendError::Unknown("no answer".into()))
            }
            Some(_) | None => store.append(append).await,
        }
    }
}

/// An append of one event to the stream of a unit.
fn append(unit: &str, expected: u64) -> Append {
    let event = NewEvent {
        id: Uuid::now_v7(),
        bytes: Bytes::from_static(b"{}"),
    };
    let write = StreamAppend {
        stream: StreamId::new("unit", unit).unwrap(),
        expected: Revision(expected),
        events: vec![event],
    };
    Append {
        writes: vec![write],
        ..Append::default()
    }
}

#[tokio::test]
async fn an_append_is_counted_by_how_it_ended() {
    let metrics = Metrics::default();
    let store = Arc::new(Tricked {
        store: Arc::default(),
        trick: GoneOrLost,
    });
    let store = Timed::new(store, metrics.appends.clone());
    let mut empty = append("a", 1);
    empty.writes[0].events.clear();
    for (append, recorded) in [
        (append("a", 0), true),
        (append("b", 0), true),
        (append("a", 7), false),
        (empty, false),
        (append("gone", 0), false),
        (append("lost", 0), false),
    ] {
        assert_eq!(store.append(append).await.is_ok(), recorded);
    }
    let exposed = Exposed::read(&metrics.collect(Form::OpenMetrics));
    let count = "socai_append_duration_seconds_count";
    let ended = exposed.series(count);
    let ended = ended.map(|series| (series.label("outcome"), series.count()));
    let mut ended: Vec<(&str, u64)> = ended.collect();
    ended.sort_unstable();
    assert_eq!(
        ended,
        [
            ("conflict", 1),
            ("failed", 1),
            ("recorded", 2),
            ("refused", 1),
            ("unknown", 1),
        ]
    );
}

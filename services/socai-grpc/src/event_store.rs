//! The event store: head, reads and subscriptions. Who took records out is recorded before the first goes out.
//!
//! What a client has not taken yet is bounded: the store is asked for more once there is room. A client that goes
//! away ends the task that reads for it.

use std::sync::Arc;

use socai_domain::line::Line;
use socai_operations::service::Service;
use socai_operations::works::Works;
use socai_proto::v1::event_store_server::EventStore;
use socai_proto::v1::{
    CaughtUp, Delivery, HeadAnswer, HeadRequest, ReadRecordsRequest, Record, SubscribeRequest,
    delivery,
};
use socai_store::{Position, Recorded, Subscription};
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use crate::gate::Caller;
use crate::rest::Rest;
use crate::{AHEAD, status};

type Streamed<T> = ReceiverStream<Result<T, Status>>;

/// The service.
pub(crate) struct Events {
    pub(crate) service: Arc<Service>,
    pub(crate) works: Arc<Works>,
}

/// Somebody who reads, asked again before each record: a subscription outlives tokens and roles.
struct Reader {
    works: Arc<Works>,
    caller: Caller,
}

impl Reader {
    fn of<T>(events: &Events, request: &Request<T>) -> Result<Self, Status> {
        let caller = Caller::of(request.extensions())?;
        let works = Arc::clone(&events.works);
        let reader = Self { works, caller };
        reader.may()?;
        Ok(reader)
    }

    /// Records have no part that is for one unit alone.
    fn may(&self) -> Result<(), Status> {
        let may = self.works.may_take_out(&self.caller.who()?.account);
        may.map_err(|trouble| status::of(&trouble))
    }

    fn store(&self) -> &dyn socai_store::EventStore {
        &**self.works.live.store()
    }

    async fn head(&self) -> Result<Position, Status> {
        let head = self.store().head().await;
        head.map_err(|error| status::of_read(&error))
    }
}

impl Events {
    /// Records that somebody takes out so many records up to a position.
    async fn note(
        &self,
        reader: &Reader,
        about: Option<Line>,
        (records, head): (u64, Position),
    ) -> Result<(), Status> {
        let who = reader.caller.who()?.account;
        let noted = self.works.note_records(about, records, head.0, &who).await;
        noted.map_err(|trouble| status::of(&trouble))
    }
}

#[tonic::async_trait]
impl EventStore for Events {
    async fn head(&self, request: Request<HeadRequest>) -> Result<Response<HeadAnswer>, Status> {
        Caller::of(request.extensions())?;
        let head = self.service.store().head().await;
        let Position(position) = head.map_err(|error| status::of_read(&error))?;
        Ok(Response::new(HeadAnswer { position }))
    }

    type ReadStream = Streamed<Record>;

    async fn read(
        &self,
        request: Request<ReadRecordsRequest>,
    ) -> Result<Response<Self::ReadStream>, Status> {
        let reader = Reader::of(self, &request)?;
        let mut rest = Rest::of(request.into_inner())?;
        let records = rest.bound(reader.store()).await?;
        if records > 0 {
            let head = reader.head().await?;
            self.note(&reader, rest.about(), (records, head)).await?;
        }
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::spawn(read_on(reader, rest, sender));
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    type SubscribeStream = Streamed<Delivery>;

    async fn subscribe(
        &self,
        request: Request<SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let reader = Reader::of(self, &request)?;
        let after = Position(request.into_inner().after);
        let head = reader.head().await?;
        let records = head.0.saturating_sub(after.0);
        self.note(&reader, None, (records, head)).await?;
        let subscription = reader.store().subscribe(after).await;
        let subscription = subscription.map_err(|error| status::of_read(&error))?;
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::spawn(deliver(reader, subscription, after, sender));
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

async fn read_on(reader: Reader, mut rest: Rest, to: Sender<Result<Record, Status>>) {
    loop {
        let page = match reader.may() {
            Ok(()) => rest.page(reader.store()).await,
            Err(status) => Err(status),
        };
        let records: Vec<Result<Record, Status>> = match page {
            Ok(records) if records.is_empty() => return,
            Ok(records) => records
                .into_iter()
                .map(|record| Ok(shown(record)))
                .collect(),
            Err(status) => vec![Err(status)],
        };
        for record in records {
            let ends = record.is_err();
            if to.send(record).await.is_err() || ends {
                return;
            }
        }
    }
}

async fn deliver(
    reader: Reader,
    mut subscription: Subscription,
    after: Position,
    to: Sender<Result<Delivery, Status>>,
) {
    let mut position = after.0;
    loop {
        let next = tokio::select! {
            next = subscription.next() => next,
            () = to.closed() => return,
        };
        let next = next.map_err(|error| status::of_read(&error));
        let delivery = reader.may().and(next).map(|next| match next {
            socai_store::Delivery::Record(record) => {
                position = record.position.0;
                delivery::Which::Record(shown(record))
            }
            socai_store::Delivery::CaughtUp => delivery::Which::CaughtUp(CaughtUp { position }),
        });
        let ends = delivery.is_err();
        let delivery = delivery.map(|which| Delivery { which: Some(which) });
        if to.send(delivery).await.is_err() || ends {
            return;
        }
    }
}

fn shown(record: Recorded) -> Record {
    Record {
        position: record.position.0,
        record: record.bytes,
    }
}

//! The event store: head, reads and subscriptions.
//!
//! What a client has not taken yet is bounded: a page of a read, a few deliveries of a subscription. The store is
//! asked for more once there is room.

use std::num::NonZeroU32;
use std::sync::Arc;

use socai_proto::v1::event_store_server::EventStore;
use socai_proto::v1::read_request::Order;
use socai_proto::v1::{
    CaughtUp, Delivery, HeadAnswer, HeadRequest, ReadRequest, Record, SubscribeRequest, delivery,
};
use socai_store::{Position, ReadError, Recorded, Revision, StreamId};
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status};

use crate::status;

/// Records that are read from the store at once.
const PAGE: u32 = 256;

/// Deliveries that wait for a client, at most.
const AHEAD: usize = 64;

type Streamed<T> = ReceiverStream<Result<T, Status>>;

/// The service.
pub(crate) struct Events {
    pub(crate) store: Arc<dyn socai_store::EventStore>,
}

#[tonic::async_trait]
impl EventStore for Events {
    async fn head(&self, _: Request<HeadRequest>) -> Result<Response<HeadAnswer>, Status> {
        let position = self.store.head().await.map_err(|error| read_error(&error))?.get();
        Ok(Response::new(HeadAnswer { position }))
    }

    type ReadStream = Streamed<Record>;

    async fn read(&self, request: Request<ReadRequest>) -> Result<Response<Self::ReadStream>, Status> {
        let reading = Reading::of(request.into_inner())?;
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::spawn(read_on(Arc::clone(&self.store), reading, sender));
        Ok(Response::new(ReceiverStream::new(receiver)))
    }

    type SubscribeStream = Streamed<Delivery>;

    async fn subscribe(
        &self,
        request: Request<SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let after = Position::new(request.into_inner().after);
        let subscription = self.store.subscribe(after).await.map_err(|error| read_error(&error))?;
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::spawn(deliver(subscription, after, sender));
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

/// A read that goes on page by page.
struct Reading {
    stream: Option<StreamId>,
    order: Order,
    left: u64,
}

impl Reading {
    fn of(request: ReadRequest) -> Result<Self, Status> {
        let stream = request.stream.map(|stream| StreamId::new(&stream)).transpose();
        let stream = stream.map_err(|error| {
            status::with(Code::InvalidArgument, format!("stream: {error}"), "parameter", "stream")
        })?;
        let order = request.order.unwrap_or(Order::After(0));
        Ok(Self { stream, order, left: request.limit.unwrap_or(u64::MAX) })
    }

    /// The next page; its last record is where the one after begins.
    async fn page(&mut self, store: &dyn socai_store::EventStore) -> Result<Vec<Recorded>, ReadError> {
        let wanted = u32::try_from(self.left).unwrap_or(PAGE).min(PAGE);
        let Some(limit) = NonZeroU32::new(wanted) else { return Ok(Vec::new()) };
        let records = match (&self.stream, self.order) {
            (None, Order::After(place)) => store.read_all(Position::new(place), limit).await?,
            (None, Order::Before(place)) => store.read_all_backwards(position(place), limit).await?,
            (Some(stream), Order::After(place)) => store.read(stream, Revision::new(place), limit).await?,
            (Some(stream), Order::Before(place)) => {
                store.read_backwards(stream, revision(place), limit).await?
            }
        };
        self.go_on(&records);
        Ok(records)
    }

    fn go_on(&mut self, records: &[Recorded]) {
        let count = records.len() as u64;
        self.left -= count;
        let last = records.last().map_or(0, |record| record.position.get());
        self.order = match (&self.stream, self.order) {
            (None, Order::After(_)) => Order::After(last),
            (None, Order::Before(_)) => Order::Before(last),
            // Revisions have no gaps, so a place and a count say the next one.
            (Some(_), Order::After(place)) => Order::After(place + count),
            (Some(_), Order::Before(place)) => Order::Before(place.saturating_sub(count)),
        };
    }
}

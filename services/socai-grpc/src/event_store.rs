//! The event store: head, reads and subscriptions.
//!
//! What a client has not taken yet is bounded: the store is asked for more once there is room. A client that goes
//! away ends the task that reads for it.

use std::sync::Arc;

use socai_proto::v1::event_store_server::EventStore;
use socai_proto::v1::{
    CaughtUp, Delivery, HeadAnswer, HeadRequest, ReadRequest, Record, SubscribeRequest, delivery,
};
use socai_store::{Position, Recorded, Subscription};
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use crate::reading::Reading;
use crate::{AHEAD, status};

type Streamed<T> = ReceiverStream<Result<T, Status>>;

/// The service.
pub(crate) struct Events {
    pub(crate) store: Arc<dyn socai_store::EventStore>,
}

#[tonic::async_trait]
impl EventStore for Events {
    async fn head(&self, _: Request<HeadRequest>) -> Result<Response<HeadAnswer>, Status> {
        let head = self.store.head().await;
        let position = head.map_err(|error| status::of_read(&error))?.0;
        Ok(Response::new(HeadAnswer { position }))
    }

    type ReadStream = Streamed<Record>;

    async fn read(
        &self,
        request: Request<ReadRequest>,
    ) -> Result<Response<Self::ReadStream>, Status> {
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
        let after = Position(request.into_inner().after);
        let subscription = self.store.subscribe(after).await;
        let subscription = subscription.map_err(|error| status::of_read(&error))?;
        let (sender, receiver) = mpsc::channel(AHEAD);
        tokio::spawn(deliver(subscription, after, sender));
        Ok(Response::new(ReceiverStream::new(receiver)))
    }
}

async fn read_on(
    store: Arc<dyn socai_store::EventStore>,
    mut reading: Reading,
    to: Sender<Result<Record, Status>>,
) {
    loop {
        let records = match reading.page(&*store).await {
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
        let delivery = match next {
            Ok(socai_store::Delivery::Record(record)) => {
                position = record.position.0;
                Ok(delivery::Which::Record(shown(record)))
            }
            Ok(socai_store::Delivery::CaughtUp) => {
                Ok(delivery::Which::CaughtUp(CaughtUp { position }))
            }
            Err(error) => Err(status::of_read(&error)),
        };
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

//! What is still to be read of the event store, page by page.

use std::num::NonZeroU32;

use socai_domain::line::Line;
use socai_proto::v1::ReadRecordsRequest;
use socai_proto::v1::read_records_request::Order;
use socai_store::{EventStore, Position, Recorded, Revision, StreamId, envelope};
use tonic::{Code, Status};

use crate::status;

/// Records that are taken from the store at once.
const PAGE: u32 = 256;

/// The rest of a read.
pub(crate) struct Rest {
    stream: Option<StreamId>,
    order: Order,
    left: u64,
}

impl Rest {
    /// What `request` asks for.
    pub(crate) fn of(request: ReadRecordsRequest) -> Result<Self, Status> {
        let stream = request
            .stream
            .map(|stream| StreamId::parse(&stream))
            .transpose();
        let stream = stream.map_err(|error| status::parameter("stream", error))?;
        let order = request.order.unwrap_or(Order::After(0));
        let left = request.limit.unwrap_or(u64::MAX);
        Ok(Self {
            stream,
            order,
            left,
        })
    }

    /// The stream that it is of, where it is of one.
    pub(crate) fn about(&self) -> Option<Line> {
        let stream = self.stream.as_ref()?;
        Line::new(&stream.to_string()).ok()
    }

    /// Lets it end with what is there now. Answers how many records that are.
    pub(crate) async fn bound(&mut self, store: &dyn EventStore) -> Result<u64, Status> {
        let last = self.last(store).await?;
        let there = match self.order {
            Order::After(place) => last.saturating_sub(place),
            Order::Before(place) => {
                let end = if place == 0 {
                    last + 1
                } else {
                    place.min(last + 1)
                };
                self.order = Order::Before(end);
                end - 1
            }
        };
        self.left = self.left.min(there);
        Ok(self.left)
    }

    /// The last place there is.
    async fn last(&self, store: &dyn EventStore) -> Result<u64, Status> {
        let Some(stream) = &self.stream else {
            let head = store.head().await;
            return Ok(head.map_err(|error| status::of_read(&error))?.0);
        };
        let last = store.read_backwards(stream, None, NonZeroU32::MIN).await;
        let last = last.map_err(|error| status::of_read(&error))?;
        last.last().map_or(Ok(0), revision)
    }

    /// The next page; an empty one is the end.
    pub(crate) async fn page(&mut self, store: &dyn EventStore) -> Result<Vec<Recorded>, Status> {
        let wanted = u32::try_from(self.left).unwrap_or(PAGE).min(PAGE);
        let Some(limit) = NonZeroU32::new(wanted) else {
            return Ok(Vec::new());
        };
        let read = match (&self.stream, self.order) {
            (None, Order::After(place)) => store.read_all(Position(place), limit).await,
            (None, Order::Before(place)) => {
                store
                    .read_all_backwards((place > 0).then_some(Position(place)), limit)
                    .await
            }
            (Some(stream), Order::After(place)) => store.read(stream, Revision(place), limit).await,
            (Some(stream), Order::Before(place)) => {
                store
                    .read_backwards(stream, (place > 0).then_some(Revision(place)), limit)
                    .await
            }
        };
        let records = read.map_err(|error| status::of_read(&error))?;
        if let Some(last) = records.last() {
            self.go_on_from(last)?;
        }
        self.left -= records.len() as u64;
        Ok(records)
    }

    fn go_on_from(&mut self, last: &Recorded) -> Result<(), Status> {
        let place = match &self.stream {
            None => last.position.0,
            Some(_) => revision(last)?,
        };
        self.order = match self.order {
            Order::After(_) => Order::After(place),
            Order::Before(_) => Order::Before(place),
        };
        Ok(())
    }
}

/// The place of a record in its stream.
fn revision(record: &Recorded) -> Result<u64, Status> {
    let envelope = envelope::parse(&record.bytes).map_err(|error| {
        let sentence = format!("the record at position {}: {error}", record.position);
        status::with(Code::DataLoss, "answer.stopped", sentence)
    })?;
    Ok(envelope.revision.0)
}

//! Blobs in an object store of JetStream.
//!
//! A bucket is a stream: the chunks of an object on one subject, and a message that names them on another.
//! Everything is asked of the stream's leader, so what one process has put every other gets at once; a
//! direct read might ask a replica that has not heard of it.
//!
//! An object is erased message by message and its name last. The server overwrites a message that is
//! deleted; one that is purged or rolled up it only forgets, and its bytes stay in the file of the stream
//! until that is compacted.
//!
//! Deliberately absent: updates, links, and objects under other names than addresses.

use std::num::NonZeroU32;

use async_nats::jetstream::Context;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::object_store::{Config, ObjectInfo, ObjectStore};
use async_nats::jetstream::stream::{
    LastRawMessageErrorKind, RawMessageErrorKind, StorageType, Stream,
};
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use socai_store::BackendError;
use socai_store::blob::{
    BLOB_BYTES_MAX, BlobAddress, BlobStore, EraseError, GetError, Kept, ListError, PutError,
    SALT_BYTES, Salted,
};

/// Blobs in one bucket.
#[derive(Clone)]
pub struct NatsBlobs {
    bucket: String,
    objects: ObjectStore,
    stream: Stream,
}

/// The bucket cannot be used: the servers are not there, or it was made with other settings.
#[derive(Debug, thiserror::Error)]
#[error("the bucket {bucket} cannot be opened with {replicas} replicas")]
pub struct OpenBlobsError {
    bucket: String,
    replicas: usize,
    #[source]
    source: BackendError,
}

impl NatsBlobs {
    /// Opens `bucket`, and makes it where it is not there.
    ///
    /// # Errors
    ///
    /// [`OpenBlobsError`], also where there is such a bucket with another number of replicas.
    pub async fn open(
        context: Context,
        bucket: &str,
        replicas: usize,
    ) -> Result<Self, OpenBlobsError> {
        let opened = Self::make(&context, bucket, replicas).await;
        opened.map_err(|source| OpenBlobsError {
            bucket: bucket.to_owned(),
            replicas,
            source,
        })
    }

    async fn make(context: &Context, bucket: &str, replicas: usize) -> Result<Self, BackendError> {
        let config = Config {
            bucket: bucket.to_owned(),
            storage: StorageType::File,
            num_replicas: replicas,
            max_bytes: -1,
            ..Config::default()
        };
        let objects = context.create_object_store(config).await?;
        let stream = context.get_stream(format!("OBJ_{bucket}")).await?;
        let found = &stream.cached_info().config;
        if found.num_replicas != replicas || found.storage != StorageType::File {
            let (replicas, storage) = (found.num_replicas, found.storage);
            return Err(format!("it has {replicas} replicas in {storage:?} storage").into());
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            objects,
            stream,
        })
    }

    fn meta_subject(&self, address: &BlobAddress) -> String {
        let name = URL_SAFE.encode(address.to_string());
        format!("$O.{}.M.{name}", self.bucket)
    }

    fn chunk_subject(&self, info: &ObjectInfo) -> String {
        format!("$O.{}.C.{}", self.bucket, info.nuid)
    }

    /// The message that names the object at `address`.
    async fn named(
        &self,
        address: &BlobAddress,
    ) -> Result<Option<(StreamMessage, ObjectInfo)>, BackendError> {
        let subject = self.meta_subject(address);
        let message = match self.stream.get_last_raw_message_by_subject(&subject).await {
            Ok(message) => message,
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let info: ObjectInfo = serde_json::from_slice(&message.payload)?;
        Ok(Some((message, info)))
    }

    /// The first chunk of `info` at `from` or later in the stream.
    async fn chunk(
        &self,
        info: &ObjectInfo,
        from: u64,
    ) -> Result<Option<StreamMessage>, BackendError> {
        let subject = self.chunk_subject(info);
        let asked = self.stream.get_first_raw_message_by_subject(subject, from);
        match asked.await {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Salt and content as far as they are there.
    async fn kept(&self, info: &ObjectInfo) -> Result<Bytes, BackendError> {
        let bytes_max = BLOB_BYTES_MAX + SALT_BYTES;
        let mut kept = BytesMut::with_capacity(info.size.min(bytes_max));
        let mut from = 1;
        for _ in 0..info.chunks {
            let Some(chunk) = self.chunk(info, from).await? else {
                break;
            };
            if kept.len() + chunk.payload.len() > bytes_max {
                break;
            }
            kept.extend_from_slice(&chunk.payload);
            from = chunk.sequence + 1;
        }
        Ok(kept.freeze())
    }

    async fn erase_all(&self, address: &BlobAddress) -> Result<(), BackendError> {
        let Some((named, info)) = self.named(address).await? else {
            return Ok(());
        };
        let mut from = 1;
        while let Some(chunk) = self.chunk(&info, from).await? {
            self.stream.delete_message(chunk.sequence).await?;
            from = chunk.sequence + 1;
        }
        // Last, so that an erasure cut short still finds its chunks when it is asked for again.
        self.stream.delete_message(named.sequence).await?;
        Ok(())
    }

    /// The addresses of all objects, sorted.
    async fn addresses(&self) -> Result<Vec<BlobAddress>, BackendError> {
        let prefix = format!("$O.{}.M.", self.bucket);
        let subjects = self.stream.info_with_subjects(format!("{prefix}>"));
        let subjects: Vec<(String, usize)> = subjects.await?.try_collect().await?;
        let address = |(subject, _): (String, usize)| {
            let name = URL_SAFE.decode(subject.strip_prefix(&prefix)?).ok()?;
            std::str::from_utf8(&name).ok()?.parse().ok()
        };
        let mut addresses: Vec<BlobAddress> = subjects.into_iter().filter_map(address).collect();
        addresses.sort();
        Ok(addresses)
    }

    async fn page(
        &self,
        after: Option<BlobAddress>,
        limit: NonZeroU32,
    ) -> Result<Vec<Kept>, BackendError> {
        let addresses = self.addresses().await?;
        let later = |address: &BlobAddress| after.is_none_or(|after| *address > after);
        let mut page = Vec::new();
        for address in addresses.into_iter().filter(later) {
            if page.len() == limit.get() as usize {
                break;
            }
            // What was erased since the addresses were read is left out.
            if let Some((message, _)) = self.named(&address).await? {
                let since = Timestamp::from_second(message.time.unix_timestamp())?;
                page.push(Kept { address, since });
            }
        }
        Ok(page)
    }
}

#[async_trait]
impl BlobStore for NatsBlobs {
    async fn put(&self, content: Bytes) -> Result<BlobAddress, PutError> {
        let Salted { address, kept } = Salted::new(&content)?;
        let name = address.to_string();
        // Also where only a chunk was refused: chunks before it may be there.
        let put = self.objects.put(name.as_str(), &mut &*kept).await;
        put.map_err(|error| PutError::Unknown(error.into()))?;
        Ok(address)
    }

    async fn get(&self, address: &BlobAddress) -> Result<Bytes, GetError> {
        let named = self.named(address).await.map_err(GetError::Unavailable)?;
        let (_, info) = named.ok_or(GetError::NotThere { address: *address })?;
        let kept = self.kept(&info).await.map_err(GetError::Unavailable)?;
        Salted::content(address, &kept)
    }

    async fn erase(&self, address: &BlobAddress) -> Result<(), EraseError> {
        self.erase_all(address).await.map_err(EraseError)
    }

    async fn list(
        &self,
        after: Option<BlobAddress>,
        limit: NonZeroU32,
    ) -> Result<Vec<Kept>, ListError> {
        self.page(after, limit).await.map_err(ListError)
    }
}

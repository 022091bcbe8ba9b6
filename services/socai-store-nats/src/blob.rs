//! Blobs in an object store of JetStream.
//!
//! ```text
//! $O.<bucket>.C.<address>          the chunks, in order
//! $O.<bucket>.M.<base64 address>   the message that names them, put last: with it the blob is there
//! ```
//!
//! A bucket is a stream, and its messages are those of any other object store, so the tools of NATS read
//! it. They are written here and not by the client's own `put` and `delete`, for two reasons. Chunks that
//! a crash left without a name can be found and erased by their address. And what the client deletes it
//! purges: the server forgets it, but its bytes stay in the file of the stream until that is compacted. A
//! message that is deleted one by one is overwritten.
//!
//! Everything is asked of the stream's leader, so what one process has put every other gets at once; a
//! direct read might ask a replica that has not heard of it. In a cluster the servers' own logs of what
//! they agreed on hold an erased message until they are compacted as well.
//!
//! Deliberately absent: updates, links, and objects under other names than addresses.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU32;

use async_nats::jetstream::context::{GetStreamError, GetStreamErrorKind};
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::object_store::{Config, ObjectInfo, ObjectOptions};
use async_nats::jetstream::stream::{
    LastRawMessageErrorKind, RawMessageErrorKind, StorageType, Stream,
};
use async_nats::jetstream::{Context, ErrorCode};
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

/// Bytes of a chunk, as the tools of NATS cut an object. A server takes 1 MiB, where nobody set less.
const CHUNK_BYTES: usize = 128 * 1024;

/// Chunks sent before the first of them is acknowledged.
const CHUNKS_IN_FLIGHT: usize = 8;

/// Blobs in one bucket.
#[derive(Clone)]
pub struct NatsBlobs {
    bucket: String,
    context: Context,
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
        let name = format!("OBJ_{bucket}");
        // Whoever only gets may not be allowed to make one.
        let stream = match context.get_stream(&name).await {
            Ok(stream) => stream,
            Err(error) if is_not_there(&error) => {
                let config = Config {
                    bucket: bucket.to_owned(),
                    storage: StorageType::File,
                    num_replicas: replicas,
                    max_bytes: -1,
                    ..Config::default()
                };
                context.create_object_store(config).await?;
                context.get_stream(&name).await?
            }
            Err(error) => return Err(error.into()),
        };
        let found = &stream.cached_info().config;
        if found.num_replicas != replicas || found.storage != StorageType::File {
            let (replicas, storage) = (found.num_replicas, found.storage);
            return Err(format!("it has {replicas} replicas in {storage:?} storage").into());
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            context: context.clone(),
            stream,
        })
    }

    fn meta_subject(&self, address: &BlobAddress) -> String {
        let name = URL_SAFE.encode(address.to_string());
        format!("$O.{}.M.{name}", self.bucket)
    }

    fn chunk_subject(&self, nuid: &str) -> String {
        format!("$O.{}.C.{nuid}", self.bucket)
    }

    async fn put_all(&self, address: &BlobAddress, kept: &Bytes) -> Result<(), BackendError> {
        let subject = self.chunk_subject(&address.to_string());
        let chunks: Vec<Bytes> = kept
            .chunks(CHUNK_BYTES)
            .map(|chunk| kept.slice_ref(chunk))
            .collect();
        for together in chunks.chunks(CHUNKS_IN_FLIGHT) {
            let mut sent = Vec::new();
            for chunk in together {
                sent.push(self.context.publish(subject.clone(), chunk.clone()).await?);
            }
            for acknowledged in sent {
                acknowledged.await?;
            }
        }
        let info = serde_json::to_vec(&self.info(address, kept.len(), chunks.len()))?;
        let subject = self.meta_subject(address);
        self.context.publish(subject, info.into()).await?.await?;
        Ok(())
    }

    fn info(&self, address: &BlobAddress, size: usize, chunks: usize) -> ObjectInfo {
        ObjectInfo {
            name: address.to_string(),
            description: None,
            metadata: HashMap::new(),
            headers: None,
            options: Some(ObjectOptions {
                link: None,
                max_chunk_size: Some(CHUNK_BYTES),
            }),
            bucket: self.bucket.clone(),
            nuid: address.to_string(),
            size,
            chunks,
            modified: None,
            digest: Some(format!("SHA-256={}", URL_SAFE.encode(address.as_bytes()))),
            deleted: false,
        }
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

    /// The first chunk of `nuid` at `from` or later in the stream.
    async fn chunk(&self, nuid: &str, from: u64) -> Result<Option<StreamMessage>, BackendError> {
        let subject = self.chunk_subject(nuid);
        let asked = self.stream.get_first_raw_message_by_subject(subject, from);
        match asked.await {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Salt and content as far as they are there.
    async fn chunks(&self, info: &ObjectInfo) -> Result<Bytes, BackendError> {
        let bytes_max = BLOB_BYTES_MAX + SALT_BYTES;
        let mut kept = BytesMut::with_capacity(info.size.min(bytes_max));
        let mut from = 1;
        for _ in 0..info.chunks {
            let Some(chunk) = self.chunk(&info.nuid, from).await? else {
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
        let named = self.named(address).await?;
        // Copied by another tool, the chunks may have another name than the address.
        if let Some((_, info)) = &named {
            self.erase_chunks(&info.nuid).await?;
        }
        self.erase_chunks(&address.to_string()).await?;
        // Last, so that an erasure cut short still finds its chunks when it is asked for again.
        if let Some((message, _)) = named {
            self.stream.delete_message(message.sequence).await?;
        }
        Ok(())
    }

    async fn erase_chunks(&self, nuid: &str) -> Result<(), BackendError> {
        let mut from = 1;
        while let Some(chunk) = self.chunk(nuid, from).await? {
            self.stream.delete_message(chunk.sequence).await?;
            from = chunk.sequence + 1;
        }
        Ok(())
    }

    /// The addresses of all blobs, and of chunks that no message names.
    async fn addresses(&self) -> Result<BTreeSet<BlobAddress>, BackendError> {
        let prefix = format!("$O.{}.", self.bucket);
        let subjects = self.stream.info_with_subjects(format!("{prefix}>"));
        let subjects: Vec<(String, usize)> = subjects.await?.try_collect().await?;
        let address = |(subject, _): (String, usize)| {
            let (sort, name) = subject.strip_prefix(&prefix)?.split_once('.')?;
            match sort {
                "M" => String::from_utf8(URL_SAFE.decode(name).ok()?)
                    .ok()?
                    .parse()
                    .ok(),
                _ => name.parse().ok(),
            }
        };
        Ok(subjects.into_iter().filter_map(address).collect())
    }

    /// When something at `address` was put; `None` where nothing is there.
    async fn since(&self, address: &BlobAddress) -> Result<Option<Timestamp>, BackendError> {
        let message = match self.named(address).await? {
            Some((message, _)) => Some(message),
            None => self.chunk(&address.to_string(), 1).await?,
        };
        let second = message.map(|message| message.time.unix_timestamp());
        Ok(second.map(Timestamp::from_second).transpose()?)
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
            let since = self.since(&address).await?;
            page.extend(since.map(|since| Kept { address, since }));
        }
        Ok(page)
    }
}

fn is_not_there(error: &GetStreamError) -> bool {
    matches!(error.kind(), GetStreamErrorKind::JetStream(told)
        if told.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

#[async_trait]
impl BlobStore for NatsBlobs {
    async fn keep(&self, salted: Salted) -> Result<(), PutError> {
        let address = salted.address();
        let named = self.named(&address).await.map_err(PutError::Unavailable)?;
        if named.is_some() {
            return Ok(());
        }
        // Chunks of an attempt that did not come to name them would be taken for these.
        let cleared = self.erase_all(&address).await;
        cleared.map_err(PutError::Unavailable)?;
        let Err(error) = self.put_all(&address, salted.bytes()).await else {
            return Ok(());
        };
        // Where that fails too, an audit finds what is left.
        let _ = self.erase_all(&address).await;
        Err(PutError::Unknown(error))
    }

    async fn kept(&self, address: &BlobAddress) -> Result<Salted, GetError> {
        let named = self.named(address).await.map_err(GetError::Unavailable)?;
        let (_, info) = named.ok_or(GetError::NotThere { address: *address })?;
        let chunks = self.chunks(&info).await.map_err(GetError::Unavailable)?;
        Salted::of(*address, chunks)
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

//! A register as one key of a JetStream bucket.

use async_nats::jetstream::kv::{self, Store, UpdateErrorKind};
use async_nats::jetstream::stream::StorageType;
use async_trait::async_trait;
use bytes::Bytes;
use socai_store::register::REGISTER_BYTES_MAX;
use socai_store::{Held, Register, RegisterError, SwapError};

use crate::connection::Connection;
use crate::reader::is_missing;
use crate::stream::Info;

/// One key of a bucket, which may have others for other registers.
#[derive(Debug, Clone)]
pub struct NatsRegister {
    bucket: Store,
    key: String,
}

impl NatsRegister {
    /// Opens the register `key` of `bucket`, and makes the bucket, with `replicas` copies, where it is not
    /// there.
    ///
    /// # Errors
    ///
    /// [`RegisterError`] where the servers are not there or do not let this process in.
    pub async fn open(
        connection: &Connection,
        bucket: &str,
        key: &str,
        replicas: usize,
    ) -> Result<Self, RegisterError> {
        let jetstream = &connection.jetstream;
        let found = jetstream.get_key_value(bucket).await;
        let bucket = match found {
            Ok(found) => found,
            Err(_) => jetstream
                .create_key_value(config(bucket, replicas))
                .await
                .map_err(|error| RegisterError(error.into()))?,
        };
        let key = key.to_owned();
        Ok(Self { bucket, key })
    }
}

impl NatsRegister {
    /// Opens the register `key` of `bucket`, or says that there is no such bucket.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn open_if_there(
        connection: &Connection,
        bucket: &str,
        key: &str,
    ) -> Result<Option<Self>, RegisterError> {
        // What a bucket's stream is called.
        let there = Info::ask(connection, &format!("KV_{bucket}")).await;
        if there.map_err(RegisterError)?.is_none() {
            return Ok(None);
        }
        let found = connection.jetstream.get_key_value(bucket).await;
        let bucket = found.map_err(|error| RegisterError(error.into()))?;
        let key = key.to_owned();
        Ok(Some(Self { bucket, key }))
    }
}

fn config(bucket: &str, replicas: usize) -> kv::Config {
    kv::Config {
        bucket: bucket.to_owned(),
        history: 1,
        storage: StorageType::File,
        num_replicas: replicas,
        // A message counts with its headers.
        max_value_size: i32::try_from(2 * REGISTER_BYTES_MAX).expect("a register is small"),
        ..kv::Config::default()
    }
}

#[async_trait]
impl Register for NatsRegister {
    /// Asked of the bucket's leader: any other replica may be behind.
    async fn read(&self) -> Result<Option<Held>, RegisterError> {
        let subject = format!("{}{}", self.bucket.prefix, self.key);
        let last = self
            .bucket
            .stream
            .get_last_raw_message_by_subject(&subject)
            .await;
        match last {
            Ok(message) => Ok(Some(Held {
                value: message.payload,
                version: message.sequence,
            })),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(RegisterError(error.into())),
        }
    }

    async fn swap(&self, expected: Option<u64>, value: Bytes) -> Result<u64, SwapError> {
        let put = self
            .bucket
            .update(&self.key, value, expected.unwrap_or(0))
            .await;
        put.map_err(|error| match error.kind() {
            UpdateErrorKind::WrongLastRevision => SwapError::Lost,
            _ => SwapError::Unknown(error.into()),
        })
    }
}

//! The JetStream stream that is the ledger: how it is made, and what is asserted of it at every start.
//!
//! Everything that the server says of its configuration is compared. A field that is not named here must
//! be as if it had never been set, so a feature of a later server cannot be switched on unseen.

use std::collections::HashMap;

use async_nats::jetstream::{self, response::Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use socai_store::BackendError;

use crate::connection::Connection;
use crate::error::{OpenError, Trouble};
use crate::identity::{self, FORMAT, ID, ORIGIN, SUPPORTED};
use crate::message::Subjects;
use crate::settings::Settings;
use socai_store::Identity;

/// The smallest window that the server takes, in nanoseconds. No message of ours has an id to remember.
const DUPLICATE_WINDOW: u64 = 100_000_000;

/// What the server's error means that no stream is there.
const NO_STREAM: u64 = 10_059;

/// What the stream's leader says of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Info {
    config: Map<String, Value>,
    pub(crate) state: State,
    #[serde(default)]
    cluster: Cluster,
}

/// What is in the stream.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct State {
    messages: u64,
    first_seq: u64,
    pub(crate) last_seq: u64,
    #[serde(default)]
    pub(crate) bytes: u64,
    #[serde(default)]
    deleted: Vec<u64>,
}

#[derive(Debug, Default, Deserialize)]
struct Cluster {
    #[serde(default)]
    leader: Option<String>,
    #[serde(default)]
    replicas: Vec<Replica>,
}

#[derive(Debug, Deserialize)]
struct Replica {
    name: String,
}

/// What is asked for a stream's state, so that a hole has a place.
fn with_deleted() -> Value {
    json!({ "deleted_details": true })
}

impl Info {
    /// Asks the stream's leader. `None` where there is no such stream.
    pub(crate) async fn ask(
        connection: &Connection,
        stream: &str,
    ) -> Result<Option<Self>, BackendError> {
        let subject = format!("STREAM.INFO.{stream}");
        let answer: Response<Self> = connection
            .jetstream
            .request(subject, &with_deleted())
            .await?;
        match answer {
            Response::Ok(info) => Ok(Some(info)),
            Response::Err { error } if error.error_code().0 == NO_STREAM => Ok(None),
            Response::Err { error } => Err(refused(&error)),
        }
    }

    /// Whose ledger it says it is.
    pub(crate) fn identity(&self) -> Option<Identity> {
        let metadata = self.config.get("metadata")?;
        let metadata: HashMap<String, String> = serde_json::from_value(metadata.clone()).ok()?;
        identity::of(&metadata)
    }

    /// # Errors
    ///
    /// [`OpenError::NewerFormat`] where it says that it holds the ledger in another form.
    pub(crate) fn expect_format(&self) -> Result<(), OpenError> {
        let format = self.config.get("metadata").and_then(|it| it.get(FORMAT));
        let format = format.and_then(Value::as_str).unwrap_or(SUPPORTED);
        if format == SUPPORTED {
            return Ok(());
        }
        Err(OpenError::NewerFormat {
            stream: self.config["name"].as_str().unwrap_or_default().to_owned(),
            format: format.to_owned(),
        })
    }

    /// The servers that hold a copy.
    pub(crate) fn servers(&self) -> Vec<String> {
        let replicas = self.cluster.replicas.iter().map(|replica| &replica.name);
        self.cluster
            .leader
            .iter()
            .chain(replicas)
            .cloned()
            .collect()
    }

    /// # Errors
    ///
    /// [`OpenError::Drift`] with the first field that is not as it was made.
    pub(crate) fn expect(&self, mut wanted: Map<String, Value>) -> Result<(), OpenError> {
        let name = wanted["name"].as_str().unwrap_or_default().to_owned();
        for (field, found) in &self.config {
            let expected = wanted.remove(field).unwrap_or(Value::Null);
            let found = without_the_servers_own(found);
            if found != expected && !(expected.is_null() && is_unset(&found)) {
                return Err(drift(&name, field, &found, &expected));
            }
        }
        // The server leaves out what is zero or false.
        let absent = wanted.into_iter().find(|(_, expected)| !is_unset(expected));
        absent.map_or(Ok(()), |(field, expected)| {
            Err(drift(&name, &field, &Value::Null, &expected))
        })
    }
}

impl State {
    /// The first position that is not there though a later one is.
    pub(crate) fn hole(&self) -> Option<u64> {
        if self.last_seq == 0 || self.messages == self.last_seq {
            return None;
        }
        if self.first_seq > 1 {
            return Some(1);
        }
        Some(self.deleted.iter().min().copied().unwrap_or(self.last_seq))
    }
}

/// Makes the stream that `config` describes. Whoever calls has looked that it is not there.
pub(crate) async fn create(
    connection: &Connection,
    config: &Map<String, Value>,
) -> Result<(), OpenError> {
    let stream = config["name"].as_str().unwrap_or_default().to_owned();
    let subject = format!("STREAM.CREATE.{stream}");
    let answer = connection.jetstream.request(subject, config).await;
    let answer: Response<Value> = answer.map_err(|error| OpenError::Unavailable(error.into()))?;
    match answer {
        Response::Ok(_) => Ok(()),
        Response::Err { error }
            if error.error_code() == jetstream::ErrorCode::STREAM_NAME_EXIST =>
        {
            Err(OpenError::Exists { stream })
        }
        Response::Err { error } => Err(OpenError::Unavailable(refused(&error))),
    }
}

/// The stream of the ledger's events.
pub(crate) fn of_events(settings: &Settings, identity: &Identity) -> Map<String, Value> {
    let subjects = Subjects::new(&settings.prefix).all();
    let mut config = kept_for_ever(&settings.stream, &subjects, settings, identity);
    config.insert("allow_atomic".to_owned(), json!(true));
    config
}

/// A stream of `subjects` that nothing goes away from, with as many copies as the ledger.
pub(crate) fn kept_for_ever(
    name: &str,
    subjects: &str,
    settings: &Settings,
    identity: &Identity,
) -> Map<String, Value> {
    let config = json!({
        "name": name,
        "subjects": [subjects],
        "num_replicas": settings.replicas,
        "storage": "file",
        "retention": "limits",
        "discard": "new",
        "max_msgs": -1,
        "max_bytes": -1,
        "max_age": 0,
        "max_msgs_per_subject": -1,
        "max_msg_size": -1,
        "max_consumers": -1,
        "duplicate_window": DUPLICATE_WINDOW,
        "deny_delete": true,
        "deny_purge": true,
        "allow_direct": true,
        "compression": "none",
        "metadata": { ID: identity.id().to_string(), ORIGIN: identity.origin() },
    });
    match config {
        Value::Object(config) => config,
        other => unreachable!("{other} was written as an object"),
    }
}

/// The server notes its version in the metadata.
fn without_the_servers_own(found: &Value) -> Value {
    let mut found = found.clone();
    if let Some(metadata) = found.as_object_mut() {
        metadata.retain(|key, _| !key.starts_with("_nats."));
    }
    found
}

/// Whether a field says what it would say if nobody had set it.
fn is_unset(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(set) => !set,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_unset),
    }
}

fn drift(stream: &str, field: &str, found: &Value, expected: &Value) -> OpenError {
    let say = |value: &Value| match value {
        Value::Null => "nothing".to_owned(),
        value => value.to_string(),
    };
    OpenError::Drift {
        stream: stream.to_owned(),
        field: field.to_owned(),
        found: say(found),
        expected: say(expected),
    }
}

pub(crate) fn refused(error: &jetstream::Error) -> BackendError {
    Trouble::Refused(error.to_string()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn ours() -> (Settings, Identity) {
        let settings = Settings::new("nats://127.0.0.1:4222", "LEDGER", "ledger.hanoi");
        (settings, Identity::new(Uuid::nil(), "hanoi").unwrap())
    }

    fn said(change: impl FnOnce(&mut Map<String, Value>)) -> Info {
        let (settings, identity) = ours();
        let mut config = of_events(&settings, &identity);
        config["metadata"]["_nats.ver"] = json!("2.15.1");
        config.insert("sealed".to_owned(), json!(false));
        config.insert("consumer_limits".to_owned(), json!({}));
        change(&mut config);
        Info {
            config,
            state: State::default(),
            cluster: Cluster::default(),
        }
    }

    #[test]
    fn a_stream_as_it_was_made_is_taken() {
        let (settings, identity) = ours();
        said(|_| ())
            .expect(of_events(&settings, &identity))
            .unwrap();
        assert_eq!(Some(identity), said(|_| ()).identity());
    }

    #[test]
    fn a_stream_of_a_newer_form_is_refused_by_its_number() {
        said(|_| ()).expect_format().unwrap();
        let newer = said(|config| config["metadata"][FORMAT] = json!("2"));
        let said = newer.expect_format().unwrap_err().to_string();
        assert!(said.contains("format 2"), "{said}");
    }

    #[test]
    fn every_field_that_drifts_is_named() {
        let (settings, identity) = ours();
        let drifts = [
            ("deny_delete", json!(false)),
            ("deny_purge", json!(false)),
            ("max_age", json!(1)),
            ("max_msgs", json!(10)),
            ("discard", json!("old")),
            ("num_replicas", json!(1)),
            ("storage", json!("memory")),
            ("subjects", json!(["ledger.hanoi.*.*", "x"])),
            ("persist_mode", json!("async")),
            ("allow_rollup_hdrs", json!(true)),
            ("allow_msg_ttl", json!(true)),
            ("mirror", json!({"name": "other"})),
            ("a_later_feature", json!(true)),
        ];
        for (field, value) in drifts {
            let drifted = said(|config| drop(config.insert(field.to_owned(), value)));
            let error = drifted
                .expect(of_events(&settings, &identity))
                .unwrap_err()
                .to_string();
            assert!(error.contains(field), "{error}");
        }
        let gone = said(|config| drop(config.remove("allow_atomic")));
        let error = gone
            .expect(of_events(&settings, &identity))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("allow_atomic = nothing; a ledger needs true"),
            "{error}"
        );
    }

    #[test]
    fn a_hole_has_a_place() {
        let state = |messages, first_seq, last_seq, deleted: &[u64]| {
            let deleted = deleted.to_vec();
            State {
                messages,
                first_seq,
                last_seq,
                bytes: 0,
                deleted,
            }
            .hole()
        };
        assert_eq!(None, state(0, 0, 0, &[]));
        assert_eq!(None, state(9, 1, 9, &[]));
        assert_eq!(Some(1), state(8, 2, 9, &[]));
        assert_eq!(Some(4), state(7, 1, 9, &[6, 4]));
        assert_eq!(Some(9), state(8, 1, 9, &[]));
        assert_eq!(Some(1), state(0, 10, 9, &[]));
    }
}

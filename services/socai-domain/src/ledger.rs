//! The ledger itself: whose it is, by which definitions it counts, how durable its servers are, which keys
//! sign its checkpoints, and what the last event of every stream was on the day its heads were sealed.
//!
//! Deliberately absent: whether a key's hash fits it, and trees. Here stands what the ledger says of them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::line::Line;
use crate::log_key::LogKey;
use crate::origin::Asking;
use crate::refusal::{Refused, refusals};
use crate::root::Root;

/// What is asked of the ledger. Creating it is not a command: `init` does it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Command {
    /// From now on rates are computed by this version of the definitions.
    #[serde(rename = "ledger.adopt_definition")]
    AdoptDefinition { definition: Line },
    /// The operator runs the ledger on servers that do not sync every write.
    #[serde(rename = "ledger.waive_durability")]
    WaiveDurability {
        reason: Line,
        /// The servers that do not, by the names that they give themselves.
        servers: Vec<Line>,
    },
    /// From now on this key signs checkpoints too. `socai key` makes the key and says so.
    #[serde(rename = "ledger.add_log_key")]
    AddLogKey { key: LogKey },
    /// A key signs no more. `socai key retire` says so.
    #[serde(rename = "ledger.retire_log_key")]
    RetireLogKey {
        key: LogKey,
        /// The size of the largest checkpoint that is valid by this key alone.
        valid_to: u64,
        reason: Retired,
    },
    /// The heads of all streams are sealed. `socai serve` and `socai evidence` compute them and say so.
    #[serde(rename = "ledger.seal_heads")]
    SealHeads {
        /// They are those of the records up to this position.
        size: u64,
        /// How many streams there are.
        streams: u64,
        /// The root of the tree over them.
        root: Root,
    },
}

/// Why a key signs no more, the worse reason last.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Retired {
    /// Another took over.
    Rotation,
    /// Somebody else may have it.
    Stolen,
}

/// What became true of the ledger. Names of variants and fields are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// It exists. Always the first event.
    #[serde(rename = "ledger.created.v1")]
    Created {
        /// Whose ledger it is, such as `hanoi`.
        origin: Line,
        /// The version of the definitions by which it counts.
        definition: Line,
        /// A claim that nobody answers stands after so many days; never, where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claims_stand_after_days: Option<u16>,
        /// Recorded times are simulated: a demonstration or a test, never evidence.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        simulated_clock: bool,
        /// The key that signs its checkpoints; one is added later, where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        log_key: Option<LogKey>,
    },
    /// Rates are computed by `definition` from here on.
    #[serde(rename = "ledger.definition_adopted.v1")]
    DefinitionAdopted { definition: Line },
    /// From here on `servers` may lose acknowledged events when their power fails: the operator knows, and
    /// gave a reason.
    #[serde(rename = "ledger.durability_waived.v1")]
    DurabilityWaived { reason: Line, servers: Vec<Line> },
    /// `key` signs checkpoints from here on: those of at least this event's position.
    #[serde(rename = "ledger.log_key_added.v1")]
    LogKeyAdded { key: LogKey },
    /// A checkpoint larger than `valid_to` is not valid by `key` alone.
    #[serde(rename = "ledger.log_key_retired.v1")]
    LogKeyRetired {
        key: LogKey,
        valid_to: u64,
        reason: Retired,
    },
    /// Of the records up to position `size` these are the last of each of `streams` streams, under `root`.
    ///
    /// The root is that of an RFC 6962 tree whose leaves are, in the order of the streams' names as bytes:
    /// the name, a zero byte, the revision and the position of its last record, both as eight bytes, the
    /// highest first.
    #[serde(rename = "ledger.heads_sealed.v1")]
    HeadsSealed { size: u64, streams: u64, root: Root },
}

/// The ledger as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ledger {
    /// Whose ledger it is; empty before it is created.
    pub origin: String,
    /// The version of the definitions by which it counts.
    pub definition: String,
    /// A claim that nobody answers stands after so many days.
    pub claims_stand_after_days: Option<u16>,
    /// Recorded times are simulated.
    pub simulated_clock: bool,
    /// The last waiver of durability, if there was one.
    pub waiver: Option<Waiver>,
    /// The keys of its checkpoints in the order in which they were named, retired ones included.
    pub log_keys: Vec<NamedKey>,
    /// The heads sealed last, if ever.
    pub heads: Option<Heads>,
}

/// A key of the ledger's checkpoints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedKey {
    /// The key.
    pub key: LogKey,
    /// Since when it signs no more: the largest size that is valid by it alone, and why.
    pub retired: Option<(u64, Retired)>,
}

/// The heads of all streams, as they were sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heads {
    /// The day of sealing.
    pub on: Date,
    /// They are those of the records up to this position.
    pub size: u64,
    /// How many streams there were.
    pub streams: u64,
    /// The root of the tree over them.
    pub root: Root,
}

/// The operator runs the ledger on servers that do not sync every write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Why.
    pub reason: Line,
    /// Which servers, as they were named.
    pub servers: Vec<Line>,
}

impl Waiver {
    /// Whether it is given for this reason and covers these servers and no others, in whatever order.
    fn says(&self, reason: &Line, servers: &[Line]) -> bool {
        let set = |servers: &[Line]| servers.iter().cloned().collect::<BTreeSet<_>>();
        self.reason == *reason && set(&self.servers) == set(servers)
    }
}

refusals!("ledger" {
    /// This program does not know the version.
    UnknownDefinition = "unknown_definition", "this program does not know that version of the definitions";
    /// Durability is waived for servers that are named.
    NoServers = "no_servers", "the waiver names no server";
    /// Whoever trusts the log knows it by one name.
    OtherLogName = "other_log_name", "the key has another name than the log: every key of a log has the log's name";
    /// What was retired does not come back.
    KeyRetired = "key_retired", "the log key is retired, and a retired key does not come back";
    /// It is not in the ledger.
    UnknownKey = "unknown_key", "no such log key is in the ledger";
    /// Whoever may have it may have it for good.
    StaysStolen = "stays_stolen", "the log key was retired as stolen, and that is not taken back";
    /// What a key no longer vouches for it does not vouch for again.
    AlreadyRetired = "already_retired", "the log key is retired already, and its last valid size can only become smaller";
    /// Without a key nothing can be sealed.
    LastKey = "last_key", "this is the last log key in force: add another first, unless it was stolen";
    /// There is at least one record, and a record for each stream.
    NoHeads = "no_heads", "heads are of at least one stream, and there are no more streams than records";
    /// Heads cover what earlier ones cover.
    HeadsBehind = "heads_behind", "the heads sealed last cover more records than these";
    /// One size has one set of heads.
    HeadsDiffer = "heads_differ", "other heads are sealed for the same size: one of the two is wrong";
});

/// Decides what follows when `asking` asks `command`.
///
/// # Errors
///
/// The [`Refusal`] that applies.
pub fn decide(command: &Command, asking: &Asking<'_>) -> Result<Vec<Event>, Refused> {
    match command {
        Command::AdoptDefinition { definition } => adopt(definition, asking),
        Command::WaiveDurability { reason, servers } => waive(reason, servers, asking),
        Command::AddLogKey { key } => add_log_key(key, &asking.registry.ledger),
        Command::RetireLogKey {
            key,
            valid_to,
            reason,
        } => retire_log_key(key, *valid_to, *reason, &asking.registry.ledger),
        Command::SealHeads {
            size,
            streams,
            root,
        } => seal_heads(
            &Heads {
                on: asking.on,
                size: *size,
                streams: *streams,
                root: root.clone(),
            },
            &asking.registry.ledger,
        ),
    }
}

fn adopt(definition: &Line, asking: &Asking<'_>) -> Result<Vec<Event>, Refused> {
    if definition.as_str() != crate::rate::DEFINITION {
        return Err(Refusal::UnknownDefinition.about(definition));
    }
    if asking.registry.ledger.definition == definition.as_str() {
        return Ok(Vec::new());
    }
    Ok(vec![Event::DefinitionAdopted {
        definition: definition.clone(),
    }])
}

fn waive(reason: &Line, servers: &[Line], asking: &Asking<'_>) -> Result<Vec<Event>, Refused> {
    if servers.is_empty() {
        return Err(Refusal::NoServers.into());
    }
    let last = asking.registry.ledger.waiver.as_ref();
    if last.is_some_and(|waiver| waiver.says(reason, servers)) {
        return Ok(Vec::new());
    }
    Ok(vec![Event::DurabilityWaived {
        reason: reason.clone(),
        servers: servers.to_vec(),
    }])
}

fn add_log_key(key: &LogKey, ledger: &Ledger) -> Result<Vec<Event>, Refused> {
    if ledger.log_name().is_some_and(|name| name != key.name()) {
        return Err(Refusal::OtherLogName.about(key));
    }
    match ledger.log_key(key) {
        Some(known) if known.retired.is_some() => Err(Refusal::KeyRetired.about(key)),
        Some(_) => Ok(Vec::new()),
        None => Ok(vec![Event::LogKeyAdded { key: key.clone() }]),
    }
}

fn retire_log_key(
    key: &LogKey,
    valid_to: u64,
    reason: Retired,
    ledger: &Ledger,
) -> Result<Vec<Event>, Refused> {
    let known = ledger.log_key(key);
    let known = known.ok_or_else(|| Refusal::UnknownKey.about(key))?;
    match known.retired {
        Some(already) if already == (valid_to, reason) => return Ok(Vec::new()),
        Some(already) => goes_on(already, (valid_to, reason))?,
        None => {}
    }
    let others = ledger.keys_in_force().any(|other| other != key);
    match reason {
        Retired::Rotation if !others => return Err(Refusal::LastKey.about(key)),
        Retired::Rotation | Retired::Stolen => {}
    }
    Ok(vec![Event::LogKeyRetired {
        key: key.clone(),
        valid_to,
        reason,
    }])
}

/// Checks that a key that is retired already is only worth less: a key that was rotated out may turn out to have been
/// stolen, then or before.
fn goes_on(
    (smaller, before): (u64, Retired),
    (valid_to, reason): (u64, Retired),
) -> Result<(), Refused> {
    match (before, reason) {
        (Retired::Stolen, Retired::Rotation) => Err(Refusal::StaysStolen.about(smaller)),
        (Retired::Rotation, Retired::Stolen) if valid_to == smaller => Ok(()),
        (Retired::Rotation | Retired::Stolen, _) if valid_to >= smaller => {
            Err(Refusal::AlreadyRetired.about(smaller))
        }
        (Retired::Rotation | Retired::Stolen, Retired::Rotation | Retired::Stolen) => Ok(()),
    }
}

fn seal_heads(heads: &Heads, ledger: &Ledger) -> Result<Vec<Event>, Refused> {
    if heads.streams == 0 || heads.streams > heads.size {
        return Err(Refusal::NoHeads.into());
    }
    match &ledger.heads {
        Some(last) if last.size > heads.size => return Err(Refusal::HeadsBehind.about(last.size)),
        Some(last) if last.size == heads.size => {
            return if (last.streams, &last.root) == (heads.streams, &heads.root) {
                Ok(Vec::new())
            } else {
                Err(Refusal::HeadsDiffer.about(last.size))
            };
        }
        Some(_) | None => {}
    }
    Ok(vec![Event::HeadsSealed {
        size: heads.size,
        streams: heads.streams,
        root: heads.root.clone(),
    }])
}

impl Ledger {
    /// The name of its log, which every key of its checkpoints has; `None` before there is a key.
    pub fn log_name(&self) -> Option<&str> {
        self.log_keys.first().map(|named| named.key.name())
    }

    /// The keys that sign checkpoints, oldest first.
    pub fn keys_in_force(&self) -> impl Iterator<Item = &LogKey> {
        let in_force = self.log_keys.iter().filter(|named| named.retired.is_none());
        in_force.map(|named| &named.key)
    }

    fn log_key(&self, key: &LogKey) -> Option<&NamedKey> {
        self.log_keys.iter().find(|named| named.key == *key)
    }

    fn add(mut self, key: &LogKey) -> Option<Self> {
        if self.log_key(key).is_some() {
            return None;
        }
        let (key, retired) = (key.clone(), None);
        self.log_keys.push(NamedKey { key, retired });
        Some(self)
    }

    fn retire(mut self, key: &LogKey, valid_to: u64, reason: Retired) -> Option<Self> {
        let mut keys = self.log_keys.iter_mut();
        keys.find(|named| named.key == *key)?.retired = Some((valid_to, reason));
        Some(self)
    }
}

/// Tells the ledger one more fact, true from `on`; `None` where the event cannot follow: it is created once,
/// a key is added once, and only a key that was added is retired.
pub fn evolve(ledger: Ledger, on: Date, event: &Event) -> Option<Ledger> {
    match event {
        Event::Created { .. } if !ledger.origin.is_empty() => None,
        Event::Created {
            origin,
            definition,
            claims_stand_after_days,
            simulated_clock,
            log_key,
        } => Some(Ledger {
            origin: origin.to_string(),
            definition: definition.to_string(),
            claims_stand_after_days: *claims_stand_after_days,
            simulated_clock: *simulated_clock,
            waiver: None,
            log_keys: log_key
                .iter()
                .map(|key| NamedKey {
                    key: key.clone(),
                    retired: None,
                })
                .collect(),
            heads: None,
        }),
        Event::DefinitionAdopted { definition } => Some(Ledger {
            definition: definition.to_string(),
            ..ledger
        }),
        Event::DurabilityWaived { reason, servers } => Some(Ledger {
            waiver: Some(Waiver {
                reason: reason.clone(),
                servers: servers.clone(),
            }),
            ..ledger
        }),
        Event::LogKeyAdded { key } => ledger.add(key),
        Event::LogKeyRetired {
            key,
            valid_to,
            reason,
        } => ledger.retire(key, *valid_to, *reason),
        Event::HeadsSealed {
            size,
            streams,
            root,
        } => Some(Ledger {
            heads: Some(Heads {
                on,
                size: *size,
                streams: *streams,
                root: root.clone(),
            }),
            ..ledger
        }),
    }
}

#[cfg(test)]
pub(crate) mod tests;

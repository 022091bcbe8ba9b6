//! The ledger itself: whose it is, by which definitions it counts, and how durable its servers are.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::line::Line;
use crate::origin::Asking;
use crate::refusal::{Refused, refusals};

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
    },
    /// Rates are computed by `definition` from here on.
    #[serde(rename = "ledger.definition_adopted.v1")]
    DefinitionAdopted { definition: Line },
    /// From here on `servers` may lose acknowledged events when their power fails: the operator knows, and
    /// gave a reason.
    #[serde(rename = "ledger.durability_waived.v1")]
    DurabilityWaived { reason: Line, servers: Vec<Line> },
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

/// Tells the ledger one more fact; `None` where the event cannot follow: it is created once.
pub fn evolve(ledger: Ledger, event: &Event) -> Option<Ledger> {
    match event {
        Event::Created { .. } if !ledger.origin.is_empty() => None,
        Event::Created {
            origin,
            definition,
            claims_stand_after_days,
            simulated_clock,
        } => Some(Ledger {
            origin: origin.to_string(),
            definition: definition.to_string(),
            claims_stand_after_days: *claims_stand_after_days,
            simulated_clock: *simulated_clock,
            waiver: None,
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
    }
}

#[cfg(test)]
pub(crate) mod tests;

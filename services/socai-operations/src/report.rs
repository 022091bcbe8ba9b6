//! What became of a command.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use socai_app::ledger::Outcome;
use socai_domain::command::Decision;
use socai_domain::refusal::Refused;
use socai_store::Position;
use socai_tlog::Hash;

/// What became of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Report {
    /// Which line it was, from 1; 0 where it came alone.
    pub line: u64,
    /// `recorded`, `unchanged`, `refused`, `failed` or `unknown`; of a rehearsal, `would_be_recorded`.
    pub outcome: &'static str,
    /// Where its events stand; empty where nothing was recorded.
    pub positions: Vec<u64>,
    /// The events' ids, in the order of their positions.
    pub ids: Vec<String>,
    /// What the events are about, in the order of their positions.
    pub subjects: Vec<String>,
    /// The events' leaf hashes in the log, in base64, in the order of their positions: whoever keeps them can hold the
    /// ledger to them. Empty where nothing was recorded, and where the ledger could not be read back.
    pub leaves: Vec<String>,
    /// What programs match on, where it is refused.
    pub code: Option<&'static str>,
    /// Why it was not recorded.
    pub message: Option<String>,
}

impl Report {
    /// Of an outcome; `trouble` is why it failed, if it did.
    pub fn of(outcome: Outcome, trouble: Option<&str>) -> Self {
        let failed = |outcome| Self {
            message: trouble.map(str::to_owned),
            ..Self::blank(outcome)
        };
        match outcome {
            Outcome::Recorded(written) => Self {
                positions: written.iter().map(|event| event.position.0).collect(),
                ids: written.iter().map(|event| event.id.to_string()).collect(),
                subjects: written.into_iter().map(|event| event.subject).collect(),
                ..Self::blank("recorded")
            },
            Outcome::Unchanged => Self::blank("unchanged"),
            Outcome::Refused(refused) => Self::refused(&refused),
            Outcome::Failed => failed("failed"),
            Outcome::Unknown => failed("unknown"),
        }
    }

    /// Of a command that was decided and not recorded.
    pub fn rehearsed(decided: Result<Decision, Refused>) -> Self {
        match decided {
            Ok(decision) if decision.events() == 0 => Self::blank("unchanged"),
            Ok(decision) => Self {
                subjects: decision
                    .writes
                    .iter()
                    .map(|(subject, _)| subject.to_string())
                    .collect(),
                ..Self::blank("would_be_recorded")
            },
            Err(refused) => Self::refused(&refused),
        }
    }

    /// Of a line that is no command.
    pub fn invalid(code: &'static str, message: String) -> Self {
        Self {
            code: Some(code),
            message: Some(message),
            ..Self::blank("refused")
        }
    }

    /// The same, with the leaf hashes of its events where all are known.
    pub fn with_leaves(self, leaves: &BTreeMap<Position, Hash>) -> Self {
        let leaf = |position: &u64| leaves.get(&Position(*position)).map(Hash::to_string);
        let leaves: Option<Vec<String>> = self.positions.iter().map(leaf).collect();
        Self {
            leaves: leaves.unwrap_or_default(),
            ..self
        }
    }

    fn refused(refused: &Refused) -> Self {
        Self::invalid(refused.code, refused.to_string())
    }

    fn blank(outcome: &'static str) -> Self {
        Self {
            line: 0,
            outcome,
            positions: Vec::new(),
            ids: Vec::new(),
            subjects: Vec::new(),
            leaves: Vec::new(),
            code: None,
            message: None,
        }
    }
}

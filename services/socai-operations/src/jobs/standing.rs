//! How a job stands, as it is told to whoever watches it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// How a job stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Standing {
    /// Its id.
    #[schemars(with = "String")]
    pub id: Uuid,
    /// What is done: `review`, `evidence`.
    pub work: &'static str,
    /// How far it has come.
    pub state: State,
    /// What it does now.
    pub step: &'static str,
    /// How much of the step is done.
    pub done: u64,
    /// How much there is to do, where that is known.
    pub of: Option<u64>,
    /// When it was asked for.
    pub asked: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Why it failed.
    pub problem: Option<String>,
    /// What it made.
    pub files: Vec<Made>,
}

/// How far a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Others run.
    Waiting,
    /// It runs.
    Running,
    /// Its files are there.
    Done,
    /// `problem` says why it came to nothing.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Waiting,
        Self::Running,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
    ];

    /// Its name in data.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) const fn has_ended(self) -> bool {
        match self {
            Self::Waiting | Self::Running => false,
            Self::Done | Self::Failed | Self::Cancelled => true,
        }
    }
}

/// A file that a job made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Made {
    /// Its name.
    pub name: &'static str,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

impl Standing {
    pub(super) fn new(id: Uuid, work: &'static str) -> Self {
        Self {
            id,
            work,
            state: State::Waiting,
            step: "waiting for its turn",
            done: 0,
            of: None,
            asked: Timestamp::now(),
            ended: None,
            problem: None,
            files: Vec::new(),
        }
    }

    pub(super) fn end(&mut self, state: State, problem: Option<String>, now: Timestamp) {
        self.state = state;
        self.step = "ended";
        self.problem = problem;
        self.ended = Some(now);
    }
}

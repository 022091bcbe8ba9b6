//! The shapes of what this room is built upon, until that is there.
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use socai_domain::id::AccountId;
use socai_operations::catalogue::{Answering, Entry};
use socai_operations::question::Frame;
use socai_operations::trouble::Trouble;
use std::fmt;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub struct Principal {
    pub account: AccountId,
}
#[derive(Debug)]
pub enum Denied {
    Missing,
    Unknown,
    Closed,
    Revoked,
    Expired,
    Unavailable(()),
}
impl Denied {
    pub fn code(&self) -> &'static str {
        "identity.nobody"
    }
}
impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no such token")
    }
}
pub struct Identity;
impl Identity {
    pub fn by_token(&self, _: &str, _: Timestamp) -> Result<Principal, Denied> {
        Err(Denied::Unknown)
    }
}
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub limit: Option<usize>,
    pub cursor: Option<String>,
}
pub struct Answer {
    pub frame: Frame,
    pub answering: Box<dyn Answering>,
    pub next: Option<String>,
}
pub struct CommandLine {
    pub name: String,
    pub effective: Date,
    pub data: Box<RawValue>,
    pub synthetic: bool,
    pub id: Option<Uuid>,
}
#[derive(Debug, Serialize, JsonSchema)]
pub struct Report {
    pub line: u64,
    pub outcome: &'static str,
    pub positions: Vec<u64>,
    pub code: Option<&'static str>,
    pub message: Option<String>,
}
pub struct Service;
impl Service {
    pub async fn ask(
        &self,
        _: &Entry,
        _: Value,
        _: Page,
        _: &Principal,
    ) -> Result<Answer, Trouble> {
        Err(Trouble::Unavailable("nobody is here".into()))
    }
    pub async fn record(&self, _: CommandLine, _: &Principal) -> Result<Report, Trouble> {
        Err(Trouble::Unavailable("nobody is here".into()))
    }
    pub fn store(&self) -> std::sync::Arc<dyn socai_store::EventStore> {
        unreachable!()
    }
    pub fn position(&self) -> u64 {
        0
    }
}

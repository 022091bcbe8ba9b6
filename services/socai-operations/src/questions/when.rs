//! Of which day, and as known when: the same for every list.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::known_at::KnownAt;

/// Of which day, and as known when.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
pub struct When {
    /// The day at whose end is looked; today, where left out
    #[arg(long, value_name = "DAY")]
    pub as_of: Option<Date>,
    /// Only what the ledger held at this position or time
    #[arg(long, value_name = "POSITION|TIME")]
    pub known_at: Option<KnownAt>,
}

impl When {
    /// The day at whose end is looked.
    pub fn day(&self, today: Date) -> Date {
        self.as_of.unwrap_or(today)
    }
}

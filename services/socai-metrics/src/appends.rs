//! How long appends to the log took.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Upper bounds of appends' times, in seconds: a disk syncs in fractions of a millisecond, and servers in several.
const BUCKETS: [f64; 14] = [
    0.000_25, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// How long appends took.
#[derive(Debug, Clone)]
pub struct Appends(Family<Ended, Histogram, fn() -> Histogram>);

/// How an append ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It is durable.
    Recorded,
    /// Others wrote first.
    Conflict,
    /// The store does not take such a batch.
    Refused,
    /// The store is not there. Nothing was recorded.
    Failed,
    /// Nobody knows whether it was recorded.
    Unknown,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [
        Self::Recorded,
        Self::Conflict,
        Self::Refused,
        Self::Failed,
        Self::Unknown,
    ];

    /// Its name as a label.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

impl EncodeLabelValue for Outcome {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), std::fmt::Error> {
        self.name().encode(encoder)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: Outcome,
}

impl Default for Appends {
    fn default() -> Self {
        let times = Family::new_with_constructor((|| Histogram::new(BUCKETS)) as fn() -> Histogram);
        for outcome in Outcome::ALL {
            // A series that begins at 0 shows the first failure as a rise.
            drop(times.get_or_create(&Ended { outcome }));
        }
        Self(times)
    }
}

impl Appends {
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register_with_unit(
            "socai_append_duration",
            "How long the store took to say what became of an append",
            Unit::Seconds,
            self.0.clone(),
        );
    }

    /// An append ended so, after `took`.
    pub fn ended(&self, outcome: Outcome, took: Duration) {
        let times = self.0.get_or_create(&Ended { outcome });
        times.observe(took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use crate::{Form, Metrics};

    use super::*;

    #[test]
    fn every_outcome_is_there_before_anything_is_appended() {
        let metrics = Metrics::default();
        metrics
            .appends
            .ended(Outcome::Conflict, Duration::from_millis(2));
        let written = metrics.collect(Form::OpenMetrics);
        for outcome in Outcome::ALL {
            let times = u8::from(outcome == Outcome::Conflict);
            let name = outcome.name();
            let line =
                format!("socai_append_duration_seconds_count{{outcome=\"{name}\"}} {times}\n");
            assert!(written.contains(&line), "{line}{written}");
        }
    }
}

//! How long things took.

use std::time::Duration;

/// How long each of many took, and all together.
#[derive(Debug, Default)]
pub(crate) struct Latencies {
    each: Vec<Duration>,
    all: Duration,
}

impl Latencies {
    /// Of `each`, all of which were done within `all`.
    pub(crate) fn new(mut each: Vec<Duration>, all: Duration) -> Self {
        each.sort_unstable();
        Self { each, all }
    }

    /// How many a second.
    pub(crate) fn rate(&self) -> f64 {
        self.each.len() as f64 / self.all.as_secs_f64()
    }

    /// What so many of a thousand stayed within, in milliseconds.
    fn within(&self, thousandths: usize) -> f64 {
        let last = self.each.len().saturating_sub(1);
        let one = self.each.get(last * thousandths / 1_000);
        one.copied().unwrap_or_default().as_secs_f64() * 1_000.0
    }
}

/// One line of the table.
pub(crate) fn print(what: &str, latencies: &Latencies) {
    println!(
        "{what:<30} {:>10} {:>8.0} {:>10.2} {:>10.2} {:>10.2}",
        latencies.each.len(),
        latencies.rate(),
        latencies.within(500),
        latencies.within(990),
        latencies.within(1_000),
    );
}

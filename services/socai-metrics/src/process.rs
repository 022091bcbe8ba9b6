//! The process as Linux sees it, under the names that every client library of Prometheus uses.
//!
//! On a machine without `/proc` there are no such series.

use std::fmt::Error;
use std::fs;

use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use crate::noted::seconds;
use crate::write::{Family, NO_LABELS};

/// Ticks of a second in `/proc`: the kernel's USER_HZ, 100 wherever this program runs.
const TICKS: f64 = 100.0;

/// Collects what `/proc` says of this process.
#[derive(Debug)]
pub(crate) struct Process {
    /// When it began. That of the machine, from which `/proc` counts, is not told to a service that may see processes
    /// alone.
    pub(crate) started: Timestamp,
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        let encoder = &mut encoder;
        let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let help = "Time on a processor, of the user and of the system.";
        let cpu = cpu_seconds(&stat).map(|seconds| (NO_LABELS, seconds));
        Family::seconds("process_cpu", help).counters(encoder, cpu)?;
        let help = "When the process started.";
        Family::seconds("process_start_time", help).gauge(encoder, Some(seconds(self.started)))?;
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let resident = number_after(&status, "VmRSS:").map(|kib| kib * 1024.0);
        let help = "Memory of the process that is in main memory.";
        Family::bytes("process_resident_memory", help).gauge(encoder, resident)?;
        let threads = number_after(&status, "Threads:");
        Family::of("process_threads", "Threads of the process.").gauge(encoder, threads)?;
        // The folder itself is open while it is read.
        let open = fs::read_dir("/proc/self/fd").ok();
        let open = open.map(|open| open.count().saturating_sub(1));
        Family::of("process_open_fds", "File descriptors that are open.").gauge(encoder, open)?;
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let limit = number_after(&limits, "Max open files");
        Family::of("process_max_fds", "File descriptors that may be open.").gauge(encoder, limit)
    }
}

/// Seconds on a processor, as `/proc/self/stat` says. The name of the program stands in brackets and may hold spaces; the
/// fields after it count from the third.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
    Some((ticks(14)? + ticks(15)?) / TICKS)
}

/// The first number after `name` at the beginning of a line.
fn number_after(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use crate::{Form, Metrics};

    use super::*;

    #[test]
    fn a_program_with_a_bracket_in_its_name_is_read_all_the_same() {
        let text = "7 (so) cai) S 1 7 7 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 4 0 12300 1 1";
        assert_eq!(cpu_seconds(text), Some(2.0));
        assert_eq!(cpu_seconds("7 (socai) S 1"), None);
    }

    #[test]
    fn the_process_is_measured_under_the_usual_names() {
        let written = Metrics::default().collect(Form::OpenMetrics);
        for name in [
            "process_cpu_seconds_total",
            "process_start_time_seconds",
            "process_resident_memory_bytes",
            "process_threads",
            "process_open_fds",
            "process_max_fds",
        ] {
            let line = format!("\n{name} ");
            assert!(written.contains(&line), "{name}: {written}");
        }
    }
}

//! The process as Linux sees it, under the names that every client library of Prometheus uses.
//!
//! On a machine without `/proc` there are no such series.

use std::fmt::Error;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

/// Ticks of a second in `/proc`: the kernel's USER_HZ, 100 wherever this program runs.
const TICKS: f64 = 100.0;

/// Collects what `/proc` says of this process.
#[derive(Debug)]
pub(crate) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        let stat = Stat::read();
        if let Some(stat) = &stat {
            let help = "Time on a processor, of the user and of the system.";
            let seconds = Some(&Unit::Seconds);
            let cpu = ConstCounter::new(stat.cpu_seconds);
            let family =
                encoder.encode_descriptor("process_cpu", help, seconds, cpu.metric_type())?;
            cpu.encode(family)?;
        }
        let started = stat.and_then(|stat| Some(boot_time()? + stat.started_seconds));
        if let Some(started) = started {
            let help = "When the process started, since the epoch.";
            gauge(
                &mut encoder,
                ("process_start_time", help, Some(Unit::Seconds)),
                started,
            )?;
        }
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        if let Some(kib) = number_after(&status, "VmRSS:") {
            let help = "Memory of the process that is in main memory.";
            gauge(
                &mut encoder,
                ("process_resident_memory", help, Some(Unit::Bytes)),
                kib * 1024.0,
            )?;
        }
        if let Some(threads) = number_after(&status, "Threads:") {
            gauge(
                &mut encoder,
                ("process_threads", "Threads of the process.", None),
                threads,
            )?;
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            // The folder itself is open while it is read.
            let open = open.count().saturating_sub(1) as f64;
            gauge(
                &mut encoder,
                ("process_open_fds", "File descriptors that are open.", None),
                open,
            )?;
        }
        let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
        if let Some(limit) = number_after(&limits, "Max open files") {
            let help = "File descriptors that may be open.";
            gauge(&mut encoder, ("process_max_fds", help, None), limit)?;
        }
        Ok(())
    }
}

fn gauge(
    encoder: &mut DescriptorEncoder,
    (name, help, unit): (&str, &str, Option<Unit>),
    value: f64,
) -> Result<(), Error> {
    let gauge = ConstGauge::new(value);
    let family = encoder.encode_descriptor(name, help, unit.as_ref(), gauge.metric_type())?;
    gauge.encode(family)
}

/// What `/proc/self/stat` says.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stat {
    cpu_seconds: f64,
    /// Since the machine started.
    started_seconds: f64,
}

impl Stat {
    fn read() -> Option<Self> {
        Self::parse(&fs::read_to_string("/proc/self/stat").ok()?)
    }

    /// The name of the program stands in brackets and may hold spaces; the fields after it count from the third.
    fn parse(text: &str) -> Option<Self> {
        let (_, rest) = text.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let ticks = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
        Some(Self {
            cpu_seconds: (ticks(14)? + ticks(15)?) / TICKS,
            started_seconds: ticks(22)? / TICKS,
        })
    }
}

/// When the machine started, in seconds since the epoch.
fn boot_time() -> Option<f64> {
    number_after(&fs::read_to_string("/proc/stat").ok()?, "btime")
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
        let read = Stat::parse(text).unwrap();
        assert_eq!((read.cpu_seconds, read.started_seconds), (2.0, 123.0));
        assert_eq!(Stat::parse("7 (socai) S 1"), None);
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

//! The disks under the process's directories, and the last backup that left its mark there.

use std::fmt::Error;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use serde::Deserialize;

use crate::noted::seconds;
use crate::write::Family;

/// What `socai backup` leaves behind.
const BACKUP: &str = "backup.json";

/// Collects from the directories of a process.
#[derive(Debug)]
pub struct Directories {
    /// What the process keeps there: `ledger`, `state`.
    named: Vec<(&'static str, PathBuf)>,
    /// The folder with the log's files, where it is on this machine.
    log: Option<PathBuf>,
}

/// A backup, as far as this has to know.
#[derive(Deserialize)]
struct Backup {
    position: u64,
    at: Timestamp,
}

impl Directories {
    /// Of a ledger in `dir`, with its log in `log`.
    pub fn of_ledger(dir: &Path, log: PathBuf) -> Self {
        Self {
            named: vec![("ledger", dir.to_owned())],
            log: Some(log),
        }
    }

    /// Of a process that keeps its own things in `state`.
    pub fn of_state(state: &Path) -> Self {
        Self {
            named: vec![("state", state.to_owned())],
            log: None,
        }
    }

    fn write_disks(&self, encoder: &mut DescriptorEncoder) -> Result<(), Error> {
        let disks = self.named.iter().filter_map(|(name, path)| {
            let disk = rustix::fs::statvfs(path).ok()?;
            Some(([("directory", *name)], disk))
        });
        let disks: Vec<_> = disks.collect();
        let help = "Bytes that the process may still write, on the disk under its directory.";
        let free = disks
            .iter()
            .map(|(name, disk)| (*name, disk.f_bavail * disk.f_frsize));
        Family::bytes("socai_disk_free", help).gauges(encoder, free)?;
        let help = "Bytes of the disk under the directory.";
        let size = disks
            .iter()
            .map(|(name, disk)| (*name, disk.f_blocks * disk.f_frsize));
        Family::bytes("socai_disk_size", help).gauges(encoder, size)
    }

    fn backup(&self) -> Option<Backup> {
        let (_, folder) = self.named.first()?;
        let text = fs::read(folder.join(BACKUP)).ok()?;
        match serde_json::from_slice(&text) {
            Ok(backup) => Some(backup),
            Err(error) => {
                tracing::warn!(%error, "{BACKUP} does not read; there are no metrics of it");
                None
            }
        }
    }

    fn write_backup(&self, encoder: &mut DescriptorEncoder) -> Result<(), Error> {
        let backup = self.backup();
        let help = "When a backup of this ledger was last completed.";
        let at = backup.as_ref().map(|backup| seconds(backup.at));
        Family::seconds("socai_backup_last_success_timestamp", help).gauge(encoder, at)?;
        let help = "The last record that the last backup holds.";
        let position = backup.map(|backup| backup.position);
        Family::of("socai_backup_position", help).gauge(encoder, position)
    }
}

impl Collector for Directories {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        self.write_disks(&mut encoder)?;
        self.write_backup(&mut encoder)
    }
}

impl Directories {
    /// Bytes of the log's files; `None` where they are elsewhere.
    pub fn log_bytes(&self) -> Option<u64> {
        let files = fs::read_dir(self.log.as_ref()?).ok()?;
        let sizes = files.filter_map(|file| file.ok()?.metadata().ok());
        Some(sizes.map(|file| file.len()).sum())
    }
}

#[cfg(test)]
mod tests {
    use crate::{Form, Metrics};

    use super::*;

    #[test]
    fn a_backup_is_known_by_what_it_left_behind() {
        let state = tempfile::tempdir().unwrap();
        let metrics = Metrics::default();
        metrics.add(Directories::of_state(state.path()));
        let before = metrics.collect(Form::OpenMetrics);
        assert!(!before.contains("\nsocai_backup_position "), "{before}");
        assert!(
            before.contains("socai_disk_free_bytes{directory=\"state\"} "),
            "{before}"
        );
        let left = r#"{"position":12,"at":"1970-01-01T00:01:00Z","root":"abc="}"#;
        fs::write(state.path().join(BACKUP), left).unwrap();
        let after = metrics.collect(Form::OpenMetrics);
        assert!(after.contains("\nsocai_backup_position 12\n"), "{after}");
        assert!(after.contains("\nsocai_backup_last_success_timestamp_seconds 60.0\n"));
        fs::write(state.path().join(BACKUP), "half of").unwrap();
        let damaged = metrics.collect(Form::OpenMetrics);
        assert!(!damaged.contains("\nsocai_backup_position "), "{damaged}");
    }
}

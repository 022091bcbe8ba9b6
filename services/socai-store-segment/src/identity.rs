//! Which ledger a directory holds: a small text file, written once.
//!
//! ```text
//! socai-log 1
//! id 019d2f3a-9c1e-7b22-8a55-0d6f3f1c9e01
//! origin hanoi
//! crc32c 1a2b3c4d
//! ```

use std::path::Path;

use socai_store::Identity;

use crate::disk::Disk;
use crate::error::{Damage, OpenError};

/// The file's name. A directory without it holds no ledger.
pub(crate) const FILE: &str = "identity";

/// The newest version of the log's format, here and in every segment.
pub(crate) const FORMAT_VERSION: u16 = 1;

/// What every frame repeats, so that a frame of another ledger is known.
pub(crate) fn salt(identity: &Identity) -> u32 {
    crc32c::crc32c(identity.id().as_bytes())
}

pub(crate) fn write(identity: &Identity, disk: &dyn Disk, log: &Path) -> Result<(), OpenError> {
    let (path, draft) = (log.join(FILE), log.join("identity.tmp"));
    let write = || {
        let file = disk.create(&draft)?;
        file.write_at(to_text(identity).as_bytes(), 0)?;
        file.sync_data()?;
        disk.rename(&draft, &path)?;
        disk.sync_dir(log)
    };
    write().map_err(OpenError::write("write", &path))
}

pub(crate) fn read(disk: &dyn Disk, log: &Path) -> Result<Identity, OpenError> {
    let path = log.join(FILE);
    let read = || {
        let file = disk.open_read_only(&path)?;
        let mut bytes = vec![0; usize::try_from(file.size()?).unwrap_or(0).min(1_000)];
        let count = file.read_at(&mut bytes, 0)?;
        bytes.truncate(count);
        Ok(bytes)
    };
    let bytes = read().map_err(OpenError::io("read", &path))?;
    from_text(&String::from_utf8_lossy(&bytes))
}

fn to_text(identity: &Identity) -> String {
    let text = format!(
        "socai-log {FORMAT_VERSION}\nid {}\norigin {}\n",
        identity.id(),
        identity.origin()
    );
    format!("{text}crc32c {:08x}\n", crc32c::crc32c(text.as_bytes()))
}

fn from_text(text: &str) -> Result<Identity, OpenError> {
    let version = text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("socai-log "));
    match version.and_then(|version| version.parse().ok()) {
        Some(version) if version > FORMAT_VERSION => Err(OpenError::NewerFormat {
            file: FILE.to_owned(),
            version,
            supported: FORMAT_VERSION,
        }),
        _ => from_version_1(text).ok_or_else(|| {
            let what = "the file does not say whose ledger it is".to_owned();
            OpenError::Damaged(Damage {
                segment: FILE.to_owned(),
                offset: 0,
                position: 1,
                what,
            })
        }),
    }
}

fn from_version_1(text: &str) -> Option<Identity> {
    let mut lines = text.lines().skip(1);
    let id = lines.next()?.strip_prefix("id ")?.parse().ok()?;
    let identity = Identity::new(id, lines.next()?.strip_prefix("origin ")?)?;
    (to_text(&identity) == text).then_some(identity)
}

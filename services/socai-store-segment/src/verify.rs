//! Reading every byte of a log and saying the first thing that is wrong.

use std::path::Path;

use crate::disk::Disk;
use crate::error::{Damage, OpenError};
use crate::identity;
use crate::recovery::{self, Sidecars};
use crate::scan::Chunk;

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The last position that is whole; everything before it is too.
    pub position: u64,
    /// What is wrong after it, if anything.
    pub damage: Option<Damage>,
}

/// Reads every frame of every segment, and hands out the records of those that are whole, in order. Trusts no
/// sidecar and changes nothing.
pub(crate) fn verify(
    disk: &dyn Disk,
    log: &Path,
    seen: &mut dyn FnMut(Chunk),
) -> Result<Verified, OpenError> {
    let identity = identity::read(disk, log)?;
    let found = recovery::inspect(disk, log, &identity, Sidecars::Ignore, seen)?;
    Ok(Verified {
        position: found.index.head(),
        damage: found.damage,
    })
}

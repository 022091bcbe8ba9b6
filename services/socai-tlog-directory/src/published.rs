//! `DIR/tlog/checkpoint`: the latest note, where readers of C2SP tlog-tiles look for it.

use std::io;
use std::path::Path;

use crate::disk::Disk;
use crate::names::read;

const NAME: &str = "checkpoint";
const DRAFT: &str = "checkpoint.draft";

/// What is published in `folder`, `None` where nothing ever was.
pub(crate) fn published(disk: &dyn Disk, folder: &Path) -> io::Result<Option<Vec<u8>>> {
    read(disk, &folder.join(NAME))
}

/// Publishes `note` in the place of the one that is there.
pub(crate) fn publish(disk: &dyn Disk, folder: &Path, note: &[u8]) -> io::Result<()> {
    let draft = folder.join(DRAFT);
    let file = disk.create(&draft)?;
    file.write_at(note, 0)?;
    file.sync_data()?;
    disk.rename(&draft, &folder.join(NAME))?;
    disk.sync_dir(folder)
}

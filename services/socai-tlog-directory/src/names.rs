//! Directories whose names are durable, and reading what may not be there.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::disk::Disk;

/// The directories below one root that this process has made sure of.
///
/// One that was found is made sure of as well: whoever made it may have stopped before it was durable.
#[derive(Debug)]
pub(crate) struct Directories {
    root: PathBuf,
    sure: BTreeSet<PathBuf>,
}

impl Directories {
    pub(crate) fn below(root: PathBuf) -> Self {
        Self {
            root,
            sure: BTreeSet::new(),
        }
    }

    /// Makes `dir`, and what is missing between it and the root, with durable names.
    pub(crate) fn make(&mut self, disk: &dyn Disk, dir: &Path) -> io::Result<()> {
        if self.sure.contains(dir) {
            return Ok(());
        }
        let parent = dir.parent().expect("the root is in a directory");
        if dir != self.root {
            self.make(disk, parent)?;
        }
        disk.create_dir(dir)?;
        disk.sync_dir(parent)?;
        self.sure.insert(dir.to_owned());
        Ok(())
    }

    /// Removes the files in `dir`, and `dir`. One that is not there is fine.
    pub(crate) fn remove(&mut self, disk: &dyn Disk, dir: &Path) -> io::Result<()> {
        let Some(names) = if_there(disk.list(dir))? else {
            return Ok(());
        };
        self.sure.remove(dir);
        for name in names {
            disk.remove(&dir.join(name))?;
        }
        disk.remove_dir(dir)
    }
}

/// All bytes of a file, `None` where it is not there.
pub(crate) fn read(disk: &dyn Disk, path: &Path) -> io::Result<Option<Vec<u8>>> {
    let Some(file) = if_there(disk.open_read_only(path))? else {
        return Ok(None);
    };
    let size = usize::try_from(file.size()?).map_err(io::Error::other)?;
    let mut bytes = vec![0; size];
    let read = file.read_at(&mut bytes, 0)?;
    bytes.truncate(read);
    Ok(Some(bytes))
}

pub(crate) fn if_there<T>(found: io::Result<T>) -> io::Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

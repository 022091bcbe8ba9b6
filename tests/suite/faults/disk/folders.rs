//! The same disk for tiles and checkpoints, which make folders: each has names of its own to sync.

use socai_tlog_directory::disk::{Disk, DiskFile};

use super::*;

/// Folders that are there before anybody makes one have only this above them.
const TOP: &str = "/";

impl State {
    /// Takes away what is in a folder whose own name is lost.
    pub(super) fn drop_lost_folders(&self, names: &mut BTreeMap<PathBuf, usize>) {
        let lost = |folder: &&PathBuf| !names.contains_key(*folder);
        let lost: Vec<&PathBuf> = self.folders.iter().filter(lost).collect();
        names.retain(|name, _| !lost.iter().any(|folder| name.starts_with(folder)));
    }

    fn expect_folder(&self, folder: &Path) -> io::Result<()> {
        let is_there = folder.parent() == Some(Path::new(TOP)) || self.names.contains_key(folder);
        is_there.then_some(()).ok_or(ErrorKind::NotFound.into())
    }

    fn sync_folder(&mut self, folder: &Path) {
        let changes = std::mem::take(&mut self.name_changes);
        for (name, file) in changes {
            if name.parent() == Some(folder) {
                set_name(&mut self.durable_names, &name, file);
            } else {
                self.name_changes.push((name, file));
            }
        }
    }
}

impl Disk for FaultyDisk {
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        self.step(
            Kind::Grow,
            |_| (),
            |state| {
                if !state.names.contains_key(dir) {
                    state.expect_folder(dir.parent().unwrap())?;
                    state.files.push(Content::default());
                    let folder = state.files.len() - 1;
                    state.change_name(dir, Some(folder));
                    state.folders.insert(dir.to_owned());
                }
                Ok(())
            },
        )
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        self.step(
            Kind::Read,
            |_| (),
            |state| {
                state.expect_folder(dir)?;
                let inside = state.names.keys().filter(|name| name.parent() == Some(dir));
                let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
                Ok(inside.map(name).collect())
            },
        )
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        self.lock().expect_folder(path.parent().unwrap())?;
        Ok(Arc::new(self.create_file(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(self.open_file(path)?))
    }

    fn open_read_only(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(self.open_file(path)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        socai_store_segment::disk::Disk::rename(self, from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step(
            Kind::Change,
            |_| (),
            |state| {
                state.find(path)?;
                state.change_name(path, None);
                Ok(())
            },
        )
    }

    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        let inside = Disk::list(self, dir)?;
        assert!(inside.is_empty(), "{} has {inside:?}", dir.display());
        Disk::remove(self, dir)
    }

    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.step(
            Kind::Sync,
            |_| (),
            |state| {
                state.expect_folder(dir)?;
                if !state.syncs_nothing {
                    state.sync_folder(dir);
                }
                Ok(())
            },
        )
    }

    fn hasten(&self, _: &Path) {}
}

impl DiskFile for FaultyFile {
    fn size(&self) -> io::Result<u64> {
        socai_store_segment::disk::DiskFile::size(self)
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        socai_store_segment::disk::DiskFile::read_at(self, into, offset)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        socai_store_segment::disk::DiskFile::write_at(self, bytes, offset)
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        socai_store_segment::disk::DiskFile::set_len(self, bytes)
    }

    fn sync_data(&self) -> io::Result<()> {
        socai_store_segment::disk::DiskFile::sync_data(self)
    }
}

//! Tiles, one file each.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use socai_store::tiles::{TileError, TileStore, agree};
use socai_tlog::Tile;

use crate::FOLDER;
use crate::disk::{Disk, RealDisk};
use crate::names::{Directories, if_there, read};

/// Files that are open at a time while tiles are written: a process may commonly have 1,024.
const OPEN_FILES_MAX: usize = 256;

/// From so many files on the whole disk is written out before each is synced. On ext4 256 tiles take a tenth of the
/// time then; for the two or three of a sealing second it would only make this wait for others.
const MANY: usize = 16;

/// The tiles in a directory. Cloning is cheap.
#[derive(Clone)]
pub struct DirectoryTiles {
    place: Arc<Place>,
}

struct Place {
    disk: Arc<dyn Disk>,
    /// `DIR/tlog`.
    folder: PathBuf,
    /// Held by whoever writes.
    turn: Mutex<Directories>,
}

impl DirectoryTiles {
    /// The tiles of the ledger in `dir`. Nothing is written before the first tile is.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self::on(Arc::new(RealDisk), dir)
    }

    /// The same on any disk.
    #[must_use]
    pub fn on(disk: Arc<dyn Disk>, dir: &Path) -> Self {
        let folder = dir.join(FOLDER);
        let turn = Mutex::new(Directories::below(folder.clone()));
        Self {
            place: Arc::new(Place { disk, folder, turn }),
        }
    }

    /// Does `work` on a thread that may wait for the disk.
    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Place) -> Result<T, TileError> + Send + 'static,
    ) -> Result<T, TileError> {
        let place = self.place.clone();
        let done = tokio::task::spawn_blocking(move || work(&place)).await;
        done.map_err(|stopped| TileError::Unavailable(stopped.into()))?
    }
}

#[async_trait]
impl TileStore for DirectoryTiles {
    async fn read(&self, tile: &Tile) -> Result<Option<Bytes>, TileError> {
        let tile = *tile;
        self.on_disk(move |place| place.hashes(tile)).await
    }

    async fn write(&self, tiles: Vec<(Tile, Vec<u8>)>) -> Result<(), TileError> {
        self.on_disk(move |place| place.write(tiles)).await
    }
}

impl Place {
    fn hashes(&self, tile: Tile) -> Result<Option<Bytes>, TileError> {
        if let Some(exact) = self.file(tile)? {
            return Ok(Some(exact));
        }
        let widest = self.widest(tile)?;
        let enough = widest.filter(|(there, _)| there.width >= tile.width);
        Ok(enough.map(|(_, hashes)| hashes.slice(..tile.bytes())))
    }

    /// The most that is kept of a tile, in whatever width. The full one is looked for last: it is there before
    /// its partial ones go away.
    fn widest(&self, tile: Tile) -> Result<Option<(Tile, Bytes)>, TileError> {
        let partial = self.partial_widths(tile).map_err(unavailable)?.pop();
        let partial = partial.map(|width| self.kept(Tile { width, ..tile }));
        let partial = partial.transpose()?.flatten();
        Ok(self.kept(tile.full())?.or(partial))
    }

    fn kept(&self, tile: Tile) -> Result<Option<(Tile, Bytes)>, TileError> {
        let file = self.file(tile)?;
        Ok(file.map(|hashes| (tile, hashes)))
    }

    fn partial_widths(&self, tile: Tile) -> io::Result<Vec<u16>> {
        let names = if_there(self.disk.list(&self.partial_folder(tile)))?;
        let widths = names.unwrap_or_default();
        let mut widths: Vec<u16> = widths.iter().filter_map(|name| name.parse().ok()).collect();
        widths.sort_unstable();
        Ok(widths)
    }

    fn file(&self, tile: Tile) -> Result<Option<Bytes>, TileError> {
        let path = self.path(tile);
        match read(&*self.disk, &path).map_err(unavailable)? {
            Some(hashes) if hashes.len() == tile.bytes() => Ok(Some(hashes.into())),
            Some(hashes) => Err(TileError::Corrupt {
                tile,
                source: format!("{} has {} bytes", path.display(), hashes.len()).into(),
            }),
            None => Ok(None),
        }
    }

    fn write(&self, tiles: Vec<(Tile, Vec<u8>)>) -> Result<(), TileError> {
        let mut directories = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut missing, mut places) = (Vec::new(), BTreeSet::new());
        for (tile, hashes) in &tiles {
            let holder = self.holder(*tile, hashes)?;
            places.insert(self.path(holder.unwrap_or(*tile)));
            if holder.is_none() {
                missing.push((*tile, hashes.as_slice()));
            }
        }
        let placed = self.place(&missing, &places, &mut directories);
        placed.map_err(unavailable)?;
        for (tile, _) in tiles.iter().filter(|(tile, _)| tile.is_full()) {
            let removed = directories.remove(&*self.disk, &self.partial_folder(*tile));
            removed.map_err(unavailable)?;
        }
        Ok(())
    }

    /// The tile in which `hashes` can be read already. Fails where there are others.
    fn holder(&self, tile: Tile, hashes: &[u8]) -> Result<Option<Tile>, TileError> {
        if hashes.len() != tile.bytes() {
            let bytes = hashes.len();
            return Err(TileError::Size { tile, bytes });
        }
        match self.widest(tile)? {
            Some((_, there)) if !agree(&there, hashes) => Err(TileError::Different { tile }),
            Some((holder, _)) if holder.width >= tile.width => Ok(Some(holder)),
            Some(_) | None => Ok(None),
        }
    }

    /// Gives all of them their names when all of them are durable, and syncs the directory of each of `places`
    /// once: those of tiles that were found as well, because whoever renamed them may not have come to it.
    fn place(
        &self,
        tiles: &[(Tile, &[u8])],
        places: &BTreeSet<PathBuf>,
        directories: &mut Directories,
    ) -> io::Result<()> {
        let folders: BTreeSet<&Path> = places.iter().map(|path| folder_of(path)).collect();
        for folder in &folders {
            directories.make(&*self.disk, folder)?;
        }
        for some in tiles.chunks(OPEN_FILES_MAX) {
            self.draft(some)?;
        }
        for (tile, _) in tiles {
            let path = self.path(*tile);
            self.disk.rename(&draft_of(&path), &path)?;
        }
        folders.iter().try_for_each(|dir| self.disk.sync_dir(dir))
    }

    fn draft(&self, tiles: &[(Tile, &[u8])]) -> io::Result<()> {
        let mut files = Vec::with_capacity(tiles.len());
        for (tile, hashes) in tiles {
            let file = self.disk.create(&draft_of(&self.path(*tile)))?;
            file.write_at(hashes, 0)?;
            files.push(file);
        }
        if files.len() >= MANY {
            self.disk.hasten(&self.folder);
        }
        files.iter().try_for_each(|file| file.sync_data())
    }

    fn path(&self, tile: Tile) -> PathBuf {
        self.folder.join(tile.path())
    }

    /// Where the partial ones of a tile are.
    fn partial_folder(&self, tile: Tile) -> PathBuf {
        self.path(tile.full()).with_extension("p")
    }
}

/// Where a file is written before it has its name.
fn draft_of(path: &Path) -> PathBuf {
    path.with_extension("draft")
}

fn folder_of(path: &Path) -> &Path {
    path.parent().expect("a tile is in a folder")
}

fn unavailable(error: io::Error) -> TileError {
    TileError::Unavailable(error.into())
}

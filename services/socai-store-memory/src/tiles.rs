//! Tiles that are gone with their last clone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use socai_store::tiles::{TileError, TileStore, agree};
use socai_tlog::Tile;

/// Every promise of [`TileStore`] but that they outlive the process.
#[derive(Debug, Clone, Default)]
pub struct MemoryTiles {
    kept: Arc<Mutex<BTreeMap<Tile, Bytes>>>,
}

impl MemoryTiles {
    fn kept(&self) -> MutexGuard<'_, BTreeMap<Tile, Bytes>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl TileStore for MemoryTiles {
    async fn read(&self, tile: &Tile) -> Result<Option<Bytes>, TileError> {
        let kept = self.kept();
        let wider = kept.range(*tile..=tile.full()).next();
        Ok(wider.map(|(_, hashes)| hashes.slice(..tile.bytes())))
    }

    async fn write(&self, tiles: Vec<(Tile, Vec<u8>)>) -> Result<(), TileError> {
        let mut kept = self.kept();
        for (tile, hashes) in tiles {
            keep(&mut kept, tile, hashes)?;
        }
        Ok(())
    }
}

fn keep(kept: &mut BTreeMap<Tile, Bytes>, tile: Tile, hashes: Vec<u8>) -> Result<(), TileError> {
    if hashes.len() != tile.bytes() {
        let bytes = hashes.len();
        return Err(TileError::Size { tile, bytes });
    }
    let narrowest = Tile { width: 1, ..tile };
    let widest = kept.range(narrowest..=tile.full()).next_back();
    if widest.is_some_and(|(_, there)| !agree(there, &hashes)) {
        return Err(TileError::Different { tile });
    }
    if widest.is_some_and(|(there, _)| there.width >= tile.width) {
        return Ok(());
    }
    if tile.is_full() {
        for width in 1..tile.width {
            kept.remove(&Tile { width, ..tile });
        }
    }
    kept.insert(tile, hashes.into());
    Ok(())
}

//! The port of the tree's tiles: the hashes of the log, kept beside it.
//!
//! Tiles say nothing that the records do not: whoever loses them makes them again from the log. They are kept
//! so that a proof of ten million records is made from a dozen small reads.

use async_trait::async_trait;
use bytes::Bytes;
use socai_tlog::Tile;

use crate::BackendError;

/// Hash tiles, at the paths of C2SP tlog-tiles.
///
/// A store keeps the tiles of one tree: no two tiles in it disagree about a hash that both have. It is
/// shared by every task of a process, and one process writes at a time; all methods may run concurrently.
/// What [`write`](Self::write) has answered for, every later [`read`](Self::read) finds.
///
/// Dropping the future of a `write` leaves any of its tiles behind, each whole and right, and any of them may
/// be written again. Dropping that of a `read` leaves nothing behind.
#[async_trait]
pub trait TileStore: Send + Sync {
    /// The hashes of `tile`, as many as its width: kept in that width, or cut from a wider tile. `None`
    /// where so many were never written.
    ///
    /// # Errors
    ///
    /// [`TileError::Unavailable`], or [`TileError::Corrupt`] where what is kept cannot be that tile.
    async fn read(&self, tile: &Tile) -> Result<Option<Bytes>, TileError>;

    /// Keeps `tiles`. On return they are durable, with the names that they are found under. A full tile
    /// replaces its partial ones; a partial one leaves narrower ones alone, because a reader with an older
    /// checkpoint still asks for them. Writing again what is kept is success.
    ///
    /// # Errors
    ///
    /// [`TileError`]. Any of `tiles` may be kept then, each whole; nothing that was kept is changed.
    async fn write(&self, tiles: Vec<(Tile, Vec<u8>)>) -> Result<(), TileError>;
}

/// Why tiles are not read or not written.
#[derive(Debug, thiserror::Error)]
pub enum TileError {
    /// The bytes given are not as many as the tile has. A bug in the caller.
    #[error("{tile} has {} bytes, not {bytes}", tile.bytes())]
    Size { tile: Tile, bytes: usize },

    /// Other hashes are kept there: the records are not those that the tiles were made of. Stop, and find out
    /// which of the two was changed; `verify` says. Nothing was replaced.
    #[error("{tile} is kept with other hashes")]
    Different { tile: Tile },

    /// What is kept cannot be the tile: its length is wrong. Put the tiles aside; they are made again from
    /// the log.
    #[error("{tile} is damaged")]
    Corrupt {
        tile: Tile,
        #[source]
        source: BackendError,
    },

    /// The store is not there or is full. The same may be asked later.
    #[error("the tiles are unavailable")]
    Unavailable(#[source] BackendError),
}

/// Whether two widths of one tile agree in the hashes that both have.
#[must_use]
pub fn agree(one: &[u8], other: &[u8]) -> bool {
    let both = one.len().min(other.len());
    one[..both] == other[..both]
}

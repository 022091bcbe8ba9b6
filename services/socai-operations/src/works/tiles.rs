//! The log as readers of C2SP tlog-tiles follow it: its latest checkpoint, its hashes, its entries.
//!
//! Hashes say nothing of what was recorded, and are for everybody; entries are the records. Tiles are handed out as far as
//! they are kept here; those of leaves are made from the records where they are not. Deliberately absent: tiles
//! above those, made from records: 65,536 records a tile would be read for whoever asks.

use std::num::NonZeroU32;

use bytes::{BufMut, Bytes, BytesMut};
use socai_app::tree::Sources;
use socai_store::{CheckpointLog, EventStore, Position, Recorded};
use socai_tlog::{Hash, Tile};

use crate::trouble::Trouble;

/// Where entries are, below the prefix of the log.
const ENTRIES: &str = "tile/entries/";

/// Bytes that the length of an entry can say.
const ENTRY_BYTES_MAX: usize = u16::MAX as usize;

/// What stands at a path of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Hashes.
    Hashes(Tile),
    /// The entries of a tile of leaves.
    Entries(Tile),
}

impl At {
    /// What a path, such as `tile/0/x001/067.p/8` or `tile/entries/000`, leads to.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotFound`] where it is no path of a log.
    pub fn path(path: &str) -> Result<Self, Trouble> {
        let (path, at): (_, fn(Tile) -> Self) = match path.strip_prefix(ENTRIES) {
            Some(rest) => (format!("tile/0/{rest}"), Self::Entries),
            None => (path.to_owned(), Self::Hashes),
        };
        path.parse().map(at).map_err(|_| nowhere())
    }
}

/// What leads nowhere in a log.
pub fn nowhere() -> Trouble {
    Trouble::NotFound {
        parameter: "tile".into(),
        sentence: "expected a path of the log, such as tile/0/x001/067.p/8 or tile/entries/000"
            .to_owned(),
    }
}

fn not_there(tile: Tile) -> Trouble {
    Trouble::NotFound {
        parameter: "tile".into(),
        sentence: format!("{tile} is not there: the log is shorter, or it is not kept here"),
    }
}

/// The latest checkpoint, as it was signed.
///
/// # Errors
///
/// [`Trouble::NotFound`] where nothing was ever sealed.
pub async fn checkpoint(log: &dyn CheckpointLog) -> Result<Bytes, Trouble> {
    let last = log.last().await?;
    let (_, note) = last.ok_or_else(|| Trouble::NotFound {
        parameter: "checkpoint".into(),
        sentence: "nothing was ever sealed here".to_owned(),
    })?;
    Ok(note)
}

/// The hashes of a tile.
///
/// # Errors
///
/// [`Trouble::NotFound`] where it is not there.
pub async fn hashes(sources: &Sources, tile: Tile) -> Result<Bytes, Trouble> {
    if let Some(kept) = sources.tiles.read(&tile).await? {
        return Ok(kept);
    }
    if tile.level > 0 {
        return Err(not_there(tile));
    }
    let leaves = leaves(&*sources.store, tile).await?;
    let hashes = leaves.iter().map(|leaf| Hash::of_leaf(&leaf.bytes));
    let bytes = hashes.flat_map(|hash| *hash.as_bytes());
    Ok(bytes.collect())
}

/// The entries of a tile of leaves, each after its length in two bytes.
///
/// # Errors
///
/// [`Trouble::NotFound`] where it is not there, [`Trouble::Stopped`] where a record is longer than an entry can be.
pub async fn entries(store: &dyn EventStore, tile: Tile) -> Result<Bytes, Trouble> {
    let mut bytes = BytesMut::new();
    for leaf in leaves(store, tile).await? {
        let length = u16::try_from(leaf.bytes.len()).map_err(|_| {
            let at = leaf.position;
            let sentence = format!(
                "the record at position {at} is longer than the {ENTRY_BYTES_MAX} bytes that an entry can have: read \
                 it as a record"
            );
            Trouble::NotFound {
                parameter: "tile".into(),
                sentence,
            }
        })?;
        bytes.put_u16(length);
        bytes.put_slice(&leaf.bytes);
    }
    Ok(bytes.freeze())
}

/// The records under a tile of leaves.
async fn leaves(store: &dyn EventStore, tile: Tile) -> Result<Vec<Recorded>, Trouble> {
    let first = tile.index.checked_mul(socai_tlog::tile::TILE_WIDTH.into());
    let after = first.ok_or_else(nowhere)?;
    let width = NonZeroU32::new(tile.width.into()).ok_or_else(nowhere)?;
    let records = store.read_all(Position(after), width).await?;
    match records.len() == usize::from(tile.width) {
        true => Ok(records),
        false => Err(not_there(tile)),
    }
}

//! Tiles: which hashes of the tree are kept together, and at which path (C2SP tlog-tiles).
//!
//! ```text
//! level 1   tile/1/000.p/2:  [ root of tile/0/000 | root of tile/0/001 ]
//! level 0   tile/0/000:  [ leaf 0 | … | leaf 255 ]   tile/0/001: [ leaf 256 | … ]   tile/0/002.p/9: [ leaf 512 | … ]
//! ```
//!
//! A tile is up to 256 hashes of one level. Those of level `l` are the roots of complete subtrees of 256^l leaves; nodes
//! between two levels are computed. Deliberately absent: bundles of entries, because the log itself has the records.

use std::fmt;
use std::str::FromStr;

use crate::hash::HASH_BYTES;
use crate::tree::Subtree;

/// Levels of the tree between two levels of tiles.
pub(crate) const TILE_HEIGHT: u32 = 8;
/// Hashes of a full tile.
pub const TILE_WIDTH: u16 = 1 << TILE_HEIGHT;
/// Beyond it, no number of leaves that fits into 64 bits has a tile.
pub(crate) const TILE_LEVEL_MAX: u8 = 7;

/// A tile, or the beginning of one. Sorted by level, then from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// 0 for the hashes of leaves, at most 7.
    pub level: u8,
    /// Its place in the level, from 0.
    pub index: u64,
    /// How many hashes it has: 1 to 256, and with 256 it is full.
    pub width: u16,
}

/// A text that is no path of a tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path:?} is no path of a tile: expected one like tile/0/x001/067.p/8")]
pub struct BadTilePath {
    path: String,
}

impl Tile {
    /// Whether it will stay as it is.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.width == TILE_WIDTH
    }

    /// How many bytes its file has.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.width as usize * HASH_BYTES
    }

    /// The full tile at this place.
    #[must_use]
    pub const fn full(&self) -> Self {
        Self {
            width: TILE_WIDTH,
            ..*self
        }
    }

    /// Its path below the folder of the log: `tile/<level>/<index>`, and `.p/<width>` if it is partial.
    #[must_use]
    pub fn path(&self) -> String {
        let thousands = |n: u64| n.checked_div(1000).filter(|rest| *rest > 0);
        let mut index = format!("{:03}", self.index % 1000);
        let mut rest = thousands(self.index);
        while let Some(n) = rest {
            index.insert_str(0, &format!("x{:03}/", n % 1000));
            rest = thousands(n);
        }
        match self.is_full() {
            true => format!("tile/{}/{index}", self.level),
            false => format!("tile/{}/{index}.p/{}", self.level, self.width),
        }
    }

    /// Whether there is such a tile in some tree.
    pub(crate) const fn is_possible(&self) -> bool {
        self.level <= TILE_LEVEL_MAX && self.width >= 1 && self.width <= TILE_WIDTH
    }

    /// The tile of the tree of `size` leaves that holds the hash `number` of a level.
    pub(crate) fn holding(level: u8, number: u64, size: u64) -> Self {
        let index = number >> TILE_HEIGHT;
        let hashes = size >> (u32::from(level) * TILE_HEIGHT);
        let width = (hashes - (index << TILE_HEIGHT)).min(u64::from(TILE_WIDTH));
        Self {
            level,
            index,
            width: u16::try_from(width).expect("at most 256"),
        }
    }

    /// The tile of the tree of `size` leaves from which `node` follows, and the places of its hashes there.
    pub(crate) fn under(node: Subtree, size: u64) -> (Self, std::ops::Range<usize>) {
        let level = u8::try_from(node.height / TILE_HEIGHT).expect("a height is below 64");
        let above = node.height % TILE_HEIGHT;
        let first = node.index << above;
        let place = usize::try_from(first % u64::from(TILE_WIDTH)).expect("below 256");
        let tile = Self::holding(level, first, size);
        (tile, place..place + (1 << above))
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.path())
    }
}

impl FromStr for Tile {
    type Err = BadTilePath;

    fn from_str(path: &str) -> Result<Self, BadTilePath> {
        read(path)
            // Every tile has one path: leading zeros, signs and empty groups are those of no tile.
            .filter(|tile| tile.is_possible() && tile.path() == path)
            .ok_or_else(|| BadTilePath {
                path: path.chars().take(100).collect(),
            })
    }
}

fn read(path: &str) -> Option<Tile> {
    let (level, place) = path.strip_prefix("tile/")?.split_once('/')?;
    let (index, width) = match place.split_once(".p/") {
        Some((index, width)) => (index, width.parse().ok()?),
        None => (place, TILE_WIDTH),
    };
    let index = index.split('/').try_fold(0_u64, |index, group| {
        let group: u64 = group.trim_start_matches('x').parse().ok()?;
        index.checked_mul(1000)?.checked_add(group)
    })?;
    Some(Tile {
        level: level.parse().ok()?,
        index,
        width,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tile(level: u8, index: u64, width: u16) -> Tile {
        Tile {
            level,
            index,
            width,
        }
    }

    #[test]
    fn a_path_is_that_of_the_specification() {
        for (tile, path) in [
            (tile(0, 0, 256), "tile/0/000"),
            (tile(0, 0, 1), "tile/0/000.p/1"),
            (tile(1, 999, 255), "tile/1/999.p/255"),
            (tile(0, 1_067, 8), "tile/0/x001/067.p/8"),
            (tile(2, 1_234_067, 256), "tile/2/x001/x234/067"),
        ] {
            assert_eq!(tile.path(), path);
            assert_eq!(path.parse(), Ok(tile));
        }
    }

    #[test]
    fn no_tile_has_two_paths() {
        for bad in [
            "",
            "tile/0",
            "tile/0/",
            "tile/00/000",
            "tile/+0/000",
            "tile/8/000",
            "tile/256/000",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/001/067",
            "tile/0/x000/067",
            "tile/0/xx001/067",
            "tile/0/x001/x067",
            "tile/0/x1000/000",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/1/",
            "tile/0/../000",
            "tile/entries/000",
            "/tile/0/000",
            "tile/0/٠٠٠",
        ] {
            assert!(bad.parse::<Tile>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_path_reads_back(level in 0..=TILE_LEVEL_MAX, index: u64, width in 1..=TILE_WIDTH) {
            let tile = tile(level, index, width);
            prop_assert_eq!(tile.path().parse(), Ok(tile));
        }

        #[test]
        fn no_text_makes_it_panic(text in "tile/[0-9x/.p+ ]{0,30}") {
            let _ = text.parse::<Tile>();
        }
    }
}

//! The tree over where every stream of a ledger ended, from which heads are sealed and proven.
//!
//! An RFC 6962 tree with one leaf for each stream that has a record, sorted by name as bytes: the name, a zero byte,
//! revision and position of its last record as eight bytes each, the highest first.

use std::collections::BTreeSet;

use socai_tlog::{Edge, Hash, MissingTile, Tiles};

use crate::manifest::StreamHead;
use crate::sealed_heads::{HeadItem, SealedHeads};

/// The heads of all streams at a position.
#[derive(Debug)]
pub struct HeadsTree {
    size: u64,
    heads: Vec<StreamHead>,
    edge: Edge,
    tiles: Tiles,
}

impl HeadsTree {
    /// The tree over `heads`, sorted by name, of the records up to position `size`.
    #[must_use]
    pub fn new(size: u64, heads: Vec<StreamHead>) -> Self {
        let mut edge = Edge::default();
        heads.iter().for_each(|head| edge.push(leaf_of(head)));
        let mut tiles = Tiles::default();
        for (tile, bytes) in edge.take_full().into_iter().chain(edge.partial()) {
            let new = tiles.insert(tile, bytes);
            new.expect("an edge makes the tiles of one tree");
        }
        Self {
            size,
            heads,
            edge,
            tiles,
        }
    }

    /// The position up to which these are the heads.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How many streams there are.
    #[must_use]
    pub fn streams(&self) -> u64 {
        self.heads.len() as u64
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.edge.root()
    }

    /// Where the streams ended, in the order of their names; 0 and 0 for one that had no record.
    #[must_use]
    pub fn of(&self, streams: &BTreeSet<String>) -> Vec<StreamHead> {
        let head = |stream: &String| match self.place(stream) {
            Ok(place) => self.heads[place].clone(),
            Err(_) => StreamHead {
                stream: stream.clone(),
                revision: 0,
                last: 0,
            },
        };
        streams.iter().map(head).collect()
    }

    /// The proof of where the streams ended, as the record at `position` sealed it.
    ///
    /// # Panics
    ///
    /// Never: the tiles of the tree are all at hand.
    #[must_use]
    pub fn prove(&self, streams: &BTreeSet<String>, position: u64) -> SealedHeads {
        let mut places = BTreeSet::new();
        for stream in streams {
            match self.place(stream) {
                Ok(place) => places.extend([place]),
                Err(after) => {
                    places.extend(after.checked_sub(1));
                    places.extend(Some(after).filter(|after| *after < self.heads.len()));
                }
            }
        }
        let items = places.into_iter().map(|place| self.item(place));
        let items: Result<_, MissingTile> = items.collect();
        SealedHeads {
            size: self.size,
            streams: self.streams(),
            root: self.root(),
            position,
            items: items.expect("the tiles of the tree are all at hand"),
        }
    }

    fn place(&self, stream: &str) -> Result<usize, usize> {
        let order = |head: &StreamHead| head.stream.as_str().cmp(stream);
        self.heads.binary_search_by(order)
    }

    fn item(&self, place: usize) -> Result<HeadItem, MissingTile> {
        let head = &self.heads[place];
        let index = place as u64;
        Ok(HeadItem {
            index,
            stream: head.stream.clone(),
            revision: head.revision,
            last: head.last,
            path: self.tiles.inclusion(index, self.streams())?,
        })
    }
}

/// The leaf of a stream's head.
pub(crate) fn leaf(stream: &str, revision: u64, last: u64) -> Hash {
    let mut item = stream.as_bytes().to_vec();
    item.push(0);
    item.extend(revision.to_be_bytes());
    item.extend(last.to_be_bytes());
    Hash::of_leaf(&item)
}

fn leaf_of(head: &StreamHead) -> Hash {
    leaf(&head.stream, head.revision, head.last)
}

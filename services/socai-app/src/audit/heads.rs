//! The heads that the ledger sealed last, made again from the records.

use socai_evidence::{HeadsTree, StreamHead};
use socai_ledger::image::Image;
use socai_store::Position;

use super::problem::Problem;

/// The size that the heads sealed last cover, if any were and the image, at the end of the ledger, has the same.
pub(super) fn check(image: &Image) -> Result<Option<u64>, Problem> {
    let Some(sealed) = &image.registry().ledger.heads else {
        return Ok(None);
    };
    let heads = image.heads_at(Position(sealed.size));
    let heads = heads.map(|head| StreamHead {
        stream: head.stream.into_owned(),
        revision: head.revision,
        last: head.position.0,
    });
    let tree = HeadsTree::new(sealed.size, heads.collect());
    let (root, streams) = (tree.root().to_string(), tree.streams());
    if (sealed.root.as_str(), sealed.streams) == (root.as_str(), streams) {
        return Ok(Some(sealed.size));
    }
    Err(Problem::Heads {
        size: sealed.size,
        streams: sealed.streams,
        sealed: sealed.root.to_string(),
        found_streams: streams,
        found: root,
    })
}

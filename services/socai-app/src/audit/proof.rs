//! Whether the hash that a tile has of a record was sealed: proven from the tiles, as for anybody else.

use socai_tlog::{Tiles, tiles_for_inclusion, verify_inclusion};

use super::KeptTiles;
use super::checkpoints::Sealed;
use super::tree::OtherLeaf;

/// Whether the tiles prove that what they have of `leaf` is under the root that was signed. Then it is the record that
/// changed, and not they.
pub(super) async fn was_sealed(leaf: &OtherLeaf, signed: &Sealed, kept: &KeptTiles) -> bool {
    let (KeptTiles::All(kept) | KeptTiles::Copies(kept)) = kept else {
        return false;
    };
    let (index, size) = (leaf.position - 1, signed.size);
    let mut tiles = Tiles::default();
    for tile in tiles_for_inclusion(index, size) {
        if let Ok(Some(hashes)) = kept.read(&tile).await
            && tiles.insert(tile, hashes).is_err()
        {
            return false;
        }
    }
    let proof = tiles.inclusion(index, size);
    let proven = proof.map(|proof| verify_inclusion(&leaf.kept, index, size, &signed.root, &proof));
    matches!(proven, Ok(Ok(())))
}

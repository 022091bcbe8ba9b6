//! Every record is the one that was sealed at its position.

use socai_tlog::{Hash, verify_inclusion};

use crate::bundle::{Bundle, Entry};
use crate::finding::Finding;

/// For so many records that are not what was sealed, it is looked where they belong.
const LOOKED_FOR_MAX: usize = 16;

pub(super) fn check(bundle: &Bundle, findings: &mut Vec<Finding>) {
    let mut looked_for = 0;
    for (&position, entry) in &bundle.records {
        let Some(finding) = unproven(bundle, position, entry) else {
            continue;
        };
        looked_for += 1;
        let real = (looked_for <= LOOKED_FOR_MAX)
            .then(|| real_position(bundle, entry))
            .flatten();
        findings.push(match real {
            Some(real) if real != position => Finding::Reordered { position, real },
            Some(_) | None => finding,
        });
    }
}

fn unproven(bundle: &Bundle, position: u64, entry: &Entry) -> Option<Finding> {
    let of = entry.proof.index.saturating_add(1);
    if of != position {
        return Some(Finding::ProofExchanged { position, of });
    }
    let ends_in_top = bundle
        .top()
        .is_some_and(|top| top.note == entry.proof.checkpoint);
    if !ends_in_top || entry.proof.extra.is_some() {
        return Some(Finding::ProofEndsElsewhere { position });
    }
    let leaf = Hash::of_leaf(&entry.bytes);
    proves(bundle, &leaf, entry)
        .err()
        .map(|reason| Finding::NotSealed {
            position,
            reason: reason.to_string(),
        })
}

fn proves(bundle: &Bundle, leaf: &Hash, entry: &Entry) -> Result<(), socai_tlog::ProofError> {
    let (size, root) = (bundle.manifest.size, &bundle.manifest.root);
    verify_inclusion(leaf, entry.proof.index, size, root, &entry.proof.hashes)
}

/// Where the record was sealed, as far as a proof of this bundle tells.
fn real_position(bundle: &Bundle, entry: &Entry) -> Option<u64> {
    let leaf = Hash::of_leaf(&entry.bytes);
    let mut others = bundle.records.values();
    let real = others.find(|other| proves(bundle, &leaf, other).is_ok())?;
    real.proof.index.checked_add(1)
}

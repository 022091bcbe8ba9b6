//! The signed checkpoints: all of one log, all states of one history, and signed by whom the policy names.

use socai_tlog::{Judged, Policy, Quorum, verify_consistency};

use crate::bundle::{Bundle, SealedNote};
use crate::finding::Finding;

/// A checkpoint, and what the policy says of it; nothing where there is no policy, or where it does not count.
pub(crate) struct Seen<'a> {
    pub(crate) note: &'a SealedNote,
    pub(crate) judged: Option<Judged>,
}

pub(super) fn check<'a>(
    bundle: &'a Bundle,
    policy: Option<&Policy>,
    findings: &mut Vec<Finding>,
) -> Vec<Seen<'a>> {
    findings.extend(
        bundle
            .notes
            .iter()
            .filter_map(|note| other_log(bundle, note)),
    );
    check_roots(bundle, findings);
    findings.extend(
        bundle
            .notes
            .iter()
            .filter_map(|note| rewritten(bundle, note)),
    );
    let Some(policy) = policy else {
        findings.push(Finding::NoPolicy);
        let unjudged = |note| Seen { note, judged: None };
        return bundle.notes.iter().map(unjudged).collect();
    };
    let seen: Vec<_> = bundle
        .notes
        .iter()
        .map(|note| judge(note, policy, findings))
        .collect();
    if let Some(judged) = seen.last().and_then(|top| top.judged.as_ref()) {
        findings.extend(uncosigned(judged));
    }
    seen
}

fn other_log(bundle: &Bundle, note: &SealedNote) -> Option<Finding> {
    let (expected, found) = (&bundle.manifest.origin, &note.checkpoint.origin);
    (expected != found).then(|| Finding::OtherLog {
        name: note.name.clone(),
        found: found.clone(),
        expected: expected.clone(),
    })
}

fn check_roots(bundle: &Bundle, findings: &mut Vec<Finding>) {
    for pair in bundle.notes.windows(2) {
        let [one, next] = [&pair[0].checkpoint, &pair[1].checkpoint];
        if one.size == next.size && one.root != next.root {
            findings.push(Finding::TwoRoots { size: one.size });
        }
    }
    let says = (bundle.manifest.size, bundle.manifest.root);
    match bundle.notes.last() {
        Some(top) if (top.checkpoint.size, top.checkpoint.root) == says => {}
        Some(top) => findings.push(Finding::TopDiffers {
            name: top.name.clone(),
        }),
        None => findings.push(Finding::FileMissing {
            name: crate::names::note(bundle.manifest.size, 1),
        }),
    }
}

/// Whether the top goes on from this checkpoint. Those of the top's own size are compared by root.
fn rewritten(bundle: &Bundle, note: &SealedNote) -> Option<Finding> {
    let (old, top) = (&note.checkpoint, &bundle.manifest);
    if old.size == top.size {
        return None;
    }
    let proof = bundle
        .consistency
        .get(&old.size)
        .map_or(&[][..], Vec::as_slice);
    let proven = verify_consistency(old.size, &old.root, top.size, &top.root, proof);
    proven.err().map(|error| Finding::Rewritten {
        name: note.name.clone(),
        reason: error.to_string(),
    })
}

fn judge<'a>(note: &'a SealedNote, policy: &Policy, findings: &mut Vec<Finding>) -> Seen<'a> {
    let judged = policy.judge(&note.note).map_err(|error| {
        findings.push(Finding::BadlySigned {
            name: note.name.clone(),
            reason: error.to_string(),
        });
    });
    let judged = judged.ok();
    Seen { note, judged }
}

fn uncosigned(top: &Judged) -> Option<Finding> {
    match top.quorum {
        Quorum::Reached { .. } => None,
        Quorum::NotAsked => Some(Finding::NoWitnessAsked),
        Quorum::NotReached => {
            let names: Vec<&str> = top.cosigned.iter().map(|(name, _)| name.as_str()).collect();
            let by = match &names[..] {
                [] => "nobody".to_owned(),
                some => some.join(", "),
            };
            Some(Finding::Uncosigned { by })
        }
    }
}

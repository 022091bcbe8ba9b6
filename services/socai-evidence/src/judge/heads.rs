//! The heads: what the ledger itself sealed of where every stream ended, and everything since.

use socai_domain::event::Event;
use socai_domain::ledger;
use socai_domain::subject::Subject;

use crate::bundle::Bundle;
use crate::finding::Finding;
use crate::judge::Told;

pub(super) fn check(bundle: &Bundle, told: &[Told<'_>], findings: &mut Vec<Finding>) {
    let (heads, manifest) = (&bundle.heads, &bundle.manifest);
    let position = heads.position;
    let sealing = told.iter().find(|record| record.position == position);
    let sealed = manifest.tail.binary_search(&position).is_ok()
        && sealing.is_some_and(|record| seals(bundle, record));
    if !sealed {
        findings.push(Finding::HeadsDiffer { position });
    }
    for head in &manifest.streams {
        let stream = &head.stream;
        match head.revision {
            0 if !heads.prove_absent(stream) => findings.push(Finding::AbsenceUnproven {
                stream: stream.clone(),
            }),
            0 => {}
            _ if heads.prove(head) => {}
            _ => findings.push(Finding::HeadUnproven {
                stream: stream.clone(),
            }),
        }
    }
    findings.extend(tail_gap(bundle));
}

fn seals(bundle: &Bundle, record: &Told<'_>) -> bool {
    let heads = &bundle.heads;
    let Some(Event::Ledger(ledger::Event::HeadsSealed {
        size,
        streams,
        root,
    })) = record.event()
    else {
        return false;
    };
    let said = (heads.size, heads.streams, heads.root.to_string());
    (size, streams, root.to_string()) == said && record.subject() == Some(Subject::Ledger)
}

/// The first position from the heads to the top that is in neither list, or stands in the wrong one.
fn tail_gap(bundle: &Bundle) -> Option<Finding> {
    let manifest = &bundle.manifest;
    let mut after_heads = bundle.heads.size.checked_add(1)?..=manifest.size;
    let mut tail = manifest.tail.iter();
    let missing = after_heads.find(|position| tail.next() != Some(position));
    let misplaced = || {
        let selected = manifest.selected.last();
        selected.copied().filter(|last| *last > bundle.heads.size)
    };
    let position = missing
        .or_else(|| tail.next().copied())
        .or_else(misplaced)?;
    Some(Finding::TailGap { position })
}

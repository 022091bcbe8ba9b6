//! The export is recorded, as this bundle; and what its records opened is in it.

use std::collections::BTreeSet;

use socai_domain::event::Event;
use socai_domain::evidence;
use socai_tlog::{Hash, root_of};

use crate::bundle::Bundle;
use crate::finding::Finding;
use crate::judge::Told;
use crate::opened::{self, Opening};

pub(super) fn check(bundle: &Bundle, told: &[Told<'_>], findings: &mut Vec<Finding>) {
    let position = bundle.manifest.export;
    let export = told.iter().find(|record| record.position == position);
    match export.and_then(Told::event) {
        Some(Event::Evidence(exported)) if bundle.manifest.tail.contains(&position) => {
            let differs = differences(bundle, told, &exported);
            findings.extend(differs.map(|what| Finding::ExportDiffers { what }));
        }
        Some(_) | None => findings.push(Finding::NoExport { position }),
    }
    check_omissions(bundle, told, findings);
}

/// What of the bundle is not what the record of the export says.
fn differences(
    bundle: &Bundle,
    told: &[Told<'_>],
    exported: &evidence::Event,
) -> impl Iterator<Item = &'static str> {
    let evidence::Event::Exported {
        of,
        from,
        to,
        inspection: _,
        size,
        records,
        root,
    } = exported;
    let (manifest, query) = (&bundle.manifest, &bundle.manifest.query);
    let selected = told
        .iter()
        .filter(|record| record.position <= bundle.heads.size);
    let leaves: Vec<Hash> = selected.map(|record| record.leaf).collect();
    let same = [
        ("what was asked for", *of == query.of),
        ("the window", (*from, *to) == (query.from, query.to)),
        ("the size of the heads", *size == bundle.heads.size),
        (
            "the number of records",
            *records == manifest.selected.len() as u64,
        ),
        (
            "the root over the records",
            root.to_string() == root_of(&leaves).to_string(),
        ),
    ];
    let different = same.into_iter().filter(|(_, same)| !same);
    different.map(|(what, _)| what)
}

fn check_omissions(bundle: &Bundle, told: &[Told<'_>], findings: &mut Vec<Finding>) {
    let query = &bundle.manifest.query;
    let records = told
        .iter()
        .filter(|record| record.position <= bundle.heads.size)
        .filter(|record| bundle.manifest.has_stream(&record.envelope.subject));
    let mut opened: BTreeSet<_> = BTreeSet::new();
    for opening in opened::openings(records.map(|record| (record.position, &record.envelope))) {
        match opening {
            Opening::Known(known) => opened.extend(known.asked_for(query)),
            Opening::Unknown {
                position,
                event_type,
            } => {
                findings.push(Finding::NotUnderstood {
                    position,
                    event_type,
                });
            }
        }
    }
    let omitted = opened.into_iter().filter(|(obligation, _)| {
        let stream = format!("obligation.{obligation}");
        !bundle.manifest.has_stream(&stream)
    });
    findings.extend(omitted.map(|(obligation, position)| Finding::Omitted {
        obligation,
        position,
    }));
}

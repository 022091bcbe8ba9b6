//! The export is recorded, as this bundle; and what its records opened is in it.

use std::collections::BTreeSet;

use socai_domain::event::Event;
use socai_domain::evidence;
use socai_tlog::{Hash, root_of};

use crate::bundle::Bundle;
use crate::finding::Finding;
use crate::judge::Told;
use crate::opened::{Opening, openings};

/// So many omitted obligations are named.
const OMITTED_MAX: usize = 10_000;

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
    let (manifest, mut omitted) = (&bundle.manifest, BTreeSet::new());
    let records = told
        .iter()
        .filter(|record| record.position <= bundle.heads.size)
        .filter(|record| manifest.has_stream(&record.envelope.subject));
    let records = records.map(|record| (record.position, &record.envelope));
    openings(records, |opening| match opening {
        Opening::Known(known) => {
            let asked = known.asked_for(&manifest.query);
            let missing = asked.filter(|(id, _)| !manifest.has_stream(&format!("obligation.{id}")));
            omitted.extend(missing.take(OMITTED_MAX.saturating_sub(omitted.len())));
        }
        Opening::Unknown {
            position,
            event_type,
        } => findings.push(Finding::NotUnderstood {
            position,
            event_type,
        }),
    });
    findings.extend(
        omitted
            .into_iter()
            .map(|(obligation, position)| Finding::Omitted {
                obligation,
                position,
            }),
    );
}

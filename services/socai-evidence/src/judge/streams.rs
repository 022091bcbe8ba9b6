//! Every stream of the bundle is whole: revisions without a gap, to the head that was sealed.

use std::collections::BTreeMap;

use crate::bundle::Bundle;
use crate::finding::Finding;
use crate::judge::Told;
use crate::manifest::StreamHead;

/// Revision and position of a record.
type Place = (u64, u64);

pub(super) fn check(bundle: &Bundle, told: &[Told<'_>], findings: &mut Vec<Finding>) {
    let manifest = &bundle.manifest;
    let mut streams: BTreeMap<&str, Vec<Place>> = BTreeMap::new();
    for record in told {
        let (stream, position) = (&*record.envelope.subject, record.position);
        if manifest.has_stream(stream) {
            let place = (record.envelope.revision.0, position);
            streams.entry(stream).or_default().push(place);
        } else if position <= bundle.heads.size {
            let stream = stream.to_owned();
            findings.push(Finding::RecordForeign { position, stream });
        }
    }
    for head in &manifest.streams {
        let places = streams
            .get(head.stream.as_str())
            .map_or(&[][..], Vec::as_slice);
        findings.extend(gap(head, places));
        findings.extend(other_end(bundle, head, places));
    }
    let main = "ledger.main";
    if !manifest.has_stream(main) {
        let stream = main.to_owned();
        findings.push(Finding::HeadUnproven { stream });
    }
}

/// The first revision that is missing before another.
fn gap(head: &StreamHead, places: &[Place]) -> Option<Finding> {
    let expected = (1..).zip(places);
    let (revision, (_, position)) = expected.into_iter().find(|(n, (found, _))| n != found)?;
    Some(Finding::EventMissing {
        stream: head.stream.clone(),
        revision,
        position: *position,
    })
}

fn other_end(bundle: &Bundle, head: &StreamHead, places: &[Place]) -> Option<Finding> {
    let below = places.partition_point(|(_, position)| *position <= bundle.heads.size);
    let (found, last) = places[..below].last().copied().unwrap_or_default();
    let stream = head.stream.clone();
    let sealed = bundle.heads.item(&stream);
    let sealed = sealed.filter(|item| item.is_in(&bundle.heads));
    match sealed.map(|item| (item.revision, item.last)) {
        Some((revision, last)) if revision > found => Some(Finding::LastEventsMissing {
            stream,
            revision,
            last,
            found,
        }),
        _ if (found, last) != (head.revision, head.last) => Some(Finding::StreamDiffers {
            stream,
            revision: head.revision,
            last: head.last,
        }),
        Some(_) | None => None,
    }
}

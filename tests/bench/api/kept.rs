//! Whether the log has everything that was acknowledged, where it was said to be, once, and nothing else.

use std::collections::BTreeMap;
use std::path::Path;

use socai_store::{Position, envelope};
use socai_store_segment::SegmentStore;

use crate::clients::Acknowledged;
use crate::offices;

/// Reads the log in `dir` and compares. Answers how many bytes a submission's record has on average.
pub(crate) fn check(dir: &Path, acknowledged: &[Acknowledged]) -> usize {
    let mut expected: BTreeMap<u64, &Acknowledged> =
        acknowledged.iter().map(|one| (one.position, one)).collect();
    assert_eq!(
        expected.len(),
        acknowledged.len(),
        "a position was given twice"
    );
    let store = SegmentStore::open_read_only(dir).unwrap();
    assert!(store.damage().is_none(), "{:?}", store.damage());
    let (mut submissions, mut bytes) = (0, 0);
    for chunk in store.scan(Position::ZERO) {
        for (position, record) in chunk.unwrap().iter() {
            let envelope = envelope::parse(record).unwrap();
            if envelope.event_type != "report.submitted.v1" {
                continue;
            }
            let told = expected.remove(&position.0);
            let told =
                told.unwrap_or_else(|| panic!("{position}: nobody was told of {envelope:?}"));
            assert_eq!(envelope.id, told.event, "{told:?}");
            assert_eq!(envelope.stream_key(), told.obligation, "{told:?}");
            assert_eq!(
                envelope.actor,
                offices::clerk(told.clerk).account,
                "{told:?}"
            );
            assert_eq!(envelope.revision.0, 1, "{told:?} is there twice");
            submissions += 1;
            bytes += record.len();
        }
    }
    assert!(expected.is_empty(), "lost: {expected:?}");
    bytes / submissions
}

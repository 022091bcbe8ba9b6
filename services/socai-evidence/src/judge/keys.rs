//! The log's keys, as the ledger names and retires them: valid by position, whatever a clock says.

use std::collections::BTreeMap;

use socai_domain::event::Event;
use socai_domain::ledger::{self, Retired};
use socai_tlog::{Judged, Quorum, VerifierKey};

use crate::bundle::Bundle;
use crate::finding::Finding;
use crate::judge::Told;
use crate::judge::checkpoints::Seen;

/// What the ledger says of a key.
#[derive(Default)]
struct Named {
    /// The position of the record that names it.
    at: u64,
    /// The largest size that is valid by it alone, and why.
    retired: Option<(u64, Retired)>,
}

impl Named {
    /// Of several retirements the smallest size and the worst reason count.
    fn retire(&mut self, valid_to: u64, reason: Retired) {
        let before = self.retired.unwrap_or((valid_to, reason));
        self.retired = Some((before.0.min(valid_to), before.1.max(reason)));
    }
}

/// Finds the notes that do not count. The top one has to; any other is as if nobody had signed it from here on.
pub(super) fn check(
    bundle: &Bundle,
    told: &[Told<'_>],
    seen: &mut [Seen<'_>],
    findings: &mut Vec<Finding>,
) {
    let named = keys_of(bundle, told);
    let Some((top, others)) = seen.split_last_mut() else {
        return;
    };
    findings.extend(does_not_count(top, &named));
    for other in others {
        if let Some(why) = does_not_count(other, &named) {
            let why = Box::new(why);
            findings.push(Finding::DoesNotCount { why });
            other.judged = None;
        }
    }
}

/// Why a note does not count. One key that counts is enough; of several that do not, the first is named.
fn does_not_count(seen: &Seen<'_>, named: &BTreeMap<String, Named>) -> Option<Finding> {
    let judged = seen.judged.as_ref()?;
    let name = &seen.note.name;
    let keys = judged.log_keys.iter();
    let mut whys = keys.map(|key| not_by(name, judged, key, named));
    let first = whys.next()??;
    whys.all(|why| why.is_some()).then_some(first)
}

fn keys_of(bundle: &Bundle, told: &[Told<'_>]) -> BTreeMap<String, Named> {
    let mut named: BTreeMap<String, Named> = BTreeMap::new();
    let main = told
        .iter()
        .filter(|record| record.envelope.subject == "ledger.main");
    for record in main.filter(|record| bundle.records.contains_key(&record.position)) {
        match record.event() {
            Some(Event::Ledger(ledger::Event::Created {
                log_key: Some(key), ..
            }))
            | Some(Event::Ledger(ledger::Event::LogKeyAdded { key })) => {
                let at = record.position;
                named
                    .entry(key.to_string())
                    .or_insert(Named { at, retired: None });
            }
            Some(Event::Ledger(ledger::Event::LogKeyRetired {
                key,
                valid_to,
                reason,
            })) => {
                named
                    .entry(key.to_string())
                    .or_default()
                    .retire(valid_to, reason);
            }
            Some(_) | None => {}
        }
    }
    named
}

/// Why a note does not count by this key.
fn not_by(
    name: &str,
    judged: &Judged,
    key: &VerifierKey,
    named: &BTreeMap<String, Named>,
) -> Option<Finding> {
    let (size, name) = (judged.checkpoint.size, name.to_owned());
    let (label, known) = (key.label(), named.get(&key.to_string()));
    let Some(known) = known.filter(|known| (1..=size).contains(&known.at)) else {
        return Some(Finding::KeyNotNamed { name, key: label });
    };
    match known.retired {
        // Whoever has the key: the quorum saw no other history.
        Some(_) if is_witnessed(judged) => None,
        Some((valid_to, _)) if valid_to < size => Some(Finding::KeyRetired {
            name,
            key: label,
            valid_to,
        }),
        Some((_, Retired::Stolen)) => Some(Finding::KeyStolen { name, key: label }),
        Some((_, Retired::Rotation)) | None => None,
    }
}

fn is_witnessed(judged: &Judged) -> bool {
    match judged.quorum {
        Quorum::Reached { .. } => true,
        Quorum::NotReached | Quorum::NotAsked => false,
    }
}

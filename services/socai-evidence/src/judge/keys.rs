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

pub(super) fn check(
    bundle: &Bundle,
    told: &[Told<'_>],
    seen: &[Seen<'_>],
    findings: &mut Vec<Finding>,
) {
    let named = keys_of(bundle, told);
    for seen in seen {
        if let Some(judged) = &seen.judged {
            let name = &seen.note.name;
            let mut whys = judged
                .log_keys
                .iter()
                .map(|key| invalid(name, judged, key, &named));
            // One key that counts is enough; of several that do not, the first is named.
            if let Some(Some(why)) = whys.next()
                && !whys.any(|other| other.is_none())
            {
                findings.push(why);
            }
        }
    }
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
                named.entry(key.to_string()).or_default().retired = Some((valid_to, reason));
            }
            Some(_) | None => {}
        }
    }
    named
}

fn invalid(
    name: &str,
    judged: &Judged,
    key: &VerifierKey,
    named: &BTreeMap<String, Named>,
) -> Option<Finding> {
    let (size, name) = (judged.checkpoint.size, name.to_owned());
    let (label, known) = (key.label(), named.get(&key.to_string()));
    match known.filter(|known| (1..=size).contains(&known.at)) {
        None => Some(Finding::KeyNotNamed { name, key: label }),
        Some(known) => match known.retired {
            Some((valid_to, _)) if valid_to < size => Some(Finding::KeyRetired {
                name,
                key: label,
                valid_to,
            }),
            Some((_, Retired::Stolen)) if !is_witnessed(judged) => {
                Some(Finding::KeyStolen { name, key: label })
            }
            Some((_, Retired::Stolen | Retired::Rotation)) | None => None,
        },
    }
}

fn is_witnessed(judged: &Judged) -> bool {
    match judged.quorum {
        Quorum::Reached { .. } => true,
        Quorum::NotReached | Quorum::NotAsked => false,
    }
}

//! Whether a bundle proves what it shows.
//!
//! Nothing in the bundle is believed for its own sake. What is believed is the policy: the log's keys say that a
//! checkpoint is the log's, the witnesses' keys say that there is no other of its size. All else follows by hashing.
//! Every check reports all that it finds, so that an inspector sees the whole of it at once.

use socai_domain::event::Event;
use socai_domain::ledger;
use socai_domain::subject::Subject;
use socai_store::envelope::{self, Envelope};
use socai_tlog::{Hash, Policy};

use crate::bundle::Bundle;
use crate::finding::Finding;
use crate::verdict::{About, Verdict};

mod checkpoints;
mod export;
mod heads;
mod keys;
mod pages;
mod records;
mod streams;
mod time;

/// How far an effective day may lie before the record unmarked, unless the verifier says otherwise.
pub const TOLERANCE_HOURS: u32 = 24;

/// A record that reads.
#[derive(Debug)]
pub(crate) struct Told<'a> {
    pub(crate) position: u64,
    pub(crate) leaf: Hash,
    pub(crate) envelope: Envelope<'a>,
}

impl Told<'_> {
    /// What it is about, where this program knows.
    pub(crate) fn subject(&self) -> Option<Subject> {
        Subject::parse(&self.envelope.subject).ok()
    }

    /// What it says, where this program knows.
    pub(crate) fn event(&self) -> Option<Event> {
        let Envelope {
            event_type, data, ..
        } = &self.envelope;
        Event::decode(&self.subject()?, event_type, data).ok()
    }

    /// Whether it was made for a demonstration or a test.
    fn is_not_real(&self) -> bool {
        let simulated = matches!(
            self.event(),
            Some(Event::Ledger(ledger::Event::Created {
                simulated_clock: true,
                ..
            }))
        );
        self.envelope.synthetic || simulated
    }
}

/// Reads and judges a bundle.
#[must_use]
pub fn verify(zip: &[u8], policy: Option<&Policy>, tolerance_hours: u32) -> Verdict {
    match Bundle::read(zip) {
        Ok(bundle) => judge(&bundle, policy, tolerance_hours),
        Err(finding) => Verdict::unreadable(finding),
    }
}

/// Judges a bundle that was read.
#[must_use]
pub fn judge(bundle: &Bundle, policy: Option<&Policy>, tolerance_hours: u32) -> Verdict {
    let mut findings = Vec::new();
    let mut judged = checkpoints::check(bundle, policy, &mut findings);
    records::check(bundle, &mut findings);
    let told = read_records(bundle, &mut findings);
    keys::check(bundle, &told, &mut judged, &mut findings);
    streams::check(bundle, &told, &mut findings);
    heads::check(bundle, &told, &mut findings);
    export::check(bundle, &told, &mut findings);
    pages::check(bundle, &mut findings);
    let brackets = time::Brackets::of(&judged);
    let records = time::lines(bundle, &told, &brackets, tolerance_hours, &mut findings);
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.weight()));
    Verdict {
        about: Some(about(bundle, &judged)),
        findings,
        records,
    }
}

fn read_records<'a>(bundle: &'a Bundle, findings: &mut Vec<Finding>) -> Vec<Told<'a>> {
    let mut told = Vec::new();
    for (&position, entry) in &bundle.records {
        match envelope::parse(&entry.bytes) {
            Ok(envelope) => told.push(Told {
                position,
                leaf: Hash::of_leaf(&entry.bytes),
                envelope,
            }),
            Err(error) => findings.push(Finding::RecordUnreadable {
                position,
                reason: error.to_string(),
            }),
        }
    }
    told
}

fn about(bundle: &Bundle, judged: &[checkpoints::Seen<'_>]) -> About {
    let manifest = &bundle.manifest;
    let top = judged.last().and_then(|seen| seen.judged.as_ref());
    let cosigned = top.into_iter().flat_map(|judged| &judged.cosigned);
    About {
        origin: manifest.origin.clone(),
        query: manifest.query.clone(),
        size: manifest.size,
        root: manifest.root,
        streams: manifest.streams.len() as u64,
        tail: manifest.tail.len() as u64,
        checkpoints: bundle.notes.len() as u64,
        cosigned: cosigned
            .filter_map(|(name, at)| Some((name.clone(), time::instant(*at)?)))
            .collect(),
    }
}

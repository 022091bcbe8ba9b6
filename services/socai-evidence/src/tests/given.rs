//! A ledger of a dozen records, its keys and its checkpoints.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};
use socai_domain::evidence::Of;
use socai_store::Revision;
use socai_store::envelope::{Envelope, compose as compose_record, parse};
use socai_tlog::cosignature::cosign;
use socai_tlog::{
    Checkpoint, Hash, KeyKind, Policy, SigningKey, consistency_in, inclusion_in, root_of,
};
use uuid::Uuid;

use crate::archive::{self, Files};
use crate::compose::{Facts, Kept, Proven, compose};
use crate::manifest::{self, Manifest, Query, StreamHead};
use crate::verdict::Verdict;
use crate::{HeadsTree, verify};

pub(super) const ORIGIN: &str = "socai/ha-noi";
/// Noon of 2/1/2024 at +07:00, in seconds since 1970: when the first record was recorded.
pub(super) const START: u64 = 1_704_171_600;
pub(super) const HOUR: u64 = 3600;

/// A ledger, and whoever signs for it.
pub(super) struct World {
    pub(super) records: Vec<Vec<u8>>,
    pub(super) notes: Vec<socai_tlog::Note>,
    pub(super) log: SigningKey,
    pub(super) witnesses: [SigningKey; 2],
    export: u64,
    heads: u64,
}

pub(super) fn key(name: &str, kind: KeyKind, seed: u8) -> SigningKey {
    SigningKey::from_seed(name, kind, [seed; 32]).unwrap()
}

pub(super) fn query(of: Of) -> Query {
    let (from, to) = (date(2024, 1, 1), date(2024, 12, 31));
    Query { of, from, to }
}

pub(super) fn of_unit() -> Query {
    query(Of::Unit("snv".parse().unwrap()))
}

impl World {
    pub(super) fn empty() -> Self {
        Self {
            records: Vec::new(),
            notes: Vec::new(),
            log: key(ORIGIN, KeyKind::Ed25519, 1),
            witnesses: [2, 3].map(|seed| key(&format!("w{seed}"), KeyKind::CosignatureV1, seed)),
            export: 0,
            heads: 0,
        }
    }

    /// A ledger of two units that owe a report and a task, one of which acted. Each record is recorded an hour
    /// after the one before it, and cosigned half an hour later.
    pub(super) fn told() -> Self {
        let mut world = Self::empty();
        let key = world.log.verifier_key().to_string();
        let created = format!(r#"{{"origin":"ha-noi","definition":"v1","log_key":"{key}"}}"#);
        world.tell("ledger.main", "ledger.created.v1", &created);
        for unit in ["snv", "stc"] {
            let formed = format!(r#"{{"kind":"department","name":"Sở {unit}"}}"#);
            world.tell(&format!("unit.{unit}"), "unit.formed.v1", &formed);
        }
        world.tell(
            "document.ct-01",
            "document.issued.v1",
            r#"{"type":"Chỉ thị"}"#,
        );
        world.tell("requirement.bc", "requirement.set.v1", RULE);
        world.tell("requirement.bc", "period.opened.v1", PERIOD);
        world.tell("task.ra-soat", "task.assigned.v1", TASK);
        let submitted = r#"{"by":"snv","submission":{}}"#;
        world.tell(
            "obligation.bc_2024-q1_snv",
            "report.submitted.v1",
            submitted,
        );
        world.tell(
            "obligation.bc_2024-q1_snv",
            "report.accepted.v1",
            r#"{"by":"stc"}"#,
        );
        world.tell(
            "obligation.bc_2024-q1_stc",
            "report.submitted.v1",
            r#"{"by":"stc","submission":{}}"#,
        );
        world
    }

    /// As [`told`](Self::told), with its heads sealed and the export of `query` recorded.
    pub(super) fn exported(query: &Query) -> Self {
        let mut world = Self::told();
        world.export(query);
        world
    }

    /// As [`exported`](Self::exported) for `query`, by somebody who selects what `part` asks for.
    pub(super) fn exported_as(query: &Query, part: &Query) -> Self {
        let mut world = Self::told();
        world.export_as(query, part);
        world
    }

    pub(super) fn export(&mut self, query: &Query) {
        self.export_as(query, query);
    }

    fn export_as(&mut self, query: &Query, part: &Query) {
        let sealed = self.size();
        let heads = self.all_heads(sealed);
        let sealing = format!(
            r#"{{"size":{sealed},"streams":{},"root":"{}"}}"#,
            heads.streams(),
            heads.root()
        );
        self.heads = self.tell("ledger.main", "ledger.heads_sealed.v1", &sealing);
        let streams = self.selected_streams(part);
        let selected = self.positions_of(&streams, sealed);
        let leaves: Vec<Hash> = selected
            .iter()
            .map(|at| self.leaves()[*at as usize - 1])
            .collect();
        let of = serde_json::to_string(&query.of).unwrap();
        let exported = format!(
            r#"{{"of":{of},"from":"{}","to":"{}","size":{sealed},"records":{},"root":"{}"}}"#,
            query.from,
            query.to,
            selected.len(),
            root_of(&leaves)
        );
        self.export = self.tell("evidence.e-1", "evidence.exported.v1", &exported);
    }

    /// Tells the ledger something, which takes effect on the day on which it is recorded, and seals it.
    pub(super) fn tell(&mut self, stream: &str, event_type: &str, data: &str) -> u64 {
        let on = date(2024, 1, 2);
        let at = self.tell_on(stream, event_type, on, data);
        self.seal(&[0, 1]);
        at
    }

    pub(super) fn tell_on(&mut self, stream: &str, event_type: &str, on: Date, data: &str) -> u64 {
        let position = self.size() + 1;
        let revision = self
            .records
            .iter()
            .filter(|record| subject(record) == stream)
            .count();
        let recorded = i64::try_from(START + (position - 1) * HOUR).unwrap();
        let envelope = Envelope {
            id: Uuid::from_u128(position.into()),
            source: "/ha-noi".into(),
            event_type: event_type.into(),
            subject: stream.into(),
            time: on.at(0, 0, 0, 0),
            recorded_time: jiff::Timestamp::from_second(recorded).unwrap(),
            revision: Revision(revision as u64 + 1),
            actor: "van-thu".into(),
            correlation_id: Uuid::from_u128(7),
            synthetic: false,
            data,
        };
        self.records.push(compose_record(&envelope));
        position
    }

    /// Retires the log's key and names no other.
    pub(super) fn retire(&mut self, reason: &str, valid_to: u64) -> u64 {
        let key = self.log.verifier_key();
        let retired = format!(r#"{{"key":"{key}","valid_to":{valid_to},"reason":"{reason}"}}"#);
        self.tell("ledger.main", "ledger.log_key_retired.v1", &retired)
    }

    /// Seals everything told so far; the witnesses named cosign half an hour after the last record.
    pub(super) fn seal(&mut self, witnesses: &[usize]) {
        let checkpoint = self.checkpoint();
        let mut note = checkpoint.sign(&[&self.log]);
        let seconds = START + (self.size() - 1) * HOUR + HOUR / 2;
        for (place, witness) in witnesses.iter().enumerate() {
            let cosignature = cosign(
                &note.text,
                &self.witnesses[*witness],
                seconds + place as u64,
            );
            note.add(cosignature);
        }
        self.notes.push(note);
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            origin: ORIGIN.to_owned(),
            size: self.size(),
            root: root_of(&self.leaves()),
            extensions: Vec::new(),
        }
    }

    pub(super) fn size(&self) -> u64 {
        self.records.len() as u64
    }

    pub(super) fn leaves(&self) -> Vec<Hash> {
        self.records
            .iter()
            .map(|record| Hash::of_leaf(record))
            .collect()
    }

    pub(super) fn policy(&self, quorum: &str) -> Policy {
        let [one, other] = self
            .witnesses
            .each_ref()
            .map(|key| key.verifier_key().to_string());
        let log = self.log.verifier_key();
        let text = format!(
            "log {log}\nwitness one {one}\nwitness other {other}\ngroup both all one other\nquorum {quorum}\n"
        );
        Policy::parse(&text).unwrap()
    }

    /// The bundle that an honest exporter makes.
    pub(super) fn bundle(&self, query: &Query) -> Vec<u8> {
        compose(&self.facts(query))
    }

    pub(super) fn facts(&self, query: &Query) -> Facts {
        self.facts_as(query, query)
    }

    pub(super) fn facts_as(&self, query: &Query, part: &Query) -> Facts {
        let sealed = self.heads - 1;
        let heads = self.all_heads(sealed);
        let names = self.selected_streams(part);
        let leaves = self.leaves();
        let mut at = self.positions_of(&names, sealed);
        at.extend(sealed + 1..=self.size());
        let proven = |position: &u64| {
            let index = position - 1;
            let bytes = self.records[index as usize].clone();
            let hashes = inclusion_in(&leaves, index).unwrap();
            (*position, Proven { bytes, hashes })
        };
        Facts {
            query: query.clone(),
            export: self.export,
            streams: heads.of(&names),
            heads: heads.prove(&names, self.heads),
            records: at.iter().map(proven).collect(),
            checkpoints: self.notes.iter().map(|note| kept(note, &leaves)).collect(),
        }
    }

    fn all_heads(&self, size: u64) -> HeadsTree {
        let mut heads: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for (last, record) in (1..=size).zip(&self.records) {
            let envelope = parse(record).unwrap();
            heads.insert(envelope.subject.to_string(), (envelope.revision.0, last));
        }
        let head = |(stream, (revision, last))| StreamHead {
            stream,
            revision,
            last,
        };
        HeadsTree::new(size, heads.into_iter().map(head).collect())
    }

    fn selected_streams(&self, query: &Query) -> BTreeSet<String> {
        let always = [
            "ledger.main",
            "requirement.bc",
            "task.ra-soat",
            "document.ct-01",
            "unit.snv",
        ];
        let mut streams: BTreeSet<String> = always.map(String::from).into();
        let ids: &[&str] = match &query.of {
            Of::Unit(_) => &["bc_2024-q1_snv", "ra-soat_snv"],
            Of::Document(_) => &[
                "bc_2024-q1_snv",
                "bc_2024-q1_stc",
                "ra-soat_snv",
                "ra-soat_stc",
            ],
            Of::Obligation(_) => &["bc_2024-q1_snv"],
        };
        streams.extend(ids.iter().map(|id| format!("obligation.{id}")));
        streams
    }

    fn positions_of(&self, streams: &BTreeSet<String>, size: u64) -> Vec<u64> {
        let placed = (1..=size).zip(&self.records);
        let of_them = placed.filter(|(_, record)| streams.contains(&subject(record)));
        of_them.map(|(position, _)| position).collect()
    }
}

fn kept(note: &socai_tlog::Note, leaves: &[Hash]) -> Kept {
    let checkpoint = Checkpoint::parse(&note.text).unwrap();
    let consistency = consistency_in(leaves, checkpoint.size).unwrap();
    Kept {
        note: note.clone(),
        checkpoint,
        consistency,
    }
}

fn subject(record: &[u8]) -> String {
    parse(record).unwrap().subject.to_string()
}

/// What selects one of the unit's two obligations.
pub(super) fn query_without_task() -> Query {
    query(Of::Obligation("bc_2024-q1_snv".parse().unwrap()))
}

/// The files of a bundle, to be tampered with.
pub(super) fn files(zip: &[u8]) -> Files {
    archive::unpack(zip).unwrap()
}

pub(super) fn manifest_of(files: &Files) -> Manifest {
    Manifest::parse(&files[manifest::NAME]).unwrap()
}

/// The bundle of files that were tampered with, under a manifest that says of each what it is now.
pub(super) fn repaired(mut files: Files, change: impl FnOnce(&mut Manifest)) -> Vec<u8> {
    let mut manifest = manifest_of(&files);
    files.remove(manifest::NAME);
    manifest.files = manifest::list(&files);
    change(&mut manifest);
    files.insert(manifest::NAME.to_owned(), manifest.to_bytes());
    archive::pack(&files)
}

pub(super) fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.findings.iter().map(crate::Finding::code).collect()
}

/// The verdict by the policy that asks for both witnesses.
pub(super) fn judged(world: &World, zip: &[u8]) -> Verdict {
    verify(zip, Some(&world.policy("both")), crate::TOLERANCE_HOURS)
}

const RULE: &str = r#"{"rule":{"cadence":"quarterly","day_off":"keep","document":"ct-01","due":{"rule":"not_stated"},"kind":"periodic","reporters":[{"unit":"snv"},{"unit":"stc"}],"title":"Báo cáo <quý>","window":{"rule":"not_stated"}}}"#;
const PERIOD: &str = r#"{"period":"2024-q1","reporters":["snv","stc"],"times":{"window":null,"due":{"due":"2024-03-31","unshifted":"2024-03-31","shifted_because":null,"certainty":"certain"}}}"#;
const TASK: &str = r#"{"assignment":{"document":"ct-01","leads":[{"unit":"snv"},{"unit":"stc"}],"title":"Rà soát","due":{"rule":"fixed","date":"2024-06-30"}},"confirmation":"required","due":"2024-06-30","owed_by":["snv","stc"]}"#;

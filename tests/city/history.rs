//! What has to be true in the end, whatever happened.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZeroU32;

use serde_json::Value;
use socai_app::ledger::Ledger;
use socai_store::{EventStore, Position, Recorded, envelope};
use socai_store_nats::NatsStore;
use socai_tlog::{Edge, Hash};
use uuid::Uuid;

use crate::PATIENCE;
use crate::load::Told;
use crate::processes::City;
use crate::servers::until;

/// Checks everything that everybody was told against what the ledger holds, and the ledger against PostgreSQL
/// and against a copy in a directory.
pub(crate) async fn check(city: &City, told: &Told) {
    let (connection, settings) = (city.connection().await, city.settings(city.cluster.urls()));
    let store = NatsStore::open(&connection, &settings, None).await.unwrap();
    flags_are_raised(&store).await;
    let records = everything(&store).await;
    let at = positions(&records);
    acknowledged_is_there(told, &at);
    refused_is_not(told, &at);
    failed_is_not(told, &records);
    one_winner_a_revision(told, &records);
    flagged_once(&records);
    // Revisions and positions without gaps, and everything follows from what came before.
    let store: std::sync::Arc<dyn EventStore> = std::sync::Arc::new(store);
    Ledger::load(store).await.unwrap();
    println!(
        "{} records; {} acknowledged, each at its place; {} raced for and won once; {} refused and {} commands failed, none of them there; {} asked in vain",
        records.len(),
        told.acknowledged.len(),
        told.won.len(),
        told.refused.len(),
        told.failed.len(),
        told.unknown
    );
    views_agree(city, records.len() as u64).await;
    one_history(city, &records);
    evidence_holds(city);
}

/// Somebody is handed what a unit owes, while a sealer of its own seals, and it holds without the servers.
fn evidence_holds(city: &City) {
    let (config, bundle) = (city.config(), city.home().join("goi.zip"));
    let (config, bundle) = (config.to_str().unwrap(), bundle.to_str().unwrap());
    let window = ["--from", "2014-01-01", "--to", "2034-12-31"];
    let asked = [
        "evidence", "--data", config, "--unit", "u1", "--out", bundle,
    ];
    println!("{}", city.expect(&[&asked[..], &window].concat()).trim());
    let keys = city.expect(&["key", "list", "--data", config, "--format", "json"]);
    let keys: Value = serde_json::from_str(&keys).unwrap();
    let policy = city.home().join("policy");
    let text = format!("log {}\nquorum none\n", keys[0]["key"].as_str().unwrap());
    std::fs::write(&policy, text).unwrap();
    let verified = city.expect(&["verify", bundle, "--policy", policy.to_str().unwrap()]);
    println!("{}", verified.lines().next().unwrap());
}

/// Watchers are done when every obligation, all of them overdue, has its flag.
async fn flags_are_raised(store: &NatsStore) {
    let look = || async {
        let records = everything(store).await;
        let kinds = |kind: &str| {
            records
                .iter()
                .filter(|record| kind_of(record) == kind)
                .count()
        };
        kinds("obligation.flagged_late.v1") >= 12 * kinds("task.assigned.v1")
    };
    until("everything overdue is flagged", PATIENCE, look).await;
}

async fn everything(store: &NatsStore) -> Vec<Recorded> {
    let mut records: Vec<Recorded> = Vec::new();
    loop {
        let after = Position(records.len() as u64);
        let more = store
            .read_all(after, NonZeroU32::new(4_096).unwrap())
            .await
            .unwrap();
        if more.is_empty() {
            return records;
        }
        records.extend(more);
    }
}

fn kind_of(record: &Recorded) -> String {
    envelope::parse(&record.bytes)
        .unwrap()
        .event_type
        .into_owned()
}

/// By id, where it is; no id is there twice, and no position is left out.
fn positions(records: &[Recorded]) -> HashMap<Uuid, u64> {
    let mut at = HashMap::new();
    for (expected, record) in (1..).zip(records) {
        assert_eq!(record.position.0, expected, "positions have no gap");
        let id = envelope::parse(&record.bytes).unwrap().id;
        let before = at.insert(id, expected);
        assert_eq!(before, None, "event {id} is at {expected} as well");
    }
    at
}

fn acknowledged_is_there(told: &Told, at: &HashMap<Uuid, u64>) {
    for (id, position) in &told.acknowledged {
        assert_eq!(at.get(id), Some(position), "event {id} was acknowledged");
    }
}

fn refused_is_not(told: &Told, at: &HashMap<Uuid, u64>) {
    for (id, how) in &told.refused {
        let found = at.get(id);
        assert_eq!(found, None, "event {id} was said not to be recorded: {how}");
    }
}

fn failed_is_not(told: &Told, records: &[Recorded]) {
    let failed: HashSet<_> = told.failed.iter().collect();
    for record in records {
        let command = envelope::parse(&record.bytes).unwrap().correlation_id;
        assert!(
            !failed.contains(&command),
            "command {command} was said not to be recorded"
        );
    }
}

fn one_winner_a_revision(told: &Told, records: &[Recorded]) {
    let mut winners = BTreeMap::new();
    for (stream, revision, id) in &told.won {
        let other = winners.insert((stream.as_str(), *revision), *id);
        assert_eq!(
            other, None,
            "revision {revision} of {stream} was given to two"
        );
    }
    for record in records {
        let record = envelope::parse(&record.bytes).unwrap();
        if let Some(winner) = winners.get(&(&*record.subject, record.revision.0)) {
            assert_eq!(*winner, record.id, "{} {}", record.subject, record.revision);
        }
    }
}

fn flagged_once(records: &[Recorded]) {
    let flags = records
        .iter()
        .filter(|record| kind_of(record) == "obligation.flagged_late.v1");
    let mut flagged = BTreeMap::new();
    for flag in flags {
        let subject = envelope::parse(&flag.bytes).unwrap().subject.into_owned();
        *flagged.entry(subject).or_insert(0) += 1;
    }
    let twice: Vec<_> = flagged.iter().filter(|(_, flags)| **flags != 1).collect();
    assert!(twice.is_empty(), "flagged more than once: {twice:?}");
}

/// PostgreSQL equals the image, the sealer has seen every byte, and a copy in a directory is the same ledger.
async fn views_agree(city: &City, head: u64) {
    let config = city.config();
    let config = config.to_str().unwrap();
    let level = || async {
        let status = city.expect(&[
            "projection",
            "status",
            "--config",
            config,
            "--format",
            "json",
        ]);
        serde_json::from_str::<Value>(&status).unwrap()["position"] == head
    };
    until("PostgreSQL has everything", PATIENCE, level).await;
    println!(
        "{}",
        city.expect(&["projection", "check", "--config", config])
            .trim()
    );
    let copy = city.home().join("copy");
    let copy = copy.to_str().unwrap();
    let migrated = city.expect(&[
        "migrate", "--from", config, "--to", copy, "--format", "json",
    ]);
    let migrated: Value = serde_json::from_str(&migrated).unwrap();
    sealed_to(city, head, migrated["root"].as_str().unwrap()).await;
    println!("{}", city.expect(&["verify", copy]).trim());
    let rates = |data: &str| {
        city.expect(&[
            "rates",
            "--data",
            data,
            "--from",
            "2024-01-01",
            "--to",
            "2024-12-31",
            "--as-of",
            "2024-12-31",
            "--format",
            "json",
        ])
    };
    assert_eq!(rates(config), rates(copy));
    let sealing = city
        .roles
        .iter()
        .filter(|role| role.name.starts_with("sealer") && role.state()["state"] == "working");
    assert_eq!(
        sealing.count(),
        1,
        "one sealer works and the other stands by"
    );
}

async fn sealed_to(city: &City, head: u64, root: &str) {
    let last = || checkpoints(city).pop().unwrap();
    let look = || async { last()["size"] == head };
    until("everything is sealed", PATIENCE, look).await;
    assert_eq!(
        last()["root"],
        root,
        "the sealer's root and that of the copy"
    );
}

/// Everything that was ever signed, in its order.
fn checkpoints(city: &City) -> Vec<Value> {
    let config = city.config();
    let config = config.to_str().unwrap();
    let said = city.expect(&["checkpoints", "--data", config, "--format", "json"]);
    serde_json::from_str(&said).unwrap()
}

/// Whoever sealed, and whatever became of them meanwhile: every checkpoint is of this ledger's one history.
fn one_history(city: &City, records: &[Recorded]) {
    let checkpoints = checkpoints(city);
    let mut roots = vec![Hash::OF_NOTHING];
    let mut edge = Edge::default();
    for record in records {
        edge.push(Hash::of_leaf(&record.bytes));
        roots.push(edge.root());
    }
    let mut size = 0;
    for checkpoint in &checkpoints {
        let next = usize::try_from(checkpoint["size"].as_u64().unwrap()).unwrap();
        assert!(next >= size, "smaller than before: {checkpoint}");
        assert_eq!(checkpoint["root"], roots[next].to_string(), "{checkpoint}");
        size = next;
    }
    println!("{} checkpoints, each of this history", checkpoints.len());
}

//! Works over stores in memory: an evidence bundle and a review made as jobs, entries, records, updates.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use socai_app::ledger::{Founding, Ledger, fold_until};
use socai_app::live::Live;
use socai_app::request;
use socai_app::tree::Sources;
use socai_domain::id::{AccountId, UnitId};
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_domain::permission::{Reading, Scope};
use socai_ledger::image::Image;
use socai_store::{EventStore, Position};
use socai_store_memory::{MemoryCheckpoints, MemoryStore, MemoryTiles};
use socai_tlog::{Checkpoint, Hash, KeyKind, SigningKey, root_of};
use uuid::Uuid;

use super::live_updates::{Update, Updates};
use super::{attachments, evidence, records, review, tiles, verify};
use crate::jobs::{Asked, Jobs, Limits, State, Whose, Wish};
use crate::past::Past;
use crate::trouble::Trouble;

const LINES: &str = r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"c","name":"Thành ủy","kind":"party_committee"}}
{"command":"unit.form","effective":"2014-01-01","data":{"unit":"a","name":"Sở Nội vụ","kind":"department","parent":"c"}}
{"command":"unit.form","effective":"2014-01-01","data":{"unit":"b","name":"Sở Tư pháp","kind":"department","parent":"c"}}
{"command":"document.issue","effective":"2024-01-15","data":{"document":"d","number":"12-CT/TU","type":"Chỉ thị","issuer":"c","date":"2024-01-15"}}
{"command":"task.assign","effective":"2024-01-15","data":{"task":"t","assignment":{"document":"d","title":"Rà soát thủ tục","leads":[{"unit":"a"}],"due":{"rule":"fixed","date":"2024-06-30"}}}}
{"command":"task.assign","effective":"2024-01-15","data":{"task":"s","assignment":{"document":"d","title":"Rà soát khác","leads":[{"unit":"b"}],"due":{"rule":"fixed","date":"2024-06-30"}}}}
"#;

/// Records of the ledger, its founding included.
const RECORDS: u64 = 7;

fn wish(id: Uuid, work: &'static str) -> Wish {
    Wish {
        id,
        owner: origin().actor,
        asked: Asked::of(work, &id.to_string()),
        needs: &[Reading::Reviews],
    }
}

fn origin() -> Origin {
    Origin {
        actor: AccountId::new("operator").unwrap(),
        at: "2024-07-01T00:00:00Z".parse().unwrap(),
    }
}

struct Town {
    live: Arc<Live>,
    past: Arc<Past>,
    sources: Sources,
    jobs: Jobs,
    _home: tempfile::TempDir,
}

async fn town() -> Town {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::default());
    let founding = Founding {
        origin: Line::new("hanoi").unwrap(),
        claims_stand_after_days: None,
        simulated_clock: false,
        log_key: None,
        id: Uuid::nil(),
    };
    let operator = origin();
    let founded = Ledger::found(store.clone(), &founding, &operator);
    let mut ledger = founded.await.unwrap();
    let asked = LINES.lines().map(|line| request::parse(line.as_bytes()));
    let asked: Vec<_> = asked.map(|line| (line.unwrap(), origin())).collect();
    assert!(ledger.record(&asked).await.unwrap().trouble.is_none());
    let image = fold_until(&*store, Image::new(), None).await.unwrap();
    assert_eq!(image.position(), Position(RECORDS));
    let live = Arc::new(Live::start(store.clone(), image).await.unwrap());
    let home = tempfile::tempdir().unwrap();
    Town {
        past: Arc::new(Past::new(live.clone(), None)),
        jobs: Jobs::open(&home.path().join("jobs"), Limits::default()).unwrap(),
        sources: Sources {
            store,
            tiles: Arc::new(MemoryTiles::default()),
            checkpoints: Arc::new(MemoryCheckpoints::default()),
        },
        live,
        _home: home,
    }
}

impl Town {
    /// Signs a checkpoint over everything there is.
    async fn seal(&self) {
        let all = self
            .sources
            .store
            .read_all(Position(0), 100.try_into().unwrap());
        let leaves: Vec<Hash> = all
            .await
            .unwrap()
            .iter()
            .map(|it| Hash::of_leaf(&it.bytes))
            .collect();
        let checkpoint = Checkpoint {
            origin: "socai/hanoi".to_owned(),
            size: leaves.len() as u64,
            root: root_of(&leaves),
            extensions: Vec::new(),
        };
        let key = SigningKey::from_seed("socai/hanoi", KeyKind::Ed25519, [7; 32]).unwrap();
        let note = checkpoint.sign(&[&key]).to_string();
        let entries = self.sources.checkpoints.len().await.unwrap();
        let added = self.sources.checkpoints.append(entries, note.into());
        added.await.unwrap();
    }

    async fn record(&self, line: &str) {
        let request = request::parse(line.as_bytes()).unwrap();
        self.live.execute(&request, &origin()).await.unwrap();
    }

    /// The file that the job made, once it is done.
    async fn made(&self, id: Uuid, name: &str) -> Vec<u8> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let standing = self.jobs.get(id, &Whose::Everybodys).unwrap();
            match standing.state {
                State::Waiting | State::Running => {
                    assert!(Instant::now() < deadline, "{standing:?}");
                    tokio::task::yield_now().await;
                }
                State::Done => break,
                State::Failed | State::Cancelled => panic!("{standing:?}"),
            }
        }
        let (path, _): (PathBuf, _) = self.jobs.file(id, name, &Whose::Everybodys).unwrap();
        std::fs::read(path).unwrap()
    }
}

fn asked(parameters: serde_json::Value) -> evidence::Evidence {
    serde_json::from_value(parameters).unwrap()
}

#[tokio::test]
async fn a_bundle_made_as_a_job_is_judged_valid_and_is_made_again_by_its_id() {
    let town = town().await;
    let unit =
        serde_json::json!({"unit": "a", "from": "2024-01-01", "to": "2024-12-31", "wait": 20});
    let mut ids = Vec::new();
    for again in [false, true] {
        let id = Uuid::now_v7();
        let asked = match ids.first() {
            Some(export) => asked(serde_json::json!({ "export": export })),
            None => asked(unit.clone()),
        };
        asked.check(&town.live.image(), origin().today()).unwrap();
        let (live, past, sources) = (town.live.clone(), town.past.clone(), town.sources.clone());
        let run = |desk| async move {
            evidence::job(desk, (&mut &*live, &past, &sources), asked, id, &origin()).await
        };
        town.jobs.begin(wish(id, "evidence"), run).unwrap();
        if !again {
            // The heads and the export are recorded before anybody seals them.
            let mut followed = town.live.followed();
            let recorded = followed.wait_for(|now| now.position == Position(RECORDS + 2));
            recorded.await.unwrap();
            town.seal().await;
        }
        let zip = town.made(id, "evidence.zip").await;
        let name = "evidence.zip".to_owned();
        let given = vec![verify::Given { name, zip }];
        let found = verify::judge_bundles(given, None, 24);
        assert_eq!(found.outcome, verify::INCOMPLETE, "{found:?}");
        let told = town.made(id, "evidence.json").await;
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        ids.push(told["evidence"].clone());
    }
    assert_eq!(ids[0], ids[1]);
    assert_eq!(
        town.live.image().position(),
        Position(RECORDS + 2),
        "recorded once"
    );
}

#[tokio::test]
async fn evidence_is_of_one_thing_in_a_window() {
    let town = town().await;
    for (parameters, at) in [
        (r#"{}"#, "unit"),
        (
            r#"{"unit":"a","document":"d","from":"2024-01-01","to":"2024-12-31"}"#,
            "unit",
        ),
        (
            r#"{"unit":"x","from":"2024-01-01","to":"2024-12-31"}"#,
            "unit",
        ),
        (r#"{"unit":"a","to":"2024-12-31"}"#, "from"),
        (
            r#"{"unit":"a","from":"2024-12-31","to":"2024-01-01"}"#,
            "to",
        ),
        (r#"{"export":"e-1","from":"2024-12-31"}"#, "export"),
        (r#"{"obligation":"x"}"#, "of"),
    ] {
        let asked: evidence::Evidence = serde_json::from_str(parameters).unwrap();
        let said = asked
            .check(&town.live.image(), origin().today())
            .unwrap_err();
        let (Trouble::Parameter { parameter, .. } | Trouble::NotFound { parameter, .. }) = said
        else {
            panic!("{said:?}");
        };
        assert_eq!(parameter, at, "{parameters}");
    }
    let mass = serde_json::from_str::<evidence::Evidence>(r#"{"unit":"a","actor":"x"}"#);
    assert!(mass.is_err());
}

#[tokio::test]
async fn a_review_made_as_a_job_is_the_one_that_anybody_else_makes() {
    let town = town().await;
    let asked: review::Review = serde_json::from_value(serde_json::json!({
        "document": "12-CT/TU", "from": "2024-01-01", "to": "2024-12-31", "as_of": "2024-07-01"
    }))
    .unwrap();
    let image = town.past.now(&origin().actor).await.unwrap();
    let written = review::write(&image, &*town.sources.store, &asked)
        .await
        .unwrap();
    let id = Uuid::now_v7();
    let store = town.sources.store.clone();
    let run = |desk| review::job(desk, image, store, asked);
    town.jobs.begin(wish(id, "review"), run).unwrap();
    for (name, text) in written {
        assert_eq!(town.made(id, name).await, text.as_bytes(), "{name}");
    }
}

#[tokio::test]
async fn tiles_made_from_records_are_those_of_the_log() {
    let town = town().await;
    let lines = records::Lines::new(town.sources.store.clone(), Position(0), Position(RECORDS));
    let lines = all(lines).await;
    let leaves: Vec<u8> = lines
        .lines()
        .flat_map(|line| *Hash::of_leaf(line.as_bytes()).as_bytes())
        .collect();
    let tiles::At::Hashes(tile) = tiles::At::path("tile/0/000.p/7").unwrap() else {
        panic!("hashes");
    };
    let hashes = tiles::hashes(&town.sources, tile).await.unwrap();
    assert_eq!(hashes, leaves);
    let tiles::At::Entries(tile) = tiles::At::path("tile/entries/000.p/7").unwrap() else {
        panic!("entries");
    };
    let entries = tiles::entries(&*town.sources.store, tile).await.unwrap();
    let mut bundled = Vec::new();
    for line in lines.lines() {
        bundled.extend(u16::try_from(line.len()).unwrap().to_be_bytes());
        bundled.extend(line.as_bytes());
    }
    assert_eq!(entries, bundled);
    for nowhere in [
        "tile/0/000",
        "tile/0/000.p/8",
        "tile/1/000.p/1",
        "tile/0/x999/999",
    ] {
        let tiles::At::Hashes(tile) = tiles::At::path(nowhere).unwrap() else {
            panic!("hashes");
        };
        let nothing = tiles::hashes(&town.sources, tile).await;
        assert!(
            matches!(nothing, Err(Trouble::NotFound { .. })),
            "{nowhere}"
        );
    }
    for bad in [
        "",
        "tile/0",
        "tile/entries/../0/000",
        "tile/entries/0",
        "checkpoint",
    ] {
        assert!(tiles::At::path(bad).is_err(), "{bad}");
    }
    let nothing = tiles::checkpoint(&*town.sources.checkpoints).await;
    assert!(matches!(nothing, Err(Trouble::NotFound { .. })));
    town.seal().await;
    let note = tiles::checkpoint(&*town.sources.checkpoints).await.unwrap();
    assert!(note.starts_with(b"socai/hanoi\n7\n"));
}

async fn all(mut lines: records::Lines) -> String {
    let mut text = Vec::new();
    while let Some(chunk) = lines.next().await.unwrap() {
        text.extend(chunk);
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn records_end_where_the_export_ends() {
    let town = town().await;
    let lines = records::Lines::new(town.sources.store.clone(), Position(2), Position(5));
    assert_eq!(all(lines).await.lines().count(), 3);
    let mut beyond = records::Lines::new(town.sources.store.clone(), Position(7), Position(9));
    assert!(matches!(beyond.next().await, Err(Trouble::Stopped(_))));
}

#[tokio::test]
async fn updates_are_told_as_far_as_they_concern_the_listener() {
    let town = town().await;
    let seen = |scope: Scope| {
        let live = town.live.clone();
        async move {
            let mut updates = Updates::after(live, Position(0)).await.unwrap();
            let mut told = Vec::new();
            loop {
                match updates
                    .next(|_| Some(scope.clone()))
                    .await
                    .unwrap()
                    .unwrap()
                {
                    Update::Changed(change) => told.push(change.subject),
                    Update::CaughtUp(position) => return (told, position.0),
                }
            }
        }
    };
    let (everything, end) = seen(Scope::Everything).await;
    assert_eq!((everything.len() as u64, end), (RECORDS, RECORDS));
    let of_a = Scope::Units([UnitId::new("a").unwrap()].into());
    let (told, end) = seen(of_a).await;
    let theirs = ["ledger.main", "unit.a", "document.d", "task.t"];
    assert_eq!((told, end), (theirs.map(str::to_owned).to_vec(), RECORDS));
}

#[tokio::test]
async fn updates_come_as_they_are_recorded_and_end_with_the_right_to_them() {
    let town = town().await;
    let mut updates = Updates::after(town.live.clone(), Position(RECORDS))
        .await
        .unwrap();
    let all = |_: &Image| Some(Scope::Everything);
    let caught_up = updates.next(all).await.unwrap();
    assert_eq!(caught_up, Some(Update::CaughtUp(Position(RECORDS))));
    town.record(r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"x","name":"Sở X","kind":"department"}}"#).await;
    let Some(Update::Changed(change)) = updates.next(all).await.unwrap() else {
        panic!("it changed");
    };
    assert_eq!((change.position, &*change.subject), (RECORDS + 1, "unit.x"));
    town.record(r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"y","name":"Sở Y","kind":"department"}}"#).await;
    while let Some(update) = updates.next(|_| None).await.unwrap() {
        assert_eq!(update, Update::CaughtUp(Position(RECORDS + 1)));
    }
    let beyond = Updates::after(town.live.clone(), Position(99)).await;
    assert!(matches!(beyond, Err(Trouble::Parameter { .. })));
}

#[test]
fn a_file_is_about_one_thing_at_most_and_says_no_more() {
    let filed = |text| serde_json::from_str::<attachments::Filed>(text);
    assert!(filed(r#"{"media":"application/pdf"}"#).is_ok());
    assert!(filed(r#"{"media":"text/html; charset=x"}"#).is_err());
    assert!(filed(r#"{"media":"application/pdf","recorded":"2014-01-01"}"#).is_err());
    let two = filed(r#"{"media":"application/pdf","obligation":"t_a","inspection":"i"}"#).unwrap();
    let today = origin().today();
    let said = two.filing(&Image::new(), today).unwrap_err();
    assert!(
        said.to_string()
            .starts_with("obligation: expected at most one")
    );
}

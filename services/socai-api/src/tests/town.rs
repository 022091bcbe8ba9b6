//! A town to ask: units, tasks, and an account of every role that matters.

use jiff::Timestamp;
use serde_json::{Value, json};
use socai_app::audit::{KeptTiles, Stored};
use socai_app::ledger::{Founding, Ledger, Outcome, fold_until};
use socai_app::live::Live;
use socai_app::tree::Sources;
use socai_blob_directory::DirectoryBlobs;
use socai_domain::id::AccountId;
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_ledger::image::Image;
use socai_operations::accounts::OfLedger;
use socai_operations::jobs::{Jobs, Limits};
use socai_operations::service::Service;
use socai_operations::works::Works;
use socai_store::EventStore;
use socai_store_memory::{MemoryCheckpoints, MemoryCredentials, MemoryStore, MemoryTiles};
use tempfile::TempDir;
use uuid::Uuid;

use crate::*;

/// A town with unit a, which owes the task t, unit b, which owes s, and an account of every role that matters here.
pub(crate) struct Town {
    pub(crate) router: Router,
    pub(crate) works: Works,
    pub(crate) tokens: Vec<(&'static str, String)>,
    _home: TempDir,
}

const UNITS: [&str; 6] = [
    r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"c","name":"Thành ủy","kind":"party_committee"}}"#,
    r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"a","name":"Sở Nội vụ","kind":"department","parent":"c"}}"#,
    r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"b","name":"Sở Tư pháp","kind":"department","parent":"c"}}"#,
    r#"{"command":"document.issue","effective":"2024-01-15","data":{"document":"d","number":"12-CT/TU","type":"Chỉ thị","issuer":"c","date":"2024-01-15"}}"#,
    r#"{"command":"task.assign","effective":"2024-01-15","data":{"task":"t","assignment":{"document":"d","title":"Rà soát thủ tục","leads":[{"unit":"a"}],"due":{"rule":"fixed","date":"2024-06-30"}}}}"#,
    r#"{"command":"task.assign","effective":"2024-01-15","data":{"task":"s","assignment":{"document":"d","title":"Rà soát khác","leads":[{"unit":"b"}],"due":{"rule":"fixed","date":"2024-06-30"}}}}"#,
];

const ACCOUNTS: [(&str, &str, Option<&str>); 7] = [
    ("thanh-tra", "inspector", None),
    ("van-thu", "registrar", None),
    ("so-a", "reporter", Some("a")),
    ("so-b", "reporter", Some("b")),
    ("doan", "witness", None),
    ("dieu-hanh", "operator", None),
    ("theo-doi", "monitor", None),
];

fn accounts() -> (Vec<String>, Vec<(&'static str, String)>) {
    let (mut lines, mut tokens) = (Vec::new(), Vec::new());
    let mut line = |command: &str, data: Value| {
        let line = json!({"command": command, "effective": "2024-02-01", "data": data});
        lines.push(line.to_string());
    };
    for (account, role, unit) in ACCOUNTS {
        let token = socai_identity::new_token();
        match unit {
            Some(unit) => line("account.create", json!({"account": account, "unit": unit})),
            None => line("account.create", json!({"account": account})),
        }
        line(
            "account.grant_role",
            json!({"account": account, "role": role}),
        );
        let expires = "2099-01-01T00:00:00Z";
        let issued =
            json!({"account": account, "token": "first", "hash": token.hash, "expires": expires});
        line("account.issue_token", issued);
        tokens.push((account, token.text.to_string()));
    }
    (lines, tokens)
}

pub(crate) async fn town() -> Town {
    let (works, tokens, home) = stage().await;
    let credentials = Arc::new(MemoryCredentials::default());
    let accounts = Arc::new(OfLedger(works.live.clone()));
    let identity = Identity::new(credentials, accounts, Default::default());
    Town {
        router: router_over(&works, identity, Settings::default()),
        works,
        tokens,
        _home: home,
    }
}

/// What answers over `works` to whom `identity` knows.
pub(crate) fn router_over(works: &Works, identity: Identity, settings: Settings) -> Router {
    let checkpoints = Some(works.sources.checkpoints.clone());
    let service = Service::new(works.live.clone(), None, checkpoints);
    crate::router(
        Arc::new(service),
        works.clone(),
        Arc::new(identity),
        settings,
        Arc::default(),
    )
}

/// What works are done with in the town, and the tokens of its accounts.
pub(crate) async fn stage() -> (Works, Vec<(&'static str, String)>, TempDir) {
    let store = founded().await;
    let (accounts, tokens) = accounts();
    let mut ledger = Ledger::load(store.clone()).await.unwrap();
    let lines = UNITS.iter().map(|line| (*line).to_owned()).chain(accounts);
    for line in lines {
        let request = socai_app::request::parse(line.as_bytes()).unwrap();
        let done = ledger.record(&[(request, operator())]).await.unwrap();
        assert!(
            matches!(done.outcomes[..], [Outcome::Recorded(_)]),
            "{line}: {done:?}"
        );
    }
    let image = fold_until(&*store, Image::new(), None).await.unwrap();
    let live = Arc::new(Live::start(store.clone(), image).await.unwrap());
    let home = tempfile::tempdir().unwrap();
    let at_rest = Arc::new(Stored {
        store: store.clone(),
        tiles: KeptTiles::Nowhere,
        checkpoints: None,
        marks: None,
    });
    let works = Works {
        at_rest,
        past: socai_operations::past::Past::new(live.clone(), None),
        jobs: Jobs::open(&home.path().join("jobs"), Limits::default()).unwrap(),
        blobs: Arc::new(DirectoryBlobs::open(&home.path().join("blobs")).unwrap()),
        sources: Sources {
            store,
            tiles: Arc::new(MemoryTiles::default()),
            checkpoints: Arc::new(MemoryCheckpoints::default()),
        },
        live,
    };
    (works, tokens, home)
}

async fn founded() -> Arc<dyn EventStore> {
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::default());
    let founding = Founding {
        origin: Line::new("hanoi").unwrap(),
        claims_stand_after_days: None,
        simulated_clock: false,
        log_key: None,
        id: Uuid::nil(),
    };
    Ledger::found(store.clone(), &founding, &operator())
        .await
        .unwrap();
    store
}

/// Whoever owns the files, now.
pub(crate) fn operator() -> Origin {
    Origin {
        actor: AccountId::new("operator").unwrap(),
        at: Timestamp::now(),
    }
}

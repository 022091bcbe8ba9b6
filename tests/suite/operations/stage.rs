//! A small town and its accounts: `tp` with the units `a` and `b` below it, and `qh` with `x`, which is foreign to them.

use std::sync::Arc;

use serde_json::{Value, json};
use socai_app::ledger::{Founding, Ledger, Outcome};
use socai_app::live::Live;
use socai_app::request;
use socai_domain::id::AccountId;
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_domain::permission::Scope;
use socai_identity::{By, Principal};
use socai_operations::catalogue::{Answering, question};
use socai_operations::page::Page;
use socai_operations::question::{Asked, Sources};
use socai_operations::service::{Answer, Service};
use socai_operations::trouble::Trouble;
use socai_store_memory::MemoryStore;
use uuid::Uuid;

const TOWN: &str = include_str!("../../api/town.ndjson");

/// Each account, its unit, and its role.
const ACCOUNTS: [(&str, &str, &str); 5] = [
    ("clerk-a", r#","unit":"a""#, "reporter"),
    ("head-tp", r#","unit":"tp""#, "consolidator"),
    ("committee", "", "inspector"),
    ("keeper", "", "operator"),
    ("watch", "", "witness"),
];

/// The town, to be asked.
pub(super) struct Stage {
    pub(super) service: Service,
}

impl Stage {
    pub(super) async fn set() -> Self {
        Self::set_with(&[]).await
    }

    /// The town, where `more` is recorded too, each line by whom it names.
    pub(super) async fn set_with(more: &[&str]) -> Self {
        let store = Arc::new(MemoryStore::default());
        let founding = Founding {
            origin: Line::new("hanoi").unwrap(),
            claims_stand_after_days: None,
            simulated_clock: false,
            log_key: None,
            id: Uuid::nil(),
        };
        Ledger::found(store.clone(), &founding, &origin("operator"))
            .await
            .unwrap();
        let mut ledger = Ledger::load(store.clone()).await.unwrap();
        let town = TOWN.lines().map(str::to_owned);
        let more = more.iter().map(|line| (*line).to_owned());
        let accounts = ACCOUNTS.iter().flat_map(account);
        record(&mut ledger, town.chain(accounts).chain(more)).await;
        let image = ledger.image().clone();
        let live = Live::start(store, image).await.unwrap();
        Self {
            service: Service::new(Arc::new(live), None, None),
        }
    }

    /// What `who` is answered.
    pub(super) async fn ask(
        &self,
        who: &str,
        name: &str,
        parameters: Value,
        page: Page,
    ) -> Result<Answer, Trouble> {
        let account = AccountId::new(who).unwrap();
        let who = Principal {
            account,
            by: By::Session,
        };
        self.service
            .ask(question(name).unwrap(), parameters, page, &who)
            .await
    }

    /// The rows that `who` is answered.
    pub(super) async fn rows(&self, who: &str, name: &str, parameters: Value) -> Vec<Value> {
        let answer = self.ask(who, name, parameters, Page::default()).await;
        rows(answer.unwrap_or_else(|trouble| panic!("{who}, {name}: {trouble}"))).await
    }

    /// The rows that whoever may see what `scope` says is answered.
    pub(super) async fn rows_within(&self, scope: &Scope, name: &str) -> Vec<Vec<String>> {
        let mut answering = self.within(scope, name);
        let sources = Sources {
            store: self.service.store().clone(),
            checkpoints: None,
        };
        let wanted = Page::default().read().unwrap();
        answering.gather(&sources, &wanted).await.unwrap();
        answering.cells().rows
    }

    fn within(&self, scope: &Scope, name: &str) -> Box<dyn Answering> {
        let put = (question(name).unwrap().read)(least(name)).unwrap();
        let asked = Asked {
            image: &self.service.live().image(),
            today: origin("operator").today(),
            scope,
        };
        put.answer(&asked).unwrap()
    }

    /// The ids of the rows that `who` is answered.
    pub(super) async fn ids(&self, who: &str, name: &str, parameters: Value) -> Vec<String> {
        let rows = self.rows(who, name, parameters).await;
        rows.iter()
            .map(|row| row["id"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// The rows of an answer.
pub(super) async fn rows(answer: Answer) -> Vec<Value> {
    let json: Value = serde_json::from_str(&text(answer).await).unwrap();
    json["rows"].as_array().unwrap().clone()
}

/// An answer as JSON.
pub(super) async fn text(answer: Answer) -> String {
    let json = answer.made(|rows, frame| rows.json(frame)).await;
    String::from_utf8(json).unwrap()
}

/// What has to be said in every question that has to be told something.
pub(super) fn least(name: &str) -> Value {
    match name {
        "search" => json!({"words": "so"}),
        "history" => json!({"document": "d"}),
        "number" => json!({"texts": ["25-CT/TU", "1138 -CV/ĐU"]}),
        "read" => json!({"text": "Chỉ thị 25-CT/TU"}),
        _ => json!({}),
    }
}

fn origin(actor: &str) -> Origin {
    Origin {
        actor: AccountId::new(actor).unwrap(),
        at: "2025-04-01T00:00:00Z".parse().unwrap(),
    }
}

fn account((name, unit, role): &(&str, &str, &str)) -> [String; 2] {
    let line = |command: &str, data: String| {
        format!(
            r#"{{"command":"account.{command}","effective":"2024-01-01","data":{{"account":"{name}"{data}}}}}"#
        )
    };
    [
        line("create", (*unit).to_owned()),
        line("grant_role", format!(r#","role":"{role}""#)),
    ]
}

async fn record(ledger: &mut Ledger, lines: impl Iterator<Item = String>) {
    let asked = lines.map(|line| {
        let request = request::parse(line.as_bytes()).unwrap();
        let actor = request.actor.clone();
        (
            request,
            origin(actor.as_ref().map_or("operator", AccountId::as_str)),
        )
    });
    let asked: Vec<_> = asked.collect();
    let batch = ledger.record(&asked).await.unwrap();
    for (outcome, (request, _)) in batch.outcomes.iter().zip(&asked) {
        assert!(
            matches!(outcome, Outcome::Recorded(_)),
            "{request:?}: {outcome:?}"
        );
    }
}

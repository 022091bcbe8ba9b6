//! Recording by the right of an account: what it may is looked up where the command is decided, one id is
//! recorded once, and several commands are recorded all or not at all.

mod again;
mod together;

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use socai_app::ledger::{Founding, Ledger, Outcome, Written, fold_until};
use socai_app::live::Live;
use socai_app::request::{self, Request};
use socai_domain::id::AccountId;
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_ledger::image::Image;
use socai_store::{Append, AppendError, EventStore, Position, Recorded};
use socai_store_memory::MemoryStore;
use uuid::Uuid;

use crate::tricked::{Trick, Tricked};

const OWNER: &str = "chu-so";

fn origin(actor: &str) -> Origin {
    on_day(actor, 1)
}

/// Asked at noon UTC on a day of July 2024.
fn on_day(actor: &str, day: u32) -> Origin {
    Origin {
        actor: AccountId::new(actor).unwrap(),
        at: format!("2024-07-{day:02}T12:00:00Z").parse().unwrap(),
    }
}

fn line(command: &str, on: &str, data: &str) -> Request {
    let line = format!(r#"{{"command":"{command}","effective":"{on}","data":{data}}}"#);
    request::parse(line.as_bytes()).unwrap()
}

fn account(id: &str, unit: &str, role: &str) -> [Request; 2] {
    let create = format!(r#"{{"account":"{id}","unit":"{unit}"}}"#);
    let grant = format!(r#"{{"account":"{id}","role":"{role}"}}"#);
    [
        line("account.create", "2024-01-01", &create),
        line("account.grant_role", "2024-01-01", &grant),
    ]
}

/// A committee and two departments, each of which has a task and somebody who reports.
fn beginning() -> Vec<Request> {
    let unit = |id: &str| {
        let data = format!(r#"{{"unit":"{id}","name":"Sở {id}","kind":"department"}}"#);
        line("unit.form", "2014-01-01", &data)
    };
    let mut asked = vec![unit("c"), unit("a"), unit("b")];
    let document = r#"{"document":"d","type":"Chỉ thị","issuer":"c"}"#;
    asked.push(line("document.issue", "2024-01-15", document));
    let task = r#"{"task":"t","assignment":{"document":"d","title":"Rà soát",
        "leads":[{"unit":"a"},{"unit":"b"}],"due":{"rule":"fixed","date":"2024-06-30"}}}"#;
    asked.push(line("task.assign", "2024-01-15", &task.replace('\n', "")));
    for (id, unit, role) in [
        ("quan-tri", "c", "operator"),
        ("van-thu", "c", "registrar"),
        ("theo-doi", "a", "monitor"),
        ("lan", "a", "reporter"),
        ("hoa", "b", "reporter"),
    ] {
        asked.extend(account(id, unit, role));
    }
    asked
}

async fn begun() -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::default());
    let founding = Founding {
        origin: Line::new("hanoi").unwrap(),
        claims_stand_after_days: None,
        simulated_clock: false,
        log_key: None,
        id: Uuid::nil(),
    };
    let first = Ledger::found(store.clone(), &founding, &origin(OWNER)).await;
    let asked: Vec<_> = beginning()
        .into_iter()
        .map(|request| (request, origin(OWNER)))
        .collect();
    let batch = first.unwrap().record(&asked).await.unwrap();
    let recorded = |outcome: &Outcome| matches!(outcome, Outcome::Recorded(_));
    assert!(batch.outcomes.iter().all(recorded), "{batch:?}");
    store
}

/// One more process on `store`.
async fn live(store: Arc<dyn EventStore>) -> Arc<Live> {
    let image = fold_until(&*store, Image::new(), None).await.unwrap();
    Arc::new(Live::start(store, image).await.unwrap())
}

async fn all(store: &dyn EventStore) -> Vec<Recorded> {
    let everything = store.read_all(Position::ZERO, NonZeroU32::MAX).await;
    everything.unwrap()
}

fn progress(unit: &str, percent: u32) -> Request {
    let data = format!(r#"{{"obligation":"t_{unit}","percent":{percent}}}"#);
    line("task.progress", "2024-02-01", &data)
}

fn with_id(mut request: Request, id: u128) -> Request {
    request.id = Some(Uuid::from_u128(id));
    request
}

#[track_caller]
fn recorded(outcome: Outcome) -> Vec<Written> {
    match outcome {
        Outcome::Recorded(written) => written,
        other => panic!("not recorded: {other:?}"),
    }
}

#[track_caller]
fn code(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Refused(refused) => refused.code,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn an_account_records_what_its_roles_allow_and_the_owner_of_the_files_everything() {
    let store = begun().await;
    let process = live(store.clone()).await;
    let ask = async |actor: &str, request: &Request| {
        process
            .execute_permitted(request, &origin(actor))
            .await
            .unwrap()
    };
    let written = recorded(ask("lan", &progress("a", 10)).await);
    assert_eq!(written[0].position, store.head().await.unwrap());

    let before = store.head().await.unwrap();
    let excuse = r#"{"obligation":"t_a","by":"c","reason":"bão","legal_basis":"Điều 13"}"#;
    let excuse = line("obligation.excuse", "2024-02-01", excuse);
    for (actor, request, expected) in [
        ("lan", progress("b", 10), "permission.out_of_reach"),
        ("van-thu", progress("a", 10), "permission.no_role"),
        ("theo-doi", excuse, "permission.own_unit"),
        ("khong-co", progress("a", 10), "permission.no_account"),
    ] {
        assert_eq!(code(ask(actor, &request).await), expected, "{actor}");
    }
    assert_eq!(store.head().await.unwrap(), before, "nothing was recorded");
    let owner = process.execute(&progress("b", 10), &origin(OWNER)).await;
    recorded(owner.unwrap());
}

/// Before the first append somebody else records what it was told to.
struct Meanwhile {
    other: Arc<Live>,
    asked: Vec<Request>,
    appends: AtomicU32,
}

#[async_trait]
impl Trick for Meanwhile {
    async fn append(
        &self,
        store: &MemoryStore,
        append: Append,
    ) -> Result<Vec<Position>, AppendError> {
        if self.appends.fetch_add(1, Ordering::SeqCst) == 0 {
            for request in &self.asked {
                let outcome = self.other.execute(request, &origin(OWNER)).await;
                recorded(outcome.unwrap());
            }
        }
        store.append(append).await
    }
}

/// A process before whose first append `asked` is recorded by another one.
async fn meanwhile(store: &Arc<MemoryStore>, asked: Vec<Request>) -> Arc<Live> {
    let trick = Meanwhile {
        other: live(store.clone()).await,
        asked,
        appends: AtomicU32::new(0),
    };
    let store = store.clone();
    live(Arc::new(Tricked { store, trick })).await
}

/// The role was there when the command was first decided. Somebody else wrote to the same stream first, and with
/// the second decision the right is looked at again.
#[tokio::test]
async fn a_role_that_is_revoked_while_a_command_is_under_way_does_not_count() {
    let store = begun().await;
    let revoke = r#"{"account":"lan","role":"reporter"}"#;
    let revoke = line("account.revoke_role", "2024-07-01", revoke);
    let process = meanwhile(&store, vec![revoke, progress("a", 50)]).await;
    let (asked, lan) = (progress("a", 60), origin("lan"));
    let outcome = process.execute_permitted(&asked, &lan).await;
    assert_eq!(code(outcome.unwrap()), "permission.no_role");
    let records = all(&*store).await;
    let sixty = |record: &&Recorded| String::from_utf8_lossy(&record.bytes).contains(":60");
    assert_eq!(records.iter().filter(sixty).count(), 0);
}

/// Where nothing was taken away, the conflict is no more than that.
#[tokio::test]
async fn a_conflict_alone_takes_no_right_away() {
    let store = begun().await;
    let process = meanwhile(&store, vec![progress("a", 50)]).await;
    let (asked, lan) = (progress("a", 60), origin("lan"));
    let outcome = process.execute_permitted(&asked, &lan).await;
    recorded(outcome.unwrap());
}

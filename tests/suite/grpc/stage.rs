//! The town of `tests/api`, served over gRPC by this process, and the client in Python.

use std::io::Write;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::process::Stdio;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use socai_app::audit::{KeptTiles, Stored};
use socai_app::ledger::{Founding, Ledger, Outcome, fold_until};
use socai_app::live::Live;
use socai_app::request;
use socai_app::tree::Sources;
use socai_domain::id::{AccountId, TokenId};
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_grpc::Rates;
use socai_identity::{By, Identity, Principal};
use socai_operations::accounts::OfLedger;
use socai_operations::catalogue::{Entry, question};
use socai_operations::jobs::{Jobs, Limits};
use socai_operations::page::Page;
use socai_operations::service::Service;
use socai_operations::works::Works;
use socai_proto::v1::event_store_client::EventStoreClient;
use socai_proto::v1::works_client::WorksClient;
use socai_store::{EventStore, Position};
use socai_store_memory::{
    MemoryBlobs, MemoryCheckpoints, MemoryCredentials, MemoryStore, MemoryTiles,
};
use socai_tlog::{Checkpoint, Hash, KeyKind, SigningKey, root_of};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::Request;
use tonic::transport::Channel;
use uuid::Uuid;

#[path = "../../api/accounts.rs"]
mod accounts;

use accounts::{Person, token_of};

const HISTORY: &str = include_str!("../../api/town.ndjson");

/// How the client knows what there is.
#[derive(Debug, Clone, Copy)]
pub(super) enum How {
    Generated,
    Reflection,
}

/// Nobody asks too often.
struct Unlimited;

impl Rates for Unlimited {
    fn count(&self, _: &AccountId) -> Result<(), u32> {
        Ok(())
    }
}

pub(super) struct Stage {
    service: Arc<Service>,
    works: Works,
    address: SocketAddr,
    _home: TempDir,
}

impl Stage {
    pub(super) async fn new() -> Self {
        let store: Arc<dyn EventStore> = Arc::new(MemoryStore::default());
        found(&store).await;
        let image = fold_until(&*store, Default::default(), None).await.unwrap();
        let live = Arc::new(Live::start(store.clone(), image).await.unwrap());
        let credentials = Arc::new(MemoryCredentials::default());
        let accounts = Arc::new(OfLedger(live.clone()));
        let identity = Arc::new(Identity::new(credentials, accounts, Default::default()));
        let service = Arc::new(Service::new(live.clone(), None, None));
        let home = tempfile::tempdir().unwrap();
        let checkpoints = MemoryCheckpoints::default();
        let at_rest = Arc::new(Stored {
            store: store.clone(),
            tiles: KeptTiles::Nowhere,
            checkpoints: Some(Arc::new(checkpoints.clone())),
            marks: None,
        });
        let works = Works {
            at_rest,
            past: service.past().clone(),
            jobs: Jobs::open(&home.path().join("jobs"), Limits::default()).unwrap(),
            blobs: Arc::new(MemoryBlobs::default()),
            sources: Sources {
                store,
                tiles: Arc::new(MemoryTiles::default()),
                checkpoints: Arc::new(checkpoints),
            },
            live,
        };
        let routes = socai_grpc::routes(
            service.clone(),
            works.clone(),
            identity,
            Arc::new(Unlimited),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tonic::transport::Server::builder().add_routes(routes);
        tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
        Self {
            service,
            works,
            address,
            _home: home,
        }
    }

    /// What the client says of each step, asked by somebody.
    pub(super) fn ask(&self, how: How, account: &str, steps: &[Value]) -> Vec<Value> {
        self.run(how, &token_of(account), steps)
    }

    /// The same, with any token.
    pub(super) fn run(&self, how: How, token: &str, steps: &[Value]) -> Vec<Value> {
        let how = match how {
            How::Generated => "generated",
            How::Reflection => "reflection",
        };
        let steps: String = steps.iter().map(|step| format!("{step}\n")).collect();
        tokio::task::block_in_place(|| {
            let mut client = crate::verifiers::grpc_client();
            client.args([how, &self.address.to_string(), token]);
            let mut client = client
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            client
                .stdin
                .take()
                .unwrap()
                .write_all(steps.as_bytes())
                .unwrap();
            let done = client.wait_with_output().unwrap();
            assert!(done.status.success());
            let lines = String::from_utf8(done.stdout).unwrap();
            lines
                .lines()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect()
        })
    }

    /// What the service answers to somebody.
    pub(super) async fn answer(
        &self,
        name: &str,
        parameters: &Value,
        page: Page,
        account: &str,
    ) -> Value {
        let who = Principal {
            account: AccountId::new(account).unwrap(),
            by: By::Token(TokenId::new("first").unwrap()),
        };
        let asked = self
            .service
            .ask(question(name).unwrap(), parameters.clone(), page, &who)
            .await;
        let answer = asked.unwrap_or_else(|trouble| panic!("{name} {parameters}: {trouble}"));
        let next = json!(answer.next);
        let json = answer.made(|rows, frame| rows.json(frame)).await;
        let mut json: Value = serde_json::from_slice(&json).unwrap();
        json["next"] = next;
        json
    }

    pub(super) async fn head(&self) -> u64 {
        self.service.store().head().await.unwrap().0
    }

    /// The record at a position.
    pub(super) async fn record_at(&self, position: u64) -> Value {
        serde_json::from_slice(&self.bytes_at(position).await).unwrap()
    }

    /// The same, as it is stored.
    pub(super) async fn bytes_at(&self, position: u64) -> Bytes {
        let (after, one) = (Position(position - 1), NonZeroU32::MIN);
        let records = self.service.store().read_all(after, one).await.unwrap();
        records[0].bytes.clone()
    }

    /// A client that has the types.
    pub(super) async fn works_client(&self) -> WorksClient<Channel> {
        WorksClient::new(self.channel().await)
    }

    /// A client of the records that has the types.
    pub(super) async fn events_client(&self) -> EventStoreClient<Channel> {
        EventStoreClient::new(self.channel().await)
    }

    async fn channel(&self) -> Channel {
        let address = format!("http://{}", self.address);
        let channel = Channel::from_shared(address).unwrap().connect().await;
        channel.unwrap()
    }

    /// Signs a checkpoint over everything there is, once that is so many records.
    pub(super) async fn seal_once_there_are(&self, records: u64) {
        let mut followed = self.works.live.followed();
        let there = followed.wait_for(|now| now.position.0 >= records);
        there.await.unwrap();
        let Sources {
            store, checkpoints, ..
        } = &self.works.sources;
        let all = store.read_all(Position(0), 1_000.try_into().unwrap());
        let all = all.await.unwrap();
        let leaves: Vec<Hash> = all.iter().map(|one| Hash::of_leaf(&one.bytes)).collect();
        let checkpoint = Checkpoint {
            origin: "socai/hanoi".to_owned(),
            size: leaves.len() as u64,
            root: root_of(&leaves),
            extensions: Vec::new(),
        };
        let key = SigningKey::from_seed("socai/hanoi", KeyKind::Ed25519, [7; 32]).unwrap();
        let note = checkpoint.sign(&[&key]).to_string();
        checkpoints.append(0, note.into()).await.unwrap();
    }
}

/// A request of somebody.
pub(super) fn by<T>(account: &str, asked: T) -> Request<T> {
    let mut request = Request::new(asked);
    let token = format!("Bearer {}", token_of(account)).parse().unwrap();
    request.metadata_mut().insert("authorization", token);
    request
}

async fn found(store: &Arc<dyn EventStore>) {
    let origin = Origin {
        actor: AccountId::new("chief").unwrap(),
        at: "2026-01-02T00:00:00Z".parse().unwrap(),
    };
    let founding = Founding {
        origin: Line::new("hanoi").unwrap(),
        claims_stand_after_days: None,
        simulated_clock: false,
        log_key: None,
        id: Uuid::nil(),
    };
    Ledger::found(store.clone(), &founding, &origin)
        .await
        .unwrap();
    let people = [
        Person::new("clerk-a", "reporter", Some("a")),
        Person::new("clerk-x", "reporter", Some("x")),
        Person::new("committee", "inspector", None),
        Person::new("watcher", "monitor", None),
        Person::new("keeper", "operator", None),
    ];
    let people = people.iter().flat_map(Person::lines);
    let lines = HISTORY.lines().map(String::from).chain(people);
    let asked: Vec<_> = lines
        .map(|line| (request::parse(line.as_bytes()).unwrap(), origin.clone()))
        .collect();
    let mut ledger = Ledger::load(store.clone()).await.unwrap();
    let outcomes = ledger.record(&asked).await.unwrap().outcomes;
    let recorded = outcomes
        .iter()
        .all(|outcome| matches!(outcome, Outcome::Recorded(_)));
    assert!(recorded, "{outcomes:?}");
}

/// Something to ask `entry`: a year, and something that is there for whatever else has to be said.
pub(super) fn entry_parameters(entry: &Entry) -> Value {
    let mut generator = schemars::SchemaGenerator::default();
    let schema = (entry.parameters)(&mut generator).to_value();
    let definitions = Value::Object(generator.take_definitions(true));
    let name = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    let schema = name.map_or(&schema, |name| &definitions[name]);
    let properties = schema["properties"].as_object().unwrap();
    let known = [
        ("from", json!("2024-01-01")),
        ("to", json!("2024-12-31")),
        ("as_of", json!("2024-12-31")),
        ("unit", json!("a")),
        ("words", json!("so")),
        ("text", json!("12-CT/TU")),
        ("texts", json!(["12-CT/TU", "25-KH/TU"])),
    ];
    let said = known
        .iter()
        .filter(|(name, _)| properties.contains_key(*name));
    said.map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect::<Map<_, _>>()
        .into()
}

/// Without what a message does not tell from its absence.
pub(super) fn said(json: &Value) -> Value {
    crate::proto::said(json)
}

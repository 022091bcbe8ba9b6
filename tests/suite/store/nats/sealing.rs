//! The sealer on a real server: it seals, another takes over, and a ledger that was restored, cut or holed is
//! refused before anything is signed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_nats::jetstream::Context;
use async_nats::{Client, HeaderMap};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use socai_app::ledger::{Founding, Ledger};
use socai_app::sealer::{Held, Place, Ports, SealError, Sealed, Sealer, Standing};
use socai_domain::id::AccountId;
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_store::{CheckpointLog, EventStore, Position};
use socai_store_nats::{NatsCheckpoints, NatsRegister, NatsStore, OpenError};
use socai_tlog::{KeyKind, SigningKey};
use socai_tlog_directory::{DirectoryMarks, DirectoryTiles};
use tempfile::TempDir;
use uuid::Uuid;

use super::copy_dir;
use super::traps::done;
use super::{Server, connection, create, own, settings, until};
use crate::store::append;

fn key() -> SigningKey {
    SigningKey::from_seed("socai/hanoi", KeyKind::Ed25519, [1; 32]).unwrap()
}

/// A process that has the ledger open and can seal it.
struct Process {
    store: Arc<NatsStore>,
    checkpoints: NatsCheckpoints,
    state: TempDir,
}

impl Process {
    async fn start(server: &Server) -> Result<Self, OpenError> {
        let settings = settings(server);
        let store = NatsStore::open(&connection(&settings).await, &settings, None).await?;
        Ok(Self {
            checkpoints: NatsCheckpoints::open(&store, &settings).await?,
            store: Arc::new(store),
            state: tempfile::tempdir().unwrap(),
        })
    }

    fn ports(&self) -> Ports {
        Ports {
            store: self.store.clone(),
            tiles: Arc::new(DirectoryTiles::new(self.state.path())),
            checkpoints: Arc::new(self.checkpoints.clone()),
            marks: Arc::new(DirectoryMarks::new(self.state.path())),
            keys: Arc::new(|| {
                Ok(Held {
                    keys: vec![key()],
                    looked: "in the test".to_owned(),
                })
            }),
        }
    }

    async fn seal(&self) -> Result<Sealed, SealError> {
        match Sealer::alone(self.ports()).step(Timestamp::now()).await? {
            Standing::Sealing {
                sealed: Some(sealed),
                level: true,
                ..
            } => Ok(sealed),
            other => panic!("{other:?}"),
        }
    }

    async fn record(&self, stream: &str, numbers: std::ops::Range<u128>) {
        let asked = append(stream, 0, numbers);
        self.store.append(asked).await.unwrap();
    }

    /// That a sealer refuses, for this reason, and that nothing was signed.
    async fn refuses(&self, why: &str) {
        let before = self.checkpoints.len().await.unwrap();
        let refused = self.seal().await.unwrap_err();
        assert!(!refused.is_passing(), "{refused}");
        assert!(refused.to_string().contains(why), "{refused}");
        assert_eq!(self.checkpoints.len().await.unwrap(), before);
    }
}

/// A ledger that names its key, and one process on it.
async fn founded(server: &Server) -> Process {
    let store = Arc::new(create(server).await);
    let founding = Founding {
        origin: Line::new("hanoi").unwrap(),
        claims_stand_after_days: None,
        simulated_clock: false,
        log_key: Some(key().verifier_key().to_string().parse().unwrap()),
        id: Uuid::nil(),
    };
    let by = Origin {
        actor: AccountId::new("operator").unwrap(),
        at: "2024-07-01T00:00:00Z".parse().unwrap(),
    };
    Ledger::found(store, &founding, &by).await.unwrap();
    Process::start(server).await.unwrap()
}

/// The folder in which the server keeps the stream called `LEDGER`, and no other.
fn stream_folder(below: &Path) -> PathBuf {
    let mut folders = vec![below.to_owned()];
    while let Some(folder) = folders.pop() {
        if folder.ends_with("streams/LEDGER") {
            return folder;
        }
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        folders.extend(entries.filter(|path| path.is_dir()));
    }
    panic!("no stream LEDGER below {}", below.display());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_seals_and_another_goes_on_from_there_with_tiles_of_its_own() {
    let server = Server::start();
    let one = founded(&server).await;
    let other = Process::start(&server).await.unwrap();
    let bucket = "LEDGER-registers";
    let register = NatsRegister::open(one.store.connection(), bucket, "sealer", 1);
    let register = Arc::new(register.await.unwrap());
    let turn = |process: &Process, name: &str| {
        let place = Place::new(register.clone(), name, SignedDuration::from_secs(3_600));
        Sealer::in_turn(process.ports(), place)
    };
    let (mut first, mut second) = (turn(&one, "one"), turn(&other, "other"));
    one.record("a", 0..300).await;
    let now = Timestamp::now();
    first.step(now).await.unwrap();
    let standing = second.step(now).await.unwrap();
    assert!(matches!(standing, Standing::StandingBy(seal) if seal.name == "one"));
    first.resign(now).await.unwrap();
    other.record("b", 300..310).await;
    let standing = second.step(now).await.unwrap();
    assert!(
        matches!(&standing, Standing::Sealing { sealed: Some(sealed), signed: true, .. }
            if (sealed.size, sealed.entry) == (311, 2)),
        "{standing:?}"
    );
}

/// The stream of the ledger alone is put back; what was signed is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_old_stream_is_refused_also_after_others_recorded() {
    let mut server = Server::start();
    let process = founded(&server).await;
    process.record("a", 1..4).await;
    assert_eq!(process.seal().await.unwrap().size, 4);
    drop(process);
    server.stop();
    let copy = tempfile::tempdir().unwrap();
    let folder = stream_folder(&server.store());
    copy_dir(&folder, copy.path());
    server.start_again();
    let process = Process::start(&server).await.unwrap();
    process.record("b", 4..6).await;
    assert_eq!(process.seal().await.unwrap().size, 6);
    let Process { state, .. } = process;
    server.stop();
    fs::remove_dir_all(&folder).unwrap();
    copy_dir(copy.path(), &folder);
    server.start_again();

    let without_tiles = Process::start(&server).await.unwrap();
    without_tiles
        .refuses("it was sealed up to position 6")
        .await;
    let with_tiles = Process {
        state,
        ..Process::start(&server).await.unwrap()
    };
    with_tiles.refuses("and ends at 4").await;
    with_tiles.record("c", 11..15).await;
    with_tiles
        .refuses("the record at position 5 has leaf hash")
        .await;
    without_tiles.refuses("up to position 6 its root is").await;
}

/// As above, for one that sealed all the while and has the whole tree in memory.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_seals_while_the_stream_is_put_back_signs_nothing_more() {
    let mut server = Server::start();
    let process = founded(&server).await;
    let mut sealer = Sealer::alone(process.ports());
    server.stop();
    let copy = tempfile::tempdir().unwrap();
    let folder = stream_folder(&server.store());
    copy_dir(&folder, copy.path());
    server.start_again();
    let more = append("a", 0, 1..4);
    until("an append", async || {
        process.store.append(more.clone()).await.ok()
    })
    .await;
    sealer.step(Timestamp::now()).await.unwrap();
    assert_eq!(process.checkpoints.len().await.unwrap(), 1);
    server.stop();
    fs::remove_dir_all(&folder).unwrap();
    copy_dir(copy.path(), &folder);
    server.start_again();

    let refused = until("the loss to be noticed", async || {
        let error = sealer.step(Timestamp::now()).await.err()?;
        (!error.is_passing()).then_some(error)
    })
    .await;
    assert!(
        matches!(refused, SealError::Read(_) | SealError::NotWhatWasSealed(_)),
        "{refused:?}"
    );
    assert_eq!(process.checkpoints.len().await.unwrap(), 1);
}

/// A disk that lost the end of what was acknowledged, as a power cut without syncs leaves it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_tail_is_refused() {
    let mut server = Server::start();
    let process = founded(&server).await;
    process.record("a", 1..9).await;
    assert_eq!(process.seal().await.unwrap().size, 9);
    drop(process);
    server.stop();
    let messages = stream_folder(&server.store()).join("msgs");
    let block = messages.join("1.blk");
    let bytes = fs::metadata(&block).unwrap().len();
    let file = fs::File::options().write(true).open(&block).unwrap();
    file.set_len(bytes - 10).unwrap();
    fs::remove_file(messages.join("index.db")).unwrap();
    server.start_again();
    let process = Process::start(&server).await.unwrap();
    assert_eq!(process.store.head().await.unwrap(), Position(8));
    process.refuses("it was sealed up to position 9").await;
}

/// A stream that could lose messages until a moment ago: its role never comes to sign.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hole_is_refused_before_anything_is_signed() {
    let server = Server::configured(own("sync_interval: always", ""));
    let process = founded(&server).await;
    process.record("a", 1..4).await;
    assert_eq!(process.seal().await.unwrap().entry, 1);
    process.record("b", 4..6).await;
    drop(process.store);
    let jetstream = connection(&settings(&server)).await.jetstream().clone();
    let client = jetstream.client();
    make_a_hole(&jetstream, &client, 5).await;
    let refused = Process::start(&server).await.err().unwrap();
    let said = format!("{:#}", super::chain(&refused));
    assert!(
        matches!(&refused, OpenError::Damaged(damage) if damage.position == Position(5)),
        "{said}"
    );
    assert_eq!(process.checkpoints.len().await.unwrap(), 1);
}

/// Makes the stream again without the message at `missing`: the one that is there lets nobody delete.
async fn make_a_hole(jetstream: &Context, client: &Client, missing: u64) {
    let stream = jetstream.get_stream("LEDGER").await.unwrap();
    let mut messages = Vec::new();
    for sequence in 1..=stream.cached_info().state.last_sequence {
        messages.push(stream.get_raw_message(sequence).await.unwrap());
    }
    let info = done(client, "STREAM.INFO.LEDGER", json!({})).await;
    let mut config = serde_json::from_str::<Value>(&info).unwrap()["config"].clone();
    done(client, "STREAM.DELETE.LEDGER", Value::Null).await;
    config["deny_delete"] = json!(false);
    done(client, "STREAM.CREATE.LEDGER", config.clone()).await;
    for message in messages {
        let mut headers = HeaderMap::new();
        for (name, values) in message.headers.iter() {
            if AsRef::<str>::as_ref(name).starts_with("Socai-") {
                headers.insert(name.clone(), values[0].clone());
            }
        }
        let (subject, payload) = (message.subject, message.payload);
        let sent = client.request_with_headers(subject, headers, payload).await;
        sent.unwrap();
    }
    done(
        client,
        "STREAM.MSG.DELETE.LEDGER",
        json!({ "seq": missing }),
    )
    .await;
    config["deny_delete"] = json!(true);
    done(client, "STREAM.UPDATE.LEDGER", config).await;
}

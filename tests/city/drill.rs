//! All three servers and PostgreSQL are lost, and come back from a backup that was made while everybody recorded:
//! nothing that was acknowledged before its position is missing, and PostgreSQL, made again, says what it said.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::PATIENCE;
use crate::load::Load;
use crate::processes::City;
use crate::servers::nats::Cluster;
use crate::servers::postgres::Postgres;
use crate::servers::until;

const CONTENT: &[u8] = b"bi\xc3\xaan b\xe1\xba\xa3n\x00\xff";

/// The configuration of a person's commands, with a state of their own.
fn by_hand(city: &City, name: &str) -> String {
    let text = fs::read_to_string(city.config()).unwrap();
    let state = city.home().join(format!("{name}-state"));
    let path = city.home().join(format!("{name}.toml"));
    let own = text.replace("set by each process", state.to_str().unwrap());
    fs::write(&path, own).unwrap();
    path.display().to_string()
}

fn json(said: &str) -> Value {
    serde_json::from_str(said).unwrap()
}

/// What is owed and how much of it was done, as known at `position`.
fn rates(city: &City, config: &str, position: &Value) -> Value {
    let known = position.to_string();
    let window = [
        "--from",
        "2014-01-01",
        "--to",
        "2026-12-31",
        "--as-of",
        "2026-06-30",
    ];
    let asked = [
        "rates", "--data", config, "--by", "unit", "--format", "json",
    ];
    let said = city.expect(&[&asked[..], &window, &["--known-at", &known]].concat());
    json(&said)["rows"].clone()
}

/// What PostgreSQL says of every obligation, once it is where the ledger is.
async fn in_postgres(city: &City, config: &str) {
    let said = city.expect(&["projection", "check", "--config", config]);
    println!("{}", said.trim());
    let database = city.postgres.session("grafana_reader").await;
    let counted = "SELECT count(*) FROM reporting.obligations";
    let counted: i64 = database.query_one(counted, &[]).await.unwrap().get(0);
    assert!(counted > 0);
}

fn attachment(city: &City, config: &str) -> String {
    let file = city.home().join("bien-ban");
    fs::write(&file, CONTENT).unwrap();
    let file = file.to_str().unwrap();
    let media = ["--media", "application/pdf", "--document", "d"];
    let store = ["attach", "store", file, "--data", config];
    city.expect(&[&store[..], &media].concat())
        .trim()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_city_comes_back_from_its_backup_with_everything_that_was_acknowledged_by_then() {
    let mut city = City::with(&["api", "sealer"], "").await;
    city.all_ready().await;
    let config = by_hand(&city, "tay");
    let load = Load::start(&city, 7).await;
    let address = attachment(&city, &config);
    city.expect(&[
        "account",
        "name",
        "operator",
        "Nguyễn Thị Hòa",
        "--data",
        &config,
    ]);
    let key = json(&city.expect(&["key", "list", "--data", &config, "--format", "json"]));
    let key = key[0]["key"].as_str().unwrap().to_owned();
    let backup = city.home().join("ban-sao").display().to_string();
    let back_up = [
        "backup", "--data", &config, "--to", &backup, "--format", "json",
    ];
    load.all_record_again(load.acknowledged()).await;
    let first = json(&city.expect(&back_up));
    load.all_record_again(load.acknowledged()).await;
    let second = json(&city.expect(&back_up));
    let at = second["position"].as_u64().unwrap();
    assert_eq!(
        second["brought"].as_u64(),
        first["position"].as_u64().map(|first| at - first)
    );
    assert_eq!(
        (&second["unsealed"], &second["persons"]),
        (&0.into(), &1.into())
    );
    let expected = rates(&city, &config, &second["position"]);
    load.all_record_again(load.acknowledged()).await;
    let noted = city.home().join("api-1/reached.json");
    until("a process has noted that it saw more", PATIENCE, || async {
        let noted = fs::read_to_string(&noted).unwrap_or_default();
        let noted: Value = serde_json::from_str(&noted).unwrap_or_default();
        noted["position"].as_u64() > Some(at)
    })
    .await;
    let told = load.stop().await;

    // Everything is lost but the backup and the private key.
    city.roles.clear();
    (city.cluster, city.postgres) = (Cluster::start(), Postgres::start().await);
    city.configure("");
    let config = by_hand(&city, "sau");
    until("three servers have a leader", PATIENCE, || async {
        // They have no ledger yet, and can say so.
        let said = city.complaint(&["units", "--data", &config]);
        said.contains("there is no ledger on those servers")
    })
    .await;
    city.expect(&["projection", "migrate", "--config", &config]);
    let restore = [
        "restore", "--from", &backup, "--to", &config, "--key", &key, "--format", "json",
    ];
    let restored = json(&city.expect(&restore));
    assert_eq!(
        (&restored["position"], &restored["root"]),
        (&second["position"], &second["root"])
    );
    assert_eq!(
        (&restored["persons"], &restored["attachments"]),
        (&1.into(), &1.into())
    );
    let verified = json(&city.expect(&["verify", &config, "--format", "json"]));
    assert_eq!(
        (&verified["sealed"], &verified["root"]),
        (&second["position"], &second["root"])
    );
    city.expect(&["projection", "rebuild", "--config", &config]);

    let records = city.expect(&["export", "--data", &config]);
    let records: Vec<Value> = records.lines().map(json).collect();
    assert_eq!(records.len() as u64, at);
    let kept = told
        .acknowledged
        .iter()
        .filter(|(_, position)| *position <= at);
    for (id, position) in kept.clone() {
        let record = &records[usize::try_from(*position).unwrap() - 1];
        assert_eq!(record["id"], id.to_string());
    }
    println!(
        "{} acknowledged, {} of them before position {at}",
        told.acknowledged.len(),
        kept.count()
    );
    assert_eq!(rates(&city, &config, &second["position"]), expected);
    in_postgres(&city, &config).await;
    let fetched: PathBuf = city.home().join("lay-lai");
    city.expect(&[
        "attach",
        "get",
        &address,
        "--out",
        fetched.to_str().unwrap(),
        "--data",
        &config,
    ]);
    assert_eq!(fs::read(fetched).unwrap(), CONTENT);
    let database = city.postgres.session("postgres").await;
    let name = "SELECT name FROM credentials.person WHERE account = 'operator'";
    let name: String = database.query_one(name, &[]).await.unwrap().get(0);
    assert_eq!(name, "Nguyễn Thị Hòa");
    // A second restore finds a ledger there.
    let refused = city.complaint(&restore);
    assert!(refused.contains("the stream holds the ledger"), "{refused}");
    // A process that saw more does not take it for the whole; where that is accepted, the roles go on with it.
    let text = fs::read_to_string(city.config()).unwrap();
    let saw = city.home().join("api-1");
    let remembers = city.home().join("nho.toml");
    fs::write(
        &remembers,
        text.replace("set by each process", saw.to_str().unwrap()),
    )
    .unwrap();
    let refused = city.complaint(&[
        "account",
        "close",
        "operator",
        "--data",
        remembers.to_str().unwrap(),
    ]);
    assert!(refused.contains("which was there before"), "{refused}");
    for role in ["api-1", "api-2", "sealer-1", "sealer-2"] {
        let state = city.home().join(role);
        fs::rename(&state, state.with_extension("truoc")).unwrap();
    }
    city.serve(&["api", "sealer"]);
    city.all_ready().await;
}

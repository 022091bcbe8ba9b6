//! The API of a city: two processes that answer, one ledger on NATS, what is known of persons in PostgreSQL. Whoever
//! asks does not see which of the two answers, nor that one of them was killed.

use std::fs::File;
use std::path::PathBuf;

use serde_json::{Value, json};
use ureq::http::Method;

use crate::PATIENCE;
use crate::accounts::Person;
use crate::client::{Answer, Client};
use crate::processes::City;
use crate::servers::until;
use crate::town::{Town, progress, submission};

/// What the clerk of `a` logs in with.
const PASSWORD: &str = "mot-mat-khau-du-dai-2026";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_answer_as_one() {
    let mut city = City::with(&["api"], "").await;
    let town = Town::new();
    let config = city.config().display().to_string();
    let lines = file(&city, "town", &town.lines());
    city.expect_of(&["record", "-", "--trust-actors", "--data", &config], lines);
    let password = file(&city, "password", &format!("{PASSWORD}\n"));
    let account = town.reporter.account.as_str();
    city.expect_of(
        &["account", "password", account, "--data", &config],
        password,
    );
    city.all_ready().await;

    a_key_stands_for_one_command_wherever_it_is_sent(&city, &town.reporter);
    what_one_recorded_the_other_tells(&city, &town.reporter).await;
    a_session_is_a_session_at_both(&city, &town.reporter).await;
    whoever_is_left_goes_on(&mut city, &town.reporter).await;
}

fn file(city: &City, name: &str, text: &str) -> File {
    let path: PathBuf = city.home().join(name);
    std::fs::write(&path, text).unwrap();
    File::open(path).unwrap()
}

fn clerks(city: &City, person: &Person) -> [Client; 2] {
    [0, 1].map(|at: usize| Client::of(city.roles[at].address(), person))
}

fn report_progress(client: &Client, key: &str, number: u32) -> Answer {
    let headers = [
        ("content-type", "application/json"),
        ("idempotency-key", key),
    ];
    let body = progress(number).to_string();
    client.ask(
        Method::POST,
        "/v1/commands/task.progress",
        &headers,
        body.as_bytes(),
    )
}

fn a_key_stands_for_one_command_wherever_it_is_sent(city: &City, person: &Person) {
    let [one, other] = clerks(city, person);
    let told: Vec<Value> = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..16)
            .map(|at| {
                let client = if at % 2 == 0 { &one } else { &other };
                scope.spawn(|| report_progress(client, "the-same", 1).expect(200).json())
            })
            .collect();
        asking.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for one in &told {
        assert_eq!(one["positions"], told[0]["positions"], "{told:?}");
    }
}

async fn what_one_recorded_the_other_tells(city: &City, person: &Person) {
    let [one, other] = clerks(city, person);
    let recorded = one
        .post("/v1/commands/report.submit", &submission())
        .expect(200)
        .json();
    let position = recorded["positions"][0].as_u64().unwrap();
    let asked = "/v1/history?obligation=r_2024-h1_a";
    let told = || async {
        let answer = other.get(asked).expect(200).json();
        answer["position"].as_u64().unwrap() >= position
            && answer["rows"]
                .as_array()
                .unwrap()
                .iter()
                .any(|row| row["position"] == position)
    };
    until("the other tells of it", PATIENCE, told).await;
    let rows = |client: &Client| client.get(asked).expect(200).json()["rows"].clone();
    assert_eq!(rows(&one), rows(&other));
}

/// Opened at one, good at the other; ended at the other, over at the first.
async fn a_session_is_a_session_at_both(city: &City, person: &Person) {
    let nobody = [0, 1].map(|at: usize| Client::with(city.roles[at].address(), None));
    let body = json!({"account": person.account, "password": PASSWORD});
    let opened = nobody[0].post("/v1/session", &body);
    assert!(matches!(opened.status, 200 | 201), "{}", opened.text());
    let cookie = opened
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let csrf = opened.json()["csrf"].as_str().unwrap().to_owned();
    let shown = [("cookie", cookie.as_str())];
    let asked = "/v1/obligations?from=2024-01-01&to=2024-12-31";
    for process in &nobody {
        process.get_with(asked, &shown).expect(200);
    }
    let ending = [("cookie", cookie.as_str()), ("x-csrf-token", csrf.as_str())];
    let ended = nobody[1].ask(Method::DELETE, "/v1/session", &ending, b"");
    assert!(matches!(ended.status, 200 | 204), "{}", ended.text());
    for process in &nobody {
        process.get_with(asked, &shown).expect(401);
    }
}

/// One is killed while somebody asks it; what it acknowledged is told by the other, and what it did not answer can
/// be asked there again.
async fn whoever_is_left_goes_on(city: &mut City, person: &Person) {
    let [one, _] = clerks(city, person);
    let mut acknowledged = Vec::new();
    for number in 100..120 {
        let told = report_progress(&one, &format!("key-{number}"), number)
            .expect(200)
            .json();
        acknowledged.push((number, told["positions"][0].clone()));
    }
    city.roles[0].kill9();
    let [_, other] = clerks(city, person);
    for (number, position) in &acknowledged {
        let again = report_progress(&other, &format!("key-{number}"), *number)
            .expect(200)
            .json();
        assert_eq!(again["positions"][0], *position, "{again}");
    }
    city.roles[0].run();
    city.all_ready().await;
    let [one, _] = clerks(city, person);
    let (number, position) = &acknowledged[0];
    let again = report_progress(&one, &format!("key-{number}"), *number)
        .expect(200)
        .json();
    assert_eq!(again["positions"][0], *position, "{again}");
}

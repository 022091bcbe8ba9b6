//! Guessing passwords: whoever guesses is slowed down, learns nothing of which accounts there are, and shuts out
//! nobody else.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::accounts::Person;
use crate::client::{Answer, Client};
use crate::server::{Home, Server};
use crate::town::Town;

const GOOD: &str = "mot-mat-khau-du-dai-2026";

struct Guessed {
    server: Server,
    clerk: Person,
}

/// The town, where a clerk has a password.
fn guessed() -> Guessed {
    let town = Town::new();
    let home = Home::with(&town.lines());
    let ledger = home.ledger();
    let set = [
        "account",
        "password",
        &town.reporter.account,
        "--data",
        ledger.to_str().unwrap(),
    ];
    let ran = crate::server::socai(&set, format!("{GOOD}\n").as_bytes());
    assert_eq!(ran.code, 0, "{ran:?}");
    let server = Server::start(&home.config());
    Guessed {
        server,
        clerk: town.reporter,
    }
}

fn try_in(server: &Server, account: &str, password: &str) -> Answer {
    let body = json!({"account": account, "password": password});
    Client::with(server.address(), None).post("/v1/session", &body)
}

#[test]
fn a_wrong_password_and_an_unknown_account_are_told_in_the_same_words() {
    let stage = guessed();
    let wrong = try_in(&stage.server, &stage.clerk.account, "sai");
    let unknown = try_in(&stage.server, "nobody-at-all", "sai");
    let without = try_in(&stage.server, "clerk-b", "sai");
    let odd = try_in(&stage.server, "not an id", "sai");
    assert_eq!(wrong.status, 401, "{}", wrong.text());
    for other in [&unknown, &without, &odd] {
        assert_eq!(other.said(), wrong.said());
        let names = |answer: &Answer| {
            answer
                .headers
                .keys()
                .map(|name| name.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(other), names(&wrong));
    }
    let good = try_in(&stage.server, &stage.clerk.account, GOOD);
    assert!(matches!(good.status, 200 | 201 | 204), "{}", good.text());
}

/// Figures for a reader, not a verdict: a machine that does a lot else is no clock. That both hash one password is
/// asserted where the hashing is.
#[test]
fn long_an_unknown_account_takes_as_long_as_a_wrong_password() {
    let stage = guessed();
    let mut took = [Vec::new(), Vec::new()];
    for round in 0..4 {
        for (which, account) in [stage.clerk.account.as_str(), "nobody"]
            .into_iter()
            .enumerate()
        {
            let begun = Instant::now();
            try_in(&stage.server, account, &format!("sai-{round}"));
            took[which].push(begun.elapsed());
        }
    }
    let [known, unknown] = took.map(|mut each: Vec<Duration>| {
        each.sort_unstable();
        each[each.len() / 2]
    });
    println!("a wrong password {known:?}, an unknown account {unknown:?} (medians)");
}

#[test]
fn whoever_guesses_is_slowed_down_and_others_are_not() {
    let stage = guessed();
    let mut tried = 0;
    let slowed = loop {
        let answer = try_in(&stage.server, "clerk-b", &format!("sai-{tried}"));
        tried += 1;
        if answer.status == 429 {
            break answer;
        }
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert!(tried < 200, "200 guesses went through");
    };
    let seconds: u64 = slowed.header("retry-after").parse().unwrap();
    assert!(seconds >= 1);
    slowed.problem();
    println!("slowed down after {tried} guesses, for {seconds} s");
    // Whoever has a token goes on.
    let known = Client::of(stage.server.address(), &stage.clerk);
    known
        .get("/v1/obligations?from=2024-01-01&to=2024-12-31")
        .expect(200);
}

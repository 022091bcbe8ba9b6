//! Every question of the catalogue, asked of Hà Nội's scenario over the command line and over HTTP, with parameters
//! of all sorts: the answers are the same to the byte, but for the mark that a spreadsheet wants before CSV.
//!
//! A question without a row here fails the test.

use std::collections::BTreeSet;

use serde_json::Value;
use socai_operations::catalogue::QUESTIONS;

use crate::accounts::Person;
use crate::client::{Answer, Client};
use crate::server::{Home, Ran, Server, socai};

/// What is asked: `words` are the words themselves on the command line, everything else a flag.
pub(crate) const ASKED: &[(&str, &str)] = &[
    ("rates", "from=2014-01-21&to=2019-03-31&as_of=2019-03-31"),
    (
        "rates",
        "from=2014-01-21&to=2019-03-31&as_of=2019-03-31&by=unit",
    ),
    (
        "rates",
        "from=2014-01-21&to=2019-03-31&as_of=2019-03-31&by=group",
    ),
    (
        "rates",
        "from=2014-01-21&to=2019-03-31&as_of=2019-03-31&by=year&due=original",
    ),
    (
        "rates",
        "from=2014-01-21&to=2026-06-30&as_of=2026-06-30&by=quarter&obligations=task",
    ),
    (
        "rates",
        "from=2021-01-01&to=2026-06-30&as_of=2026-06-30&by=unit&lineage=successor&obligations=report",
    ),
    (
        "rates",
        "from=2014-01-21&to=2019-03-31&as_of=2019-03-31&known_at=2000&by=document",
    ),
    (
        "rates",
        "from=2014-01-21&to=2019-03-31&document=25-CT%2FTU&by=kind",
    ),
    ("rates", "from=2019-01-01&to=2018-01-01"),
    ("rates", "from=2014-01-21&to=2019-03-31&unit=nowhere"),
    ("rates", "from=2014-01-21&to=2019-03-31&known_at=99999999"),
    ("rates", "from=hôm nay&to=2019-03-31"),
    (
        "obligations",
        "from=2014-01-21&to=2019-03-31&as_of=2019-03-31&bucket=overdue",
    ),
    (
        "obligations",
        "from=2014-01-21&to=2019-03-31&as_of=2019-03-31&unit=hn-snv",
    ),
    (
        "obligations",
        "from=2014-01-21&to=2019-03-31&as_of=2019-03-31&group=hn-sbn&obligations=report",
    ),
    (
        "obligations",
        "from=2014-01-21&to=2019-03-31&as_of=2016-03-31&known_at=1500",
    ),
    ("obligations", "from=2014-01-21&to=2019-03-31&bucket=none"),
    (
        "obligations",
        "as_of=2026-06-30&unit=hn-snv&lineage=successor",
    ),
    ("history", "unit=hn-snv"),
    ("history", "unit=hn-snv&as_of=2016-01-01&known_at=3000"),
    ("history", "document=25-CT%2FTU"),
    (
        "history",
        "document=25-ct-tu_2014-01-21_hn-btv&as_of=2015-01-01",
    ),
    ("history", "obligation=mh-bc-phat-ngon_2014-h1_hn-snv"),
    ("history", "obligation=nowhere"),
    ("history", "ledger=true"),
    ("history", ""),
    ("history", "unit=hn-snv&document=25-CT%2FTU"),
    ("search", "words=noi vu"),
    ("search", "words=25-CT%2FTU"),
    ("search", "words=chi thi 25"),
    ("search", "words=đường dây nóng&known_at=2500"),
    ("search", "words=khongcogica"),
    ("number", "texts=25-CT%2FTU"),
    ("accounts", ""),
    ("keys", ""),
    ("checkpoints", ""),
    (
        "read",
        "text=Thực hiện Chỉ thị số 25-CT%2FTU ngày 21%2F01%2F2014",
    ),
    ("units", ""),
    ("units", "known_at=500"),
    ("groups", ""),
    ("documents", ""),
    ("documents", "known_at=700"),
    ("requirements", ""),
    ("tasks", ""),
    ("inspections", ""),
];

pub(crate) fn hanoi() -> (Home, Person) {
    let committee = Person::new("committee", "inspector", None);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios/hanoi");
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let texts = files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap());
    let lines: String = texts.chain([committee.lines().join("\n")]).collect();
    (Home::with(&lines), committee)
}

#[test]
fn no_question_is_left_out() {
    let asked: BTreeSet<&str> = ASKED.iter().map(|(question, _)| *question).collect();
    let known: BTreeSet<&str> = QUESTIONS.iter().map(|entry| entry.name).collect();
    assert_eq!(asked, known);
}

#[test]
fn every_question_is_answered_over_http_as_on_the_command_line() {
    let (home, committee) = hanoi();
    let server = Server::start(&home.config());
    let client = Client::of(server.address(), &committee);
    let mut good = 0;
    for (question, query) in ASKED {
        let told = format!("{question}?{query}");
        // A text is read from a file there, and from the query here.
        if *question == "read" {
            assert_eq!(
                over_http(&client, question, query, "json").status,
                200,
                "{told}"
            );
            continue;
        }
        let there = on_the_command_line(&home, question, query, "json");
        let here = over_http(&client, question, query, "json");
        if there.code != 0 {
            assert!(
                (400..500).contains(&here.status),
                "{told}: {} but {there:?}",
                here.status
            );
            same_sentence(&told, &here, &there);
            continue;
        }
        assert_eq!(
            here.status,
            200,
            "{told}: {} but {}",
            here.text(),
            there.out
        );
        let (here, there): (Value, Value) =
            (here.json(), serde_json::from_str(&there.out).unwrap());
        same_frame_and_rows(&told, &here, &there);
        let here = over_http(&client, question, query, "csv")
            .expect(200)
            .text();
        let there = on_the_command_line(&home, question, query, "csv").out;
        let here = here
            .strip_prefix('\u{feff}')
            .unwrap_or_else(|| panic!("{told}: no mark"));
        let there = lines(&there).into_iter();
        let there = there.map(|line| told_to_accounts(question, line));
        assert_eq!(lines(here), there.collect::<Vec<_>>(), "{told}");
        good += 1;
    }
    assert!(good > 20, "{good}");
}

/// Lines, whichever way they end.
fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// A line of the command line's CSV without what only whoever is at the machine is told: its last column, of keys.
fn told_to_accounts<'a>(question: &str, line: &'a str) -> &'a str {
    match (question, line.rsplit_once(',')) {
        ("keys", Some((told, _))) => told,
        _ => line,
    }
}

fn same_frame_and_rows(told: &str, here: &Value, there: &Value) {
    // Where no ledger is asked there is no position: the rows stand alone.
    if there.is_array() {
        let mut there = there.clone();
        for row in there.as_array_mut().unwrap() {
            // Only whoever is at the machine knows which private keys are there.
            row.as_object_mut().unwrap().remove("at_hand");
        }
        assert_eq!(here["rows"], there, "{told}");
        return;
    }
    let (here, there) = (here.as_object().unwrap(), there.as_object().unwrap());
    let names =
        |answer: &serde_json::Map<String, Value>| answer.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(here), names(there), "{told}");
    for (name, value) in here {
        assert_eq!(value, &there[name], "{told}: {name}");
    }
}

/// The sentence of a refusal is one sentence, said in two forms.
fn same_sentence(told: &str, here: &Answer, there: &Ran) {
    let problem = here.problem();
    let detail = problem["detail"].as_str().unwrap();
    let place = problem["where"].as_str().unwrap_or_default();
    let named = there.err.contains(&place.replace('_', "-")) || there.err.contains("Usage");
    assert!(named, "{told}: {problem} but {}", there.err);
    // What the command line itself does not take, it says in its own words.
    if there.code != 2 {
        assert!(
            there.err.contains(detail),
            "{told}: {problem} but {}",
            there.err
        );
    }
}

pub(crate) fn over_http(client: &Client, question: &str, query: &str, form: &str) -> Answer {
    if question == "read" {
        let body = serde_json::json!({"text": text(query)});
        return client.post(&format!("/v1/read?format={form}"), &body);
    }
    let joint = if query.is_empty() { "" } else { "&" };
    let mut address = format!("/v1/{question}?{query}{joint}format={form}");
    for sign in address
        .clone()
        .chars()
        .filter(|sign| !sign.is_ascii() || *sign == ' ')
    {
        let escaped: String = sign
            .to_string()
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        address = address.replace(sign, &escaped);
    }
    client.get(&address)
}

fn on_the_command_line(home: &Home, question: &str, query: &str, form: &str) -> Ran {
    if question == "read" {
        return socai(&["read", "-", "--format", form], text(query).as_bytes());
    }
    let mut arguments: Vec<String> = match question {
        "keys" => vec!["key".to_owned(), "list".to_owned()],
        "accounts" => vec!["account".to_owned(), "list".to_owned()],
        _ => vec![question.to_owned()],
    };
    arguments.extend(["--format".to_owned(), form.to_owned()]);
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap();
        let value = value.replace("%2F", "/");
        match (name, value.as_str()) {
            ("words" | "texts", words) => arguments.extend(words.split(' ').map(str::to_owned)),
            ("ledger", _) => arguments.push("--ledger".to_owned()),
            _ => arguments.push(format!("--{}={value}", name.replace('_', "-"))),
        }
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match question {
        "number" => socai(&arguments, b""),
        _ => home.run(&arguments, b""),
    }
}

/// The text that is to be read.
pub(crate) fn text(query: &str) -> String {
    query.trim_start_matches("text=").replace("%2F", "/")
}

/// Pages together are the whole, and none of them tells a row twice, while others record.
#[test]
fn pages_are_the_whole_in_pieces() {
    let (home, committee) = hanoi();
    let server = Server::start(&home.config());
    let client = Client::of(server.address(), &committee);
    let query = "from=2014-01-21&to=2019-03-31&as_of=2019-03-31&obligations=report";
    let whole = over_http(&client, "obligations", query, "json").json();
    let whole = whole["rows"].as_array().unwrap();
    let mut next = Some(format!("/v1/obligations?{query}&limit=7"));
    let mut pieces = Vec::new();
    while let Some(address) = next {
        let page = client.get(&address).expect(200);
        let rows = page.json()["rows"].as_array().unwrap().clone();
        assert!(rows.len() <= 7);
        pieces.extend(rows);
        let link = page.header("link");
        let path = link
            .strip_prefix('<')
            .and_then(|link| link.split('>').next());
        next = path.map(|path| path.trim_start_matches(&server.url("")).to_owned());
    }
    assert_eq!(&pieces, whole);
    for bad in [
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=99999999999999999999",
        "cursor=x",
        "cursor=..%2f",
        "cursor=",
    ] {
        let answer = client.get(&format!("/v1/obligations?{query}&{bad}"));
        assert_eq!(answer.status, 400, "{bad}: {}", answer.text());
        answer.problem();
    }
}

/// An answer has a tag; whoever shows it again is told that nothing changed, until something does.
#[test]
fn what_is_known_already_is_not_told_again() {
    let stage = crate::stage::Stage::new();
    let clerk = stage.client(&stage.town.reporter);
    let asked = "/v1/obligations?from=2024-01-01&to=2024-12-31";
    let first = clerk.get(asked).expect(200);
    let (tag, position) = (
        first.header("etag").to_owned(),
        first.header("socai-position").to_owned(),
    );
    assert_eq!(first.json()["position"].to_string(), position);
    let again = clerk
        .get_with(asked, &[("if-none-match", &tag)])
        .expect(304);
    assert!(again.body.is_empty());
    // Somebody else's tag is not theirs.
    let beside = stage.client(&stage.town.beside);
    beside
        .get_with(asked, &[("if-none-match", &tag)])
        .expect(200);
    clerk
        .post("/v1/commands/report.submit", &crate::town::submission())
        .expect(200);
    let changed = clerk
        .get_with(asked, &[("if-none-match", &tag)])
        .expect(200);
    assert_ne!(changed.header("etag"), tag);
    assert!(changed.header("socai-position").parse::<u64>().unwrap() > position.parse().unwrap());
}

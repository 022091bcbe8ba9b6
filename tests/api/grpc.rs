//! The same questions and commands over gRPC, by a program in Python that knows nothing but the address: the answers
//! are those over HTTP, and so are the refusals.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};

use crate::accounts::Person;
use crate::client::Client;
use crate::same::{ASKED, hanoi, over_http};
use crate::server::{Home, Server};
use crate::stage::Stage;
use crate::town::Town;

const PROGRAM: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/independent/grpc_client.py"
);

/// Lets the program take `steps` as `person`; what it was told at each.
pub(crate) fn took(server: &Server, person: &Person, steps: &[Value]) -> Vec<Value> {
    let mut child = Command::new(python())
        .args([
            PROGRAM,
            "reflection",
            &server.address().to_string(),
            &person.token,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines: String = steps.iter().map(|step| format!("{step}\n")).collect();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let told: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(told.len(), steps.len(), "{said}");
    told
}

/// Where `ops/test` installs it.
fn python() -> PathBuf {
    let tools = std::env::var_os("SOCAI_TOOLS").map(PathBuf::from);
    let cached = std::env::home_dir().map(|home| home.join(".cache/socai/tools"));
    let mut places = tools.into_iter().chain(cached);
    let python = places.find_map(|place| {
        let python = place.join("grpc/bin/python");
        python.is_file().then_some(python)
    });
    python.expect("gRPC for Python is installed by ./ops/test, in $SOCAI_TOOLS")
}

#[test]
fn every_question_is_answered_over_grpc_as_over_http() {
    let (home, committee) = hanoi();
    let server = Server::start(&home.config());
    let client = Client::of(server.address(), &committee);
    let steps: Vec<Value> = ASKED
        .iter()
        .map(|(question, query)| step(question, query))
        .collect();
    let told = took(&server, &committee, &steps);
    let mut good = 0;
    for ((question, query), there) in ASKED.iter().zip(&told) {
        let here = over_http(&client, question, query, "json");
        if here.status != 200 {
            let problem = here.problem();
            assert_ne!(
                there["code"], "OK",
                "{question}?{query}: {problem} but {there}"
            );
            assert_eq!(there["message"], problem["detail"], "{question}?{query}");
            assert_eq!(there["socai_code"], problem["code"], "{question}?{query}");
            continue;
        }
        assert_eq!(there["code"], "OK", "{question}?{query}: {there}");
        let (mut here, mut there) = (here.json(), there["answers"][0].clone());
        for answer in [&mut here, &mut there] {
            plain(answer);
            // The next page is in the header Link over HTTP.
            answer.as_object_mut().unwrap().remove("next");
        }
        assert_eq!(here, there, "{question}?{query}");
        good += 1;
    }
    assert!(good > 25, "{good}");
}

/// What is not said is left out in one form and null or empty in the other.
pub(crate) fn plain(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(plain);
            fields
                .retain(|_, field| !field.is_null() && *field != json!([]) && *field != json!({}));
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn step(question: &str, query: &str) -> Value {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut request = Map::new();
    for pair in pairs {
        let (name, value) = pair.split_once('=').unwrap();
        let value = match name {
            "ledger" => json!(true),
            "texts" => json!([value.replace("%2F", "/")]),
            _ => json!(value.replace("%2F", "/")),
        };
        request.insert(name.to_owned(), value);
    }
    let (first, rest) = question.split_at(1);
    let call = format!("socai.v1.Questions/{}{rest}", first.to_uppercase());
    json!({"call": call, "request": request})
}

/// Whoever reports for a unit sees over gRPC what they see over HTTP, and no more.
#[test]
fn what_is_not_theirs_is_not_theirs_over_grpc_either() {
    let stage = Stage::new();
    let steps = [
        step("history", "unit=x"),
        step("history", "obligation=tx_x"),
        step("obligations", "unit=x"),
        step("obligations", "from=2024-01-01&to=2024-12-31"),
        step("inspections", ""),
        json!({"call": "socai.v1.EventStore/Read", "request": {}}),
    ];
    for told in took(&stage.server, &stage.town.reporter, &steps) {
        let told = told.to_string();
        for secret in [
            "Việc riêng",
            "rx_2024-h1_x",
            "9/BC-PB",
            "điều chỉ quận biết",
            "clerk-x",
        ] {
            assert!(!told.contains(secret), "{told}");
        }
    }
    let nobody = Person::new("nobody", "inspector", None);
    for told in took(&stage.server, &nobody, &steps) {
        assert_eq!(told["code"], "UNAUTHENTICATED", "{told}");
    }
}

#[test]
fn whoever_asks_too_often_waits_over_http_and_over_grpc() {
    let town = Town::new();
    let home = Home::with(&town.lines());
    home.configure("[api]\nrequests_per_minute = 1\n");
    let server = Server::start(&home.config());
    let clerk = Client::of(server.address(), &town.reporter);
    let asked = (0..5).map(|_| clerk.get("/v1/session"));
    let slowed = asked.into_iter().find(|answer| answer.status == 429);
    assert_eq!(slowed.expect("one a minute").code(), "request.too_many");
    let steps = [(); 5].map(|()| json!({"call": "socai.v1.EventStore/Head"}));
    let told = took(&server, &town.reporter, &steps);
    let slowed = told
        .iter()
        .find(|answer| answer["code"] == "RESOURCE_EXHAUSTED");
    let slowed = slowed.unwrap_or_else(|| panic!("one a minute: {told:?}"));
    assert_eq!(slowed["socai_code"], "request.too_many");
    let other = Client::of(server.address(), &town.beside);
    other.get("/v1/session").expect(200);
}

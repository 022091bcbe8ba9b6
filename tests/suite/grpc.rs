//! The ledger over gRPC, asked by a client in another language: through code that was generated from `proto/`, and
//! through reflection alone.

mod cut_off;
mod held;
mod judged;
mod stage;
mod swept;
mod taken_out;

use serde_json::{Value, json};
use socai_operations::catalogue::QUESTIONS;
use socai_operations::page::Page;

use stage::{How, Stage, entry_parameters, said};

const BOTH: [How; 2] = [How::Generated, How::Reflection];

fn submission(number: &str) -> Value {
    json!({"effective": "2024-07-19", "report_submit": {
        "obligations": ["r_2024-h1_a"], "submission": {"number": number, "figures": {"so_lop": 3}}}})
}

/// `number` tells one progress report from another.
fn progress(number: u32) -> Value {
    let note = format!("lần {number}");
    json!({"effective": "2024-03-01", "task_progress": {"obligation": "t_a", "percent": 10, "note": note}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_question_is_answered_as_the_service_answers_it() {
    let stage = Stage::new().await;
    let asked: Vec<(&str, Value)> = QUESTIONS
        .iter()
        .map(|entry| (entry.name, entry_parameters(entry)))
        .collect();
    let steps = |(name, parameters): &(&str, Value)| {
        let method = socai_operations::names::camel(name);
        json!({"call": format!("socai.v1.Questions/{method}"), "request": parameters})
    };
    let steps: Vec<Value> = asked.iter().map(steps).collect();
    for how in BOTH {
        let answers = stage.ask(how, "committee", &steps);
        for ((name, parameters), answer) in asked.iter().zip(answers) {
            let here = stage
                .answer(name, parameters, Page::default(), "committee")
                .await;
            assert_eq!(answer["code"], "OK", "{how:?} {name}: {answer}");
            assert_eq!(said(&answer["answers"][0]), said(&here), "{how:?} {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_follow_one_another() {
    let stage = Stage::new().await;
    let whole = json!({"from": "2024-01-01", "to": "2024-12-31"});
    let whole = stage
        .answer("obligations", &whole, Page::default(), "committee")
        .await;
    let (mut cursor, mut rows) = (None, Vec::new());
    loop {
        let request =
            json!({"from": "2024-01-01", "to": "2024-12-31", "limit": 1, "cursor": cursor});
        let step = json!({"call": "socai.v1.Questions/Obligations", "request": request});
        let answer = stage.ask(How::Reflection, "committee", &[step])[0]["answers"][0].clone();
        rows.extend(answer["rows"].as_array().unwrap().iter().map(said));
        cursor = answer["next"].as_str().map(String::from);
        if cursor.is_none() {
            break;
        }
    }
    let whole: Vec<Value> = whole["rows"].as_array().unwrap().iter().map(said).collect();
    assert!(whole.len() > 1);
    assert_eq!(rows, whole);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_recorded_is_in_the_log_once_and_by_whoever_called() {
    for how in BOTH {
        let stage = Stage::new().await;
        let before = stage.head().await;
        let mut submit = submission("3/BC-SNV");
        submit["id"] = json!("0195f0f0-0000-7000-8000-000000000001");
        let record = json!({"call": "socai.v1.Commands/Record", "request": submit});
        let read =
            json!({"call": "socai.v1.EventStore/Read", "request": {"before": 0, "limit": 1}});
        let answers = stage.ask(how, "clerk-a", &[record.clone(), record, read.clone()]);
        let [first, again, not_theirs] = &answers[..] else {
            panic!("{answers:?}")
        };
        assert_eq!(
            first["answers"][0]["positions"],
            json!([before + 1]),
            "{first}"
        );
        assert_eq!(again["code"], "OK", "{again}");
        assert_eq!(stage.head().await, before + 1);
        assert_eq!(not_theirs["code"], "PERMISSION_DENIED", "{not_theirs}");

        let last = stage.ask(how, "committee", &[read])[0]["answers"][0].clone();
        assert_eq!(last["position"], before + 1);
        let record: Value = serde_json::from_str(last["record"].as_str().unwrap()).unwrap();
        assert_eq!(record["actor"], "clerk-a");
        assert_eq!(record["data"]["submission"]["figures"]["so_lop"], 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_each_is_answered_in_order() {
    let stage = Stage::new().await;
    let wrong = json!({"effective": "2024-03-01", "task_progress": {"obligation": "khong_co", "percent": 10}});
    let many: Vec<Value> = [progress(1), wrong, progress(2)]
        .iter()
        .map(|command| json!({"command": command}))
        .collect();
    let step = json!({"call": "socai.v1.Commands/RecordMany", "requests": many});
    let answer = stage.ask(How::Generated, "clerk-a", &[step])[0].clone();
    let outcomes: Vec<(&Value, &Value)> = answer["answers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (&one["line"], &one["outcome"]))
        .collect();
    let expected = [
        (json!(1), json!("recorded")),
        (json!(2), json!("refused")),
        (json!(3), json!("recorded")),
    ];
    let expected: Vec<(&Value, &Value)> = expected
        .iter()
        .map(|(line, outcome)| (line, outcome))
        .collect();
    assert_eq!(outcomes, expected, "{answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_catches_up_then_tells_what_is_recorded() {
    for how in BOTH {
        let stage = Stage::new().await;
        let before = stage.head().await;
        let other = json!({"call": "socai.v1.EventStore/Head"});
        let step = json!({"call": "socai.v1.EventStore/Subscribe", "request": {"after": before - 3},
            "until": "caught_up", "meanwhile": [other], "take": 0});
        let answers = stage.ask(how, "committee", &[step])[0]["answers"]
            .as_array()
            .unwrap()
            .clone();
        let kinds: Vec<&str> = answers
            .iter()
            .map(|one| one.as_object().unwrap().keys().next().unwrap().as_str())
            .collect();
        assert_eq!(
            kinds,
            [
                "record",
                "record",
                "record",
                "record",
                "caught_up",
                "meanwhile"
            ],
            "the last one says that somebody subscribed: {answers:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_passes_without_a_token_and_everybody_is_told_why_not() {
    let stage = Stage::new().await;
    let head = json!({"call": "socai.v1.EventStore/Head"});
    let obligations = json!({"call": "socai.v1.Questions/Obligations", "request": {"from": "2024-01-01", "to": "2024-12-31"}});
    let record = json!({"call": "socai.v1.Commands/Record", "request": submission("1/BC")});
    for step in [&head, &obligations, &record] {
        for token in [
            "",
            "socai_khong",
            "socai_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            let answer = stage.run(How::Reflection, token, std::slice::from_ref(step))[0].clone();
            assert_eq!(answer["code"], "UNAUTHENTICATED", "{step}: {answer}");
            let code = if token.is_empty() {
                "identity.missing"
            } else {
                "identity.unknown"
            };
            assert_eq!(answer["socai_code"], code, "{step}: {answer}");
        }
    }
    let answer = stage.ask(How::Reflection, "clerk-x", &[record])[0].clone();
    assert_eq!(answer["code"], "PERMISSION_DENIED", "{answer}");
    assert_eq!(answer["socai_code"], "permission.out_of_reach");
    let health = json!({"call": "grpc.health.v1.Health/Check"});
    assert_eq!(stage.run(How::Reflection, "", &[health])[0]["code"], "OK");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_said_with_its_place() {
    let stage = Stage::new().await;
    let ask = |request: Value| json!({"call": "socai.v1.Questions/Rates", "request": request});
    let record = |request: Value| json!({"call": "socai.v1.Commands/Record", "request": request});
    let long = "x".repeat(2 * 1024 * 1024);
    let refused = json!({"effective": "2024-07-19", "task_claim": {"obligation": "r_2024-h1_a"}});
    let steps = [
        ask(json!({"from": "31/3/2019", "to": "2024-12-31"})),
        ask(json!({"from": "2024-01-01", "to": "2024-12-31", "cursor": "không"})),
        record(json!({"effective": "2024-07-19"})),
        record(json!({"effective": "hôm nay", "task_claim": {"obligation": "t_a"}})),
        record(json!({"effective": "2024-07-19", "task_claim": {"obligation": long}})),
        record(refused),
    ];
    let expected = [
        (
            "INVALID_ARGUMENT",
            json!("request.bad_parameter"),
            json!("from"),
        ),
        (
            "INVALID_ARGUMENT",
            json!("request.bad_parameter"),
            json!("cursor"),
        ),
        (
            "INVALID_ARGUMENT",
            json!("request.bad_parameter"),
            json!("command"),
        ),
        (
            "INVALID_ARGUMENT",
            json!("request.bad_parameter"),
            json!("effective"),
        ),
        ("OUT_OF_RANGE", Value::Null, Value::Null),
        (
            "FAILED_PRECONDITION",
            json!("obligation.not_a_task"),
            Value::Null,
        ),
    ];
    for ((answer, step), expected) in stage
        .ask(How::Reflection, "clerk-a", &steps)
        .iter()
        .zip(steps)
        .zip(expected)
    {
        let told = (
            answer["code"].as_str().unwrap(),
            answer["socai_code"].clone(),
            answer["socai_where"].clone(),
        );
        let step: String = step.to_string().chars().take(200).collect();
        assert_eq!(told, expected, "{step}: {answer}");
    }
}

fn call(method: &str, request: Value) -> Value {
    json!({"call": format!("socai.v1.Works/{method}"), "request": request})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_kept_in_pieces_handed_out_in_pieces_and_erased() {
    let stage = Stage::new().await;
    // As JSON writes bytes: "một" and "hai".
    let parts = json!([{"filed": {"media": "text/plain", "obligation": "r_2024-h1_a"}}, {"piece": "beG7mXQ="}, {"piece": "aGFp"}]);
    let store = json!({"call": "socai.v1.Works/StoreAttachment", "requests": parts});
    let stored = stage.ask(How::Generated, "clerk-a", std::slice::from_ref(&store))[0].clone();
    let attachment = stored["answers"][0]["attachment"].clone();
    assert!(attachment.is_string(), "{stored}");
    let fetch = call("FetchAttachment", json!({"attachment": attachment}));
    for (account, code) in [
        ("clerk-a", "OK"),
        ("committee", "OK"),
        ("clerk-x", "NOT_FOUND"),
    ] {
        let fetched = stage.ask(How::Reflection, account, std::slice::from_ref(&fetch))[0].clone();
        assert_eq!(fetched["code"], code, "{account}: {fetched}");
        let text: String = fetched["answers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["piece"].as_str().unwrap())
            .collect();
        assert_eq!(text, if code == "OK" { "mộthai" } else { "" }, "{account}");
    }
    let foreign = stage.ask(How::Generated, "clerk-x", &[store])[0].clone();
    assert_eq!(foreign["code"], "PERMISSION_DENIED", "{foreign}");
    let erase = call(
        "EraseAttachment",
        json!({"attachment": attachment, "reason": "nhầm", "by_unit": "tp"}),
    );
    let erased = stage.ask(How::Reflection, "clerk-a", &[erase])[0].clone();
    assert_eq!(
        erased["code"], "PERMISSION_DENIED",
        "a reporter erases nothing: {erased}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_tells_how_far_it_is_then_hands_out_its_files() {
    let stage = Stage::new().await;
    let asked =
        json!({"document": "d", "from": "2024-01-01", "to": "2024-12-31", "as_of": "2024-12-31"});
    let review = call("Review", asked);
    let answer = stage.ask(How::Reflection, "committee", std::slice::from_ref(&review))[0].clone();
    assert_eq!(answer["code"], "OK", "{answer}");
    let answers = answer["answers"].as_array().unwrap();
    assert!(answers[0]["standing"]["id"].is_string(), "{answer}");
    let files: Vec<&str> = answers
        .iter()
        .filter_map(|one| one["file"]["name"].as_str())
        .collect();
    assert_eq!(files, ["review.json", "review.html"]);
    let pieces: String = answers
        .iter()
        .filter_map(|one| one["piece"].as_str())
        .collect();
    assert!(
        pieces.contains("<html") && pieces.contains("12-CT/TU"),
        "{pieces}"
    );
    let denied = stage.ask(How::Reflection, "clerk-a", &[review])[0].clone();
    assert_eq!(denied["code"], "PERMISSION_DENIED", "{denied}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_are_recorded_together_or_not_at_all_and_rehearsed_without_a_trace() {
    let stage = Stage::new().await;
    let before = stage.head().await;
    let wrong = json!({"effective": "2024-03-01", "task_progress": {"obligation": "khong_co", "percent": 10}});
    let many = |commands: &[Value], how: &str| {
        let each: Vec<Value> = commands
            .iter()
            .map(|command| json!({"command": command, how: true}))
            .collect();
        json!({"call": "socai.v1.Commands/RecordMany", "requests": each})
    };
    let steps = [
        many(&[progress(1), wrong], "all_or_nothing"),
        many(&[progress(1), progress(2)], "dry_run"),
        many(&[progress(1), progress(2)], "all_or_nothing"),
    ];
    let told = stage.ask(How::Reflection, "clerk-a", &steps);
    let outcomes = |answer: &Value| -> Vec<String> {
        answer["answers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["outcome"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(outcomes(&told[0]), ["refused"], "{}", told[0]);
    assert_eq!(
        outcomes(&told[1]),
        ["would_be_recorded", "would_be_recorded"],
        "{}",
        told[1]
    );
    assert_eq!(outcomes(&told[2]), ["recorded", "recorded"], "{}", told[2]);
    assert_eq!(told[2]["answers"][1]["positions"], json!([before + 2]));
}

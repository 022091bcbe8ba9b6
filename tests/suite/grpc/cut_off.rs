//! Callers that go away before they have said all, and tokens that end meanwhile.

use serde_json::{Value, json};

use super::progress;
use super::stage::{How, Stage};

/// Cut off so often, for what a server sees first hangs on chance.
const TIMES: usize = 8;

fn cut_off(call: &str, requests: &[Value]) -> Value {
    json!({"call": call, "requests": requests, "open": true, "gone": true})
}

/// Goes away `TIMES` times, and then records something on the same connection, and so after all of it. Says how much
/// was recorded.
async fn recorded_beside(step: Value) -> u64 {
    let stage = Stage::new().await;
    let before = stage.head().await;
    let mut steps = vec![step; TIMES];
    steps.push(json!({"call": "socai.v1.Commands/Record", "request": progress(99)}));
    let told = stage.ask(How::Generated, "clerk-a", &steps);
    assert_eq!(told[0]["code"], "GONE");
    assert_eq!(told[TIMES]["answers"][0]["outcome"], "recorded", "{told:?}");
    stage.head().await - before - 1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_goes_away_before_all_was_said_has_recorded_nothing() {
    let one = json!({"command": progress(1), "all_or_nothing": true});
    let step = cut_off("socai.v1.Commands/RecordMany", &[one]);
    assert_eq!(recorded_beside(step).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_a_file_is_not_kept_for_a_whole_one() {
    let filed = json!({"filed": {"obligation": "r_2024-h1_a", "media": "application/pdf"}});
    let piece = json!({"piece": "JVBERi0xLjcgaGFsZg=="});
    let step = cut_off("socai.v1.Works/StoreAttachment", &[filed, piece]);
    assert_eq!(recorded_beside(step).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_many_is_answered_before_the_next_is_waited_for() {
    let stage = Stage::new().await;
    let step = json!({"call": "socai.v1.Commands/RecordMany", "requests": [{"command": progress(1)}],
        "open": true, "until": "outcome"});
    let told = stage.ask(How::Generated, "clerk-a", &[step])[0].clone();
    assert_eq!(told["answers"][0]["outcome"], "recorded", "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_none_is_recorded_once_the_token_is_revoked() {
    let stage = Stage::new().await;
    let before = stage.head().await;
    let revoke = json!({"effective": "2026-01-03", "account_revoke_token": {"account": "keeper", "token": "first"}});
    let create = json!({"effective": "2026-01-03", "account_create": {"account": "late"}});
    let step = json!({"call": "socai.v1.Commands/RecordMany",
        "requests": [{"command": revoke}, {"command": create}]});
    let told = stage.ask(How::Generated, "keeper", &[step])[0].clone();
    assert_eq!(told["answers"][0]["outcome"], "recorded", "{told}");
    assert_eq!(told["code"], "UNAUTHENTICATED", "{told}");
    assert_eq!(stage.head().await, before + 1);
}

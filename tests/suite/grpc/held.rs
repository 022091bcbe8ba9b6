//! What a call may not do: send more than a message holds, or go on for whoever may no longer read.

use std::time::Duration;

use serde_json::{Value, json};
use socai_proto::v1::SubscribeRequest;
use socai_proto::v1::delivery::Which;
use tonic::{Code, Status};

use super::progress;
use super::stage::{How, Stage, by};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_too_long_is_not_taken_by_any_service() {
    let stage = Stage::new().await;
    let long = "x".repeat(2 * 1024 * 1024);
    let mut told = progress(1);
    told["task_progress"]["note"] = json!(long);
    let steps = [
        json!({"call": "socai.v1.Questions/Search", "request": {"words": long}}),
        json!({"call": "socai.v1.Commands/Record", "request": told}),
        json!({"call": "socai.v1.Commands/RecordMany", "requests": [{"command": told}]}),
        json!({"call": "socai.v1.Works/FetchAttachment", "request": {"attachment": long}}),
        json!({"call": "socai.v1.EventStore/Read", "request": {"stream": long}}),
    ];
    let before = stage.head().await;
    for (step, answer) in steps
        .iter()
        .zip(stage.ask(How::Generated, "clerk-a", &steps))
    {
        assert_eq!(answer["code"], "OUT_OF_RANGE", "{}: {answer}", step["call"]);
    }
    assert_eq!(stage.head().await, before);
}

/// Longer than anything here takes.
const DEADLINE: Duration = Duration::from_secs(60);

/// What is delivered until the end, and how it ends.
async fn rest(mut told: tonic::Streaming<socai_proto::v1::Delivery>) -> (Vec<Value>, Status) {
    let mut records = Vec::new();
    loop {
        match told.message().await {
            Ok(Some(delivery)) => match delivery.which.unwrap() {
                Which::Record(record) => {
                    records.push(serde_json::from_slice(&record.record).unwrap());
                }
                Which::CaughtUp(_) => {}
            },
            Ok(None) => panic!("a subscription ends with a status"),
            Err(status) => return (records, status),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_ends_with_the_token_that_it_began_with() {
    let stage = Stage::new().await;
    let after = stage.head().await;
    let subscribe = by("committee", SubscribeRequest { after });
    let told = stage.events_client().await.subscribe(subscribe).await;
    let told = told.unwrap().into_inner();
    let revoke = json!({"effective": "2026-01-03", "account_revoke_token": {"account": "committee", "token": "first"}});
    for (who, command) in [("keeper", revoke), ("clerk-a", progress(1))] {
        let step = json!({"call": "socai.v1.Commands/Record", "request": command});
        let answer = stage.ask(How::Generated, who, &[step])[0].clone();
        assert_eq!(answer["code"], "OK", "{answer}");
    }
    let ended = tokio::time::timeout(DEADLINE, rest(told)).await;
    let (records, status) = ended.expect("it ends when somebody else records something");
    assert_eq!(status.code(), Code::Unauthenticated, "{status}");
    assert_eq!(
        status.metadata().get("socai-code").unwrap(),
        "identity.revoked"
    );
    let after = records.iter().filter(|record| record["actor"] == "clerk-a");
    assert_eq!(after.count(), 0, "{records:?}");
}

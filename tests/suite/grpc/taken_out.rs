//! Records that are handed out: to whom, and what the ledger says of it.

use serde_json::{Value, json};

use super::stage::{How, Stage};

/// The streams of events that hand out records, each asked for what is there.
fn readings(head: u64) -> [Value; 4] {
    let read = |request: Value| json!({"call": "socai.v1.EventStore/Read", "request": request});
    [
        read(json!({"after": head - 3})),
        read(json!({"before": 0, "limit": 2})),
        read(json!({"stream": "unit.a"})),
        json!({"call": "socai.v1.EventStore/Subscribe", "request": {"after": head}, "until": "record"}),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_not_read_the_records_reads_none_and_leaves_no_trace() {
    let stage = Stage::new().await;
    let before = stage.head().await;
    for step in readings(before) {
        let told = stage.ask(How::Generated, "clerk-a", std::slice::from_ref(&step))[0].clone();
        assert_eq!(told["code"], "PERMISSION_DENIED", "{step}: {told}");
        assert_eq!(told["socai_code"], "permission.no_role", "{step}");
        assert_eq!(told["answers"], json!([]), "{step}");
    }
    assert_eq!(stage.head().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_takes_records_out_is_recorded_to_have_done_so() {
    let stage = Stage::new().await;
    for at in 0..4 {
        let before = stage.head().await;
        let step = readings(before)[at].clone();
        let told = stage.ask(How::Generated, "committee", std::slice::from_ref(&step))[0].clone();
        assert_eq!(told["code"], "OK", "{step}: {told}");
        assert_eq!(stage.head().await, before + 1, "{step}");
        let noted = stage.record_at(before + 1).await;
        assert_eq!(noted["type"], "account.exported.v1", "{step}");
        assert_eq!(noted["actor"], "committee", "{step}");
        let what = &noted["data"]["what"];
        assert_eq!(what["of"], "records", "{step}");
        assert_eq!(what["position"], before, "{step}");
        let handed_out = told["answers"].as_array().unwrap().len();
        match at {
            // Of a subscription it is noted what was there when it began; its first record is the note itself.
            3 => assert_eq!(what["records"], 0),
            _ => assert_eq!(what["records"], handed_out, "{step}: {told}"),
        }
        let about = (at == 2).then_some("unit.a");
        assert_eq!(what["about"], json!(about), "{step}");
    }
    let before = stage.head().await;
    let nothing = json!({"call": "socai.v1.EventStore/Read", "request": {"after": before}});
    let told = stage.ask(How::Generated, "committee", &[nothing])[0].clone();
    assert_eq!(told["answers"], json!([]), "{told}");
    assert_eq!(stage.head().await, before, "nothing was taken out");
}

//! Late flags that somebody asks for.

use socai_proto::v1::SweepRequest;
use tonic::Code;

use super::stage::{Stage, by};

fn on(day: &str) -> SweepRequest {
    SweepRequest { on: day.to_owned() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_flags_what_is_overdue_once_by_the_right_of_whoever_asks() {
    let stage = Stage::new().await;
    let mut client = stage.works_client().await;
    let before = stage.head().await;
    for (account, day, code) in [
        ("clerk-a", "2024-12-31", Code::PermissionDenied),
        ("watcher", "9999-12-31", Code::InvalidArgument),
        ("watcher", "31/12/2024", Code::InvalidArgument),
    ] {
        let refused = client.sweep(by(account, on(day))).await.unwrap_err();
        assert_eq!(refused.code(), code, "{account} {day}: {refused}");
    }
    assert_eq!(stage.head().await, before);

    let swept = client.sweep(by("watcher", on("2024-12-31"))).await;
    let swept = swept.unwrap().into_inner();
    assert!(!swept.rows.is_empty(), "{swept:?}");
    assert_eq!(stage.head().await, before + swept.rows.len() as u64);
    let flag = stage.record_at(before + 1).await;
    assert_eq!(flag["actor"], "watcher");
    assert_eq!(
        flag["subject"],
        format!("obligation.{}", swept.rows[0].obligation)
    );
    let again = client.sweep(by("watcher", on("2024-12-31"))).await;
    assert!(again.unwrap().into_inner().rows.is_empty());
}

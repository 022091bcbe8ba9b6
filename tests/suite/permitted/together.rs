//! Several commands: rehearsed, and recorded all or not at all.

use super::*;
use socai_app::live::TogetherError;

fn asked(actor: &str, requests: impl IntoIterator<Item = Request>) -> Vec<(Request, Origin)> {
    let each = requests.into_iter();
    each.map(|request| (request, origin(actor))).collect()
}

/// A task for both, which one of them then works on, in two steps of one stream.
fn new_task() -> Vec<(Request, Origin)> {
    let task = r#"{"task":"n","assignment":{"document":"d","title":"Rà soát","leads":[{"unit":"a"}],"due":{"rule":"not_stated"}}}"#;
    let step = |percent: u32| {
        let data = format!(r#"{{"obligation":"n_a","percent":{percent}}}"#);
        line("task.progress", "2024-03-01", &data)
    };
    let mut all = asked("van-thu", [line("task.assign", "2024-03-01", task)]);
    all.extend(asked("lan", [step(10), step(20)]));
    all.extend(asked("hoa", [progress("b", 30)]));
    all
}

#[track_caller]
fn refused<T>(outcome: Result<T, TogetherError>) -> (usize, &'static str) {
    match outcome.err().expect("something is refused") {
        TogetherError::Refused { index, refused } => (index, refused.code),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_rehearsal_decides_each_after_the_one_before_and_records_nothing() {
    let store = begun().await;
    let process = live(store.clone()).await;
    let before = store.head().await.unwrap();
    let mut all = new_task();
    all.extend(asked("hoa", [progress("a", 40)]));
    let rehearsal = process.rehearse(&all);
    let codes: Vec<_> = rehearsal
        .decided
        .iter()
        .map(|decided| decided.as_ref().map(|_| ()).map_err(|no| no.code))
        .collect();
    let out_of_reach = Err("permission.out_of_reach");
    assert_eq!(codes, [Ok(()), Ok(()), Ok(()), Ok(()), out_of_reach]);
    assert_eq!(rehearsal.events, 4);
    assert_eq!(store.head().await.unwrap(), before);
    assert_eq!(process.image().position(), before);
}

/// As if they had been recorded one after another, the events of one stream standing together.
#[tokio::test]
async fn commands_are_recorded_together_in_one_append() {
    let store = begun().await;
    let process = live(store.clone()).await;
    let before = store.head().await.unwrap();
    let outcomes = process.execute_together(&new_task()).await.unwrap();
    let at: Vec<Vec<u64>> = outcomes
        .into_iter()
        .map(|outcome| {
            recorded(outcome)
                .iter()
                .map(|one| one.position.0 - before.0)
                .collect()
        })
        .collect();
    assert_eq!(at, [[1], [2], [3], [4]]);
    assert_eq!(store.head().await.unwrap(), before.plus(4));
    // And the history folds from the start.
    Ledger::load(store).await.unwrap();
}

#[tokio::test]
async fn of_commands_together_none_is_recorded_where_one_is_refused() {
    let store = begun().await;
    let process = live(store.clone()).await;
    let before = store.head().await.unwrap();
    let mut forbidden = new_task();
    forbidden.extend(asked("hoa", [progress("a", 40)]));
    let told = refused(process.execute_together(&forbidden).await);
    assert_eq!(told, (4, "permission.out_of_reach"));
    let mut wrong = new_task();
    wrong.extend(asked("lan", [progress("a", 101)]));
    let told = refused(process.execute_together(&wrong).await);
    assert_eq!(told, (4, "obligation.bad_percent"));
    assert_eq!(store.head().await.unwrap(), before);
}

/// What is granted by one counts for the next, and what is taken away is gone.
#[tokio::test]
async fn rights_change_in_the_middle_of_a_batch() {
    let process = live(begun().await).await;
    let role = |command: &str| {
        let data = r#"{"account":"theo-doi","role":"reporter"}"#;
        line(command, "2024-07-01", data)
    };
    let mut all = asked("quan-tri", [role("account.grant_role")]);
    all.extend(asked("theo-doi", [progress("a", 40)]));
    all.extend(asked("quan-tri", [role("account.revoke_role")]));
    process.execute_together(&all).await.unwrap();
    all.extend(asked("theo-doi", [progress("a", 50)]));
    assert_eq!(
        refused(process.execute_together(&all).await),
        (3, "permission.no_role")
    );
}

#[tokio::test]
async fn a_batch_that_is_asked_again_is_answered_the_same() {
    let store = begun().await;
    let mut all = new_task();
    for (n, (request, _)) in all.iter_mut().enumerate() {
        request.id = Some(Uuid::from_u128(n as u128 + 1));
    }
    let told = async |process: Arc<Live>| {
        let outcomes = process.execute_together(&all).await.unwrap();
        let written = outcomes.into_iter().flat_map(recorded);
        written
            .map(|one| (one.position, one.id))
            .collect::<Vec<_>>()
    };
    let first = told(live(store.clone()).await).await;
    let head = store.head().await.unwrap();
    assert_eq!(told(live(store.clone()).await).await, first);
    assert_eq!(store.head().await.unwrap(), head, "nothing was recorded");

    let mut other = all.clone();
    other[2].0.command = progress("a", 1).command;
    let process = live(store).await;
    assert_eq!(
        refused(process.execute_together(&other).await),
        (2, "command.id_used")
    );
}

#[tokio::test]
async fn one_id_twice_in_a_batch_is_refused() {
    let process = live(begun().await).await;
    let twice = asked("lan", [1, 1].map(|id| with_id(progress("a", 10), id)));
    assert_eq!(
        refused(process.execute_together(&twice).await),
        (1, "command.id_used")
    );
}

#[tokio::test]
async fn a_batch_has_as_many_events_as_one_append() {
    let store = begun().await;
    let process = live(store.clone()).await;
    let before = store.head().await.unwrap();
    let many = |count: u32| {
        let steps = (0..count).map(|n| {
            let data = format!(r#"{{"obligation":"t_a","note":"lần {n}"}}"#);
            line("task.progress", "2024-03-01", &data)
        });
        asked("lan", steps)
    };
    let outcome = process.execute_together(&many(1_001)).await;
    assert!(matches!(outcome, Err(TogetherError::TooMany)));
    assert_eq!(store.head().await.unwrap(), before);
    process.execute_together(&many(1_000)).await.unwrap();
    assert_eq!(store.head().await.unwrap(), before.plus(1_000));
}

/// Somebody else wrote to one of the streams first: all of it is decided again.
#[tokio::test]
async fn a_batch_that_meets_a_conflict_is_decided_again_as_a_whole() {
    let store = begun().await;
    let process = meanwhile(&store, vec![progress("b", 5)]).await;
    let outcomes = process.execute_together(&new_task()).await.unwrap();
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Outcome::Recorded(_)))
    );

    let store = begun().await;
    let close = line("account.close", "2024-07-01", r#"{"account":"lan"}"#);
    let process = meanwhile(&store, vec![close, progress("b", 5)]).await;
    let before = store.head().await.unwrap();
    let told = refused(process.execute_together(&new_task()).await);
    assert_eq!(told, (1, "permission.closed"));
    assert_eq!(
        store.head().await.unwrap(),
        before.plus(2),
        "what the other one recorded"
    );
}

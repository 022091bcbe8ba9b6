//! One id, asked again: by the same process, by another, after a start, at once, with something else.

use super::*;
use socai_app::live::ExecuteError;
use socai_store_segment::{Identity, SegmentStore};

fn positions(written: &[Written]) -> Vec<(Position, Uuid, String)> {
    let place = |one: &Written| (one.position, one.id, one.subject.clone());
    written.iter().map(place).collect()
}

async fn ask(process: &Live, actor: &str, request: &Request) -> Outcome {
    let outcome = process.execute_permitted(request, &origin(actor)).await;
    outcome.unwrap()
}

/// Over the segment log as well: what is known of a command is read from the log, not from a process.
#[tokio::test]
async fn an_id_that_is_known_is_answered_the_same_by_every_process_and_after_a_start() {
    let dir = tempfile::tempdir().unwrap();
    let identity = Identity::new(Uuid::from_u128(7), "hanoi").unwrap();
    let memory: Arc<dyn EventStore> = begun().await;
    let segment: Arc<dyn EventStore> =
        Arc::new(SegmentStore::create(dir.path(), &identity).unwrap());
    socai_app::migrate::migrate(&*memory, &*segment, |_| {})
        .await
        .unwrap();
    for store in [memory, segment] {
        let (one, other) = (live(store.clone()).await, live(store.clone()).await);
        let asked = with_id(progress("a", 10), 1);
        let first = recorded(ask(&one, "lan", &asked).await);
        // What was said since changes nothing of the answer.
        recorded(ask(&one, "lan", &progress("a", 20)).await);
        let head = store.head().await.unwrap();
        other.caught_up().await.unwrap();
        for process in [one, other, live(store.clone()).await] {
            let again = recorded(ask(&process, "lan", &asked).await);
            assert_eq!(positions(&again), positions(&first));
        }
        assert_eq!(store.head().await.unwrap(), head, "nothing was recorded");
    }
}

/// A command of several streams is known by all its events.
#[tokio::test]
async fn a_command_of_several_events_is_answered_with_all_of_them() {
    let store = begun().await;
    let process = live(store.clone()).await;
    let merge = r#"{"units":["a","b"],"into":"c","transfer":["t_a","t_b"]}"#;
    let merge = with_id(line("unit.merge", "2024-06-01", merge), 1);
    let first = recorded(ask(&process, "quan-tri", &merge).await);
    assert_eq!(first.len(), 4);
    let again = recorded(ask(&*live(store).await, "quan-tri", &merge).await);
    assert_eq!(positions(&again), positions(&first));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_id_asked_many_times_at_once_is_recorded_once() {
    let store = begun().await;
    let processes = [live(store.clone()).await, live(store.clone()).await];
    let before = store.head().await.unwrap();
    for round in 1..=20 {
        let asked = with_id(progress("a", round), u128::from(round));
        let each = (0..8).map(|n| {
            let (process, asked) = (processes[n % 2].clone(), asked.clone());
            tokio::spawn(async move { ask(&process, "lan", &asked).await })
        });
        let each: Vec<_> = each.collect();
        let mut told = Vec::new();
        for one in each {
            told.push(positions(&recorded(one.await.unwrap())));
        }
        told.dedup();
        assert_eq!(told.len(), 1, "{told:?}");
    }
    assert_eq!(store.head().await.unwrap(), before.plus(20));
}

/// Whatever differs: what is asked, of what, from when, by whom, whether it happened.
#[tokio::test]
async fn another_command_under_a_known_id_is_refused() {
    let store = begun().await;
    let process = live(store.clone()).await;
    let asked = with_id(progress("a", 10), 1);
    recorded(ask(&process, "lan", &asked).await);
    let head = store.head().await.unwrap();
    let acknowledge = line("task.acknowledge", "2024-02-01", r#"{"obligation":"t_a"}"#);
    let mut later = asked.clone();
    later.effective = "2024-02-02".parse().unwrap();
    let mut made_up = asked.clone();
    made_up.synthetic = true;
    let used = "command.id_used";
    let others = [
        ("lan", with_id(progress("a", 11), 1), used),
        // That an id is there is told to nobody who may not ask.
        (
            "lan",
            with_id(progress("b", 10), 1),
            "permission.out_of_reach",
        ),
        ("lan", with_id(acknowledge, 1), used),
        ("lan", later, used),
        ("lan", made_up, used),
        ("hoa", asked.clone(), "permission.out_of_reach"),
    ];
    for process in [process, live(store.clone()).await] {
        for (actor, other, expected) in &others {
            let told = ask(&process, actor, other).await;
            assert_eq!(code(told), *expected, "{actor} {other:?}");
        }
        recorded(ask(&process, "lan", &asked).await);
    }
    assert_eq!(store.head().await.unwrap(), head, "nothing was recorded");
}

/// Whoever was answered before a role was taken away is answered so again: it was recorded then.
#[tokio::test]
async fn what_was_recorded_is_answered_though_the_role_is_gone() {
    let store = begun().await;
    let process = live(store.clone()).await;
    let asked = with_id(progress("a", 10), 1);
    let first = recorded(ask(&process, "lan", &asked).await);
    let revoke = r#"{"account":"lan","role":"reporter"}"#;
    let revoke = line("account.revoke_role", "2024-07-01", revoke);
    recorded(ask(&process, "quan-tri", &revoke).await);
    let again = recorded(ask(&process, "lan", &asked).await);
    assert_eq!(positions(&again), positions(&first));
    let next = ask(&process, "lan", &progress("a", 20)).await;
    assert_eq!(code(next), "permission.no_role");
}

#[tokio::test]
async fn what_was_refused_or_changed_nothing_is_decided_again() {
    let store = begun().await;
    let process = live(store.clone()).await;
    let rename = |id| {
        let data = r#"{"unit":"a","name":"Sở mới"}"#;
        with_id(line("unit.rename", "2024-06-01", data), id)
    };
    assert_eq!(
        code(ask(&process, "lan", &rename(1)).await),
        "permission.no_role"
    );
    recorded(ask(&process, "quan-tri", &rename(1)).await);
    let unchanged = ask(&process, "quan-tri", &rename(2)).await;
    assert!(matches!(unchanged, Outcome::Unchanged), "{unchanged:?}");
}

/// For a day, by the times of the records. Later the id is as good as new.
#[tokio::test]
async fn an_id_is_known_for_a_day() {
    let store = begun().await;
    let process = live(store.clone()).await;
    let ask = async |process: &Live, day: u32, request: &Request| {
        let outcome = process
            .execute_permitted(request, &on_day("lan", day))
            .await;
        outcome.unwrap()
    };
    let other = with_id(progress("a", 11), 1);
    recorded(ask(&process, 2, &with_id(progress("a", 10), 1)).await);
    recorded(ask(&process, 3, &progress("a", 20)).await);
    assert_eq!(code(ask(&process, 3, &other).await), "command.id_used");
    let started = live(store.clone()).await;
    assert_eq!(code(ask(&started, 3, &other).await), "command.id_used");
    recorded(ask(&process, 5, &progress("a", 30)).await);
    recorded(ask(&process, 7, &progress("a", 40)).await);
    recorded(ask(&*live(store).await, 7, &other).await);
}

/// Takes the first append and loses the answer, and cannot be reached for a while.
struct Lost {
    appends: AtomicU32,
}

#[async_trait]
impl Trick for Lost {
    async fn append(
        &self,
        store: &MemoryStore,
        append: Append,
    ) -> Result<Vec<Position>, AppendError> {
        match self.appends.fetch_add(1, Ordering::SeqCst) {
            0 => {
                store.append(append).await?;
                Err(AppendError::Unknown("the answer is lost".into()))
            }
            1 => Err(AppendError::Unavailable("nobody is there".into())),
            _ => store.append(append).await,
        }
    }
}

/// The client cannot tell whether it was recorded, asks again under the same id, and is told.
#[tokio::test]
async fn a_command_whose_answer_was_lost_is_recorded_once() {
    let store = begun().await;
    let before = store.head().await.unwrap();
    let trick = Lost {
        appends: AtomicU32::new(0),
    };
    let tricked = Tricked {
        store: store.clone(),
        trick,
    };
    let process = live(Arc::new(tricked)).await;
    let asked = with_id(progress("a", 10), 1);
    let first = process.execute_permitted(&asked, &origin("lan")).await;
    match first {
        Err(ExecuteError::Append(AppendError::Unknown(_))) => {}
        other => drop(recorded(other.unwrap())),
    }
    process.caught_up().await.unwrap();
    let again = recorded(ask(&process, "lan", &asked).await);
    assert_eq!(again[0].position, before.plus(1));
    assert_eq!(store.head().await.unwrap(), before.plus(1));
}

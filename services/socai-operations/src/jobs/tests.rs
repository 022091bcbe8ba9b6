//! Jobs, held to what they promise.

use tempfile::TempDir;
use tokio::sync::oneshot;

use super::*;

fn account(id: &str) -> AccountId {
    AccountId::new(id).unwrap()
}

fn of(id: &str) -> Whose {
    Whose::Of(account(id))
}

fn jobs(limits: Limits) -> (TempDir, Jobs) {
    let home = tempfile::tempdir().unwrap();
    let jobs = Jobs::open(&home.path().join("jobs"), limits).unwrap();
    (home, jobs)
}

/// Begins a job of `owner` that ends when the answer is dropped or sent to.
fn begin(jobs: &Jobs, owner: &str) -> (Uuid, oneshot::Sender<()>) {
    let (end, ended) = oneshot::channel::<()>();
    let id = Uuid::now_v7();
    let run = |desk: Desk| async move {
        desk.step("waiting to be told");
        let _ = ended.await;
        desk.put("answer.txt", b"42".to_vec()).await
    };
    jobs.begin(wish(id, owner, "42"), run).unwrap();
    (id, end)
}

/// A job of `owner` with these parameters.
fn wish(id: Uuid, owner: &str, parameters: &str) -> Wish {
    Wish {
        id,
        owner: account(owner),
        asked: Asked::of("test", &parameters),
        needs: &[Reading::Reviews],
    }
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(std::time::Instant::now() < deadline, "{what}");
        tokio::task::yield_now().await;
    }
}

fn state(jobs: &Jobs, id: Uuid) -> Option<State> {
    let standing = jobs.get(id, &Whose::Everybodys).ok();
    standing.map(|standing| standing.state)
}

async fn until_it_is(jobs: &Jobs, id: Uuid, wanted: State) {
    let so = || state(jobs, id) == Some(wanted);
    until(&format!("{wanted:?}"), so).await;
}

#[tokio::test]
async fn what_a_job_made_is_there_when_it_is_done() {
    let (_home, jobs) = jobs(Limits::default());
    let (id, end) = begin(&jobs, "ana");
    until_it_is(&jobs, id, State::Running).await;
    end.send(()).unwrap();
    until_it_is(&jobs, id, State::Done).await;
    let (path, made) = jobs.file(id, "answer.txt", &of("ana")).unwrap();
    assert_eq!(std::fs::read(path).unwrap(), b"42");
    assert_eq!((made.bytes, &made.sha256[..8]), (2, "73475cb4"));
    let elsewhere = jobs.file(id, "../../etc/passwd", &of("ana"));
    assert!(matches!(elsewhere, Err(Trouble::NotFound { .. })));
}

#[tokio::test]
async fn nobody_sees_or_ends_a_job_of_somebody_else() {
    let (_home, jobs) = jobs(Limits::default());
    let (id, _end) = begin(&jobs, "ana");
    assert!(jobs.list(&of("ben")).is_empty());
    assert!(jobs.get(id, &of("ben")).is_err());
    assert!(jobs.cancel(id, &of("ben")).is_err());
    let again = jobs.begin(wish(id, "ben", "42"), |_| async { Ok(()) });
    assert!(matches!(again, Err(Trouble::Refused(_))));
    assert_eq!(jobs.list(&Whose::Everybodys).len(), 1);
    assert_eq!(jobs.list(&of("ana")).len(), 1);
}

#[tokio::test]
async fn a_job_asked_for_twice_is_one_job() {
    let (_home, jobs) = jobs(Limits::default());
    let (id, _end) = begin(&jobs, "ana");
    let twice = jobs.begin(wish(id, "ana", "42"), |_| async { Ok(()) });
    assert_eq!(twice.unwrap().id, id);
    assert_eq!(jobs.list(&of("ana")).len(), 1);
}

#[tokio::test]
async fn another_job_under_the_same_id_is_refused() {
    let (_home, jobs) = jobs(Limits::default());
    let (id, _end) = begin(&jobs, "ana");
    let other = jobs.begin(wish(id, "ana", "43"), |_| async { Ok(()) });
    let Err(Trouble::Refused(refused)) = other else {
        panic!("{other:?}")
    };
    assert_eq!(refused.code, "command.id_used");
}

#[tokio::test]
async fn so_many_run_at_once_and_the_others_wait() {
    let limits = Limits {
        running: 1,
        ..Limits::default()
    };
    let (_home, jobs) = jobs(limits);
    let (first, end) = begin(&jobs, "ana");
    until_it_is(&jobs, first, State::Running).await;
    let (second, _end) = begin(&jobs, "ben");
    assert_eq!(state(&jobs, second), Some(State::Waiting));
    end.send(()).unwrap();
    until_it_is(&jobs, second, State::Running).await;
}

#[tokio::test]
async fn a_job_is_cancelled_while_it_waits_and_while_it_runs() {
    let limits = Limits {
        running: 1,
        ..Limits::default()
    };
    let (_home, jobs) = jobs(limits);
    let (first, _end) = begin(&jobs, "ana");
    until_it_is(&jobs, first, State::Running).await;
    let (second, _never) = begin(&jobs, "ana");
    for id in [second, first] {
        jobs.cancel(id, &of("ana")).unwrap();
        until_it_is(&jobs, id, State::Cancelled).await;
    }
    let (third, _last) = begin(&jobs, "ana");
    until_it_is(&jobs, third, State::Running).await;
}

#[tokio::test]
async fn one_account_does_not_take_all_turns() {
    let limits = Limits {
        of_one_account: 1,
        ..Limits::default()
    };
    let (_home, jobs) = jobs(limits);
    let (_id, _end) = begin(&jobs, "ana");
    let more = jobs.begin(wish(Uuid::now_v7(), "ana", "42"), |_| async { Ok(()) });
    assert!(matches!(more, Err(Trouble::Unavailable(_))));
    begin(&jobs, "ben");
}

/// Begins a job of `owner`, which ends.
async fn ended(jobs: &Jobs, owner: &str) -> Uuid {
    let (id, end) = begin(jobs, owner);
    end.send(()).unwrap();
    until_it_is(jobs, id, State::Done).await;
    id
}

#[tokio::test]
async fn the_earliest_of_ones_own_that_ended_makes_room_and_nobody_elses() {
    let limits = Limits {
        known_of_one_account: 2,
        ..Limits::default()
    };
    let (_home, jobs) = jobs(limits);
    let others = ended(&jobs, "ben").await;
    let (first, second) = (ended(&jobs, "ana").await, ended(&jobs, "ana").await);
    let (path, _) = jobs.file(first, "answer.txt", &of("ana")).unwrap();
    let (third, _runs) = begin(&jobs, "ana");
    assert!(state(&jobs, first).is_none() && !path.exists());
    for known in [others, second, third] {
        assert!(state(&jobs, known).is_some());
    }
}

#[tokio::test]
async fn where_all_are_known_that_may_be_an_account_makes_room_of_its_own_alone() {
    let limits = Limits {
        known: 2,
        ..Limits::default()
    };
    let (_home, jobs) = jobs(limits);
    let (first, second) = (ended(&jobs, "ana").await, ended(&jobs, "ana").await);
    let full = jobs.begin(wish(Uuid::now_v7(), "ben", "42"), |_| async { Ok(()) });
    assert!(matches!(full, Err(Trouble::Unavailable(_))));
    begin(&jobs, "ana");
    assert!(state(&jobs, first).is_none() && state(&jobs, second).is_some());
}

#[tokio::test]
async fn what_ended_is_forgotten_with_its_files() {
    let limits = Limits {
        kept: Duration::ZERO,
        ..Limits::default()
    };
    let (home, jobs) = jobs(limits);
    let (id, end) = begin(&jobs, "ana");
    end.send(()).unwrap();
    let files = || std::fs::read_dir(home.path().join("jobs")).unwrap().count();
    until("forgotten", || state(&jobs, id).is_none() && files() == 0).await;
}

#[tokio::test]
async fn a_fault_fails_the_job_alone() {
    let (_home, jobs) = jobs(Limits::default());
    let (bad, sad) = (Uuid::now_v7(), Uuid::now_v7());
    let run = |_| async { panic!("a test") };
    jobs.begin(wish(bad, "ana", "42"), run).unwrap();
    let run = |_| async { Err(Trouble::Stopped("the log is damaged".to_owned())) };
    jobs.begin(wish(sad, "ana", "42"), run).unwrap();
    for (id, why) in [(bad, "a fault of the program"), (sad, "the log is damaged")] {
        until_it_is(&jobs, id, State::Failed).await;
        let problem = jobs.get(id, &of("ana")).unwrap().problem.unwrap();
        assert!(problem.starts_with(why), "{problem}");
    }
}

#[tokio::test]
async fn a_process_begins_without_the_files_of_another() {
    let (home, jobs) = jobs(Limits::default());
    let (id, end) = begin(&jobs, "ana");
    end.send(()).unwrap();
    until_it_is(&jobs, id, State::Done).await;
    let folder = home.path().join("jobs");
    Jobs::open(&folder, Limits::default()).unwrap();
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

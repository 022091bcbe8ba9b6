//! Every promise of credentials, over every store of them; and what each store adds: the file its mode, its lock
//! and its end, the database its rights and its return.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use socai_store::{Credentials, KeepError, KeyHash, PasswordHash, Person, Session, Subject};

mod database;
mod file;

macro_rules! every_store_of_credentials {
    ($($promise:ident),+ $(,)?) => {
        mod memory {
            $(#[tokio::test] async fn $promise() {
                let credentials = socai_store_memory::MemoryCredentials::default();
                super::$promise(std::sync::Arc::new(credentials)).await;
            })+
        }
        mod redb {
            $(#[tokio::test] async fn $promise() {
                let dir = tempfile::tempdir().unwrap();
                let credentials = super::file::open(dir.path()).unwrap();
                super::$promise(std::sync::Arc::new(credentials)).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")] async fn $promise() {
                let (_server, credentials) = super::database::start().await;
                super::$promise(std::sync::Arc::new(credentials)).await;
            })+
        }
    };
}

every_store_of_credentials![
    nobody_is_known_at_first,
    a_person_is_kept_as_they_are,
    whoever_saw_somebody_else_changes_nothing,
    of_many_who_change_a_person_at_once_nobody_undoes_another,
    a_subject_is_one_accounts_until_it_is_given_up,
    everybody_is_listed_once_by_account_a_page_at_a_time,
    who_is_forgotten_leaves_nothing,
    a_session_is_kept_to_the_microsecond_until_it_is_swept,
    a_session_that_is_used_ends_later_and_one_that_was_ended_stays_so,
    sessions_of_one_account_end_together,
    a_sweep_takes_what_is_over_at_that_moment_and_counts_it,
];

type Shared = Arc<dyn Credentials>;

fn person(name: &str) -> Person {
    Person {
        name: Some(name.to_owned()),
        password: Some(PasswordHash(format!("$argon2id$of {name}"))),
        subjects: BTreeSet::new(),
    }
}

fn subject(id: &str) -> Subject {
    let (issuer, id) = ("https://sso.example.vn".to_owned(), id.to_owned());
    Subject { issuer, id }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn session(account: &str, idle_ends: i64, ends: i64) -> Session {
    Session {
        account: account.to_owned(),
        opened: at(0),
        idle_ends: at(idle_ends),
        ends: at(ends),
    }
}

fn key(number: u8) -> KeyHash {
    KeyHash([number; 32])
}

async fn nobody_is_known_at_first(credentials: Shared) {
    assert_eq!(credentials.person("an").await.unwrap(), None);
    assert_eq!(credentials.by_subject(&subject("1")).await.unwrap(), None);
    assert_eq!(credentials.session(key(1)).await.unwrap(), None);
    credentials.forget_person("an").await.unwrap();
    credentials.end_session(key(1)).await.unwrap();
    credentials.end_sessions_of("an").await.unwrap();
    credentials.touch_session(key(1), at(1)).await.unwrap();
    assert_eq!(credentials.session(key(1)).await.unwrap(), None);
    assert_eq!(credentials.sweep_sessions(at(1)).await.unwrap(), 0);
}

async fn a_person_is_kept_as_they_are(credentials: Shared) {
    let mut kept = None;
    let all = Person {
        subjects: [subject("1"), subject("nguyễn thị \"x\" $1")].into(),
        ..person("Nguyễn Thị Hòa")
    };
    for next in [Person::default(), all, person(""), Person::default()] {
        credentials
            .keep_person("an", kept.as_ref(), &next)
            .await
            .unwrap();
        assert_eq!(
            credentials.person("an").await.unwrap().as_ref(),
            Some(&next)
        );
        kept = Some(next);
    }
    assert_eq!(credentials.person("ba").await.unwrap(), None);
}

async fn whoever_saw_somebody_else_changes_nothing(credentials: Shared) {
    let (first, second) = (person("first"), person("second"));
    credentials.keep_person("an", None, &first).await.unwrap();
    for seen in [None, Some(&second), Some(&Person::default())] {
        let error = credentials.keep_person("an", seen, &second).await;
        let error = error.unwrap_err();
        assert!(matches!(error, KeepError::Changed), "{seen:?}: {error:?}");
    }
    let error = credentials.keep_person("ba", Some(&first), &second).await;
    assert!(matches!(error, Err(KeepError::Changed)), "{error:?}");
    assert_eq!(credentials.person("an").await.unwrap(), Some(first));
    assert_eq!(credentials.person("ba").await.unwrap(), None);
}

async fn of_many_who_change_a_person_at_once_nobody_undoes_another(credentials: Shared) {
    let changes = (0..8).map(|number| {
        let credentials = credentials.clone();
        tokio::spawn(async move {
            let account = "an".parse().unwrap();
            let linked = subject(&number.to_string());
            socai_identity::change_person(&*credentials, &account, |person| {
                person.subjects.insert(linked.clone());
            })
            .await
        })
    });
    for change in changes.collect::<Vec<_>>() {
        change.await.unwrap().unwrap();
    }
    let person = credentials.person("an").await.unwrap().unwrap();
    assert_eq!(person.subjects.len(), 8);
}

async fn a_subject_is_one_accounts_until_it_is_given_up(credentials: Shared) {
    let linked = Person {
        subjects: [subject("1"), subject("2")].into(),
        ..person("an")
    };
    credentials.keep_person("an", None, &linked).await.unwrap();
    let other = Person {
        subjects: [subject("0"), subject("2")].into(),
        ..person("ba")
    };
    let error = credentials.keep_person("ba", None, &other).await;
    let Err(KeepError::SubjectTaken { account }) = error else {
        panic!("{error:?}");
    };
    assert_eq!(account, "an");
    assert_eq!(credentials.person("ba").await.unwrap(), None);
    assert_eq!(credentials.by_subject(&subject("0")).await.unwrap(), None);

    let given_up = Person {
        subjects: [subject("1")].into(),
        ..person("an")
    };
    credentials
        .keep_person("an", Some(&linked), &given_up)
        .await
        .unwrap();
    credentials.keep_person("ba", None, &other).await.unwrap();
    for (id, owner) in [("0", "ba"), ("1", "an"), ("2", "ba")] {
        let found = credentials.by_subject(&subject(id)).await.unwrap();
        assert_eq!(found.as_deref(), Some(owner), "subject {id}");
    }
    let elsewhere = Subject {
        issuer: "https://other.example.vn".to_owned(),
        ..subject("1")
    };
    assert_eq!(credentials.by_subject(&elsewhere).await.unwrap(), None);
}

async fn everybody_is_listed_once_by_account_a_page_at_a_time(credentials: Shared) {
    let of_pages = async |limit: u32| {
        let mut all: Vec<(String, Person)> = Vec::new();
        loop {
            let after = all.last().map(|(account, _)| account.as_str());
            let limit = NonZeroU32::new(limit).unwrap();
            let page = credentials.persons(after, limit).await.unwrap();
            assert!(page.len() <= limit.get() as usize);
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    };
    assert_eq!(of_pages(2).await, []);
    // A page ends in the middle of what a language would call one order, and "-" comes before letters.
    let mut kept = Vec::new();
    for account in ["an", "a-n", "B", "b", "đ", "c-1", "c1"] {
        let person = Person {
            subjects: [subject(account), subject(&format!("{account}-2"))].into(),
            ..person(account)
        };
        credentials
            .keep_person(account, None, &person)
            .await
            .unwrap();
        kept.push((account.to_owned(), person));
    }
    credentials
        .keep_person("z", None, &Person::default())
        .await
        .unwrap();
    kept.push(("z".to_owned(), Person::default()));
    kept.sort_by(|(one, _), (other, _)| one.cmp(other));
    for limit in [1, 2, 3, 100] {
        assert_eq!(of_pages(limit).await, kept, "{limit} at a time");
    }
}

async fn who_is_forgotten_leaves_nothing(credentials: Shared) {
    for (number, account) in [(1, "an"), (2, "ba")] {
        let linked = Person {
            subjects: [subject(account)].into(),
            ..person(account)
        };
        credentials
            .keep_person(account, None, &linked)
            .await
            .unwrap();
        let opened = session(account, 1, 2);
        credentials
            .keep_session(key(number), &opened)
            .await
            .unwrap();
    }
    credentials.forget_person("an").await.unwrap();

    assert_eq!(credentials.person("an").await.unwrap(), None);
    assert_eq!(credentials.by_subject(&subject("an")).await.unwrap(), None);
    assert_eq!(credentials.session(key(1)).await.unwrap(), None);
    assert!(credentials.person("ba").await.unwrap().is_some());
    assert!(
        credentials
            .by_subject(&subject("ba"))
            .await
            .unwrap()
            .is_some()
    );
    assert!(credentials.session(key(2)).await.unwrap().is_some());
    let again = Person {
        subjects: [subject("an")].into(),
        ..person("ca")
    };
    credentials.keep_person("ca", None, &again).await.unwrap();
}

async fn a_session_is_kept_to_the_microsecond_until_it_is_swept(credentials: Shared) {
    let opened = Session {
        opened: at(0) + SignedDuration::from_micros(123_456),
        ..session("an", 1, 2)
    };
    credentials.keep_session(key(1), &opened).await.unwrap();
    assert_eq!(credentials.session(key(1)).await.unwrap(), Some(opened));
    assert_eq!(credentials.session(key(2)).await.unwrap(), None);
}

async fn a_session_that_is_used_ends_later_and_one_that_was_ended_stays_so(credentials: Shared) {
    let opened = session("an", 1, 10);
    credentials.keep_session(key(1), &opened).await.unwrap();
    credentials.touch_session(key(1), at(5)).await.unwrap();
    let used = session("an", 5, 10);
    assert_eq!(credentials.session(key(1)).await.unwrap(), Some(used));

    credentials.end_session(key(1)).await.unwrap();
    credentials.touch_session(key(1), at(6)).await.unwrap();
    assert_eq!(credentials.session(key(1)).await.unwrap(), None);
}

async fn sessions_of_one_account_end_together(credentials: Shared) {
    for (number, account) in [(1, "an"), (2, "an"), (3, "an-2")] {
        let opened = session(account, 1, 2);
        credentials
            .keep_session(key(number), &opened)
            .await
            .unwrap();
    }
    credentials.end_sessions_of("an").await.unwrap();
    for (number, is_there) in [(1, false), (2, false), (3, true)] {
        let found = credentials.session(key(number)).await.unwrap();
        assert_eq!(found.is_some(), is_there, "session {number}");
    }
}

async fn a_sweep_takes_what_is_over_at_that_moment_and_counts_it(credentials: Shared) {
    let opened = [(1, 5, 100), (2, 6, 100), (3, 100, 5), (4, 100, 6)];
    for (number, idle_ends, ends) in opened {
        let opened = session("an", idle_ends, ends);
        credentials
            .keep_session(key(number), &opened)
            .await
            .unwrap();
    }
    assert_eq!(credentials.sweep_sessions(at(4)).await.unwrap(), 0);
    assert_eq!(credentials.sweep_sessions(at(5)).await.unwrap(), 2);
    for (number, is_there) in [(1, false), (2, true), (3, false), (4, true)] {
        let found = credentials.session(key(number)).await.unwrap();
        assert_eq!(found.is_some(), is_there, "session {number}");
    }
    assert_eq!(credentials.sweep_sessions(at(5)).await.unwrap(), 0);
}

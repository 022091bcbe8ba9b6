//! Records that this program does not know, or that do not hold together; and finding one's way from
//! words, objects and times to records.

use jiff::ToSpan;
use jiff::civil::{Date, date};
use socai_domain::id::{ObligationId, UnitId};
use socai_domain::origin::Obligations;
use socai_domain::rate::Bucket;
use socai_domain::standing::DueMode;
use socai_domain::subject::Subject;
use socai_ledger::fact::About;
use socai_ledger::flags::Sort;
use socai_ledger::notes::known_at;
use socai_ledger::query::{Grouping, Lineage, Query};
use socai_ledger::snapshot::{SNAPSHOT_VERSION, SnapshotError};
use socai_ledger::timeline::Reach;
use socai_ledger::{Fact, FoldError, Image};
use socai_store::{Position, Recorded};

use super::history::{History, START};
use super::snapshot;

const TASK: &str = r#"{"task":"duong","assignment":{"document":"below","title":"Làm đường","leads":[{"unit":"a"},{"unit":"b"}],"due":{"rule":"fixed","date":"2018-12-20"},"claim_is_enough":true}}"#;

/// A ledger with one task for two units.
fn small() -> History {
    let mut history = History::of(&[]);
    assert!(history.execute("task.assign", TASK, START, 1));
    history
}

fn with(record: &Recorded, from: &str, to: &str) -> Recorded {
    let text = String::from_utf8(record.bytes.to_vec()).unwrap();
    assert!(text.contains(from), "{text}");
    Recorded {
        position: record.position,
        bytes: text.replacen(from, to, 1).into_bytes().into(),
    }
}

#[test]
fn what_a_later_program_wrote_keeps_its_place_and_changes_nothing() {
    let mut history = small();
    history.push_unknown("obligation.duong_a");
    history.push_unknown("weather.hanoi");
    let claim = r#"{"obligation":"duong_a"}"#;
    history.today = START + 3.days();
    history.push_unknown("unit.a");
    let before = history.book.obligations["duong_a"].revision();
    let origin_day = history.today;
    assert!(history.execute("task.claim", claim, origin_day, 1));

    let image = history.image();
    assert_eq!(before + 2, image.revision("obligation.duong_a"));
    assert_eq!(
        (2, 1),
        (image.revision("unit.a"), image.revision("weather.hanoi"))
    );
    let kept = image.obligation(&"duong_a".parse().unwrap()).unwrap();
    let plain = &history.book.obligations["duong_a"];
    assert_eq!(plain.standing(origin_day), kept.standing(origin_day));
    assert_eq!(2, kept.done.last().unwrap().revision);
    let weather = history
        .records
        .iter()
        .map(|record| Fact::decode(record).unwrap());
    let weather = weather.filter(|fact| fact.about == About::Unknown("weather.hanoi".into()));
    assert!(weather.map(|fact| fact.event).eq([None]));

    // The revision is the place in the stream, what cannot be read included.
    let reverse = r#"{"obligation":"duong_a","revision":1,"reason":"nhầm"}"#;
    history.execute("obligation.reverse", reverse, origin_day, 1);
    let undone = with(
        history.records.last().unwrap(),
        r#""revision":1,"reason""#,
        r#""revision":2,"reason""#,
    );
    let mut image = image;
    image.fold(&Fact::decode(&undone).unwrap()).unwrap();
    assert!(
        image
            .open_of(&"a".parse::<UnitId>().unwrap())
            .contains(&"duong_a".parse().unwrap())
    );
}

/// Keys, heads and exports are the registry's, and a snapshot keeps them.
#[test]
fn what_proves_the_ledger_is_kept_with_the_rest() {
    let mut history = small();
    let key = r#"{"key":"socai/thu+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"}"#;
    let heads = r#"{"size":9,"streams":7,"root":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}"#;
    let export = r#"{"evidence":"e","of":{"unit":"a"},"from":"2018-01-01","to":"2018-12-31","size":9,"records":2,"root":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}"#;
    for (name, body) in [
        ("ledger.add_log_key", key),
        ("ledger.seal_heads", heads),
        ("evidence.export", export),
    ] {
        assert!(history.execute(name, body, START, 1), "{name}");
    }
    let image = Image::read_snapshot(&*snapshot(&history.image())).unwrap();
    assert_eq!(&history.book.registry, image.registry());
    let (ledger, evidence) = (&image.registry().ledger, &image.registry().evidence);
    assert_eq!((1, 1), (ledger.log_keys.len(), evidence.len()));
    assert_eq!(
        (3, 1),
        (image.revision("ledger.main"), image.revision("evidence.e"))
    );
    let told = image.positions_of(&Subject::parse("evidence.e").unwrap(), Reach::Alone);
    assert_eq!(vec![image.position()], told);
}

#[test]
fn a_body_of_a_known_type_has_to_read() {
    let history = small();
    let last = history.records.last().unwrap();
    let position = last.position;
    for (from, to, reason) in [
        (r#""title""#, r#""titel""#, "title"),
        (r#""document":"below""#, r#""document":"Below""#, "Below"),
        (r#""actor":"an""#, r#""actor":"An""#, "actor"),
        (
            r#""subject":"task.duong""#,
            r#""subject":"task.-duong""#,
            "-duong",
        ),
        (r#""time":"2018"#, r#""time":"tuần"#, "time"),
    ] {
        let error = Fact::decode(&with(last, from, to)).unwrap_err();
        assert!(matches!(&error, FoldError::Unreadable { position: at, .. } if *at == position));
        let text = error.to_string();
        assert!(
            text.starts_with(&format!("position {position}: ")) && text.contains(reason),
            "{text}"
        );
    }
}

#[test]
fn a_hole_stops_the_fold_and_is_named() {
    let history = small();
    let mut image = Image::new();
    let fact = |at: usize| Fact::decode(&history.records[at]).unwrap();
    image.fold(&fact(0)).unwrap();

    let gap = image.fold(&fact(2)).unwrap_err();
    assert_eq!(
        "position 2 is missing: the record after position 1 is at 3",
        gap.to_string()
    );
    let again = image.fold(&fact(0)).unwrap_err();
    assert!(matches!(
        again,
        FoldError::Gap {
            expected: Position(2),
            found: Position(1)
        }
    ));
    let later = Fact {
        revision: 2,
        ..fact(1)
    };
    let error = image.fold(&later).unwrap_err().to_string();
    assert_eq!(
        "position 2: revision 1 of unit.a is missing: the record says 2",
        error
    );

    image.fold(&fact(1)).unwrap();
    assert_eq!(Position(2), image.position());
    let chunks = [Ok::<_, std::io::Error>(history.records[3..].to_vec())];
    assert!(
        image
            .fold_all(chunks.into_iter())
            .unwrap_err()
            .to_string()
            .contains("position 3 is missing")
    );
}

/// Three kinds of trouble in the third of five chunks: what comes before is folded, nothing after.
#[test]
fn a_fold_over_two_threads_ends_where_the_trouble_is() {
    let records = small().records;
    let (size, fifth) = (2, 4);
    let chunks = || records.chunks(size).take(5).map(|chunk| Ok(chunk.to_vec()));
    let trouble = |third: Result<Vec<Recorded>, std::io::Error>| {
        let mut third = Some(third);
        let chunks = chunks().enumerate();
        let chunks = chunks.map(|(at, chunk)| {
            if at == 2 {
                third.take().unwrap()
            } else {
                chunk
            }
        });
        let mut image = Image::new();
        let error = image
            .fold_all(chunks.collect::<Vec<_>>().into_iter())
            .unwrap_err();
        (image.position().0, error.to_string())
    };
    assert_eq!(
        (4, "the records cannot be read".to_owned()),
        trouble(Err(std::io::Error::other("gone")))
    );
    let unreadable = with(&records[fifth + 1], r#""actor":"an""#, r#""actor":"An""#);
    let (position, error) = trouble(Ok(vec![
        records[fifth].clone(),
        unreadable,
        records[fifth + 2].clone(),
    ]));
    assert_eq!(5, position);
    assert!(error.starts_with("position 6: \"actor\""), "{error}");
    let (position, error) = trouble(Ok(vec![records[fifth].clone()]));
    assert_eq!(
        (
            5,
            "position 6 is missing: the record after position 5 is at 7"
        ),
        (position, &*error)
    );
}

#[test]
fn what_cannot_follow_stops_the_fold() {
    let history = small();
    let mut records = history.records.clone();
    let last = records.last().unwrap().clone();
    let next = Recorded {
        position: last.position.plus(1),
        ..last
    };
    records.push(with(
        &next,
        r#""subject":"task.duong""#,
        r#""subject":"obligation.nothing_a""#,
    ));
    records.last_mut().unwrap().bytes = with(
        records.last().unwrap(),
        "task.assigned.v1",
        "task.acknowledged.v1",
    )
    .bytes;
    let mut image = history.image();
    let error = image
        .fold(&Fact::decode(records.last().unwrap()).unwrap())
        .unwrap_err();
    assert!(matches!(error, FoldError::Misfit { .. }), "{error}");

    let twice = with(&next, r#""revision":1"#, r#""revision":2"#);
    let error = history
        .image()
        .fold(&Fact::decode(&twice).unwrap())
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("position {}", next.position)),
        "{error}"
    );
}

#[test]
fn a_snapshot_that_is_not_whole_is_refused() {
    let history = small();
    let bytes = snapshot(&history.image());
    assert!(matches!(
        Image::read_snapshot(&b"{}"[..]),
        Err(SnapshotError::NotASnapshot)
    ));
    let mut other = bytes.clone();
    other[8] += 1;
    assert!(matches!(
        Image::read_snapshot(&*other),
        Err(SnapshotError::OtherVersion { found }) if found == SNAPSHOT_VERSION + 1
    ));
    for at in (12..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        assert!(
            matches!(Image::read_snapshot(&*damaged), Err(SnapshotError::Damaged)),
            "byte {at}"
        );
        assert!(
            matches!(
                Image::read_snapshot(&bytes[..at]),
                Err(SnapshotError::Damaged)
            ),
            "{at} bytes"
        );
    }
}

#[test]
fn an_object_leads_to_every_record_that_tells_of_it() {
    let mut history = small();
    let opened = history.records.len() as u64;
    history.today = START + 4.days();
    let day = history.today;
    for (name, body) in [
        (
            "obligation.transfer",
            r#"{"obligation":"duong_a","to":"c"}"#,
        ),
        ("task.claim", r#"{"obligation":"duong_b"}"#),
        ("unit.rename", r#"{"unit":"a","name":"Sở A"}"#),
    ] {
        assert!(history.execute(name, body, day, 1), "{name}");
    }
    let image = history.image();
    let positions = |subject: &str, reach| {
        let found = image.positions_of(&Subject::parse(subject).unwrap(), reach);
        found
            .into_iter()
            .map(|position| position.0)
            .collect::<Vec<_>>()
    };
    let (transferred, claimed, renamed) = (opened + 1, opened + 2, opened + 3);
    assert_eq!(
        vec![opened, transferred],
        positions("obligation.duong_a", Reach::Alone)
    );
    assert_eq!(
        vec![2, opened, transferred, renamed],
        positions("unit.a", Reach::Alone)
    );
    assert_eq!(
        vec![4, opened, transferred],
        positions("unit.c", Reach::Alone)
    );
    assert_eq!(
        vec![opened, transferred, claimed],
        positions("task.duong", Reach::Alone)
    );
    let below = positions("document.below", Reach::Alone);
    assert!(
        below.ends_with(&[opened, transferred, claimed]),
        "{below:?}"
    );
    assert!(!positions("document.top", Reach::Alone).contains(&opened));
    assert!(positions("document.top", Reach::Chain(day)).contains(&claimed));
    assert!(positions("unit.nobody", Reach::Alone).is_empty());
    assert!(positions("group.g", Reach::Alone).len() == 1);

    let rows = image.obligations(&Query::as_of(START + 1.day()));
    assert!(
        rows.iter().all(|row| row.positions == [Position(opened)]),
        "later facts are not told yet"
    );
}

#[test]
fn an_extension_helps_against_the_due_date_in_force_only() {
    let mut history = small();
    history.today = date(2019, 1, 5);
    let granted = date(2018, 12, 18);
    let extend = r#"{"obligation":"duong_a","due":"2019-01-31","by":"d","reason":"mưa lũ"}"#;
    assert!(history.execute("obligation.extend", extend, granted, 1));
    assert!(history.execute(
        "task.claim",
        r#"{"obligation":"duong_a"}"#,
        history.today,
        1
    ));
    let image = history.image();
    let bucket = |day: Date, due_mode| {
        let rows = image.obligations(&Query {
            due_mode,
            ..Query::as_of(day)
        });
        (rows[0].bucket, rows[0].due.unwrap(), rows[0].days_late)
    };
    let (first, second) = (date(2018, 12, 20), date(2019, 1, 31));
    for (day, current, original) in [
        (
            granted - 1.day(),
            (Bucket::Pending, first, None),
            (Bucket::Pending, first, None),
        ),
        (
            first + 1.day(),
            (Bucket::Pending, second, None),
            (Bucket::Overdue, first, Some(1)),
        ),
        (
            history.today,
            (Bucket::OnTime, second, None),
            (Bucket::Late, first, Some(16)),
        ),
    ] {
        assert_eq!(
            (current, original),
            (
                bucket(day, DueMode::Current),
                bucket(day, DueMode::Original)
            ),
            "{day}"
        );
    }
    assert_eq!(1, image.obligations(&Query::as_of(granted))[0].extensions);
}

#[test]
fn an_extended_due_date_is_flagged_anew() {
    let mut history = small();
    history.today = date(2019, 1, 15);
    let today = history.today;
    let flag = |on: Date| format!(r#"{{"obligation":"duong_a","on":"{on}"}}"#);
    let extend = r#"{"obligation":"duong_a","due":"2019-01-10","by":"d","requested":"2018-12-19","reason":"mưa lũ"}"#;
    let a: ObligationId = "duong_a".parse().unwrap();
    let left = |history: &History, day| history.image().overdue_on(day).contains(&a);
    let amiss = |history: &History, day| {
        let differences = history.image().check_flags(day).into_iter();
        differences
            .filter(|it| it.obligation == a)
            .map(|it| it.sort)
            .collect::<Vec<_>>()
    };
    let first = date(2018, 12, 21);
    assert!(left(&history, first) && !left(&history, first - 1.day()));
    assert!(history.execute("obligation.flag_late", &flag(first), first, 1));
    assert!(!left(&history, first) && amiss(&history, first).is_empty());

    assert!(history.execute("obligation.extend", extend, date(2018, 12, 26), 1));
    assert!(
        amiss(&history, date(2018, 12, 26)).is_empty(),
        "the flag is for the first due date"
    );
    assert_eq!(
        (true, vec![Sort::NotFlagged]),
        (left(&history, today), amiss(&history, today))
    );
    assert!(history.execute("obligation.flag_late", &flag(today), today, 1));
    assert_eq!(
        (false, vec![]),
        (left(&history, today), amiss(&history, today))
    );

    let claim = r#"{"obligation":"duong_a"}"#;
    assert!(
        history.execute("task.claim", claim, date(2019, 1, 9), 1),
        "told late: it was in time"
    );
    assert_eq!(vec![Sort::FlaggedInTime], amiss(&history, today));
}

#[test]
fn a_group_counts_what_its_members_of_the_day_came_to_owe() {
    let mut history = small();
    for (day, name, body) in [
        (2, "group.change", r#"{"group":"g","remove":["a"]}"#),
        (3, "group.change", r#"{"group":"g","add":["c"]}"#),
        (
            5,
            "obligation.transfer",
            r#"{"obligation":"duong_a","to":"c"}"#,
        ),
        (
            7,
            "obligation.transfer",
            r#"{"obligation":"duong_a","to":"d"}"#,
        ),
        (9, "group.change", r#"{"group":"g","add":["d"]}"#),
    ] {
        history.today = START + i64::from(day).days();
        assert!(
            history.execute(name, body, history.today, 1),
            "{name} {body}"
        );
    }
    let image = history.image();
    let counted = |day: i64| {
        let group = Some("g".parse().unwrap());
        let query = Query {
            group,
            ..Query::as_of(START + day.days())
        };
        let units = image
            .obligations(&query)
            .into_iter()
            .map(|row| row.unit.to_string());
        let units: Vec<String> = units.collect();
        let row = &image
            .rates(&Query::as_of(START + day.days()), Grouping::Group)
            .rows[0];
        assert_eq!(units.len() as u64, row.counts.total());
        units.concat()
    };
    assert_eq!("ab", counted(1));
    assert_eq!("ab", counted(4), "a was a member when it was opened");
    assert_eq!("cb", counted(6), "c was one when it took it over");
    assert_eq!("b", counted(10), "d joined after it had taken it over");
}

#[test]
fn a_merged_unit_counts_for_the_last_that_took_it_over_and_a_divided_one_for_itself() {
    let mut history = small();
    for (day, name, body) in [
        (5, "unit.merge", r#"{"units":["a"],"into":"b"}"#),
        (9, "unit.merge", r#"{"units":["b"],"into":"c"}"#),
        (
            14,
            "unit.form",
            r#"{"unit":"e","name":"Đơn vị e","kind":"commune"}"#,
        ),
        (14, "unit.divide", r#"{"unit":"c","among":["d","e"]}"#),
    ] {
        history.today = START + i64::from(day).days();
        let day = history.today;
        assert!(history.execute(name, body, day, 1), "{name} {body}");
    }
    let image = history.image();
    let rows = |day: i64, lineage| {
        let query = Query {
            lineage,
            ..Query::as_of(START + day.days())
        };
        let rows = image.rates(&query, Grouping::Unit).rows.into_iter();
        rows.map(|row| (row.id, row.ended, row.counts.pending))
            .collect::<Vec<_>>()
    };
    let row = |id: &str, ended, pending| (id.to_owned(), ended, pending);
    let (one, two) = (row("b", false, 1), row("b", false, 2));
    assert_eq!(
        vec![row("a", false, 1), one.clone()],
        rows(4, Lineage::Successor)
    );
    assert_eq!(
        vec![two],
        rows(5, Lineage::Successor),
        "from the day of the merger"
    );
    assert_eq!(vec![row("a", true, 1), one], rows(5, Lineage::Recorded));
    assert_eq!(
        vec![row("c", false, 2)],
        rows(9, Lineage::Successor),
        "through two mergers"
    );
    assert_eq!(
        vec![row("c", true, 2)],
        rows(14, Lineage::Successor),
        "a divided unit stays"
    );
    assert_eq!(
        vec![row("a", true, 1), row("b", true, 1)],
        rows(14, Lineage::Recorded)
    );
}

#[test]
fn words_find_things_with_and_without_marks() {
    let mut history = small();
    for (id, name) in [("x1", "Đường Láng"), ("x2", "Ban Đương"), ("x3", "Duong")] {
        let body = format!(r#"{{"unit":"{id}","name":"{name}","kind":"commune"}}"#);
        assert!(history.execute("unit.form", &body, START, 1));
    }
    let image = history.image();
    let found = |query: &str| {
        let found = image
            .search(query, 10)
            .into_iter()
            .map(|found| found.subject.to_string());
        found.collect::<Vec<_>>()
    };
    let all = found("duong");
    assert_eq!("unit.x3", all[0], "what is written so comes first");
    for subject in ["unit.x1", "unit.x2", "task.duong"] {
        assert!(all.contains(&subject.to_owned()), "{subject}: {all:?}");
    }
    let marked = found("đường");
    assert!(
        marked[..2].contains(&"unit.x1".to_owned()),
        "marks given are marks meant: {marked:?}"
    );
    assert!(
        marked[2..].contains(&"unit.x2".to_owned()),
        "and others come after: {marked:?}"
    );
    assert_eq!(vec!["task.duong"], found("làm đường"));
    assert_eq!("document.top", found("chỉ thị")[0]);
    assert_eq!(vec!["requirement.r0"], found("báo cáo r0"));
    assert!(found("không có gì").is_empty() && found("").is_empty());
}

#[test]
fn notes_tell_what_was_told_late_made_up_or_taken_back() {
    let mut history = small();
    history.today = START + 9.days();
    let claimed = START + 2.days();
    assert!(history.execute("task.claim", r#"{"obligation":"duong_a"}"#, claimed, 3));
    let reverse = r#"{"obligation":"duong_a","revision":1,"reason":"nhầm"}"#;
    assert!(history.execute("obligation.reverse", reverse, claimed, 1));

    let image = history.image();
    let notes = image.notes(&Query::as_of(history.today), 5);
    assert_eq!(
        (2, 1, 2, 2, 1),
        (
            notes.obligations,
            notes.synthetic,
            notes.events,
            notes.back_dated,
            notes.reversed
        )
    );
    assert_eq!(0, image.notes(&Query::as_of(history.today), 7).back_dated);
    let claim = image.note(Position(image.position().0 - 1)).unwrap();
    assert_eq!(
        (claimed, history.today, true, 7),
        (
            claim.on,
            claim.recorded_on,
            claim.synthetic,
            claim.days_after()
        )
    );
    assert_eq!(None, image.note(image.position().plus(1)));
    assert_eq!(None, image.note(Position(0)));
}

#[test]
fn a_time_means_the_records_before_the_first_later_one() {
    let mut history = small();
    let founded = Position(history.records.len() as u64);
    history.today = START + 2.days();
    assert!(history.execute("unit.rename", r#"{"unit":"a","name":"Sở A"}"#, START, 1));
    let image = history.image();
    let time = |at: usize| Fact::decode(&history.records[at]).unwrap().recorded;
    let known = |at| {
        let before = image.known_before(at);
        let rest = history
            .records
            .iter()
            .skip(usize::try_from(before.0).unwrap());
        known_at(
            rest.map(|record| (record.position, Fact::decode(record).unwrap().recorded)),
            before,
            at,
        )
    };
    let (first, last) = (time(0), time(history.records.len() - 1));
    assert_eq!(Position(0), known(first - 1.millisecond()));
    assert_eq!(
        (founded, founded),
        (known(first), known(last - 1.millisecond()))
    );
    assert_eq!(
        (image.position(), image.position()),
        (known(last), known(last + 24.hours()))
    );
    assert_eq!(Some(last), image.last_recorded());
}

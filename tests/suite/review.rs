//! The review: its golden files, its schema, and what must hold of every page.

pub(crate) mod hanoi;
mod markup;
mod scenario;

use std::time::Instant;

use expect_test::expect_file;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value, json};
use socai_domain::id::UnitId;
use socai_domain::obligation::Kind;
use socai_domain::rate::{Bucket, RateId};
use socai_domain::unit;
use socai_review::facts::{FlagsCheck, Mark, Missed};
use socai_review::{
    Facts, Language, Row, Subjects, Units, count, disagreements, render_html, render_json, schema,
};

fn html(facts: &Facts) -> String {
    render_html(facts, Language::Vietnamese)
}

/// The facts of a review in which nothing was owed.
fn empty() -> Facts {
    let full = scenario::facts(0);
    Facts {
        counted: count(&[], &Units::new(), &Subjects::new(), &full.asked),
        chain: Vec::new(),
        extensions: Vec::new(),
        excuses: Vec::new(),
        unit_changes: Vec::new(),
        acts: Vec::new(),
        inspections: Vec::new(),
        flags: FlagsCheck::default(),
        issuer: None,
        ..full
    }
}

/// The golden review is the specification; the diff is what gets reviewed.
#[test]
fn the_review_is_the_golden_one() {
    let facts = scenario::facts(0);
    expect_file!["../golden/review/facts.json"].assert_eq(&render_json(&facts));
    expect_file!["../golden/review/review.html"].assert_eq(&html(&facts));
    let english = render_html(&facts, Language::English);
    expect_file!["../golden/review/review.en.html"].assert_eq(&english);
    expect_file!["../golden/review/empty.html"].assert_eq(&html(&empty()));
}

#[test]
fn the_schema_is_fresh() {
    let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    expect_file!["../../schemas/review.schema.json"].assert_eq(&text);
}

/// Two runs, and a run over facts that have been to a file and back.
#[test]
fn the_same_facts_give_the_same_bytes() {
    let (facts, again) = (scenario::facts(3), scenario::facts(3));
    assert_eq!(render_json(&facts), render_json(&again));
    let read: Facts = serde_json::from_str(&render_json(&facts)).unwrap();
    assert_eq!(read, facts);
    assert_eq!(html(&read), html(&facts));
}

#[test]
fn the_facts_fit_the_schema_and_strangers_do_not() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for facts in [scenario::facts(0), empty()] {
        let value: Value = serde_json::from_str(&render_json(&facts)).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&value)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    type Spoil = fn(&mut Value);
    let spoilt: [(&str, Spoil); 4] = [
        ("a number as text", |facts| {
            facts["ledger"]["position"] = json!("4812")
        }),
        ("a field too many", |facts| facts["secret_list"] = json!([])),
        ("an unknown bucket", |facts| {
            facts["counted"]["missed"][0]["bucket"] = json!("done")
        }),
        ("no rates", |facts| {
            let tally = &mut facts["counted"]["totals"]["tasks"];
            tally.as_object_mut().unwrap().remove("rates");
        }),
    ];
    for (what, spoil) in spoilt {
        let mut value: Value = serde_json::from_str(&render_json(&scenario::facts(0))).unwrap();
        spoil(&mut value);
        assert!(!validator.is_valid(&value), "{what}");
    }
}

#[test]
fn a_number_changed_by_hand_is_found() {
    let sound = scenario::facts(2);
    assert_eq!(disagreements(&sound), Vec::<String>::new());
    assert_eq!(disagreements(&empty()), Vec::<String>::new());

    type Spoil = fn(&mut Facts);
    let spoilt: [(&str, Spoil); 8] = [
        ("a total", |f| f.counted.totals.tasks.counts.on_time += 1),
        ("a unit", |f| {
            f.counted.by_unit[0].totals.reports.counts.late += 1
        }),
        ("a year", |f| {
            f.counted.by_year[1].totals.reports.counts.late += 1
        }),
        ("a quarter", |f| {
            f.counted.by_quarter[4].totals.reports.counts.late += 1
        }),
        ("a percentage", |f| {
            f.counted.totals.reports.rates[0].percent = Some("100.00".to_owned());
        }),
        ("a cell", |f| {
            f.counted.matrix.rows[0]
                .cells
                .iter_mut()
                .flatten()
                .next()
                .unwrap()
                .mark = Mark::OnTime;
            f.counted.matrix.rows[0]
                .cells
                .iter_mut()
                .flatten()
                .next()
                .unwrap()
                .text = "9/9".to_owned();
        }),
        ("the list of what is late", |f| drop(f.counted.missed.pop())),
        ("an age", |f| f.counted.ageing[5].tasks += 1),
    ];
    for (what, spoil) in spoilt {
        let mut facts = scenario::facts(2);
        spoil(&mut facts);
        assert_ne!(disagreements(&facts), Vec::<String>::new(), "{what}");
    }
}

#[test]
fn the_page_is_balanced_and_fetches_nothing() {
    let pages = [
        html(&scenario::facts(0)),
        render_html(&scenario::facts(0), Language::English),
        html(&empty()),
    ];
    for page in pages {
        markup::check_balanced(&page).unwrap();
        assert_eq!(markup::fetches(&page), Vec::<&str>::new());
        assert!(!page.contains("<script"), "the page runs nothing");
    }
}

/// Breaking the check of the check: pages that must not pass.
#[test]
fn the_check_of_markup_finds_what_is_wrong() {
    for broken in [
        "<p>",
        "<p></b>",
        "<p>a</p></p>",
        "<p><b></p></b>",
        "<p a=\"<\">x</p>",
    ] {
        assert!(markup::check_balanced(broken).is_err(), "{broken}");
    }
    for page in [
        "<img src=\"a.png\">",
        "<link rel=stylesheet href=\"a.css\">",
        "<style>a{b:url(x.png)}</style>",
        "<style>@import 'x'</style>",
        "<a href=\"https://example.org\">",
    ] {
        assert!(!markup::fetches(page).is_empty(), "{page}");
    }
}

/// What stands in tables is what is in the facts, cell by cell.
#[test]
fn the_tables_show_the_facts() {
    let facts = scenario::facts(4);
    let page = html(&facts);
    for (annex, kind) in [("annex-2", Kind::Task), ("annex-3", Kind::Report)] {
        let rows = markup::rows(&page, annex);
        let league = match kind {
            Kind::Task => &facts.counted.leagues.tasks,
            Kind::Report => &facts.counted.leagues.reports,
        };
        for place in league {
            let unit = facts
                .counted
                .by_unit
                .iter()
                .find(|row| row.unit == place.unit)
                .unwrap();
            let tally = unit.totals.of_kind(kind);
            let shown = rows
                .iter()
                .find(|row| row.get(1).is_some_and(|name| starts(name, &place.name)));
            let shown = shown.unwrap_or_else(|| panic!("{} is not in {annex}", place.name));
            let mut expected = vec![tally.counts.total()];
            expected.extend(Bucket::ALL.map(|bucket| tally.counts.get(bucket)));
            let numbers: Vec<u64> = shown[2..9].iter().map(|n| n.parse().unwrap()).collect();
            assert_eq!(numbers, expected, "{}", place.name);
            let rate = match &place.rate.percent {
                Some(percent) => percent.replace('.', ",") + "\u{a0}%",
                None => "–".to_owned(),
            };
            assert_eq!(
                shown[9],
                format!("{rate} {}/{}", place.rate.n, place.rate.d)
            );
        }
    }
    let rows = markup::rows(&page, "annex-3");
    for row in &facts.counted.matrix.rows {
        let shown: Vec<String> = row
            .cells
            .iter()
            .map(|cell| {
                cell.as_ref()
                    .map(|c| format!("{}\u{a0}{}", c.symbol, c.text))
            })
            .map(Option::unwrap_or_default)
            .collect();
        let parts: Vec<_> = rows.iter().filter(|cells| cells[0] == row.name).collect();
        // The tables of counts have a rank before the name; those of the matrix do not.
        let joined: Vec<String> = parts.iter().flat_map(|cells| cells[1..].to_vec()).collect();
        assert_eq!(joined, shown, "{}", row.name);
    }
}

fn starts(cell: &str, name: &str) -> bool {
    cell == name || cell.starts_with(&format!("{name} ("))
}

#[test]
fn every_late_and_missing_item_is_listed_with_its_events() {
    let facts = scenario::facts(4);
    let page = html(&facts);
    for (annex, kind) in [("annex-2", Kind::Task), ("annex-3", Kind::Report)] {
        let rows = markup::rows(&page, annex);
        for missed in facts
            .counted
            .missed
            .iter()
            .filter(|missed| missed.kind == kind)
        {
            let events = format!("{}, {}", missed.positions[0], missed.positions[1]);
            let listed = |row: &&Vec<String>| {
                row.len() == 7
                    && row[1] == missed.name
                    && row[5].replace('.', "") == missed.days_late.to_string()
                    && row[6] == events
            };
            assert!(rows.iter().any(|row| listed(&row)), "{}", missed.obligation);
        }
    }
}

#[test]
fn a_hostile_name_is_shown_and_not_run() {
    let hostile = "</title></style><script>alert(1)</script> \"'&";
    let mut facts = scenario::facts(0);
    facts.document.subject = Some(hostile.to_owned());
    facts.asked.definition = hostile.to_owned();
    facts.ledger.origin = hostile.to_owned();
    facts.counted.leagues.tasks[0].name = hostile.to_owned();
    facts.counted.matrix.rows[0].name = hostile.to_owned();
    facts.acts[4].text = Some(hostile.to_owned());
    facts.inspections[0].findings[0].text = hostile.to_owned();
    let page = html(&facts);
    assert!(!page.contains("<script"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt; &quot;&#39;&amp;"));
    assert_eq!(page.matches("</style>").count(), 1);
    assert_eq!(
        page.matches("</title>").count(),
        html(&scenario::facts(0)).matches("</title>").count()
    );
    markup::check_balanced(&page).unwrap();
}

#[test]
fn nothing_due_is_said_and_never_a_percentage() {
    let mut facts = empty();
    let page = html(&facts);
    assert!(page.contains("Trong kỳ không có nhiệm vụ nào."));
    assert!(page.contains("Trong kỳ không có báo cáo nào phải gửi."));
    assert!(!page.contains("0,00"), "0/0 is no percentage");

    // Owed without a due date: counted, and yet nothing was due.
    let row = Row {
        obligation: "viec_don-vi".parse().unwrap(),
        kind: Kind::Task,
        subject: "viec".to_owned(),
        period: None,
        unit: UnitId::new("don-vi").unwrap(),
        opened: date(2015, 1, 5),
        due: None,
        original_due: None,
        fulfilled: None,
        bucket: Bucket::NoDueDate,
        positions: vec![1],
    };
    let units = Units::from([(
        row.unit.clone(),
        ("Đơn vị".to_owned(), unit::Kind::Other, None),
    )]);
    facts.counted = count(&[row], &units, &Subjects::new(), &facts.asked);
    assert_eq!(
        facts
            .counted
            .totals
            .tasks
            .rate(RateId::CompletedOfDue)
            .percent,
        None
    );
    assert_eq!(facts.counted.leagues.tasks[0].rank, None);
    let page = html(&facts);
    assert!(
        page.contains("không có nhiệm vụ đến hạn (completed_of_due)"),
        "{page}"
    );
    assert!(!page.contains("0,00"), "0/0 is no percentage");
}

#[test]
fn the_head_follows_the_issuer() {
    let mut facts = scenario::facts(0);
    let party = html(&facts);
    assert!(party.contains("ĐẢNG CỘNG SẢN VIỆT NAM") && !party.contains("CỘNG HÒA XÃ HỘI"));
    facts.issuer.as_mut().unwrap().kind = unit::Kind::PeoplesCommittee;
    let state = html(&facts);
    assert!(state.contains("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"));
    assert!(state.contains("Độc lập - Tự do - Hạnh phúc"));
    assert!(!state.contains("ĐẢNG CỘNG SẢN VIỆT NAM"));
}

#[test]
fn made_up_data_say_so_and_real_data_do_not() {
    let mut facts = scenario::facts(0);
    assert_eq!(html(&facts).matches("DỮ LIỆU MINH HỌA").count(), 2);
    facts.notes.synthetic = 0;
    assert_eq!(html(&facts).matches("DỮ LIỆU MINH HỌA").count(), 0);
}

/// A thousand units over twenty quarters. The time is printed, not judged.
#[test]
fn a_city_of_a_thousand_units_has_a_review() {
    let facts = scenario::facts(986);
    assert_eq!(facts.counted.by_unit.len(), 1_000);
    let begun = Instant::now();
    let page = html(&facts);
    println!("{} bytes of HTML in {:?}", page.len(), begun.elapsed());
    let begun = Instant::now();
    let text = render_json(&facts);
    println!("{} bytes of JSON in {:?}", text.len(), begun.elapsed());
    assert_eq!(disagreements(&facts), Vec::<String>::new());
    markup::check_balanced(&page).unwrap();
}

fn any_row() -> impl Strategy<Value = Row> {
    let bucket = prop::sample::select(Bucket::ALL.to_vec());
    (
        0..2_u8,
        0..6_u8,
        0..1_800_i64,
        0..400_i64,
        bucket,
        0..1_000_000_u64,
    )
        .prop_map(|(kind, unit, day, later, bucket, turn)| {
            let due = date(2014, 1, 21) + jiff::ToSpan::days(day);
            let done = match bucket {
                Bucket::OnTime => Some(due),
                Bucket::Late => Some(due + jiff::ToSpan::days(later + 1)),
                Bucket::Pending | Bucket::Overdue | Bucket::Excused => None,
                Bucket::NoDueDate => (later % 2 == 0).then_some(due),
            };
            let as_of = date(2019, 3, 31);
            Row {
                obligation: format!("o-{turn}").parse().unwrap(),
                kind: [Kind::Task, Kind::Report][usize::from(kind)],
                subject: format!("s-{unit}"),
                period: None,
                unit: UnitId::new(&format!("u-{unit}")).unwrap(),
                opened: due,
                due: (bucket != Bucket::NoDueDate).then_some(due.min(as_of.yesterday().unwrap())),
                original_due: None,
                fulfilled: done,
                bucket,
                positions: vec![turn],
            }
        })
}

proptest! {
    /// All tables are sums of the same rows, in whatever order these come.
    #[test]
    fn tables_of_any_rows_agree(rows in prop::collection::vec(any_row(), 0..60)) {
        let mut facts = empty();
        facts.counted = count(&rows, &Units::new(), &Subjects::new(), &facts.asked);
        facts.flags.passed = facts.counted.missed.len() as u64;
        prop_assert_eq!(disagreements(&facts), Vec::<String>::new());
        let total = facts.counted.totals.tasks.counts.total() + facts.counted.totals.reports.counts.total();
        prop_assert_eq!(total, rows.len() as u64);

        let turned: Vec<Row> = rows.into_iter().rev().collect();
        let mut again = count(&turned, &Units::new(), &Subjects::new(), &facts.asked);
        let order = |a: &Missed, b: &Missed| (&a.obligation, a.due).cmp(&(&b.obligation, b.due));
        facts.counted.missed.sort_by(order);
        again.missed.sort_by(order);
        prop_assert_eq!(&facts.counted.by_unit, &again.by_unit);
        prop_assert_eq!(&facts.counted.leagues, &again.leagues);
        prop_assert_eq!(&facts.counted.matrix, &again.matrix);
    }

    /// Ranks follow rates: a better rate never stands lower.
    #[test]
    fn leagues_are_in_order(rows in prop::collection::vec(any_row(), 0..60)) {
        let counted = count(&rows, &Units::new(), &Subjects::new(), &empty().asked);
        for league in [counted.leagues.tasks, counted.leagues.reports] {
            for pair in league.windows(2) {
                let [a, b] = [&pair[0].rate, &pair[1].rate];
                let better = u128::from(a.n) * u128::from(b.d) > u128::from(b.n) * u128::from(a.d);
                let equal = u128::from(a.n) * u128::from(b.d) == u128::from(b.n) * u128::from(a.d);
                match (a.d, b.d) {
                    (_, 0) => prop_assert_eq!(pair[1].rank, None),
                    (0, _) => prop_assert!(false, "nothing due stands before something due"),
                    _ => {
                        prop_assert!(better || equal);
                        prop_assert_eq!(equal, pair[0].rank == pair[1].rank);
                    }
                }
            }
        }
    }
}

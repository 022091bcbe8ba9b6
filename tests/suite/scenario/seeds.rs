//! The scenario against the seeds: each row of `seed_scenario.json` is there, as it stands, and what
//! the seeds leave unsaid is absent.

use std::collections::BTreeMap;
use std::fs;

use jiff::civil::{Date, date};
use serde_json::Value;
use socai_domain::book::Book;
use socai_domain::document::{Document, Relation};
use socai_domain::due::DueRule;
use socai_domain::id::{DocumentId, RequirementId, TaskId};
use socai_domain::period::{Cadence, Window, WindowRule};
use socai_domain::requirement::Kind;
use socai_domain::task::Due;

use super::load::{lines, load};

const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data/seeds");

/// Two rows of the seeds, one decree.
const DECREE: [&str; 2] = ["S0-D3", "S1-D6"];

fn seeds() -> Value {
    let text = fs::read_to_string(format!("{SEEDS}/seed_scenario.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn rows<'a>(seeds: &'a Value, table: &str) -> &'a [Value] {
    seeds[table].as_array().unwrap()
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_default()
}

/// Without quotation marks and editors' remarks.
fn plain(words: &str) -> String {
    let words = words.trim_matches('"').replace(" [sic]", "");
    words.strip_prefix("— ").unwrap_or(&words).to_owned()
}

/// A numbered document by its number, another by the id of its row.
fn find<'a>(book: &'a Book, row: &Value) -> (&'a DocumentId, &'a Document) {
    let id = text(row, "id").to_lowercase();
    let number = row["number"].as_str();
    let fits = |(known, document): &(&DocumentId, &Document)| match number {
        Some(number) => document
            .number
            .as_ref()
            .is_some_and(|n| n.as_str() == number),
        None => known.as_str() == id,
    };
    let mut found = book.registry.documents.iter().filter(fits);
    let document = found.next().unwrap_or_else(|| panic!("{id} is missing"));
    assert!(found.next().is_none(), "{id} is there twice");
    document
}

fn by_seed_id(book: &Book) -> BTreeMap<String, DocumentId> {
    let seeds = seeds();
    let rows = rows(&seeds, "documents").iter();
    rows.map(|row| (text(row, "id").to_owned(), find(book, row).0.clone()))
        .collect()
}

#[test]
fn the_documents_of_the_seeds_are_there_as_they_stand() {
    let (loaded, seeds) = (load(), seeds());
    let rows = rows(&seeds, "documents");
    assert_eq!(rows.len(), 22);
    for row in rows {
        let id = text(row, "id");
        let (_, document) = find(&loaded.book, row);
        let stated = row["date"].as_str().map(|date| date.parse().unwrap());
        assert_eq!(document.date, stated, "{id}: date");
        let kind = document.kind.as_str().to_lowercase();
        assert!(text(row, "type").to_lowercase().starts_with(&kind), "{id}");
        let subject = document.subject.as_ref().map(ToString::to_string);
        let expected = plain(text(row, "subject"));
        let expected = Some(expected).filter(|s| !s.is_empty() && !s.starts_with("not stated"));
        if id != "S0-D3" {
            assert_eq!(subject, expected, "{id}: subject");
        }
        let issued_by_nobody_named = ["S3-D2", "S4-D2", "S4-D3"].contains(&id);
        assert_eq!(document.issuer.is_none(), issued_by_nobody_named, "{id}");
    }
}

#[test]
fn twenty_two_rows_are_twenty_one_documents() {
    let ids = by_seed_id(&load().book);
    assert_eq!(ids[DECREE[0]], ids[DECREE[1]]);
    let distinct: std::collections::BTreeSet<_> = ids.values().collect();
    assert_eq!((ids.len(), distinct.len()), (22, 21));
}

#[test]
fn the_relations_of_the_seeds_are_there() {
    let (loaded, seeds) = (load(), seeds());
    let ids = by_seed_id(&loaded.book);
    let rows = rows(&seeds, "relations");
    assert_eq!(rows.len(), 20);
    for row in rows {
        let (from, to) = (text(row, "from"), &ids[text(row, "to")]);
        let Some(from) = ids.get(from) else {
            let rule = &requirement(&loaded.book, from).rule;
            assert!(rule.directed_by.contains(to), "{row}");
            continue;
        };
        let expected = relation(text(row, "relation"));
        let relations = &loaded.book.registry.documents[from].relations;
        let there = relations
            .iter()
            .any(|(_, kind, other)| (*kind, other) == (expected, to));
        assert!(there, "{row}");
    }
}

fn relation(words: &str) -> Relation {
    match words {
        "sơ kết" => Relation::ReviewsInterim,
        "tiếp tục thực hiện" => Relation::Continues,
        "gắn với thực hiện" => Relation::LinkedWith,
        "tuyên truyền" => Relation::Publicises,
        "kế hoạch truyền thông cho" => Relation::PlansFor,
        words if words.starts_with("hướng dẫn") => Relation::Guides,
        words if words.contains("thực hiện") || words == "đưa nhiệm vụ vào, theo" => {
            Relation::Implements
        }
        other => panic!("{other}"),
    }
}

fn requirement<'a>(book: &'a Book, id: &str) -> &'a socai_domain::requirement::Requirement {
    let id = RequirementId::new(&id.to_lowercase()).unwrap();
    &book.registry.requirements[&id]
}

#[test]
fn the_requirements_of_the_seeds_state_no_due_date() {
    let (loaded, seeds) = (load(), seeds());
    let rows = rows(&seeds, "reporting_requirements");
    assert_eq!(rows.len(), 7);
    for row in rows {
        let id = text(row, "id");
        let rule = &requirement(&loaded.book, id).rule;
        assert_eq!(rule.title.as_str(), text(row, "what"), "{id}");
        assert_eq!(rule.due, DueRule::NotStated, "{id}");
        let unsaid =
            |field: &str| text(row, field).starts_with("not stated") || text(row, field) == "—";
        assert_eq!(rule.via.is_none(), unsaid("via"), "{id}: via");
        assert_eq!(rule.to.is_none(), unsaid("to"), "{id}: to");
        assert_eq!(rule.window, window(text(row, "window")), "{id}: window");
        assert_eq!(rule.cadence, cadence(text(row, "cadence")), "{id}: cadence");
        assert_eq!(rule.kind, kind(text(row, "kind")), "{id}: kind");
        let integrated = rule.host_report.is_some();
        assert_eq!(integrated, text(row, "kind").contains("tích hợp"), "{id}");
    }
}

fn window(words: &str) -> WindowRule {
    if words.starts_with("2014-01-21 → 2019-03-31") {
        let window = Window::new(date(2014, 1, 21), date(2019, 3, 31));
        return WindowRule::Fixed(window.unwrap());
    }
    assert!(words.starts_with("not stated") || words == "n/a", "{words}");
    WindowRule::NotStated
}

fn cadence(words: &str) -> Cadence {
    match words {
        "một lần" => Cadence::Once,
        "hàng năm" => Cadence::Yearly,
        "theo yêu cầu" => Cadence::OnRequest,
        "hàng quý, 6 tháng, cuối năm" => Cadence::Quarterly,
        words if words.starts_with("khi phát sinh") => Cadence::OnEvent,
        other => panic!("{other}"),
    }
}

fn kind(words: &str) -> Kind {
    match words {
        words if words.starts_with("chuyên đề") => Kind::Thematic,
        words if words.starts_with("định kỳ") => Kind::Periodic,
        words if words.starts_with("đột xuất") => Kind::AdHoc,
        other => panic!("{other}"),
    }
}

#[test]
fn the_tasks_of_the_seeds_are_due_when_the_seeds_say() {
    let (loaded, seeds) = (load(), seeds());
    let rows = rows(&seeds, "tasks");
    assert_eq!(rows.len(), 46);
    for row in rows {
        let id = TaskId::new(&text(row, "id").to_lowercase()).unwrap();
        let task = &loaded.book.registry.tasks[&id];
        assert_eq!(task.assignment.title.to_string(), plain(text(row, "task")));
        let stated = text(row, "deadline");
        assert_eq!(task.due, quarter_end(stated), "{id}");
        assert_eq!(task.due_set, None, "{id}");
        let waits = stated.starts_with("căn cứ thời gian thực tế");
        assert_eq!(matches!(task.assignment.due, Due::OnEvent { .. }), waits);
        let unsaid = stated.starts_with("not stated");
        assert_eq!(task.assignment.due_text.is_none(), unsaid, "{id}");
        let helped = !text(row, "coordinating").is_empty();
        assert_eq!(!task.assignment.coordinators.is_empty(), helped, "{id}");
    }
}

fn quarter_end(words: &str) -> Option<Date> {
    let ends = [
        ("quý II/2018", date(2018, 6, 30)),
        ("quý III/2018", date(2018, 9, 30)),
        ("quý IV/2018", date(2018, 12, 31)),
    ];
    let found = ends
        .into_iter()
        .find(|(words_of, _)| words.starts_with(words_of));
    found.map(|(_, end)| end)
}

#[test]
fn groups_stand_for_their_members_of_the_day() {
    let book = load().book;
    let expected = [
        ("s0-t1", 1),
        ("s0-t2", 21),
        ("s0-t5", 30 + 1 + 1 + 5),
        ("s1-t1", 1),
        ("s2-t1", 21 + 30),
        ("s3-t1a", 1),
        ("s4-t1", 21 + 30 + 1),
        ("s4-t8", 7),
        ("s4-t9", 6),
    ];
    for (task, owed_by) in expected {
        let id = TaskId::new(task).unwrap();
        assert_eq!(book.registry.tasks[&id].owed_by, owed_by, "{task}");
    }
}

/// Every passage of a line that is not invented is quoted from the line of the seed that it names.
#[test]
fn passages_are_the_words_of_the_seeds() {
    let mut files: Vec<_> = fs::read_dir(SEEDS)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    let texts = files
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "txt"));
    let texts: Vec<String> = texts
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let mut quoted = 0;
    for line in lines().iter().filter(|line| !line.synthetic) {
        let data = &line.data;
        let passages = [
            &data["passage"],
            &data["assignment"]["passage"],
            &data["rule"]["passage"],
        ];
        for passage in passages.into_iter().filter(|passage| passage.is_object()) {
            let (seed, at) = text(passage, "place").split_once(":L").unwrap();
            let seed: usize = seed.strip_prefix('S').unwrap().parse().unwrap();
            let source = texts[seed]
                .lines()
                .nth(at.parse::<usize>().unwrap() - 1)
                .unwrap();
            let source = source.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(source.contains(text(passage, "text")), "{}", line.place);
            quoted += 1;
        }
    }
    assert_eq!(quoted, 18 + 7 + 46);
}

//! How well Vietnamese texts are read: measured on five published texts against a hand-made record
//! of what they say (`tests/data/seeds/seed_scenario.json`), and on fourteen made-up ones of other
//! provinces, ministries and layouts (`tests/data/reading/`).
//!
//! **Matching** is per text and strict.
//!
//! - *Document*: a numbered one matches by its normalised number. One without a number matches by
//!   its type and the words of its name, of which one side may break off early but not before the
//!   third word ("Kế hoạch CCHC năm 2023 [của cơ quan, đơn vị]"), or by its type and issuer. Every
//!   found document that matches none is an error, and so is one that is found twice.
//! - *Date*: a pair of a matched document and its day of issue. A date that the record says is not
//!   stated must not be found.
//! - *Relation*: kind, first and second document all agree. The record's cue words stand for kinds
//!   by the table in [`kind_of`]. A relation of a reporting requirement counts as one of the text's
//!   governing document, because requirements are not read: both rows of RR-S0-2 are such.
//! - *Issuer*: a matched document whose record names one; equal words, without remarks in brackets.
//!
//! **Out of reach**: the issuer of S4-D2 ("each cơ quan, đơn vị" is no organisation). Tasks,
//! reporting requirements, rules and actors of the record are not read at all.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;

use jiff::civil::Date;
use proptest::prelude::*;
use serde::Deserialize;
use socai_domain::book::Book;
use socai_domain::command::Command;
use socai_domain::document;
use socai_domain::id::AccountId;
use socai_domain::origin::Origin;
use socai_domain::text::fold;
use socai_reading::{CITATIONS_MAX, Check, Document, Findings, ReadError, propose, read};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data");

/// What a text says, as a person reads it.
#[derive(Debug, Default, Deserialize)]
struct Expected {
    documents: Vec<Wanted>,
    /// Every date of the text in order, null for one that cannot be resolved.
    #[serde(default)]
    dates: Option<Vec<Option<Date>>>,
    /// Kind, from, to; documents by number or name.
    relations: Vec<(String, String, String)>,
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    number: Option<String>,
    /// The words after the type, of a document without a number.
    #[serde(default)]
    name: Option<String>,
    #[serde(default, rename = "type")]
    type_name: Option<String>,
    #[serde(default)]
    issuer: Option<String>,
    #[serde(default)]
    date: Option<Date>,
}

impl Wanted {
    fn label(&self) -> &str {
        self.number
            .as_deref()
            .or(self.name.as_deref())
            .unwrap_or("")
    }

    fn matches(&self, found: &Document) -> bool {
        match (&self.number, &found.number) {
            (Some(wanted), Some(found)) => *wanted == found.normalised,
            (None, None) => {
                self.same_type(found) && (self.same_name(found) || self.same_issuer(found))
            }
            _ => false,
        }
    }

    fn same_type(&self, found: &Document) -> bool {
        let folded = |name: &Option<String>| name.as_deref().map(fold);
        self.type_name.is_none() || folded(&self.type_name) == folded(&found.type_name)
    }

    fn same_name(&self, found: &Document) -> bool {
        let (wanted, found) = (
            fold(self.name.as_deref().unwrap_or("")),
            fold(found.subject.as_deref().unwrap_or("")),
        );
        let words = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let (wanted, found) = (words(&wanted), words(&found));
        let shared = wanted.len().min(found.len());
        wanted == found || shared >= 3 && wanted[..shared] == found[..shared]
    }

    fn same_issuer(&self, found: &Document) -> bool {
        let bare = |name: &str| fold(name.split(" (").next().unwrap_or(name));
        self.issuer.is_some()
            && self.issuer.as_deref().map(bare) == found.issuer.as_deref().map(bare)
    }
}

/// Right ones among those found and those wanted.
#[derive(Debug, Default, Clone, Copy)]
struct Score {
    right: usize,
    found: usize,
    wanted: usize,
}

impl Score {
    fn of<T: Ord + fmt::Debug>(
        what: &str,
        text: &str,
        found: &BTreeSet<T>,
        wanted: &BTreeSet<T>,
    ) -> Self {
        found
            .difference(wanted)
            .for_each(|item| println!("  {text}: wrong {what}: {item:?}"));
        wanted
            .difference(found)
            .for_each(|item| println!("  {text}: missing {what}: {item:?}"));
        Self {
            right: found.intersection(wanted).count(),
            found: found.len(),
            wanted: wanted.len(),
        }
    }

    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.found += other.found;
        self.wanted += other.wanted;
    }

    fn precision(self) -> f64 {
        if self.found == 0 {
            1.0
        } else {
            self.right as f64 / self.found as f64
        }
    }

    fn recall(self) -> f64 {
        if self.wanted == 0 {
            1.0
        } else {
            self.right as f64 / self.wanted as f64
        }
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            right,
            found,
            wanted,
        } = self;
        write!(
            f,
            "{right:>3}/{found:<3} {:.2}  {right:>3}/{wanted:<3} {:.2}",
            self.precision(),
            self.recall()
        )
    }
}

#[derive(Debug, Default)]
struct Scores {
    documents: Score,
    types: Score,
    issuers: Score,
    dates: Score,
    relations: Score,
}

impl Scores {
    fn add(&mut self, other: &Self) {
        self.documents.add(other.documents);
        self.types.add(other.types);
        self.issuers.add(other.issuers);
        self.dates.add(other.dates);
        self.relations.add(other.relations);
    }

    fn print(&self, name: &str) {
        println!("{name:<22}  precision      recall");
        let Self {
            documents,
            types,
            issuers,
            dates,
            relations,
        } = self;
        let rows = [
            ("documents", documents),
            ("types", types),
            ("issuers", issuers),
            ("dates", dates),
            ("relations", relations),
        ];
        rows.iter()
            .for_each(|(what, score)| println!("  {what:<20} {score}"));
    }
}

/// What the found documents are called: the label of the wanted one each matches first, or its own.
fn labels(findings: &Findings, expected: &Expected) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let label = |(at, found): (usize, &Document)| {
        let wanted = expected
            .documents
            .iter()
            .position(|wanted| wanted.matches(found));
        match wanted.filter(|wanted| taken.insert(*wanted)) {
            Some(wanted) => expected.documents[wanted].label().to_owned(),
            None => format!("unexpected {at}: {}", found.mentions[0].written),
        }
    };
    findings.documents.iter().enumerate().map(label).collect()
}

fn score(name: &str, findings: &Findings, expected: &Expected) -> Scores {
    let labels = labels(findings, expected);
    let named = labels.iter().cloned().collect();
    let wanted = expected
        .documents
        .iter()
        .map(|document| document.label().to_owned())
        .collect();
    let pairs = |of: &dyn Fn(&Document) -> Option<String>| -> BTreeSet<(String, String)> {
        let all = labels.iter().zip(&findings.documents);
        all.filter_map(|(label, document)| Some((label.clone(), of(document)?)))
            .collect()
    };
    let wants = |of: &dyn Fn(&Wanted) -> Option<String>| -> BTreeSet<(String, String)> {
        expected
            .documents
            .iter()
            .filter_map(|document| Some((document.label().to_owned(), of(document)?)))
            .collect()
    };
    let bare = |name: &String| fold(name.split(" (").next().unwrap_or(name));
    let day = |document: &Document| {
        findings.dates[document.date?]
            .date
            .map(|date| date.to_string())
    };
    let known: BTreeSet<(String, String)> = wants(&|wanted| wanted.issuer.as_ref().map(bare));
    let issued = pairs(&|found| found.issuer.as_ref().map(bare));
    let relation = |relation: &socai_reading::Relation| {
        let from = relation.from.map_or("this text", |from| &labels[from]);
        (
            relation.kind.id().to_owned(),
            from.to_owned(),
            labels[relation.to].clone(),
        )
    };
    let related: BTreeSet<_> = findings.relations.iter().map(relation).collect();

    Scores {
        documents: Score::of("document", name, &named, &wanted),
        types: Score::of(
            "type",
            name,
            &pairs(&|found| found.type_name.as_deref().map(fold)),
            &wants(&|wanted| wanted.type_name.as_deref().map(fold)),
        ),
        issuers: Score::of("issuer", name, &issued, &known),
        dates: Score::of(
            "date",
            name,
            &pairs(&day),
            &wants(&|wanted| wanted.date.map(|date| date.to_string())),
        ),
        relations: Score::of(
            "relation",
            name,
            &related,
            &expected.relations.iter().cloned().collect(),
        ),
    }
}

/// The record of the five texts.
#[derive(Debug, Deserialize)]
struct Scenario {
    documents: Vec<ScenarioDocument>,
    relations: Vec<ScenarioRelation>,
}

#[derive(Debug, Deserialize)]
struct ScenarioDocument {
    id: String,
    seed: usize,
    number: Option<String>,
    #[serde(rename = "type")]
    type_name: String,
    issuer: Option<String>,
    date: Option<Date>,
    subject: String,
}

#[derive(Debug, Deserialize)]
struct ScenarioRelation {
    from: String,
    relation: String,
    to: String,
}

/// The relation kind that the record's cue words stand for.
fn kind_of(cue: &str) -> &'static str {
    match cue {
        "sơ kết" => "reviews_interim",
        "hướng dẫn" | "hướng dẫn (thông tin, tuyên truyền)" => "guides",
        "theo chỉ đạo tại" => "directed_by",
        "tiếp tục thực hiện" => "continues",
        "gắn với thực hiện" => "linked_with",
        "tuyên truyền" => "publicises",
        "kế hoạch truyền thông cho" => "plans_for",
        "thực hiện"
        | "tổ chức thực hiện"
        | "thực hiện đúng"
        | "đưa nhiệm vụ vào, theo"
        | "xây dựng chương trình, kế hoạch thực hiện" => "implements",
        other => panic!("no kind for {other}"),
    }
}

impl Scenario {
    fn load() -> Self {
        serde_json::from_str(
            &fs::read_to_string(format!("{DATA}/seeds/seed_scenario.json")).unwrap(),
        )
        .unwrap()
    }

    /// The record of one text. Where the record has no number, the name is the fuller of its words
    /// for type and subject, and the first words of it are the type.
    fn expected(&self, seed: usize) -> Expected {
        let of_seed = || {
            self.documents
                .iter()
                .filter(|document| document.seed == seed)
        };
        let label = |id: &str| {
            let id = if id == "RR-S0-2" { "S0-D1" } else { id };
            of_seed()
                .find(|document| document.id == id)
                .map(|document| wanted(document).label().to_owned())
        };
        let relation = |row: &ScenarioRelation| {
            Some((
                kind_of(&row.relation).to_owned(),
                label(&row.from)?,
                label(&row.to)?,
            ))
        };
        Expected {
            documents: of_seed().map(wanted).collect(),
            dates: None,
            relations: self.relations.iter().filter_map(relation).collect(),
        }
    }
}

fn wanted(row: &ScenarioDocument) -> Wanted {
    let type_name = row.type_name.split(" (").next().unwrap();
    let unnumbered = ["Hướng dẫn", "Đề án", "Kế hoạch", "Quy chế"];
    let kind = unnumbered
        .iter()
        .find(|kind| fold(type_name).starts_with(&fold(kind)));
    let fuller = if row.subject.len() > type_name.len() {
        row.subject.as_str()
    } else {
        type_name
    };
    let name = kind
        .and_then(|kind| fuller.strip_prefix(kind))
        .unwrap_or(fuller)
        .trim();
    Wanted {
        number: row.number.clone(),
        name: row.number.is_none().then(|| name.to_owned()),
        type_name: Some(
            if row.number.is_none() {
                *kind.unwrap()
            } else {
                type_name
            }
            .to_owned(),
        ),
        issuer: row.issuer.clone(),
        date: row.date,
    }
}

fn seed_texts() -> Vec<String> {
    let mut paths: Vec<_> = fs::read_dir(format!("{DATA}/seeds"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

/// The floors are what was measured when the texts were first read in full; a change that reads
/// less, or finds what is not there, has to say so here.
#[test]
fn the_published_texts_are_read() {
    let scenario = Scenario::load();
    let mut total = Scores::default();
    for (seed, text) in seed_texts().iter().enumerate() {
        let scores = score(
            &format!("S{seed}"),
            &read(text).unwrap(),
            &scenario.expected(seed),
        );
        scores.print(&format!("S{seed}"));
        total.add(&scores);
    }
    total.print("all published texts");
    assert_eq!(total.documents.wanted, 22);
    assert_eq!(total.relations.wanted, 20);
    assert!(total.documents.precision() >= 0.95 && total.documents.recall() >= 0.95);
    assert!(total.dates.precision() >= 1.0 && total.dates.recall() >= 1.0);
    assert!(total.relations.precision() >= 0.95 && total.relations.recall() >= 0.95);
    assert!(total.issuers.precision() >= 0.95 && total.issuers.recall() >= 0.95);
}

fn other_texts() -> Vec<(String, String, Expected)> {
    let entries = fs::read_dir(format!("{DATA}/reading"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut texts: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| {
            let expected = fs::read_to_string(path.with_extension("json")).unwrap();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (
                name,
                fs::read_to_string(&path).unwrap(),
                serde_json::from_str(&expected).unwrap(),
            )
        })
        .collect();
    texts.sort_by(|a, b| a.0.cmp(&b.0));
    texts
}

#[test]
fn other_layouts_and_houses_are_read() {
    let mut total = Scores::default();
    let texts = other_texts();
    assert!(texts.len() >= 14);
    for (name, text, expected) in &texts {
        let findings = read(text).unwrap();
        let scores = score(name, &findings, expected);
        scores.print(name);
        total.add(&scores);
        if let Some(dates) = &expected.dates {
            let found: Vec<_> = findings.dates.iter().map(|found| found.date).collect();
            assert_eq!(found, *dates, "{name}");
        }
    }
    total.print("all other texts");
    assert!(total.documents.precision() >= 0.98 && total.documents.recall() >= 0.98);
    assert!(total.dates.precision() >= 0.98 && total.dates.recall() >= 0.98);
    assert!(total.issuers.precision() >= 0.95 && total.issuers.recall() >= 0.95);
    assert!(total.relations.precision() >= 0.95 && total.relations.recall() >= 0.95);
}

/// Signers, authors and the publisher's staff stand near issuers and are none.
#[test]
fn persons_are_never_issuers() {
    let persons = [
        "Hà Minh Hải",
        "Nguyễn Huỳnh Long",
        "Trương Việt Dũng",
        "Quốc Bảo",
        "Minh Châu",
        "Nguyễn Ngọc Hè",
        "Trần Văn Nam",
        "Đỗ Thị Hạnh",
        "Phạm Văn Bình",
        "Thanh Lê",
    ];
    let others = other_texts().into_iter().map(|(_, text, _)| text);
    for text in seed_texts().into_iter().chain(others) {
        let findings = read(&text).unwrap();
        assert!(!findings.issuers.is_empty());
        for issuer in &findings.issuers {
            assert!(
                !persons
                    .iter()
                    .any(|person| fold(&issuer.name).contains(&fold(person))),
                "{}",
                issuer.name
            );
        }
    }
}

/// The same text in another encoding of the same characters is the same text.
#[test]
fn line_ends_spaces_and_composition_change_nothing() {
    let plain = &seed_texts()[1];
    let findings = read(plain).unwrap();
    for other in [
        plain.replace('\n', "\r\n"),
        plain.replace(' ', "\u{a0}"),
        format!("\u{feff}{plain}"),
    ] {
        assert_eq!(read(&other).unwrap(), findings);
    }
}

#[test]
fn every_finding_points_at_its_passage() {
    for text in seed_texts() {
        let clean = text.replace(['\u{a0}', '\u{2003}'], " ");
        let lines: Vec<&str> = clean.split('\n').collect();
        let findings = read(&text).unwrap();
        for mention in findings
            .documents
            .iter()
            .flat_map(|document| &document.mentions)
        {
            let line: String = lines[mention.place.line - 1]
                .chars()
                .skip(mention.place.column - 1)
                .collect();
            let first = mention.written.split(' ').next().unwrap();
            assert!(line.starts_with(first), "{mention:?}");
            assert!(
                clean[mention.place.offset..].starts_with(first),
                "{mention:?}"
            );
            assert!(mention.passage.contains(&mention.written), "{mention:?}");
        }
    }
}

/// What is proposed can be recorded as it is, in its order, and says what a person has to look at.
#[test]
fn proposals_are_commands_that_the_ledger_takes() {
    let read_on = jiff::civil::date(2024, 12, 31);
    let origin = Origin {
        actor: AccountId::new("clerk").unwrap(),
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
    };
    for text in seed_texts() {
        let findings = read(&text).unwrap();
        let proposals = propose(&findings, read_on);
        let mut book = Book::default();
        for proposal in &proposals {
            let told = book.execute(&proposal.command, proposal.effective, &origin);
            let told = told.unwrap_or_else(|refused| panic!("{refused}: {proposal:?}"));
            assert_eq!(told.events(), 1, "{proposal:?}");
        }
        assert_eq!(book.registry.documents.len(), findings.documents.len());
    }
}

#[test]
fn what_only_the_context_tells_is_marked() {
    let findings = read(&seed_texts()[0]).unwrap();
    let proposals = propose(&findings, jiff::civil::date(2024, 12, 31));
    let plan = proposals
        .iter()
        .find_map(|proposal| match &proposal.command {
            Command::Document(document::Command::Issue {
                number: Some(number),
                date,
                ..
            }) if number.as_str() == "134-KH/TU" => {
                Some((date.unwrap().to_string(), proposal.check.clone()))
            }
            _ => None,
        });
    assert_eq!(plan, Some(("2019-04-18".to_owned(), vec![Check::Year])));
}

#[test]
fn a_text_that_is_too_long_is_refused() {
    let error = read(&"x".repeat(socai_reading::TEXT_BYTES_MAX + 1)).unwrap_err();
    assert!(error.to_string().contains("1048576"), "{error}");
}

#[test]
fn a_text_that_cites_too_much_is_refused() {
    let text = "Căn cứ số 12-CT/TU. ".repeat(CITATIONS_MAX + 1);
    assert_eq!(read(&text), Err(ReadError::TooManyCitations));
}

/// Fragments that reading acts on, in any order, with what real texts get wrong between them.
fn nearly_a_text() -> impl Strategy<Value = String> {
    let fragment = prop::sample::select(vec![
        "Căn cứ ",
        "Thực hiện ",
        "thay thế ",
        "theo hướng dẫn của ",
        "Chỉ thị ",
        "Quyết định số ",
        "Số: ",
        "25-CT/TU",
        "12/UBND-VX",
        "09/2017/NĐ-CP",
        " - ",
        "/",
        "(",
        ")",
        "“",
        "”",
        ", ",
        "; ",
        ". ",
        "\n",
        "\n\n",
        "\r\n",
        "\u{a0}",
        "\u{301}",
        "ngày 31/12",
        "ngày 29 tháng 02 năm 2023",
        "07/8/2023",
        "30/2",
        "của Sở Giáo dục và ",
        "UBND tỉnh ",
        "Thành ủy Hà Nội",
        "Nguyễn Văn A",
        "khóa XII",
        "TP. ",
        "Bộ Văn hóa, Thể thao và Du lịch",
        "Đề án thí điểm mô hình ",
        "Nơi nhận:\n- Lưu",
        "2 Comments",
        "được thay thế bởi ",
        "năm 2023",
        "…",
    ]);
    prop::collection::vec(
        prop_oneof![8 => fragment.prop_map(str::to_owned), 1 => any::<String>()],
        0..40,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in nearly_a_text()) {
        let findings = read(&text).unwrap();
        for relation in &findings.relations {
            prop_assert!(relation.to < findings.documents.len());
            prop_assert!(relation.from != Some(relation.to));
        }
        let proposals = propose(&findings, jiff::civil::date(2024, 12, 31));
        prop_assert!(proposals.len() <= 2 * findings.documents.len() + findings.relations.len());
        prop_assert_eq!(read(&text).unwrap(), findings);
    }
}

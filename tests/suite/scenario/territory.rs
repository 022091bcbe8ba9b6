//! The reorganisation of 1/7/2025 against the two tables that it was taken from.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::date;
use socai_domain::book::Book;
use socai_domain::unit::{EndKind, Extent, Kind, Unit};

use super::load::load;

const COMMUNES: &str = include_str!("../../data/hanoi_126_communes.csv");
const SUCCESSION: &str = include_str!("../../data/hanoi_communes_2025_succession.csv");

fn rows(csv: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    reader.records().map(|row| row.unwrap()).collect()
}

fn of_kind(book: &Book, kind: Kind) -> impl Iterator<Item = &Unit> {
    let units = book.registry.units.values();
    units.filter(move |unit| unit.kind == kind)
}

fn code(unit: &Unit) -> String {
    unit.code
        .as_ref()
        .map_or(String::new(), ToString::to_string)
}

/// `Phường Ba Đình` is governed by `UBND phường Ba Đình`.
fn office(title: &str) -> String {
    let (rank, name) = title.split_once(' ').unwrap();
    format!("UBND {} {name}", rank.to_lowercase())
}

#[test]
fn the_126_communes_have_their_official_names_and_codes() {
    let book = load().book;
    let formed: BTreeMap<String, String> = of_kind(&book, Kind::Commune)
        .map(|unit| (code(unit), unit.name().to_string()))
        .collect();
    let expected: BTreeMap<String, String> = rows(COMMUNES)
        .iter()
        .map(|row| (row[0].to_owned(), office(&row[1])))
        .collect();
    assert_eq!(expected.len(), 126);
    assert_eq!(formed, expected);
    let day = date(2025, 7, 1);
    assert!(of_kind(&book, Kind::Commune).all(|unit| unit.formed == day && unit.ended.is_none()));
}

#[test]
fn each_of_the_30_districts_went_in_parts_to_its_communes() {
    let book = load().book;
    let mut expected: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows(SUCCESSION) {
        let communes = expected.entry(row[2].to_owned()).or_default();
        communes.insert(row[6].to_owned());
    }
    let ended = date(2025, 7, 1);
    let districts = of_kind(&book, Kind::District).filter(|unit| unit.code.is_some());
    let mut found = BTreeMap::new();
    for district in districts {
        let ending = district.ended.as_ref().unwrap();
        assert_eq!((ending.on, ending.how), (ended, EndKind::Divided));
        assert!(ending.successors.iter().all(|s| s.extent == Extent::Part));
        let successors = ending.successors.iter();
        let codes = successors
            .map(|s| code(&book.registry.units[&s.unit]))
            .collect();
        found.insert(code(district), codes);
    }
    assert_eq!(found.len(), 30);
    assert_eq!(found, expected);
}

/// Từ Liêm is the one district without a code: it ended before the codes that are known.
#[test]
fn there_were_29_districts_until_tu_liem_was_split() {
    let book = load().book;
    let on = |day| {
        of_kind(&book, Kind::District)
            .filter(|unit| unit.alive_on(day))
            .count()
    };
    assert_eq!(on(date(2014, 3, 31)), 29);
    assert_eq!(on(date(2014, 4, 1)), 30);
    assert_eq!(on(date(2025, 6, 30)), 30);
    assert_eq!(on(date(2025, 7, 1)), 0);
}

#[test]
fn twenty_one_departments_became_fifteen() {
    let book = load().book;
    let on = |day| {
        let alive = of_kind(&book, Kind::Department).filter(|unit| unit.alive_on(day));
        alive
            .map(|unit| unit.name_on(day).to_string())
            .collect::<BTreeSet<_>>()
    };
    let (before, after) = (on(date(2025, 2, 28)), on(date(2025, 3, 1)));
    assert_eq!((before.len(), after.len()), (21, 15));
    // The names stayed; the units are new.
    assert!(before.contains("Sở Tài chính") && after.contains("Sở Tài chính"));
    let finance =
        of_kind(&book, Kind::Department).filter(|unit| unit.name().as_str() == "Sở Tài chính");
    assert_eq!(finance.count(), 2);
}

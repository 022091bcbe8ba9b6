//! Refusals: every one can be met, each has a code of its own, and the list of them is reviewed.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use expect_test::expect_file;

use super::Climb;
use crate::refusal::Refused;
use crate::{
    account, attachment, document, evidence, group, inspection, ledger, obligation, permission,
    requirement, task, unit, year,
};

/// The refusals of each aggregate, in the order declared.
pub(super) fn declared() -> Vec<Vec<Refused>> {
    macro_rules! all_of {
        ($($aggregate:ident),+) => {
            vec![$($aggregate::Refusal::ALL.iter().map(|r| (*r).into()).collect()),+]
        };
    }
    all_of![
        ledger,
        year,
        unit,
        group,
        document,
        requirement,
        task,
        obligation,
        inspection,
        attachment,
        evidence,
        account,
        permission
    ]
}

/// The ladders of all aggregates.
pub(super) fn ladders() -> Vec<Climb> {
    let all = [
        ledger::tests::ladders(),
        year::tests::ladders(),
        unit::tests::ladders(),
        group::tests::ladders(),
        document::tests::ladders(),
        requirement::tests::ladders(),
        task::tests::ladders(),
        obligation::tests::ladders(),
        inspection::tests::ladders(),
        attachment::tests::ladders(),
        evidence::tests::ladders(),
        account::tests::ladders(),
    ];
    all.into_iter().flatten().collect()
}

#[test]
fn every_refusal_but_those_of_permission_is_met_on_some_ladder() {
    let met: BTreeSet<&str> = ladders()
        .iter()
        .flat_map(|climb| climb.codes.clone())
        .collect();
    let missed: Vec<&str> = declared()
        .iter()
        .flatten()
        .map(|refused| refused.code)
        .filter(|code| !met.contains(code) && !code.starts_with("permission."))
        .collect();
    assert!(missed.is_empty(), "no ladder meets {missed:?}");
}

#[test]
fn every_command_has_a_ladder() {
    let asked: BTreeSet<String> = ladders()
        .into_iter()
        .flat_map(|climb| climb.steps)
        .map(|step| step.name)
        .collect();
    let known: BTreeSet<String> = super::schemas::command_names().into_iter().collect();
    assert_eq!(asked, known, "left: on ladders; right: commands");
}

#[test]
fn every_event_but_the_first_follows_on_some_ladder() {
    let followed: BTreeSet<String> = ladders()
        .into_iter()
        .flat_map(|climb| climb.told)
        .map(|told| told.name().to_owned())
        .chain(["ledger.created.v1".to_owned()])
        .collect();
    let known: BTreeSet<String> = super::schemas::event_names().into_iter().collect();
    assert_eq!(followed, known, "left: on ladders; right: events");
}

#[test]
fn a_code_belongs_to_one_refusal() {
    let mut seen = BTreeSet::new();
    for refused in declared().iter().flatten() {
        assert!(seen.insert(refused.code), "{} is given twice", refused.code);
        let (what, why) = refused.code.split_once('.').unwrap();
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(plain(what) && plain(why), "{}", refused.code);
    }
}

/// Codes never change once released; sentences may.
#[test]
fn codes_and_sentences_are_as_reviewed() {
    let mut list = String::new();
    for refused in declared().iter().flatten() {
        writeln!(list, "{}: {}", refused.code, refused.sentence).unwrap();
    }
    expect_file!["../../../../tests/golden/refusals.txt"].assert_eq(&list);
}

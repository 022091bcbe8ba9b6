//! The whole table: every command and every reading, every role, every unit that it may be about.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use expect_test::expect_file;
use serde_json::json;

use super::{COMMANDS, READINGS, Reading, Refusal, Role, Scope, any_command, permit, scope};
use crate::id::{AccountId, UnitId};
use crate::origin::{Asking, Origin};
use crate::refusal::Refused;
use crate::tests::{Given, Step, day, step};

mod units;
mod world;

use world::{Whose, asked, world};

/// What the ledger says to `account` when it asks `step`.
fn answer(given: &Given, account: &str, step: &Step) -> Result<(), Refused> {
    let origin = Origin {
        actor: AccountId::new(account).unwrap(),
        at: "2031-01-01T01:00:00Z".parse().unwrap(),
    };
    let asking = Asking {
        on: step.on,
        origin: &origin,
        registry: &given.book.registry,
        obligations: &given.book,
    };
    permit(&step.command(), &asking)
}

#[track_caller]
fn refused(given: &Given, account: &str, step: &Step) -> &'static str {
    let answer = answer(given, account, step);
    answer.expect_err("the table does not allow it").code
}

fn may(given: &Given, role: Role, name: &str, whose: Whose) -> bool {
    answer(given, role.id(), &asked(name, role.id(), whose)).is_ok()
}

fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(name, _)| *name)
}

#[test]
fn every_command_has_one_row() {
    let known: BTreeSet<String> = crate::tests::command_names().into_iter().collect();
    let rows: Vec<String> = names().map(str::to_owned).collect();
    assert_eq!(
        rows.len(),
        known.len(),
        "a row is missing, or is there twice"
    );
    assert_eq!(rows.into_iter().collect::<BTreeSet<_>>(), known);
}

#[test]
fn every_command_tells_the_name_that_it_is_written_by() {
    for name in names() {
        let command = asked(name, "registrar", Whose::Own).command();
        assert_eq!(command.name(), command.encode().0);
        assert_eq!(command.name(), name);
    }
}

/// What everybody may do, for a person to review: a letter for each unit of which a role may ask it.
#[test]
fn every_role_may_ask_what_was_reviewed() {
    let given = world();
    let mut table = String::from(
        "o own unit, c a unit that stands under it, f any other unit, n no unit, or none that is there\n\n",
    );
    let roles = Role::ALL.map(|role| format!("{:<13}", role.id()));
    writeln!(table, "{:<32}{}", "", roles.concat().trim_end()).unwrap();
    for name in names() {
        let cell = |role: Role| {
            let letters = Whose::ALL.map(|whose| match may(&given, role, name, whose) {
                true => whose.letter(),
                false => '.',
            });
            format!("{:<13}", String::from_iter(letters))
        };
        let row = Role::ALL.map(cell).concat();
        writeln!(table, "{name:<32}{}", row.trim_end()).unwrap();
    }
    expect_file!["../../../../tests/golden/permissions.txt"].assert_eq(&table);
}

/// Whatever would be a favour to itself: no role asks it of its own unit.
#[test]
fn nobody_judges_excuses_or_moves_what_its_own_unit_owes() {
    let given = world();
    let favours = [
        "task.set_due",
        "task.confirm",
        "task.refuse",
        "report.receive",
        "report.forward",
        "report.return",
        "report.accept",
        "obligation.extend",
        "obligation.excuse",
        "obligation.cancel",
        "obligation.transfer",
        "obligation.reverse",
        "inspection.open",
        "inspection.record_finding",
        "inspection.set_follow_up",
        "inspection.conclude",
        "attachment.erase",
    ];
    for name in favours {
        let allowed = |role: &Role| may(&given, *role, name, Whose::Own);
        assert_eq!(Role::ALL.into_iter().find(allowed), None, "{name}");
        let somebody = Role::ALL
            .into_iter()
            .any(|role| may(&given, role, name, Whose::Child));
        assert!(somebody, "{name} is for nobody");
    }
}

#[test]
fn an_operator_does_no_business_act_and_nobody_else_keeps_accounts() {
    let given = world();
    for name in names() {
        let (category, _) = name.split_once('.').unwrap();
        for whose in Whose::ALL {
            let others = Role::ALL.into_iter().filter(|role| *role != Role::Operator);
            match category {
                "ledger" | "calendar" | "unit" => {
                    assert!(
                        !others.clone().any(|role| may(&given, role, name, whose)),
                        "{name}"
                    );
                }
                "account" if name != "account.note_export" => {
                    assert!(
                        !others.clone().any(|role| may(&given, role, name, whose)),
                        "{name}"
                    );
                }
                "account" | "group" => {}
                _ => assert!(!may(&given, Role::Operator, name, whose), "{name}"),
            }
        }
    }
}

#[test]
fn a_witness_does_nothing_and_reads_what_proves() {
    let given = world();
    for name in names() {
        for whose in Whose::ALL {
            assert!(!may(&given, Role::Witness, name, whose), "{name}");
        }
    }
    let witness = AccountId::new("witness").unwrap();
    for (reading, _) in READINGS {
        let seen = scope(*reading, &witness, &given.book.registry, day("2031-01-01"));
        assert_eq!(seen.is_ok(), *reading == Reading::Proofs, "{reading:?}");
    }
}

#[test]
fn who_has_no_role_is_closed_or_unknown_does_and_reads_nothing() {
    let mut given = world();
    given.and(&step(
        "2020-01-01",
        "account.create",
        json!({"account": "moi", "unit": "so"}),
    ));
    for (account, code) in [
        ("moi", Refusal::NoRole),
        ("khong-co", Refusal::NoAccount),
        ("closed", Refusal::Closed),
    ] {
        for name in names() {
            for whose in Whose::ALL {
                let step = asked(name, account, whose);
                assert_eq!(
                    refused(&given, account, &step),
                    code.code(),
                    "{account} {name}"
                );
            }
        }
        let account = AccountId::new(account).unwrap();
        for (reading, _) in READINGS {
            let seen = scope(*reading, &account, &given.book.registry, day("2031-01-01"));
            assert_eq!(seen.map_err(|no| no.code), Err(code.code()), "{reading:?}");
        }
    }
}

/// Roles of one account add up, and what one forbids another may still allow.
#[test]
fn roles_add_up() {
    let mut given = world();
    let submit = asked("report.submit", "reporter", Whose::Child);
    assert_eq!(
        refused(&given, "reporter", &submit),
        "permission.out_of_reach"
    );
    let body = json!({"account": "reporter", "role": "consolidator"});
    given.and(&step("2020-01-01", "account.grant_role", body));
    assert_eq!(answer(&given, "reporter", &submit), Ok(()));
    let own = asked("task.claim", "reporter", Whose::Own);
    assert_eq!(answer(&given, "reporter", &own), Ok(()));
}

#[test]
fn every_role_reads_what_was_reviewed() {
    let given = world();
    let mut table = String::new();
    let roles = Role::ALL.map(|role| format!("{:<13}", role.id()));
    writeln!(table, "{:<13}{}", "", roles.concat().trim_end()).unwrap();
    for (reading, _) in READINGS {
        let cell = |role: Role| {
            let account = AccountId::new(role.id()).unwrap();
            let seen = scope(*reading, &account, &given.book.registry, day("2031-01-01"));
            let told = match seen {
                Ok(Scope::Everything) => "everything".to_owned(),
                Ok(Scope::Units(units)) => listed(&units),
                Err(_) => ".".to_owned(),
            };
            format!("{told:<13}")
        };
        let row = Role::ALL.map(cell).concat();
        writeln!(table, "{:<13}{}", format!("{reading:?}"), row.trim_end()).unwrap();
    }
    expect_file!["../../../../tests/golden/readings.txt"].assert_eq(&table);
}

fn listed(units: &BTreeSet<UnitId>) -> String {
    units
        .iter()
        .map(UnitId::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn every_reading_has_one_row() {
    let rows: BTreeSet<Reading> = READINGS.iter().map(|(reading, _)| *reading).collect();
    assert_eq!((rows.len(), READINGS.len()), (11, 11));
}

/// Whoever may ask one command in the table may ask something, and nobody else.
#[test]
fn who_may_ask_no_command_is_known_before_any_is_looked_at() {
    let given = world();
    let today = day("2031-01-01");
    let asks = |account: &str| {
        let account = AccountId::new(account).unwrap();
        any_command(&account, &given.book.registry, today)
    };
    for role in Role::ALL {
        let by_table = COMMANDS.iter().any(|(name, allowed)| {
            *name != "account.note_export" && allowed.iter().any(|(may, _)| *may == role)
        });
        assert_eq!(asks(role.id()).is_ok(), by_table, "{role}");
    }
    assert!(asks("witness").is_err() && asks("nobody").is_err());
}

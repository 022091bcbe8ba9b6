//! Who is answered what: the own unit, those below it, and foreign ones, in every question.

use serde_json::json;
use socai_domain::id::UnitId;
use socai_domain::permission::Scope;
use socai_operations::catalogue::QUESTIONS;
use socai_operations::page::Page;
use socai_operations::trouble::Trouble;

use super::stage::{Stage, least, text};

#[tokio::test]
async fn a_unit_counts_what_it_owes_a_channel_what_goes_through_it_and_an_inspector_everything() {
    let stage = Stage::set().await;
    for (name, own, channel, everything) in [
        ("rates", vec!["a"], vec!["a", "b"], vec!["a", "b", "x"]),
        (
            "obligations",
            vec!["r_2024-h1_a", "t_a"],
            vec!["r_2024-h1_a", "r_2024-h1_b", "t_a", "t_b"],
            vec![
                "r_2024-h1_a",
                "r_2024-h1_b",
                "rx_2024-h1_x",
                "t_a",
                "t_b",
                "tx_x",
            ],
        ),
        (
            "units",
            vec!["a"],
            vec!["a", "b", "tp"],
            vec!["a", "b", "qh", "tp", "x"],
        ),
        (
            "groups",
            vec!["qp", "so"],
            vec!["qp", "so"],
            vec!["qp", "so"],
        ),
        (
            "documents",
            vec!["d", "dx"],
            vec!["d", "dx"],
            vec!["d", "dx"],
        ),
        ("requirements", vec!["r"], vec!["r"], vec!["r", "rx"]),
        ("tasks", vec!["t"], vec!["t"], vec!["t", "tx"]),
        ("inspections", vec![], vec![], vec!["ia", "ix"]),
        (
            "search",
            vec!["a", "t"],
            vec!["a", "b", "t"],
            vec!["a", "b", "t"],
        ),
    ] {
        for (who, expected) in [
            ("clerk-a", own),
            ("head-tp", channel),
            ("committee", everything),
        ] {
            let mut ids = stage.ids(who, name, least(name)).await;
            ids.sort();
            assert_eq!(ids, expected, "{who}, {name}");
        }
    }
}

#[tokio::test]
async fn what_is_foreign_is_answered_as_what_is_not_there() {
    let stage = Stage::set().await;
    for (name, parameter, foreign, nowhere) in [
        ("rates", "unit", "x", "nowhere"),
        ("rates", "unit", "b", "nowhere"),
        ("obligations", "unit", "x", "nowhere"),
        ("history", "unit", "x", "nowhere"),
        ("history", "obligation", "tx_x", "t_nowhere"),
        ("history", "obligation", "t_b", "t_nowhere"),
        ("units", "unit", "x", "nowhere"),
        ("requirements", "requirement", "rx", "nothing"),
        ("tasks", "task", "tx", "nothing"),
        ("tasks", "unit", "x", "nowhere"),
        ("inspections", "inspection", "ix", "nothing"),
        ("inspections", "unit", "x", "nowhere"),
    ] {
        let said = |id: &'static str| {
            let asked = stage.ask("clerk-a", name, json!({parameter: id}), Page::default());
            async move {
                match asked.await {
                    Ok(answer) => text(answer).await,
                    Err(trouble) => format!("{trouble:?}").replacen(&format!("{id}:"), "ID:", 1),
                }
            }
        };
        let (of_foreign, of_nothing) = (said(foreign).await, said(nowhere).await);
        assert_eq!(of_foreign, of_nothing, "{name} {parameter}={foreign}");
    }
}

#[tokio::test]
async fn the_history_of_a_text_tells_a_unit_of_its_own_part_alone() {
    let stage = Stage::set().await;
    let told = async |who, document| -> Vec<String> {
        let rows = stage
            .rows(who, "history", json!({"document": document}))
            .await;
        rows.iter()
            .map(|row| row["subject"].as_str().unwrap().to_owned())
            .collect()
    };
    let own = told("clerk-a", "d").await;
    assert_eq!(
        own,
        ["document.d", "task.t", "requirement.r", "requirement.r"]
    );
    assert!(
        told("head-tp", "d")
            .await
            .contains(&"obligation.r_2024-h1_b".to_owned())
    );
    assert_eq!(told("clerk-a", "dx").await, ["document.dx"]);
    assert!(
        told("committee", "dx")
            .await
            .contains(&"obligation.tx_x".to_owned())
    );
}

#[tokio::test]
async fn no_question_tells_a_unit_what_is_said_of_a_foreign_one() {
    let stage = Stage::set().await;
    for entry in QUESTIONS {
        let asked = stage
            .ask("clerk-a", entry.name, least(entry.name), Page::default())
            .await;
        let said = match asked {
            Ok(answer) => text(answer).await,
            Err(Trouble::Refused(refused)) => refused.to_string(),
            Err(other) => panic!("{}: {other}", entry.name),
        };
        for foreign in [
            "rx",
            "tx",
            "riêng",
            "Kiểm tra Phường",
            "quận biết",
            "9/BC-PB",
            "clerk-x",
            "5/BC-STP",
        ] {
            assert!(
                !said.contains(foreign),
                "{}: {foreign} in {said}",
                entry.name
            );
        }
    }
}

/// Whatever the table of readings says: who may see some units alone sees no account.
#[tokio::test]
async fn accounts_and_inspections_are_no_units_own() {
    let stage = Stage::set().await;
    for name in ["accounts", "inspections"] {
        let own = Scope::Units([UnitId::new("a").unwrap()].into());
        for (scope, any) in [(own, false), (Scope::Everything, true)] {
            let rows = stage.rows_within(&scope, name).await;
            assert_eq!(!rows.is_empty(), any, "{name}, {scope:?}");
        }
    }
}

#[tokio::test]
async fn whoever_has_no_role_for_it_is_refused() {
    let stage = Stage::set().await;
    for (who, name) in [
        ("watch", "rates"),
        ("watch", "units"),
        ("keeper", "obligations"),
        ("nobody", "units"),
    ] {
        let asked = stage.ask(who, name, json!({}), Page::default()).await;
        let Err(Trouble::Refused(refused)) = asked else {
            panic!("{who}, {name}")
        };
        assert!(refused.code.starts_with("permission."), "{refused}");
    }
}

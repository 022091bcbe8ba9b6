//! The shapes of JSON answers, as schemas in `schemas/answers`. A test keeps them fresh.

use std::path::Path;

use schemars::{JsonSchema, Schema, schema_for};
use socai_operations::question::{Framed, Question};
use socai_operations::questions::checkpoints;
use socai_operations::questions::{
    Accounts, Documents, Groups, History, Inspections, Obligations, Rates, Requirements, Search,
    Tasks, Units,
};
use socai_operations::report::Report;
use socai_operations::works;

use crate::commands::{backup, key, migrate, projection, restore, witness};

/// The name and schema of each answer.
fn answers() -> Vec<(&'static str, Schema)> {
    vec![
        ("attach-audit", framed::<works::attachments::Found>()),
        ("backup", schema_for!(backup::Report)),
        ("checkpoints", schema_for!(Vec<checkpoints::Row>)),
        ("evidence", schema_for!(works::evidence::Written)),
        ("history", framed::<<History as Question>::Row>()),
        ("key-list", schema_for!(Vec<key::Row>)),
        ("migrate", schema_for!(migrate::Report)),
        ("obligations", framed::<<Obligations as Question>::Row>()),
        ("projection-check", schema_for!(Vec<projection::Differs>)),
        ("projection-status", schema_for!(projection::Standing)),
        ("rates", framed::<<Rates as Question>::Row>()),
        ("record", schema_for!(Report)),
        ("restore", schema_for!(restore::Report)),
        ("search", framed::<<Search as Question>::Row>()),
        ("status", schema_for!(socai_api::Status)),
        ("sweep", framed::<works::sweep::Flagged>()),
        ("units", framed::<<Units as Question>::Row>()),
        ("groups", framed::<<Groups as Question>::Row>()),
        ("documents", framed::<<Documents as Question>::Row>()),
        ("requirements", framed::<<Requirements as Question>::Row>()),
        ("tasks", framed::<<Tasks as Question>::Row>()),
        ("accounts", framed::<<Accounts as Question>::Row>()),
        ("inspections", framed::<<Inspections as Question>::Row>()),
        ("verify", schema_for!(works::verification::Found)),
        ("verify-bundle", schema_for!(works::verify::Bundles)),
        ("verify-receipt", schema_for!(works::verify::Receipt)),
        ("witness-status", schema_for!(Vec<witness::Row>)),
    ]
}

fn framed<T: JsonSchema + 'static>() -> Schema {
    schema_for!(Framed<'static, T>)
}

/// `UPDATE_EXPECT=1` writes them anew; the difference is what gets reviewed.
#[test]
fn the_answers_are_as_documented() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/answers");
    let answers = answers();
    for (name, schema) in &answers {
        let text = serde_json::to_string_pretty(schema).unwrap() + "\n";
        expect_test::expect_file![folder.join(format!("{name}.json"))].assert_eq(&text);
    }
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), answers.len());
}

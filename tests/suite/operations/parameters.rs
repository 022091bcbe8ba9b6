//! What is said where parameters do not read: which one, and what was expected.

use serde_json::{Value, json};
use socai_operations::catalogue::question;
use socai_operations::trouble::Trouble;

fn trouble(name: &str, parameters: Value) -> (String, String) {
    match (question(name).unwrap().read)(parameters).err().unwrap() {
        Trouble::Parameter {
            parameter,
            sentence,
        } => (parameter.into_owned(), sentence),
        other => panic!("{other:?}"),
    }
}

fn reads(name: &str, parameters: Value) {
    assert!((question(name).unwrap().read)(parameters).is_ok());
}

#[test]
fn the_parameter_that_does_not_read_is_named() {
    for (name, parameters, parameter, says) in [
        (
            "rates",
            json!({"from": "2019-01-01", "to": "31/3/2019"}),
            "to",
            "\"31/3/2019\": expected a day such as",
        ),
        (
            "rates",
            json!({"by": "town", "unit": "hn"}),
            "by",
            "expected one of `unit`",
        ),
        ("rates", json!({"unit": "HN"}), "unit", "is not an id"),
        (
            "rates",
            json!({"known_at": "yesterday"}),
            "known_at",
            "expected a number such as 1200",
        ),
        (
            "rates",
            json!({"known_at": 12}),
            "known_at",
            "expected a string",
        ),
        (
            "rates",
            json!({"since": "2019-01-01"}),
            "since",
            "no such parameter: expected as_of, by",
        ),
        ("rates", json!({"as_of": "x", "from": "y"}), "as_of", "x"),
        (
            "obligations",
            json!({"bucket": "lost"}),
            "bucket",
            "expected one of `on_time`",
        ),
        ("search", json!({}), "words", "has to be given"),
        (
            "search",
            json!({"words": ["a", "b"]}),
            "words",
            "expected a string",
        ),
        (
            "history",
            json!({"ledger": "yes"}),
            "ledger",
            "expected true or false",
        ),
        ("history", json!(["unit"]), "query", "by name"),
    ] {
        let (named, sentence) = trouble(name, parameters.clone());
        assert_eq!(named, parameter, "{parameters}: {sentence}");
        assert!(sentence.contains(says), "{parameters}: {sentence}");
    }
}

#[test]
fn a_parameter_may_be_written_as_text() {
    reads("rates", json!({}));
    reads(
        "rates",
        json!({"from": "2019-01-01", "known_at": "1200", "by": "quarter"}),
    );
    reads("history", json!({"ledger": "true"}));
    reads("history", json!({"ledger": true}));
    reads("search", json!({"words": "chi thi 25"}));
}

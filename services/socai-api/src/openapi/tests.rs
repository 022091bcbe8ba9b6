use std::path::Path;

use super::*;

/// `UPDATE_EXPECT=1` writes it anew; the difference is what gets reviewed.
#[test]
fn the_document_is_as_pinned() {
    let document = document(&crate::routes());
    let text = serde_json::to_string_pretty(&document).unwrap() + "\n";
    let pinned = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/openapi.json");
    expect_test::expect_file![pinned].assert_eq(&text);
}

/// Everything that stands under `key`, wherever that is.
fn under<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get(key));
            fields.values().for_each(|field| under(field, key, found));
        }
        Value::Array(items) => items.iter().for_each(|item| under(item, key, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_one() {
    let document = document(&crate::routes());
    let mut references = Vec::new();
    under(&document, "$ref", &mut references);
    assert!(references.len() > 100);
    for reference in references {
        let path = reference.as_str().and_then(|path| path.strip_prefix('#'));
        assert!(document.pointer(path.unwrap()).is_some(), "{reference}");
    }
    let mut schemas: Vec<&Value> = Vec::new();
    under(&document["paths"], "schema", &mut schemas);
    schemas.extend(
        document["components"]["schemas"]
            .as_object()
            .unwrap()
            .values(),
    );
    for schema in schemas {
        let valid = jsonschema::draft202012::meta::validate(schema);
        assert!(valid.is_ok(), "{valid:?}: {schema}");
    }
}

/// Two that are called the same are told apart by a number, which says nothing and moves when a third comes.
#[test]
fn no_schema_is_told_from_another_by_a_number() {
    let document = document(&crate::routes());
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let numbered = schemas.keys().filter(|name| {
        let hash = name.ends_with("Sha256Hex");
        !hash && name.contains(|sign: char| sign.is_ascii_digit())
    });
    assert_eq!(numbered.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn an_operation_has_a_name_of_its_own() {
    let document = document(&crate::routes());
    let mut names = Vec::new();
    under(&document["paths"], "operationId", &mut names);
    let count = names.len();
    names.sort_by_key(|name| name.to_string());
    names.dedup();
    assert_eq!(names.len(), count);
}

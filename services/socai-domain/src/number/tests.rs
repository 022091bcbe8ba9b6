use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn parsed(raw: &str) -> Reading {
    Number::parse(raw).unwrap_or_else(|error| panic!("{raw}: {error}"))
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        Value::String(text) => vec![text.clone()],
        _ => Vec::new(),
    }
}

#[track_caller]
fn check(vector: &Value) {
    let raw = vector["raw"].as_str().unwrap();
    let Some(family) = vector["family"].as_str() else {
        assert!(Number::parse(raw).is_err(), "{raw}");
        return;
    };
    let reading = parsed(raw);
    let first = &reading.candidates[0];
    let same_family = reading
        .candidates
        .iter()
        .filter(|c| c.family == first.family);
    let types: Vec<&str> = same_family.map(|c| c.type_name.as_str()).collect();

    assert_eq!(reading.raw, raw);
    assert_eq!(
        reading.normalised,
        vector["norm"].as_str().unwrap(),
        "{raw}"
    );
    assert_eq!(
        reading.is_ambiguous(),
        vector["ambiguous"].as_bool().unwrap(),
        "{raw}"
    );
    assert_eq!(serde_json::to_value(first.family).unwrap(), family, "{raw}");
    assert_eq!(
        u64::from(first.seq),
        vector["seq"].as_u64().unwrap(),
        "{raw}"
    );
    assert_eq!(first.suffix, vector["suffix"].as_str().unwrap(), "{raw}");
    assert_eq!(first.year.map(u64::from), vector["year"].as_u64(), "{raw}");
    assert_eq!(first.type_code, vector["type"].as_str().unwrap(), "{raw}");
    assert_eq!(types, strings(&vector["types"]), "{raw}");
    assert_eq!(first.issuers, strings(&vector["issuer"]), "{raw}");
    assert_eq!(first.unit.as_deref(), vector["unit"].as_str(), "{raw}");
    assert_eq!(first.sub.as_deref(), vector["sub"].as_str(), "{raw}");
}

#[test]
fn every_vector_reads_as_it_says() {
    let vectors = include_str!("../../../../tests/data/docnum_vectors.json");
    let vectors: Vec<Value> = serde_json::from_str(vectors).unwrap();
    assert!(vectors.len() > 40);
    vectors.iter().for_each(check);
}

#[test]
fn ids_are_folded_numbers() {
    for (raw, id) in [
        ("25-CT/TU", "25-ct-tu"),
        ("09/2017/NĐ-CP", "09-2017-nd-cp"),
        ("3241/UBND-KGVX", "3241-ubnd-kgvx"),
        ("12/CCHC&PC-VP", "12-cchc-pc-vp"),
        ("15-KH/ĐU(UBND)", "15-kh-du-ubnd"),
    ] {
        assert_eq!(parsed(raw).folded(), id);
    }
}

#[test]
fn spellings_of_one_number_read_alike() {
    for raw in [
        "08-Ctr/TU",
        "số: 08 – CTr / TU",
        "SỐ 08−ctr⁄TU.",
        "08\u{a0}-\u{a0}CTr/TU",
    ] {
        assert_eq!(parsed(raw).normalised, "08-CTr/TU", "{raw}");
    }
    assert_eq!(parsed("12-NQ/\u{d0}U").normalised, "12-NQ/ĐU");
}

#[test]
fn an_issuer_is_never_corrected() {
    assert_eq!(parsed("114-HD/BTCGT").candidates[0].issuers, ["BTCGT"]);
    assert_eq!(parsed("5-HD/btgtu").candidates[0].issuers, ["btgtu"]);
}

#[test]
fn a_symbol_that_may_be_an_organ_yields_a_letter_too() {
    let reading = parsed("4567/CT-TTHT");
    let letter = &reading.candidates[1];
    assert_eq!(
        (letter.family, letter.type_code.as_str()),
        (Family::StateLetter, "CV")
    );
    assert_eq!(
        (letter.issuers[0].as_str(), letter.unit.as_deref()),
        ("CT", Some("TTHT"))
    );
    assert_eq!(parsed("09/CT-UBND").candidates.len(), 1);
    assert_eq!(parsed("12/CT").candidates[0].family, Family::StateLetter);
}

#[test]
fn numbers_of_the_assembly_have_a_term() {
    let law = parsed("43/2022/QH15");
    let names: Vec<&str> = law
        .candidates
        .iter()
        .map(|c| c.type_name.as_str())
        .collect();
    assert_eq!(names, ["Luật", "Nghị quyết (QPPL)"]);
    assert_eq!(law.candidates[0].issuers, ["QH15"]);
    assert_eq!(
        parsed("02/2016/NQ-UBTVQH13").candidates[0].issuers,
        ["UBTVQH13"]
    );
}

#[test]
fn the_bracket_of_a_party_number_is_kept() {
    let reading = parsed("15-KH/ĐU(UBND)");
    assert_eq!(reading.candidates[0].sub.as_deref(), Some("UBND"));
    assert_eq!(reading.normalised, "15-KH/ĐU(UBND)");
}

#[test]
fn each_error_says_what_was_expected() {
    for (raw, code) in [
        ("", "number.empty"),
        ("Số:", "number.empty"),
        ("Chỉ thị 25", "number.no_sequence"),
        ("1234567-CT/TU", "number.no_sequence"),
        ("25", "number.no_symbol"),
        ("25 CT/TU", "number.no_symbol"),
        ("25-ABC/TU", "number.unknown_type"),
        ("12/2019/KH-UBND", "number.unknown_type"),
        ("25-CT", "number.no_issuer"),
        ("12/KH", "number.no_issuer"),
        ("12/", "number.no_issuer"),
        ("12/UBND-", "number.no_issuer"),
        ("25-CT/TU ngày", "number.left_over"),
        (&"9".repeat(NUMBER_CHARS_MAX + 1), "number.too_long"),
    ] {
        let error = Number::parse(raw).unwrap_err();
        assert_eq!(error.code(), code, "{raw}: {error}");
    }
}

/// Texts that are nearly numbers, so that the properties are about more than refusals.
fn nearly_a_number() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "Số ", "số: ", "25", "30c", "2017", "-", " - ", "/", "–", "⁄", "CT", "ctr", "QĐ", "NĐ",
        "TƯ", "UBND", "KGVX", "QH15", "Ð", "(", ")", "UBND)", ".", " ", "\u{a0}", "\u{301}", "ố",
    ]);
    prop::collection::vec(part, 0..9).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(raw in any::<String>()) {
        let _ = Number::parse(&raw).map(|reading| reading.folded());
    }

    #[test]
    fn normalising_twice_changes_nothing_more(raw in prop_oneof![any::<String>(), nearly_a_number()]) {
        let once = normalise(&raw);
        prop_assert_eq!(normalise(&once), once);
    }

    #[test]
    fn the_normalised_number_reads_as_the_raw_one(raw in nearly_a_number()) {
        if let Ok(reading) = Number::parse(&raw) {
            let again = parsed(&reading.normalised);
            prop_assert_eq!(&again.normalised, &reading.normalised);
            prop_assert_eq!(again.candidates, reading.candidates);
        }
    }

    #[test]
    fn every_well_formed_party_number_reads(seq in 1u32..999_999, row in prop::sample::select(party_types().to_vec())) {
        let reading = parsed(&format!("{seq}-{}/TU", row.code));
        prop_assert!(reading.candidates.iter().any(|c| c.type_name == row.name && c.seq == seq));
    }
}

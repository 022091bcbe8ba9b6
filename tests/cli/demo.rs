//! The first command of the README: everything, on a fresh machine.

use std::fs;
use std::path::Path;

use crate::socai::socai;

#[test]
fn the_demonstration_explains_every_number_by_rows() {
    let home = tempfile::tempdir().unwrap();
    let keep = home.path().join("demo");
    let ran = socai(&["demo", "--once", "--keep", keep.to_str().unwrap()], b"");
    assert_eq!(ran.code, 0, "{ran:?}");
    let data = keep.join("so-cai");
    assert_eq!(socai(&["verify", data.to_str().unwrap()], b"").code, 0);
    for (document, from, to) in [
        ("25-CT/TU", "2014-01-21", "2019-03-31"),
        ("24-CT/TU", "2021-01-01", "2026-06-30"),
    ] {
        for by in ["unit", "kind", "document", "year", "quarter", "total"] {
            every_cell_is_explained(&data, document, (from, to), by);
        }
    }
}

/// The rows of each bucket, listed, are as many as the cells of the bucket say.
fn every_cell_is_explained(data: &Path, document: &str, (from, to): (&str, &str), by: &str) {
    let data = data.to_str().unwrap();
    let asked = [
        "--data",
        data,
        "--document",
        document,
        "--from",
        from,
        "--to",
        to,
    ];
    let asked = [&asked[..], &["--as-of", to, "--format", "json"]].concat();
    let rates = socai(&[&["rates", "--by", by][..], &asked].concat(), b"")
        .json()
        .remove(0);
    let rows = rates["rows"].as_array().unwrap();
    for bucket in [
        "on_time",
        "late",
        "pending",
        "overdue",
        "no_due_date",
        "excused",
    ] {
        let counted: u64 = rows
            .iter()
            .map(|row| row["buckets"][bucket].as_u64().unwrap())
            .sum();
        let listed = ["obligations", "--bucket", bucket];
        let listed = socai(&[&listed[..], &asked].concat(), b"").json().remove(0);
        let listed = listed["rows"].as_array().unwrap().len() as u64;
        assert_eq!(counted, listed, "{document} by {by}: {bucket}");
        assert!(counted > 0, "{document} has nothing {bucket} to show");
    }
}

#[test]
fn the_same_review_twice_is_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let keep = home.path().join("demo");
    assert_eq!(
        socai(&["demo", "--once", "--keep", keep.to_str().unwrap()], b"").code,
        0
    );
    let data = keep.join("so-cai");
    let review = |out: &str| {
        let out = home.path().join(out);
        let arguments = [
            "review",
            "--data",
            data.to_str().unwrap(),
            "--document",
            "25-CT/TU",
            "--from",
            "2014-01-21",
            "--to",
            "2019-03-31",
            "--as-of",
            "2019-03-31",
            "--out",
            out.to_str().unwrap(),
        ];
        let ran = socai(&arguments, b"");
        assert_eq!(ran.code, 0, "{ran:?}");
        ["review.json", "review.html"].map(|name| fs::read(out.join(name)).unwrap())
    };
    assert!(
        review("one") == review("two"),
        "the same question at the same position has one answer"
    );
}

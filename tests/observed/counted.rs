//! Counts and rates, as panels and the command line have them: of one thing they are the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::shown::Shown;
use crate::sources::{Row, in_rows};

const OBLIGATIONS: [&str; 2] = ["report", "task"];

pub(crate) const BUCKETS: [&str; 6] = [
    "on_time",
    "late",
    "pending",
    "overdue",
    "no_due_date",
    "excused",
];

/// Counts by bucket.
type Counts = BTreeMap<String, u64>;

impl Shown<'_> {
    /// What two panels show of one thing agrees, and is what `socai rates` says.
    pub(crate) async fn one_number_has_one_value(&self) {
        self.the_window_is_the_one_that_is_counted().await;
        self.the_city_is_one_from_both_sides().await;
        self.a_unit_is_one_from_both_sides().await;
        for obligation in OBLIGATIONS {
            let by_unit = self.every_unit_is_one_from_both_sides(obligation).await;
            self.every_kind_is_one_from_both_sides(obligation, &by_unit)
                .await;
        }
        self.a_document_is_that_of_the_command_line().await;
        self.a_review_is_that_of_the_command_line().await;
        self.nothing_differs().await;
    }

    async fn the_window_is_the_one_that_is_counted(&self) {
        let variables = self.variables("report", "recorded");
        let rows = self
            .panel("socai-city", "Kỳ đang tính", "A", &variables)
            .await;
        let about = self.about;
        let days = [about.counted.from, about.counted.to, about.today];
        let shown = ["counted_from", "counted_to", "counted_as_of"].map(|name| &*rows[0][name]);
        assert_eq!(days.map(|day| day.to_string()), shown);
    }

    async fn the_city_is_one_from_both_sides(&self) {
        for obligation in OBLIGATIONS {
            let variables = self.variables(obligation, "recorded");
            let expected = self.rates_of_today(&["--by", "total", "--obligations", obligation]);
            let title = "Nghĩa vụ theo tình trạng";
            let metrics = self.bars("socai-city", title, &variables).await;
            assert_eq!(buckets(&expected), by_bucket(&metrics), "{obligation}");
            let title = "Nghĩa vụ theo tình trạng, hỏi PostgreSQL";
            let sql = self.panel("socai-city", title, "A", &variables).await;
            assert_eq!(buckets(&expected), columns(&sql), "{obligation}");
        }
        let reports = [
            "Báo cáo đúng hạn (on_time_of_due)",
            "Báo cáo đúng hạn, hỏi PostgreSQL",
        ];
        self.headline("report", "on_time_of_due", reports).await;
        let tasks = [
            "Thực hiện nhiệm vụ (completed_of_due)",
            "Thực hiện nhiệm vụ, hỏi PostgreSQL",
        ];
        self.headline("task", "completed_of_due", tasks).await;
    }

    /// A rate of the window: by metrics, by SQL, by the command line.
    async fn headline(&self, obligation: &str, rate: &str, [metrics, sql]: [&str; 2]) {
        let variables = self.variables(obligation, "recorded");
        let expected = self.rates_of_today(&["--by", "total", "--obligations", obligation]);
        let expected = &expected["rows"][0]["rates"][rate];
        let mut figures = Vec::new();
        for letter in ["A", "B", "C"] {
            let rows = self.panel("socai-city", metrics, letter, &variables).await;
            figures.push(rows[0]["value"].parse::<f64>().unwrap());
        }
        let percent: f64 = expected["percent"].as_str().unwrap().parse().unwrap();
        assert!(
            (figures[0] * 100.0 - percent).abs() <= 0.005_001,
            "{figures:?} {expected}"
        );
        let counts = [&expected["n"], &expected["d"]].map(|count| count.as_f64().unwrap());
        assert_eq!(counts, figures[1..], "{expected}");
        let row = &self.panel("socai-city", sql, "A", &variables).await[0];
        let said =
            ["percent", "numerator", "denominator"].map(|name| row[name].parse::<f64>().unwrap());
        assert_eq!([percent, counts[0], counts[1]], said);
    }

    async fn a_unit_is_one_from_both_sides(&self) {
        for obligation in OBLIGATIONS {
            let variables = self.variables(obligation, "recorded");
            let unit = self.about.unit;
            let asked = ["--by", "total", "--unit", unit, "--obligations", obligation];
            let expected = buckets(&self.rates_of_today(&asked));
            let title = "Theo tình trạng trong kỳ";
            let metrics = self.bars("socai-unit", title, &variables).await;
            assert_eq!(expected, by_bucket(&metrics), "{obligation}");
            let title = "Theo tình trạng trong kỳ, hỏi PostgreSQL";
            let sql = self.panel("socai-unit", title, "A", &variables).await;
            assert_eq!(expected, columns(&sql), "{obligation}");
            assert!(expected["on_time"] > 0, "{obligation}: {expected:?}");
            let expected = self.rates_of_the_range(&asked);
            let title = "Sáu tỷ lệ trong khoảng thời gian";
            let rows = self.panel("socai-unit", title, "A", &variables).await;
            six_rates(&expected, &rows);
        }
    }

    /// The table of units, and the metrics of those that live. Answers the rows of the table.
    async fn every_unit_is_one_from_both_sides(&self, obligation: &str) -> Vec<Row> {
        let variables = self.variables(obligation, "recorded");
        let title = "Đơn vị, tỷ lệ đúng hạn thấp trước";
        let sql = self.panel("socai-city", title, "A", &variables).await;
        let rates = self.rates_of_today(&["--by", "unit", "--obligations", obligation]);
        let expected = by_id(&rates);
        assert_eq!(expected, by_column("unit", &sql), "{obligation}");
        let expr = format!("unit:socai_obligations:count{{obligation={obligation:?}}}");
        let measured = self.series("unit", &expr);
        for (unit, counts) in &measured {
            let owed = expected.get(unit).cloned().unwrap_or_else(nothing);
            assert_eq!(owed, *counts, "{unit} {obligation}");
        }
        let alive = "SELECT id FROM units WHERE ended IS NULL OR ended > today()";
        let alive = self.sources.sql(alive).await.unwrap();
        let alive: BTreeSet<&String> = alive.iter().map(|row| &row["id"]).collect();
        assert_eq!(alive, measured.keys().collect(), "{obligation}");
        sql
    }

    /// A kind of unit has what its units have, those that ended included; and all kinds are the city.
    async fn every_kind_is_one_from_both_sides(&self, obligation: &str, units: &[Row]) {
        let mut expected = BTreeMap::<String, Counts>::new();
        for row in units {
            let sum = expected.entry(row["kind"].clone()).or_insert_with(nothing);
            for (bucket, count) in columns(std::slice::from_ref(row)) {
                *sum.entry(bucket).or_default() += count;
            }
        }
        let expr = format!("kind:socai_obligations:count{{obligation={obligation:?}}}");
        let mut measured = self.series("kind", &expr);
        measured.retain(|_, counts| *counts != nothing());
        assert_eq!(expected, measured, "{obligation}");
        let city = self.rates_of_today(&["--by", "total", "--obligations", obligation]);
        let sum = |name: &str| measured.values().map(|counts| counts[name]).sum();
        let sums: Counts = BUCKETS.map(|name| (name.to_owned(), sum(name))).into();
        assert_eq!(buckets(&city), sums, "{obligation}");
        let variables = self.variables(obligation, "recorded");
        for (letter, added) in [
            ("B", &["on_time"][..]),
            ("C", &["on_time", "late", "overdue"]),
        ] {
            let title = "Theo loại đơn vị";
            let rows = self.panel("socai-city", title, letter, &variables).await;
            for row in rows {
                let counts = expected.get(&row["kind"]).cloned().unwrap_or_else(nothing);
                let count: u64 = added.iter().map(|bucket| counts[*bucket]).sum();
                assert_eq!(count.to_string(), row["value"], "{row:?}");
            }
        }
    }

    /// The counts of every series of `expr`, by a label.
    fn series(&self, label: &str, expr: &str) -> BTreeMap<String, Counts> {
        let rows = in_rows(self.sources.prometheus.now(expr).unwrap());
        let mut counts = BTreeMap::<String, Counts>::new();
        for row in &rows {
            let one = by_bucket(std::slice::from_ref(row));
            counts.entry(row[label].clone()).or_default().extend(one);
        }
        counts
    }

    async fn a_document_is_that_of_the_command_line(&self) {
        let variables = self.variables("report", "recorded");
        let of_document = ["--by", "total", "--document", self.about.document];
        let expected = self.rates_of_the_range(&of_document);
        let sql = self
            .panel("socai-document", "Theo tình trạng", "A", &variables)
            .await;
        assert_eq!(buckets(&expected), columns(&sql));
        for title in ["Theo năm của thời hạn", "Chuỗi văn bản"] {
            let rows = self.panel("socai-document", title, "A", &variables).await;
            assert_eq!(buckets(&expected), summed(&rows), "{title}");
        }
    }

    async fn a_review_is_that_of_the_command_line(&self) {
        for obligation in OBLIGATIONS {
            let variables = self.variables(obligation, "recorded");
            let of = ["--obligations", obligation];
            let expected = self.rates_of_the_range(&[&["--by", "total"], &of[..]].concat());
            let title = "Theo tình trạng và năm";
            let rows = self.panel("socai-review", title, "A", &variables).await;
            assert_eq!(buckets(&expected), summed(&rows));
            let by_year = self.rates_of_the_range(&[&["--by", "year"], &of[..]].concat());
            assert_eq!(by_id(&by_year), by_column("year", &rows), "{obligation}");
            let rows = self
                .panel("socai-review", "Sáu tỷ lệ", "A", &variables)
                .await;
            six_rates(&expected, &rows);
            let by_unit = self.rates_of_the_range(&[&["--by", "unit"], &of[..]].concat());
            let rows = self
                .panel(
                    "socai-review",
                    "Đơn vị, tỷ lệ đúng hạn thấp trước",
                    "A",
                    &variables,
                )
                .await;
            assert_eq!(by_id(&by_unit), by_column("unit", &rows), "{obligation}");
        }
    }

    /// The table of differences is all noughts.
    async fn nothing_differs(&self) {
        let title = "Sổ cái và PostgreSQL: chênh lệch";
        let variables = self.variables("report", "recorded");
        let rows = self.panel("socai-integrity", title, "A", &variables).await;
        let different: Vec<_> = rows.iter().filter(|row| row["value"] != "0").collect();
        assert!(different.is_empty(), "{different:?}");
    }
}

/// Rows with a rate each are the rates of an answer of `socai rates` by total.
fn six_rates(rates: &Value, rows: &[Row]) {
    let rates = &rates["rows"][0]["rates"];
    assert_eq!(6, rows.len(), "{rows:?}");
    for row in rows {
        let rate = &rates[&row["rate"]];
        let percent = row.get("percent").map(String::as_str);
        assert_eq!(rate["percent"].as_str(), percent, "{row:?}");
        assert_eq!(rate["n"].to_string(), row["numerator"], "{row:?}");
        assert_eq!(rate["d"].to_string(), row["denominator"], "{row:?}");
    }
}

fn nothing() -> Counts {
    BUCKETS.map(|name| (name.to_owned(), 0)).into()
}

/// Of an answer of `socai rates` by total.
fn buckets(rates: &Value) -> Counts {
    counts(&rates["rows"][0])
}

/// Of an answer of `socai rates` by something.
fn by_id(rates: &Value) -> BTreeMap<String, Counts> {
    let rows = rates["rows"].as_array().unwrap().iter();
    rows.map(|row| (row["id"].as_str().unwrap().to_owned(), counts(row)))
        .collect()
}

/// Of a row of such an answer.
fn counts(row: &Value) -> Counts {
    let said = &row["buckets"];
    BUCKETS
        .map(|name| (name.to_owned(), said[name].as_u64().unwrap()))
        .into()
}

/// Of rows about one thing each, which `column` names.
fn by_column(column: &str, rows: &[Row]) -> BTreeMap<String, Counts> {
    let rows = rows.iter();
    rows.map(|row| (row[column].clone(), columns(std::slice::from_ref(row))))
        .collect()
}

/// Of series, each with the label `bucket`.
fn by_bucket(rows: &[Row]) -> Counts {
    let count = |row: &Row| (row["bucket"].clone(), row["value"].parse().unwrap());
    rows.iter().map(count).collect()
}

/// Of one row with a column for each bucket.
fn columns(rows: &[Row]) -> Counts {
    assert_eq!(1, rows.len(), "{rows:?}");
    summed(rows)
}

/// Of rows with a column for each bucket. A row without them counts nothing.
fn summed(rows: &[Row]) -> Counts {
    let count = |row: &Row, name: &str| {
        row.get(name)
            .map_or(0, |count| count.parse::<u64>().unwrap())
    };
    let sum = |name: &str| rows.iter().map(|row| count(row, name)).sum();
    BUCKETS.map(|name| (name.to_owned(), sum(name))).into()
}

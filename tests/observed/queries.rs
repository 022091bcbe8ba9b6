//! Every query of every dashboard is asked of real servers and has rows; what two panels show of one thing agrees, and
//! is what `socai rates` says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::grafana::{self, Question, Range, Source, Variables};
use crate::servers::prometheus::Sample;
use crate::servers::until;
use crate::stage::{Row, Stage, UNIT, today};

/// Long enough for a machine that does a lot else.
const PATIENCE: Duration = Duration::from_secs(180);

/// What the demonstration's second review covers.
const REVIEWED: Range = Range {
    from: "2020-12-31T17:00:00Z",
    to: "2026-06-30T16:59:59Z",
};
const WINDOW: [&str; 6] = [
    "--from",
    "2021-01-01",
    "--to",
    "2026-06-30",
    "--as-of",
    "2026-06-30",
];
const DOCUMENT: &str = "24-ct-tu_2023-08-07_hn-btv";

/// It may have a lot else to do, and little room.
const OF_THE_MACHINE: [&str; 3] = ["SocaiApiSlow", "SocaiDiskNearlyFull", "SocaiDiskWillBeFull"];

const BUCKETS: [&str; 6] = [
    "on_time",
    "late",
    "pending",
    "overdue",
    "no_due_date",
    "excused",
];

/// Counts by bucket.
type Counts = BTreeMap<String, u64>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_query_has_an_answer_and_one_number_has_one_value() {
    let stage = Stage::start().await;
    let shown = Shown {
        stage: &stage,
        questions: grafana::files()
            .iter()
            .flat_map(|file| grafana::questions(&grafana::read(file)))
            .collect(),
    };
    shown.everything_has_rows().await;
    shown.the_city_is_one_from_both_sides().await;
    shown.a_unit_is_one_from_both_sides().await;
    shown.units_add_up_to_the_city().await;
    shown
        .a_document_and_a_review_are_those_of_the_command_line()
        .await;
    shown.nothing_differs_and_nobody_is_alarmed().await;
}

/// What dashboards show, once it is asked for.
struct Shown<'s> {
    stage: &'s Stage,
    questions: Vec<Question>,
}

impl Shown<'_> {
    async fn everything_has_rows(&self) {
        for question in &self.questions {
            for (obligation, lineage) in [("report", "recorded"), ("task", "successor")] {
                let rows = self.rows(question, &variables(obligation, lineage)).await;
                columns_are_as_the_panel_says(question, &rows);
            }
        }
    }

    /// Rows of a question. Metrics come with the next scrapes and rules after them, so they are waited for.
    async fn rows(&self, question: &Question, variables: &Variables) -> Vec<Row> {
        let Question {
            uid,
            title,
            letter,
            source,
            ..
        } = question;
        let what = format!("{uid}: {title} ({letter}) has rows, {variables:?}");
        let mut rows = Vec::new();
        match source {
            Source::Sql(text) => {
                let sent = grafana::sql(text, variables, &REVIEWED);
                let answer = self.stage.sql(&sent).await;
                rows = answer.unwrap_or_else(|error| panic!("{what}: {sent}: {error:?}"));
                assert!(!rows.is_empty(), "{what}: {sent}");
            }
            Source::Now(expr) | Source::Lately(expr) => {
                let sent = grafana::promql(expr, variables);
                until(&format!("{what}: {sent}"), PATIENCE, || {
                    self.stage.records_something();
                    rows = in_rows(self.ask(source, &sent));
                    let found = !rows.is_empty();
                    async move { found }
                })
                .await;
            }
        }
        rows
    }

    fn ask(&self, source: &Source, sent: &str) -> Vec<Sample> {
        let prometheus = &self.stage.prometheus;
        let answer = match source {
            Source::Lately(_) => prometheus.lately(sent),
            Source::Now(_) => prometheus.now(sent),
            Source::Sql(_) => unreachable!("SQL is asked of PostgreSQL"),
        };
        answer.unwrap_or_else(|error| panic!("{sent}: {error}"))
    }

    /// What a panel shows.
    async fn panel(&self, uid: &str, title: &str, letter: &str, variables: &Variables) -> Vec<Row> {
        let mut all = self.questions.iter();
        let found = all.find(|question| {
            (&*question.uid, &*question.title, &*question.letter) == (uid, title, letter)
        });
        let question = found.unwrap_or_else(|| panic!("{uid} has no panel {title} ({letter})"));
        self.rows(question, variables).await
    }

    /// What a panel shows that has a question for each bucket.
    async fn bars(&self, uid: &str, title: &str, variables: &Variables) -> Vec<Row> {
        let mut rows = Vec::new();
        for letter in ["A", "B", "C", "D", "E", "F"] {
            rows.extend(self.panel(uid, title, letter, variables).await);
        }
        rows
    }

    async fn the_city_is_one_from_both_sides(&self) {
        for obligation in ["report", "task"] {
            let variables = variables(obligation, "recorded");
            let expected = self.rates(
                &["--by", "total", "--obligations", obligation],
                &this_year(),
            );
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

    /// A rate of this year: by metrics, by SQL, by the command line.
    async fn headline(&self, obligation: &str, rate: &str, [metrics, sql]: [&str; 2]) {
        let variables = variables(obligation, "recorded");
        let expected = self.rates(
            &["--by", "total", "--obligations", obligation],
            &this_year(),
        );
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
        for obligation in ["report", "task"] {
            let variables = variables(obligation, "recorded");
            let asked = ["--by", "total", "--unit", UNIT, "--obligations", obligation];
            let expected = buckets(&self.rates(&asked, &this_year()));
            let title = "Theo tình trạng năm nay";
            let metrics = self.bars("socai-unit", title, &variables).await;
            assert_eq!(expected, by_bucket(&metrics), "{obligation}");
            let title = "Theo tình trạng năm nay, hỏi PostgreSQL";
            let sql = self.panel("socai-unit", title, "A", &variables).await;
            assert_eq!(expected, columns(&sql), "{obligation}");
            assert!(expected["on_time"] > 0, "{obligation}: {expected:?}");
        }
    }

    /// The table of units, and the metrics of those that live.
    async fn units_add_up_to_the_city(&self) {
        for obligation in ["report", "task"] {
            let variables = variables(obligation, "recorded");
            let title = "Đơn vị, tỷ lệ đúng hạn thấp trước";
            let rows = self.panel("socai-city", title, "A", &variables).await;
            let city = self.rates(
                &["--by", "total", "--obligations", obligation],
                &this_year(),
            );
            let sum = |name: &str| {
                rows.iter()
                    .map(|row| row[name].parse::<u64>().unwrap())
                    .sum()
            };
            let sums: Counts = BUCKETS.map(|name| (name.to_owned(), sum(name))).into();
            assert_eq!(buckets(&city), sums, "{obligation}");
            for row in &rows {
                let expr = format!(
                    "unit:socai_obligations:count{{unit={:?},obligation=\"{obligation}\"}}",
                    row["unit"]
                );
                let metrics = in_rows(self.stage.prometheus.now(&expr).unwrap());
                if !metrics.is_empty() {
                    assert_eq!(
                        columns(std::slice::from_ref(row)),
                        by_bucket(&metrics),
                        "{row:?}"
                    );
                }
            }
        }
    }

    async fn a_document_and_a_review_are_those_of_the_command_line(&self) {
        let variables = variables("report", "recorded");
        let of_document = ["--by", "total", "--document", DOCUMENT];
        let expected = self.rates(&of_document, &WINDOW.map(str::to_owned));
        let sql = self
            .panel("socai-document", "Theo tình trạng", "A", &variables)
            .await;
        assert_eq!(buckets(&expected), columns(&sql));
        for (uid, title) in [
            ("socai-document", "Theo năm của thời hạn"),
            ("socai-document", "Chuỗi văn bản"),
        ] {
            let rows = self.panel(uid, title, "A", &variables).await;
            assert_eq!(buckets(&expected), summed(&rows), "{uid}: {title}");
        }
        let reports = ["--by", "total", "--obligations", "report"];
        let expected = self.rates(&reports, &WINDOW.map(str::to_owned));
        let rows = self
            .panel("socai-review", "Theo tình trạng và năm", "A", &variables)
            .await;
        assert_eq!(buckets(&expected), summed(&rows));
        let rates = &expected["rows"][0]["rates"];
        for row in self
            .panel("socai-review", "Sáu tỷ lệ", "A", &variables)
            .await
        {
            let rate = &rates[&row["rate"]];
            assert_eq!(rate["percent"].as_str().unwrap(), row["percent"], "{row:?}");
            assert_eq!(rate["d"].to_string(), row["denominator"], "{row:?}");
        }
    }

    /// The table of differences is all noughts, and no alert is even about to fire.
    async fn nothing_differs_and_nobody_is_alarmed(&self) {
        let title = "Sổ cái và PostgreSQL: chênh lệch";
        let rows = self
            .panel("socai-integrity", title, "A", &Variables::new())
            .await;
        let different: Vec<_> = rows.iter().filter(|row| row["value"] != "0").collect();
        assert!(different.is_empty(), "{different:?}");
        assert_eq!(Vec::<String>::new(), self.stage.prometheus.broken_rules());
        let mut alarmed = self.alarmed();
        let deadline = Instant::now() + PATIENCE;
        while !alarmed.is_empty() && Instant::now() < deadline {
            tokio::task::yield_now().await;
            alarmed = self.alarmed();
        }
        assert_eq!(Vec::<String>::new(), alarmed);
    }

    /// Alerts that fire or are about to, but for those that speak of the machine which this runs on.
    fn alarmed(&self) -> Vec<String> {
        let mut alarmed = self.stage.prometheus.alerts();
        alarmed.retain(|name| !OF_THE_MACHINE.contains(&name.as_str()));
        alarmed
    }

    fn rates(&self, asked: &[&str], window: &[String]) -> Value {
        let window: Vec<&str> = window.iter().map(String::as_str).collect();
        self.stage.asks(&[&["rates"], asked, &window].concat())
    }
}

/// Columns that links name are there, and those that are there are called by words.
fn columns_are_as_the_panel_says(question: &Question, rows: &[Row]) {
    let Question {
        uid,
        title,
        linked,
        named,
        merged,
        ..
    } = question;
    let place = format!("{uid}: {title}");
    let there: BTreeSet<&String> = rows.iter().flat_map(Row::keys).collect();
    for column in linked {
        assert!(
            there.contains(column),
            "{place}: a link names {column}, which is no column"
        );
    }
    for column in there.into_iter().filter(|column| *column != "value") {
        assert!(
            named.is_empty() || named.contains(column),
            "{place}: {column} has no name in words"
        );
        assert!(
            !merged || column != "__name__",
            "{place}: the name of a metric keeps rows apart"
        );
    }
}

/// A row for each series: its labels, and the value.
fn in_rows(samples: Vec<Sample>) -> Vec<Row> {
    let row = |sample: Sample| {
        let mut row = sample.labels;
        row.insert("value".to_owned(), sample.value.to_string());
        row
    };
    samples.into_iter().map(row).collect()
}

/// Due dates of this calendar year, as of today.
fn this_year() -> [String; 6] {
    let (day, year) = (today().to_string(), today().year());
    let [from, to] = ["01-01", "12-31"].map(|day| format!("{year}-{day}"));
    [
        "--from".to_owned(),
        from,
        "--to".to_owned(),
        to,
        "--as-of".to_owned(),
        day,
    ]
}

fn variables(obligation: &str, lineage: &str) -> Variables {
    Variables::from([
        ("obligation", obligation.to_owned()),
        ("lineage", lineage.to_owned()),
        ("unit", UNIT.to_owned()),
        ("document", DOCUMENT.to_owned()),
    ])
}

/// Of an answer of `socai rates` by total.
fn buckets(rates: &Value) -> Counts {
    let said = &rates["rows"][0]["buckets"];
    BUCKETS
        .map(|name| (name.to_owned(), said[name].as_u64().unwrap()))
        .into()
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

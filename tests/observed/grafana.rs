//! Dashboards as Grafana reads them: what each asks, and the text that it sends once variables and macros are replaced.
//!
//! Grafana's macros of PostgreSQL take their argument up to the first closing bracket, and so does this.

#![allow(dead_code, reason = "each program of tests uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use serde_json::Value;
use socai_domain::origin::VIETNAM;

use crate::servers::answers::Pace;

pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The days in Việt Nam that a dashboard shows: due dates within them are counted, as of the last one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Days {
    pub(crate) from: Date,
    pub(crate) to: Date,
}

impl Days {
    /// The first moment and the last one, as Grafana sends them.
    fn moments(self) -> [String; 2] {
        let begins = |day: Date| VIETNAM.to_timestamp(day.at(0, 0, 0, 0)).unwrap();
        let after = begins(self.to.tomorrow().unwrap());
        let last = after - jiff::SignedDuration::from_secs(1);
        [begins(self.from), last].map(|moment| moment.to_string())
    }
}

/// Values of variables, by name.
pub(crate) type Variables = BTreeMap<&'static str, String>;

/// Something that a dashboard asks of one of its sources.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The dashboard.
    pub(crate) uid: String,
    /// The panel, variable or annotation.
    pub(crate) title: String,
    /// Which of a panel's questions it is.
    pub(crate) letter: String,
    pub(crate) source: Source,
    /// Columns that links of the panel name.
    pub(crate) linked: Vec<String>,
    /// Columns of the panel's table that are called something else than in the query; none where it is no table.
    pub(crate) named: Vec<String>,
    /// That rows of the panel's questions become one where their labels are the same.
    pub(crate) merged: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// PromQL, for one moment or over time.
    Now(String),
    Lately(String),
    Sql(String),
}

/// The files, by name.
pub(crate) fn files() -> Vec<PathBuf> {
    let folder = Path::new(ROOT).join("ops/grafana/dashboards");
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

pub(crate) fn read(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

/// Panels that show something: rows are headings.
pub(crate) fn panels(dashboard: &Value) -> Vec<&Value> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    panels.filter(|panel| panel["type"] != "row").collect()
}

/// Everything that `dashboard` asks.
pub(crate) fn questions(dashboard: &Value) -> Vec<Question> {
    let of = |title: &Value, letter: &Value, source| Question {
        uid: text(&dashboard["uid"]),
        title: text(title),
        letter: text(letter),
        source,
        linked: Vec::new(),
        named: Vec::new(),
        merged: false,
    };
    let panels = panels(dashboard).into_iter().flat_map(|panel| {
        let targets = panel["targets"].as_array().unwrap().iter();
        targets.map(|target| Question {
            linked: columns_linked(panel),
            named: columns_named(panel),
            merged: panel["transformations"][0]["id"] == "merge",
            ..of(&panel["title"], &target["refId"], source(target))
        })
    });
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    let variables = variables
        .filter(|variable| variable["type"] == "query")
        .map(|variable| {
            let query = Source::Sql(text(&variable["query"]));
            of(&variable["name"], &Value::from("variable"), query)
        });
    let annotations = dashboard["annotations"]["list"].as_array().unwrap().iter();
    let annotations = annotations.map(|annotation| {
        let target = &annotation["target"];
        of(&annotation["name"], &target["refId"], source(target))
    });
    panels.chain(variables).chain(annotations).collect()
}

fn source(target: &Value) -> Source {
    match target["expr"].as_str() {
        Some(expr) if target["instant"] == true => Source::Now(expr.to_owned()),
        Some(expr) => Source::Lately(expr.to_owned()),
        None => Source::Sql(text(&target["rawSql"])),
    }
}

/// Names in `${__data.fields.…}` of the links of a panel's columns.
fn columns_linked(panel: &Value) -> Vec<String> {
    let overrides = panel["fieldConfig"]["overrides"].to_string();
    let named = overrides.split("${__data.fields.").skip(1);
    let mut named: Vec<String> = named
        .map(|rest| rest.split('}').next().unwrap().to_owned())
        .collect();
    named.dedup();
    named
}

/// Columns of a table that the panel says something of.
fn columns_named(panel: &Value) -> Vec<String> {
    if panel["type"] != "table" {
        return Vec::new();
    }
    let overrides = panel["fieldConfig"]["overrides"].as_array().unwrap();
    let by_name = overrides
        .iter()
        .map(|one| &one["matcher"])
        .filter(|matcher| matcher["id"] == "byName");
    by_name.map(|matcher| text(&matcher["options"])).collect()
}

pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

/// `sql` as Grafana sends it.
pub(crate) fn sql(sql: &str, variables: &Variables, shown: Days) -> String {
    macros(&interpolated(sql, variables), shown)
}

/// `expr` as Grafana sends it.
pub(crate) fn promql(expr: &str, variables: &Variables, pace: Pace) -> String {
    interpolated(expr, variables).replace("$__rate_interval", pace.rate_interval())
}

/// `${name}` and `${name:sqlstring}` replaced.
fn interpolated(query: &str, variables: &Variables) -> String {
    let mut parts = query.split("${");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or_else(|| panic!("{query}"));
        let (name, format) = name.split_once(':').unwrap_or((name, ""));
        let value = &variables[name];
        whole += &match format {
            "" => value.replace('\'', "''"),
            "sqlstring" => format!("'{}'", value.replace('\'', "''")),
            other => panic!("{query}: the format {other} is not known here"),
        };
        whole += rest;
    }
    whole
}

fn macros(query: &str, shown: Days) -> String {
    let [from, to] = shown.moments();
    let mut parts = query.split("$__");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('(').unwrap_or_else(|| panic!("{query}"));
        let (column, rest) = rest.split_once(')').unwrap();
        whole += &match name {
            "timeFrom" => format!("'{from}'"),
            "timeTo" => format!("'{to}'"),
            "timeFilter" => format!("{column} BETWEEN '{from}' AND '{to}'"),
            other => panic!("{query}: the macro {other} is not known here"),
        };
        whole += rest;
    }
    whole
}

#[test]
fn variables_and_macros_are_replaced_as_grafana_does() {
    let year = Days {
        from: date(2021, 1, 1),
        to: date(2021, 12, 31),
    };
    let variables = Variables::from([("unit", "o'hara".to_owned()), ("kind", "task".to_owned())]);
    let asked = "SELECT '${kind}' WHERE u = ${unit:sqlstring} AND $__timeFilter(at) AND f($__timeFrom(), $__timeTo())";
    let sent = "SELECT 'task' WHERE u = 'o''hara' AND at BETWEEN '2020-12-31T17:00:00Z' AND '2021-12-31T16:59:59Z' \
                AND f('2020-12-31T17:00:00Z', '2021-12-31T16:59:59Z')";
    assert_eq!(sent, sql(asked, &variables, year));
    assert_eq!(
        "rate(x{kind=\"task\"}[15s])",
        promql(
            "rate(x{kind=\"${kind}\"}[$__rate_interval])",
            &variables,
            Pace::Hurried
        )
    );
}

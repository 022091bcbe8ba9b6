//! What a Prometheus answers, whoever started it.
#![allow(dead_code, reason = "each program of tests uses a part of it")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use serde_json::Value;

/// How often a Prometheus asks its targets, and so over which time a question of a panel is a good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Every two seconds.
    Hurried,
    /// As `ops/prometheus` has it.
    Delivered,
}

impl Pace {
    /// How far back a question over time looks.
    fn span(self) -> Duration {
        match self {
            Self::Hurried => Duration::from_secs(30),
            Self::Delivered => Duration::from_secs(300),
        }
    }

    /// How far its moments are apart, in seconds.
    fn step(self) -> &'static str {
        match self {
            Self::Hurried => "1",
            Self::Delivered => "15",
        }
    }

    /// What Grafana makes of `$__rate_interval`: four scrapes, or more.
    pub(crate) fn rate_interval(self) -> &'static str {
        match self {
            Self::Hurried => "15s",
            Self::Delivered => "60s",
        }
    }
}

/// A Prometheus that is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answers {
    address: SocketAddr,
    pub(crate) pace: Pace,
}

/// A series and its last value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample {
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

impl Answers {
    /// Of the one at `address`.
    pub(crate) fn of(address: SocketAddr, pace: Pace) -> Self {
        Self { address, pace }
    }

    /// What `expr` is now. What Prometheus says instead, where it refuses.
    pub(crate) fn now(&self, expr: &str) -> Result<Vec<Sample>, String> {
        let answer = self.get("query", &[("query", expr)])?;
        Ok(samples(&answer, |series| series["value"].clone()))
    }

    /// What `expr` was over the last while: of each series the last value that is a number.
    pub(crate) fn lately(&self, expr: &str) -> Result<Vec<Sample>, String> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap();
        let [start, end] = [now - self.pace.span(), now].map(|at| at.as_secs_f64().to_string());
        let asked = [
            ("query", expr),
            ("start", &start),
            ("end", &end),
            ("step", self.pace.step()),
        ];
        let answer = self.get("query_range", &asked)?;
        Ok(samples(&answer, |series| {
            let mut values = series["values"].as_array().unwrap().iter().rev();
            let number = values.find(|pair| pair[1] != "NaN");
            number.cloned().unwrap_or_default()
        }))
    }

    /// Alerts that fire or are about to, by name.
    pub(crate) fn alerts(&self) -> Vec<String> {
        let answer = self.get("alerts", &[]).unwrap();
        let alerts = answer["alerts"].as_array().unwrap().iter();
        let name = |alert: &Value| alert["labels"]["alertname"].as_str().unwrap().to_owned();
        alerts.map(name).collect()
    }

    /// Rules that could not be evaluated, with the reason.
    pub(crate) fn broken_rules(&self) -> Vec<String> {
        let answer = self.get("rules", &[]).unwrap();
        let groups = answer["groups"].as_array().unwrap().iter();
        let rules = groups.flat_map(|group| group["rules"].as_array().unwrap());
        let broken = rules.filter(|rule| rule["health"] == "err");
        broken.map(ToString::to_string).collect()
    }

    fn get(&self, what: &str, asked: &[(&str, &str)]) -> Result<Value, String> {
        let mut request = ureq::get(format!("http://{}/api/v1/{what}", self.address))
            .config()
            .http_status_as_error(false)
            .build();
        for (name, value) in asked {
            request = request.query(name, value);
        }
        let mut answer = request.call().map_err(|error| error.to_string())?;
        let text = answer.body_mut().read_to_string().unwrap();
        let mut answer: Value = serde_json::from_str(&text).map_err(|_| text.clone())?;
        match answer["status"].as_str() {
            Some("success") => Ok(answer["data"].take()),
            _ => Err(text),
        }
    }
}

/// Every series of `answer`, with the value that `pick` takes: a pair of a moment and a number. Without one it is left out.
fn samples(answer: &Value, pick: impl Fn(&Value) -> Value) -> Vec<Sample> {
    let sample = |series: &Value| {
        let value = pick(series)[1].as_str()?.parse().ok()?;
        let labels = series["metric"].as_object().into_iter().flatten();
        let labels = labels.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
        Some(Sample {
            labels: labels.collect(),
            value,
        })
    };
    let series = answer["result"].as_array().unwrap();
    series.iter().filter_map(sample).collect()
}

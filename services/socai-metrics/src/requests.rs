//! How long answers took, over HTTP and gRPC.

use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, LabelSetEncoder};
use prometheus_client::metrics::exemplar::HistogramWithExemplars;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::{Registry, Unit};
use uuid::Uuid;

/// Upper bounds of answers' times, in seconds.
const BUCKETS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// How long answers took.
#[derive(Debug, Clone)]
pub struct Requests {
    http: Family<Http, Answers, fn() -> Answers>,
    grpc: Family<Grpc, Answers, fn() -> Answers>,
}

type Answers = HistogramWithExemplars<Example>;

/// A request that is an example of those that took so long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What the log calls it.
    pub request: Uuid,
    /// The trace that a collector has of it, where it is sent one.
    pub trace: Option<String>,
}

impl EncodeLabelSet for Example {
    fn encode(&self, encoder: &mut LabelSetEncoder) -> Result<(), std::fmt::Error> {
        let mut labels = vec![("request_id", self.request.to_string())];
        labels.extend(self.trace.clone().map(|trace| ("trace_id", trace)));
        labels.encode(encoder)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Http {
    route: String,
    method: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Grpc {
    service: String,
    method: String,
    code: &'static str,
}

impl Default for Requests {
    fn default() -> Self {
        let answers: fn() -> Answers = || HistogramWithExemplars::new(BUCKETS.into_iter());
        Self {
            http: Family::new_with_constructor(answers),
            grpc: Family::new_with_constructor(answers),
        }
    }
}

impl Requests {
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register_with_unit(
            "socai_http_request_duration",
            "How long answers over HTTP took to begin",
            Unit::Seconds,
            self.http.clone(),
        );
        registry.register_with_unit(
            "socai_grpc_request_duration",
            "How long answers over gRPC took to begin",
            Unit::Seconds,
            self.grpc.clone(),
        );
    }

    /// A request was answered after `took`. `route` is a template, such as `/v1/jobs/{job}`: never what a client wrote.
    pub fn http(&self, route: &str, method: &str, status: u16, one: Example, took: Duration) {
        let labels = Http {
            route: route.to_owned(),
            method: known_method(method),
            status: class(status),
        };
        let answers = self.http.get_or_create(&labels);
        answers.observe(took.as_secs_f64(), Some(one), None);
    }

    /// A call was answered with `code`, such as `OK` or `NOT_FOUND`, after `took`. `service` and `method` are those of
    /// `proto/`, never what a client wrote.
    pub fn grpc(
        &self,
        (service, method): (&str, &str),
        code: &'static str,
        one: Example,
        took: Duration,
    ) {
        let labels = Grpc {
            service: service.to_owned(),
            method: method.to_owned(),
            code,
        };
        let answers = self.grpc.get_or_create(&labels);
        answers.observe(took.as_secs_f64(), Some(one), None);
    }
}

/// Clients may invent methods, and each would be a series.
fn known_method(method: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let known = KNOWN.into_iter().find(|known| *known == method);
    known.unwrap_or("other")
}

fn class(status: u16) -> &'static str {
    match status / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

#[cfg(test)]
mod tests {
    use crate::{Form, Metrics};

    use super::*;

    #[test]
    fn an_answer_is_counted_under_its_route_with_its_id_beside_it() {
        let metrics = Metrics::default();
        let took = Duration::from_millis(3);
        let example = |trace: Option<&str>| Example {
            request: Uuid::from_u128(7),
            trace: trace.map(str::to_owned),
        };
        let requests = &metrics.requests;
        requests.http("/v1/jobs/{job}", "GET", 404, example(None), took);
        requests.http("/v1/jobs/{job}", "BREW", 404, example(Some("4bf9")), took);
        requests.grpc(("socai.v1.Questions", "Rates"), "OK", example(None), took);
        let written = metrics.collect(Form::OpenMetrics);
        let line = "socai_http_request_duration_seconds_bucket{le=\"0.005\",route=\"/v1/jobs/{job}\",method=\"GET\",\
                    status=\"4xx\"} 1 # {request_id=\"00000000-0000-0000-0000-000000000007\"} 0.003";
        assert!(written.contains(line), "{written}");
        assert!(written.contains("method=\"other\""), "{written}");
        assert!(!written.contains("BREW"));
        assert!(
            written.contains("0007\",trace_id=\"4bf9\"} 0.003"),
            "{written}"
        );
        assert!(written.contains("service=\"socai.v1.Questions\",method=\"Rates\",code=\"OK\""));
        assert!(!metrics.collect(Form::Text).contains("request_id"));
    }
}

//! How the ledger and its process stand, as Prometheus is told it: by an account's right, or at an address of its own.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde_json::json;

use crate::client::Client;
use crate::server::Server;
use crate::stage::Stage;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Assigns a task of this year to `a`.
fn assign(stage: &Stage, task: &str, due: &str) {
    let assignment = json!({"document": "d", "title": "Việc", "leads": [{"unit": "a"}],
        "due": {"rule": "fixed", "date": due}});
    let year = &due[..4];
    let line = json!({"effective": format!("{year}-01-01"), "data": {"task": task, "assignment": assignment}});
    let registrar = stage.client(&stage.town.registrar);
    registrar
        .post("/v1/commands/task.assign", &line)
        .expect(200);
}

#[test]
fn the_counts_are_those_of_the_rates_and_not_for_whoever_sees_one_unit() {
    let stage = Stage::new();
    let today = Timestamp::now()
        .to_zoned(TimeZone::fixed(Offset::constant(7)))
        .date();
    let year = today.year();
    assign(&stage, "due", &format!("{year}-12-31"));
    assign(&stage, "passed", &format!("{year}-01-01"));
    let operator = stage.client(&stage.town.operator);
    let answer = operator.get("/metrics").expect(200);
    assert_eq!(answer.header("content-type"), OPENMETRICS);
    assert_eq!(answer.header("cache-control"), "no-store");
    let text = answer.text();
    assert!(text.ends_with("# EOF\n"), "{text}");

    let asked = format!("/v1/rates?from={year}-01-01&to={year}-12-31&by=unit&obligations=task");
    let inspector = stage.client(&stage.town.inspector);
    let rates = inspector.get(&asked).expect(200).json();
    let mut met = 0;
    for row in rates["rows"].as_array().unwrap() {
        for (bucket, count) in row["buckets"].as_object().unwrap() {
            let unit = row["id"].as_str().unwrap();
            let labels = format!("unit=\"{unit}\",obligation=\"task\",bucket=\"{bucket}\"");
            let line = format!("\nsocai_unit_obligations{{{labels}}} {count}\n");
            assert!(text.contains(&line), "{line}{text}");
            met += count.as_u64().unwrap();
        }
    }
    assert!(met >= 2, "{rates}");

    let plain = [("accept", "text/plain")];
    let plain = operator.get_with("/metrics", &plain).expect(200);
    assert_eq!(
        plain.header("content-type"),
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let denied = stage
        .client(&stage.town.reporter)
        .get("/metrics")
        .expect(403);
    assert_eq!(denied.code(), "permission.no_role");
    Client::with(stage.server.address(), None)
        .get("/metrics")
        .expect(401);
}

#[test]
fn an_address_of_its_own_tells_metrics_and_health_to_everybody_and_nothing_else() {
    let Stage {
        home,
        town: _town,
        server,
    } = Stage::new();
    drop(server);
    home.configure("[metrics]\nlisten = \"127.0.0.1:0\"\nunits = \"kinds\"\n");
    let server = Server::start(&home.config());
    let nobody = Client::with(server.scraped_at(), None);
    let text = nobody.get("/metrics").expect(200).text();
    assert!(text.contains("\nsocai_kind_obligations{"), "{text}");
    assert!(!text.contains("socai_unit_"), "{text}");
    assert!(
        text.contains("\nsocai_role_state{role=\"api\",state=\"working\"} 1\n"),
        "{text}"
    );
    assert!(
        text.contains("\nsocai_disk_free_bytes{directory=\"ledger\"} "),
        "{text}"
    );
    for path in ["/", "/status", "/v1/rates", "/openapi.json"] {
        assert_eq!(
            nobody.get(path).expect(404).code(),
            "request.no_such_address",
            "{path}"
        );
    }
    for path in ["/healthz", "/readyz"] {
        nobody.get(path).expect(200);
    }
    server.until("the ledger was read again", || {
        let text = nobody.get("/metrics").expect(200).text();
        text.contains("\nsocai_verification_last_success_timestamp_seconds ")
            && text.contains("\nsocai_verification_failures_total 0\n")
    });
    let status = Client::with(server.address(), None).get("/status").json();
    assert_eq!(status["verification"]["failures"], 0, "{status}");
    server.stop();
}

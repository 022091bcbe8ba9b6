use serde_json::{Value, json};

use super::Refusal;
use crate::tests::{Step, Told, city, step, told};

mod acts;
mod dates;
mod ladders;

pub(crate) use ladders::ladders;

const REPORT: &str = "bc_2019_snv";
const TASK: &str = "nv_snv";

/// `snv` owes the report of 2019 by 2019-12-20, and a task by 2019-06-30, both from 2019-02-01 on.
fn owed() -> Vec<Step> {
    let rule = json!({"document": "ct-01", "kind": "periodic", "title": "Báo cáo",
        "reporters": [{"unit": "snv"}], "cadence": "yearly", "window": {"rule": "not_stated"},
        "due": {"rule": "fixed", "date": "2019-12-20"}, "day_off": "keep", "via": "vp"});
    let mut steps = city();
    steps.extend([
        step(
            "2019-02-01",
            "requirement.set",
            json!({"requirement": "bc", "rule": rule}),
        ),
        step(
            "2019-02-01",
            "period.open",
            json!({"requirement": "bc", "period": "2019"}),
        ),
        task("nv", json!({"rule": "fixed", "date": "2019-06-30"})),
    ]);
    steps
}

fn task(id: &str, due: Value) -> Step {
    let body = json!({"task": id, "assignment": {"document": "ct-01", "title": "Rà soát",
        "leads": [{"unit": "snv"}], "due": due}});
    step("2019-02-01", "task.assign", body)
}

/// `name` asked of `obligation`, with `more` fields.
fn act(on: &str, name: &str, obligation: &str, more: Value) -> Step {
    let mut body = json!({"obligation": obligation});
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    step(on, name, body)
}

fn submit(on: &str) -> Step {
    step(on, "report.submit", json!({"obligations": [REPORT]}))
}

fn claim(on: &str) -> Step {
    act(on, "task.claim", TASK, json!({}))
}

fn excuse(on: &str, obligation: &str) -> Step {
    let more = json!({"by": "ubnd", "reason": "bão số 5", "legal_basis": "Điều 13"});
    act(on, "obligation.excuse", obligation, more)
}

fn happened(obligation: &str, on: &str, event: &str, body: Value) -> Told {
    told(&format!("obligation.{obligation}"), on, event, body)
}

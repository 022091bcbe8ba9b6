//! A unit with one under it and one beside it, an account of every role in it, and each command about each.

use serde_json::{Value, json};

use crate::permission::Role;
use crate::tests::{Given, Step, given, step};

/// Whose affairs a command is about, seen from the accounts of `so`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Own,
    Child,
    Foreign,
    Nobody,
}

impl Whose {
    pub(super) const ALL: [Self; 4] = [Self::Own, Self::Child, Self::Foreign, Self::Nobody];

    pub(super) const fn letter(self) -> char {
        match self {
            Self::Own => 'o',
            Self::Child => 'c',
            Self::Foreign => 'f',
            Self::Nobody => 'n',
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::Own => "so",
            Self::Child => "phong",
            Self::Foreign => "khac",
            Self::Nobody => "khong-co",
        }
    }

    /// An attachment about work of the unit.
    fn address(self) -> String {
        let digit = match self {
            Self::Own => "1",
            Self::Child => "2",
            Self::Foreign => "3",
            Self::Nobody => "4",
        };
        digit.repeat(64)
    }
}

fn unit(id: &str, parent: Option<&str>) -> Step {
    let mut body = json!({"unit": id, "name": id, "kind": "department"});
    if let Some(parent) = parent {
        body["parent"] = json!(parent);
    }
    step("2008-08-01", "unit.form", body)
}

pub(super) fn account(id: &str, unit: Option<&str>, role: &str) -> [Step; 2] {
    let mut body = json!({"account": id});
    if let Some(unit) = unit {
        body["unit"] = json!(unit);
    }
    let role = json!({"account": id, "role": role});
    [
        step("2019-01-01", "account.create", body),
        step("2019-01-01", "account.grant_role", role),
    ]
}

/// What one unit owes: a report, a task, an inspection, a file about the task.
fn owed_by(whose: Whose) -> Vec<Step> {
    let unit = whose.unit();
    vec![
        rule(&format!("bc-{unit}"), unit, None),
        opened(&format!("bc-{unit}")),
        task(&format!("nv-{unit}"), &[unit]),
        step(
            "2019-03-01",
            "inspection.open",
            json!({"inspection": format!("kt-{unit}"), "plan": {"kind": "inspection", "by": "ubnd",
                   "units": [unit], "title": "Kiểm tra",
                   "window": {"from": "2019-01-01", "to": "2019-12-31"}}}),
        ),
        step(
            "2019-03-01",
            "attachment.store",
            json!({"attachment": whose.address(), "file": {"bytes": 1, "media": "text/plain",
                   "about": {"obligation": format!("nv-{unit}_{unit}")}}}),
        ),
    ]
}

pub(super) fn rule(id: &str, reporter: &str, via: Option<&str>) -> Step {
    let document = format!("ct-{id}");
    let mut rule = json!({"document": document, "kind": "periodic", "title": "Báo cáo",
        "reporters": [{"unit": reporter}], "cadence": "quarterly", "window": {"rule": "calendar"},
        "due": {"rule": "days_after", "n": 10}, "day_off": "keep"});
    if let Some(via) = via {
        rule["via"] = json!(via);
    }
    step(
        "2019-01-02",
        "requirement.set",
        json!({"requirement": id, "rule": rule}),
    )
}

pub(super) fn document(requirement: &str) -> Step {
    let body =
        json!({"document": format!("ct-{requirement}"), "type": "Chỉ thị", "issuer": "ubnd"});
    step("2019-01-01", "document.issue", body)
}

pub(super) fn opened(requirement: &str) -> Step {
    let body = json!({"requirement": requirement, "period": "2019-q1"});
    step("2019-01-03", "period.open", body)
}

pub(super) fn task(id: &str, leads: &[&str]) -> Step {
    let leads: Vec<Value> = leads.iter().map(|unit| json!({"unit": unit})).collect();
    let assignment = json!({"document": "ct", "title": "Rà soát", "leads": leads,
                            "due": {"rule": "on_event", "event": "có kết luận"}});
    step(
        "2019-01-03",
        "task.assign",
        json!({"task": id, "assignment": assignment}),
    )
}

pub(super) fn world() -> Given {
    let mut steps = vec![
        unit("ubnd", None),
        unit("so", Some("ubnd")),
        unit("phong", Some("so")),
        unit("khac", Some("ubnd")),
        step(
            "2019-01-01",
            "document.issue",
            json!({"document": "ct", "type": "Chỉ thị", "issuer": "ubnd"}),
        ),
    ];
    for whose in [Whose::Own, Whose::Child, Whose::Foreign] {
        steps.push(document(&format!("bc-{}", whose.unit())));
        steps.extend(owed_by(whose));
    }
    for role in Role::ALL {
        steps.extend(account(role.id(), Some("so"), role.id()));
    }
    steps.extend(account("closed", Some("so"), "monitor"));
    steps.push(step(
        "2019-01-01",
        "account.close",
        json!({"account": "closed"}),
    ));
    given(steps)
}

/// The command `name`, asked by `account` about the affairs of `whose` unit, for its own.
pub(super) fn asked(name: &str, account: &str, whose: Whose) -> Step {
    let unit = whose.unit();
    let report = format!("bc-{unit}_2019-q1_{unit}");
    let task = format!("nv-{unit}_{unit}");
    let whom = if whose == Whose::Own { account } else { "nam" };
    let key = "socai/hanoi+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let units: &[&str] = if whose == Whose::Nobody { &[] } else { &[unit] };
    let body = match name {
        "ledger.adopt_definition" => json!({"definition": "v1"}),
        "ledger.waive_durability" => json!({"reason": "thử", "servers": ["a"]}),
        "ledger.add_log_key" => json!({"key": key}),
        "ledger.retire_log_key" => json!({"key": key, "valid_to": 1, "reason": "stolen"}),
        "ledger.seal_heads" => json!({"size": 1, "streams": 1, "root": root}),
        "account.create" => json!({"account": whom, "unit": unit}),
        "account.grant_role" | "account.revoke_role" => json!({"account": whom, "role": "monitor"}),
        "account.issue_token" => json!({"account": whom, "token": "t", "hash": "a".repeat(64),
                                        "expires": "2031-06-30T17:00:00Z"}),
        "account.revoke_token" => json!({"account": whom, "token": "t"}),
        "account.close" => json!({"account": whom}),
        "account.note_export" => json!({"account": whom, "export": "x",
                                        "what": {"of": "records", "records": 1, "position": 1}}),
        "calendar.publish" => json!({"year": 2020, "days": [], "source": "Bộ Nội vụ"}),
        "unit.form" => json!({"unit": unit, "name": "Sở", "kind": "department"}),
        "unit.rename" => json!({"unit": unit, "name": "Sở"}),
        "unit.reparent" => json!({"unit": unit, "parent": null}),
        "unit.cede_part" => json!({"unit": unit, "to": "ubnd"}),
        "unit.merge" => json!({"units": [unit], "into": "ubnd", "transfer": [task]}),
        "unit.divide" => json!({"unit": unit, "among": ["ubnd", "vp"]}),
        "unit.dissolve" => json!({"unit": unit, "parts_to": ["ubnd"]}),
        "group.define" => json!({"group": "nhom", "name": "nhóm", "members": units}),
        "group.change" => json!({"group": "nhom", "add": units}),
        "document.issue" => json!({"document": "cv", "type": "Công văn", "issuer": unit}),
        "document.relate" => json!({"document": "ct", "relation": "implements", "to": "cv"}),
        "document.end" => json!({"document": "ct", "how": "expired"}),
        "document.correct" => json!({"document": "ct", "type": "Công văn", "reason": "nhầm"}),
        "requirement.set" => {
            let mut body = rule("bc-moi", unit, None).body;
            if whose == Whose::Nobody {
                body["rule"]["reporters"] = json!([]);
            }
            body
        }
        "requirement.end" => json!({"requirement": format!("bc-{unit}"), "reason": "thôi"}),
        "period.open" => json!({"requirement": format!("bc-{unit}"), "period": "2019-q2"}),
        "task.assign" => self::task("nv-moi", units).body,
        "task.set_due" => json!({"task": format!("nv-{unit}"), "due": "2019-09-01", "cause": "có"}),
        "task.acknowledge" | "task.progress" | "task.claim" => json!({"obligation": task}),
        "task.confirm"
        | "report.receive"
        | "report.accept"
        | "obligation.remind"
        | "obligation.request_explanation" => {
            let id = if name == "task.confirm" { task } else { report };
            json!({"obligation": id, "by": "so"})
        }
        "task.refuse" => json!({"obligation": task, "by": "so", "reason": "thiếu"}),
        "report.submit" => json!({"obligations": [report]}),
        "report.forward" | "obligation.escalate" => {
            json!({"obligation": report, "by": "so", "to": "ubnd"})
        }
        "report.return" | "obligation.cancel" => {
            json!({"obligation": report, "by": "so", "reason": "thiếu"})
        }
        "obligation.extend" => json!({"obligation": report, "by": "so", "due": "2019-09-01",
                                      "reason": "bão"}),
        "obligation.excuse" => json!({"obligation": report, "by": "so", "reason": "bão",
                                      "legal_basis": "Điều 13"}),
        "obligation.transfer" => json!({"obligation": report, "to": "ubnd"}),
        "obligation.flag_late" => json!({"obligation": report, "on": "2019-05-01"}),
        "obligation.explain" => json!({"obligation": report, "cause": "thiếu người"}),
        "obligation.reverse" => json!({"obligation": report, "revision": 1, "reason": "nhầm"}),
        "inspection.open" => json!({"inspection": "kt-moi", "plan": {"kind": "inspection",
            "by": "ubnd", "units": units, "title": "Kiểm tra",
            "window": {"from": "2019-01-01", "to": "2019-12-31"}}}),
        "inspection.record_finding" => json!({"inspection": format!("kt-{unit}"), "number": 1,
            "finding": {"text": "chậm", "unit": unit}}),
        "inspection.set_follow_up" => json!({"inspection": format!("kt-{unit}"), "number": 1,
                                             "task": format!("nv-{unit}")}),
        "inspection.conclude" => json!({"inspection": format!("kt-{unit}"), "conclusion": "đạt"}),
        "attachment.store" => {
            let mut file = json!({"bytes": 1, "media": "text/plain"});
            if whose != Whose::Nobody {
                file["about"] = json!({"obligation": report});
            }
            json!({"attachment": "5".repeat(64), "file": file})
        }
        "attachment.erase" => json!({"attachment": whose.address(), "erasure": {"reason": "lỗi",
                                     "ordered_by": {"unit": "ubnd"}}}),
        "evidence.export" => {
            let of = match whose {
                Whose::Own | Whose::Child | Whose::Foreign => json!({"unit": unit}),
                Whose::Nobody => json!({"document": "ct"}),
            };
            json!({"evidence": "e", "of": of, "from": "2019-01-01", "to": "2019-12-31", "size": 1,
                   "records": 1, "root": root})
        }
        _ => panic!("{name} is asked of nobody here"),
    };
    step("2019-06-01", name, body)
}

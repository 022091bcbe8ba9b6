//! A city of as many offices as there are clients, each of which owes more reports than its client can hand in.

use std::time::Duration;

use crate::CLIENTS;
use crate::accounts::Person;

/// What the server allows: as much as one machine of a city would be allowed that brings in an archive.
pub(crate) const LIMITS: &str =
    "[api]\nrequests_per_minute = 100000\nconnections_per_address = 256\n";

/// Reports of one office in a second: more than all offices together come to on two cores.
const REPORTS_A_SECOND: u64 = 60;

/// The clerk of an office.
pub(crate) fn clerk(office: usize) -> Person {
    Person::new(
        &format!("clerk-{office}"),
        "reporter",
        Some(&format!("u{office}")),
    )
}

/// What the office owes, one after the other.
pub(crate) fn owed(office: usize) -> impl Iterator<Item = String> {
    (0..).map(move |request| format!("r_p{request}_u{office}"))
}

/// The offices, their clerks, and what they owe for as long as it `lasts`.
pub(crate) fn lines(lasts: Duration) -> String {
    let mut lines = vec![unit("c", "Thành ủy", "party_committee")];
    lines.extend((0..CLIENTS).map(|office| unit(&format!("u{office}"), "Phường", "other")));
    lines.push(r#"{"command":"document.issue","effective":"2024-01-15","data":{"document":"d","number":"12-CT/TU","type":"Chỉ thị","issuer":"c","date":"2024-01-15"}}"#.to_owned());
    let reporters: Vec<String> = (0..CLIENTS)
        .map(|office| format!(r#"{{"unit":"u{office}"}}"#))
        .collect();
    let reporters = reporters.join(",");
    lines.push(format!(r#"{{"command":"requirement.set","effective":"2024-01-15","data":{{"requirement":"r","rule":{{"document":"d","kind":"ad_hoc","title":"Báo cáo nhanh","reporters":[{reporters}],"via":"c","cadence":"on_request","window":{{"rule":"not_stated"}},"due":{{"rule":"not_stated"}},"day_off":"keep"}}}}}}"#));
    lines.extend((0..lasts.as_secs() * REPORTS_A_SECOND).map(|request| {
        format!(r#"{{"command":"period.open","effective":"2024-01-16","data":{{"requirement":"r","period":"p{request}"}}}}"#)
    }));
    lines.extend((0..CLIENTS).flat_map(|office| clerk(office).lines()));
    lines.join("\n")
}

fn unit(id: &str, name: &str, kind: &str) -> String {
    format!(
        r#"{{"command":"unit.form","effective":"2014-01-01","data":{{"unit":"{id}","name":"{name}","kind":"{kind}"}}}}"#
    )
}

//! What an answer counts by the end of a day.

use serde_json::json;

use super::stage::Stage;

fn found(number: u32, on: &str) -> String {
    let command = json!({"command": "inspection.record_finding", "effective": on, "actor": "committee",
                         "data": {"inspection": "ia", "number": number,
                                  "finding": {"text": "Báo cáo chậm", "unit": "a"}}});
    command.to_string()
}

#[tokio::test]
async fn a_finding_counts_from_its_day() {
    let (first, second) = (found(1, "2025-03-10"), found(2, "2025-03-20"));
    let stage = Stage::set_with(&[&first, &second]).await;
    for (day, findings) in [
        ("2025-03-09", 0),
        ("2025-03-10", 1),
        ("2025-03-19", 1),
        ("2025-03-20", 2),
    ] {
        let parameters = json!({"inspection": "ia", "as_of": day});
        let rows = stage.rows("committee", "inspections", parameters).await;
        assert_eq!(rows[0]["findings"], findings, "on {day}");
    }
}

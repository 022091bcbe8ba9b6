use serde_json::json;

use super::Refusal;
use crate::calendar::YearError;
use crate::refusal::Refused;
use crate::tests::{Climb, city, day, given, ladder, step, told};

pub(crate) fn ladders() -> Vec<Climb> {
    vec![publish()]
}

fn contradiction(error: YearError) -> Refused {
    Refused {
        code: error.code(),
        sentence: "",
        about: None,
    }
}

fn publish() -> Climb {
    let holiday = json!({"date": "2019-09-02", "kind": "legal", "name": "Quốc khánh",
                         "certainty": "certain", "source": "6159", "swapped_with": null});
    let body = json!({"year": 1975, "days": [holiday, holiday], "source": "Thông báo 6159"});
    ladder(city(), step("2018-12-01", "calendar.publish", body))
        .refused(Refusal::BadYear)
        .with("year", json!(2019))
        .refused(contradiction(YearError::Duplicate {
            date: day("2019-09-02"),
        }))
        .with("days", json!([holiday]))
        .then([told(
            "calendar.2019",
            "2018-12-01",
            "calendar.published.v1",
            json!({"version": 1, "days": [holiday], "source": "Thông báo 6159"}),
        )])
        .with("days", json!([]))
        .then([told(
            "calendar.2019",
            "2018-12-01",
            "calendar.published.v1",
            json!({"version": 2, "days": [], "source": "Thông báo 6159"}),
        )])
}

#[test]
fn publishing_checks_rules_in_order() {
    publish();
}

#[test]
fn a_year_has_an_end_and_a_beginning() {
    for year in [1975, 9999, -1] {
        given([])
            .when(
                "ana",
                "2018-12-01",
                "calendar.publish",
                json!({"year": year, "days": [], "source": "?"}),
            )
            .refused(Refusal::BadYear);
    }
}

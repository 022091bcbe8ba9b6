//! Every query of every dashboard is asked of real servers and has rows; what two panels show of one thing agrees, and
//! is what `socai rates` says.

use jiff::civil::date;

use crate::grafana::Days;
use crate::shown::{About, Shown};
use crate::stage::{Stage, UNIT, today};

const DOCUMENT: &str = "24-ct-tu_2023-08-07_hn-btv";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_query_has_an_answer_and_one_number_has_one_value() {
    let stage = Stage::start().await;
    let stir = || stage.records_something();
    let shown = Shown::new(&stage.sources, about(), &stir);
    shown.everything_has_rows_but(&[]).await;
    shown.one_number_has_one_value().await;
    shown.nobody_is_alarmed_but(&[]).await;
}

/// The days that the demonstration's second review covers, and this calendar year.
fn about() -> About {
    let reviewed = Days {
        from: date(2021, 1, 1),
        to: date(2026, 6, 30),
    };
    let this_year = Days {
        from: today().first_of_year(),
        to: today().last_of_year(),
    };
    About {
        unit: UNIT,
        document: DOCUMENT,
        days: reviewed,
        counted: this_year,
        today: today(),
    }
}

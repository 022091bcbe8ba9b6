//! What the dashboards show of a fresh city: the demonstration, with the numbers of the command line.

use std::cell::Cell;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::json;
use socai_domain::origin::VIETNAM;

use crate::client::Client;
use crate::grafana::Days;
use crate::one_command::Started;
use crate::servers::answers::{Answers, Pace};
use crate::shown::{About, Empty, Shown};
use crate::sources::Sources;

/// The years of the demonstration, which `ops/city` counts today, and which dashboards of past periods are set to.
const YEARS: Days = Days {
    from: date(2021, 1, 1),
    to: date(2025, 12, 31),
};

const NO_WITNESS: &str = "a witness is on a machine of somebody else: none is named";
const NO_BACKUP: &str = "nobody has made a backup yet";
const ONE_LIFE: &str = "the unit was never merged or divided";

/// Everything else has rows.
const EMPTY: [Empty; 5] = [
    ("socai-integrity", "Nhân chứng", NO_WITNESS),
    ("socai-integrity", "Nhân chứng chậm", NO_WITNESS),
    ("socai-integrity", "Sao lưu", NO_BACKUP),
    ("socai-integrity", "Bản ghi chưa sao lưu", NO_BACKUP),
    ("socai-unit", "Đơn vị liên quan do sắp xếp", ONE_LIFE),
];

/// That nobody has made a backup yet is told at once, and raised an hour later.
const ALARMED: [&str; 1] = ["SocaiBackupTooOld"];

/// How often something is recorded, at most, while metrics are waited for.
const EVERY: Duration = Duration::from_secs(1);

/// Every query of every panel of every dashboard, asked of the Prometheus and the PostgreSQL that run there.
pub(crate) async fn the_dashboards_show_the_demonstration(city: &Started) {
    let sources = Sources {
        prometheus: Answers::of(city.address("prometheus"), Pace::Delivered),
        reader: city.reader().await,
        ledger: city.dir().join("socai.toml"),
    };
    let about = About {
        unit: "hn-sgddt",
        document: "24-ct-tu_2023-08-07_hn-btv",
        days: YEARS,
        counted: YEARS,
        today: today(),
    };
    let clerk = Clerk::of(city);
    let stir = || clerk.records_something();
    let shown = Shown::new(&sources, about, &stir);
    shown.everything_has_rows_but(&EMPTY).await;
    shown.one_number_has_one_value().await;
    shown.nobody_is_alarmed_but(&ALARMED).await;
}

fn today() -> Date {
    VIETNAM.to_datetime(Timestamp::now()).date()
}

/// Somebody who keeps accounts, so that there is something to measure that no dashboard counts.
struct Clerk {
    client: Client,
    /// How many were made, and when the last one was.
    made: Cell<(u32, Option<Instant>)>,
}

impl Clerk {
    fn of(city: &Started) -> Self {
        let token = city.read("operator.token");
        Self {
            client: Client::with(city.address("api-1"), Some(&token)),
            made: Cell::default(),
        }
    }

    fn records_something(&self) {
        let (number, last) = self.made.get();
        if last.is_some_and(|last| last.elapsed() < EVERY) {
            return;
        }
        self.made.set((number + 1, Some(Instant::now())));
        let data = json!({"account": format!("x-{number}")});
        let body = json!({"effective": today().to_string(), "synthetic": true, "data": data});
        let path = "/v1/commands/account.create";
        self.client.post(path, &body).expect(200);
    }
}

//! The counts of a window as whoever reads reports is told them: what dashboards over SQL show.

use jiff::Timestamp;
use jiff::civil::Date;
use socai_domain::obligation::Kind;
use socai_domain::rate::Counts;
use tokio_postgres::{Client, Row};

use crate::connect::{Role, connect};
use crate::error::Error;
use crate::layout::REPORTING;
use crate::settings::Settings;

/// How long one question may take, in milliseconds.
const ANSWERED_WITHIN_MS: u32 = 60_000;

/// What the database says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadBack {
    /// The last record whose rows are there.
    pub position: u64,
    /// When a projector last wrote, or said that it is there.
    pub written: Option<Timestamp>,
    /// By kind of unit, and by what the obligations ask for.
    pub counts: Vec<(String, Kind, Counts)>,
}

/// Counts what is due from `from` to `to`, as of `as_of`, for each kind of unit. Everything is of one moment.
///
/// # Errors
///
/// [`Error::Unavailable`], [`Error::Refused`].
pub async fn read_back(
    settings: &Settings,
    as_of: Date,
    (from, to): (Date, Date),
) -> Result<ReadBack, Error> {
    let client = connect(settings, Role::Reader).await?;
    let begin = format!(
        "SET statement_timeout = {ANSWERED_WITHIN_MS}; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    );
    client.batch_execute(&begin).await?;
    let place = format!("SELECT position, written_at FROM {REPORTING}.projection");
    let place = client.query_one(&place, &[]).await?;
    let mut counts = Vec::new();
    for kind in [Kind::Report, Kind::Task] {
        let rows = by_kind_of_unit(&client, kind, as_of, (from, to)).await?;
        counts.extend(rows.iter().map(|row| (row.get(0), kind, counted(row))));
    }
    Ok(ReadBack {
        position: place.get::<_, i64>(0).unsigned_abs(),
        written: place.get(1),
        counts,
    })
}

async fn by_kind_of_unit(
    client: &Client,
    kind: Kind,
    as_of: Date,
    (from, to): (Date, Date),
) -> Result<Vec<Row>, Error> {
    let kind = match kind {
        Kind::Report => "report",
        Kind::Task => "task",
    };
    // A sum of bigints is numeric.
    let sums = [
        "on_time",
        "late",
        "pending",
        "overdue",
        "no_due_date",
        "excused",
        "no_due_date_done",
    ];
    let sums = sums
        .map(|count| format!("coalesce(sum(c.{count}), 0)::bigint"))
        .join(", ");
    let ask = format!(
        "SELECT u.kind, {sums} FROM {REPORTING}.units u \
         LEFT JOIN {REPORTING}.counts($1, 'unit', $2, $3, '{kind}') c ON c.id = u.id \
         GROUP BY u.kind ORDER BY u.kind"
    );
    Ok(client.query(&ask, &[&as_of, &from, &to]).await?)
}

fn counted(row: &Row) -> Counts {
    let count = |column: usize| row.get::<_, i64>(column).unsigned_abs();
    Counts {
        on_time: count(1),
        late: count(2),
        pending: count(3),
        overdue: count(4),
        no_due_date: count(5),
        excused: count(6),
        no_due_date_done: count(7),
    }
}

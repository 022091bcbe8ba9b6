//! Rates in SQL against those of the image, on a handful of questions.

use std::fmt;

use jiff::ToSpan;
use jiff::civil::Date;
use socai_domain::obligation::Kind;
use socai_domain::rate::Counts;
use socai_domain::standing::DueMode;
use socai_ledger::rates::RateRow;
use socai_ledger::{Grouping, Image, Lineage, Query};
use socai_store::Position;
use tokio_postgres::{Client, GenericClient, Row};

use crate::connect::{Role, connect};
use crate::error::Error;
use crate::layout::REPORTING;
use crate::settings::Settings;

/// Where SQL and the image disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What was asked.
    pub question: String,
    /// The row.
    pub id: String,
    /// What SQL says; `None` where it has no such row.
    pub sql: Option<RateRow>,
    /// What the image says.
    pub image: Option<RateRow>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sql, image) = (said(self.sql.as_ref()), said(self.image.as_ref()));
        let Self { question, id, .. } = self;
        write!(f, "{question} {id}: SQL says {sql}; the image says {image}")
    }
}

fn said(row: Option<&RateRow>) -> String {
    let Some(row) = row else {
        return "that there is no such row".to_owned();
    };
    let Counts {
        on_time,
        late,
        pending,
        overdue,
        no_due_date,
        excused,
        no_due_date_done,
    } = row.counts;
    format!(
        "on_time {on_time}, late {late}, pending {pending}, overdue {overdue}, \
         no_due_date {no_due_date} ({no_due_date_done} done), excused {excused}"
    )
}

/// The tables as they were at one moment, while a projector goes on.
pub struct Check {
    client: Client,
    position: Position,
}

impl Check {
    /// Takes hold of the tables as they are now, as the role that reads reports.
    ///
    /// # Errors
    ///
    /// [`Error::Unavailable`], [`Error::Refused`].
    pub async fn begin(settings: &Settings) -> Result<Self, Error> {
        let client = connect(settings, Role::Reader).await?;
        // Counting everything takes longer than a dashboard may.
        let begin = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; \
                     BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        client.batch_execute(begin).await?;
        let position = format!("SELECT position FROM {REPORTING}.projection");
        let position: i64 = client.query_one(&position, &[]).await?.get(0);
        let position = Position(position.unsigned_abs());
        Ok(Self { client, position })
    }

    /// The position at which the image has to be, to be compared.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// Compares what the reporting functions answer with what `image` answers; empty where they agree.
    ///
    /// # Errors
    ///
    /// [`Error::Apart`] where the image is not at the position of the tables; [`Error::Unavailable`],
    /// [`Error::Refused`].
    pub async fn compare(&self, image: &Image) -> Result<Vec<Difference>, Error> {
        if self.position != image.position() {
            let (tables, image) = (self.position, image.position());
            return Err(Error::Apart { tables, image });
        }
        compare(&self.client, REPORTING, image).await
    }
}

/// Compares the tables as they are now with `image`.
///
/// # Errors
///
/// As [`Check::begin`] and [`Check::compare`].
pub async fn check(settings: &Settings, image: &Image) -> Result<Vec<Difference>, Error> {
    Check::begin(settings).await?.compare(image).await
}

/// As [`check`], over the functions of the schema `reporting`.
pub(crate) async fn compare(
    client: &impl GenericClient,
    reporting: &str,
    image: &Image,
) -> Result<Vec<Difference>, Error> {
    let mut differences = Vec::new();
    for (query, by) in questions(image) {
        let sql = counts(client, reporting, &query, by).await?;
        let expected = image.rates(&query, by).rows;
        let question = format!(
            "{by:?} {:?} {:?} {}",
            query.lineage, query.due_mode, query.as_of
        );
        differences.extend(between(&question, &sql, &expected));
    }
    Ok(differences)
}

/// Some of everything as of a year after the end of the ledger, when all of it is in the past, and one
/// question as of the middle, when half of it is not yet.
fn questions(image: &Image) -> Vec<(Query, Grouping)> {
    let end = image.position();
    let half = image.recorded_on(Position((end.0 / 2).max(1)));
    let later = image.recorded_on(end);
    let later = later.and_then(|day| day.checked_add(1.year()).ok());
    let half = half.map(|day| (Query::as_of(day), Grouping::Unit));
    let later = later.into_iter().flat_map(questions_of);
    later.chain(half).collect()
}

fn questions_of(as_of: Date) -> Vec<(Query, Grouping)> {
    let all = Query::as_of(as_of);
    let original = Query {
        due_mode: DueMode::Original,
        lineage: Lineage::Successor,
        ..all.clone()
    };
    let year = Query {
        due_from: as_of.checked_sub(1.year()).ok(),
        due_to: Some(as_of),
        kind: Some(Kind::Report),
        ..all.clone()
    };
    vec![
        (all.clone(), Grouping::Unit),
        (original.clone(), Grouping::Unit),
        (year, Grouping::Document),
        (all.clone(), Grouping::Group),
        (original, Grouping::Quarter),
        (all, Grouping::Kind),
    ]
}

fn between<'r>(
    question: &'r str,
    sql: &'r [RateRow],
    image: &'r [RateRow],
) -> impl Iterator<Item = Difference> + 'r {
    let find = |rows: &'r [RateRow], id: &str| rows.iter().find(|row| row.id == id).cloned();
    let only_sql = sql.iter().filter(move |row| find(image, &row.id).is_none());
    let ids = image.iter().chain(only_sql).map(|row| row.id.clone());
    let pair = move |id: String| Difference {
        question: question.to_owned(),
        sql: find(sql, &id),
        image: find(image, &id),
        id,
    };
    ids.map(pair).filter(|pair| pair.sql != pair.image)
}

/// What the function `counts` of the schema `reporting` answers to `query`, which it can be asked but for
/// its requirement, task and bucket.
///
/// # Errors
///
/// [`Error::Unavailable`], [`Error::Refused`].
pub async fn counts(
    client: &impl GenericClient,
    reporting: &str,
    query: &Query,
    by: Grouping,
) -> Result<Vec<RateRow>, Error> {
    let (grouping, kind) = (grouping(by), query.kind.map_or("all", kind));
    let (due, lineage) = (due_mode(query.due_mode), lineage(query.lineage));
    let ask = format!(
        "SELECT * FROM {reporting}.counts($1, '{grouping}', $2, $3, '{kind}', '{due}', '{lineage}', $4, $5, $6)"
    );
    let unit = query.unit.as_ref().map(|id| id.as_str());
    let group = query.group.as_ref().map(|id| id.as_str());
    let document = query.document.as_ref().map(|id| id.as_str());
    let rows = client
        .query(
            &ask,
            &[
                &query.as_of,
                &query.due_from,
                &query.due_to,
                &unit,
                &group,
                &document,
            ],
        )
        .await?;
    Ok(rows.iter().map(rate_row).collect())
}

fn rate_row(row: &Row) -> RateRow {
    let count = |column: usize| row.get::<_, i64>(column).unsigned_abs();
    RateRow {
        id: row.get(0),
        name: row.get(1),
        ended: row.get(2),
        counts: Counts {
            on_time: count(3),
            late: count(4),
            pending: count(5),
            overdue: count(6),
            no_due_date: count(7),
            no_due_date_done: count(8),
            excused: count(9),
        },
    }
}

const fn grouping(by: Grouping) -> &'static str {
    match by {
        Grouping::Unit => "unit",
        Grouping::Group => "group",
        Grouping::Kind => "kind",
        Grouping::Document => "document",
        Grouping::Year => "year",
        Grouping::Quarter => "quarter",
        Grouping::Total => "total",
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Report => "report",
        Kind::Task => "task",
    }
}

const fn due_mode(mode: DueMode) -> &'static str {
    match mode {
        DueMode::Current => "current",
        DueMode::Original => "original",
    }
}

const fn lineage(lineage: Lineage) -> &'static str {
    match lineage {
        Lineage::Recorded => "recorded",
        Lineage::Successor => "successor",
    }
}

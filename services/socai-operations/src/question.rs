//! What a question is.

use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use socai_app::history::records_at;
use socai_domain::permission::{Reading, Scope};
use socai_domain::subject::Subject;
use socai_ledger::image::Image;
use socai_store::{CheckpointLog, EventStore, Position, Recorded};

use crate::cells::Cells;
use crate::known_at::KnownAt;
use crate::page::{Place, Wanted};
use crate::sight::sees;
use crate::trouble::Trouble;

/// A question of the ledger. Its fields are its parameters: flags of the command line, the query of an address,
/// fields of a message; their docs are the manual of all three.
pub trait Question:
    Args + Debug + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static
{
    /// What it is called: `socai rates`, `GET /v1/rates`, `Questions/Rates`.
    const NAME: &'static str;

    /// What it tells, as one sentence.
    const SUMMARY: &'static str;

    /// The right that it takes.
    const READING: Reading;

    /// How its parameters come over HTTP.
    const CARRIED: Carried = Carried::InTheAddress;

    /// One row of the answer. The first field is the id of what the row is about.
    type Row: Serialize + JsonSchema + Send + 'static;

    /// Up to where the ledger counts; everything, where it is not said.
    fn known_at(&self) -> Option<KnownAt>;

    /// The day at whose end is counted, where the answer depends on one.
    fn as_of(&self, today: Date) -> Option<Date>;

    /// Answers.
    ///
    /// # Errors
    ///
    /// [`Trouble`] that names the parameter, or what is not there. What lies outside the scope is not there.
    fn answer(&self, asked: &Asked<'_>) -> Result<Found<Self::Row>, Trouble>;

    /// Where a row stands: rows come in this order.
    fn place(row: &Self::Row) -> Place;

    /// The rows as cells.
    fn cells(rows: &[Self::Row]) -> Cells;

    /// The rows as cells for people, who may like less of each row, or another row below them.
    ///
    /// # Errors
    ///
    /// As [`Question::answer`].
    fn table(&self, asked: &Asked<'_>, rows: &[Self::Row]) -> Result<Cells, Trouble> {
        let _ = asked;
        Ok(Self::cells(rows))
    }
}

/// How parameters come over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// `GET`, in the query of the address.
    InTheAddress,
    /// `POST`, as a JSON object: a text that no address has room for.
    InTheBody,
}

/// What a question is answered from.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The ledger, up to where it counts.
    pub image: &'a Image,
    /// Today in Việt Nam.
    pub today: Date,
    /// What whoever asks may see.
    pub scope: &'a Scope,
}

impl Asked<'_> {
    /// Whether whoever asks may see `subject`.
    pub fn sees(&self, subject: &Subject) -> bool {
        sees(self.image, self.scope, subject)
    }
}

/// What was found.
pub enum Found<Row> {
    /// Rows, in the order of their places.
    Rows(Vec<Row>),
    /// Records in the order of their positions, each of which makes a row.
    Records(Vec<Position>, fn(&Recorded) -> Result<Row, Trouble>),
    /// Rows that are not in the image, to be looked for: those wanted and one more, where there is one.
    Elsewhere(Elsewhere<Row>),
}

/// Looks for rows.
pub type Elsewhere<Row> = Box<dyn FnOnce(Sources, Wanted) -> Looking<Row> + Send>;

/// Rows being looked for.
pub type Looking<Row> = Pin<Box<dyn Future<Output = Result<Vec<Row>, Trouble>> + Send>>;

/// Where there is more than the image holds.
#[derive(Clone)]
pub struct Sources {
    /// The records.
    pub store: Arc<dyn EventStore>,
    /// What was signed, where that is kept.
    pub checkpoints: Option<Arc<dyn CheckpointLog>>,
}

impl<Row> Found<Row> {
    /// The rows wanted, and the place of the last of them where more follow.
    ///
    /// # Errors
    ///
    /// [`Trouble`] where they cannot be read.
    pub async fn gather(
        self,
        sources: &Sources,
        wanted: &Wanted,
        place: fn(&Row) -> Place,
    ) -> Result<(Vec<Row>, Option<Place>), Trouble> {
        let mut rows = match self {
            Self::Rows(rows) => rows,
            Self::Records(mut positions, make) => {
                let next = wanted.cut(&mut positions, |position| Place::at(position.0));
                let records = records_at(&*sources.store, &positions).await?;
                let rows = records.iter().map(make).collect::<Result<_, _>>()?;
                return Ok((rows, next));
            }
            Self::Elsewhere(look) => look(sources.clone(), wanted.clone()).await?,
        };
        let next = wanted.cut(&mut rows, place);
        Ok((rows, next))
    }
}

/// For when, and by which definitions, an answer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Frame {
    /// The last position of the ledger that was asked.
    pub position: u64,
    /// The position up to which it counts.
    pub known_at: u64,
    /// The day at whose end is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Date>,
    /// The version of the definitions.
    pub definition: &'static str,
}

/// An answer as JSON.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Framed<'a, Row> {
    /// For when it holds.
    #[serde(flatten)]
    pub frame: Frame,
    /// The rows.
    pub rows: &'a [Row],
}

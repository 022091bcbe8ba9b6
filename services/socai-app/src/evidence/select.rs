//! Which streams answer a question: obligations, and what stands around them.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use jiff::civil::Date;
use socai_domain::evidence::Of;
use socai_domain::id::{ObligationId, UnitId};
use socai_domain::standing::DueMode;
use socai_evidence::opened::{Opening, openings};
use socai_evidence::{HeadsTree, Query};
use socai_ledger::image::Image;
use socai_ledger::query;
use socai_ledger::rows::{ObligationRow, Source};
use socai_store::{EventStore, Recorded, Revision, StreamId, envelope};
use socai_tlog::Hash;

use super::{Asked, EvidenceError, RECORDS_MAX};

/// Records of a stream that are read at once.
const CHUNK: NonZeroU32 = NonZeroU32::new(1_024).expect("not zero");

/// Names of streams.
pub type Streams = BTreeSet<String>;

/// The streams that answer, and their records as far as the heads go.
#[derive(Debug)]
pub struct Selected {
    /// What was asked.
    pub query: Query,
    /// The heads of all streams.
    pub heads: HeadsTree,
    /// The streams.
    pub streams: Streams,
    /// Their records, by position.
    pub records: BTreeMap<u64, Recorded>,
}

impl Selected {
    /// The hashes of the records, in order.
    pub(super) fn leaves(&self) -> Vec<Hash> {
        let bytes = self.records.values().map(|record| &record.bytes);
        bytes.map(|bytes| Hash::of_leaf(bytes)).collect()
    }
}

/// The streams that `image` finds for what is asked: to be completed by `select`.
///
/// # Errors
///
/// [`EvidenceError::Unknown`].
pub(super) fn streams_of(image: &Image, asked: &Asked) -> Result<Streams, EvidenceError> {
    let of = &asked.query.of;
    let registry = image.registry();
    let unknown = || EvidenceError::Unknown { of: of.clone() };
    let rows = match of {
        Of::Unit(unit) => {
            registry.unit(unit).ok_or_else(unknown)?;
            let in_window = rows(image, asked, |_| {});
            let owes = |row: &ObligationRow| row.unit == *unit || was_opened_for(row, unit);
            in_window.into_iter().filter(owes).collect()
        }
        Of::Document(document) => {
            registry.documents.get(document).ok_or_else(unknown)?;
            rows(image, asked, |query| {
                query.document = Some(document.clone())
            })
        }
        Of::Obligation(obligation) => vec![row_of(image, obligation, asked.on)?],
    };
    let mut streams = Streams::from(["ledger.main".to_owned()]);
    match of {
        Of::Unit(unit) => streams.insert(format!("unit.{unit}")),
        Of::Document(document) => streams.insert(format!("document.{document}")),
        Of::Obligation(_) => false,
    };
    rows.iter().for_each(|row| streams.extend(around(row)));
    Ok(streams)
}

/// The obligations due in the window, by the due date in force or by the first one.
fn rows(image: &Image, asked: &Asked, narrow: impl Fn(&mut query::Query)) -> Vec<ObligationRow> {
    let mut all = BTreeMap::new();
    for due_mode in [DueMode::Current, DueMode::Original] {
        let mut query = query::Query {
            due_from: Some(asked.query.from),
            due_to: Some(asked.query.to),
            due_mode,
            ..query::Query::as_of(asked.on)
        };
        narrow(&mut query);
        let rows = image.obligations(&query);
        all.extend(rows.into_iter().map(|row| (row.id.clone(), row)));
    }
    all.into_values().collect()
}

/// The first due date of an obligation; without one, the day from which it is owed.
///
/// # Errors
///
/// [`EvidenceError::Unknown`].
pub fn day_of(image: &Image, obligation: &ObligationId, on: Date) -> Result<Date, EvidenceError> {
    let row = row_of(image, obligation, on)?;
    Ok(row.original_due.unwrap_or(row.opened))
}

/// The obligation itself, whatever the window.
fn row_of(
    image: &Image,
    obligation: &ObligationId,
    on: Date,
) -> Result<ObligationRow, EvidenceError> {
    // What opened it stands before the first underscore of its id.
    let source = obligation.as_str().split('_').next().unwrap_or_default();
    let of_source = query::Query::as_of(on);
    let of_source = [
        query::Query {
            requirement: source.parse().ok(),
            ..of_source.clone()
        },
        query::Query {
            task: source.parse().ok(),
            ..of_source
        },
    ];
    let mut rows = of_source.iter().flat_map(|query| image.obligations(query));
    let found = rows.find(|row| row.id == *obligation);
    let of = Of::Obligation(obligation.clone());
    found.ok_or(EvidenceError::Unknown { of })
}

/// Whether the unit owed it first, whoever does now.
fn was_opened_for(row: &ObligationRow, unit: &UnitId) -> bool {
    let first = match &row.source {
        Source::Requirement(id, period) => ObligationId::of_report(id, &period.to_string(), unit),
        Source::Task(id) => ObligationId::of_task(id, unit),
    };
    first.is_ok_and(|first| first == row.id)
}

/// An obligation's stream, what opened it, its document, and its unit.
fn around(row: &ObligationRow) -> [String; 4] {
    [
        format!("obligation.{}", row.id),
        match &row.source {
            Source::Requirement(id, _) => format!("requirement.{id}"),
            Source::Task(id) => format!("task.{id}"),
        },
        format!("document.{}", row.document),
        format!("unit.{}", row.unit),
    ]
}

/// Reads the records of what answers, up to the heads, and completes it by what those records opened.
///
/// # Errors
///
/// [`EvidenceError`].
pub(super) async fn select(
    store: &dyn EventStore,
    asked: &Asked,
    heads: HeadsTree,
    mut streams: Streams,
) -> Result<Selected, EvidenceError> {
    let mut records = BTreeMap::new();
    for stream in &streams {
        read(store, stream, &heads, &mut records).await?;
    }
    let opened: Streams = opened(&records, &asked.query)?;
    for stream in opened.difference(&streams) {
        read(store, stream, &heads, &mut records).await?;
    }
    streams.extend(opened);
    Ok(Selected {
        query: asked.query.clone(),
        heads,
        streams,
        records,
    })
}

/// Reads a stream up to the size of the heads.
async fn read(
    store: &dyn EventStore,
    stream: &str,
    heads: &HeadsTree,
    records: &mut BTreeMap<u64, Recorded>,
) -> Result<(), EvidenceError> {
    let (category, key) = stream.split_once('.').unwrap_or((stream, ""));
    let contradiction = |error| EvidenceError::Contradiction(format!("{stream}: {error}"));
    let id = StreamId::new(category, key).map_err(contradiction)?;
    let mut after = Revision(0);
    loop {
        let chunk = store.read(&id, after, CHUNK).await?;
        let below = |record: &Recorded| record.position.0 <= heads.size();
        let (read, end) = (chunk.len() as u64, chunk.iter().all(below));
        let below = chunk.into_iter().filter(below);
        records.extend(below.map(|record| (record.position.0, record)));
        if records.len() > RECORDS_MAX {
            let records = records.len();
            return Err(EvidenceError::TooMany { records });
        }
        if read == 0 || !end {
            return Ok(());
        }
        after = Revision(after.0 + read);
    }
}

/// The streams of obligations that the records opened and that are asked for.
fn opened(records: &BTreeMap<u64, Recorded>, query: &Query) -> Result<Streams, EvidenceError> {
    let mut told = Vec::new();
    for (position, record) in records {
        let envelope = envelope::parse(&record.bytes).map_err(|error| {
            EvidenceError::Contradiction(format!("position {position}: {error}"))
        })?;
        told.push((*position, envelope));
    }
    let mut streams = Streams::new();
    let told = told
        .iter()
        .map(|(position, envelope)| (*position, envelope));
    openings(told, |opening| {
        if let Opening::Known(known) = opening {
            let asked = known.asked_for(query);
            streams.extend(asked.map(|(id, _)| format!("obligation.{id}")));
        }
    });
    Ok(streams)
}

//! Issued texts, as they stand on a day.

use clap::Args;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::document::{Document, EndKind, Relation};
use socai_domain::id::{DocumentId, UnitId};
use socai_domain::permission::Reading;
use socai_domain::subject::Subject;

use super::named;
use super::when::When;
use crate::cells::{Cells, days, several, some, word, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::trouble::Trouble;

/// Issued texts, as they stand on a day.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    /// Only this document, by id or number
    #[arg(long, value_name = "ID|NUMBER")]
    pub document: Option<String>,
    /// Only what this unit issued
    #[arg(long, value_name = "ID")]
    pub issuer: Option<UnitId>,
    #[command(flatten)]
    #[serde(flatten)]
    #[allow(missing_docs, reason = "its fields stand in its place, and have docs")]
    pub when: When,
}

/// One document.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    id: String,
    /// Type and number, as people write them.
    title: String,
    /// As spelled in the document; absent where it has none.
    number: Option<String>,
    /// The type in words.
    #[serde(rename = "type")]
    kind: String,
    issuer: Option<String>,
    date: Option<Date>,
    /// What it is about.
    subject: Option<String>,
    /// Its content is kept elsewhere.
    secret: bool,
    /// The day on which the ledger holds it to exist.
    known: Date,
    /// The first day on which it is not in force.
    ended: Option<Date>,
    /// How it ended.
    ended_how: Option<EndKind>,
    /// What it says of other documents.
    relations: Vec<Related>,
}

impl Question for Documents {
    const NAME: &'static str = "documents";
    const SUMMARY: &'static str =
        "List the documents: number, issuer, date, what they follow and whether they are in force";
    const READING: Reading = Reading::Registry;
    type Row = Row;

    fn known_at(&self) -> Option<KnownAt> {
        self.when.known_at
    }

    fn as_of(&self, today: Date) -> Option<Date> {
        Some(self.when.day(today))
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Found<Row>, Trouble> {
        let day = self.when.day(asked.today);
        let only = named::only_document(asked.image, self.document.as_ref())?;
        let wanted = |(id, document): &(&DocumentId, &Document)| {
            document.known <= day
                && only.as_ref().is_none_or(|only| only == *id)
                && self
                    .issuer
                    .as_ref()
                    .is_none_or(|issuer| document.issuer.as_ref() == Some(issuer))
                && asked.sees(&Subject::Document((*id).clone()))
        };
        let documents = asked.image.registry().documents.iter().filter(wanted);
        Ok(Found::Rows(
            documents
                .map(|(id, document)| row(id, document, day))
                .collect(),
        ))
    }

    fn place(row: &Row) -> Place {
        Place::of(&row.id)
    }

    fn cells(rows: &[Row]) -> Cells {
        let cells = |row: &Row| {
            vec![
                row.id.clone(),
                row.title.clone(),
                some(row.issuer.as_ref()),
                some(row.date.as_ref()),
                some(row.subject.as_ref()),
                some(row.ended.as_ref()),
                row.ended_how.map(word).unwrap_or_default(),
                several(&row.relations),
            ]
        };
        Cells {
            columns: vec![
                words("id"),
                words("title"),
                words("issuer"),
                days("date"),
                words("subject"),
                days("ended"),
                words("how"),
                words("follows"),
            ],
            rows: rows.iter().map(cells).collect(),
            empty: "no such document is known by then",
        }
    }
}

/// What a document says of another.
#[derive(Serialize, JsonSchema)]
struct Related {
    relation: Relation,
    to: String,
    /// The day from which it holds.
    from: Date,
}

impl std::fmt::Display for Related {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", word(self.relation), self.to)
    }
}

fn row(id: &DocumentId, document: &Document, day: Date) -> Row {
    let ended = document.ended.filter(|(on, _)| *on <= day);
    let relations = document
        .relations
        .iter()
        .filter(|(from, _, _)| *from <= day);
    let related = |(from, relation, to): &(Date, Relation, DocumentId)| Related {
        relation: *relation,
        to: to.to_string(),
        from: *from,
    };
    Row {
        id: id.to_string(),
        title: document.title(),
        number: document.number.as_ref().map(ToString::to_string),
        kind: document.kind.to_string(),
        issuer: document.issuer.as_ref().map(ToString::to_string),
        date: document.date,
        subject: document.subject.as_ref().map(ToString::to_string),
        secret: document.secret,
        known: document.known,
        ended: ended.map(|(on, _)| on),
        ended_how: ended.map(|(_, how)| how),
        relations: relations.map(related).collect(),
    }
}

//! What a person is asked to confirm: commands that form the issuers, issue the documents and relate
//! them. A proposal is plain data; nothing is recorded from here.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use socai_domain::command::Command;
use socai_domain::document::{self, Passage};
use socai_domain::id::{DocumentId, UnitId};
use socai_domain::line::Line;
use socai_domain::{number, unit};

use crate::{Basis, Document, Findings, Place, YearSource};

/// Bytes of an id made of a name, at most, so that what is made of several stays an id.
const NAME_BYTES_MAX: usize = 60;

/// A command that the text suggests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Where the text says so.
    pub place: Place,
    /// The sentence that says so.
    pub passage: String,
    /// What the text does not tell, or tells only by its context: a person has to look.
    pub check: Vec<Check>,
    /// The day from which it holds.
    pub effective: Date,
    /// What to record, once confirmed.
    pub command: Command,
}

/// What a person has to look at before confirming.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Whether the unit is in the ledger already under another id, since when it exists, of what kind.
    Unit,
    /// The text gives no date; the effective day is that of the text.
    NoDate,
    /// The year is resolved from the context.
    Year,
    /// The text does not say who issued it.
    NoIssuer,
    /// The symbol of the number stands for several types; the first is taken.
    Type,
    /// The document has no number; its id is made of its type and subject.
    NoNumber,
    /// The passage names one of the two documents only; the other is what the text is about.
    Implied,
}

/// The commands that `findings` suggest: every issuer, then every document, then every relation, so
/// that they can be recorded in this order. `read_on` stands for the day of documents without a date.
pub fn propose(findings: &Findings, read_on: Date) -> Vec<Proposal> {
    let drafts: Vec<Draft> = findings
        .documents
        .iter()
        .map(|found| Draft::of(found, findings, read_on))
        .collect();
    let units = units(&drafts);
    let issues = drafts.iter().filter_map(Draft::issue);
    let relates = findings.relations.iter().filter_map(|relation| {
        let from = &drafts[relation.from?];
        relate(from, relation.kind, &drafts[relation.to], relation)
    });
    units.into_iter().chain(issues).chain(relates).collect()
}

/// A document on its way to becoming a command.
struct Draft<'a> {
    found: &'a Document,
    id: Option<DocumentId>,
    kind: Option<Line>,
    issuer: Option<(UnitId, Line)>,
    date: Option<Date>,
    effective: Date,
    check: Vec<Check>,
}

impl<'a> Draft<'a> {
    fn of(found: &'a Document, findings: &Findings, read_on: Date) -> Self {
        let dated = found.date.map(|date| &findings.dates[date]);
        let date = dated.and_then(|dated| dated.date);
        let issuer = found.issuer.as_ref().and_then(|name| {
            let id = UnitId::new(&shortened(&number::folded(name))).ok()?;
            Some((id, Line::new(name).ok()?))
        });
        let kind = found
            .type_name
            .clone()
            .or_else(|| Some(found.number.as_ref()?.candidates.first()?.type_name.clone()));
        let mut check = Vec::new();
        let mut look = |when: bool, at: Check| check.extend(when.then_some(at));
        look(date.is_none(), Check::NoDate);
        look(
            date.is_some() && dated.is_some_and(|d| d.year != YearSource::Stated),
            Check::Year,
        );
        look(issuer.is_none(), Check::NoIssuer);
        look(found.type_name.is_none(), Check::Type);
        look(found.number.is_none(), Check::NoNumber);
        let folded = match &found.number {
            Some(number) => number.folded(),
            None => {
                let words = [kind.as_deref(), found.subject.as_deref()];
                shortened(&number::folded(
                    &words.into_iter().flatten().collect::<Vec<_>>().join(" "),
                ))
            }
        };
        Self {
            found,
            id: document::id_of(&folded, date, issuer.as_ref().map(|(id, _)| id)).ok(),
            kind: kind.and_then(|kind| Line::new(&kind).ok()),
            issuer,
            date,
            effective: date.unwrap_or(read_on),
            check,
        }
    }

    fn issue(&self) -> Option<Proposal> {
        let text = |text: &Option<String>| text.as_ref().and_then(|text| Line::new(text).ok());
        let raw = self.found.number.as_ref().map(|number| number.raw.clone());
        let command = document::Command::Issue {
            document: self.id.clone(),
            number: text(&raw),
            kind: self.kind.clone()?,
            issuer: self.issuer.as_ref().map(|(id, _)| id.clone()),
            date: self.date,
            subject: text(&self.found.subject),
            secret: false,
        };
        let first = self.found.mentions.first()?;
        Some(Proposal {
            place: first.place,
            passage: first.passage.clone(),
            check: self.check.clone(),
            effective: self.effective,
            command: Command::Document(command),
        })
    }
}

/// Each issuer once, from the day of its first document.
fn units(drafts: &[Draft<'_>]) -> Vec<Proposal> {
    let mut first: BTreeMap<&UnitId, (&Draft<'_>, &Line)> = BTreeMap::new();
    for draft in drafts {
        if let Some((id, name)) = &draft.issuer {
            let known = first.entry(id).or_insert((draft, name));
            if draft.effective < known.0.effective {
                *known = (draft, name);
            }
        }
    }
    let form = |(id, (draft, name)): (&UnitId, (&Draft<'_>, &Line))| {
        let mention = draft.found.mentions.first()?;
        let command = unit::Command::Form {
            unit: id.clone(),
            name: name.clone(),
            kind: unit::Kind::Other,
            parent: None,
            code: None,
            basis: None,
        };
        Some(Proposal {
            place: mention.place,
            passage: mention.passage.clone(),
            check: vec![Check::Unit],
            effective: draft.effective,
            command: Command::Unit(command),
        })
    };
    first.into_iter().filter_map(form).collect()
}

fn relate(
    from: &Draft<'_>,
    relation: document::Relation,
    to: &Draft<'_>,
    found: &crate::Relation,
) -> Option<Proposal> {
    let quoted = Line::new(&found.passage.chars().take(400).collect::<String>()).ok();
    let place = Line::new(&format!("L{}", found.place.line)).ok();
    let command = document::Command::Relate {
        document: from.id.clone()?,
        relation,
        to: to.id.clone()?,
        passage: quoted.map(|text| Passage { text, place }),
    };
    Some(Proposal {
        place: found.place,
        passage: found.passage.clone(),
        check: if found.basis == Basis::Implied {
            vec![Check::Implied]
        } else {
            Vec::new()
        },
        effective: from.effective.max(to.effective),
        command: Command::Document(command),
    })
}

/// The id cut at a word's end.
fn shortened(id: &str) -> String {
    if id.len() <= NAME_BYTES_MAX {
        return id.to_owned();
    }
    let cut = &id[..NAME_BYTES_MAX];
    cut.rsplit_once('-')
        .map_or(cut, |(words, _)| words)
        .to_owned()
}

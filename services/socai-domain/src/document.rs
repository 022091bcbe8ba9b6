//! A document: an issued text with type, number, date and issuer, and an identity of its own.
//!
//! A number is not an identity: it repeats in every province, every term, every year. Documents form
//! chains by their relations; everything issued under a document is found by following them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{BadId, DocumentId, UnitId};
use crate::line::Line;
use crate::number::Number;
use crate::origin::Asking;
use crate::refusal::{Refused, refusals};
use crate::text::fold;

/// How one document relates to another (`from` relation `to`).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Thực hiện, tổ chức thực hiện, triển khai.
    Implements,
    /// Tiếp tục thực hiện.
    Continues,
    /// Hướng dẫn.
    Guides,
    /// Tuyên truyền.
    Publicises,
    /// Sơ kết.
    ReviewsInterim,
    /// Tổng kết.
    ReviewsFinal,
    /// Gắn với.
    LinkedWith,
    /// Theo chỉ đạo tại.
    DirectedBy,
    /// Kế hoạch cho.
    PlansFor,
    /// Căn cứ.
    BasedOn,
    /// Sửa đổi, bổ sung.
    Amends,
    /// Thay thế.
    Replaces,
    /// Bãi bỏ.
    Abolishes,
    /// Hợp nhất.
    Consolidates,
    /// Đính chính.
    Corrects,
    /// Ban hành kèm theo.
    AttachedTo,
}

impl Relation {
    /// Whether `from` is issued under `to`, so that what `from` asks for counts for `to` as well.
    ///
    /// A soft link, a legal basis and the relations between versions of a norm carry nothing down.
    pub const fn carries_down(self) -> bool {
        match self {
            Self::Implements
            | Self::Continues
            | Self::Guides
            | Self::Publicises
            | Self::ReviewsInterim
            | Self::ReviewsFinal
            | Self::DirectedBy
            | Self::PlansFor
            | Self::AttachedTo => true,
            Self::LinkedWith
            | Self::BasedOn
            | Self::Amends
            | Self::Replaces
            | Self::Abolishes
            | Self::Consolidates
            | Self::Corrects => false,
        }
    }

    /// The relation's name in data.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Implements => "implements",
            Self::Continues => "continues",
            Self::Guides => "guides",
            Self::Publicises => "publicises",
            Self::ReviewsInterim => "reviews_interim",
            Self::ReviewsFinal => "reviews_final",
            Self::LinkedWith => "linked_with",
            Self::DirectedBy => "directed_by",
            Self::PlansFor => "plans_for",
            Self::BasedOn => "based_on",
            Self::Amends => "amends",
            Self::Replaces => "replaces",
            Self::Abolishes => "abolishes",
            Self::Consolidates => "consolidates",
            Self::Corrects => "corrects",
            Self::AttachedTo => "attached_to",
        }
    }

    /// The relation in Vietnamese, as read from `from` to `to`.
    pub const fn vietnamese(self) -> &'static str {
        match self {
            Self::Implements => "thực hiện",
            Self::Continues => "tiếp tục thực hiện",
            Self::Guides => "hướng dẫn",
            Self::Publicises => "tuyên truyền",
            Self::ReviewsInterim => "sơ kết",
            Self::ReviewsFinal => "tổng kết",
            Self::LinkedWith => "gắn với",
            Self::DirectedBy => "theo chỉ đạo tại",
            Self::PlansFor => "kế hoạch cho",
            Self::BasedOn => "căn cứ",
            Self::Amends => "sửa đổi, bổ sung",
            Self::Replaces => "thay thế",
            Self::Abolishes => "bãi bỏ",
            Self::Consolidates => "hợp nhất",
            Self::Corrects => "đính chính",
            Self::AttachedTo => "ban hành kèm theo",
        }
    }
}

/// How a document stopped being in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DocumentEnd")]
pub enum EndKind {
    /// Another took its place.
    Replaced,
    /// It was abolished.
    Abolished,
    /// Its term ran out.
    Expired,
}

/// Where a document says something: the words themselves, and where they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Passage {
    /// The words.
    pub text: Line,
    /// Where: a line, a section, an article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Line>,
}

/// What is asked of documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Command {
    /// A document was issued. `effective` is its date, or where it has none, the day it became known.
    #[serde(rename = "document.issue")]
    Issue {
        /// Left out, it is made of number, date and issuer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<DocumentId>,
        /// As spelled in the document; absent stays absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<Line>,
        /// The type in words, such as "Chỉ thị"; the symbol alone can be ambiguous.
        #[serde(rename = "type")]
        kind: Line,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issuer: Option<UnitId>,
        /// Absent stays absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        date: Option<Date>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Line>,
        /// The document is secret: only that it exists is kept, nothing of its content.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        secret: bool,
    },
    /// A document relates to another.
    #[serde(rename = "document.relate")]
    Relate {
        document: DocumentId,
        relation: Relation,
        to: DocumentId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passage: Option<Passage>,
    },
    /// A document is no longer in force from the effective day.
    #[serde(rename = "document.end")]
    End {
        document: DocumentId,
        how: EndKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<DocumentId>,
    },
    /// What was recorded of a document was wrong. Only what is given changes; its id stays.
    #[serde(rename = "document.correct")]
    Correct {
        document: DocumentId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<Line>,
        #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
        kind: Option<Line>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        date: Option<Date>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Line>,
        reason: Line,
    },
}

/// What became true of a document. Names of variants and fields are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// It exists, with what is known of it.
    #[serde(rename = "document.issued.v1")]
    Issued {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<Line>,
        #[serde(rename = "type")]
        kind: Line,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issuer: Option<UnitId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        date: Option<Date>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Line>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        secret: bool,
    },
    /// It relates to `to`, as `passage` says.
    #[serde(rename = "document.related.v1")]
    Related {
        relation: Relation,
        to: DocumentId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        passage: Option<Passage>,
    },
    /// The effective day is the first on which it is not in force.
    #[serde(rename = "document.ended.v1")]
    Ended {
        how: EndKind,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<DocumentId>,
    },
    /// What is given here holds instead of what was recorded.
    #[serde(rename = "document.corrected.v1")]
    Corrected {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<Line>,
        #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
        kind: Option<Line>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        date: Option<Date>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subject: Option<Line>,
        reason: Line,
    },
}

/// A document as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// As spelled in the document.
    pub number: Option<Line>,
    /// The type in words.
    pub kind: Line,
    /// Who issued it.
    pub issuer: Option<UnitId>,
    /// Its date.
    pub date: Option<Date>,
    /// What it is about.
    pub subject: Option<Line>,
    /// Whether its content is kept elsewhere.
    pub secret: bool,
    /// The day on which the ledger holds it to exist.
    pub known: Date,
    /// Its relations to others, oldest first, each with the day from which it holds.
    pub relations: Vec<(Date, Relation, DocumentId)>,
    /// The first day on which it is not in force, and how it ended.
    pub ended: Option<(Date, EndKind)>,
    /// How often it was corrected.
    pub corrections: u32,
    /// What was recorded of it first, where that was corrected.
    pub as_issued: Option<Box<Facts>>,
}

/// What an issue says of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// As spelled in the document.
    pub number: Option<Line>,
    /// The type in words.
    pub kind: Line,
    /// Who issued it.
    pub issuer: Option<UnitId>,
    /// Its date.
    pub date: Option<Date>,
    /// What it is about.
    pub subject: Option<Line>,
    /// Whether its content is kept elsewhere.
    pub secret: bool,
}

impl Document {
    /// What is known of it now.
    fn facts(&self) -> Facts {
        Facts {
            number: self.number.clone(),
            kind: self.kind.clone(),
            issuer: self.issuer.clone(),
            date: self.date,
            subject: self.subject.clone(),
            secret: self.secret,
        }
    }

    /// Type and number as people write them: "Chỉ thị 25-CT/TU".
    pub fn title(&self) -> String {
        match &self.number {
            Some(number) => format!("{} {number}", self.kind),
            None => self.kind.to_string(),
        }
    }
}

refusals!("document" {
    /// A correction says what it corrects.
    NothingCorrected = "nothing_corrected", "the correction names no number, type, date or subject";
    /// It is not in the ledger.
    Unknown = "unknown", "no such document is in the ledger";
    /// Its issuer is not in the ledger.
    UnknownIssuer = "unknown_issuer", "the issuer is not in the ledger: form the unit first";
    /// A document has no relation to itself.
    Itself = "itself", "a document has no relation to itself";
    /// The number cannot be read.
    BadNumber = "bad_number", "the number does not read as a Party or State document number";
    /// The words say another type than the symbol allows.
    TypeDisagrees = "type_disagrees", "the type is none that the number's symbol stands for";
    /// A dated document is effective on its date.
    DateDisagrees = "date_disagrees", "the effective day is not the document's date";
    /// A secret document keeps no content here: no subject, and no passage of it.
    Secret = "secret", "of a secret document nothing but type, number, issuer and date is kept";
    /// A document without a number cannot be told from others without an id.
    IdRequired = "id_required", "a document without a number needs an id of its own";
    /// An id is given once.
    AlreadyIssued = "already_issued", "the document is recorded already, with other facts: correct it instead";
    /// A chain leads from the top down.
    Cycle = "cycle", "the other document is issued under this one";
    /// What is not there yet cannot end.
    BeforeIssue = "before_issue", "the document did not exist on the effective day";
    /// It has ended already, otherwise.
    AlreadyEnded = "already_ended", "the document has ended already, otherwise";
});

/// The id that number, date and issuer make, such as `25-ct-tu_2014-01-21_hn-btv`.
///
/// # Errors
///
/// [`BadId`] where the parts together are longer than an id may be.
pub fn id_of(
    folded: &str,
    date: Option<Date>,
    issuer: Option<&UnitId>,
) -> Result<DocumentId, BadId> {
    let date = date.map_or_else(|| "undated".to_owned(), |date| date.to_string());
    let issuer = issuer.map_or("unnamed", |issuer| issuer.as_str());
    DocumentId::new(&format!("{folded}_{date}_{issuer}"))
}

/// Decides what follows when `asking` asks `command`, and of which document.
///
/// Asking again for what is already so yields no events.
///
/// # Errors
///
/// The [`Refusal`] that applies; where several do, the one declared first.
pub fn decide(command: &Command, asking: &Asking<'_>) -> Result<(DocumentId, Vec<Event>), Refused> {
    match command {
        Command::Issue {
            document,
            number,
            kind,
            issuer,
            date,
            subject,
            secret,
        } => {
            let issued = Document {
                number: number.clone(),
                kind: kind.clone(),
                issuer: issuer.clone(),
                date: *date,
                subject: subject.clone(),
                secret: *secret,
                known: asking.on,
                relations: Vec::new(),
                ended: None,
                corrections: 0,
                as_issued: None,
            };
            issue(document.clone(), issued, asking)
        }
        Command::Relate {
            document,
            relation,
            to,
            passage,
        } => {
            let events = relate(document, *relation, to, passage, asking)?;
            Ok((document.clone(), events))
        }
        Command::End { document, how, by } => {
            Ok((document.clone(), end(document, *how, by, asking)?))
        }
        Command::Correct {
            document,
            number,
            kind,
            date,
            subject,
            reason,
        } => {
            let event = Event::Corrected {
                number: number.clone(),
                kind: kind.clone(),
                date: *date,
                subject: subject.clone(),
                reason: reason.clone(),
            };
            Ok((document.clone(), correct(document, event, asking)?))
        }
    }
}

fn issue(
    id: Option<DocumentId>,
    issued: Document,
    asking: &Asking<'_>,
) -> Result<(DocumentId, Vec<Event>), Refused> {
    if let Some(issuer) = &issued.issuer {
        asking
            .registry
            .unit(issuer)
            .ok_or_else(|| Refusal::UnknownIssuer.about(issuer))?;
    }
    let folded = match &issued.number {
        Some(number) => Some(number_agrees(number, &issued.kind)?),
        None => None,
    };
    if issued.date.is_some_and(|date| date != asking.on) {
        return Err(Refusal::DateDisagrees.about(asking.on));
    }
    if issued.secret && issued.subject.is_some() {
        return Err(Refusal::Secret.into());
    }
    let id = match (id, folded) {
        (Some(id), _) => id,
        (None, None) => return Err(Refusal::IdRequired.into()),
        (None, Some(folded)) => id_of(&folded, issued.date, issued.issuer.as_ref())
            .map_err(|_| Refusal::IdRequired.about(folded))?,
    };
    let event = Event::Issued {
        number: issued.number.clone(),
        kind: issued.kind.clone(),
        issuer: issued.issuer.clone(),
        date: issued.date,
        subject: issued.subject.clone(),
        secret: issued.secret,
    };
    match asking.registry.documents.get(&id) {
        None => Ok((id, vec![event])),
        Some(known) if same_issue(known, &issued) => Ok((id, Vec::new())),
        Some(_) => Err(Refusal::AlreadyIssued.about(id)),
    }
}

/// Whether a document is issued again as it is known now, or as it was recorded before a correction.
fn same_issue(known: &Document, issued: &Document) -> bool {
    let issued = issued.facts();
    known.facts() == issued || known.as_issued.as_deref() == Some(&issued)
}

/// The number folded for an id, where its symbol can stand for the type in words.
fn number_agrees(number: &Line, kind: &Line) -> Result<String, Refused> {
    let reading = Number::parse(number.as_str()).map_err(|_| Refusal::BadNumber.about(number))?;
    let kind_folded = fold(kind.as_str());
    // "Quyết định (cá biệt)" is written "Quyết định", and a "Kế hoạch phối hợp" is a "Kế hoạch".
    let stands_for = |name: &str| {
        let name = fold(name.split(" (").next().unwrap_or(name));
        begins_with_words(&kind_folded, &name)
    };
    if !reading
        .candidates
        .iter()
        .any(|candidate| stands_for(&candidate.type_name))
    {
        return Err(Refusal::TypeDisagrees.about(format!("{kind} {number}")));
    }
    Ok(reading.folded())
}

fn begins_with_words(text: &str, words: &str) -> bool {
    let rest = text.strip_prefix(words);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn relate(
    id: &DocumentId,
    relation: Relation,
    to: &DocumentId,
    passage: &Option<Passage>,
    asking: &Asking<'_>,
) -> Result<Vec<Event>, Refused> {
    let documents = &asking.registry.documents;
    let document = documents
        .get(id)
        .ok_or_else(|| Refusal::Unknown.about(id))?;
    documents
        .get(to)
        .ok_or_else(|| Refusal::Unknown.about(to))?;
    if id == to {
        return Err(Refusal::Itself.about(id));
    }
    if document.secret && passage.is_some() {
        return Err(Refusal::Secret.about(id));
    }
    if document
        .relations
        .iter()
        .any(|(_, kind, other)| (*kind, other) == (relation, to))
    {
        return Ok(Vec::new());
    }
    if relation.carries_down() && below(documents, id, Date::MAX).contains(to) {
        return Err(Refusal::Cycle.about(to));
    }
    Ok(vec![Event::Related {
        relation,
        to: to.clone(),
        passage: passage.clone(),
    }])
}

fn end(
    id: &DocumentId,
    how: EndKind,
    by: &Option<DocumentId>,
    asking: &Asking<'_>,
) -> Result<Vec<Event>, Refused> {
    let documents = &asking.registry.documents;
    let document = documents
        .get(id)
        .ok_or_else(|| Refusal::Unknown.about(id))?;
    if let Some(by) = by {
        documents
            .get(by)
            .ok_or_else(|| Refusal::Unknown.about(by))?;
        if by == id {
            return Err(Refusal::Itself.about(id));
        }
    }
    if asking.on < document.known {
        return Err(Refusal::BeforeIssue.about(document.known));
    }
    match document.ended {
        None => Ok(vec![Event::Ended {
            how,
            by: by.clone(),
        }]),
        Some(ended) if ended == (asking.on, how) => Ok(Vec::new()),
        Some(_) => Err(Refusal::AlreadyEnded.about(id)),
    }
}

fn correct(id: &DocumentId, event: Event, asking: &Asking<'_>) -> Result<Vec<Event>, Refused> {
    let Event::Corrected {
        number,
        kind,
        date,
        subject,
        ..
    } = &event
    else {
        unreachable!("a correction is asked to correct")
    };
    if number.is_none() && kind.is_none() && date.is_none() && subject.is_none() {
        return Err(Refusal::NothingCorrected.into());
    }
    let document = asking.registry.documents.get(id);
    let document = document.ok_or_else(|| Refusal::Unknown.about(id))?;
    if let Some(number) = number.as_ref().or(document.number.as_ref()) {
        number_agrees(number, kind.as_ref().unwrap_or(&document.kind))?;
    }
    if document.secret && subject.is_some() {
        return Err(Refusal::Secret.into());
    }
    let after = evolve(Some(document.clone()), asking.on, &event);
    let unchanged = after.is_some_and(|after| after.facts() == document.facts());
    Ok(if unchanged { Vec::new() } else { vec![event] })
}

/// Tells `document` one more fact, true from `on`; `None` where the event cannot follow.
pub fn evolve(document: Option<Document>, on: Date, event: &Event) -> Option<Document> {
    match (document, event.clone()) {
        (
            None,
            Event::Issued {
                number,
                kind,
                issuer,
                date,
                subject,
                secret,
            },
        ) => Some(Document {
            number,
            kind,
            issuer,
            date,
            subject,
            secret,
            known: on,
            relations: Vec::new(),
            ended: None,
            corrections: 0,
            as_issued: None,
        }),
        (
            Some(mut document),
            Event::Related {
                relation,
                to,
                passage: _,
            },
        ) => {
            document.relations.push((on, relation, to));
            Some(document)
        }
        (Some(mut document), Event::Ended { how, by: _ }) => {
            document.ended = Some((on, how));
            Some(document)
        }
        (
            Some(document),
            Event::Corrected {
                number,
                kind,
                date,
                subject,
                reason: _,
            },
        ) => Some(Document {
            as_issued: document
                .as_issued
                .clone()
                .or_else(|| Some(Box::new(document.facts()))),
            number: number.or(document.number),
            kind: kind.unwrap_or(document.kind),
            date: date.or(document.date),
            subject: subject.or(document.subject),
            corrections: document.corrections + 1,
            ..document
        }),
        (Some(_), Event::Issued { .. }) | (None, _) => None,
    }
}

/// `top` and everything issued under it, by relations that hold on `day`.
pub fn below(
    documents: &BTreeMap<DocumentId, Document>,
    top: &DocumentId,
    day: Date,
) -> BTreeSet<DocumentId> {
    let mut children: BTreeMap<&DocumentId, Vec<&DocumentId>> = BTreeMap::new();
    for (id, document) in documents {
        for (from, relation, to) in &document.relations {
            if relation.carries_down() && *from <= day {
                children.entry(to).or_default().push(id);
            }
        }
    }
    let (mut found, mut waiting) = (BTreeSet::new(), vec![top]);
    while let Some(id) = waiting.pop() {
        if found.insert(id.clone()) {
            waiting.extend(children.get(id).into_iter().flatten());
        }
    }
    found
}

#[cfg(test)]
pub(crate) mod tests;

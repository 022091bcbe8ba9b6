//! Which events follow from a command about documents.

use jiff::civil::Date;

use super::{Command, Document, EndKind, Event, Passage, Refusal, Relation, below, evolve, id_of};
use crate::id::DocumentId;
use crate::line::Line;
use crate::number::Number;
use crate::origin::Asking;
use crate::refusal::Refused;
use crate::text::fold;

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
    let document = known(id, asking)?;
    known(to, asking)?;
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
    if relation.carries_down() && below(&asking.registry.documents, id, Date::MAX).contains(to) {
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
    let document = known(id, asking)?;
    if let Some(by) = by {
        known(by, asking)?;
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
    let document = known(id, asking)?;
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

fn known<'a>(id: &DocumentId, asking: &Asking<'a>) -> Result<&'a Document, Refused> {
    let document = asking.registry.documents.get(id);
    document.ok_or_else(|| Refusal::Unknown.about(id))
}

//! Citations gathered into documents: the same number, or the same name, is the same document.

use std::collections::{BTreeMap, BTreeSet};

use socai_domain::number::Reading;
use socai_domain::text;

use crate::citation::{Citation, Role};
use crate::date::{self, Dated};
use crate::relation::Related;
use crate::source::{Source, Span};
use crate::{Document, Findings, Issuer, Mention};

/// A document while the text is being read.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) reading: Option<Reading>,
    pub(crate) type_name: Option<String>,
    pub(crate) issuer: Option<Span>,
    pub(crate) date: Option<usize>,
    pub(crate) subject: Option<String>,
    /// Its citations, as indices.
    pub(crate) citations: Vec<usize>,
    pub(crate) role: Role,
    /// The folded name of a document without a number.
    name: Option<String>,
}

impl Draft {
    pub(crate) fn year_in_number(&self) -> Option<i16> {
        let year = self.reading.as_ref()?.candidates[0].year?;
        i16::try_from(year).ok()
    }

    /// Whether the type is `name`, in the text's words or by the number.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.type_name
            .as_deref()
            .is_some_and(|own| own.starts_with(name))
    }
}

/// How many documents with the same number, or names that begin alike, a citation is compared with.
const ALIKE_MAX: usize = 64;

/// Each document once, in the order of first citation.
pub(crate) fn gather(source: &Source, citations: &[Citation], dates: &[Dated]) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut known: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, citation) in citations.iter().enumerate() {
        let draft = draft(source, citation, at);
        let alike = known.entry(key(citation)).or_default();
        match alike
            .iter()
            .rev()
            .take(ALIKE_MAX)
            .find(|known| same(&drafts[**known], &draft, dates))
        {
            Some(same) => merge(&mut drafts[*same], draft),
            None => {
                alike.push(drafts.len());
                drafts.push(draft);
            }
        }
    }
    drafts
}

/// Documents with different keys differ.
fn key(citation: &Citation) -> String {
    match &citation.reading {
        Some(reading) => reading.normalised.to_lowercase(),
        None => {
            let name = folded_name(citation);
            let start: Vec<&str> = name.split(' ').take(2).collect();
            format!(
                "{} {}",
                citation.type_name.as_deref().unwrap_or(""),
                start.join(" ")
            )
        }
    }
}

fn folded_name(citation: &Citation) -> String {
    let words = text::fold(citation.name.as_deref().unwrap_or(""));
    words
        .split(' ')
        .map(|word| if word == "tp" { "thanh pho" } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}

/// A number repeats from year to year: two stated dates make two documents. A name may be cut short.
fn same(known: &Draft, new: &Draft, dates: &[Dated]) -> bool {
    let dated = |draft: &Draft| draft.date.and_then(|date| dates[date].date);
    let apart = matches!((dated(known), dated(new)), (Some(a), Some(b)) if a != b);
    match (&known.name, &new.name) {
        (Some(a), Some(b)) => !apart && (is_start(a, b) || is_start(b, a)),
        _ => !apart,
    }
}

fn is_start(short: &str, long: &str) -> bool {
    long.strip_prefix(short)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn draft(source: &Source, citation: &Citation, at: usize) -> Draft {
    let subject = citation.name.clone();
    let subject = subject.or_else(|| citation.subject.map(|span| text::collapse(source.at(span))));
    Draft {
        reading: citation.reading.clone(),
        type_name: citation
            .type_name
            .clone()
            .or_else(|| sole_type(citation.reading.as_ref()?)),
        issuer: citation.issuer,
        date: citation.date,
        subject,
        citations: vec![at],
        role: citation.role,
        name: citation.reading.is_none().then(|| folded_name(citation)),
    }
}

/// The type that the number tells beyond doubt, without the remark in brackets.
fn sole_type(reading: &Reading) -> Option<String> {
    let name = reading.candidates[0].type_name.split(" (").next()?;
    (!reading.is_ambiguous()).then(|| name.to_owned())
}

/// What a later citation adds. The fuller name of an issuer or of a document wins.
fn merge(known: &mut Draft, new: Draft) {
    let length = |span: &Span| span.end - span.start;
    let longer = new
        .issuer
        .filter(|new| known.issuer.is_none_or(|old| length(new) > length(&old)));
    known.issuer = longer.or(known.issuer);
    known.type_name = known.type_name.take().or(new.type_name);
    known.date = known.date.or(new.date);
    if new.name.as_ref().map(String::len) > known.name.as_ref().map(String::len) {
        (known.name, known.subject) = (new.name, new.subject);
    } else {
        known.subject = known.subject.take().or(new.subject);
    }
    known.citations.extend(new.citations);
    if known.role == Role::Cited || new.role == Role::Head {
        known.role = new.role;
    }
}

/// The document that the text is, or else the first one whose issue it tells of.
pub(crate) fn main(drafts: &[Draft]) -> Option<usize> {
    let first = |role| drafts.iter().position(|draft| draft.role == role);
    first(Role::Head).or_else(|| first(Role::Issued))
}

/// Everything in its public form.
pub(crate) fn findings(
    source: &Source,
    citations: &[Citation],
    drafts: Vec<Draft>,
    dates: &[Dated],
    relations: Vec<Related>,
) -> Findings {
    let main = main(&drafts);
    let issuers = issuers(source, &drafts);
    Findings {
        main,
        issuers,
        documents: drafts
            .into_iter()
            .map(|draft| document(source, citations, draft))
            .collect(),
        dates: dates
            .iter()
            .map(|dated| date::finding(source, dated))
            .collect(),
        relations: relations
            .into_iter()
            .map(|related| related.finding(source))
            .collect(),
    }
}

fn document(source: &Source, citations: &[Citation], draft: Draft) -> Document {
    let mention = |at: &usize| {
        let span = citations[*at].span;
        Mention {
            place: source.place(span.start),
            written: text::collapse(source.at(span)),
            passage: source.passage(span.start),
        }
    };
    Document {
        mentions: draft.citations.iter().map(mention).collect(),
        number: draft.reading,
        type_name: draft.type_name,
        issuer: draft.issuer.map(|span| text::collapse(source.at(span))),
        date: draft.date,
        subject: draft.subject,
    }
}

fn issuers(source: &Source, drafts: &[Draft]) -> Vec<Issuer> {
    let mut named: Vec<Span> = drafts.iter().filter_map(|draft| draft.issuer).collect();
    named.sort();
    let mut known = BTreeSet::new();
    let mut issuers = Vec::new();
    for span in named {
        let name = text::collapse(source.at(span));
        if known.insert(name.clone()) {
            issuers.push(Issuer {
                place: source.place(span.start),
                name,
            });
        }
    }
    issuers
}

//! Citations: where the text names a document, by number or without one, and what it says of it
//! there and then: type, date, issuer, subject.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use socai_domain::number::{Family, Number, Reading};

use crate::date::Dated;
use crate::organ;
use crate::source::{Source, Span};
use crate::{details, unnumbered, words};

/// One citation.
#[derive(Debug, Clone)]
pub(crate) struct Citation {
    /// From the word for the type to the end of the number, or of the name.
    pub(crate) span: Span,
    /// Where date and issuer after it end.
    pub(crate) tail: usize,
    pub(crate) reading: Option<Reading>,
    /// The name, of a citation without a number.
    pub(crate) name: Option<String>,
    /// The word for the type, in the spelling of the table.
    pub(crate) type_name: Option<String>,
    pub(crate) date: Option<usize>,
    pub(crate) issuer: Option<Span>,
    pub(crate) subject: Option<Span>,
    pub(crate) role: Role,
}

/// What the place of a citation tells about the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The number at the head: the text is this document.
    Head,
    /// The text tells of its issue.
    Issued,
    /// Anything else.
    Cited,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours")
}

/// How far back the words before a citation can matter, in bytes.
const REACH: usize = 800;

/// What looks like a number. Spaces are allowed around the signs up to the first organ; a sign
/// with spaces further on is punctuation. [`Number::parse`] has the last word.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    let letter = "A-Za-zĐđƯưÔôÂâĂăÊêƠơ";
    let dash = r"[-\u{2010}-\u{2015}\u{2212}]";
    let slash = r"[/\u{2044}\u{2215}]";
    let organ = format!(r"[{letter}][{letter}0-9&]*(?:\.[{letter}][{letter}0-9&]*)*");
    pattern(&format!(
        r"\b\d{{1,6}}[a-zđ]?\s?(?:{slash}\s?(?:19|20)\d\d\s?)?(?:{dash}|{slash})\s?{organ}\b(?:\s?(?:{dash}|{slash})\s?{organ}\b)?(?:{dash}{organ}\b)*(?:\([{letter}0-9&. -]+\))?"
    ))
});

static LABEL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bsố\s*:?\s*$"));

/// The citations of the text, in order.
pub(crate) fn find(source: &Source, dates: &[Dated]) -> Vec<Citation> {
    let mut citations: Vec<Citation> = NUMBER
        .find_iter(&source.text)
        .filter(|found| !source.is_noise(found.start()))
        .filter_map(|found| {
            numbered(
                source,
                Span {
                    start: found.start(),
                    end: found.end(),
                },
            )
        })
        .collect();
    let taken: Vec<Span> = citations.iter().map(|citation| citation.span).collect();
    citations.extend(unnumbered::find(source, &taken));
    citations.sort_by_key(|citation| citation.span);
    drop_overlapping(&mut citations);
    drop_abridged(source, &mut citations);
    for at in 0..citations.len() {
        let end = source.text.len();
        let next = citations
            .get(at + 1)
            .map_or(Span { start: end, end }, |next| next.span);
        details::complete(source, dates, &mut citations[at], next);
    }
    share_issuers(source, &mut citations);
    citations
}

/// Everything after relies on citations that follow each other.
fn drop_overlapping(citations: &mut Vec<Citation>) {
    let mut end = 0;
    citations.retain(|citation| {
        let apart = citation.span.start >= end;
        end = end.max(citation.span.end);
        apart
    });
}

/// A title abridges: a name that only the title has, where the text cites a number of that type,
/// is that document.
fn drop_abridged(source: &Source, citations: &mut Vec<Citation>) {
    let title = source.lines().next().map_or(0, |line| line.end);
    let numbered = types(citations, |citation| citation.reading.is_some());
    let named = types(citations, |citation| {
        citation.reading.is_none() && citation.span.start >= title
    });
    citations.retain(|citation| {
        let in_title = citation.reading.is_none() && citation.span.start < title;
        !in_title || named.contains(&citation.type_name) || !numbered.contains(&citation.type_name)
    });
}

fn types(citations: &[Citation], wanted: impl Fn(&Citation) -> bool) -> BTreeSet<Option<String>> {
    citations
        .iter()
        .filter(|citation| wanted(citation))
        .map(|citation| citation.type_name.clone())
        .collect()
}

static SERIES: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^\s*(?:,|và|,\s*và)\s*$"));

/// "Các Nghị quyết số A, số B của Chính phủ": what follows the last number is said of each.
fn share_issuers(source: &Source, citations: &mut [Citation]) {
    for at in (1..citations.len()).rev() {
        let (first, second) = (&citations[at - 1], &citations[at]);
        let untyped = !TYPE.is_match(source.at(second.span));
        let gap = first.tail.min(second.span.start)..second.span.start;
        if untyped && first.issuer.is_none() && SERIES.is_match(&source.text[gap]) {
            citations[at - 1].issuer = second.issuer;
        }
    }
}

/// A citation of the number at `number`, or `None` if it is none.
///
/// A letter's number (`12/UBND-VX`) has no type of its own to be known by, so it needs the word
/// "số" or a type before it.
fn numbered(source: &Source, number: Span) -> Option<Citation> {
    let before = last(before(source, number.start), TYPE_REACH);
    let label = LABEL.find(before).map(|label| label.start());
    let between = if label.is_some() {
        WORDS_BETWEEN_MAX
    } else {
        0
    };
    let named = type_before(&before[..label.unwrap_or(before.len())], between);
    let reading = readable(source.at(number))?;
    let bare = label.is_none() && named.is_none();
    let glued = before.ends_with(|sign: char| sign.is_alphanumeric() || "/-.".contains(sign));
    if bare && (glued || reading.candidates[0].family == Family::StateLetter) {
        return None;
    }
    let named = named.filter(|named| named.adjacent || fits(&reading, named.name));
    let offset = number.start - before.len();
    let start = named
        .map(|named| named.start)
        .or(label)
        .map_or(number.start, |start| offset + start);
    Some(Citation {
        span: Span {
            start,
            end: number.end,
        },
        tail: number.end,
        reading: Some(reading),
        name: None,
        type_name: named
            .map(|named| named.name.to_owned())
            .filter(|name| !words::GENERIC_TYPES.contains(&name.as_str())),
        date: None,
        issuer: None,
        subject: None,
        role: Role::Cited,
    })
}

/// Reads `raw`; a bracket after the number may be the sentence's, and not the number's.
fn readable(raw: &str) -> Option<Reading> {
    Number::parse(raw)
        .or_else(|_| Number::parse(raw.split('(').next().unwrap_or(raw)))
        .ok()
}

fn fits(reading: &Reading, name: &str) -> bool {
    words::GENERIC_TYPES.contains(&name)
        || reading
            .candidates
            .iter()
            .any(|candidate| candidate.type_name.starts_with(name))
}

/// A type of document named before a number.
#[derive(Debug, Clone, Copy)]
struct Named {
    start: usize,
    name: &'static str,
    /// Nothing stands between the type and "số" or the number.
    adjacent: bool,
}

/// How far before its number a type can stand, in bytes.
const TYPE_REACH: usize = 160;

/// Words that may stand between a type and its "số": "Luật Báo chí số …".
const WORDS_BETWEEN_MAX: usize = 10;

static TYPE: LazyLock<Regex> = LazyLock::new(|| {
    let mut types = words::TYPES.to_vec();
    types.sort_by_key(|name| std::cmp::Reverse(name.len()));
    pattern(&format!(
        r"(?i)\b(?:{})\b",
        types.join("|").replace(' ', r"\s+")
    ))
});

/// The last type of document in `before`, with no more words after it than allowed.
fn type_before(before: &str, words_between_max: usize) -> Option<Named> {
    let clause = before
        .rfind([',', ';', ':', '.', '(', ')'])
        .map_or(0, |stop| stop + 1);
    let last = TYPE.find_iter(&before[clause..]).last()?;
    let between = before[clause + last.end()..].trim();
    let near = between.split_whitespace().count() <= words_between_max;
    near.then(|| Named {
        start: clause + last.start(),
        name: table_spelling(last.as_str()),
        adjacent: between.is_empty(),
    })
}

/// The type as the table spells it.
pub(crate) fn table_spelling(written: &str) -> &'static str {
    let of_that_length =
        |name: &&&str| organ::starts_with_words(written, name) == Some(written.len());
    let found = words::TYPES.iter().find(of_that_length);
    words::plain_type(found.expect("the pattern is made of the table"))
}

/// The last `bytes` of `text`, or a little less.
pub(crate) fn last(text: &str, bytes: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(bytes))..]
}

/// The words before `offset` in its sentence, as far as they can matter.
pub(crate) fn before(source: &Source, offset: usize) -> &str {
    let mut start = source
        .sentence(offset)
        .start
        .max(offset.saturating_sub(REACH));
    while !source.text.is_char_boundary(start) {
        start += 1;
    }
    &source.text[start.min(offset)..offset]
}

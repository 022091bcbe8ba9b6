//! What the text tells of a citation there and then: the date, issuer and subject that follow it,
//! the issuer and date that precede it, and whether the text *is* this document.

use std::sync::LazyLock;

use regex::Regex;

use crate::citation::{Citation, Role, before, last};
use crate::date::{Dated, follows_a_place};
use crate::source::{Source, Span};
use crate::{organ, words};

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours")
}

/// What stands between two documents of a list; else the second one is in the subject of the first.
static LIST_JOINT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)(?:[,;(]|\bvà)\s*$"));
static DATE_LINK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^[\s,]*\(?(?:(?:được\s+)?(?:ban hành|ký)\s+|này\s+)?$"));
static ISSUER_LINK: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^[\s,]*(?:của|do)\s+"));
static SUBJECT_LINK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^[\s,]*(?:(?:về việc|về|v/v|quy định|ban hành|phê duyệt|sửa đổi|hướng dẫn|thông tin|truyền thông|tuyên truyền|tổ chức|triển khai)\b|[“\x22])",
    )
});

/// How far what is said of a citation can follow it, in bytes.
const REACH: usize = 2000;

/// Reads what follows and precedes the citation, up to the `next` one.
pub(crate) fn complete(source: &Source, dates: &[Dated], citation: &mut Citation, next: Span) {
    let near = source
        .floor(citation.span.end + REACH)
        .max(citation.span.end);
    let sentence = source.sentence(citation.span.start).end.min(near);
    let limit = next.start.min(sentence).max(citation.span.end);
    for _ in 0..3 {
        follow_date(source, dates, citation, limit);
        follow_issuer(source, citation, limit);
    }
    let listed = LIST_JOINT.is_match(&source.text[citation.tail.min(limit)..limit]);
    let about = if listed {
        limit
    } else {
        next.end.min(sentence).max(limit)
    };
    citation.subject = subject(source, citation.tail, about);
    citation.role = role(source, citation);
    match citation.role {
        Role::Head => complete_head(source, dates, citation),
        Role::Issued => complete_issued(source, dates, citation),
        Role::Cited => complete_directed(source, citation),
    }
}

fn follow_date(source: &Source, dates: &[Dated], citation: &mut Citation, limit: usize) {
    let next = dates.partition_point(|dated| dated.span.start < citation.tail);
    let Some(dated) = dates.get(next).filter(|dated| dated.span.end <= limit) else {
        return;
    };
    if citation.date.is_none() && DATE_LINK.is_match(&source.text[citation.tail..dated.span.start])
    {
        citation.date = Some(next);
        citation.tail = dated.span.end;
    }
}

fn follow_issuer(source: &Source, citation: &mut Citation, limit: usize) {
    let Some(link) = ISSUER_LINK.find(&source.text[citation.tail..limit]) else {
        return;
    };
    let name =
        organ::name_at(&source.text, citation.tail + link.end()).filter(|name| name.end <= limit);
    if let Some(name) = name.filter(|_| citation.issuer.is_none()) {
        citation.issuer = Some(name);
        citation.tail = name.end;
    }
}

/// What the document is about: the words after it up to the end of the clause.
fn subject(source: &Source, from: usize, limit: usize) -> Option<Span> {
    let rest = &source.text[from..limit];
    let link = SUBJECT_LINK.find(rest)?;
    let start = link.end()
        - link
            .as_str()
            .trim_start_matches(|sign: char| sign.is_whitespace() || sign == ',')
            .len();
    let quoted = rest[start..]
        .find('“')
        .filter(|open| *open < 30)
        .and_then(|open| {
            rest[start + open..]
                .find('”')
                .map(|close| start + open + close + '”'.len_utf8())
        });
    let end = quoted.unwrap_or_else(|| clause_end(rest, start));
    let subject = rest[start..end].trim_end();
    let subject = subject.strip_suffix(" và").unwrap_or(subject);
    let subject = subject.trim_end_matches([' ', '\n', ',', '.', '(']);
    (subject.split_whitespace().count() > 1).then(|| Span {
        start: from + start,
        end: from + start + subject.len(),
    })
}

fn clause_end(rest: &str, start: usize) -> usize {
    let stop = rest[start..]
        .find([';', ')', '('])
        .map_or(rest.len(), |stop| start + stop);
    rest[start..stop]
        .find("\n\n")
        .map_or(stop, |blank| start + blank)
}

static ISSUING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:ban hành|ký|phê duyệt|thông qua|công bố|có|ra|gửi)\s+(?:các\s+|một\s+)?$")
});
static TIMING: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(?:từ khi|kể từ|sau khi|trước khi|căn cứ|theo|do)\b[^,;]*$"));

/// How far before a citation the verb of its issue can matter, in bytes.
const ISSUING_REACH: usize = 120;

/// The lines within which a document has its own number.
const HEAD_LINES: usize = 25;

/// The widest indentation of a line that starts with a number, in bytes.
const HEAD_INDENT: usize = 100;

fn role(source: &Source, citation: &Citation) -> Role {
    let place = source.place(citation.span.start);
    let line = &source.text
        [source.floor(citation.span.start.saturating_sub(HEAD_INDENT))..citation.span.start];
    let line = line.rsplit('\n').next().unwrap_or(line);
    let number = &source.text[citation.span.start..citation.span.end];
    let labelled = number.to_lowercase().starts_with("số");
    let before = last(before(source, citation.span.start), ISSUING_REACH);
    if labelled && !line.contains(char::is_alphanumeric) && place.line <= HEAD_LINES {
        Role::Head
    } else if ISSUING.is_match(before) && !TIMING.is_match(before) {
        Role::Issued
    } else {
        Role::Cited
    }
}

/// The head of a document has its date after a place, its issuer above, its subject below.
fn complete_head(source: &Source, dates: &[Dated], citation: &mut Citation) {
    citation.date = citation.date.or_else(|| {
        dates
            .iter()
            .position(|dated| follows_a_place(source, dated))
    });
    citation.issuer = citation
        .issuer
        .or_else(|| heading(source, citation.span.start))
        .or_else(|| speaker(source));
    citation.subject = citation
        .subject
        .or_else(|| title(source, citation.span.end));
}

static TITLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^[^\p{L}]*(?:V/v|Về việc|Về)\b"));

/// The first sentence below the number that starts with "Về" or "V/v".
fn title(source: &Source, from: usize) -> Option<Span> {
    let line = source
        .lines()
        .filter(|line| line.start >= from)
        .take(8)
        .find(|line| TITLE.is_match(source.at(*line)))?;
    let sentence = source.sentence(line.start);
    let trimmed = source.at(sentence).trim_end();
    let start = line.start.max(sentence.start);
    Some(Span {
        start,
        end: sentence.start + trimmed.len(),
    })
    .filter(|span| span.start < span.end)
}

/// The issuer above the number: the last organ there, for the parent stands first.
fn heading(source: &Source, until: usize) -> Option<Span> {
    let text = &source.text[..until];
    let motto = [
        "CỘNG HÒA XÃ HỘI",
        "CỘNG HOÀ XÃ HỘI",
        "ĐẢNG CỘNG SẢN VIỆT NAM",
        "Độc lập",
    ];
    let mut last: Option<Span> = None;
    for line in source.lines().take_while(|line| line.end <= until) {
        let content = &text[line.start..line.end];
        let end = motto
            .iter()
            .filter_map(|motto| content.find(motto))
            .min()
            .unwrap_or(content.len());
        let content = content[..end].trim();
        let start = line.start + source.at(line).find(content).unwrap_or(0);
        let shouted = !content.is_empty() && !content.contains(char::is_lowercase);
        let level = organ::longest(content, words::LEVELS).is_some()
            || organ::longest(content, words::PLACES).is_some();
        match organ::name_at(&source.text, start).filter(|_| shouted) {
            Some(name) => {
                last = Some(Span {
                    start: name.start,
                    end: start + content.len(),
                })
            }
            None if shouted && level => {
                last = last.map(|name| Span {
                    end: start + content.len(),
                    ..name
                });
            }
            None => {}
        }
    }
    last
}

static SPEAKING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s+(?:đề nghị|yêu cầu|thông báo|ban hành|hướng dẫn|kính đề nghị|báo cáo|kính báo cáo|trân trọng|giao|quyết định|xây dựng)\b",
    )
});

/// How far into the text its issuer speaks, in bytes.
const SPEAKER_REACH: usize = 20_000;

/// The organ that first asks or orders something in the text.
fn speaker(source: &Source) -> Option<Span> {
    let near = source.lines().take_while(|line| line.start < SPEAKER_REACH);
    near.map(|line| Span {
        end: line.end.min(source.floor(line.start + SPEAKER_REACH)),
        ..line
    })
    .find_map(|line| {
        let names = organ::names_in(&source.text, line);
        names
            .into_iter()
            .find(|name| SPEAKING.is_match(&source.text[name.end..line.end]))
    })
}

static SIGNER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:\s+(?:-\s+)?[^\s,;]+){0,10}?\s+(?:đã\s+|vừa\s+|chính thức\s+|cũng\s+)*(?:(?:thay mặt[^,;]{0,60}\s+)?ký\s+)?(?:ban hành|ký|phê duyệt|thông qua|công bố|có|ra|gửi)\s+(?:các\s+|một\s+)?$",
    )
});

/// News of an issue: "Ngày D, the organ [its signer] issued …".
fn complete_issued(source: &Source, dates: &[Dated], citation: &mut Citation) {
    let end = citation.span.start;
    let start = end - before(source, end).len();
    let names = organ::names_in(&source.text, Span { start, end });
    let issuer = names
        .into_iter()
        .rev()
        .find(|name| SIGNER.is_match(&source.text[name.end..end]));
    citation.issuer = citation
        .issuer
        .or(issuer.map(|name| organ::without_office(&source.text, name)));
    let opening = dates
        .iter()
        .rposition(|dated| dated.span.start >= start && dated.span.end <= end);
    citation.date = citation.date.or(opening);
}

static DIRECTED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\bcủa\s+([^;:.()]{2,120}?)\s+tại\s+$"));

/// "… của Chính phủ tại Nghị định số …": the issuer stands before.
fn complete_directed(source: &Source, citation: &mut Citation) {
    let end = citation.span.start;
    let before = before(source, end);
    let Some(last) = before.rfind("của ") else {
        return;
    };
    if citation.issuer.is_some() || !DIRECTED.is_match(&before[last..]) {
        return;
    }
    let start = end - before.len() + last + "của ".len();
    let named = organ::name_at(&source.text, start);
    citation.issuer = named.filter(|name| source.text[name.end..end].trim() == "tại");
}

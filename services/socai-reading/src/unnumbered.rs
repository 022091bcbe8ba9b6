//! Documents that are cited without a number: by a name of their own ("Quy chế phát ngôn …"), or
//! by who issued them ("theo hướng dẫn của …").

use std::sync::LazyLock;

use regex::Regex;
use socai_domain::text;

use crate::citation::{Citation, Role, before, table_spelling};
use crate::source::{Source, Span};
use crate::{organ, words};

/// The longest name, in syllables.
const NAME_WORDS_MAX: usize = 30;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours")
}

static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    let types = words::NAMED_TYPES.join("|").replace(' ', r"\s+");
    pattern(&format!(r"\b(?:{types})\s"))
});

static OWNED: LazyLock<Regex> = LazyLock::new(|| {
    let types = words::OWNED_TYPES.join("|").replace(' ', r"\s+");
    pattern(&format!(
        r"(?i)\b(?:theo|thực hiện|triển khai)\s+({types})\s+của\s+"
    ))
});

/// The citations without a number; `taken` are the places of those that have one.
pub(crate) fn find(source: &Source, taken: &[Span]) -> Vec<Citation> {
    let named = NAMED.find_iter(&source.text).filter_map(|found| {
        named(
            source,
            found.start(),
            found.end(),
            next_taken(taken, found.start())?,
        )
    });
    let owned = OWNED.captures_iter(&source.text).filter_map(|found| {
        let kind = found.get(1).expect("the pattern has a group");
        let whole = found.get(0).expect("a match has a whole");
        let limit = next_taken(taken, kind.start())?.min(source.sentence(kind.start()).end);
        let found = owned(
            source,
            Span {
                start: kind.start(),
                end: kind.end(),
            },
            whole.end(),
        );
        found.filter(|citation| citation.span.end <= limit)
    });
    let all = named.chain(owned);
    all.filter(|citation| !source.is_noise(citation.span.start))
        .collect()
}

/// Where the citation with a number after `at` starts, or `None` if `at` is within one.
fn next_taken(taken: &[Span], at: usize) -> Option<usize> {
    let after = taken.partition_point(|span| span.start <= at);
    let free = after == 0 || taken[after - 1].end <= at;
    free.then(|| taken.get(after).map_or(usize::MAX, |span| span.start))
}

/// A name: a type with a capital where no sentence starts, and words that say which.
fn named(source: &Source, start: usize, after: usize, next: usize) -> Option<Citation> {
    let before = before(source, start);
    let kind = table_spelling(source.text[start..after].trim_end());
    if opens_sentence(before) || names_a_house(before) {
        return None;
    }
    let limit = source.sentence(start).end.min(next);
    if limit <= after {
        return None;
    }
    let end = name_end(source, after, limit);
    let name = text::collapse(&source.text[after..end.max(after)]);
    let telling =
        name.split(' ').count() >= 2 && !name.starts_with(|sign: char| sign.is_ascii_digit());
    telling.then(|| citation(kind, Span { start, end }, Some(name)))
}

/// After "theo": a type and its owner, an organ by name.
fn owned(source: &Source, kind: Span, owner: usize) -> Option<Citation> {
    let issuer = organ::name_at(&source.text, owner)?;
    let name_of_type = organ_case(source.at(kind));
    let words = text::collapse(&source.text[kind.end..issuer.end]);
    let found = citation(
        name_of_type,
        Span {
            start: kind.start,
            end: issuer.end,
        },
        Some(words),
    );
    Some(Citation {
        issuer: Some(issuer),
        ..found
    })
}

/// The type as the table spells it; "chương trình hành động" is a programme.
fn organ_case(written: &str) -> &'static str {
    let known = words::TYPES
        .iter()
        .find(|name| organ::starts_with_words(written, name).is_some());
    known.copied().unwrap_or("Văn bản")
}

fn citation(kind: &str, span: Span, name: Option<String>) -> Citation {
    Citation {
        span,
        tail: span.end,
        reading: None,
        name,
        type_name: Some(kind.to_owned()),
        date: None,
        issuer: None,
        subject: None,
        role: Role::Cited,
    }
}

/// A capital after a full stop, a dash or a bullet is only the sentence's.
fn opens_sentence(before: &str) -> bool {
    let before = before.trim_end();
    let last = before.chars().last();
    !before.contains(char::is_alphabetic) || last.is_some_and(|sign| ".:-–•+*…”".contains(sign))
}

/// "Sở Kế hoạch và Đầu tư" is a house, not a plan.
fn names_a_house(before: &str) -> bool {
    let last = before.trim_end().rsplit([' ', '\n']).next().unwrap_or("");
    ["Sở", "Bộ", "Phòng", "Ban", "Vụ", "Cục", "Viện"].contains(&last)
}

/// Where the name ends: at punctuation, or at a word that names nothing.
fn name_end(source: &Source, from: usize, limit: usize) -> usize {
    let mut end = from;
    let mut at = from;
    for place in 0..NAME_WORDS_MAX {
        let rest = &source.text[at..limit];
        let length = rest
            .find(|sign: char| sign.is_whitespace() || ",.;:()“”\"!?…".contains(sign))
            .unwrap_or(rest.len());
        let word = &rest[..length];
        if word.is_empty() || ends_name(rest, word, place) {
            break;
        }
        end = at + length;
        let gap = organ::spaces(&source.text[end..limit]);
        if gap == 0 {
            break;
        }
        at = end + gap;
    }
    end
}

/// Whether the name ends before `word`, its word at `place` from 0, with which `rest` begins.
fn ends_name(rest: &str, word: &str, place: usize) -> bool {
    let small = word.starts_with(char::is_lowercase);
    let after = rest[word.len()..].trim_start();
    let predicate = place == 0 && small && organ::longest(rest, words::PREDICATES).is_some();
    let number = word == "số" && !after.starts_with(char::is_alphabetic);
    let issued = small && organ::longest(rest, &["ban hành"]).is_some();
    words::NAME_STOPS.contains(&word)
        || predicate
        || number
        || issued
        || begins_another(rest, word, place)
}

/// Another document ends the name, and so does "và" before one or before the next act.
fn begins_another(rest: &str, word: &str, place: usize) -> bool {
    let document = |text: &str| {
        text.starts_with(char::is_uppercase) && organ::longest(text, words::TYPES).is_some()
    };
    let after = rest[word.len()..].trim_start();
    let next = after.split([' ', ',', ';']).next().unwrap_or("");
    let joined =
        place == 0 || after.is_empty() || document(after) || words::NEXT_ACTS.contains(&next);
    document(rest) || word == "và" && joined
}

//! Dates in the shapes that documents and newspapers use, and the year of those that omit it.
//!
//! "21/01/2014", "ngày 24 tháng 12 năm 2024" and "07/8/2023" state their year. "Ngày 18/4" and
//! "ngày 18 tháng 4" do not: it is resolved from the context or left open, never assumed.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use crate::document::Draft;
use crate::source::{Source, Span};
use crate::{FoundDate, YearSource};

/// A date as it is found.
#[derive(Debug, Clone)]
pub(crate) struct Dated {
    pub(crate) span: Span,
    pub(crate) day: i8,
    pub(crate) month: i8,
    pub(crate) date: Option<Date>,
    pub(crate) year: YearSource,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours")
}

static WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)ngày\s{1,3}(\d{1,2})\s{1,3}tháng\s{1,3}(\d{1,2})(?:[\s,]{1,3}năm\s{1,3}(\d{4}))?")
});
static NUMERIC: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:ngày\s{1,3})?\b(\d{1,2})(?: ?/ ?(\d{1,2}) ?/ ?|-(\d{1,2})-|\.(\d{1,2})\.)((?:19|20)\d\d)\b",
    )
});
static YEARLESS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:ngày|sáng|chiều|tối|hôm qua|hôm nay|nay)\s{1,3}\(?|\()(\d{1,2})/(\d{1,2})\b",
    )
});

/// Every date outside of the noise, in order.
pub(crate) fn find(source: &Source) -> Vec<Dated> {
    let mut dates: Vec<Dated> = Vec::new();
    for (shape, find) in [
        (&*WRITTEN, [1, 2, 2, 2, 3]),
        (&*NUMERIC, [1, 2, 3, 4, 5]),
        (&*YEARLESS, [1, 2, 2, 2, 9]),
    ] {
        for found in shape.captures_iter(&source.text) {
            let whole = found.get(0).expect("a match has a whole");
            let number = |group: usize| {
                found
                    .get(group)
                    .and_then(|digits| digits.as_str().parse::<i16>().ok())
            };
            let (day, month) = (
                number(find[0]),
                find[1..4].iter().find_map(|group| number(*group)),
            );
            let (Some(day), Some(month)) = (day, month) else {
                continue;
            };
            let span = Span {
                start: whole.start(),
                end: whole.end(),
            };
            dates.extend(dated(source, span, day, month, number(find[4])));
        }
    }
    dates.sort_by_key(|dated| (dated.span.start, std::cmp::Reverse(dated.span.end)));
    let mut end = 0;
    dates.retain(|dated| {
        let apart = dated.span.start >= end;
        end = end.max(dated.span.end);
        apart
    });
    dates
}

/// A leap year, in which every day of the calendar exists.
const ANY_YEAR: i16 = 2000;

fn dated(source: &Source, span: Span, day: i16, month: i16, year: Option<i16>) -> Option<Dated> {
    let (day, month) = (i8::try_from(day).ok()?, i8::try_from(month).ok()?);
    let continued = source.text[span.end..].starts_with(['/', '-']) && year.is_none();
    if source.is_noise(span.start) || continued {
        return None;
    }
    let date = Date::new(year.unwrap_or(ANY_YEAR), month, day).ok()?;
    let stated = year.map_or(YearSource::Unknown, |_| YearSource::Stated);
    Some(Dated {
        span,
        day,
        month,
        date: year.map(|_| date),
        year: stated,
    })
}

static CLOCK_BESIDE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\d{1,2}[:h]\d{2}"));
static DATELINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\W*(?:thứ \S+|chủ nhật|ngày đăng|đăng ngày|ngày cập nhật|cập nhật(?: lúc)?|ngày xuất bản)?\W*$",
    )
});

/// The longest distance between a date and the clock time beside it, in bytes.
const CLOCK_REACH: usize = 12;

/// The day on which the text was published: a date with a clock time beside it, or on a line of
/// its own; for an official document, the date after the place at its head.
pub(crate) fn publication(source: &Source, dates: &[Dated]) -> Option<Date> {
    let stated = || dates.iter().filter(|dated| dated.date.is_some());
    let published = stated().find(|dated| has_clock(source, dated) || is_dateline(source, dated));
    published
        .or_else(|| stated().find(|dated| follows_a_place(source, dated)))
        .and_then(|dated| dated.date)
}

fn has_clock(source: &Source, dated: &Dated) -> bool {
    let text = &source.text;
    let start = source.floor(dated.span.start.saturating_sub(CLOCK_REACH));
    let end = source.floor(dated.span.end + CLOCK_REACH);
    let before = &text[start..dated.span.start];
    let after = &text[dated.span.end..end];
    CLOCK_BESIDE.is_match(before) || CLOCK_BESIDE.is_match(after.split('\n').next().unwrap_or(""))
}

fn is_dateline(source: &Source, dated: &Dated) -> bool {
    let (before, after) = beside(source, dated);
    DATELINE.is_match(before) && !after.contains(char::is_alphanumeric)
}

static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:^|\s{2,})[\W_]*(?:(?:TP\.?|T\.P\.?|Thành phố) ?)?\p{Lu}\p{L}*(?: \p{Lu}\p{L}*){0,4}, $",
    )
});

/// Whether the date is the one at a document's head: "Hà Nội, ngày 05 tháng 9 năm 2016".
pub(crate) fn follows_a_place(source: &Source, dated: &Dated) -> bool {
    let (before, after) = beside(source, dated);
    PLACE.is_match(before) && !after.contains(char::is_alphanumeric)
}

/// The longest line around a date at a document's head, on either side, in bytes.
const LINE_REACH: usize = 200;

/// What stands before and after the date on its line.
fn beside<'a>(source: &'a Source, dated: &Dated) -> (&'a str, &'a str) {
    let start = source.floor(dated.span.start.saturating_sub(LINE_REACH));
    let end = source.floor(dated.span.end + LINE_REACH);
    let before = source.text[start..dated.span.start]
        .rsplit('\n')
        .next()
        .unwrap_or("");
    let after = source.text[dated.span.end..end]
        .split('\n')
        .next()
        .unwrap_or("");
    (before, after)
}

static NAMED_YEAR: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)\bnăm\s+((?:19|20)\d\d)\b"));

/// Resolves the years that are not written, and tells where each comes from.
pub(crate) fn resolve(
    source: &Source,
    dates: &mut [Dated],
    documents: &mut [Draft],
    published: Option<Date>,
) {
    let title = source
        .lines()
        .next()
        .and_then(|line| named_year(source.at(line)));
    for document in documents.iter() {
        let Some(dated) = document.date.map(|date| &mut dates[date]) else {
            continue;
        };
        if dated.date.is_none() {
            let subject = document.subject.as_deref().and_then(named_year);
            settle(
                dated,
                published.map(|on| (on, last_before as Choose)),
                document.year_in_number(),
                subject,
                title,
            );
        }
    }
    for dated in dates.iter_mut().filter(|dated| dated.date.is_none()) {
        settle(
            dated,
            published.map(|on| (on, nearest as Choose)),
            None,
            None,
            title,
        );
    }
}

type Choose = fn(&Dated, Date) -> Option<Date>;

fn settle(
    dated: &mut Dated,
    published: Option<(Date, Choose)>,
    number: Option<i16>,
    subject: Option<i16>,
    title: Option<i16>,
) {
    let by_publication = || {
        published
            .and_then(|(on, choose)| Some((choose(dated, on)?, YearSource::Publication { on })))
    };
    let by_number = || {
        Some((
            in_year(dated, number?)?,
            YearSource::Number { year: number? },
        ))
    };
    let by_subject = || {
        Some((
            planned_in(dated, subject?)?,
            YearSource::Subject { year: subject? },
        ))
    };
    let by_title = || {
        Some((
            planned_in(dated, title?)?,
            YearSource::Title { year: title? },
        ))
    };
    let found = by_publication()
        .or_else(by_number)
        .or_else(by_subject)
        .or_else(by_title);
    if let Some((date, year)) = found {
        (dated.date, dated.year) = (Some(date), year);
    }
}

fn named_year(text: &str) -> Option<i16> {
    NAMED_YEAR.captures(text)?[1].parse().ok()
}

fn in_year(dated: &Dated, year: i16) -> Option<Date> {
    Date::new(year, dated.month, dated.day).ok()
}

/// The first of the two months in which next year's plans are issued.
const PLANNING_MONTH: i8 = 11;

/// The day in the year that a subject is about, unless it may be of the year before: a plan for
/// 2023 issued on 28/12 is one of 2022, and only a person can tell.
fn planned_in(dated: &Dated, year: i16) -> Option<Date> {
    in_year(dated, year).filter(|_| dated.month < PLANNING_MONTH)
}

/// What was issued was issued before it was written about.
fn last_before(dated: &Dated, on: Date) -> Option<Date> {
    let this_year = in_year(dated, on.year()).filter(|date| *date <= on);
    this_year.or_else(|| in_year(dated, on.year() - 1))
}

fn nearest(dated: &Dated, on: Date) -> Option<Date> {
    let years = [on.year() - 1, on.year(), on.year() + 1];
    let days = years.into_iter().filter_map(|year| in_year(dated, year));
    days.min_by_key(|day| (*day - on).get_days().abs())
}

pub(crate) fn finding(source: &Source, dated: &Dated) -> FoundDate {
    FoundDate {
        place: source.place(dated.span.start),
        written: socai_domain::text::collapse(source.at(dated.span))
            .trim_start_matches('(')
            .to_owned(),
        date: dated.date,
        year: dated.year,
        passage: source.passage(dated.span.start),
    }
}

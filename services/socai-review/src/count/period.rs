//! The years and quarters of a window, by the calendar.

use jiff::civil::Date;

/// The year of `day`: "2014".
pub(super) fn year(day: Date) -> String {
    day.year().to_string()
}

/// The quarter of `day`: "2014-q1".
pub(super) fn quarter(day: Date) -> String {
    label(index(day))
}

/// Every year from `from` to `to`.
pub(super) fn years(from: Date, to: Date) -> Vec<String> {
    (from.year()..=to.year())
        .map(|year| year.to_string())
        .collect()
}

/// Every quarter from `from` to `to`.
pub(super) fn quarters(from: Date, to: Date) -> Vec<String> {
    (index(from)..=index(to)).map(label).collect()
}

fn index(day: Date) -> i32 {
    i32::from(day.year()) * 4 + i32::from(day.month() - 1) / 3
}

fn label(index: i32) -> String {
    format!("{}-q{}", index.div_euclid(4), index.rem_euclid(4) + 1)
}

//! Charts as SVG, readable without colour: results differ by lightness and hatching, and each chart
//! stands beside a table with its figures. Lengths are whole numbers, so that bytes do not vary.

use socai_domain::obligation::Kind;
use socai_domain::rate::{Bucket, Counts};

use super::markup::Markup;
use super::number::{Style, fill};
use crate::facts::{Age, PeriodRow, Rated, headline};

const WIDTH: u64 = 640;

/// Hatchings, once a page; charts refer to them by name.
pub(super) fn patterns(m: &mut Markup) {
    m.wrap(
        "svg",
        &[
            ("class", "defs"),
            ("width", "0"),
            ("height", "0"),
            ("aria-hidden", "true"),
        ],
        |m| {
            m.wrap("defs", &[], |m| {
                pattern(m, "hatch", &[("M0,6 L6,0", "#1b1b1b")], "#f3d9a4");
                pattern(m, "dots", &[("M1,1 h1.6 v1.6 h-1.6 z", "#555")], "#ffffff");
            });
        },
    );
}

fn pattern(m: &mut Markup, id: &str, strokes: &[(&str, &str)], ground: &str) {
    let size = [
        ("id", id),
        ("width", "6"),
        ("height", "6"),
        ("patternUnits", "userSpaceOnUse"),
    ];
    m.wrap("pattern", &size, |m| {
        m.void("rect", &[("width", "6"), ("height", "6"), ("fill", ground)]);
        for (path, colour) in strokes {
            m.void(
                "path",
                &[("d", path), ("stroke", colour), ("stroke-width", "1.4")],
            );
        }
    });
}

/// The small bar of a table's row. The row has the figures, so that it is hidden from readers aloud.
pub(super) fn bar(m: &mut Markup, counts: &Counts) {
    let (width, height) = (120, 11);
    m.wrap(
        "svg",
        &[
            ("class", "bar"),
            ("viewBox", "0 0 120 11"),
            ("aria-hidden", "true"),
        ],
        |m| {
            stack(m, counts, (0, 0), (width, height), counts.total());
        },
    );
}

/// The results of `counts` side by side, `whole` obligations to the width.
fn stack(m: &mut Markup, counts: &Counts, at: (u64, u64), size: (u64, u64), whole: u64) {
    let mut before = 0;
    for bucket in Bucket::ALL {
        let count = counts.get(bucket);
        let from = scaled(before, size.0, whole);
        before += count;
        let to = scaled(before, size.0, whole);
        if to > from {
            let class = format!("b {}", bucket.id());
            rect(m, &class, at.0 + from, at.1, to - from, size.1);
        }
    }
}

/// A third of `length` for a third of `whole`.
fn scaled(part: u64, length: u64, whole: u64) -> u64 {
    let scaled = u128::from(part) * u128::from(length) / u128::from(whole.max(1));
    u64::try_from(scaled).unwrap_or(length)
}

fn rect(m: &mut Markup, class: &str, x: u64, y: u64, width: u64, height: u64) {
    let [x, y, width, height] = [x, y, width, height].map(|length| length.to_string());
    m.void(
        "rect",
        &[
            ("class", class),
            ("x", &x),
            ("y", &y),
            ("width", &width),
            ("height", &height),
        ],
    );
}

fn label(m: &mut Markup, class: &str, x: u64, y: u64, text: &str) {
    let [x, y] = [x, y].map(|length| length.to_string());
    m.leaf("text", &[("class", class), ("x", &x), ("y", &y)], text);
}

/// A chart with its title, told to readers aloud as well.
fn figure(m: &mut Markup, title: &str, told: &str, height: u64, inside: impl FnOnce(&mut Markup)) {
    m.wrap("figure", &[], |m| {
        m.leaf("figcaption", &[], title);
        let view = format!("0 0 {WIDTH} {height}");
        m.wrap(
            "svg",
            &[("class", "chart"), ("role", "img"), ("viewBox", &view)],
            |m| {
                m.leaf("title", &[], title);
                m.leaf("desc", &[], told);
                inside(m);
            },
        );
    });
}

/// What each hatching means.
pub(super) fn legend(m: &mut Markup, style: Style) {
    m.wrap(
        "ul",
        &[("class", "legend"), ("aria-label", style.words.legend)],
        |m| {
            for bucket in Bucket::ALL {
                m.wrap("li", &[], |m| {
                    swatch(m, bucket.id());
                    m.text(style.language.bucket(bucket));
                });
            }
        },
    );
}

fn swatch(m: &mut Markup, class: &str) {
    let class = format!("b {class}");
    m.wrap(
        "svg",
        &[
            ("class", "swatch"),
            ("viewBox", "0 0 16 10"),
            ("aria-hidden", "true"),
        ],
        |m| {
            rect(m, &class, 0, 0, 16, 10);
        },
    );
}

/// Results by year, a bar a year.
pub(super) fn years(m: &mut Markup, style: Style, rows: &[PeriodRow], kind: Kind) {
    let whole = rows
        .iter()
        .map(|row| row.totals.of_kind(kind).counts.total())
        .max()
        .unwrap_or(0);
    let title = fill(style.words.chart_years, &[title_of(style, kind)]);
    let height = 22 * rows.len() as u64 + 4;
    figure(m, &title, style.words.chart_years_desc, height, |m| {
        for (y, row) in (0..).step_by(22).zip(rows) {
            let counts = &row.totals.of_kind(kind).counts;
            label(m, "e", 44, y + 16, &row.period);
            stack(m, counts, (52, y + 3), (520, 17), whole);
            let end = 52 + scaled(counts.total(), 520, whole) + 6;
            label(m, "s", end, y + 16, &style.count(counts.total()));
        }
    });
}

fn title_of(style: Style, kind: Kind) -> &'static str {
    match kind {
        Kind::Task => style.words.tasks_title,
        Kind::Report => style.words.reports_title,
    }
}

/// The headline rate by quarter, a column a quarter.
pub(super) fn quarters(m: &mut Markup, style: Style, rows: &[PeriodRow], kind: Kind) {
    let id = headline(kind);
    let name = format!("{} – {} ({id})", title_of(style, kind), style.rate_name(id));
    let title = fill(style.words.chart_quarters, &[&name]);
    let room = WIDTH - 44;
    let step = (room / (rows.len() as u64).max(1)).clamp(6, 48);
    figure(m, &title, style.words.chart_quarters_desc, 124, |m| {
        for (percent, y) in [("100 %", 10), ("50 %", 50), ("0 %", 90)] {
            label(m, "e", 38, y + 4, percent);
            rect(m, "grid", 42, y, step * rows.len() as u64 + 4, 1);
        }
        for (x, row) in (44..).step_by(usize::try_from(step).unwrap_or(6)).zip(rows) {
            column(m, &row.totals.of_kind(kind).rate(id), x, step);
            quarter_label(m, &row.period, x, step);
        }
    });
}

fn column(m: &mut Markup, rate: &Rated, x: u64, step: u64) {
    if rate.d == 0 {
        return label(m, "m", x + step / 2, 87, "–");
    }
    let height = scaled(rate.n, 80, rate.d);
    rect(m, "rate", x + 1, 90 - height, step - 2, height);
}

/// The quarter's number, and under the first of a year the year.
fn quarter_label(m: &mut Markup, period: &str, x: u64, step: u64) {
    let (year, quarter) = period.split_once("-q").unwrap_or((period, ""));
    if step >= 14 {
        label(m, "m", x + step / 2, 104, quarter);
    }
    if quarter == "1" {
        label(m, "s", x, 119, year);
    }
}

/// How long the overdue has been overdue.
pub(super) fn ageing(m: &mut Markup, style: Style, ages: &[Age]) {
    let whole = ages
        .iter()
        .map(|age| age.tasks.max(age.reports))
        .max()
        .unwrap_or(0);
    let height = 34 * ages.len() as u64 + 4;
    let title = style.words.chart_ageing;
    figure(m, title, style.words.chart_ageing_desc, height, |m| {
        for (y, age) in (0..).step_by(34).zip(ages) {
            label(m, "e", 142, y + 21, style.language.band(age.band));
            let bars = [
                (Kind::Task, age.tasks, "task"),
                (Kind::Report, age.reports, "report"),
            ];
            for (offset, (kind, count, class)) in (2..).step_by(15).zip(bars) {
                let length = scaled(count, 340, whole);
                rect(m, class, 150, y + offset, length, 13);
                let text = format!(
                    "{} {}",
                    style.count(count),
                    style.language.obligation_kind(kind)
                );
                label(m, "s", 156 + length, y + offset + 11, &text);
            }
        }
    });
}

//! Phụ lục 6: how it was counted, what a reader must know of the data, and what it can be held to.

use socai_domain::due::DueRule;
use socai_domain::period::WindowRule;
use socai_domain::rate::Bucket;

use super::markup::Markup;
use super::number::{Style, fill};
use super::section;
use super::table::{Column, capital, table, table_of_heading};
use crate::facts::{BackDated, Correction, Facts, Method, Notes, Undated};

/// Events listed on the page; the data file has all.
const EVENTS_SHOWN: usize = 50;

pub(super) fn write(m: &mut Markup, style: Style, facts: &Facts) {
    section(m, "annex", "annex-6", style.words.annex_six, |m| {
        results(m, style);
        formulas(m, style, &facts.method);
        rules(m, style, &facts.method);
        calendars(m, style, &facts.method);
        notes(m, style, &facts.notes);
        undated(m, style, &facts.counted.undated);
        integrity(m, style, facts);
    });
}

fn results(m: &mut Markup, style: Style) {
    m.leaf("h3", &[], style.words.buckets);
    m.leaf("p", &[], style.words.buckets_note);
    m.wrap("ul", &[("class", "plain")], |m| {
        for bucket in Bucket::ALL {
            m.wrap("li", &[], |m| {
                m.leaf("code", &[], bucket.id());
                m.text(": ");
                m.text(style.language.bucket(bucket));
            });
        }
    });
}

fn formulas(m: &mut Markup, style: Style, method: &Method) {
    let words = style.words;
    let columns = [
        (Column::Head, words.rate_column),
        (Column::Text, words.rate_id_column),
        (Column::Text, words.formula_column),
    ];
    let rows = method.formulas.iter().map(|formula| {
        let name = capital(style.rate_name(formula.id));
        vec![name, formula.id.to_string(), formula.formula.clone()]
    });
    m.leaf("h3", &[], words.formulas);
    table_of_heading(m, words.formulas, &columns, rows);
}

fn rules(m: &mut Markup, style: Style, method: &Method) {
    let words = style.words;
    m.leaf("h3", &[], words.rules);
    if method.rules.is_empty() {
        return m.leaf("p", &[], words.rules_none);
    }
    let columns = [
        (Column::Head, words.requirement_column),
        (Column::Text, words.cadence_column),
        (Column::Text, words.window_rule_column),
        (Column::Text, words.due_rule_column),
        (Column::Text, words.day_off_column),
    ];
    let rows = method.rules.iter().map(|rules| {
        vec![
            rules.title.clone(),
            style.language.cadence(rules.cadence).to_owned(),
            window(style, &rules.window),
            due(style, rules.due),
            style.language.day_off(rules.day_off).to_owned(),
        ]
    });
    table_of_heading(m, words.rules, &columns, rows);
}

fn window(style: Style, rule: &WindowRule) -> String {
    match rule {
        WindowRule::Decree09 => style.words.window_decree.to_owned(),
        WindowRule::Calendar => style.words.window_calendar.to_owned(),
        WindowRule::Fixed(window) => {
            format!(
                "{} – {}",
                style.date(window.from()),
                style.date(window.to())
            )
        }
        WindowRule::Stated => style.words.window_stated.to_owned(),
        WindowRule::NotStated => style.words.not_stated.to_owned(),
    }
}

fn due(style: Style, rule: DueRule) -> String {
    let words = style.words;
    match rule {
        DueRule::Fixed { date } => style.date(date),
        DueRule::DayOfLastMonth { day } => fill(words.due_day, &[&day.to_string()]),
        DueRule::DaysAfter { n } => fill(words.due_days, &[&n.to_string()]),
        DueRule::WorkingDaysAfter { n } => fill(words.due_working_days, &[&n.to_string()]),
        DueRule::NotStated => words.not_stated.to_owned(),
    }
}

fn calendars(m: &mut Markup, style: Style, method: &Method) {
    let words = style.words;
    m.leaf("h3", &[], words.calendars);
    if method.calendars.is_empty() {
        return m.leaf("p", &[], words.calendars_none);
    }
    let columns = [
        (Column::Head, words.year_column),
        (Column::Number, words.version_column),
        (Column::Number, words.listed_days_column),
        (Column::Text, words.source_column),
    ];
    let rows = method.calendars.iter().map(|calendar| {
        let numbers = [u64::from(calendar.version), u64::from(calendar.days)];
        let [version, days] = numbers.map(|number| style.count(number));
        let source = calendar.source.clone().unwrap_or_else(|| "–".to_owned());
        vec![calendar.year.to_string(), version, days, source]
    });
    table_of_heading(m, words.calendars, &columns, rows);
}

fn notes(m: &mut Markup, style: Style, notes: &Notes) {
    let words = style.words;
    m.leaf("h3", &[], words.data_notes);
    let [synthetic, records] = [notes.synthetic, notes.records].map(|count| style.count(count));
    let made_up = match notes.synthetic {
        0 => fill(words.note_real, &[&records]),
        _ => fill(words.note_synthetic, &[&synthetic, &records]),
    };
    let late = [
        style.count(notes.back_dated.count),
        notes.back_dated.after_days.to_string(),
    ];
    m.wrap("ul", &[], |m| {
        m.leaf("li", &[], &made_up);
        if notes.simulated_clock {
            m.leaf("li", &[], words.note_clock);
        }
        m.leaf(
            "li",
            &[],
            &fill(words.note_back_dated, &[&late[0], &late[1]]),
        );
        m.leaf(
            "li",
            &[],
            &fill(words.note_corrected, &[&style.len(&notes.corrections)]),
        );
    });
    back_dated(m, style, &notes.back_dated.events);
    corrections(m, style, &notes.corrections);
}

fn back_dated(m: &mut Markup, style: Style, events: &[BackDated]) {
    let words = style.words;
    if events.is_empty() {
        return;
    }
    let columns = [
        (Column::Number, words.position_column),
        (Column::Text, words.event_column),
        (Column::Head, words.stream_column),
        (Column::Number, words.effective_column),
        (Column::Text, words.recorded_column),
        (Column::Number, words.lag_column),
    ];
    let rows = events.iter().take(EVENTS_SHOWN).map(|event| {
        vec![
            event.position.to_string(),
            event.event.clone(),
            event.subject.clone(),
            style.date(event.effective),
            style.moment(event.recorded),
            style.count(u64::from(event.days)),
        ]
    });
    table(m, words.back_dated, &columns, rows);
    more(m, style, events.len());
}

fn corrections(m: &mut Markup, style: Style, corrections: &[Correction]) {
    let words = style.words;
    if corrections.is_empty() {
        return;
    }
    let columns = [
        (Column::Number, words.position_column),
        (Column::Text, words.event_column),
        (Column::Head, words.stream_column),
        (Column::Number, words.effective_column),
        (Column::Text, words.reason_column),
    ];
    let rows = corrections.iter().take(EVENTS_SHOWN).map(|correction| {
        vec![
            correction.position.to_string(),
            correction.event.clone(),
            correction.subject.clone(),
            style.date(correction.on),
            correction.reason.clone().unwrap_or_else(|| "–".to_owned()),
        ]
    });
    table(m, words.corrections, &columns, rows);
    more(m, style, corrections.len());
}

fn more(m: &mut Markup, style: Style, all: usize) {
    if all > EVENTS_SHOWN {
        let more = style.count((all - EVENTS_SHOWN) as u64);
        m.leaf(
            "p",
            &[("class", "note")],
            &fill(style.words.and_more, &[&more]),
        );
    }
}

fn undated(m: &mut Markup, style: Style, undated: &[Undated]) {
    let words = style.words;
    m.leaf("h3", &[], words.undated);
    if undated.is_empty() {
        return m.leaf("p", &[], words.undated_none);
    }
    let columns = [
        (Column::Head, words.unit_column),
        (Column::Text, words.item_column),
        (Column::Number, words.since_column),
        (Column::Number, words.done_column),
        (Column::Number, words.age_column),
    ];
    let rows = undated.iter().map(|row| {
        let done = row.fulfilled_on.map(|day| style.date(day));
        vec![
            row.name.clone(),
            style.item(&row.title, row.period.as_ref()),
            style.date(row.since),
            done.unwrap_or_else(|| words.not_done.to_owned()),
            style.count(u64::from(row.age_days)),
        ]
    });
    m.wrap("div", &[("class", "list")], |m| {
        table_of_heading(m, words.undated, &columns, rows);
    });
}

fn integrity(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    let ledger = &facts.ledger;
    m.leaf("h3", &[], words.integrity);
    let position = style.count(ledger.position);
    m.leaf(
        "p",
        &[],
        &fill(words.integrity_sentence, &[&ledger.origin, &position]),
    );
    match &ledger.root {
        Some(root) => m.leaf(
            "p",
            &[("class", "ids")],
            &fill(words.integrity_root, &[root]),
        ),
        None => m.leaf("p", &[], words.integrity_unsealed),
    }
}

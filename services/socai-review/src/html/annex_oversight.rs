//! Phụ lục 5: inspections, acts about lateness, extensions, excuses, flags beside results.

use std::collections::BTreeMap;

use socai_domain::id::ObligationId;

use super::markup::Markup;
use super::number::{Style, fill};
use super::section;
use super::table::{Column, table, table_of_heading};
use crate::facts::{ActKind, Excuse, Extension, Facts, Finding, Inspection};

/// Ids listed on the page; the data file has all.
const IDS_SHOWN: usize = 20;

pub(super) fn write(m: &mut Markup, style: Style, facts: &Facts) {
    section(m, "annex wide", "annex-5", style.words.annex_five, |m| {
        inspections(m, style, &facts.inspections);
        acts(m, style, facts);
        explanations(m, style, facts);
        extensions(m, style, &facts.extensions);
        excuses(m, style, &facts.excuses);
        flags(m, style, facts);
    });
}

fn or_dash(text: Option<&String>) -> String {
    text.cloned().unwrap_or_else(|| "–".to_owned())
}

fn inspections(m: &mut Markup, style: Style, inspections: &[Inspection]) {
    let words = style.words;
    m.leaf("h3", &[], words.inspections);
    if inspections.is_empty() {
        return m.leaf("p", &[], words.inspections_none);
    }
    let columns = [
        (Column::Head, words.inspection_column),
        (Column::Text, words.by_column),
        (Column::Text, words.inspected_column),
        (Column::Number, words.window_rule_column),
        (Column::Number, words.opened_column),
        (Column::Text, words.concluded_column),
    ];
    let rows = inspections.iter().map(|case| {
        let concluded = case.concluded.map(|day| style.date(day));
        let conclusion = concluded
            .into_iter()
            .chain(case.conclusion.clone())
            .collect::<Vec<_>>();
        vec![
            format!("{}: {}", style.language.inspection(case.kind), case.title),
            case.by.clone(),
            case.units.join("; "),
            format!("{} – {}", style.date(case.from), style.date(case.to)),
            style.date(case.opened),
            if conclusion.is_empty() {
                "–".to_owned()
            } else {
                conclusion.join(": ")
            },
        ]
    });
    table_of_heading(m, words.inspections, &columns, rows);
    findings(m, style, inspections);
}

fn findings(m: &mut Markup, style: Style, inspections: &[Inspection]) {
    let words = style.words;
    if inspections.iter().all(|case| case.findings.is_empty()) {
        return;
    }
    let columns = [
        (Column::Number, words.no_column),
        (Column::Head, words.unit_column),
        (Column::Text, words.finding_column),
        (Column::Text, words.cause_column),
        (Column::Text, words.follow_up_column),
    ];
    let row = |finding: &Finding| {
        let cause = finding.cause.iter().chain(&finding.responsibility).cloned();
        let cause: Vec<String> = cause.collect();
        vec![
            finding.number.to_string(),
            finding.unit.clone(),
            finding.text.clone(),
            if cause.is_empty() {
                "–".to_owned()
            } else {
                cause.join("; ")
            },
            if finding.follow_ups.is_empty() {
                "–".to_owned()
            } else {
                finding.follow_ups.join("; ")
            },
        ]
    };
    let rows = inspections.iter().flat_map(|case| &case.findings).map(row);
    table(m, words.findings, &columns, rows);
}

fn acts(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    m.leaf("h3", &[], words.acts_by_unit);
    if facts.acts.is_empty() {
        return m.leaf("p", &[], words.acts_none);
    }
    let mut units = BTreeMap::<_, (&str, [u64; 5])>::new();
    for act in &facts.acts {
        let (_, done) = units.entry(&act.unit).or_insert((&act.name, [0; 5]));
        done[act.what as usize] += 1;
    }
    let mut columns = vec![(Column::Head, words.unit_column)];
    columns.extend(ActKind::ALL.map(|what| (Column::Number, style.language.act(what))));
    let listed = facts.counted.by_unit.iter().map(|row| &row.unit);
    let known: Vec<_> = listed.filter_map(|unit| units.remove(unit)).collect();
    let rows = known
        .into_iter()
        .chain(units.into_values())
        .map(|(name, done)| {
            let mut row = vec![name.to_owned()];
            row.extend(done.map(|count| style.count(count)));
            row
        });
    table_of_heading(m, words.acts_by_unit, &columns, rows);
}

fn explanations(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    let explained: Vec<_> = facts
        .acts
        .iter()
        .filter(|act| act.what == ActKind::Explained)
        .collect();
    if explained.is_empty() {
        return;
    }
    let columns = [
        (Column::Number, words.date_column),
        (Column::Head, words.unit_column),
        (Column::Text, words.item_column),
        (Column::Text, words.explanation_column),
        (Column::Number, words.events_column),
    ];
    let rows = explained.into_iter().map(|act| {
        vec![
            style.date(act.on),
            act.name.clone(),
            style.item(&act.title, act.period.as_ref()),
            or_dash(act.text.as_ref()),
            act.position.to_string(),
        ]
    });
    table(m, words.explanations, &columns, rows);
}

fn extensions(m: &mut Markup, style: Style, extensions: &[Extension]) {
    let words = style.words;
    m.leaf("h3", &[], words.extensions);
    if extensions.is_empty() {
        return m.leaf("p", &[], words.extensions_none);
    }
    let columns = [
        (Column::Head, words.unit_column),
        (Column::Text, words.item_column),
        (Column::Number, words.old_due_column),
        (Column::Number, words.new_due_column),
        (Column::Text, words.granted_column),
        (Column::Number, words.requested_column),
        (Column::Text, words.in_time_column),
        (Column::Text, words.reason_column),
        (Column::Number, words.events_column),
    ];
    let rows = extensions.iter().map(|extension| {
        let in_time = if extension.before_deadline {
            words.yes
        } else {
            words.no
        };
        let granted = style.date(extension.granted_on);
        vec![
            extension.name.clone(),
            style.item(&extension.title, extension.period.as_ref()),
            style.date_or_dash(extension.from),
            style.date(extension.to),
            format!("{}, {granted}", extension.granted_by),
            style.date(extension.requested),
            in_time.to_owned(),
            reason(extension.reason.as_ref(), extension.basis.as_ref()),
            extension.position.to_string(),
        ]
    });
    table_of_heading(m, words.extensions, &columns, rows);
}

fn reason(reason: Option<&String>, basis: Option<&String>) -> String {
    match (reason, basis) {
        (Some(reason), Some(basis)) => format!("{reason} ({basis})"),
        (reason, basis) => or_dash(reason.or(basis)),
    }
}

fn excuses(m: &mut Markup, style: Style, excuses: &[Excuse]) {
    let words = style.words;
    m.leaf("h3", &[], words.excuses);
    if excuses.is_empty() {
        return m.leaf("p", &[], words.excuses_none);
    }
    let columns = [
        (Column::Head, words.unit_column),
        (Column::Text, words.item_column),
        (Column::Number, words.due_column),
        (Column::Text, words.excuse_column),
        (Column::Text, words.decided_column),
        (Column::Text, words.reason_column),
        (Column::Text, words.legal_column),
        (Column::Number, words.events_column),
    ];
    let rows = excuses.iter().map(|excuse| {
        vec![
            excuse.name.clone(),
            style.item(&excuse.title, excuse.period.as_ref()),
            style.date_or_dash(excuse.due),
            style.language.excuse(excuse.what).to_owned(),
            format!("{}, {}", excuse.by, style.date(excuse.on)),
            or_dash(excuse.reason.as_ref()),
            or_dash(excuse.legal_basis.as_ref()),
            excuse.position.to_string(),
        ]
    });
    table_of_heading(m, words.excuses, &columns, rows);
}

fn flags(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    let flags = &facts.flags;
    m.leaf("h3", &[], words.flags);
    let values = [
        style.count(flags.passed),
        style.count(flags.flagged),
        style.len(&flags.unflagged),
        style.len(&flags.flagged_otherwise),
    ];
    let values = values.each_ref().map(String::as_str);
    m.leaf("p", &[], &fill(words.flags_sentence, &values));
    ids(m, style, words.unflagged, &flags.unflagged);
    ids(m, style, words.flagged_otherwise, &flags.flagged_otherwise);
}

fn ids(m: &mut Markup, style: Style, template: &str, ids: &[ObligationId]) {
    if ids.is_empty() {
        return;
    }
    let mut shown: Vec<String> = ids
        .iter()
        .take(IDS_SHOWN)
        .map(ToString::to_string)
        .collect();
    if let Some(more) = ids.len().checked_sub(IDS_SHOWN).filter(|more| *more > 0) {
        shown.push(fill(style.words.and_more, &[&style.count(more as u64)]));
    }
    m.leaf(
        "p",
        &[("class", "ids")],
        &fill(template, &[&shown.join(", ")]),
    );
}

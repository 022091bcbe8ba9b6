//! The three parts: what the figures say, charts, and prompts for everything that is a judgement.

use std::collections::BTreeMap;

use socai_domain::obligation::Kind;
use socai_domain::rate::{Counts, RateId};

use super::markup::Markup;
use super::number::{Style, fill};
use super::table::{CountsRow, CountsTable, any};
use super::{chart, head, prompt, section};
use crate::facts::{ActKind, Facts, LeagueRow, Subject, Tally};

pub(super) fn write(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    let heading = match head::years(facts) {
        0 => words.part_one.to_owned(),
        years => fill(words.part_one_years, &[&style.years(years)]),
    };
    section(m, "part", "part-1", &heading, |m| {
        situation(m, style, facts);
        documents(m, style, facts);
        coordination(m, style, facts);
        results(m, style, facts);
        assessment(m, style, facts);
        m.leaf("h3", &[], words.one_vi);
        prompt(m, style, words.lessons_prompt);
    });
    section(m, "part", "part-2", words.part_two, |m| {
        carried_over(m, style, facts);
        prompt(m, style, words.challenges_prompt);
        prompt(m, style, words.measures_prompt);
    });
    section(m, "part", "part-3", words.part_three, |m| {
        prompt(m, style, words.proposals_prompt);
        signature(m, style);
    });
}

fn sentence(m: &mut Markup, template: &str, values: &[&str]) {
    m.leaf("p", &[], &fill(template, values));
}

fn situation(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    m.leaf("h3", &[], words.one_i);
    let (units, below) = (&facts.counted.by_unit, facts.chain.len() as u64);
    sentence(
        m,
        words.situation,
        &[
            &style.len(units),
            &style.count(below + 1),
            &style.count(below),
        ],
    );
    let mut kinds = BTreeMap::<_, u64>::new();
    units
        .iter()
        .for_each(|unit| *kinds.entry(unit.kind).or_default() += 1);
    if !kinds.is_empty() {
        let told = |(kind, count): (&_, &u64)| {
            format!(
                "{} {}",
                style.language.unit_kind(*kind),
                style.count(*count)
            )
        };
        let told: Vec<String> = kinds.iter().map(told).collect();
        sentence(m, words.situation_kinds, &[&told.join("; ")]);
    }
    if !facts.unit_changes.is_empty() {
        sentence(
            m,
            words.situation_changes,
            &[&style.len(&facts.unit_changes)],
        );
    }
    prompt(m, style, words.situation_prompt);
}

fn documents(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    m.leaf("h3", &[], words.one_ii);
    if facts.chain.is_empty() {
        sentence(m, words.issued_none, &[]);
    } else {
        let mut relations = BTreeMap::<_, u64>::new();
        for step in facts.chain.iter().filter_map(|below| below.path.first()) {
            *relations.entry(step.relation).or_default() += 1;
        }
        let told = |(relation, count): (&_, &u64)| {
            format!(
                "{} {}",
                style.language.relation(*relation),
                style.count(*count)
            )
        };
        let told: Vec<String> = relations.iter().map(told).collect();
        sentence(m, words.issued, &[&style.len(&facts.chain)]);
        sentence(m, words.issued_by_relation, &[&told.join("; ")]);
    }
    prompt(m, style, words.dissemination_prompt);
}

fn coordination(m: &mut Markup, style: Style, facts: &Facts) {
    m.leaf("h3", &[], style.words.one_iii);
    let done = |what| facts.acts.iter().filter(|act| act.what == what).count() as u64;
    let [reminded, flagged, escalated, asked, explained] =
        ActKind::ALL.map(|what| style.count(done(what)));
    let inspections = style.len(&facts.inspections);
    sentence(
        m,
        style.words.oversight,
        &[
            &reminded,
            &flagged,
            &escalated,
            &asked,
            &explained,
            &inspections,
        ],
    );
    prompt(m, style, style.words.awareness_prompt);
}

fn results(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    m.leaf("h3", &[], words.one_iv);
    m.leaf("h4", &[], words.one_iv_tasks);
    results_of(m, style, facts, Kind::Task);
    m.leaf("h4", &[], words.one_iv_reports);
    results_of(m, style, facts, Kind::Report);
    prompt(m, style, words.results_prompt);
}

fn results_of(m: &mut Markup, style: Style, facts: &Facts, kind: Kind) {
    let words = style.words;
    let counted = &facts.counted;
    let tally = counted.totals.of_kind(kind);
    let (none, counts, rates, subjects) = match kind {
        Kind::Task => (
            words.tasks_none,
            words.tasks_sentence,
            words.tasks_rate,
            &counted.by_task,
        ),
        Kind::Report => (
            words.reports_none,
            words.reports_sentence,
            words.reports_rate,
            &counted.by_requirement,
        ),
    };
    if !any(&tally.counts) {
        return sentence(m, none, &[]);
    }
    counts_sentence(m, style, counts, &tally.counts);
    rates_sentence(m, style, rates, tally, kind);
    m.wrap("div", &[("class", "together")], |m| {
        chart::legend(m, style);
        chart::years(m, style, &counted.by_year, kind);
    });
    chart::quarters(m, style, &counted.by_quarter, kind);
    by_subject(m, style, subjects, tally, kind);
    m.leaf("p", &[("class", "note")], words.dash_note);
}

fn counts_sentence(m: &mut Markup, style: Style, template: &str, counts: &Counts) {
    let values = [
        counts.total(),
        counts.on_time,
        counts.late,
        counts.pending,
        counts.overdue,
        counts.no_due_date,
        counts.no_due_date_done,
        counts.excused,
    ];
    let values = values.map(|count| style.count(count));
    sentence(m, template, &values.each_ref().map(String::as_str));
}

fn rates_sentence(m: &mut Markup, style: Style, template: &str, tally: &Tally, kind: Kind) {
    let ids = match kind {
        Kind::Task => [RateId::CompletedOfDue, RateId::OnTimeOfDue],
        Kind::Report => [RateId::OnTimeOfDue, RateId::CompletedOfDue],
    };
    let [first, second] = ids.map(|id| style.rate(&tally.rate(id)));
    sentence(m, template, &[&first, &second]);
}

fn by_subject(m: &mut Markup, style: Style, subjects: &[Subject], total: &Tally, kind: Kind) {
    let words = style.words;
    let (caption, about) = match kind {
        Kind::Task => (words.by_task, words.task_column),
        Kind::Report => (words.by_requirement, words.requirement_column),
    };
    let place = Some(words.no_column);
    let table = CountsTable {
        caption,
        place,
        about,
        kind,
        charts: false,
    };
    let rows = (1..)
        .zip(subjects)
        .map(|(number, subject)| subject_row(style, number, subject));
    table.write(m, style, rows, total);
}

fn subject_row(style: Style, number: u64, subject: &Subject) -> CountsRow<'_> {
    CountsRow {
        place: number.to_string(),
        about: subject.title.clone(),
        note: Some(asked_by(style, subject)),
        tally: &subject.tally,
    }
}

/// The document that asks for it, and the place in it.
fn asked_by(style: Style, subject: &Subject) -> String {
    let place = subject
        .passage
        .as_ref()
        .and_then(|passage| passage.place.as_ref());
    let document = match place {
        Some(place) => format!("{}, {place}", subject.document_name),
        None => subject.document_name.clone(),
    };
    fill(style.words.asked_by, &[&document])
}

fn assessment(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    m.leaf("h3", &[], words.one_v);
    m.leaf("h4", &[], words.strengths);
    let leagues = &facts.counted.leagues;
    whole(m, style, words.strengths_tasks, &leagues.tasks);
    whole(m, style, words.strengths_reports, &leagues.reports);
    prompt(m, style, words.strengths_prompt);
    m.leaf("h4", &[], words.shortcomings);
    shortcomings(m, style, facts);
    prompt(m, style, words.shortcomings_prompt);
    m.leaf("h4", &[], words.causes);
    let explained = facts
        .acts
        .iter()
        .filter(|act| act.what == ActKind::Explained)
        .count() as u64;
    if explained > 0 {
        sentence(m, words.causes_recorded, &[&style.count(explained)]);
    }
    prompt(m, style, words.causes_prompt);
}

/// How many units have a rate of one, of those that had anything due.
fn whole(m: &mut Markup, style: Style, template: &str, league: &[LeagueRow]) {
    let due: Vec<_> = league.iter().filter(|row| row.rate.d > 0).collect();
    if due.is_empty() {
        return;
    }
    let whole = due.iter().filter(|row| row.rate.n == row.rate.d).count() as u64;
    sentence(m, template, &[&style.count(whole), &style.len(&due)]);
}

fn shortcomings(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    let counted = &facts.counted;
    let [tasks, reports] = [counted.totals.tasks.counts, counted.totals.reports.counts];
    if tasks.overdue + reports.overdue == 0 {
        sentence(m, words.shortcomings_none, &[]);
    } else {
        let old = counted
            .ageing
            .iter()
            .skip(1)
            .map(|age| age.tasks + age.reports)
            .sum();
        let values = [tasks.overdue, reports.overdue, old].map(|count| style.count(count));
        sentence(
            m,
            words.shortcomings_sentence,
            &values.each_ref().map(String::as_str),
        );
        chart::ageing(m, style, &counted.ageing);
    }
    if !counted.undated.is_empty() {
        sentence(
            m,
            words.shortcomings_undated,
            &[&style.len(&counted.undated)],
        );
    }
}

fn carried_over(m: &mut Markup, style: Style, facts: &Facts) {
    let open = |tally: &Tally| style.count(tally.counts.pending + tally.counts.overdue);
    let totals = &facts.counted.totals;
    let [tasks, reports] = [&totals.tasks, &totals.reports].map(open);
    sentence(m, style.words.carried_over, &[&tasks, &reports]);
}

fn signature(m: &mut Markup, style: Style) {
    let words = style.words;
    m.wrap("div", &[("class", "signature")], |m| {
        m.wrap("div", &[("class", "recipients")], |m| {
            m.leaf("p", &[("class", "to")], words.recipients);
            prompt(m, style, words.recipients_prompt);
        });
        m.wrap("div", &[("class", "signed")], |m| {
            prompt(m, style, words.signature_prompt)
        });
    });
}

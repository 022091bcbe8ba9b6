//! The head of the document, its title, and what its figures cover.

use socai_domain::standing::DueMode;

use super::markup::Markup;
use super::number::{Style, fill};
use crate::facts::{Facts, Issuer, Paper};

/// The title as one line.
pub(super) fn title(style: Style, facts: &Facts) -> String {
    format!(
        "{} – {}",
        capitalised(style.words.report),
        subject(style, facts)
    )
}

fn capitalised(text: &str) -> String {
    super::table::capital(&text.to_lowercase())
}

pub(super) fn write(m: &mut Markup, style: Style, facts: &Facts) {
    m.wrap("header", &[], |m| {
        match &facts.issuer {
            Some(issuer) if issuer.is_party() => party(m, style, issuer),
            issuer => state(m, style, issuer.as_ref()),
        }
        m.wrap("h1", &[], |m| {
            m.leaf("span", &[("class", "type")], style.words.report);
            m.text(" ");
            m.leaf("span", &[("class", "abstract")], &subject(style, facts));
        });
        m.wrap("div", &[("class", "rule"), ("aria-hidden", "true")], |_| {});
        banner(m, style, facts);
    });
    basis(m, style, facts);
}

/// The Party's head: the Party's name on the right, the organ over a star on the left.
fn party(m: &mut Markup, style: Style, issuer: &Issuer) {
    m.wrap("div", &[("class", "letterhead party")], |m| {
        m.wrap("div", &[("class", "organ")], |m| {
            organ(m, issuer);
            m.leaf("p", &[("class", "star"), ("aria-hidden", "true")], "*");
            m.wrap("p", &[("class", "number")], |m| {
                m.text("Số ");
                m.leaf("span", &[("class", "prompt")], style.words.number_prompt);
            });
        });
        m.wrap("div", &[("class", "motto")], |m| {
            m.leaf(
                "p",
                &[("class", "nation"), ("lang", "vi")],
                "ĐẢNG CỘNG SẢN VIỆT NAM",
            );
            place(m, style);
        });
    });
}

/// The State's head (30/2020/NĐ-CP): Quốc hiệu and Tiêu ngữ on the right.
fn state(m: &mut Markup, style: Style, issuer: Option<&Issuer>) {
    m.wrap("div", &[("class", "letterhead state")], |m| {
        m.wrap("div", &[("class", "organ")], |m| {
            match issuer {
                Some(issuer) => organ(m, issuer),
                None => m.leaf("p", &[("class", "prompt")], style.words.issuer_prompt),
            }
            m.wrap(
                "div",
                &[("class", "short rule"), ("aria-hidden", "true")],
                |_| {},
            );
            m.wrap("p", &[("class", "number")], |m| {
                m.text("Số: ");
                m.leaf("span", &[("class", "prompt")], style.words.number_prompt);
            });
        });
        m.wrap("div", &[("class", "motto")], |m| {
            m.leaf(
                "p",
                &[("class", "nation"), ("lang", "vi")],
                "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            );
            m.leaf(
                "p",
                &[("class", "words"), ("lang", "vi")],
                "Độc lập - Tự do - Hạnh phúc",
            );
            place(m, style);
        });
    });
}

/// The organ under the one that it stands under, whose name it does not say again.
fn organ(m: &mut Markup, issuer: &Issuer) {
    let name = &issuer.name;
    let own = issuer.parent.as_ref().map(|parent| {
        m.leaf("p", &[], &parent.to_uppercase());
        name.strip_suffix(parent.as_str())
            .map_or(name.as_str(), str::trim_end)
    });
    let own = own.filter(|own| !own.is_empty()).unwrap_or(name);
    m.leaf("p", &[("class", "issuer")], &own.to_uppercase());
}

fn place(m: &mut Markup, style: Style) {
    m.wrap("p", &[("class", "place")], |m| {
        m.leaf("span", &[("class", "prompt")], style.words.date_prompt);
    });
}

fn subject(style: Style, facts: &Facts) -> String {
    let document = full_name(style, &facts.document);
    match years(facts) {
        0 => fill(style.words.abstract_short, &[&document]),
        years => fill(
            style.words.abstract_years,
            &[&style.years(years), &document],
        ),
    }
}

/// Whole years of the window: 5 for 21/01/2014 to 31/3/2019.
pub(super) fn years(facts: &Facts) -> i16 {
    let (from, to) = (facts.asked.from, facts.asked.to);
    let begun = (to.month(), to.day()) < (from.month(), from.day());
    to.year() - from.year() - i16::from(begun)
}

/// "Chỉ thị số 25-CT/TU, ngày 21/01/2014 của … về việc …".
pub(super) fn full_name(style: Style, paper: &Paper) -> String {
    let words = style.words;
    let mut name = short_name(style, paper);
    if let Some(date) = paper.date {
        name.push_str(", ");
        name.push_str(&fill(words.dated, &[&style.date(date)]));
    }
    if let Some(issuer) = &paper.issuer {
        name.push(' ');
        name.push_str(&fill(words.of_issuer, &[issuer]));
    }
    if let Some(subject) = about(style, paper) {
        name.push(' ');
        name.push_str(&subject);
    }
    name
}

/// "Chỉ thị số 25-CT/TU".
pub(super) fn short_name(style: Style, paper: &Paper) -> String {
    match &paper.number {
        Some(number) => fill(style.words.numbered, &[&paper.kind, number]),
        None => paper.kind.clone(),
    }
}

/// What a document is about, where it may be said.
pub(super) fn about(style: Style, paper: &Paper) -> Option<String> {
    match paper.secret {
        true => Some(style.words.secret.to_owned()),
        false => paper.subject.clone(),
    }
}

fn banner(m: &mut Markup, style: Style, facts: &Facts) {
    let notes = &facts.notes;
    if notes.synthetic > 0 {
        let counts = [notes.synthetic, notes.records].map(|count| style.count(count));
        let note = fill(style.words.synthetic_note, &[&counts[0], &counts[1]]);
        m.wrap("div", &[("class", "synthetic"), ("role", "note")], |m| {
            m.leaf("strong", &[], style.words.synthetic_banner);
            m.leaf("p", &[], &note);
        });
    }
    m.leaf("p", &[("class", "draft")], style.words.draft_note);
}

fn basis(m: &mut Markup, style: Style, facts: &Facts) {
    let words = style.words;
    let asked = &facts.asked;
    let [from, to, as_of] = [asked.from, asked.to, asked.as_of].map(|day| style.date(day));
    let position = style.count(facts.ledger.position);
    let known = match facts.ledger.known_at {
        Some(at) => fill(words.known_value, &[&position, &style.moment(at)]),
        None => words.known_empty.to_owned(),
    };
    let due = match asked.due {
        DueMode::Current => words.due_current,
        DueMode::Original => words.due_original,
    };
    let rows = [
        (words.window_row, fill(words.window_value, &[&from, &to])),
        (words.as_of_row, as_of),
        (words.known_row, known),
        (words.definition_row, asked.definition.clone()),
        (words.due_row, due.to_owned()),
        (
            words.lineage_row,
            style.language.lineage(asked.lineage).to_owned(),
        ),
    ];
    m.wrap("table", &[("class", "basis")], |m| {
        m.leaf("caption", &[], words.basis);
        m.wrap("tbody", &[], |m| {
            for (name, value) in &rows {
                m.wrap("tr", &[], |m| {
                    m.leaf("th", &[("scope", "row"), ("class", "h")], name);
                    m.leaf("td", &[], value);
                });
            }
        });
    });
}

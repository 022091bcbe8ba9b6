//! The review as one printable page of HTML, without scripts or anything fetched from elsewhere.
//!
//! The order of its parts is that of reviews of this kind: three parts and six annexes. A Party
//! organ's review has the Party's head, any other the State's. What a person has to write is a
//! marked prompt. Deliberately absent: arithmetic; whatever the page shows is in the facts.

mod annex_documents;
mod annex_method;
mod annex_oversight;
mod annex_results;
mod annex_units;
mod chart;
mod head;
mod markup;
mod matrix;
mod number;
mod parts;
mod table;

use markup::{Markup, css_string};
use number::{Style, fill};

use crate::facts::Facts;
use crate::words::Language;

const SHEET: &str = include_str!("review.css");

/// The review as a page. The same facts give the same bytes.
pub fn render_html(facts: &Facts, language: Language) -> String {
    let style = Style::of(language);
    let mut m = Markup::page();
    m.wrap("html", &[("lang", language.tag())], |m| {
        m.wrap("head", &[], |m| {
            m.void("meta", &[("charset", "utf-8")]);
            m.void(
                "meta",
                &[("name", "viewport"), ("content", "width=device-width")],
            );
            m.leaf("title", &[], &head::title(style, facts));
            m.style(&[SHEET, &running(style, facts)]);
        });
        m.wrap("body", &[], |m| body(m, style, facts));
    });
    m.finish()
}

fn body(m: &mut Markup, style: Style, facts: &Facts) {
    chart::patterns(m);
    m.wrap("main", &[], |m| {
        head::write(m, style, facts);
        parts::write(m, style, facts);
        annex_documents::write(m, style, facts);
        annex_results::write(m, style, facts);
        annex_units::write(m, style, facts);
        annex_oversight::write(m, style, facts);
        annex_method::write(m, style, facts);
    });
    m.leaf("footer", &[], &footer(style, facts));
}

/// What stands at the foot of every page, and over it where the data are made up.
fn running(style: Style, facts: &Facts) -> String {
    let foot = css_string(&footer(style, facts));
    let banner = match facts.notes.synthetic {
        0 => css_string(""),
        _ => css_string(style.words.synthetic_banner),
    };
    format!(
        "@page {{ @bottom-center {{ content: {foot}; }} @top-right {{ content: {banner}; }} }}\n"
    )
}

fn footer(style: Style, facts: &Facts) -> String {
    let asked = &facts.asked;
    let [from, to, as_of] = [asked.from, asked.to, asked.as_of].map(|day| style.date(day));
    let position = style.count(facts.ledger.position);
    fill(
        style.words.footer,
        &[&asked.definition, &from, &to, &as_of, &position],
    )
}

/// A section of the page, with a heading of level 2 that links lead to.
fn section(m: &mut Markup, class: &str, id: &str, heading: &str, inside: impl FnOnce(&mut Markup)) {
    m.wrap("section", &[("class", class), ("id", id)], |m| {
        m.leaf("h2", &[], heading);
        inside(m);
    });
}

/// Where a person has to write.
fn prompt(m: &mut Markup, style: Style, what: &str) {
    m.leaf(
        "p",
        &[("class", "prompt")],
        &fill(style.words.prompt, &[what]),
    );
}

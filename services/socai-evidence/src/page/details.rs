//! What an event's data say, as a list of names and values.
//!
//! Every member is shown, by the word for it where there is one, so that the page leaves nothing out that the record
//! says. Only long lists are cut, and say by how much; the record itself is a click away.

use std::collections::BTreeMap;

use serde_json::Value;

use super::markup::Markup;
use super::words;

/// Items of a list that are shown.
const ITEMS_SHOWN: usize = 12;

/// Members that say how groups and calendars were looked up: long, and in the record for whoever recomputes.
const LEFT_TO_THE_RECORD: &[&str] = &["expansions", "calendars"];

/// What streams are about, in words.
pub(super) type Titles = BTreeMap<String, String>;

pub(super) fn write(m: &mut Markup, data: &str, titles: &Titles) {
    let Ok(Value::Object(members)) = serde_json::from_str(data) else {
        return;
    };
    let shown = members
        .iter()
        .filter(|(name, _)| !LEFT_TO_THE_RECORD.contains(&name.as_str()));
    for (name, value) in shown {
        let said = say(name, value, titles);
        if said.is_empty() {
            continue;
        }
        m.wrap("div", &[("class", "said")], |m| {
            label(m, name);
            m.text(&said);
        });
    }
}

fn label(m: &mut Markup, name: &str) {
    match words::member(name) {
        None => m.leaf("i", &[], &format!("{name}: ")),
        Some(both) => m.leaf("i", &[("title", both.en)], &format!("{}: ", both.vi)),
    }
}

/// A value as text: `a, b`, `name: value; name: value`.
fn say(name: &str, value: &Value, titles: &Titles) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "có".to_owned(),
        Value::Bool(false) => "không".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => word(name, text, titles),
        Value::Array(items) => list(name, items, titles),
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| (name, say(name, value, titles)));
            let said = members.filter(|(_, value)| !value.is_empty());
            let said = said.map(|(name, value)| {
                let word = words::member(name).map_or(name.as_str(), |both| both.vi);
                format!("{word}: {value}")
            });
            said.collect::<Vec<_>>().join("; ")
        }
    }
}

/// A text: a day as days are written, a choice by its word, a unit by its name, anything else as it is.
fn word(name: &str, text: &str, titles: &Titles) -> String {
    if let Ok(day) = text.parse() {
        return words::day(day);
    }
    if let Some(both) = words::value(name, text) {
        return both.vi.to_owned();
    }
    match titles.get(&format!("unit.{text}")) {
        Some(unit) => format!("{unit} ({text})"),
        None => text.to_owned(),
    }
}

fn list(name: &str, items: &[Value], titles: &Titles) -> String {
    let shown = items.iter().take(ITEMS_SHOWN);
    let mut said: Vec<String> = shown.map(|item| say(name, item, titles)).collect();
    if let Some(more) = items.len().checked_sub(ITEMS_SHOWN + 1) {
        said.push(format!("… (+{})", more + 1));
    }
    said.join(", ")
}

//! What an event's data say, as a list of names and values.
//!
//! Every member is shown, by the word for it where there is one, so that the page leaves nothing out that the record
//! says. Only long lists are cut, and say by how much; the record itself is a click away.

use serde_json::Value;

use super::markup::Markup;
use super::words;

/// Items of a list that are shown.
const ITEMS_SHOWN: usize = 12;

/// Members that say how groups and calendars were looked up: long, and in the record for whoever recomputes.
const LEFT_TO_THE_RECORD: &[&str] = &["expansions", "calendars", "passage", "due_text"];

pub(super) fn write(m: &mut Markup, data: &[u8]) {
    let Ok(Value::Object(members)) = serde_json::from_slice(data) else {
        return;
    };
    let shown = members
        .iter()
        .filter(|(name, _)| !LEFT_TO_THE_RECORD.contains(&name.as_str()));
    for (name, value) in shown {
        let said = say(value);
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
fn say(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "có / yes".to_owned(),
        Value::Bool(false) => "không / no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.parse().map_or_else(|_| text.clone(), words::day),
        Value::Array(items) => list(items),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| (name, say(value)));
            let said = members.filter(|(_, value)| !value.is_empty());
            let said = said.map(|(name, value)| {
                let word = words::member(name).map_or(name.as_str(), |both| both.vi);
                format!("{word}: {value}")
            });
            said.collect::<Vec<_>>().join("; ")
        }
    }
}

fn list(items: &[Value]) -> String {
    let mut said: Vec<String> = items.iter().take(ITEMS_SHOWN).map(say).collect();
    if let Some(more) = items
        .len()
        .checked_sub(ITEMS_SHOWN)
        .filter(|more| *more > 0)
    {
        said.push(format!("… (+{more})"));
    }
    said.join(", ")
}

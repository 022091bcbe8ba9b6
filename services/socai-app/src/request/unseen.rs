//! Characters that nobody sees, or that turn around the order in which others are seen.
//!
//! With them two names look the same and are not, a text looks empty and is not, and a printed review says something
//! else than what was recorded. Vietnamese needs none of them.

use serde_json::Value;

/// The first one in a text of `data`, which is JSON.
pub(super) fn first(data: &str) -> Option<char> {
    if data.is_ascii() && !data.contains(r"\u") {
        return None;
    }
    let escaped = || in_texts(&serde_json::from_str(data).ok()?);
    data.chars().find(|c| is_unseen(*c)).or_else(escaped)
}

fn in_texts(value: &Value) -> Option<char> {
    match value {
        Value::String(text) => text.chars().find(|c| is_unseen(*c)),
        Value::Array(items) => items.iter().find_map(in_texts),
        Value::Object(fields) => {
            let named = |(name, value): (&String, &Value)| {
                let in_name = name.chars().find(|c| is_unseen(*c));
                in_name.or_else(|| in_texts(value))
            };
            fields.iter().find_map(named)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Those that Unicode lists as `Default_Ignorable_Code_Point`, and what only notes the order of others.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_found_however_it_is_written() {
        for data in [
            "{\"name\":\"Sở Nội vụ\u{200b}\"}",
            r#"{"name":"Sở Nội vụ\u200b"}"#,
            r#"{"names":["a",{"b":"\u202E"}]}"#,
            r#"{"a\ufeff":1}"#,
            "{\"name\":\"\u{e0041}\"}",
        ] {
            assert!(first(data).is_some(), "{data}");
        }
    }

    #[test]
    fn what_is_seen_is_let_through() {
        for data in [
            r#"{"name":"Sở Nội vụ thành phố Hà Nội – “ngoặc kép” …","n":1.5,"x":null}"#,
            r#"{"name":"S\u1edf N\u1ed9i v\u1ee5"}"#,
            "{\"name\":\"S\u{1a1}\u{309} ⚠ €\"}",
        ] {
            assert_eq!(first(data), None, "{data}");
        }
    }
}

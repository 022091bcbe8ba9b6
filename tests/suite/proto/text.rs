//! From messages to the text of a file.

use super::messages::{Field, Label, Message};
use super::numbers::{Numbered, number};

/// Columns of a line, at most.
const WIDTH: usize = 110;

/// `message`, as it stands in a file.
pub(super) fn message(name: &str, message: &Message) -> String {
    let numbered = number(name, message);
    let mut body = reserved(&numbered);
    let mut fields: Vec<&Field> = message.fields.iter().collect();
    fields.sort_by_key(|field| numbered.numbers[&field.name]);
    let (instead, others): (Vec<&Field>, Vec<&Field>) = fields
        .into_iter()
        .partition(|field| matches!(field.label, Label::Instead(_)));
    for field in others {
        body.push(self::field(field, numbered.numbers[&field.name], 2));
    }
    body.extend(one_of(&instead, &numbered));
    let comment = comment(&message.comment, 0);
    if body.is_empty() {
        return format!("{comment}message {name} {{}}\n");
    }
    format!("{comment}message {name} {{\n{}}}\n", body.join("\n"))
}

fn reserved(numbered: &Numbered) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    if !numbered.reserved_numbers.is_empty() {
        let numbers: Vec<String> = numbered
            .reserved_numbers
            .iter()
            .map(u32::to_string)
            .collect();
        parts.push(format!("  reserved {};\n", numbers.join(", ")));
    }
    if !numbered.reserved_names.is_empty() {
        let names: Vec<String> = numbered
            .reserved_names
            .iter()
            .map(|name| format!("{name:?}"))
            .collect();
        parts.push(format!("  reserved {};\n", names.join(", ")));
    }
    if parts.is_empty() {
        parts
    } else {
        vec![parts.concat()]
    }
}

fn one_of(fields: &[&Field], numbered: &Numbered) -> Option<String> {
    let Some(Label::Instead(name)) = fields.first().map(|field| &field.label) else {
        return None;
    };
    let written: Vec<String> = fields
        .iter()
        .map(|field| self::field(field, numbered.numbers[&field.name], 4))
        .collect();
    Some(format!("  oneof {name} {{\n{}  }}\n", written.concat()))
}

fn field(field: &Field, number: u32, indent: usize) -> String {
    let label = match field.label {
        Label::Perhaps => "optional ",
        Label::Repeated if !field.kind.starts_with("map<") => "repeated ",
        Label::Always | Label::Repeated | Label::Instead(_) => "",
    };
    let comment = self::comment(&field.comment, indent);
    format!(
        "{comment}{:indent$}{label}{} {} = {number};\n",
        "", field.kind, field.name
    )
}

/// `text` as a comment, its lines broken between words.
pub(super) fn comment(text: &str, indent: usize) -> String {
    let mut lines = Vec::new();
    for paragraph in paragraphs(text) {
        let hang = if paragraph.starts_with("- ") {
            "  "
        } else {
            ""
        };
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let length = indent + 3 + line.chars().count() + 1 + word.chars().count();
            if !line.is_empty() && length > WIDTH {
                lines.push(std::mem::replace(&mut line, hang.to_owned() + word));
            } else {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
        }
        lines.push(line);
    }
    let written = lines
        .iter()
        .map(|line| format!("{:indent$}{}\n", "", format!("// {line}").trim_end()));
    written.collect()
}

/// A line that goes on belongs to the line before it.
fn paragraphs(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines().map(str::trim) {
        match all.last_mut() {
            Some(last)
                if goes_on && !line.is_empty() && !line.starts_with("- ") && line != "One of:" =>
            {
                *last += &format!(" {line}");
            }
            _ if text.is_empty() => {}
            _ => all.push(line.to_owned()),
        }
        goes_on = !line.is_empty();
    }
    all
}

//! Writes HTML that is escaped and balanced by construction: there is no way to write markup from data.

/// HTML being written.
pub(super) struct Markup {
    out: String,
}

/// Attributes of an element: names are the program's own, values are escaped.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a str)];

/// Elements that stand in a line of text; after all others a line ends.
const IN_LINE: &[&str] = &["a", "b", "code", "i", "small", "span", "td", "th", "dt"];

impl Markup {
    pub(super) fn page() -> Self {
        Self {
            out: String::from("<!DOCTYPE html>\n"),
        }
    }

    /// An element around what `inside` writes.
    pub(super) fn wrap(
        &mut self,
        tag: &'static str,
        attributes: Attributes<'_>,
        inside: impl FnOnce(&mut Self),
    ) {
        self.start(tag, attributes);
        inside(self);
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
        if !IN_LINE.contains(&tag) {
            self.out.push('\n');
        }
    }

    /// An element around a text.
    pub(super) fn leaf(&mut self, tag: &'static str, attributes: Attributes<'_>, text: &str) {
        self.wrap(tag, attributes, |m| m.text(text));
    }

    /// An element without an end.
    pub(super) fn void(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.start(tag, attributes);
        self.out.push('\n');
    }

    /// A style sheet of the program's own.
    pub(super) fn style(&mut self, sheet: &'static str) {
        self.out.push_str("<style>\n");
        self.out.push_str(sheet);
        self.out.push_str("</style>\n");
    }

    pub(super) fn text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                // Nothing that turns the reading direction or hides may stand on a page that is read as evidence.
                hidden if is_hidden(hidden) => self.out.push('\u{fffd}'),
                other => self.out.push(other),
            }
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    fn start(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.out.push('<');
        self.out.push_str(tag);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            self.text(value);
            self.out.push('"');
        }
        self.out.push('>');
    }
}

/// Control characters, and those that order or hide other characters.
fn is_hidden(letter: char) -> bool {
    let bends = matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    bends || (letter.is_control() && letter != '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_text_stays_a_text() {
        let mut m = Markup::page();
        let hostile = "</p><script>\"&\u{0}\u{202e}";
        m.leaf("p", &[("title", hostile)], hostile);
        let escaped = "&lt;/p&gt;&lt;script&gt;&quot;&amp;\u{fffd}\u{fffd}";
        assert_eq!(
            m.finish(),
            format!("<!DOCTYPE html>\n<p title=\"{escaped}\">{escaped}</p>\n")
        );
    }
}

//! Writes HTML that is escaped and balanced by construction.
//!
//! Every text and every attribute passes the escape here; an element is closed by the call that
//! opened it. There is no way to write markup from data, which is why no template engine is used.

/// HTML being written.
pub(super) struct Markup {
    out: String,
}

/// Attributes of an element: names are the program's own, values are escaped.
pub(super) type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Markup {
    /// An empty page.
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
        self.out.push('>');
        inside(self);
        self.end(tag);
    }

    /// An element around a text.
    pub(super) fn leaf(&mut self, tag: &'static str, attributes: Attributes<'_>, text: &str) {
        self.wrap(tag, attributes, |m| m.text(text));
    }

    /// An element that has no inside: `<meta/>`, `<rect/>`.
    pub(super) fn void(&mut self, tag: &'static str, attributes: Attributes<'_>) {
        self.start(tag, attributes);
        self.out.push_str("/>");
    }

    /// A text.
    pub(super) fn text(&mut self, text: &str) {
        escape(text, &mut self.out);
    }

    /// A style sheet: the program's own text, and no data but what [`css_string`] has escaped.
    pub(super) fn style(&mut self, sheets: &[&str]) {
        self.out.push_str("<style>\n");
        sheets.iter().for_each(|sheet| self.out.push_str(sheet));
        self.end("style");
    }

    /// The finished page.
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
            escape(value, &mut self.out);
            self.out.push('"');
        }
    }

    fn end(&mut self, tag: &'static str) {
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
        if BLOCKS.contains(&tag) {
            self.out.push('\n');
        }
    }
}

/// Elements after which a line ends, so that two reviews can be compared line by line.
const BLOCKS: &[&str] = &[
    "html",
    "head",
    "body",
    "main",
    "header",
    "footer",
    "section",
    "style",
    "title",
    "h1",
    "h2",
    "h3",
    "h4",
    "p",
    "ul",
    "ol",
    "li",
    "table",
    "caption",
    "thead",
    "tbody",
    "tfoot",
    "tr",
    "figure",
    "figcaption",
    "svg",
    "div",
    "dl",
    "dd",
];

fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Control characters have no place on a page, and NUL none in HTML.
            control if control.is_control() && control != '\n' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
}

/// `text` as a string of a style sheet: everything but letters, digits and blanks is escaped by its
/// number, so that nothing in it can end the string or the sheet.
pub(super) fn css_string(text: &str) -> String {
    let mut string = String::from("\"");
    for letter in text.chars() {
        if letter.is_alphanumeric() || letter == ' ' {
            string.push(letter);
        } else {
            // The blank ends the number; a blank of the text that follows it stays.
            string.push_str(&format!("\\{:x} ", u32::from(letter)));
        }
    }
    string.push('"');
    string
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_text_stays_a_text() {
        let mut m = Markup::page();
        let hostile = "</p><script>alert('1')</script>\"&\u{0}";
        m.leaf("p", &[("title", hostile)], hostile);
        let escaped =
            "&lt;/p&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;\u{fffd}";
        assert_eq!(
            m.finish(),
            format!("<!DOCTYPE html>\n<p title=\"{escaped}\">{escaped}</p>\n")
        );
    }

    #[test]
    fn a_hostile_text_stays_a_string_of_the_sheet() {
        assert_eq!(css_string("Đ 1"), "\"Đ 1\"");
        assert_eq!(css_string("\"</style>"), "\"\\22 \\3c \\2f style\\3e \"");
    }
}

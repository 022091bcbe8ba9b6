//! The text made ready for reading: one spelling of characters, lines, sentences, and which lines
//! are noise around the text (web forms, contact lines, lists of other articles, addressees).

use std::sync::LazyLock;

use regex::Regex;
use socai_domain::text;

use crate::{Place, words};

/// How much of a sentence a passage shows on either side of the finding, in bytes.
const PASSAGE_REACH: usize = 1000;
/// The distance between the places whose character count is kept, in bytes.
const MARK_EVERY: usize = 1024;
/// A line at least this long that ends without a stop was broken by its layout.
const WRAPPED_LINE_CHARS: usize = 60;

/// A stretch of the clean text, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The clean text and its divisions.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) text: String,
    lines: Vec<Span>,
    noise: Vec<bool>,
    sentences: Vec<Span>,
    /// Places with the number of characters before each, the first at 0.
    marks: Vec<(usize, usize)>,
}

impl Source {
    pub(crate) fn new(raw: &str) -> Self {
        let text = clean(raw);
        let lines = lines(&text);
        let noise = noise(&text, &lines);
        let sentences = sentences(&text, &lines);
        let marks = marks(&text);
        Self {
            text,
            lines,
            noise,
            sentences,
            marks,
        }
    }

    pub(crate) fn at(&self, span: Span) -> &str {
        &self.text[span.start..span.end]
    }

    pub(crate) fn place(&self, offset: usize) -> Place {
        let line = self.line(offset);
        let column = self.chars_before(offset) - self.chars_before(self.lines[line].start) + 1;
        Place {
            line: line + 1,
            column,
            offset,
        }
    }

    /// The characters before `offset`, counted from the last mark only.
    fn chars_before(&self, offset: usize) -> usize {
        let (at, count) = self.marks[self.marks.partition_point(|(at, _)| *at <= offset) - 1];
        count + self.text[at..offset].chars().count()
    }

    /// The lines that say something, in order.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Span> {
        let kept = self
            .lines
            .iter()
            .zip(&self.noise)
            .filter(|(_, noise)| !**noise);
        kept.map(|(line, _)| *line)
            .filter(|line| !self.at(*line).trim().is_empty())
    }

    pub(crate) fn is_noise(&self, offset: usize) -> bool {
        self.noise[self.line(offset)]
    }

    /// The sentence that `offset` is in.
    pub(crate) fn sentence(&self, offset: usize) -> Span {
        let after = self
            .sentences
            .partition_point(|sentence| sentence.start <= offset);
        self.sentences
            .get(after.saturating_sub(1))
            .copied()
            .unwrap_or(Span { start: 0, end: 0 })
    }

    /// The sentence that `offset` is in, to be shown.
    pub(crate) fn passage(&self, offset: usize) -> String {
        let sentence = self.sentence(offset);
        let start = self
            .floor(offset.saturating_sub(PASSAGE_REACH))
            .max(sentence.start);
        let end = self.floor(offset + PASSAGE_REACH).min(sentence.end);
        text::collapse(&self.text[start..end])
    }

    /// The last boundary of a character at or before `offset`.
    pub(crate) fn floor(&self, offset: usize) -> usize {
        self.text.floor_char_boundary(offset)
    }

    fn line(&self, offset: usize) -> usize {
        self.lines
            .partition_point(|line| line.start <= offset)
            .saturating_sub(1)
    }
}

fn clean(raw: &str) -> String {
    let raw = raw.replace("\r\n", "\n");
    let plain: String = raw.chars().filter_map(clean_sign).collect();
    text::stored(&plain)
}

fn clean_sign(sign: char) -> Option<char> {
    match sign {
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => None,
        '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' => Some('\n'),
        '\u{d0}' => Some('Đ'),
        '\n' => Some('\n'),
        other if other.is_whitespace() => Some(' '),
        other => Some(other),
    }
}

fn marks(text: &str) -> Vec<(usize, usize)> {
    let mut marks = vec![(0, 0)];
    for (count, (at, _)) in text.char_indices().enumerate() {
        if at - marks[marks.len() - 1].0 >= MARK_EVERY {
            marks.push((at, count));
        }
    }
    marks
}

fn lines(text: &str) -> Vec<Span> {
    let mut start = 0;
    text.split('\n')
        .map(|line| {
            let span = Span {
                start,
                end: start + line.len(),
            };
            start = span.end + 1;
            span
        })
        .collect()
}

/// Which lines are noise. What follows the head of a list of other articles or of comments is
/// noise to the end of the text; the addressees at the foot end with the first line that is no item.
fn noise(text: &str, lines: &[Span]) -> Vec<bool> {
    let mut to_the_end = false;
    let mut addressees = false;
    lines
        .iter()
        .map(|line| {
            let line = text[line.start..line.end].trim();
            let folded = text::fold(line);
            to_the_end = to_the_end || words::opens_tail(&folded);
            addressees = folded.starts_with("noi nhan")
                || addressees && (line.is_empty() || line.starts_with(['-', '+', '–', '•']));
            to_the_end || addressees || words::is_footer(&folded)
        })
        .collect()
}

/// Sentences end at full stops and where a line break is not one of the layout.
fn sentences(text: &str, lines: &[Span]) -> Vec<Span> {
    let mut sentences = Vec::new();
    let mut block: Option<Span> = None;
    for line in lines {
        let content = text[line.start..line.end].trim();
        let goes_on = block.is_some_and(|block| continues(&text[block.start..block.end], content));
        match &mut block {
            Some(block) if goes_on => block.end = line.end,
            _ => {
                block
                    .into_iter()
                    .for_each(|block| split_sentences(text, block, &mut sentences));
                block = Some(*line);
            }
        }
    }
    block
        .into_iter()
        .for_each(|block| split_sentences(text, block, &mut sentences));
    sentences
}

/// Whether `line` belongs to the sentence that `before` ends with.
fn continues(before: &str, line: &str) -> bool {
    let last = before.rsplit('\n').next().unwrap_or(before).trim();
    let (Some(end), Some(first)) = (last.chars().last(), line.chars().next()) else {
        return false;
    };
    if matches!(end, '.' | ';' | ':' | '!' | '?' | '…')
        || !(first.is_alphanumeric() || first == '(')
    {
        return false;
    }
    if OWN_LINE.is_match(line) {
        return false;
    }
    first.is_lowercase()
        || end == ','
        || words::wants_more(last.rsplit(' ').next().unwrap_or(last))
        || last.chars().count() >= WRAPPED_LINE_CHARS && !words::opens_clause(line)
}

/// What always starts a line: the items of a list, and the dateline under a title.
static OWN_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:(?:\d{1,2}(?:\.\d{1,2})*[.)]|[a-zđ][.)]|Điều \d+\.|[IVX]+\.)\s|Thứ \S+, |Chủ nhật, |Cập nhật|Ngày đăng|Đăng ngày)")
        .expect("a pattern of ours")
});

static STOP: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[.!?…]+[”\x22)]?\s+").expect("a pattern of ours"));

fn split_sentences(text: &str, block: Span, sentences: &mut Vec<Span>) {
    let mut start = block.start;
    for stop in STOP.find_iter(&text[block.start..block.end]) {
        let (at, end) = (block.start + stop.start(), block.start + stop.end());
        let opens = text[end..block.end]
            .chars()
            .next()
            .is_some_and(|sign| !sign.is_lowercase());
        let word = text[start..at].rsplit([' ', '\n']).next().unwrap_or("");
        let bare_item = text[start..at].trim() == word && word.len() <= 5;
        if opens && !bare_item && !words::ends_with_a_dot(word) {
            sentences.push(Span { start, end });
            start = end;
        }
    }
    sentences.push(Span {
        start,
        end: block.end,
    });
}

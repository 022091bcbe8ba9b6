//! Names of organisations. A name starts with a known head ("Sở", "Ban Thường vụ", "UBND") and goes
//! on while its words can belong to one; a person's name never starts one, and never ends one.

use crate::source::Span;
use crate::words::{self, Head};

/// Words of a name after its head, so that a missing full stop cannot swallow a paragraph.
const NAME_WORDS_MAX: usize = 24;
/// The longest place name that is not in the table, in syllables ("Phan Rang Tháp Chàm").
const PLACE_WORDS_MAX: usize = 3;

/// The name that starts at `start`, or `None` if none does.
///
/// An office before the organ ("Chủ tịch UBND tỉnh") is part of the name.
pub(crate) fn name_at(text: &str, start: usize) -> Option<Span> {
    if !text[start..].starts_with(char::is_uppercase) {
        return None;
    }
    let office = longest(&text[start..], words::OFFICES).map_or(0, |length| length);
    let organ = start + office + spaces(&text[start + office..]);
    let mut walk = Walk {
        text,
        at: organ,
        end: organ,
        open: false,
        placing: false,
        lower: 0,
    };
    if !walk.head() {
        return None;
    }
    walk.rest();
    Some(Span {
        start,
        end: walk.end,
    })
}

/// The organ itself within a name that may start with an office.
pub(crate) fn without_office(text: &str, name: Span) -> Span {
    let office = longest(&text[name.start..name.end], words::OFFICES).unwrap_or(0);
    let start = name.start + office;
    Span {
        start: start + spaces(&text[start..name.end]),
        end: name.end,
    }
}

/// Every name in `within` that is not part of another, in order.
pub(crate) fn names_in(text: &str, within: Span) -> Vec<Span> {
    let mut names = Vec::new();
    let mut at = within.start;
    while at < within.end {
        let word = text[at..within.end]
            .find(|sign: char| !sign.is_alphanumeric())
            .unwrap_or(within.end - at);
        let name = if word > 0 { name_at(text, at) } else { None };
        match name.filter(|name| name.end <= within.end) {
            Some(name) => {
                names.push(name);
                at = name.end;
            }
            None => at += word.max(text[at..].chars().next().map_or(1, char::len_utf8)),
        }
    }
    names
}

/// Follows a name word by word.
struct Walk<'a> {
    text: &'a str,
    /// Where the next word is looked for.
    at: usize,
    /// Where the name ends so far.
    end: usize,
    /// Whether common words may follow: true within "Sở Giáo dục và Đào tạo".
    open: bool,
    /// Whether a place's name is expected: true after "tỉnh".
    placing: bool,
    /// How many lower-case syllables in a row were taken.
    lower: usize,
}

impl Walk<'_> {
    /// Takes the head of an organ's name.
    fn head(&mut self) -> bool {
        let found = words::HEADS
            .iter()
            .find(|(head, _)| starts_with_words(&self.text[self.at..], head).is_some());
        let Some((head, kind)) = found else {
            return false;
        };
        if !self.text[self.at..].starts_with(char::is_uppercase) {
            return false;
        }
        let length = starts_with_words(&self.text[self.at..], head).expect("it was found so");
        self.take(length);
        self.open = *kind == Head::Open;
        self.placing = *kind == Head::Whole;
        self.lower = 0;
        true
    }

    fn rest(&mut self) {
        for _ in 0..NAME_WORDS_MAX {
            let gap = spaces(&self.text[self.at..]);
            let joined = self.joint();
            if gap == 0 && !joined {
                break;
            }
            if !joined {
                self.at += gap;
            }
            if !(self.head() || self.level() || self.place() || self.term() || self.word()) {
                break;
            }
        }
    }

    fn take(&mut self, length: usize) {
        self.at += length;
        self.end = self.at;
    }

    /// "tỉnh", "Thành phố", "TP.": a place may follow; so may nothing.
    fn level(&mut self) -> bool {
        let Some(length) = longest(&self.text[self.at..], words::LEVELS) else {
            return false;
        };
        self.take(length);
        (self.open, self.placing, self.lower) = (false, true, 0);
        true
    }

    /// A place of the table, or, where a place is expected, one that is not in it.
    fn place(&mut self) -> bool {
        let known = longest(&self.text[self.at..], words::PLACES);
        let length = match known {
            Some(length) => length,
            None if self.placing => capitals(&self.text[self.at..]),
            None => 0,
        };
        if length == 0 {
            return false;
        }
        self.take(length);
        (self.open, self.placing, self.lower) = (false, false, 0);
        true
    }

    /// "khóa XII", "nhiệm kỳ 2020-2025" is left out: it does not name the organ.
    fn term(&mut self) -> bool {
        let Some(khoa) = longest(&self.text[self.at..], &["khóa", "khoá"]) else {
            return false;
        };
        let after = &self.text[self.at + khoa..];
        let gap = spaces(after);
        let number = word_length(&after[gap..]);
        let numeral = &after[gap..gap + number];
        let is_numeral = !numeral.is_empty()
            && (numeral.bytes().all(|sign| b"IVXL".contains(&sign))
                || numeral.bytes().all(|sign| sign.is_ascii_digit()));
        if is_numeral {
            self.take(khoa + gap + number);
            (self.open, self.placing) = (false, false);
        }
        is_numeral
    }

    /// A common word of an open name: a capital syllable, or the second syllable of a compound.
    fn word(&mut self) -> bool {
        let rest = &self.text[self.at..];
        let length = word_length(rest);
        let word = &rest[..length];
        if !self.open || word.is_empty() || longest(rest, words::OFFICES).is_some() {
            return false;
        }
        if word.starts_with(char::is_uppercase) {
            if self.is_document(rest) {
                return false;
            }
            self.lower = 0;
        } else if self.lower == 0 && !words::STOPS.contains(&word) {
            self.lower = 1;
        } else {
            return false;
        }
        self.take(length);
        true
    }

    /// Whether a type of document starts here; after "Sở" and its like it is part of the name.
    fn is_document(&self, rest: &str) -> bool {
        let before = &self.text[..self.at];
        let before = before.trim_end().rsplit(' ').next().unwrap_or("");
        let names_a_house = ["Sở", "Bộ", "Phòng", "Vụ", "Ban", "SỞ", "BỘ"].contains(&before);
        !names_a_house && longest(rest, words::TYPES).is_some()
    }

    /// What joins two capital words of an open name: "và", ", … và …" and " - ".
    fn joint(&mut self) -> bool {
        if !self.open {
            return false;
        }
        let rest = &self.text[self.at..];
        let joint = ["và ", "VÀ ", "& ", "- ", "– "].iter().find_map(|joint| {
            let gap = spaces(rest);
            (gap > 0 && rest[gap..].starts_with(joint)).then_some(gap + joint.len())
        });
        let length = joint.or_else(|| self.comma(rest));
        let Some(length) = length.filter(|length| self.goes_on(&rest[*length..])) else {
            return false;
        };
        self.at += length;
        self.lower = 0;
        true
    }

    /// A comma joins only in "Văn hóa, Thể thao và Du lịch": "và" and a capital follow soon.
    fn comma(&self, rest: &str) -> Option<usize> {
        let after = rest.strip_prefix(", ")?;
        let soon: Vec<&str> = after.split(' ').take(5).collect();
        let joined = soon
            .windows(2)
            .any(|pair| pair[0] == "và" && pair[1].starts_with(char::is_uppercase));
        let broken = soon
            .iter()
            .take_while(|word| **word != "và")
            .any(|word| word.ends_with([',', ';', '.']));
        (joined && !broken).then_some(2)
    }

    /// Whether `rest` begins with a capital word that is neither an organ, a document nor an office.
    fn goes_on(&self, rest: &str) -> bool {
        rest.starts_with(char::is_uppercase)
            && !words::HEADS
                .iter()
                .any(|(head, _)| starts_with_words(rest, head).is_some())
            && longest(rest, words::TYPES).is_none()
            && longest(rest, words::OFFICES).is_none()
    }
}

/// The length of the capital syllables that make an unknown place's name. Where there are too many
/// a person's name follows, and a Vietnamese place has two syllables more often than not.
fn capitals(text: &str) -> usize {
    let mut ends = Vec::new();
    let mut at = 0;
    loop {
        let rest = &text[at..];
        let length = word_length(rest);
        let starts_an_organ = words::HEADS
            .iter()
            .any(|(head, _)| starts_with_words(rest, head).is_some());
        let named =
            rest[..length].starts_with(|sign: char| sign.is_uppercase() || sign.is_ascii_digit());
        if length == 0 || !named || starts_an_organ || longest(rest, words::TYPES).is_some() {
            break;
        }
        at += length;
        ends.push(at);
        at += spaces(&text[at..]);
    }
    match ends.len() {
        0 => 0,
        few if few <= PLACE_WORDS_MAX => ends[few - 1],
        _ => ends[1],
    }
}

/// The length of the longest of `phrases` that `text` starts with, whatever the case.
pub(crate) fn longest(text: &str, phrases: &[&str]) -> Option<usize> {
    phrases
        .iter()
        .filter_map(|phrase| starts_with_words(text, phrase))
        .max()
}

/// The length of `phrase` at the start of `text`, where the word ends with it; case does not
/// matter, and a space of the phrase stands for any white space.
pub(crate) fn starts_with_words(text: &str, phrase: &str) -> Option<usize> {
    let mut rest = text;
    for sign in phrase.chars() {
        if sign == ' ' {
            let gap = spaces(rest);
            rest = &rest[gap..];
            if gap == 0 {
                return None;
            }
            continue;
        }
        let found = rest.chars().next()?;
        if found != sign && !found.to_lowercase().eq(sign.to_lowercase()) {
            return None;
        }
        rest = &rest[found.len_utf8()..];
    }
    let whole = !rest.starts_with(char::is_alphanumeric) || phrase.ends_with('.');
    whole.then_some(text.len() - rest.len())
}

/// The length of the spaces, or of the line break, that `text` starts with.
pub(crate) fn spaces(text: &str) -> usize {
    let blank = text.len() - text.trim_start_matches([' ', '\n']).len();
    if text[..blank].matches('\n').count() > 1 {
        0
    } else {
        blank
    }
}

fn word_length(text: &str) -> usize {
    text.find(|sign: char| !(sign.is_alphanumeric() || sign == '&'))
        .unwrap_or(text.len())
}

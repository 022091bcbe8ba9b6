//! Vietnamese alphabetical order.

use unicode_normalization::UnicodeNormalization as _;

/// The alphabet, with the four Latin letters that Vietnamese does not use at their Latin places.
const ALPHABET: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";

/// The tone marks in dictionary order after the level tone: huyền, hỏi, ngã, sắc, nặng.
const TONES: [char; 5] = ['\u{300}', '\u{309}', '\u{303}', '\u{301}', '\u{323}'];

/// Precedes a number in a key, so that numbers come before letters.
const NUMBER: u8 = 2;
/// The first letter's place in a key; the whole alphabet fits between this and [`FOREIGN`].
const LETTERS: u8 = 16;
/// Precedes a character of another script, so that those come last.
const FOREIGN: u8 = 255;
/// Between two words; lower than anything in a word.
const GAP: u8 = 1;
/// Between the parts of a key; lower than anything in a part.
const END: u8 = 0;

/// Sorts texts in Vietnamese order by comparing keys.
///
/// Letters decide first (a ă â b c d đ e ê …), then tones (ngang huyền hỏi ngã sắc nặng), then the
/// spelling itself, so that two different texts never have equal keys. A tone belongs to its
/// syllable, wherever in it the mark is written ("hòa" and "hoà" stand together). Numbers sort by
/// value: Phường 2 comes before Phường 10. Punctuation separates words and is otherwise ignored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CollationKey(Vec<u8>);

impl CollationKey {
    /// The key of `text`.
    pub fn new(text: &str) -> Self {
        let spelling: String = text.nfc().collect();
        let lower = spelling.to_lowercase();
        let words: Vec<&str> = lower
            .split(|sign: char| !sign.is_alphanumeric() && !is_mark(sign))
            .collect();
        let words = words.into_iter().filter(|word| !word.is_empty());

        let mut letters = Vec::with_capacity(2 * spelling.len());
        let mut tones = Vec::new();
        for word in words {
            letters.push(GAP);
            tones.push(push_word(&mut letters, word));
        }
        letters.push(END);
        letters.append(&mut tones);
        letters.push(END);
        letters.extend_from_slice(spelling.as_bytes());
        Self(letters)
    }
}

/// Appends the letters and numbers of `word` to `key`; answers its tone, from 1.
fn push_word(key: &mut Vec<u8>, word: &str) -> u8 {
    let mut tone = 1;
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let digits = rest.len()
            - rest
                .trim_start_matches(|sign: char| sign.is_ascii_digit())
                .len();
        if digits > 0 {
            push_number(key, &rest[..digits]);
            rest = &rest[digits..];
        } else {
            tone = tone.max(push_letter(key, first));
            rest = &rest[first.len_utf8()..];
        }
    }
    tone
}

/// Appends a number so that the longer one, which is the greater one, sorts later.
fn push_number(key: &mut Vec<u8>, digits: &str) {
    let digits = digits.trim_start_matches('0');
    let length = u8::try_from(digits.len()).unwrap_or(u8::MAX);
    key.extend([NUMBER, length]);
    key.extend_from_slice(digits.as_bytes());
}

/// Appends the letter that `sign` is without its tone; answers the tone, 1 for none.
fn push_letter(key: &mut Vec<u8>, sign: char) -> u8 {
    let tone = std::iter::once(sign).nfd().find_map(tone_of);
    let letter: String = std::iter::once(sign)
        .nfd()
        .filter(|s| tone_of(*s).is_none())
        .nfc()
        .collect();
    for sign in letter.chars() {
        match ALPHABET.chars().position(|known| known == sign) {
            Some(place) => key.push(LETTERS + u8::try_from(place).expect("the alphabet is short")),
            None => push_foreign(key, sign),
        }
    }
    tone.unwrap_or(1)
}

/// UTF-8 keeps the order of code points, and none of its bytes here is below 2.
fn push_foreign(key: &mut Vec<u8>, sign: char) {
    key.push(FOREIGN);
    key.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Which tone `mark` writes, from 2.
fn tone_of(mark: char) -> Option<u8> {
    let place = TONES.iter().position(|known| *known == mark)?;
    Some(2 + u8::try_from(place).expect("there are five"))
}

/// Marks that NFC leaves apart from their letter stay with it.
fn is_mark(sign: char) -> bool {
    unicode_normalization::char::is_combining_mark(sign)
}

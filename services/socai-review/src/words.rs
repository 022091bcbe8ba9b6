//! Every word of the page that is not data, in each language.
//!
//! One table ([`table`]) holds both languages side by side, so that a language cannot lack a word; the
//! names of buckets, relations and kinds are in [`names`]. Vietnamese is the language of the
//! document, English a help for foreign readers; legal headings stay Vietnamese in both.

mod names;
mod table;

use std::str::FromStr;

pub(crate) use table::Words;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// The language of the document.
    #[default]
    Vietnamese,
    /// For foreign readers.
    English,
}

impl Language {
    /// The language's tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }

    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Self::Vietnamese => &table::VIETNAMESE,
            Self::English => &table::ENGLISH,
        }
    }

    pub(crate) const fn thousands(self) -> char {
        match self {
            Self::Vietnamese => '.',
            Self::English => ',',
        }
    }

    const fn choose(self, vietnamese: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Vietnamese => vietnamese,
            Self::English => english,
        }
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;
    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        [Self::Vietnamese, Self::English]
            .into_iter()
            .find(|language| language.tag() == tag)
            .ok_or(UnknownLanguage)
    }
}

/// The tag names no language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownLanguage;

impl std::fmt::Display for UnknownLanguage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no such language: expected vi or en")
    }
}

impl std::error::Error for UnknownLanguage {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_the_same_gaps_in_both_languages() {
        for ((name, vietnamese), (_, english)) in
            table::VIETNAMESE.rows().zip(table::ENGLISH.rows())
        {
            let gaps = |text: &str| text.matches("{}").count();
            assert_eq!(gaps(vietnamese), gaps(english), "{name}");
        }
    }

    #[test]
    fn a_language_is_found_by_its_tag() {
        assert_eq!("vi".parse(), Ok(Language::Vietnamese));
        assert_eq!("en".parse(), Ok(Language::English));
        assert_eq!("fr".parse::<Language>(), Err(UnknownLanguage));
    }
}

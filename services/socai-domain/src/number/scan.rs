//! The scanner: a normalised text in, its canonical spelling and its candidates out.

use super::symbols::{self, TypeSymbol};
use super::{Candidate, Family, NumberError};

const SEQUENCE_DIGITS_MAX: usize = 6;

/// Letters of symbols; the accented ones are those that abbreviations keep.
const SYMBOL_LETTERS: &str = "ĐđƯưÔôÂâĂăÊêƠơ";

type Scanned = Result<(String, Vec<Candidate>), NumberError>;

/// Reads all of `text`.
pub(super) fn number(text: &str) -> Scanned {
    if text.is_empty() {
        return Err(NumberError::Empty);
    }
    let mut scan = Scan { text, rest: text };
    let head = Head::read(&mut scan)?;
    if scan.eat('-') {
        party(scan, head)
    } else if scan.eat('/') {
        match scan.year() {
            Some(year) => legal(scan, head, year),
            None => slash(scan, head),
        }
    } else {
        Err(NumberError::NoSymbol {
            found: scan.rest.to_owned(),
        })
    }
}

fn party(mut scan: Scan<'_>, head: Head<'_>) -> Scanned {
    let symbol = scan.symbol();
    let types = known(symbols::party(symbol), symbol)?;
    let code = types[0].code;
    let issuers = scan.organs('/')?;
    let sub = scan.sub();
    scan.end()?;

    let base = Candidate {
        sub: sub.map(str::to_owned),
        ..head.candidate(Family::Party, &issuers)
    };
    let sub = sub.map(|sub| format!("({sub})")).unwrap_or_default();
    let spelling = format!("{}-{code}/{}{sub}", head.spelling, issuers.join("-"));
    Ok((spelling, each(&types, &base)))
}

fn legal(mut scan: Scan<'_>, head: Head<'_>, year: u16) -> Scanned {
    let symbol = scan.symbol();
    let assembly = symbols::of_the_assembly(symbol);
    let (types, issuers, tail) = if assembly.is_empty() {
        let types = known(symbols::legal(symbol), symbol)?;
        let issuers = scan.organs('-')?;
        let tail = format!("{}-{}", types[0].code, issuers.join("-"));
        (types, issuers, tail)
    } else {
        (
            assembly.to_vec(),
            vec![symbol.to_owned()],
            symbol.to_owned(),
        )
    };
    scan.end()?;

    let base = Candidate {
        year: Some(year),
        ..head.candidate(Family::Legal, &issuers)
    };
    Ok((
        format!("{}/{year}/{tail}", head.spelling),
        each(&types, &base),
    ))
}

/// A State number without a year: typed, a letter, or possibly either.
fn slash(mut scan: Scan<'_>, head: Head<'_>) -> Scanned {
    let symbol = scan.symbol();
    if symbol.is_empty() {
        return Err(scan.no_issuer());
    }
    let types = symbols::state(symbol);
    let rest = if scan.rest.is_empty() {
        Vec::new()
    } else {
        scan.organs('-')?
    };
    scan.end()?;

    match types.first() {
        Some(first) if !rest.is_empty() => {
            let mut candidates = each(&types, &head.candidate(Family::StateTyped, &rest));
            if symbols::may_be_an_organ(first.code, &rest[0]) {
                candidates.push(letter(&head, first.code, &rest));
            }
            Ok((
                format!("{}/{}-{}", head.spelling, first.code, rest.join("-")),
                candidates,
            ))
        }
        Some(first) if !symbols::may_be_an_organ(first.code, "") => Err(scan.no_issuer()),
        _ => {
            let issuer = organ_alias(symbol);
            let tail: String = rest.iter().map(|unit| format!("-{unit}")).collect();
            let spelling = format!("{}/{issuer}{tail}", head.spelling);
            Ok((spelling, vec![letter(&head, &issuer, &rest)]))
        }
    }
}

fn letter(head: &Head<'_>, issuer: &str, units: &[String]) -> Candidate {
    let unit = (!units.is_empty()).then(|| units.join("-"));
    let base = head.candidate(Family::StateLetter, &[issuer.to_owned()]);
    typed(symbols::LETTER, Candidate { unit, ..base })
}

fn known(types: Vec<TypeSymbol>, symbol: &str) -> Result<Vec<TypeSymbol>, NumberError> {
    if types.is_empty() {
        Err(NumberError::UnknownType {
            symbol: symbol.to_owned(),
        })
    } else {
        Ok(types)
    }
}

fn each(types: &[TypeSymbol], base: &Candidate) -> Vec<Candidate> {
    types.iter().map(|row| typed(*row, base.clone())).collect()
}

fn typed(row: TypeSymbol, base: Candidate) -> Candidate {
    Candidate {
        type_code: row.code.to_owned(),
        type_name: row.name.to_owned(),
        ..base
    }
}

/// The central organs write themselves both ways.
fn organ_alias(organ: &str) -> String {
    if organ == "TƯ" {
        "TW".to_owned()
    } else {
        organ.to_owned()
    }
}

/// The sequence number and its letter.
struct Head<'a> {
    spelling: &'a str,
    seq: u32,
    suffix: &'a str,
}

impl<'a> Head<'a> {
    fn read(scan: &mut Scan<'a>) -> Result<Self, NumberError> {
        let start = scan.rest;
        let digits = scan.take(|sign| sign.is_ascii_digit());
        if digits.is_empty() || digits.len() > SEQUENCE_DIGITS_MAX {
            return Err(NumberError::NoSequence {
                found: start.to_owned(),
            });
        }
        let seq = digits.parse().expect("six digits fit");
        let suffix = scan.suffix();
        Ok(Self {
            spelling: &start[..digits.len() + suffix.len()],
            seq,
            suffix,
        })
    }

    /// What every candidate of this number has in common; the type is still to come.
    fn candidate(&self, family: Family, issuers: &[String]) -> Candidate {
        Candidate {
            family,
            seq: self.seq,
            suffix: self.suffix.to_owned(),
            year: None,
            type_code: String::new(),
            type_name: String::new(),
            issuers: issuers.to_vec(),
            unit: None,
            sub: None,
        }
    }
}

/// What is left to read.
struct Scan<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Scan<'a> {
    fn take(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self
            .rest
            .find(|sign| !wanted(sign))
            .unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn eat(&mut self, sign: char) -> bool {
        let shorter = self.rest.strip_prefix(sign);
        self.rest = shorter.unwrap_or(self.rest);
        shorter.is_some()
    }

    /// One letter before a dash or a slash, as in "30c/".
    fn suffix(&mut self) -> &'a str {
        let mut signs = self.rest.chars();
        match (signs.next(), signs.next()) {
            (Some(letter), Some('-' | '/')) if is_symbol_letter(letter) => {
                let (suffix, rest) = self.rest.split_at(letter.len_utf8());
                self.rest = rest;
                suffix
            }
            _ => "",
        }
    }

    /// A year of the last or this century and the slash after it.
    fn year(&mut self) -> Option<u16> {
        let (digits, rest) = self.rest.split_once('/')?;
        let fits = digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20"));
        let year = digits.parse().ok().filter(|_| fits)?;
        self.rest = rest;
        Some(year)
    }

    /// A symbol of a type or an organ, or nothing.
    fn symbol(&mut self) -> &'a str {
        if self.rest.starts_with(is_symbol_letter) {
            self.take(is_symbol_sign)
        } else {
            ""
        }
    }

    /// One organ or more after `sign`, dashes between them.
    fn organs(&mut self, sign: char) -> Result<Vec<String>, NumberError> {
        let mut organs = Vec::new();
        let mut before = sign;
        while organs.is_empty() || self.rest.starts_with('-') {
            let organ = if self.eat(before) { self.symbol() } else { "" };
            if organ.is_empty() {
                return Err(self.no_issuer());
            }
            organs.push(organ_alias(organ));
            before = '-';
        }
        Ok(organs)
    }

    fn sub(&mut self) -> Option<&'a str> {
        let (sub, rest) = self.rest.strip_prefix('(')?.split_once(')')?;
        if sub.is_empty() || sub.contains('(') {
            return None;
        }
        self.rest = rest;
        Some(sub)
    }

    fn end(&self) -> Result<(), NumberError> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(NumberError::LeftOver {
            number: self.read().to_owned(),
            found: self.rest.to_owned(),
        })
    }

    fn read(&self) -> &'a str {
        &self.text[..self.text.len() - self.rest.len()]
    }

    fn no_issuer(&self) -> NumberError {
        NumberError::NoIssuer {
            after: self.read().to_owned(),
            found: self.rest.to_owned(),
        }
    }
}

fn is_symbol_letter(sign: char) -> bool {
    sign.is_ascii_alphabetic() || SYMBOL_LETTERS.contains(sign)
}

fn is_symbol_sign(sign: char) -> bool {
    is_symbol_letter(sign) || sign.is_ascii_digit() || matches!(sign, '&' | '.')
}

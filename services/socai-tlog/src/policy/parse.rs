//! Reads a policy, line by line. A name can be used once it is defined, so groups have no circles.

use std::collections::BTreeMap;

use super::{Log, Policy, Rule, Witness};
use crate::checkpoint::decimal;
use crate::key::{BadKey, KeyKind, VerifierKey};

/// Bytes of the largest policy that is read: some 500 keys.
pub const POLICY_BYTES_MAX: usize = 64 << 10;

/// The most groups in groups: nobody's house has more storeys, and a judgement walks down all of them.
const DEPTH_MAX: usize = 32;

/// What some editors put before UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A text that is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy: {wrong}")]
pub struct BadPolicy {
    /// The line, from 1. For what is missing, the one after the last.
    pub line: usize,
    /// What is wrong with it.
    pub wrong: Wrong,
}

/// What can be wrong with a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Longer than anybody's policy.
    #[error("a policy has at most {POLICY_BYTES_MAX} bytes, and {DEPTH_MAX} groups in groups")]
    TooLarge,
    /// A control character.
    #[error("the only control characters are tab, newline, and a carriage return before a newline")]
    Control,
    /// Another word at its beginning, or too few or too many after it.
    #[error(
        "expected `log KEY [URL]`, `witness NAME KEY [URL]`, `group NAME all|any|K MEMBER…` or `quorum NAME|none`"
    )]
    Form,
    /// A key that is none, or of the wrong kind.
    #[error("{0}")]
    Key(BadKey),
    /// The same public key in a second line.
    #[error("the key {0} is there already: one key counts once")]
    SameKey(String),
    /// A name for a second thing.
    #[error("the name `{0}` has a meaning already")]
    SameName(String),
    /// A name that no line above defines.
    #[error("`{0}` is no witness and no group of a line above")]
    Undefined(String),
    /// A name that is in a group already.
    #[error("`{0}` is a member of a group already: everybody counts in one way")]
    SecondGroup(String),
    /// A threshold that is none.
    #[error("expected all, any, or a number from 1 to the number of members, {0}")]
    Threshold(usize),
    /// A second `quorum` line.
    #[error("there is a quorum already")]
    SecondQuorum,
    /// No `quorum` line.
    #[error("there is no quorum line: say `quorum none` if the log is to be believed alone")]
    NoQuorum,
}

/// What the lines so far said.
#[derive(Default)]
struct Lines {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    names: BTreeMap<String, Defined>,
    quorum: Option<Option<Rule>>,
}

/// A witness or a group.
struct Defined {
    rule: Rule,
    /// How many groups are in it, one in the other.
    storeys: usize,
    /// Whether a group has it.
    is_member: bool,
}

impl Policy {
    /// Reads a policy. A byte order mark at its beginning and the line ends of Windows are passed over: editors put them
    /// there unasked.
    ///
    /// # Errors
    ///
    /// The first line that is wrong, and how.
    pub fn parse(text: &str) -> Result<Self, BadPolicy> {
        if text.len() > POLICY_BYTES_MAX {
            return Err(BadPolicy {
                line: 1,
                wrong: Wrong::TooLarge,
            });
        }
        let mut lines = Lines::default();
        let lines_of = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        for (line, number) in lines_of.split('\n').zip(1..) {
            let line = line.strip_suffix('\r').unwrap_or(line);
            lines.read(line).map_err(|wrong| BadPolicy {
                line: number,
                wrong,
            })?;
        }
        let after = text.lines().count() + 1;
        let quorum = lines.quorum.ok_or(BadPolicy {
            line: after,
            wrong: Wrong::NoQuorum,
        })?;
        Ok(Self {
            logs: lines.logs,
            witnesses: lines.witnesses,
            quorum,
        })
    }
}

impl Lines {
    fn read(&mut self, line: &str) -> Result<(), Wrong> {
        if line
            .bytes()
            .any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f)
        {
            return Err(Wrong::Control);
        }
        let words: Vec<&str> = line
            .split([' ', '\t'])
            .filter(|word| !word.is_empty())
            .collect();
        match words[..] {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] => self.log(key, None),
            ["log", key, url] => self.log(key, Some(url)),
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["group", name, threshold, ref members @ ..] => self.group(name, threshold, members),
            ["quorum", name] => self.quorum(name),
            _ => Err(Wrong::Form),
        }
    }

    fn log(&mut self, key: &str, url: Option<&str>) -> Result<(), Wrong> {
        let key = key_of(key, KeyKind::Ed25519)?;
        is_new(&key, self.logs.iter().map(|log| &log.key))?;
        let url = url.map(ToOwned::to_owned);
        self.logs.push(Log { key, url });
        Ok(())
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&str>) -> Result<(), Wrong> {
        let key = key_of(key, KeyKind::CosignatureV1)?;
        is_new(&key, self.witnesses.iter().map(|witness| &witness.key))?;
        self.define(name, Rule::Witness(self.witnesses.len()), 0)?;
        let (name, url) = (name.to_owned(), url.map(ToOwned::to_owned));
        self.witnesses.push(Witness { name, key, url });
        Ok(())
    }

    fn group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Result<(), Wrong> {
        if members.is_empty() {
            return Err(Wrong::Form);
        }
        let needed = threshold_of(threshold, members.len())?;
        let mut taken = Vec::new();
        let mut storeys = 0;
        for member in members {
            let (rule, below) = self.take(member)?;
            storeys = storeys.max(below + 1);
            taken.push(rule);
        }
        let members = taken;
        self.define(name, Rule::Group { needed, members }, storeys)
    }

    fn quorum(&mut self, name: &str) -> Result<(), Wrong> {
        if self.quorum.is_some() {
            return Err(Wrong::SecondQuorum);
        }
        self.quorum = Some(if name == "none" {
            None
        } else {
            let defined = self.names.get(name);
            let defined = defined.ok_or_else(|| Wrong::Undefined(name.to_owned()))?;
            Some(defined.rule.clone())
        });
        Ok(())
    }

    fn define(&mut self, name: &str, rule: Rule, storeys: usize) -> Result<(), Wrong> {
        if name == "none" || self.names.contains_key(name) {
            return Err(Wrong::SameName(name.to_owned()));
        }
        if storeys > DEPTH_MAX {
            return Err(Wrong::TooLarge);
        }
        let defined = Defined {
            rule,
            storeys,
            is_member: false,
        };
        self.names.insert(name.to_owned(), defined);
        Ok(())
    }

    /// Takes a name for a group: it cannot be a member of another.
    fn take(&mut self, name: &str) -> Result<(Rule, usize), Wrong> {
        let known = self.names.get_mut(name);
        let known = known.ok_or_else(|| Wrong::Undefined(name.to_owned()))?;
        if known.is_member {
            return Err(Wrong::SecondGroup(name.to_owned()));
        }
        known.is_member = true;
        Ok((known.rule.clone(), known.storeys))
    }
}

fn key_of(text: &str, kind: KeyKind) -> Result<VerifierKey, Wrong> {
    let key: VerifierKey = text.parse().map_err(Wrong::Key)?;
    key.of_kind(kind).map_err(Wrong::Key)
}

/// A key counts once, whatever it is called.
fn is_new<'a>(
    key: &VerifierKey,
    mut known: impl Iterator<Item = &'a VerifierKey>,
) -> Result<(), Wrong> {
    if known.any(|known| known.public() == key.public()) {
        return Err(Wrong::SameKey(key.label()));
    }
    Ok(())
}

fn threshold_of(text: &str, members: usize) -> Result<usize, Wrong> {
    let needed = match text {
        "all" => Some(members),
        "any" => Some(1),
        number => decimal(number).and_then(|number| usize::try_from(number).ok()),
    };
    needed
        .filter(|needed| (1..=members).contains(needed))
        .ok_or(Wrong::Threshold(members))
}

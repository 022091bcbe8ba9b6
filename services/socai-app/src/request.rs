//! A command as it comes in: one line of NDJSON.
//!
//! ```json
//! {"command":"report.submit","effective":"2019-04-10","data":{"obligations":["…"]}}
//! ```
//!
//! `id` names the command for correlation, `synthetic` marks demonstration data. Who asks and when it
//! is recorded have no field: the edge knows. `actor` is there for files that carry the acts of
//! several accounts, and only an edge that trusts such a file looks at it.
//!
//! Some commands say what only the program can know, such as the root of a tree, or make a promise that only
//! it can keep, such as to sign with a key. It asks those itself, and no line can.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::value::RawValue;
use socai_domain::codec::DecodeError;
use socai_domain::command::Command;
use socai_domain::day;
use socai_domain::id::AccountId;
use socai_domain::{account, evidence, ledger};
use uuid::Uuid;

mod unseen;

/// Bytes of one line, at most: what one event may have, twice over.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;

/// A command and what goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What is asked.
    pub command: Command,
    /// The day on which it happened in the world, or will take effect.
    pub effective: Date,
    /// Made for demonstration; marked so in the record.
    pub synthetic: bool,
    /// The command's id, where the client gives one.
    pub id: Option<Uuid>,
    /// Whose act the line says it is.
    pub actor: Option<AccountId>,
}

/// Why a line is no request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    /// More than [`LINE_BYTES_MAX`] bytes.
    #[error("the line is longer than {LINE_BYTES_MAX} bytes")]
    TooLong,
    /// Not UTF-8.
    #[error("byte {at} of the line is not UTF-8")]
    NotUtf8 {
        /// Counted from 1.
        at: usize,
    },
    /// Not a JSON object of a request.
    #[error("{0}")]
    NotARequest(String),
    /// The line says who acts, and nobody said that it may.
    #[error(
        "actor: the line says that {actor} acts; who records is not for a command to say (--as says it, or \
         --trust-actors for a file that carries the acts of several)"
    )]
    ActorNotTrusted {
        /// Whom it names.
        actor: AccountId,
    },
    /// Only the program asks this.
    #[error("command: {command} is for the program itself to ask; run {instead}")]
    Own {
        /// The command.
        command: String,
        /// What asks it.
        instead: &'static str,
    },
    /// A character that nobody sees, or that turns the order of others around: two texts would look the same.
    #[error("data: a text has the character {character}, which is not seen")]
    Unseen {
        /// As Unicode numbers it.
        character: String,
    },
    /// The command is unknown or its data do not fit it.
    #[error("{}{source}", if matches!(source, DecodeError::UnknownType { .. }) { "command: " } else { "data: " })]
    Command {
        /// What was wrong.
        source: DecodeError,
    },
}

impl BadLine {
    /// What clients match on.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "line.too_long",
            Self::NotUtf8 { .. } => "line.not_utf8",
            Self::NotARequest(_) => "line.not_a_request",
            Self::ActorNotTrusted { .. } => "line.actor_not_trusted",
            Self::Own { .. } => "line.own_command",
            Self::Unseen { .. } => "line.unseen_character",
            Self::Command {
                source: DecodeError::UnknownType { .. },
            } => "line.unknown_command",
            Self::Command {
                source: DecodeError::Body { .. },
            } => "line.bad_data",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    command: Cow<'a, str>,
    #[serde(deserialize_with = "day::read")]
    effective: Date,
    #[serde(borrow)]
    data: &'a RawValue,
    id: Option<Uuid>,
    #[serde(default)]
    synthetic: bool,
    actor: Option<AccountId>,
}

/// Reads a line.
///
/// # Errors
///
/// [`BadLine`], which names the field and what was expected.
pub fn parse(line: &[u8]) -> Result<Request, BadLine> {
    if line.len() > LINE_BYTES_MAX {
        return Err(BadLine::TooLong);
    }
    let text = std::str::from_utf8(line).map_err(|error| BadLine::NotUtf8 {
        at: error.valid_up_to() + 1,
    })?;
    if !text.trim_start().starts_with('{') {
        let expected =
            r#"expected a JSON object such as {"command":"…","effective":"…","data":{…}}"#;
        return Err(BadLine::NotARequest(expected.to_owned()));
    }
    let line: Line<'_> = serde_json::from_str(text).map_err(|_| not_a_request(text))?;
    let command = of(&line.command, line.data.get())?;
    let Line {
        effective,
        synthetic,
        id,
        actor,
        ..
    } = line;
    Ok(Request {
        command,
        effective,
        synthetic,
        id,
        actor,
    })
}

/// Reads a command by its name.
///
/// # Errors
///
/// [`BadLine::Command`], [`BadLine::Own`] or [`BadLine::Unseen`].
pub fn of(name: &str, data: &str) -> Result<Command, BadLine> {
    if let Some(character) = unseen::first(data) {
        let character = format!("U+{:04X}", u32::from(character));
        return Err(BadLine::Unseen { character });
    }
    let command = Command::decode(name, data).map_err(|source| BadLine::Command { source })?;
    match asked_by(&command) {
        None => Ok(command),
        Some(instead) => Err(BadLine::Own {
            command: name.to_owned(),
            instead,
        }),
    }
}

/// What asks a command that no line may.
fn asked_by(command: &Command) -> Option<&'static str> {
    match command {
        Command::Ledger(command) => match command {
            ledger::Command::AddLogKey { .. } => Some("socai key make or socai key rotate"),
            ledger::Command::RetireLogKey { .. } => Some("socai key retire"),
            ledger::Command::SealHeads { .. } => Some("socai serve, which seals them daily"),
            ledger::Command::AdoptDefinition { .. } | ledger::Command::WaiveDurability { .. } => {
                None
            }
        },
        Command::Evidence(evidence::Command::Export { .. }) => Some("socai evidence"),
        Command::Account(command) => match command {
            account::Command::NoteExport { .. } => Some("the export, which notes itself"),
            account::Command::Create { .. }
            | account::Command::GrantRole { .. }
            | account::Command::RevokeRole { .. }
            | account::Command::IssueToken { .. }
            | account::Command::RevokeToken { .. }
            | account::Command::Close { .. } => None,
        },
        Command::Calendar(_)
        | Command::Unit(_)
        | Command::Group(_)
        | Command::Document(_)
        | Command::Requirement(_)
        | Command::Task(_)
        | Command::Obligation(_)
        | Command::Inspection(_)
        | Command::Attachment(_) => None,
    }
}

/// Says what is wrong with a line, and in which field. Knowing the field costs time, so it is looked for
/// only once something is wrong.
fn not_a_request(text: &str) -> BadLine {
    let mut json = serde_json::Deserializer::from_str(text);
    let read: Result<Line<'_>, _> = serde_path_to_error::deserialize(&mut json);
    BadLine::NotARequest(match read {
        Err(error) if error.path().iter().next().is_some() => error.to_string(),
        Err(error) => error.into_inner().to_string(),
        Ok(_) => "there is more after the JSON object".to_owned(),
    })
}

/// Writes a request as a line, without the line end.
pub fn compose(request: &Request) -> String {
    let (name, data) = request.command.encode();
    let mut line = format!(
        r#"{{"command":"{name}","effective":"{}""#,
        request.effective
    );
    if let Some(id) = request.id {
        line.push_str(&format!(r#","id":"{id}""#));
    }
    if let Some(actor) = &request.actor {
        line.push_str(&format!(r#","actor":"{actor}""#));
    }
    if request.synthetic {
        line.push_str(r#","synthetic":true"#);
    }
    line.push_str(&format!(r#","data":{data}}}"#));
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"hn-snv","name":"Sở Nội vụ","kind":"department"}}"#;

    #[test]
    fn a_request_survives_its_line() {
        let mut request = parse(GOOD.as_bytes()).unwrap();
        assert_eq!(compose(&request), GOOD);
        request.synthetic = true;
        request.id = Some(Uuid::from_u128(7));
        request.actor = Some(AccountId::new("clerk").unwrap());
        assert_eq!(parse(compose(&request).as_bytes()), Ok(request));
    }

    /// What the program alone can know or keep has no way in.
    #[test]
    fn the_programs_own_commands_are_not_for_a_line() {
        let key = r#""key":"socai/hanoi+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW""#;
        let root = r#""root":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=""#;
        let own = [
            ("ledger.add_log_key", format!("{{{key}}}"), "socai key"),
            (
                "ledger.retire_log_key",
                format!(r#"{{{key},"valid_to":1,"reason":"stolen"}}"#),
                "socai key retire",
            ),
            (
                "ledger.seal_heads",
                format!(r#"{{"size":1,"streams":1,{root}}}"#),
                "socai serve",
            ),
            (
                "evidence.export",
                format!(
                    r#"{{"evidence":"e","of":{{"unit":"a"}},"from":"2019-01-01","to":"2019-01-01","size":1,"records":1,{root}}}"#
                ),
                "socai evidence",
            ),
            (
                "account.note_export",
                r#"{"account":"a","export":"x","what":{"of":"records","records":1,"position":1}}"#
                    .to_owned(),
                "the export",
            ),
        ];
        for (command, data, instead) in own {
            let line =
                format!(r#"{{"command":"{command}","effective":"2026-01-01","data":{data}}}"#);
            let error = parse(line.as_bytes()).unwrap_err();
            assert_eq!(error.code(), "line.own_command", "{error}");
            let told = error.to_string();
            assert!(told.contains(command) && told.contains(instead), "{told}");
        }
    }

    /// What comes in, the code it is refused with, and what the sentence must name.
    #[test]
    fn a_bad_line_says_what_and_where() {
        let long = "x".repeat(LINE_BYTES_MAX + 1);
        let with = |from: &str, to: &str| GOOD.replace(from, to);
        let cases = [
            (long, "line.too_long", "longer than 1048576"),
            ("{".into(), "line.not_a_request", "column"),
            ("[]".into(), "line.not_a_request", "expected a JSON object"),
            (
                with("2014-01-01", "2014-02-30"),
                "line.not_a_request",
                "effective: ",
            ),
            (
                with("\"effective\"", "\"recordedtime\""),
                "line.not_a_request",
                "recordedtime",
            ),
            (
                with("unit.form", "unit.paint"),
                "line.unknown_command",
                "unit.paint",
            ),
            (
                with("unit.form", "paint"),
                "line.unknown_command",
                "schemas/commands",
            ),
            (with("hn-snv", "Sở"), "line.bad_data", "data: unit: "),
            (
                with("department", "sở"),
                "line.bad_data",
                "kind: unknown variant",
            ),
            (with("\"name\":\"Sở Nội vụ\",", ""), "line.bad_data", "name"),
            (
                with("\"name\"", "\"actor\":\"x\",\"name\""),
                "line.bad_data",
                "actor",
            ),
        ];
        for (line, code, names) in cases {
            let error = parse(line.as_bytes()).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().contains(names), "{error}");
        }
        let error = parse(b"{\"command\":\"\xff\"}").unwrap_err();
        assert_eq!(error, BadLine::NotUtf8 { at: 13 });
    }
}

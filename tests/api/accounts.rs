//! Accounts and their tokens, as lines to record. A token is the test's own, so that nobody has to read it off
//! a terminal.

#![allow(dead_code, reason = "each program of tests uses a part of it")]

use sha2::{Digest, Sha256};

/// An account, and the text of its token.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) account: String,
    pub(crate) unit: Option<String>,
    pub(crate) role: &'static str,
    pub(crate) token: String,
}

impl Person {
    /// An account called `account` that has `role`, at home in `unit`.
    pub(crate) fn new(account: &str, role: &'static str, unit: Option<&str>) -> Self {
        Self {
            account: account.to_owned(),
            unit: unit.map(str::to_owned),
            role,
            token: token_of(account),
        }
    }

    /// The lines that make it.
    pub(crate) fn lines(&self) -> Vec<String> {
        let account = &self.account;
        let home = self.unit.as_ref();
        let home = home.map(|unit| format!(r#","unit":"{unit}""#));
        let home = home.unwrap_or_default();
        let role = self.role;
        vec![
            line("account.create", &format!(r#""account":"{account}"{home}"#)),
            line(
                "account.grant_role",
                &format!(r#""account":"{account}","role":"{role}""#),
            ),
            self.issue("first", &self.token, "2099-01-01T00:00:00Z"),
        ]
    }

    /// The line that issues `text` as a token called `name`.
    pub(crate) fn issue(&self, name: &str, text: &str, expires: &str) -> String {
        let (account, hash) = (&self.account, hash(text));
        let data = format!(
            r#""account":"{account}","token":"{name}","hash":"{hash}","expires":"{expires}""#
        );
        line("account.issue_token", &data)
    }
}

/// A line that records `command` of what `data` says, effective on a day on which all accounts were made.
pub(crate) fn line(command: &str, data: &str) -> String {
    format!(r#"{{"command":"{command}","effective":"2026-01-02","data":{{{data}}}}}"#)
}

/// The same text for the same name: it guards nothing but this test.
pub(crate) fn token_of(name: &str) -> String {
    // 43 characters of base64url hold 256 bits where the last is one of every fourth.
    format!("socai_{}A", &hash(name)[..42])
}

/// The SHA-256 of a text, in hexadecimal digits.
pub(crate) fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

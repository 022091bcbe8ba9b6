//! Accounts, with what they may do and what stands for them.

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::account::Account;
use socai_domain::id::{AccountId, UnitId};
use socai_domain::permission::{Reading, Role};
use socai_domain::subject::Subject;

use crate::cells::{Cells, days, several, some, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::sight::sees;
use crate::trouble::Trouble;

/// Accounts: what they may do and what stands for them.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// Only this account
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,
    /// Only accounts that are at home in this unit
    #[arg(long, value_name = "ID")]
    pub unit: Option<UnitId>,
    /// Only what the ledger held at this position or time
    #[arg(long, value_name = "POSITION|TIME")]
    pub known_at: Option<KnownAt>,
}

/// One account.
#[derive(Serialize, JsonSchema)]
pub struct Row {
    id: String,
    /// Where it is at home.
    unit: Option<String>,
    /// What it may do.
    roles: Vec<Role>,
    /// What stood for it at any time.
    tokens: Vec<Token>,
    created: Date,
    /// Since when nobody acts as it.
    closed: Option<Date>,
}

/// What stands for an account.
#[derive(Serialize, JsonSchema)]
pub struct Token {
    /// What it is called.
    id: String,
    issued: Date,
    /// Until when it holds, if nobody takes it back.
    expires: Timestamp,
    /// When somebody did.
    revoked: Option<Date>,
}

impl Question for Accounts {
    const NAME: &'static str = "accounts";
    const SUMMARY: &'static str =
        "List the accounts: where they are at home, their roles and the tokens that stand for them";
    const READING: Reading = Reading::Accounts;
    type Row = Row;

    fn known_at(&self) -> Option<KnownAt> {
        self.known_at
    }

    fn as_of(&self, _: Date) -> Option<Date> {
        None
    }

    fn answer(&self, asked: &Asked<'_>) -> Result<Found<Row>, Trouble> {
        let wanted = |(id, known): &(&AccountId, &Account)| {
            self.account.as_ref().is_none_or(|wanted| wanted == *id)
                && (self.unit.is_none() || self.unit == known.unit)
                && sees(asked.image, asked.scope, &Subject::Account((*id).clone()))
        };
        let found = asked.image.registry().accounts.iter().filter(wanted);
        Ok(Found::Rows(found.map(row).collect()))
    }

    fn place(row: &Row) -> Place {
        Place::of(&row.id)
    }

    fn cells(rows: &[Row]) -> Cells {
        let cells = |row: &Row| {
            let held = row.tokens.iter().filter(|token| token.revoked.is_none());
            let held = held.map(|token| format!("{} until {}", token.id, token.expires));
            vec![
                row.id.clone(),
                some(row.unit.as_ref()),
                several(&row.roles),
                held.collect::<Vec<_>>().join(", "),
                row.created.to_string(),
                some(row.closed.as_ref()),
            ]
        };
        Cells {
            columns: vec![
                words("id"),
                words("unit"),
                words("roles"),
                words("tokens"),
                days("created"),
                days("closed"),
            ],
            rows: rows.iter().map(cells).collect(),
            empty: "there is no such account",
        }
    }
}

fn row((id, known): (&AccountId, &Account)) -> Row {
    let tokens = known.tokens.iter().map(|(id, token)| Token {
        id: id.to_string(),
        issued: token.issued,
        expires: token.expires,
        revoked: token.revoked,
    });
    Row {
        id: id.to_string(),
        unit: known.unit.as_ref().map(ToString::to_string),
        roles: known.roles.iter().copied().collect(),
        tokens: tokens.collect(),
        created: known.created,
        closed: known.closed,
    }
}

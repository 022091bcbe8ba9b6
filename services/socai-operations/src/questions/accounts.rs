//! Accounts, and what each may do.

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_domain::account::{Account, Token};
use socai_domain::id::{AccountId, TokenId, UnitId};
use socai_domain::permission::{Reading, Role};
use socai_domain::subject::Subject;

use crate::cells::{Cells, days, several, some, words};
use crate::known_at::KnownAt;
use crate::page::Place;
use crate::question::{Asked, Found, Question};
use crate::trouble::Trouble;

/// Accounts, and what each may do.
///
/// Roles and tokens hold from the moment at which they are recorded: what they were earlier is what was known then.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// Only this account
    #[arg(long, value_name = "ID")]
    pub account: Option<AccountId>,
    /// Only accounts of this unit
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
    /// Its home.
    unit: Option<String>,
    roles: Vec<Role>,
    created: Date,
    closed: Option<Date>,
    tokens: Vec<Issued>,
}

/// A token, by its name.
#[derive(Serialize, JsonSchema)]
struct Issued {
    token: String,
    issued: Date,
    expires: Timestamp,
    revoked: Option<Date>,
}

impl Question for Accounts {
    const NAME: &'static str = "accounts";
    const SUMMARY: &'static str = "List the accounts: their units, roles and tokens";
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
                && self
                    .unit
                    .as_ref()
                    .is_none_or(|unit| known.unit.as_ref() == Some(unit))
                && asked.sees(&Subject::Account((*id).clone()))
        };
        let found = asked.image.registry().accounts.iter().filter(wanted);
        Ok(Found::Rows(found.map(row).collect()))
    }

    fn place(row: &Row) -> Place {
        Place::of(&row.id)
    }

    fn cells(rows: &[Row]) -> Cells {
        let cells = |row: &Row| {
            let tokens: Vec<&str> = row.tokens.iter().map(|token| &*token.token).collect();
            vec![
                row.id.clone(),
                some(row.unit.as_ref()),
                several(&row.roles),
                row.created.to_string(),
                some(row.closed.as_ref()),
                several(&tokens),
            ]
        };
        Cells {
            columns: vec![
                words("id"),
                words("unit"),
                words("roles"),
                days("created"),
                days("closed"),
                words("tokens"),
            ],
            rows: rows.iter().map(cells).collect(),
            empty: "there is no such account",
        }
    }
}

fn row((id, known): (&AccountId, &Account)) -> Row {
    let issued = |(token, known): (&TokenId, &Token)| Issued {
        token: token.to_string(),
        issued: known.issued,
        expires: known.expires,
        revoked: known.revoked,
    };
    Row {
        id: id.to_string(),
        unit: known.unit.as_ref().map(ToString::to_string),
        roles: known.roles.iter().copied().collect(),
        created: known.created,
        closed: known.closed,
        tokens: known.tokens.iter().map(issued).collect(),
    }
}

//! What may be typed after `socai account`.

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use socai_domain::id::{AccountId, TokenId, UnitId};
use socai_domain::origin::VIETNAM;
use socai_domain::permission::Role as Granted;
use socai_operations::questions::Accounts;

use super::{Actor, Ask, Data, LogKey};
use crate::origin;

#[derive(Debug, Args)]
pub(crate) struct Account {
    #[command(subcommand)]
    pub(crate) act: Act,
}

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum Act {
    /// List the accounts: their units, roles and tokens
    List(Ask<Accounts>),
    /// Make an account, with the roles that it has from the beginning
    Create(Create),
    /// Give an account a role
    Grant(Role),
    /// Take a role from an account
    Revoke(Role),
    /// Make a token, which stands for the account until it expires; it is shown this once
    Token(Token),
    /// Take a token back: it stands for nobody from now on
    RevokeToken(RevokeToken),
    /// Close an account, for good: nobody acts as it any more
    Close(Ended),
    /// Set the password of an account, and end its sessions
    ///
    /// It is asked for where standard input is a terminal, and is the line of standard input otherwise. It is never
    /// an argument, which everybody on the machine can read. The ledger may be served meanwhile.
    Password(Beside),
    /// Say what the person behind an account is called
    Name(Name),
    /// Let the person behind an account sign in by single sign-on
    Link(Link),
    /// Let them sign in so no more
    Unlink(Link),
    /// Forget the person behind an account: name, password, links and sessions
    ///
    /// What the account did stays in the ledger, where there is nothing of the person but the account's id.
    Forget(Beside),
}

/// Where something is recorded of accounts, and by whom.
#[derive(Debug, Args)]
pub(crate) struct Recording {
    #[command(flatten)]
    pub(crate) data: Data,
    #[command(flatten)]
    pub(crate) actor: Actor,
    #[command(flatten)]
    pub(crate) key: LogKey,
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its id, for ever: no name of a person
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: AccountId,
    /// The unit that it is at home in; it never changes
    #[arg(long, value_name = "ID")]
    pub(crate) unit: Option<UnitId>,
    /// A role that it has from the beginning
    #[arg(long = "role", value_enum, value_name = "ROLE")]
    pub(crate) roles: Vec<RoleName>,
    #[command(flatten)]
    pub(crate) recording: Recording,
}

#[derive(Debug, Args)]
pub(crate) struct Role {
    /// The account
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: AccountId,
    /// The role
    #[arg(value_enum, value_name = "ROLE")]
    pub(crate) role: RoleName,
    #[command(flatten)]
    pub(crate) recording: Recording,
}

#[derive(Debug, Args)]
pub(crate) struct Token {
    /// The account
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: AccountId,
    /// What the token is called within its account, such as `ke-hoach-2026`; the day and something random otherwise
    #[arg(long = "token", value_name = "ID")]
    pub(crate) token: Option<TokenId>,
    #[command(flatten)]
    pub(crate) expires: Expires,
    #[command(flatten)]
    pub(crate) recording: Recording,
}

#[derive(Debug, Args)]
pub(crate) struct RevokeToken {
    /// The account
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: AccountId,
    /// What the token is called, as socai account list shows it
    #[arg(value_name = "TOKEN")]
    pub(crate) token: TokenId,
    #[command(flatten)]
    pub(crate) recording: Recording,
}

#[derive(Debug, Args)]
pub(crate) struct Ended {
    /// The account
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: AccountId,
    #[command(flatten)]
    pub(crate) recording: Recording,
}

/// What is changed beside the ledger alone.
#[derive(Debug, Args)]
pub(crate) struct Beside {
    /// The account
    #[arg(value_name = "ACCOUNT")]
    pub(crate) account: AccountId,
    #[command(flatten)]
    pub(crate) data: Data,
}

#[derive(Debug, Args)]
pub(crate) struct Name {
    #[command(flatten)]
    pub(crate) beside: Beside,
    /// What people call them
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct Link {
    #[command(flatten)]
    pub(crate) beside: Beside,
    /// The provider, as it calls itself
    #[arg(long, value_name = "URL")]
    pub(crate) issuer: String,
    /// What the provider calls the person, for ever: the claim `sub`
    #[arg(long, value_name = "SUB")]
    pub(crate) subject: String,
}

/// Until when a token holds.
#[derive(Debug, Args)]
pub(crate) struct Expires {
    /// The last day on which the token holds; a year from now otherwise
    #[arg(id = "expires", long = "expires", value_name = "DAY")]
    pub(crate) day: Option<Date>,
}

impl Expires {
    /// The moment in Việt Nam at which that day is over.
    ///
    /// # Errors
    ///
    /// Where no calendar goes so far.
    pub(crate) fn moment(&self) -> anyhow::Result<Timestamp> {
        let last = match self.day {
            Some(day) => day,
            None => origin::today().checked_add(1.year())?,
        };
        let next = last.tomorrow();
        let over =
            next.and_then(|next| VIETNAM.to_timestamp(next.to_datetime(jiff::civil::Time::MIN)));
        over.with_context(|| format!("--expires {last}"))
    }
}

/// What an account may do; ops/security.md tells what goes with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RoleName {
    /// Records what is issued and assigned
    Registrar,
    /// Reports for its unit
    Reporter,
    /// Receives, returns and passes on the reports that go through its unit
    Consolidator,
    /// Reminds, extends and excuses, never its own unit
    Monitor,
    /// Reads everything, inspects, takes evidence out
    Inspector,
    /// Keeps accounts, units and calendars, and does no business act
    Operator,
    /// Checks that nothing is rewritten
    Witness,
}

impl From<RoleName> for Granted {
    fn from(role: RoleName) -> Self {
        match role {
            RoleName::Registrar => Self::Registrar,
            RoleName::Reporter => Self::Reporter,
            RoleName::Consolidator => Self::Consolidator,
            RoleName::Monitor => Self::Monitor,
            RoleName::Inspector => Self::Inspector,
            RoleName::Operator => Self::Operator,
            RoleName::Witness => Self::Witness,
        }
    }
}

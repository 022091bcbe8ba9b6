//! An account: a person or a program that uses the ledger, what it may do, and the tokens that stand for it.
//!
//! ```text
//! (nothing) --create--> open --grant, revoke, issue a token, note an export--> open --close--> closed
//! ```
//!
//! Roles and tokens hold from the moment at which they are recorded, whatever the effective day. Names of
//! persons, passwords and tokens themselves are deliberately absent: an account is an id, a token its hash.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{AccountId, ExportId, Sha256Hex, TokenId, UnitId};
use crate::line::Line;
use crate::origin::Asking;
use crate::permission::{Reading, Role};
use crate::refusal::{Refused, refusals};
use crate::registry::Registry;

/// What was taken out of the ledger, or looked at where looking is recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Export {
    /// Which kind of thing.
    pub of: Reading,
    /// Which one, such as `document.ct-01`; absent, where it is not of one thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Line>,
    /// How many records or rows.
    pub records: u64,
    /// The last position that was looked at.
    pub position: u64,
}

/// What is asked of accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub enum Command {
    /// An account comes to be, without any role.
    #[serde(rename = "account.create")]
    Create {
        account: AccountId,
        /// Its home: the unit that a reporter reports for. It never changes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<UnitId>,
    },
    /// An account gets a role.
    #[serde(rename = "account.grant_role")]
    GrantRole { account: AccountId, role: Role },
    /// An account loses a role.
    #[serde(rename = "account.revoke_role")]
    RevokeRole { account: AccountId, role: Role },
    /// Whoever shows the token of this hash acts as the account until it expires.
    #[serde(rename = "account.issue_token")]
    IssueToken {
        account: AccountId,
        /// Its name within the account, such as `ke-hoach-2026`.
        token: TokenId,
        /// The SHA-256 of the token's text.
        hash: Sha256Hex,
        expires: Timestamp,
    },
    /// A token stands for its account no more.
    #[serde(rename = "account.revoke_token")]
    RevokeToken { account: AccountId, token: TokenId },
    /// Nobody acts as the account any more, for good.
    #[serde(rename = "account.close")]
    Close { account: AccountId },
    /// An account took something out of the ledger. The program hands it out and says so.
    #[serde(rename = "account.note_export")]
    NoteExport {
        account: AccountId,
        /// The export's own id, given by the program.
        export: ExportId,
        what: Export,
    },
}

/// What became true of an account. Names of variants and fields are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Event {
    /// It exists, and has no role.
    #[serde(rename = "account.created.v1")]
    Created {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<UnitId>,
    },
    /// It has `role`.
    #[serde(rename = "account.role_granted.v1")]
    RoleGranted { role: Role },
    /// It has `role` no more.
    #[serde(rename = "account.role_revoked.v1")]
    RoleRevoked { role: Role },
    /// Whoever shows the token whose SHA-256 is `hash` acts as the account, until it expires.
    #[serde(rename = "account.token_issued.v1")]
    TokenIssued {
        token: TokenId,
        hash: Sha256Hex,
        expires: Timestamp,
    },
    /// That token stands for the account no more.
    #[serde(rename = "account.token_revoked.v1")]
    TokenRevoked { token: TokenId },
    /// Nobody acts as the account any more.
    #[serde(rename = "account.closed.v1")]
    Closed {},
    /// The account was handed `what`.
    #[serde(rename = "account.exported.v1")]
    Exported { export: ExportId, what: Export },
}

/// A token as the log knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The SHA-256 of its text.
    pub hash: Sha256Hex,
    /// The day from which it stands for the account.
    pub issued: Date,
    /// When it stops to, if nobody revokes it before.
    pub expires: Timestamp,
    /// The day on which somebody did.
    pub revoked: Option<Date>,
}

impl Token {
    /// Whether it stands for its account at `now`.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && now < self.expires
    }
}

/// An account as its events tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its home.
    pub unit: Option<UnitId>,
    /// The day from which it exists.
    pub created: Date,
    /// What it may do.
    pub roles: BTreeSet<Role>,
    /// Its tokens, revoked ones included.
    pub tokens: BTreeMap<TokenId, Token>,
    /// The day on which it was closed.
    pub closed: Option<Date>,
    /// What it took out.
    pub exports: BTreeMap<ExportId, Export>,
}

impl Account {
    /// Whether it has `role` and is open.
    pub fn acts_as(&self, role: Role) -> bool {
        self.closed.is_none() && self.roles.contains(&role)
    }
}

refusals!("account" {
    /// A home is a unit of the ledger.
    UnknownUnit = "unknown_unit", "the unit is not in the ledger";
    /// An id is given once.
    AlreadyCreated = "already_created", "an account of this id exists already, with other facts";
    /// It is not in the ledger.
    Unknown = "unknown", "no such account is in the ledger";
    /// A token's name is given once within its account.
    AlreadyIssued = "already_issued", "a token of this name was issued already, with other facts";
    /// It is not in the ledger.
    UnknownToken = "unknown_token", "the account has no token of this name";
    /// An id is given once.
    AlreadyNoted = "already_noted", "an export of this id is noted already, with other facts";
    /// What is closed stays closed.
    Closed = "closed", "the account is closed, for good";
    /// Without a home there is nothing to report for.
    NeedsUnit = "needs_unit", "the role is for accounts that have a unit";
    /// Whoever keeps accounts does nothing else.
    OperatorAlone = "operator_alone", "an operator has no other role: whoever keeps accounts does no business acts";
    /// Without one nobody could make the next.
    LastOperator = "last_operator", "this is the last open account that is an operator";
    /// A hash names one account.
    HashInUse = "hash_in_use", "a token of this hash was issued already: make another one";
    /// A token that never held is a slip.
    Expired = "expired", "the token would have expired already";
    /// What has not happened yet cannot be recorded.
    InTheFuture = "in_the_future", "the effective day lies after the day of recording";
});

/// Decides what follows when `asking` asks `command`.
///
/// Asking again for what is already so yields no events.
///
/// # Errors
///
/// The [`Refusal`] that applies; where several do, the one declared first.
pub fn decide(command: &Command, asking: &Asking<'_>) -> Result<(AccountId, Vec<Event>), Refused> {
    let id = command.account();
    let events = match command {
        Command::Create { unit, .. } => create(id, unit, asking)?,
        Command::GrantRole { role, .. } => grant(known(id, asking)?, *role, asking)?,
        Command::RevokeRole { role, .. } => revoke(known(id, asking)?, *role, asking)?,
        Command::IssueToken {
            token,
            hash,
            expires,
            ..
        } => issue(known(id, asking)?, (token, hash, *expires), asking)?,
        Command::RevokeToken { token, .. } => revoke_token(known(id, asking)?, token, asking)?,
        Command::Close { .. } => close(known(id, asking)?, asking)?,
        Command::NoteExport { export, what, .. } => {
            note_export(known(id, asking)?, export, what, asking)?
        }
    };
    Ok((id.clone(), events))
}

impl Command {
    /// The account that it is about.
    pub fn account(&self) -> &AccountId {
        match self {
            Self::Create { account, .. }
            | Self::GrantRole { account, .. }
            | Self::RevokeRole { account, .. }
            | Self::IssueToken { account, .. }
            | Self::RevokeToken { account, .. }
            | Self::Close { account }
            | Self::NoteExport { account, .. } => account,
        }
    }
}

type Decided = Result<Vec<Event>, Refused>;

fn create(id: &AccountId, unit: &Option<UnitId>, asking: &Asking<'_>) -> Decided {
    let registry = asking.registry;
    if let Some(unknown) = unit.as_ref().filter(|unit| registry.unit(unit).is_none()) {
        return Err(Refusal::UnknownUnit.about(unknown));
    }
    match registry.accounts.get(id) {
        Some(known) if (&known.unit, known.created) == (unit, asking.on) => Ok(Vec::new()),
        Some(_) => Err(Refusal::AlreadyCreated.about(id)),
        None => {
            not_in_the_future(asking)?;
            Ok(vec![Event::Created { unit: unit.clone() }])
        }
    }
}

fn grant(account: &Account, role: Role, asking: &Asking<'_>) -> Decided {
    if account.roles.contains(&role) {
        return Ok(Vec::new());
    }
    account.open()?;
    if role.is_for_a_unit() && account.unit.is_none() {
        return Err(Refusal::NeedsUnit.about(role));
    }
    if !account.roles.is_empty()
        && (role == Role::Operator || account.roles.contains(&Role::Operator))
    {
        return Err(Refusal::OperatorAlone.into());
    }
    not_in_the_future(asking)?;
    Ok(vec![Event::RoleGranted { role }])
}

fn revoke(account: &Account, role: Role, asking: &Asking<'_>) -> Decided {
    if !account.roles.contains(&role) {
        return Ok(Vec::new());
    }
    account.open()?;
    if role == Role::Operator {
        not_the_last_operator(asking.registry)?;
    }
    not_in_the_future(asking)?;
    Ok(vec![Event::RoleRevoked { role }])
}

fn issue(
    account: &Account,
    (token, hash, expires): (&TokenId, &Sha256Hex, Timestamp),
    asking: &Asking<'_>,
) -> Decided {
    match account.tokens.get(token) {
        Some(known) if (&known.hash, known.expires) == (hash, expires) => return Ok(Vec::new()),
        Some(_) => return Err(Refusal::AlreadyIssued.about(token)),
        None => account.open()?,
    }
    if asking.registry.tokens.contains_key(hash) {
        return Err(Refusal::HashInUse.into());
    }
    if expires <= asking.origin.at {
        return Err(Refusal::Expired.about(expires));
    }
    not_in_the_future(asking)?;
    let (token, hash) = (token.clone(), hash.clone());
    Ok(vec![Event::TokenIssued {
        token,
        hash,
        expires,
    }])
}

fn revoke_token(account: &Account, token: &TokenId, asking: &Asking<'_>) -> Decided {
    let known = account.tokens.get(token);
    let known = known.ok_or_else(|| Refusal::UnknownToken.about(token))?;
    if known.revoked.is_some() {
        return Ok(Vec::new());
    }
    account.open()?;
    not_in_the_future(asking)?;
    let token = token.clone();
    Ok(vec![Event::TokenRevoked { token }])
}

fn close(account: &Account, asking: &Asking<'_>) -> Decided {
    if account.closed.is_some() {
        return Ok(Vec::new());
    }
    if account.roles.contains(&Role::Operator) {
        not_the_last_operator(asking.registry)?;
    }
    not_in_the_future(asking)?;
    Ok(vec![Event::Closed {}])
}

fn note_export(
    account: &Account,
    export: &ExportId,
    what: &Export,
    asking: &Asking<'_>,
) -> Decided {
    match account.exports.get(export) {
        Some(known) if known == what => return Ok(Vec::new()),
        Some(_) => return Err(Refusal::AlreadyNoted.about(export)),
        None => account.open()?,
    }
    not_in_the_future(asking)?;
    let (export, what) = (export.clone(), what.clone());
    Ok(vec![Event::Exported { export, what }])
}

fn known<'a>(id: &AccountId, asking: &Asking<'a>) -> Result<&'a Account, Refused> {
    let account = asking.registry.accounts.get(id);
    account.ok_or_else(|| Refusal::Unknown.about(id))
}

/// Checks that one operator is left when one of them goes.
fn not_the_last_operator(registry: &Registry) -> Result<(), Refused> {
    let accounts = registry.accounts.values();
    if accounts.filter(|one| one.acts_as(Role::Operator)).count() > 1 {
        return Ok(());
    }
    Err(Refusal::LastOperator.into())
}

fn not_in_the_future(asking: &Asking<'_>) -> Result<(), Refused> {
    if asking.on > asking.origin.today() {
        return Err(Refusal::InTheFuture.about(asking.on));
    }
    Ok(())
}

impl Account {
    fn open(&self) -> Result<(), Refused> {
        match self.closed {
            Some(on) => Err(Refusal::Closed.about(on)),
            None => Ok(()),
        }
    }
}

/// Tells `account` one more fact, true from `on`; `None` where the event cannot follow.
pub fn evolve(account: Option<Account>, on: Date, event: &Event) -> Option<Account> {
    let Some(mut account) = account else {
        return born(on, event);
    };
    match event.clone() {
        Event::Created { .. } => return None,
        Event::RoleGranted { role } => {
            account.roles.insert(role);
        }
        Event::RoleRevoked { role } => {
            account.roles.remove(&role);
        }
        Event::TokenIssued {
            token,
            hash,
            expires,
        } => {
            let issued = Token {
                hash,
                issued: on,
                expires,
                revoked: None,
            };
            if account.tokens.insert(token, issued).is_some() {
                return None;
            }
        }
        Event::TokenRevoked { token } => account.tokens.get_mut(&token)?.revoked = Some(on),
        Event::Closed {} => account.closed = Some(on),
        Event::Exported { export, what } => {
            account.exports.insert(export, what);
        }
    }
    Some(account)
}

fn born(on: Date, event: &Event) -> Option<Account> {
    match event {
        Event::Created { unit } => Some(Account {
            unit: unit.clone(),
            created: on,
            roles: BTreeSet::new(),
            tokens: BTreeMap::new(),
            closed: None,
            exports: BTreeMap::new(),
        }),
        Event::RoleGranted { .. }
        | Event::RoleRevoked { .. }
        | Event::TokenIssued { .. }
        | Event::TokenRevoked { .. }
        | Event::Closed {}
        | Event::Exported { .. } => None,
    }
}

#[cfg(test)]
pub(crate) mod tests;

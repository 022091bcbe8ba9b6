//! `socai account`: who uses the ledger, what they may do, and what stands for them.

use std::io::{self, BufRead, IsTerminal, Read};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use socai_app::ledger::AllOrNothingError;
use socai_app::records::RecordError;
use socai_app::request::Request;
use socai_domain::account::Command;
use socai_domain::id::{AccountId, TokenId};
use socai_domain::origin::VIETNAM;
use socai_domain::registry::Registry;
use socai_identity::password::PASSWORD_BYTES_MAX;
use socai_identity::{Accounts, Identity, Settings, change_person, new_token};
use socai_store::{Credentials, Person, Subject};

use crate::arguments::account::{
    Account, Act, Beside, Create, Ended, Link, Name, Recording, RevokeToken, Role, RoleName, Token,
};
use crate::commands::ask;
use crate::place::Place;
use crate::recorder::Recorder;
use crate::{credentials, data_dir, origin};

pub(crate) async fn run(asked: &Account) -> anyhow::Result<ExitCode> {
    match &asked.act {
        Act::List(asked) => return ask::run(asked).await,
        Act::Create(asked) => create(asked).await,
        Act::Grant(asked) => grant(asked).await,
        Act::Revoke(asked) => revoke(asked).await,
        Act::Token(asked) => token(asked).await,
        Act::RevokeToken(asked) => revoke_token(asked).await,
        Act::Close(asked) => close(asked).await,
        Act::Password(asked) => password(asked).await,
        Act::Name(asked) => name(asked).await,
        Act::Link(asked) => link(asked).await,
        Act::Unlink(asked) => unlink(asked).await,
        Act::Forget(asked) => forget(asked).await,
    }?;
    Ok(ExitCode::SUCCESS)
}

async fn create(asked: &Create) -> anyhow::Result<()> {
    let account = &asked.account;
    let create = Command::Create {
        account: account.clone(),
        unit: asked.unit.clone(),
    };
    let grant = |role: &RoleName| Command::GrantRole {
        account: account.clone(),
        role: (*role).into(),
    };
    let grants = asked.roles.iter().map(grant);
    let commands = [create].into_iter().chain(grants).collect();
    match record(&asked.recording, commands).await? {
        0 => println!("there is such an account already"),
        _ => println!("the account {account} is there; socai account token makes it a token"),
    }
    Ok(())
}

async fn grant(asked: &Role) -> anyhow::Result<()> {
    let (account, role) = (asked.account.clone(), asked.role.into());
    let told = format!("{account} has the role {role}");
    let grant = Command::GrantRole { account, role };
    tell(record(&asked.recording, vec![grant]).await?, &told);
    Ok(())
}

async fn revoke(asked: &Role) -> anyhow::Result<()> {
    let (account, role) = (asked.account.clone(), asked.role.into());
    let told = format!("{account} has not the role {role}");
    let revoke = Command::RevokeRole { account, role };
    tell(record(&asked.recording, vec![revoke]).await?, &told);
    Ok(())
}

async fn token(asked: &Token) -> anyhow::Result<()> {
    let (account, new) = (asked.account.clone(), new_token());
    let expires = asked.expires.moment()?;
    let token = match &asked.token {
        Some(token) => token.clone(),
        None => TokenId::new(&format!("{}-{:.6}", origin::today(), new.hash.to_string()))?,
    };
    let issue = Command::IssueToken {
        account: account.clone(),
        token,
        hash: new.hash,
        expires,
    };
    record(&asked.recording, vec![issue]).await?;
    tell_token(&account, &new.text, expires);
    Ok(())
}

/// Says a token, which nobody can say again.
pub(crate) fn tell_token(account: &AccountId, text: &str, expires: Timestamp) {
    let until = expires.to_zoned(TimeZone::fixed(VIETNAM));
    let until = until.strftime("%Y-%m-%d %H:%M %:z");
    println!(
        "a token of the account {account}, which is shown this once and holds until {until}:\n"
    );
    println!("  {text}\n");
    println!("Whoever has it acts as {account}. Keep it where passwords are kept.");
}

async fn revoke_token(asked: &RevokeToken) -> anyhow::Result<()> {
    let (account, token) = (asked.account.clone(), asked.token.clone());
    let told = format!("the token {token} of {account} stands for nobody");
    let revoke = Command::RevokeToken { account, token };
    tell(record(&asked.recording, vec![revoke]).await?, &told);
    Ok(())
}

async fn close(asked: &Ended) -> anyhow::Result<()> {
    let account = asked.account.clone();
    let told = format!(
        "the account {account} is closed, for good; socai account forget removes what is known of the person"
    );
    let close = Command::Close { account };
    tell(record(&asked.recording, vec![close]).await?, &told);
    Ok(())
}

fn tell(events: usize, so_it_is: &str) {
    match events {
        0 => println!("so it was already: {so_it_is}"),
        _ => println!("from now on {so_it_is}"),
    }
}

/// Records all of `commands` or none, and says how many events they came to.
async fn record(recording: &Recording, commands: Vec<Command>) -> anyhow::Result<usize> {
    let by = origin::now(&recording.actor.account);
    let request = |command| Request {
        command: socai_domain::command::Command::Account(command),
        effective: by.today(),
        synthetic: false,
        id: None,
        actor: None,
    };
    let requests = commands.into_iter().map(request);
    let asked: Vec<_> = requests.map(|request| (request, by.clone())).collect();
    let mut ledger = Recorder::open(&recording.data.dir, &recording.key).await?;
    let outcomes = ledger.record_all_or_nothing(&asked).await;
    let closed = ledger.close().await;
    let events = outcomes
        .map_err(refusal)?
        .iter()
        .map(|outcome| outcome.written().len())
        .sum();
    closed?;
    Ok(events)
}

/// A refusal with the code that ops/errors.md has.
fn refusal(error: AllOrNothingError) -> anyhow::Error {
    match error {
        AllOrNothingError::Refused { refused, .. } => RecordError::Refused(refused).into(),
        error @ (AllOrNothingError::TooMany { .. }
        | AllOrNothingError::Append(_)
        | AllOrNothingError::Load(_)) => error.into(),
    }
}

/// What is kept beside a ledger, and the accounts of the ledger.
struct Kept {
    credentials: Arc<dyn Credentials>,
    registry: Arc<Registry>,
}

impl Kept {
    /// Opens it for a change to what is known of the person behind an account of the ledger.
    async fn open(asked: &Beside) -> anyhow::Result<Self> {
        let looking = data_dir::look(&asked.data.dir, None).await?;
        let registry = Arc::new(looking.image.registry().clone());
        if !registry.accounts.contains_key(&asked.account) {
            bail!("the ledger has no account {}", asked.account);
        }
        let credentials = credentials::beside(&Place::of(&asked.data.dir)?)?;
        Ok(Self {
            credentials,
            registry,
        })
    }

    /// Changes what is known of the person behind an open account.
    async fn change(asked: &Beside, change: impl Fn(&mut Person) + Send) -> anyhow::Result<()> {
        let kept = Self::open(asked).await?;
        if !kept.registry.is_open(&asked.account) {
            bail!("the account {} is closed", asked.account);
        }
        Ok(change_person(&*kept.credentials, &asked.account, change).await?)
    }
}

async fn password(asked: &Beside) -> anyhow::Result<()> {
    let kept = Kept::open(asked).await?;
    let password = read_password(&asked.account)?;
    let identity = Identity::new(kept.credentials, kept.registry, Settings::default());
    identity.set_password(&asked.account, &password).await?;
    println!("{} has this password now, and no session", asked.account);
    Ok(())
}

/// Asks for a password twice at a terminal, or reads the line of standard input.
fn read_password(account: &AccountId) -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        let password = rpassword::prompt_password(format!("a password for {account}: "))?;
        if rpassword::prompt_password("the same once more: ")? != password {
            bail!("they are not the same; nothing is changed");
        }
        return Ok(password);
    }
    let mut line = String::new();
    // One that is too long is refused as such.
    let input = io::stdin().lock().take(PASSWORD_BYTES_MAX as u64 + 2);
    let read = io::BufReader::new(input).read_line(&mut line);
    read.context("standard input: expected a line of UTF-8 with the password")?;
    let password = line.strip_suffix('\n').unwrap_or(&line);
    Ok(password.strip_suffix('\r').unwrap_or(password).to_owned())
}

async fn name(asked: &Name) -> anyhow::Result<()> {
    let name = &asked.name;
    if name.chars().any(char::is_control) || name.chars().count() > 200 {
        bail!("NAME: expected at most 200 characters in one line");
    }
    let changed = Kept::change(&asked.beside, |person| person.name = Some(name.clone()));
    changed.await?;
    println!("{} is called {name}", asked.beside.account);
    Ok(())
}

impl Link {
    fn subject(&self) -> Subject {
        Subject {
            issuer: self.issuer.clone(),
            id: self.subject.clone(),
        }
    }
}

async fn link(asked: &Link) -> anyhow::Result<()> {
    let subject = asked.subject();
    let changed = Kept::change(&asked.beside, |person| {
        person.subjects.insert(subject.clone());
    });
    changed.await?;
    println!(
        "whoever {} knows as {} signs in as {}",
        asked.issuer, asked.subject, asked.beside.account
    );
    Ok(())
}

async fn unlink(asked: &Link) -> anyhow::Result<()> {
    let subject = asked.subject();
    let kept = Kept::open(&asked.beside).await?;
    let account = &asked.beside.account;
    let changed = change_person(&*kept.credentials, account, |person| {
        person.subjects.remove(&subject);
    });
    changed.await?;
    kept.credentials.end_sessions_of(account.as_str()).await?;
    println!(
        "whoever {} knows as {} does not sign in as {account}",
        asked.issuer, asked.subject
    );
    Ok(())
}

async fn forget(asked: &Beside) -> anyhow::Result<()> {
    let kept = Kept::open(asked).await?;
    kept.credentials
        .forget_person(asked.account.as_str())
        .await?;
    println!(
        "nothing is known any more of the person behind {}",
        asked.account
    );
    Ok(())
}

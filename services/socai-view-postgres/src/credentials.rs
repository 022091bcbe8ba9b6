//! The credentials of a ledger that several processes serve: the schema `credentials`.
//!
//! It stands beside the projector's tables and has nothing to do with them: no rebuild touches it, only the
//! role `socai_credentials` reads it, and it cannot be made again from the log.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use socai_store::{
    Credentials, CredentialsError, KeepError, KeyHash, PasswordHash, Person, Session, Subject,
};
use tokio::sync::Mutex;
use tokio_postgres::{Client, GenericClient};

use crate::connect::{Role, connect};
use crate::error::Error;
use crate::place::or_not_migrated;
use crate::settings::Settings;

mod migrations {
    refinery::embed_migrations!("../../schemas/postgres/credentials");
}

/// How long an answer may take, the connection included. A server that is gone without a word does not hold up
/// whoever asks for longer.
const ANSWER: Duration = Duration::from_secs(10);

/// The credentials in a database, over one connection that is made anew where it ends.
pub struct PostgresCredentials {
    settings: Settings,
    connected: Mutex<Option<Arc<Client>>>,
}

impl PostgresCredentials {
    /// The credentials in the database of `settings`. It is connected to with the first question.
    pub fn new(settings: Settings) -> Self {
        let connected = Mutex::default();
        Self {
            settings,
            connected,
        }
    }

    async fn client(&self) -> Result<Arc<Client>, Error> {
        let mut connected = self.connected.lock().await;
        if let Some(client) = connected.as_ref().filter(|client| !client.is_closed()) {
            return Ok(client.clone());
        }
        let client = Arc::new(connect(&self.settings, Role::Credentials).await?);
        *connected = Some(client.clone());
        Ok(client)
    }

    /// What `asked` answers, if it does in time.
    async fn answer<T>(
        &self,
        asked: impl Future<Output = Result<T, Error>> + Send,
    ) -> Result<T, CredentialsError> {
        match tokio::time::timeout(ANSWER, asked).await {
            Ok(answer) => answer.map_err(unavailable),
            Err(late) => {
                // Whatever the connection waits for, the next question does not.
                if let Ok(mut connected) = self.connected.try_lock() {
                    *connected = None;
                }
                Err(CredentialsError::Unavailable(late.into()))
            }
        }
    }

    /// Does one statement, and says how many rows it changed.
    async fn change(
        &self,
        statement: &str,
        parameters: &[&(dyn tokio_postgres::types::ToSql + Sync)],
    ) -> Result<u64, CredentialsError> {
        self.answer(async {
            let client = self.client().await?;
            Ok(client.execute(statement, parameters).await?)
        })
        .await
    }
}

/// Prepares the schema, as the owner. Running it again changes nothing.
pub(crate) async fn migrate(client: &mut Client) -> Result<(), Error> {
    client
        .batch_execute("CREATE SCHEMA IF NOT EXISTS credentials")
        .await?;
    let mut runner = migrations::migrations::runner();
    runner.set_migration_table_name("credentials.migrations");
    let ran = runner.run_async(client).await;
    ran.map_err(|error| Error::Migration(Box::new(error)))?;
    Ok(())
}

#[async_trait]
impl Credentials for PostgresCredentials {
    async fn person(&self, account: &str) -> Result<Option<Person>, CredentialsError> {
        self.answer(async { person(&*self.client().await?, account).await })
            .await
    }

    async fn persons(
        &self,
        after: Option<&str>,
        limit: NonZeroU32,
    ) -> Result<Vec<(String, Person)>, CredentialsError> {
        self.answer(async { persons(&*self.client().await?, after, limit).await })
            .await
    }

    async fn keep_person(
        &self,
        account: &str,
        seen: Option<&Person>,
        person: &Person,
    ) -> Result<(), KeepError> {
        let kept = keep_person(&self.settings, account, seen, person);
        self.answer(kept).await?
    }

    async fn forget_person(&self, account: &str) -> Result<(), CredentialsError> {
        let forget = "WITH ended AS (DELETE FROM credentials.session WHERE account = $1) \
                      DELETE FROM credentials.person WHERE account = $1";
        self.change(forget, &[&account]).await?;
        Ok(())
    }

    async fn by_subject(&self, subject: &Subject) -> Result<Option<String>, CredentialsError> {
        let find = "SELECT account FROM credentials.subject WHERE issuer = $1 AND id = $2";
        let Subject { issuer, id } = subject;
        self.answer(async {
            let row = self.client().await?.query_opt(find, &[issuer, id]).await?;
            Ok(row.map(|row| row.get(0)))
        })
        .await
    }

    async fn keep_session(&self, key: KeyHash, session: &Session) -> Result<(), CredentialsError> {
        let Session {
            account,
            opened,
            idle_ends,
            ends,
        } = session;
        let keep = "INSERT INTO credentials.session (key, account, opened, idle_ends, ends) \
                    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO NOTHING";
        self.change(keep, &[&&key.0[..], account, opened, idle_ends, ends])
            .await?;
        Ok(())
    }

    async fn session(&self, key: KeyHash) -> Result<Option<Session>, CredentialsError> {
        let find =
            "SELECT account, opened, idle_ends, ends FROM credentials.session WHERE key = $1";
        self.answer(async {
            let row = self.client().await?.query_opt(find, &[&&key.0[..]]).await?;
            Ok(row.map(|row| Session {
                account: row.get(0),
                opened: row.get(1),
                idle_ends: row.get(2),
                ends: row.get(3),
            }))
        })
        .await
    }

    async fn touch_session(
        &self,
        key: KeyHash,
        idle_ends: Timestamp,
    ) -> Result<(), CredentialsError> {
        let touch = "UPDATE credentials.session SET idle_ends = $2 WHERE key = $1";
        self.change(touch, &[&&key.0[..], &idle_ends]).await?;
        Ok(())
    }

    async fn end_session(&self, key: KeyHash) -> Result<(), CredentialsError> {
        let end = "DELETE FROM credentials.session WHERE key = $1";
        self.change(end, &[&&key.0[..]]).await?;
        Ok(())
    }

    async fn end_sessions_of(&self, account: &str) -> Result<(), CredentialsError> {
        let end = "DELETE FROM credentials.session WHERE account = $1";
        self.change(end, &[&account]).await?;
        Ok(())
    }

    async fn sweep_sessions(&self, now: Timestamp) -> Result<u64, CredentialsError> {
        let sweep = "DELETE FROM credentials.session WHERE least(idle_ends, ends) <= $1";
        self.change(sweep, &[&now]).await
    }
}

async fn person(client: &impl GenericClient, account: &str) -> Result<Option<Person>, Error> {
    let find = "SELECT name, password, issuer, id FROM credentials.person \
                LEFT JOIN credentials.subject USING (account) WHERE account = $1";
    let rows = client.query(find, &[&account]).await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let subject = |row: &tokio_postgres::Row| {
        let (issuer, id) = (row.get::<_, Option<_>>(2)?, row.get::<_, Option<_>>(3)?);
        Some(Subject { issuer, id })
    };
    Ok(Some(Person {
        name: first.get(0),
        password: first.get::<_, Option<String>>(1).map(PasswordHash),
        subjects: rows.iter().filter_map(subject).collect(),
    }))
}

async fn persons(
    client: &impl GenericClient,
    after: Option<&str>,
    limit: NonZeroU32,
) -> Result<Vec<(String, Person)>, Error> {
    let find = "SELECT account, name, password, issuer, id \
                FROM (SELECT * FROM credentials.person WHERE $1::text IS NULL OR account COLLATE \"C\" > $1 \
                      ORDER BY account COLLATE \"C\" LIMIT $2) AS page \
                LEFT JOIN credentials.subject USING (account) ORDER BY account COLLATE \"C\"";
    let limit = i64::from(limit.get());
    let mut found: Vec<(String, Person)> = Vec::new();
    for row in client.query(find, &[&after, &limit]).await? {
        let account: String = row.get(0);
        if found.last().is_none_or(|(last, _)| *last != account) {
            let person = Person {
                name: row.get(1),
                password: row.get::<_, Option<String>>(2).map(PasswordHash),
                subjects: BTreeSet::new(),
            };
            found.push((account, person));
        }
        if let (Some((_, person)), Some(issuer)) = (found.last_mut(), row.get(3)) {
            let id = row.get(4);
            person.subjects.insert(Subject { issuer, id });
        }
    }
    Ok(found)
}

/// Over a connection of its own: what the shared one is asked meanwhile is no part of the transaction.
async fn keep_person(
    settings: &Settings,
    account: &str,
    seen: Option<&Person>,
    person: &Person,
) -> Result<Result<(), KeepError>, Error> {
    let mut client = connect(settings, Role::Credentials).await?;
    // A transaction that is dropped changes nothing.
    let transaction = client.transaction().await?;
    // One at a time: what is read next stays so. Whoever only reads does not wait.
    let alone = "LOCK TABLE credentials.person IN SHARE ROW EXCLUSIVE MODE";
    transaction.batch_execute(alone).await?;
    if self::person(&transaction, account).await?.as_ref() != seen {
        return Ok(Err(KeepError::Changed));
    }
    let Person {
        name,
        password,
        subjects,
    } = person;
    let password = password.as_ref().map(|hash| &hash.0);
    let keep = "INSERT INTO credentials.person (account, name, password) VALUES ($1, $2, $3) \
                ON CONFLICT (account) DO UPDATE SET name = $2, password = $3";
    transaction
        .execute(keep, &[&account, name, &password])
        .await?;
    let unlink = "DELETE FROM credentials.subject WHERE account = $1";
    transaction.execute(unlink, &[&account]).await?;
    for Subject { issuer, id } in subjects {
        let taken = "SELECT account FROM credentials.subject WHERE issuer = $1 AND id = $2";
        if let Some(row) = transaction.query_opt(taken, &[issuer, id]).await? {
            let account = row.get(0);
            return Ok(Err(KeepError::SubjectTaken { account }));
        }
        let link = "INSERT INTO credentials.subject (issuer, id, account) VALUES ($1, $2, $3)";
        transaction.execute(link, &[issuer, id, &account]).await?;
    }
    transaction.commit().await?;
    Ok(Ok(()))
}

fn unavailable(error: Error) -> CredentialsError {
    let error = match error {
        Error::Refused(refused) => or_not_migrated(refused),
        error => error,
    };
    CredentialsError::Unavailable(error.into())
}

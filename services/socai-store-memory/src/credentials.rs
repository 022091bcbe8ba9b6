//! Credentials that are gone with their last clone.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use jiff::Timestamp;
use socai_store::{Credentials, CredentialsError, KeepError, KeyHash, Person, Session, Subject};

/// Every promise of [`Credentials`] but that it outlives the process.
#[derive(Debug, Clone, Default)]
pub struct MemoryCredentials {
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    persons: BTreeMap<String, Person>,
    sessions: BTreeMap<KeyHash, Session>,
}

impl MemoryCredentials {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        let kept = self.kept.lock();
        kept.expect("no code panics while it holds the credentials")
    }
}

impl Kept {
    fn whose(&self, subject: &Subject) -> Option<&String> {
        let mut persons = self.persons.iter();
        persons.find_map(|(account, person)| person.subjects.contains(subject).then_some(account))
    }
}

#[async_trait]
impl Credentials for MemoryCredentials {
    async fn person(&self, account: &str) -> Result<Option<Person>, CredentialsError> {
        Ok(self.kept().persons.get(account).cloned())
    }

    async fn persons(
        &self,
        after: Option<&str>,
        limit: NonZeroU32,
    ) -> Result<Vec<(String, Person)>, CredentialsError> {
        let kept = self.kept();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let persons = kept.persons.range::<str, _>((from, Bound::Unbounded));
        let persons = persons.take(limit.get() as usize);
        Ok(persons
            .map(|(account, person)| (account.clone(), person.clone()))
            .collect())
    }

    async fn keep_person(
        &self,
        account: &str,
        seen: Option<&Person>,
        person: &Person,
    ) -> Result<(), KeepError> {
        let mut kept = self.kept();
        if kept.persons.get(account) != seen {
            return Err(KeepError::Changed);
        }
        let mut owners = person
            .subjects
            .iter()
            .filter_map(|subject| kept.whose(subject));
        if let Some(other) = owners.find(|owner| *owner != account) {
            let account = other.clone();
            return Err(KeepError::SubjectTaken { account });
        }
        kept.persons.insert(account.to_owned(), person.clone());
        Ok(())
    }

    async fn forget_person(&self, account: &str) -> Result<(), CredentialsError> {
        let mut kept = self.kept();
        kept.persons.remove(account);
        kept.sessions
            .retain(|_, session| session.account != account);
        Ok(())
    }

    async fn by_subject(&self, subject: &Subject) -> Result<Option<String>, CredentialsError> {
        Ok(self.kept().whose(subject).cloned())
    }

    async fn keep_session(&self, key: KeyHash, session: &Session) -> Result<(), CredentialsError> {
        self.kept().sessions.insert(key, session.clone());
        Ok(())
    }

    async fn session(&self, key: KeyHash) -> Result<Option<Session>, CredentialsError> {
        Ok(self.kept().sessions.get(&key).cloned())
    }

    async fn touch_session(
        &self,
        key: KeyHash,
        idle_ends: Timestamp,
    ) -> Result<(), CredentialsError> {
        if let Some(session) = self.kept().sessions.get_mut(&key) {
            session.idle_ends = idle_ends;
        }
        Ok(())
    }

    async fn end_session(&self, key: KeyHash) -> Result<(), CredentialsError> {
        self.kept().sessions.remove(&key);
        Ok(())
    }

    async fn end_sessions_of(&self, account: &str) -> Result<(), CredentialsError> {
        let mut kept = self.kept();
        kept.sessions
            .retain(|_, session| session.account != account);
        Ok(())
    }

    async fn sweep_sessions(&self, now: Timestamp) -> Result<u64, CredentialsError> {
        let mut kept = self.kept();
        let before = kept.sessions.len();
        kept.sessions.retain(|_, session| !session.is_over(now));
        Ok((before - kept.sessions.len()) as u64)
    }
}

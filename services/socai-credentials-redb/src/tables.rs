//! What each question and each change is in the file's tables. All of it may wait for the disk.

use std::ops::Bound;

use jiff::Timestamp;
use redb::{AccessGuard, Database, ReadableDatabase, ReadableTable, Table, TableDefinition};
use socai_store::{CredentialsError, KeepError, KeyHash, Person, Session, Subject};

use crate::rows;

/// The form of the tables.
pub(crate) const FORMAT: u64 = 1;

const ABOUT: TableDefinition<'_, &str, u64> = TableDefinition::new("about");
const PERSONS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("persons");
const SUBJECTS: TableDefinition<'_, (&str, &str), &str> = TableDefinition::new("subjects");
const SESSIONS: TableDefinition<'_, [u8; 32], &[u8]> = TableDefinition::new("sessions");

/// Makes the tables where they are not there, and says the format of those that are.
pub(crate) fn prepare(database: &Database) -> Result<u64, redb::Error> {
    let write = database.begin_write()?;
    let mut about = write.open_table(ABOUT)?;
    let found = about.get("format")?.map(|format| format.value());
    if let Some(format) = found {
        return Ok(format);
    }
    about.insert("format", FORMAT)?;
    drop(about);
    write.open_table(PERSONS)?;
    write.open_table(SUBJECTS)?;
    write.open_table(SESSIONS)?;
    write.commit()?;
    Ok(FORMAT)
}

pub(crate) fn person(
    database: &Database,
    account: &str,
) -> Result<Option<Person>, CredentialsError> {
    let read = database.begin_read().map_err(failed)?;
    let persons = read.open_table(PERSONS).map_err(failed)?;
    find_person(&persons, account)
}

pub(crate) fn persons(
    database: &Database,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<(String, Person)>, CredentialsError> {
    let read = database.begin_read().map_err(failed)?;
    let persons = read.open_table(PERSONS).map_err(failed)?;
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    let rows = persons.range::<&str>((from, Bound::Unbounded));
    let person = |row: Result<(AccessGuard<'_, &str>, AccessGuard<'_, &[u8]>), _>| {
        let (account, row) = row.map_err(failed)?;
        Ok((account.value().to_owned(), rows::person(row.value())?))
    };
    rows.map_err(failed)?.take(limit).map(person).collect()
}

fn find_person(
    persons: &impl ReadableTable<&'static str, &'static [u8]>,
    account: &str,
) -> Result<Option<Person>, CredentialsError> {
    let found = persons.get(account).map_err(failed)?;
    found.map(|row| rows::person(row.value())).transpose()
}

pub(crate) fn keep_person(
    database: &Database,
    account: &str,
    seen: Option<&Person>,
    person: &Person,
) -> Result<(), KeepError> {
    // A transaction that is dropped changes nothing.
    let write = database.begin_write().map_err(failed)?;
    {
        let mut persons = write.open_table(PERSONS).map_err(failed)?;
        if find_person(&persons, account)?.as_ref() != seen {
            return Err(KeepError::Changed);
        }
        let mut subjects = write.open_table(SUBJECTS).map_err(failed)?;
        unlink(&mut subjects, seen)?;
        for Subject { issuer, id } in &person.subjects {
            let key = (issuer.as_str(), id.as_str());
            let taken = subjects.insert(key, account).map_err(failed)?;
            if let Some(other) = taken {
                let account = other.value().to_owned();
                return Err(KeepError::SubjectTaken { account });
            }
        }
        let row = rows::person_bytes(person);
        persons.insert(account, row.as_slice()).map_err(failed)?;
    }
    Ok(write.commit().map_err(failed)?)
}

fn unlink(
    subjects: &mut Table<'_, (&'static str, &'static str), &'static str>,
    person: Option<&Person>,
) -> Result<(), CredentialsError> {
    for Subject { issuer, id } in person.into_iter().flat_map(|person| &person.subjects) {
        let key = (issuer.as_str(), id.as_str());
        subjects.remove(key).map_err(failed)?;
    }
    Ok(())
}

pub(crate) fn forget_person(database: &Database, account: &str) -> Result<(), CredentialsError> {
    let write = database.begin_write().map_err(failed)?;
    {
        let mut persons = write.open_table(PERSONS).map_err(failed)?;
        let person = find_person(&persons, account)?;
        persons.remove(account).map_err(failed)?;
        let mut subjects = write.open_table(SUBJECTS).map_err(failed)?;
        unlink(&mut subjects, person.as_ref())?;
        let mut sessions = write.open_table(SESSIONS).map_err(failed)?;
        remove_sessions(&mut sessions, |session| session.account == account)?;
    }
    write.commit().map_err(failed)
}

pub(crate) fn by_subject(
    database: &Database,
    subject: &Subject,
) -> Result<Option<String>, CredentialsError> {
    let read = database.begin_read().map_err(failed)?;
    let subjects = read.open_table(SUBJECTS).map_err(failed)?;
    let key = (subject.issuer.as_str(), subject.id.as_str());
    let found = subjects.get(key).map_err(failed)?;
    Ok(found.map(|account| account.value().to_owned()))
}

pub(crate) fn keep_session(
    database: &Database,
    key: KeyHash,
    session: &Session,
) -> Result<(), CredentialsError> {
    change_sessions(database, |sessions| {
        let row = rows::session_bytes(session);
        sessions.insert(key.0, row.as_slice()).map_err(failed)?;
        Ok(())
    })
}

pub(crate) fn session(
    database: &Database,
    key: KeyHash,
) -> Result<Option<Session>, CredentialsError> {
    let read = database.begin_read().map_err(failed)?;
    let sessions = read.open_table(SESSIONS).map_err(failed)?;
    let found = sessions.get(key.0).map_err(failed)?;
    found.map(|row| rows::session(row.value())).transpose()
}

pub(crate) fn touch_session(
    database: &Database,
    key: KeyHash,
    idle_ends: Timestamp,
) -> Result<(), CredentialsError> {
    change_sessions(database, |sessions| {
        let found = sessions.get(key.0).map_err(failed)?;
        let Some(mut session) = found.map(|row| rows::session(row.value())).transpose()? else {
            return Ok(());
        };
        session.idle_ends = idle_ends;
        let row = rows::session_bytes(&session);
        sessions.insert(key.0, row.as_slice()).map_err(failed)?;
        Ok(())
    })
}

pub(crate) fn end_session(database: &Database, key: KeyHash) -> Result<(), CredentialsError> {
    change_sessions(database, |sessions| {
        sessions.remove(key.0).map_err(failed)?;
        Ok(())
    })
}

/// Ends the sessions that are `meant`, and says how many they were.
pub(crate) fn end_sessions(
    database: &Database,
    meant: impl Fn(&Session) -> bool,
) -> Result<u64, CredentialsError> {
    change_sessions(database, |sessions| remove_sessions(sessions, meant))
}

fn remove_sessions(
    sessions: &mut Table<'_, [u8; 32], &'static [u8]>,
    meant: impl Fn(&Session) -> bool,
) -> Result<u64, CredentialsError> {
    let mut ending = Vec::new();
    for row in sessions.iter().map_err(failed)? {
        let (key, row) = row.map_err(failed)?;
        if meant(&rows::session(row.value())?) {
            ending.push(key.value());
        }
    }
    for key in &ending {
        sessions.remove(key).map_err(failed)?;
    }
    Ok(ending.len() as u64)
}

/// One change of the sessions, on the disk when this has answered.
fn change_sessions<T>(
    database: &Database,
    change: impl FnOnce(&mut Table<'_, [u8; 32], &'static [u8]>) -> Result<T, CredentialsError>,
) -> Result<T, CredentialsError> {
    let write = database.begin_write().map_err(failed)?;
    let changed = change(&mut write.open_table(SESSIONS).map_err(failed)?)?;
    write.commit().map_err(failed)?;
    Ok(changed)
}

/// What the caller can do about an error of redb: restore a file that is damaged, ask again otherwise.
fn failed(error: impl Into<redb::Error>) -> CredentialsError {
    match error.into() {
        error @ (redb::Error::Corrupted(_)
        | redb::Error::TableDoesNotExist(_)
        | redb::Error::TableTypeMismatch { .. }) => CredentialsError::Damaged(error.into()),
        error => CredentialsError::Unavailable(error.into()),
    }
}

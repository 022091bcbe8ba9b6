//! The rows as they stand in the file. Names are storage: a field is added, never renamed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use socai_store::{CredentialsError, PasswordHash, Person, Session, Subject};

#[derive(Serialize, Deserialize)]
struct PersonRow {
    name: Option<String>,
    password: Option<String>,
    subjects: Vec<SubjectRow>,
}

#[derive(Serialize, Deserialize)]
struct SubjectRow {
    issuer: String,
    id: String,
}

#[derive(Serialize, Deserialize)]
struct SessionRow {
    account: String,
    opened: Timestamp,
    idle_ends: Timestamp,
    ends: Timestamp,
}

pub(crate) fn person_bytes(person: &Person) -> Vec<u8> {
    let Person {
        name,
        password,
        subjects,
    } = person.clone();
    let subjects = subjects.into_iter();
    bytes(&PersonRow {
        name,
        password: password.map(|hash| hash.0),
        subjects: subjects
            .map(|Subject { issuer, id }| SubjectRow { issuer, id })
            .collect(),
    })
}

pub(crate) fn person(bytes: &[u8]) -> Result<Person, CredentialsError> {
    let PersonRow {
        name,
        password,
        subjects,
    } = read(bytes)?;
    let subjects = subjects.into_iter();
    Ok(Person {
        name,
        password: password.map(PasswordHash),
        subjects: subjects
            .map(|SubjectRow { issuer, id }| Subject { issuer, id })
            .collect(),
    })
}

pub(crate) fn session_bytes(session: &Session) -> Vec<u8> {
    let Session {
        account,
        opened,
        idle_ends,
        ends,
    } = session.clone();
    bytes(&SessionRow {
        account,
        opened,
        idle_ends,
        ends,
    })
}

pub(crate) fn session(bytes: &[u8]) -> Result<Session, CredentialsError> {
    let SessionRow {
        account,
        opened,
        idle_ends,
        ends,
    } = read(bytes)?;
    Ok(Session {
        account,
        opened,
        idle_ends,
        ends,
    })
}

fn bytes(row: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(row).expect("strings and times have a JSON form")
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, CredentialsError> {
    serde_json::from_slice(bytes).map_err(|error| CredentialsError::Damaged(error.into()))
}

//! What is known of persons, into a copy: names, password hashes and links to single sign-on. Sessions are no part of
//! it: one that somebody ended would be open again.

use std::num::NonZeroU32;

use socai_store::{Credentials, CredentialsError, KeepError};

/// Persons read at once.
const PAGE: NonZeroU32 = NonZeroU32::new(256).expect("not zero");

/// How many persons went along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Persons {
    /// The target knew them already, and keeps what it knows.
    pub there: u64,
    /// They were brought.
    pub brought: u64,
}

/// Why not everybody went along. Who was brought stays, and bringing them again goes on.
#[derive(Debug, thiserror::Error)]
pub enum PersonsError {
    /// The source does not answer, or is damaged.
    #[error("who is known cannot be read")]
    Read(#[source] CredentialsError),
    /// The target does not answer, or is damaged.
    #[error("who is known cannot be kept")]
    Keep(#[source] CredentialsError),
}

/// How many persons `known` knows.
///
/// # Errors
///
/// Where it does not answer, or is damaged.
pub async fn count_persons(known: &dyn Credentials) -> Result<u64, CredentialsError> {
    let (mut count, mut after) = (0, None);
    loop {
        let page = known.persons(after.as_deref(), PAGE).await?;
        let Some((last, _)) = page.last() else {
            return Ok(count);
        };
        after = Some(last.clone());
        count += page.len() as u64;
    }
}

/// Brings everybody whom `from` knows and `to` does not.
///
/// # Errors
///
/// [`PersonsError`].
pub async fn bring_persons(
    from: &dyn Credentials,
    to: &dyn Credentials,
) -> Result<Persons, PersonsError> {
    let mut persons = Persons::default();
    let mut after = None;
    loop {
        let page = from.persons(after.as_deref(), PAGE).await;
        let page = page.map_err(PersonsError::Read)?;
        let Some((last, _)) = page.last() else {
            return Ok(persons);
        };
        after = Some(last.clone());
        for (account, person) in &page {
            match to.keep_person(account, None, person).await {
                Ok(()) => persons.brought += 1,
                Err(KeepError::Changed | KeepError::SubjectTaken { .. }) => persons.there += 1,
                Err(KeepError::Store(error)) => return Err(PersonsError::Keep(error)),
            }
        }
    }
}

//! What is known of the person behind an account, changed one thing at a time.

use socai_domain::id::AccountId;
use socai_store::{Credentials, KeepError, Person};

/// Does `change` to what is known of a person; once more where somebody changed something else meanwhile.
///
/// # Errors
///
/// [`KeepError`], but never that the person was changed.
pub async fn change_person(
    credentials: &dyn Credentials,
    account: &AccountId,
    change: impl Fn(&mut Person) + Send,
) -> Result<(), KeepError> {
    loop {
        let seen = credentials.person(account.as_str()).await?;
        let mut person = seen.clone().unwrap_or_default();
        change(&mut person);
        let kept = credentials.keep_person(account.as_str(), seen.as_ref(), &person);
        match kept.await {
            Err(KeepError::Changed) => {}
            done => return done,
        }
    }
}

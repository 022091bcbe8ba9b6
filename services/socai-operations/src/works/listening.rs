//! An account that listens to what changes, and is told what it may see when it is told.

use socai_domain::id::AccountId;
use socai_domain::permission::{self, Reading};
use socai_ledger::image::Image;
use socai_store::Position;

use super::for_accounts::{Works, now};
use super::live_updates::{Update, Updates};
use crate::trouble::Trouble;

impl Works {
    /// What changes after `after`, as far as the account may see it when it is told.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub async fn updates(&self, after: Position, who: &AccountId) -> Result<Listening, Trouble> {
        self.scope(Reading::Histories, who)?;
        Ok(Listening {
            updates: Updates::after(self.live.clone(), after).await?,
            who: who.clone(),
        })
    }
}

/// An account that listens to what changes.
pub struct Listening {
    updates: Updates,
    who: AccountId,
}

impl Listening {
    /// The next update; `None` once the account may not see any.
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub async fn next(&mut self) -> Result<Option<Update>, Trouble> {
        let Self { updates, who } = self;
        let scope = |image: &Image| {
            let today = now(who).today();
            permission::scope(Reading::Histories, who, image.registry(), today).ok()
        };
        updates.next(scope).await
    }
}

//! The accounts of a ledger that is followed, for whoever finds out who asks.

use std::sync::Arc;

use socai_app::live::Live;
use socai_domain::account::Token;
use socai_domain::id::{AccountId, Sha256Hex, TokenId};
use socai_identity::Accounts;

/// The accounts as the ledger has them now.
pub struct OfLedger(pub Arc<Live>);

impl Accounts for OfLedger {
    fn is_open(&self, account: &AccountId) -> bool {
        let image = self.0.image();
        let known = image.registry().accounts.get(account);
        known.is_some_and(|known| known.closed.is_none())
    }

    fn of_token(&self, hash: &Sha256Hex) -> Option<(AccountId, TokenId, Token)> {
        let image = self.0.image();
        let (account, token, known) = image.registry().token(hash)?;
        Some((account.clone(), token.clone(), known.clone()))
    }
}

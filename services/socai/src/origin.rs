//! Who and when: the only place that asks the machine's clock.

use jiff::Timestamp;
use jiff::civil::Date;
use socai_domain::id::AccountId;
use socai_domain::origin::Origin;

/// Now, as the machine has it.
pub(crate) fn now(actor: &AccountId) -> Origin {
    Origin {
        actor: actor.clone(),
        at: Timestamp::now(),
    }
}

/// Today in Việt Nam.
pub(crate) fn today() -> Date {
    let nobody = AccountId::new("nobody").expect("a plain word is an id");
    now(&nobody).today()
}

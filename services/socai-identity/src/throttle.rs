//! How often a log-in may be tried: by one address, by one address for one account, and for one account.
//!
//! Nothing here lasts: after a minute or two without attempts everything is forgotten, so nobody can lock
//! somebody else out for longer than they go on trying. And one address alone cannot lock an account at all: it
//! is slowed down for that account by itself, long before the account is. Nor can many: from an address at which somebody
//! logged in, the attempts of others do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard};

use jiff::{SignedDuration, Timestamp};
use socai_domain::id::AccountId;

/// Keys of one counter, at most. Only keys that were tried lately are kept.
const KEYS_MAX: usize = 100_000;

/// The three counters, in the order in which an attempt is counted.
pub(crate) struct Throttle {
    address: Counter<IpAddr>,
    pair: Counter<(IpAddr, AccountId)>,
    account: Counter<AccountId>,
    /// Where accounts were logged in from.
    known: Mutex<BTreeSet<(IpAddr, AccountId)>>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            // An office of some dozen people behind one address begins its day.
            address: Counter::new(30, SignedDuration::from_secs(2)),
            pair: Counter::new(5, SignedDuration::from_secs(30)),
            account: Counter::new(50, SignedDuration::from_secs(6)),
            known: Mutex::default(),
        }
    }
}

impl Throttle {
    /// Counts an attempt.
    ///
    /// # Errors
    ///
    /// After how long the next one may be made.
    pub(crate) fn attempt(
        &self,
        account: &AccountId,
        from: IpAddr,
        now: Timestamp,
    ) -> Result<(), SignedDuration> {
        let from = whole(from);
        self.address.count(from, now)?;
        let pair = (from, account.clone());
        self.pair.count(pair.clone(), now)?;
        if self.known().contains(&pair) {
            return Ok(());
        }
        self.account.count(account.clone(), now)
    }

    /// Takes down that `account` was logged in from there.
    pub(crate) fn succeeded(&self, account: &AccountId, from: IpAddr) {
        let mut known = self.known();
        if known.len() >= KEYS_MAX {
            known.clear();
        }
        known.insert((whole(from), account.clone()));
    }

    fn known(&self) -> MutexGuard<'_, BTreeSet<(IpAddr, AccountId)>> {
        self.known.lock().expect("nothing panics while it looks")
    }
}

/// Whoever has an address of IPv6 has the 2⁶⁴ beside it.
fn whole(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

/// Lets some through at once, and then one every while.
struct Counter<K> {
    /// How far ahead of the clock attempts may run.
    ahead_max: SignedDuration,
    /// How far each runs.
    every: SignedDuration,
    /// Until when the attempts made so far have run.
    until: Mutex<BTreeMap<K, Timestamp>>,
}

impl<K: Ord> Counter<K> {
    fn new(at_once: i32, every: SignedDuration) -> Self {
        Self {
            ahead_max: every * (at_once - 1),
            every,
            until: Mutex::default(),
        }
    }

    fn count(&self, key: K, now: Timestamp) -> Result<(), SignedDuration> {
        let until = self.until.lock();
        let mut until = until.expect("nothing panics while it counts");
        if until.len() >= KEYS_MAX {
            until.retain(|_, until| *until > now);
        }
        let ran = until.get(&key).copied().unwrap_or(now).max(now);
        let wait = ran.duration_since(now) - self.ahead_max;
        if wait.is_positive() {
            return Err(wait);
        }
        if until.len() >= KEYS_MAX && !until.contains_key(&key) {
            return Err(self.every);
        }
        until.insert(key, ran + self.every);
        Ok(())
    }
}

#[cfg(test)]
mod tests;

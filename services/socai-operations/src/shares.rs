//! Shares of what there is only so much of: bytes of memory, places.
//!
//! Nobody waits for a share: whoever gets none is told at once, and takes up nothing while asking again. Deliberately
//! absent: what is shared, which whoever makes the shares knows.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

/// So much of something, of which each may have only a part.
pub struct Shares<K: Ord> {
    all: u64,
    each: u64,
    /// How much everybody has who has any.
    taken: Mutex<BTreeMap<K, u64>>,
}

/// A share. It is given back when it is dropped.
pub struct Share<K: Ord + Clone> {
    of: Arc<Shares<K>>,
    whose: K,
    amount: u64,
}

/// Why there is no share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoShare {
    /// Whoever asks has too much: something of theirs has to end.
    #[error("too much of this account's is under way at once: ask again when some of it has ended")]
    Own,
    /// All together have too much.
    #[error("too much is under way at once: ask again")]
    All,
}

impl<K: Ord + Clone> Shares<K> {
    /// So much in `all`, and for `each` at most so much of it.
    pub fn new(all: u64, each: u64) -> Arc<Self> {
        let taken = Mutex::default();
        Arc::new(Self { all, each, taken })
    }

    /// A share of `amount`.
    ///
    /// # Errors
    ///
    /// [`NoShare`].
    pub fn take(self: &Arc<Self>, whose: &K, amount: u64) -> Result<Share<K>, NoShare> {
        self.add(whose, amount)?;
        Ok(Share {
            of: Arc::clone(self),
            whose: whose.clone(),
            amount,
        })
    }

    fn add(&self, whose: &K, amount: u64) -> Result<(), NoShare> {
        let mut taken = self.taken();
        let own = taken.get(whose).copied().unwrap_or(0);
        let all: u64 = taken.values().sum();
        if amount > self.each.saturating_sub(own) {
            return Err(NoShare::Own);
        }
        if amount > self.all.saturating_sub(all) {
            return Err(NoShare::All);
        }
        taken.insert(whose.clone(), own + amount);
        Ok(())
    }

    fn give_back(&self, whose: &K, amount: u64) {
        let mut taken = self.taken();
        let left = taken.get(whose).copied().unwrap_or(0) - amount;
        if left == 0 {
            taken.remove(whose);
        } else {
            taken.insert(whose.clone(), left);
        }
    }

    /// What is kept under the lock is whole after every step of it.
    fn taken(&self) -> MutexGuard<'_, BTreeMap<K, u64>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Ord + Clone> Share<K> {
    /// Makes it one of `amount`, where it is less.
    ///
    /// # Errors
    ///
    /// [`NoShare`]; it stays as it is.
    pub fn at_least(&mut self, amount: u64) -> Result<(), NoShare> {
        let more = amount.saturating_sub(self.amount);
        self.of.add(&self.whose, more)?;
        self.amount += more;
        Ok(())
    }
}

impl<K: Ord + Clone + Send + 'static> Share<K> {
    /// `bytes`, with which it is given back: once nobody has any of them.
    pub fn holding(self, bytes: impl AsRef<[u8]> + Send + 'static) -> Bytes {
        Bytes::from_owner(Held {
            bytes,
            _share: self,
        })
    }
}

struct Held<B, K: Ord + Clone> {
    bytes: B,
    _share: Share<K>,
}

impl<B: AsRef<[u8]>, K: Ord + Clone> AsRef<[u8]> for Held<B, K> {
    fn as_ref(&self) -> &[u8] {
        self.bytes.as_ref()
    }
}

impl<K: Ord + Clone> Drop for Share<K> {
    fn drop(&mut self) {
        self.of.give_back(&self.whose, self.amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_part_and_all_together_have_no_more_than_there_is() {
        let shares = Shares::new(10, 4);
        let mut ana = shares.take(&"ana", 3).unwrap();
        assert_eq!(shares.take(&"ana", 2).err(), Some(NoShare::Own));
        ana.at_least(4).unwrap();
        assert_eq!(ana.at_least(5), Err(NoShare::Own));
        let _ben = shares.take(&"ben", 4).unwrap();
        let mut che = shares.take(&"che", 1).unwrap();
        assert_eq!(che.at_least(3), Err(NoShare::All));
        che.at_least(2).unwrap();
        drop(ana);
        che.at_least(4).unwrap();
    }

    #[test]
    fn whoever_has_given_everything_back_is_forgotten() {
        let shares = Shares::new(u64::MAX, 1);
        drop(shares.take(&"ana", 1));
        drop(shares.take(&"ana", 0));
        assert!(shares.taken().is_empty());
        let bytes = shares.take(&"ana", 1).unwrap().holding(vec![7; 9]);
        let part = bytes.slice(3..4);
        drop(bytes);
        assert!(shares.take(&"ana", 1).is_err(), "a part is still there");
        drop(part);
        assert!(shares.take(&"ana", 1).is_ok());
    }
}

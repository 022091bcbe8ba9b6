//! Turns of accounts: whoever asks for much waits for what they asked for themselves, and nobody else does.
//!
//! Whoever has a turn has a thread. All turns together are fewer than there are threads, so that what a turn waits for,
//! such as a store that reads, has threads as well. Among those who wait for a thread every account has as few as it
//! has turns, however many it asks for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use socai_domain::id::AccountId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::trouble::Trouble;

/// How many turns there are.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// At once.
    pub together: usize,
    /// Of one account at once.
    pub of_one_account: usize,
    /// Those of one account that are waited for.
    pub waiting: usize,
}

/// Turns, so many at once for each account.
pub struct Turns {
    limits: Limits,
    threads: Arc<Semaphore>,
    /// Of every account that has a turn or waits for one.
    queues: Mutex<BTreeMap<AccountId, Weak<Semaphore>>>,
}

/// A turn. It ends when it is dropped.
pub struct Turn {
    _of_the_account: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Turns {
    /// Turns within `limits`.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            threads: Arc::new(Semaphore::new(limits.together)),
            queues: Mutex::default(),
        }
    }

    /// The account's next turn, once it comes.
    ///
    /// # Errors
    ///
    /// [`Trouble::Unavailable`] where too many wait for one.
    pub async fn next(&self, account: &AccountId) -> Result<Turn, Trouble> {
        let of_the_account = self.queue(account)?.acquire_owned().await;
        let of_all = self.threads.clone().acquire_owned().await;
        Ok(Turn {
            _of_the_account: of_the_account.expect("nobody closes a queue"),
            _of_all: of_all.expect("nobody closes the threads"),
        })
    }

    /// The account's queue, which lives as long as somebody has a turn or waits for one.
    fn queue(&self, account: &AccountId) -> Result<Arc<Semaphore>, Trouble> {
        // What is kept under the lock is whole after every step of it.
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        queues.retain(|_, queue| queue.strong_count() > 0);
        let queue = queues.get(account).and_then(Weak::upgrade);
        let queue = queue.unwrap_or_else(|| Arc::new(Semaphore::new(self.limits.of_one_account)));
        let others = Arc::strong_count(&queue) - 1;
        if others >= self.limits.of_one_account + self.limits.waiting {
            let told =
                format!("{others} others of this account are at work or wait: ask again later");
            return Err(Trouble::Unavailable(told));
        }
        queues.insert(account.clone(), Arc::downgrade(&queue));
        Ok(queue)
    }
}

impl Turn {
    /// Does what computes for long on a thread of its own. The turn ends with it, also where nobody waits for it.
    pub async fn does<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let done = tokio::task::spawn_blocking(move || {
            let _turn = self;
            work()
        });
        done.await
            .unwrap_or_else(|fault| std::panic::resume_unwind(fault.into_panic()))
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    fn account(id: &str) -> AccountId {
        AccountId::new(id).unwrap()
    }

    fn turns(of_one_account: usize, waiting: usize) -> Turns {
        Turns::new(Limits {
            together: 4,
            of_one_account,
            waiting,
        })
    }

    /// Whether the turn has come after everything that can happen has happened.
    async fn has_come(next: &mut (impl Future<Output = Result<Turn, Trouble>> + Unpin)) -> bool {
        let mut come = false;
        tokio::select! {
            biased;
            turn = next => come = turn.is_ok(),
            () = tokio::task::yield_now() => {}
        }
        come
    }

    #[tokio::test]
    async fn an_account_waits_for_itself_and_for_nobody_else() {
        let (turns, ana, ben) = (turns(2, 1), account("ana"), account("ben"));
        let (first, _second) = (turns.next(&ana).await, turns.next(&ana).await);
        let mut third = pin!(turns.next(&ana));
        assert!(!has_come(&mut third).await);
        let fourth = turns.next(&ana).await;
        assert!(matches!(fourth, Err(Trouble::Unavailable(_))));
        assert!(turns.next(&ben).await.is_ok());
        drop(first);
        assert!(has_come(&mut third).await);
    }

    #[tokio::test]
    async fn all_turns_together_are_no_more_than_there_are_threads() {
        let turns = turns(2, 1);
        let of = async |id: &str| turns.next(&account(id)).await;
        let given = [
            of("ana").await,
            of("ana").await,
            of("ben").await,
            of("ben").await,
        ];
        assert!(given.iter().all(Result::is_ok));
        let chi = account("chi");
        let mut next = pin!(turns.next(&chi));
        assert!(!has_come(&mut next).await);
        drop(given);
        assert!(has_come(&mut next).await);
    }

    /// Whoever asked may go away: the thread is at work all the same.
    #[tokio::test]
    async fn a_turn_lasts_as_long_as_its_work() {
        let (turns, ana) = (turns(1, 1), account("ana"));
        let (begun, begins) = tokio::sync::oneshot::channel();
        let (end, ends) = std::sync::mpsc::channel();
        let first = turns.next(&ana).await.unwrap();
        let works = tokio::spawn(first.does(move || {
            begun.send(()).unwrap();
            let () = ends.recv().unwrap();
        }));
        begins.await.unwrap();
        works.abort();
        assert!(works.await.unwrap_err().is_cancelled());
        let mut second = pin!(turns.next(&ana));
        assert!(!has_come(&mut second).await);
        end.send(()).unwrap();
        assert!(second.await.is_ok());
    }

    #[tokio::test]
    async fn whoever_goes_away_waits_no_more_and_leaves_nothing() {
        let (turns, ana) = (turns(1, 1), account("ana"));
        let first = turns.next(&ana).await;
        {
            let mut second = pin!(turns.next(&ana));
            assert!(!has_come(&mut second).await);
        }
        drop(first);
        drop(turns.next(&ana).await);
        drop(turns.next(&account("ben")).await);
        let left = turns.queues.lock().unwrap().len();
        assert_eq!(left, 1, "the one used last is swept out by the next");
    }
}

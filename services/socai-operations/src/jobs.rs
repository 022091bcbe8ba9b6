//! Works that take longer than a request: begun, watched, cancelled, and their files fetched.
//!
//! ```text
//! waiting ──► running ──► done | failed | cancelled ──► forgotten, with its files, a day later
//! ```
//!
//! A job belongs to this process: it ends with it, and so do its files. What it recorded in the ledger stays, as does
//! what was recorded by a job that was cancelled. Deliberately absent: what a job does, and who may begin it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use socai_app::live::id_used;
use socai_domain::id::AccountId;
use socai_domain::permission::Reading;
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;
use tracing::{Instrument, Span};
use uuid::Uuid;

use crate::trouble::Trouble;

mod desk;
mod standing;
mod wish;

pub use desk::Desk;
pub use standing::{Made, Standing, State};
pub use wish::{Asked, Wish};

/// How many jobs there may be, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Jobs that run at once; further ones wait.
    pub running: usize,
    /// Jobs of one account that wait or run.
    pub of_one_account: usize,
    /// Jobs of one account that are known: of those that ended the earliest is forgotten for a new one.
    pub known_of_one_account: usize,
    /// Jobs that are known. Nobody's is forgotten for somebody else's.
    pub known: usize,
    /// How long a job is known after it ended.
    pub kept: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            running: 2,
            of_one_account: 8,
            known_of_one_account: 32,
            known: 512,
            kept: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// The jobs of this process.
#[derive(Clone)]
pub struct Jobs {
    shared: Arc<Shared>,
}

struct Shared {
    folder: PathBuf,
    limits: Limits,
    turns: Semaphore,
    known: Mutex<BTreeMap<Uuid, Job>>,
}

struct Job {
    owner: AccountId,
    asked: Asked,
    needs: &'static [Reading],
    standing: Standing,
    abort: AbortHandle,
}

/// Whose jobs somebody may see and cancel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// The jobs of this account.
    Of(AccountId),
    /// All.
    Everybodys,
}

impl Whose {
    fn has(&self, job: &Job) -> bool {
        match self {
            Self::Of(account) => job.owner == *account,
            Self::Everybodys => true,
        }
    }
}

impl Jobs {
    /// No jobs yet. `folder` is this process's own: what an earlier one left in it goes.
    ///
    /// # Errors
    ///
    /// Where it cannot be emptied or made.
    pub fn open(folder: &Path, limits: Limits) -> io::Result<Self> {
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        desk::make_folder(folder)?;
        let shared = Shared {
            folder: folder.to_owned(),
            limits,
            turns: Semaphore::new(limits.running),
            known: Mutex::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Begins a job. The same asked again by its id is the same job.
    ///
    /// # Errors
    ///
    /// [`Trouble::Unavailable`] where there are too many, [`Trouble::Refused`] where another job has the id.
    pub fn begin<F, W>(&self, wish: Wish, run: F) -> Result<Standing, Trouble>
    where
        F: FnOnce(Desk) -> W,
        W: Future<Output = Result<(), Trouble>> + Send + 'static,
    {
        let (id, work) = (wish.id, wish.asked.work);
        let mut known = self.shared.known();
        if let Some(job) = known.get(&id) {
            return job.again(&wish);
        }
        self.shared.make_room(&mut known, &wish.owner)?;
        let run = run(Desk::new(self.shared.clone(), id));
        let abort = self.shared.spawn(id, run.instrument(span(id, work)));
        let standing = Standing::new(id, work);
        let job = Job {
            owner: wish.owner,
            asked: wish.asked,
            needs: wish.needs,
            standing: standing.clone(),
            abort,
        };
        known.insert(id, job);
        Ok(standing)
    }

    /// How the jobs that `whose` names stand, in the order in which they were asked for.
    pub fn list(&self, whose: &Whose) -> Vec<Standing> {
        let known = self.shared.known();
        let seen = known.values().filter(|job| whose.has(job));
        let mut found: Vec<Standing> = seen.map(|job| job.standing.clone()).collect();
        found.sort_by_key(|standing| (standing.asked, standing.id));
        found
    }

    /// How many jobs there are in each state, whosever they are.
    pub fn in_states(&self) -> Vec<(State, u64)> {
        let known = self.shared.known();
        let count = |state: State| {
            known
                .values()
                .filter(|job| job.standing.state == state)
                .count()
        };
        State::ALL.map(|state| (state, count(state) as u64)).into()
    }

    /// How a job stands.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotFound`].
    pub fn get(&self, id: Uuid, whose: &Whose) -> Result<Standing, Trouble> {
        let known = self.shared.known();
        let job = known.get(&id).filter(|job| whose.has(job));
        job.map(|job| job.standing.clone())
            .ok_or_else(|| not_there(id))
    }

    /// What it takes to have what a job makes.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotFound`].
    pub fn needs(&self, id: Uuid, whose: &Whose) -> Result<&'static [Reading], Trouble> {
        let known = self.shared.known();
        let job = known.get(&id).filter(|job| whose.has(job));
        job.map(|job| job.needs).ok_or_else(|| not_there(id))
    }

    /// Ends a job before its time; one that has ended stays as it is.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotFound`].
    pub fn cancel(&self, id: Uuid, whose: &Whose) -> Result<(), Trouble> {
        let known = self.shared.known();
        let job = known.get(&id).filter(|job| whose.has(job));
        job.ok_or_else(|| not_there(id))?.abort.abort();
        Ok(())
    }

    /// Where the file called `name` of a job is. The path is made of what the job is known to have made, never of what
    /// somebody typed.
    ///
    /// # Errors
    ///
    /// [`Trouble::NotFound`].
    pub fn file(&self, id: Uuid, name: &str, whose: &Whose) -> Result<(PathBuf, Made), Trouble> {
        let standing = self.get(id, whose)?;
        let made = standing.files.into_iter().find(|made| made.name == name);
        let made = made.ok_or_else(|| Trouble::NotFound {
            parameter: "name".into(),
            sentence: format!("the job {id} has made no file of this name"),
        })?;
        Ok((self.shared.folder_of(id).join(made.name), made))
    }
}

fn not_there(id: Uuid) -> Trouble {
    Trouble::NotFound {
        parameter: "id".into(),
        sentence: format!("no job {id} is known to this process: they are kept for a day"),
    }
}

impl Job {
    fn again(&self, wish: &Wish) -> Result<Standing, Trouble> {
        if self.owner == wish.owner && self.asked == wish.asked {
            return Ok(self.standing.clone());
        }
        Err(Trouble::Refused(id_used(wish.id)))
    }
}

impl Shared {
    fn known(&self) -> MutexGuard<'_, BTreeMap<Uuid, Job>> {
        // What is kept under the lock is whole after every step of it.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn folder_of(&self, id: Uuid) -> PathBuf {
        self.folder.join(id.simple().to_string())
    }

    fn make_room(&self, known: &mut BTreeMap<Uuid, Job>, owner: &AccountId) -> Result<(), Trouble> {
        let own = known.values().filter(|job| job.owner == *owner);
        let (ended, at_work): (Vec<&Standing>, Vec<&Standing>) = own
            .map(|job| &job.standing)
            .partition(|standing| standing.state.has_ended());
        let (ended_earliest, at_work, own) = (
            ended.iter().min_by_key(|standing| standing.ended),
            at_work.len(),
            ended.len() + at_work.len(),
        );
        if at_work >= self.limits.of_one_account {
            let sentence =
                format!("{at_work} jobs of this account wait or run: wait for one to end");
            return Err(Trouble::Unavailable(sentence));
        }
        if own < self.limits.known_of_one_account && known.len() < self.limits.known {
            return Ok(());
        }
        let earliest = ended_earliest.map(|standing| standing.id);
        let earliest = earliest.ok_or_else(|| {
            Trouble::Unavailable("too many jobs are known: ask again later".to_owned())
        })?;
        known.remove(&earliest);
        self.clear(earliest);
        Ok(())
    }

    /// Lets the job run in its turn, and forgets it when its time has come.
    fn spawn(
        self: &Arc<Self>,
        id: Uuid,
        run: impl Future<Output = Result<(), Trouble>> + Send + 'static,
    ) -> AbortHandle {
        let shared = self.clone();
        let running = tokio::spawn(async move {
            let turn = shared.turns.acquire().await;
            let _turn = turn.expect("turns are given as long as there are jobs");
            shared.change(id, |standing| standing.state = State::Running);
            run.await
        });
        let (abort, shared) = (running.abort_handle(), self.clone());
        tokio::spawn(async move {
            let (state, problem) = match running.await {
                Ok(Ok(())) => (State::Done, None),
                Ok(Err(trouble)) => (State::Failed, Some(trouble.to_string())),
                Err(ended) if ended.is_cancelled() => (State::Cancelled, None),
                Err(_) => {
                    let told = "a fault of the program, told in its log".to_owned();
                    (State::Failed, Some(told))
                }
            };
            let now = Timestamp::now();
            tracing::info!(job_id = %id, ?state, "a job has ended");
            shared.change(id, |standing| standing.end(state, problem, now));
            tokio::time::sleep(shared.limits.kept).await;
            shared.forget(id, now);
        });
        abort
    }

    /// Forgets the job that ended then, unless another of this id was begun since.
    fn forget(&self, id: Uuid, ended: Timestamp) {
        let mut known = self.known();
        let same = |job: &Job| job.standing.ended == Some(ended);
        if known.get(&id).is_some_and(same) {
            known.remove(&id);
            self.clear(id);
        }
    }

    fn change(&self, id: Uuid, change: impl FnOnce(&mut Standing)) {
        if let Some(job) = self.known().get_mut(&id) {
            change(&mut job.standing);
        }
    }

    /// Removes the files of a job; where that fails, the next process removes them.
    fn clear(&self, id: Uuid) {
        let _ = std::fs::remove_dir_all(self.folder_of(id));
    }
}

/// The span of a job, which outlives the request that it was begun by and is only linked to it. The line that says that
/// it begins stands in the request's.
fn span(job_id: Uuid, work: &'static str) -> Span {
    tracing::info!(%job_id, work, "a job begins");
    let span = tracing::error_span!(parent: None, "job", otel.name = work, %job_id, work);
    span.follows_from(Span::current());
    span
}

#[cfg(test)]
mod tests;

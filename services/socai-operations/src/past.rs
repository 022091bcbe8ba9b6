//! The image as it was known earlier, folded from the log.
//!
//! The live image stands at the end of the log and does not go back. What was known at an earlier position is folded
//! again, from the nearest image there is, on a thread of its own, as long as somebody waits for it; several who ask for
//! one position wait for one folding. At most [`KEPT_MAX`] images are kept and [`FOLDED_AT_ONCE`] are being folded, of
//! each account one after the other; each is as large as the live one at most. Besides those there are only the ones
//! that answers are being made from. Deliberately absent: what is asked of an image.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use socai_app::history::known_at;
use socai_app::ledger::{LoadError, fold_until};
use socai_app::live::Live;
use socai_app::snapshots::Snapshots;
use socai_domain::id::AccountId;
use socai_ledger::image::Image;
use socai_store::Position;
use tokio::runtime::Handle;
use tokio::sync::OnceCell;

use crate::known_at::KnownAt;
use crate::trouble::Trouble;
use crate::turns::{Limits, Turn, Turns};

/// Images that are kept, those used last.
pub const KEPT_MAX: usize = 4;

/// Images that are folded at once.
pub const FOLDED_AT_ONCE: usize = 2;

/// Who folds when.
const FOLDED: Limits = Limits {
    together: FOLDED_AT_ONCE,
    of_one_account: 1,
    waiting: 32,
};

/// Records that are folded before is looked whether somebody still waits.
const STEP: u64 = 4_096;

/// What a process knows of earlier times.
#[derive(Clone)]
pub struct Past {
    shared: Arc<Shared>,
}

struct Shared {
    live: Arc<Live>,
    snapshots: Option<Snapshots>,
    turns: Turns,
    /// The ones used last stand last.
    kept: Mutex<Vec<Kept>>,
}

#[derive(Clone)]
struct Kept {
    position: Position,
    image: Arc<OnceCell<Arc<Image>>>,
}

impl Past {
    /// The past of the ledger that `live` follows. `snapshots` are of it, where there are any.
    pub fn new(live: Arc<Live>, snapshots: Option<Snapshots>) -> Self {
        let shared = Shared {
            live,
            snapshots,
            turns: Turns::new(FOLDED),
            kept: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The image as it was known then, for an account, in its turn.
    ///
    /// # Errors
    ///
    /// [`Trouble::Parameter`] where the ledger does not reach so far, [`Trouble::Unavailable`] where the account waits
    /// for too many; else as the ledger is.
    pub async fn at(&self, known: KnownAt, who: &AccountId) -> Result<Arc<Image>, Trouble> {
        let position = self.position(known).await?;
        if let Some(image) = self.shared.folded(position) {
            return Ok(image);
        }
        let turn = self.shared.turns.next(who).await?;
        let kept = self.shared.kept_at(position);
        // Where whoever folds goes away, the next who waits folds.
        let image = kept
            .image
            .get_or_try_init(|| self.shared.fold(position, turn));
        image.await.cloned()
    }

    /// The image as it is now.
    ///
    /// # Errors
    ///
    /// As [`Past::at`].
    pub async fn now(&self, who: &AccountId) -> Result<Arc<Image>, Trouble> {
        let position = self.shared.live.image().position();
        self.at(KnownAt::Position(position.0), who).await
    }

    async fn position(&self, known: KnownAt) -> Result<Position, Trouble> {
        match known {
            KnownAt::Position(position) => {
                let end = self.shared.live.image().position();
                if position > end.0 {
                    return Err(Trouble::Parameter {
                        parameter: "known_at".into(),
                        sentence: format!("{position}: the ledger ends at position {end}"),
                    });
                }
                Ok(Position(position))
            }
            KnownAt::Time(time) => Ok(known_at(&**self.shared.live.store(), time).await?),
        }
    }
}

impl Shared {
    fn kept(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The image at `position`, where there is one.
    fn folded(&self, position: Position) -> Option<Arc<Image>> {
        let there = self.kept().iter().any(|kept| kept.position == position);
        there.then(|| self.kept_at(position).image.get().cloned())?
    }

    /// The place of the image at `position`, which becomes the one used last.
    fn kept_at(&self, position: Position) -> Kept {
        let mut kept = self.kept();
        let found = kept.iter().position(|kept| kept.position == position);
        let one = match found {
            Some(at) => kept.remove(at),
            None => Kept {
                position,
                image: Arc::default(),
            },
        };
        kept.push(one.clone());
        let over = kept.len().saturating_sub(KEPT_MAX);
        kept.drain(..over);
        one
    }

    async fn fold(self: &Arc<Self>, position: Position, turn: Turn) -> Result<Arc<Image>, Trouble> {
        let wanted = Arc::new(());
        let (shared, still) = (self.clone(), Arc::downgrade(&wanted));
        let runtime = Handle::current();
        let folding = turn.does(move || shared.fold_while(&still, position, &runtime));
        let folded = folding.await?;
        drop(wanted);
        Ok(Arc::new(folded.expect("it is wanted up to here")))
    }

    /// Folds up to `position`, as long as it is wanted.
    fn fold_while(
        &self,
        wanted: &Weak<()>,
        position: Position,
        runtime: &Handle,
    ) -> Result<Option<Image>, LoadError> {
        let store = &**self.live.store();
        let mut nearest = None;
        while wanted.strong_count() > 0 {
            let image = nearest.take().unwrap_or_else(|| self.nearest(position));
            let from = image.position();
            let until = position.min(Position(from.0 + STEP));
            let image = runtime.block_on(fold_until(store, image, Some(until)))?;
            if image.position() == position || image.position() == from {
                return Ok(Some(image));
            }
            nearest = Some(image);
        }
        Ok(None)
    }

    /// The latest image at `position` or before.
    fn nearest(&self, position: Position) -> Image {
        {
            let now = self.live.image();
            if now.position() == position {
                return now.clone();
            }
        }
        let before = |kept: &&Kept| kept.position <= position && kept.image.initialized();
        let in_memory = {
            let kept = self.kept();
            let nearest = kept.iter().filter(before).max_by_key(|kept| kept.position);
            nearest.and_then(|kept| kept.image.get().cloned())
        };
        let snapshots = self.snapshots.as_ref();
        let on_disk =
            snapshots.and_then(|snapshots| snapshots.kept(Some(position)).into_iter().next());
        let at = |image: &Arc<Image>| image.position();
        match (in_memory, on_disk) {
            (Some(image), Some(kept)) if kept.position <= at(&image) => (*image).clone(),
            (Some(image), None) => (*image).clone(),
            (image, Some(kept)) => {
                let other = || image.map(|image| (*image).clone());
                kept.read().or_else(other).unwrap_or_default()
            }
            (None, None) => Image::new(),
        }
    }
}

#[cfg(test)]
mod tests;

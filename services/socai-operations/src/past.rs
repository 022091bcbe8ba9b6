//! The image as it was known earlier, folded from the log.
//!
//! The live image stands at the end of the log and does not go back. What was known at an earlier position is folded
//! again, from the nearest image there is, on a thread of its own; several who ask for one position wait for one
//! folding, which goes on where they leave. At most [`KEPT_MAX`] images are kept and [`FOLDED_AT_ONCE`] are being
//! folded, each as large as the live one at most; besides those there are only the ones that answers are being made
//! from. Deliberately absent: what is asked of an image.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use socai_app::history::known_at;
use socai_app::ledger::fold_until;
use socai_app::live::Live;
use socai_app::snapshots::Snapshots;
use socai_ledger::image::Image;
use socai_store::Position;
use tokio::sync::{OnceCell, Semaphore};

use crate::known_at::KnownAt;
use crate::trouble::Trouble;

/// Images that are kept, those used last.
pub const KEPT_MAX: usize = 4;

/// Images that are folded at once.
pub const FOLDED_AT_ONCE: usize = 2;

/// What a process knows of earlier times.
#[derive(Clone)]
pub struct Past {
    shared: Arc<Shared>,
}

struct Shared {
    live: Arc<Live>,
    snapshots: Option<Snapshots>,
    turns: Semaphore,
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
            turns: Semaphore::new(FOLDED_AT_ONCE),
            kept: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The image as it was known then.
    ///
    /// # Errors
    ///
    /// [`Trouble::Parameter`] where the ledger does not reach so far; else as the ledger is.
    pub async fn at(&self, known: KnownAt) -> Result<Arc<Image>, Trouble> {
        let position = self.position(known).await?;
        let kept = self.shared.kept_at(position);
        let shared = self.shared.clone();
        // Whoever goes away does not keep others from what they wait for.
        let folding = tokio::spawn(async move {
            let image = kept.image.get_or_try_init(|| shared.fold(position));
            image.await.cloned()
        });
        folding.await.expect("a folding does not panic")
    }

    /// The image as it is now.
    ///
    /// # Errors
    ///
    /// As [`Past::at`].
    pub async fn now(&self) -> Result<Arc<Image>, Trouble> {
        let position = self.shared.live.image().position();
        self.at(KnownAt::Position(position.0)).await
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

    async fn fold(self: &Arc<Self>, position: Position) -> Result<Arc<Image>, Trouble> {
        let turn = self.turns.acquire().await;
        let _turn = turn.expect("turns are given as long as there is a past");
        let (shared, runtime) = (self.clone(), tokio::runtime::Handle::current());
        let folded = tokio::task::spawn_blocking(move || {
            let nearest = shared.nearest(position);
            runtime.block_on(fold_until(&**shared.live.store(), nearest, Some(position)))
        });
        let folded = folded.await.expect("a fold answers what does not fit");
        Ok(Arc::new(folded?))
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

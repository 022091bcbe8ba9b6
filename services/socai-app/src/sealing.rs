//! Sealing for a program that records and exits: beside its work, and to the end before it goes.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::sealer::{Seal, SealError, Sealed, Sealer, Standing};

/// How often is looked for something new, beside work that takes long.
const EVERY: Duration = Duration::from_millis(500);

/// What came of sealing everything that there is.
#[derive(Debug, Clone, PartialEq)]
pub enum Ended {
    /// Everything recorded is sealed; the last checkpoint, if anything is recorded.
    Sealed(Option<Sealed>),
    /// Another process seals.
    ByAnother(Seal),
}

/// Seals everything that is recorded, now.
///
/// # Errors
///
/// [`SealError`]. What was recorded stays recorded, and is sealed by whoever seals next.
pub async fn to_the_end(sealer: &mut Sealer) -> Result<Ended, SealError> {
    loop {
        match sealer.step(Timestamp::now()).await? {
            Standing::Sealing {
                sealed,
                level: true,
                ..
            } => return Ok(Ended::Sealed(sealed)),
            Standing::StandingBy(seal) => return Ok(Ended::ByAnother(seal)),
            // Whoever has witnesses to ask does so between steps of its own.
            Standing::Asking(_) => sealer.may_sign(),
            Standing::Sealing { level: false, .. } | Standing::Lost => {}
        }
    }
}

/// A sealer that works beside something else. Dropped without being finished it ends, and what was recorded last is
/// not sealed.
#[derive(Debug)]
pub struct Beside {
    finish: oneshot::Sender<()>,
    task: JoinHandle<Result<Ended, SealError>>,
}

impl Beside {
    /// Lets `sealer` work.
    pub fn start(sealer: Sealer) -> Self {
        let (finish, asked) = oneshot::channel();
        let task = tokio::spawn(work(sealer, asked));
        Self { finish, task }
    }

    /// Seals to the end, and no further.
    ///
    /// # Errors
    ///
    /// As [`to_the_end`].
    pub async fn finish(self) -> Result<Ended, SealError> {
        // The task listens until it has ended, and it ends with what it is asked for here.
        let _ = self.finish.send(());
        self.task.await.expect("no step of a sealer panics")
    }
}

/// Steps every so often until it is asked for the end. What refuses meanwhile refuses then as well.
async fn work(mut sealer: Sealer, mut asked: oneshot::Receiver<()>) -> Result<Ended, SealError> {
    let mut refused = None;
    loop {
        match tokio::time::timeout(EVERY, &mut asked).await {
            Ok(Ok(())) => break,
            Ok(Err(_)) => return Ok(Ended::Sealed(None)),
            Err(_) if refused.is_some() => {}
            Err(_) => {
                let stepped = sealer.step(Timestamp::now()).await;
                refused = stepped.err().filter(|error| !error.is_passing());
            }
        }
    }
    match refused {
        Some(error) => Err(error),
        None => to_the_end(&mut sealer).await,
    }
}

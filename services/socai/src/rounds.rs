//! The rounds in which witnesses are asked, beside a sealer that seals on.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use socai_app::cosigning::{Answer, Collected, CosignError, Cosigning};
use socai_app::sealer::Sealed;
use tokio::task::JoinHandle;

/// What a round came to, and who asks in the next one.
type Asked = (Box<Cosigning>, Result<Collected, CosignError>);

/// Rounds with a pause between.
pub(crate) struct Rounds {
    pause: Duration,
    now: Now,
}

enum Now {
    /// Nobody is to be asked.
    Nobody,
    /// The next round begins then.
    Resting(Box<Cosigning>, Instant),
    Asking(JoinHandle<Asked>),
}

impl Rounds {
    /// Rounds of `cosigning`, the first of them at once, each so long after the one before.
    pub(crate) fn new(cosigning: Option<Cosigning>, pause: Duration) -> Self {
        let resting = |cosigning| Now::Resting(Box::new(cosigning), Instant::now());
        let now = cosigning.map_or(Now::Nobody, resting);
        Self { pause, now }
    }

    /// Begins a round over `sealed` where one is due, and says what the last one came to where it has ended:
    /// whether cosignatures were added.
    ///
    /// # Errors
    ///
    /// [`CosignError`] where a witness holds something against this ledger. What passes is logged.
    pub(crate) async fn go_on(&mut self, sealed: &Sealed) -> Result<bool, CosignError> {
        match std::mem::replace(&mut self.now, Now::Nobody) {
            Now::Nobody => Ok(false),
            Now::Resting(cosigning, next) if next > Instant::now() => {
                self.now = Now::Resting(cosigning, next);
                Ok(false)
            }
            Now::Resting(mut cosigning, _) => {
                let sealed = sealed.clone();
                self.now = Now::Asking(tokio::spawn(async move {
                    let collected = cosigning.collect(&sealed, Timestamp::now()).await;
                    (cosigning, collected)
                }));
                Ok(false)
            }
            Now::Asking(round) if !round.is_finished() => {
                self.now = Now::Asking(round);
                Ok(false)
            }
            Now::Asking(round) => {
                let (cosigning, collected) = round.await.expect("no round panics");
                self.now = Now::Resting(cosigning, Instant::now() + self.pause);
                tell(collected)
            }
        }
    }
}

/// Logs what came of a round, and says whether cosignatures were added.
fn tell(collected: Result<Collected, CosignError>) -> Result<bool, CosignError> {
    let Collected { entry, answers, .. } = match collected {
        Ok(collected) => collected,
        Err(error) if error.is_passing() => {
            let error = format!("{:#}", anyhow::anyhow!(error));
            tracing::warn!(%error, "no cosignatures were collected; the next round tries again");
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    for (witness, answer) in answers {
        match answer {
            Answer::Standing | Answer::Cosigned { .. } => {}
            Answer::Nothing { why } => tracing::warn!(%witness, %why, "not cosigned"),
        }
    }
    Ok(entry.is_some())
}

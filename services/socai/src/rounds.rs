//! Rounds of asking witnesses, beside a sealer that goes on sealing meanwhile.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use socai_app::cosigning::{Alarm, Answer, Collected, CosignError, Cosigning};
use socai_app::sealer::{Ports, Sealed};
use tokio::task::JoinHandle;
use tracing::Instrument;

use crate::{config, witnesses};

/// Rounds, one after the other.
pub(crate) struct Rounds {
    every: Duration,
    begun: Option<Instant>,
    /// What asks, between two rounds.
    between: Option<Box<Cosigning>>,
    /// The round that is under way.
    asking: Option<JoinHandle<Round>>,
}

/// A round that has come to its end, and what asks in the next one.
struct Round {
    cosigning: Box<Cosigning>,
    brought: Result<Collected, CosignError>,
}

/// What became of the rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Brought {
    /// The log of checkpoints has another entry.
    Cosignatures,
    /// Nothing that has to be looked at.
    Nothing,
}

impl Rounds {
    /// Rounds as `settings` describe them; `None` where no witness is named.
    ///
    /// # Errors
    ///
    /// What is wrong with a witness's address or key.
    pub(crate) fn new(settings: &config::Sealer, ports: &Ports) -> anyhow::Result<Option<Self>> {
        let cosigning = witnesses::cosigning(settings, ports)?;
        Ok(cosigning.map(|cosigning| Self {
            every: Duration::from_secs(settings.cosign_seconds.into()),
            begun: None,
            between: Some(Box::new(cosigning)),
            asking: None,
        }))
    }

    /// Takes in a round that has ended, and begins one about `sealed` where one is due.
    ///
    /// # Errors
    ///
    /// An alarm of a witness: no more may be sealed.
    pub(crate) async fn go_on(&mut self, sealed: &Sealed) -> Result<Brought, Alarm> {
        let ended = self.asking.take_if(|round| round.is_finished());
        let brought = match ended {
            Some(ended) => self.take_in(ended.await.expect("no round panics"))?,
            None => Brought::Nothing,
        };
        if self.begun.is_none_or(|begun| begun.elapsed() >= self.every) {
            self.begin(sealed, Whom::Those);
        }
        Ok(brought)
    }

    /// Asks every witness about `sealed`, and waits for what they say, at most for `patience`.
    ///
    /// # Errors
    ///
    /// As [`go_on`](Self::go_on).
    pub(crate) async fn first(
        &mut self,
        sealed: &Sealed,
        patience: Duration,
    ) -> Result<Brought, Alarm> {
        // One that is under way need not ask those who cosigned lately.
        let under_way = self.ended_within(patience).await?;
        self.begin(sealed, Whom::All);
        let first = self.ended_within(patience).await?;
        Ok(match under_way {
            Brought::Cosignatures => under_way,
            Brought::Nothing => first,
        })
    }

    /// What the round brought that is under way, where it ends within `patience`.
    async fn ended_within(&mut self, patience: Duration) -> Result<Brought, Alarm> {
        let Some(mut round) = self.asking.take() else {
            return Ok(Brought::Nothing);
        };
        match tokio::time::timeout(patience, &mut round).await {
            Ok(ended) => self.take_in(ended.expect("no round panics")),
            Err(_) => {
                tracing::warn!("not every witness has answered; it is sealed, and asked on");
                self.asking = Some(round);
                Ok(Brought::Nothing)
            }
        }
    }

    fn begin(&mut self, sealed: &Sealed, whom: Whom) {
        if let Some(cosigning) = self.between.take() {
            self.begun = Some(Instant::now());
            let span = tracing::error_span!("cosign", role = "sealer", size = sealed.size);
            let asking = ask(cosigning, sealed.clone(), whom).instrument(span);
            self.asking = Some(tokio::spawn(asking));
        }
    }

    fn take_in(&mut self, round: Round) -> Result<Brought, Alarm> {
        self.between = Some(round.cosigning);
        told(round.brought)
    }
}

/// Who is asked in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whom {
    /// Those that did not cosign the checkpoint lately.
    Those,
    /// All of them.
    All,
}

async fn ask(mut cosigning: Box<Cosigning>, sealed: Sealed, whom: Whom) -> Round {
    let now = Timestamp::now();
    let brought = match whom {
        Whom::Those => cosigning.collect(&sealed, now).await,
        Whom::All => cosigning.collect_from_all(&sealed, now).await,
    };
    Round { cosigning, brought }
}

/// Says what a round brought, in the log of the process.
fn told(brought: Result<Collected, CosignError>) -> Result<Brought, Alarm> {
    let collected = match brought {
        Ok(collected) => collected,
        Err(CosignError::Alarm(alarm)) => return Err(alarm),
        Err(error) => {
            let error = format!("{:#}", anyhow::anyhow!(error));
            tracing::warn!(error, "no cosignatures; the next round asks again");
            return Ok(Brought::Nothing);
        }
    };
    for (witness, answer) in &collected.answers {
        match answer {
            Answer::Standing | Answer::Cosigned { .. } => {}
            Answer::Nothing { why } => tracing::warn!(witness, why, "no cosignature"),
        }
    }
    Ok(match collected.entry {
        Some(_) => Brought::Cosignatures,
        None => Brought::Nothing,
    })
}

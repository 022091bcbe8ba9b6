//! Several commands at once: rehearsed, or recorded all or not at all.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use socai_domain::command::{Decision, decide};
use socai_domain::draft::Draft;
use socai_domain::origin::Origin;
use socai_domain::permission::permit;
use socai_domain::refusal::Refused;
use socai_ledger::image::Image;
use socai_store::{Append, AppendError, BATCH_EVENTS_MAX, StreamAppend};
use tracing::Instrument;
use uuid::Uuid;

use super::recent::{Place, id_used};
use super::{DECISIONS_MAX, ExecuteError, Live, Right, Shared, told};
use crate::compose::{self, Said, Stamp};
use crate::ledger::{Outcome, Rehearsal, Written};
use crate::request::Request;

/// Why nothing was recorded of several commands.
#[derive(Debug, thiserror::Error)]
pub enum TogetherError {
    /// One command is refused.
    #[error("{refused}")]
    Refused {
        /// Which, counted from 0.
        index: usize,
        /// Why.
        refused: Refused,
    },
    /// One append has no room for so many.
    #[error("more than the {BATCH_EVENTS_MAX} events that are recorded all or nothing")]
    TooMany,
    /// They have no outcome. Only an unknown outcome of the append may have recorded anything.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
}

impl Live {
    /// Decides commands, each as if those before it had been recorded and as far as its account may ask it, and
    /// records nothing. What was recorded under an id that is asked again is not looked at.
    pub fn rehearse(&self, asked: &[(Request, Origin)]) -> Rehearsal {
        let image = self.image();
        let mut draft = Draft::on(image.registry(), &*image);
        let mut rehearsal = Rehearsal::default();
        for (request, origin) in asked {
            let decided = decide_next(&mut draft, request, origin);
            rehearsal.events += decided.as_ref().map_or(0, Decision::events);
            rehearsal.decided.push(decided);
        }
        rehearsal
    }

    /// Records every command in one append, or none: each decided as if those before it had been recorded, and as
    /// far as its account may ask it. A command that was recorded under its id before is answered as it was then.
    ///
    /// # Errors
    ///
    /// [`TogetherError`]; only an unknown outcome of the append may have recorded anything.
    pub async fn execute_together(
        &self,
        asked: &[(Request, Origin)],
    ) -> Result<Vec<Outcome>, TogetherError> {
        let asked = Asked::each(asked)?;
        let ids: Vec<Uuid> = asked.iter().map(|one| one.id).collect();
        let recorded = async {
            let done = self.run_together(asked).await;
            told::became_of_many(&ids, &done);
            done
        };
        recorded.instrument(told::span_of_many(ids.len())).await
    }

    async fn run_together(&self, mut asked: Vec<Asked<'_>>) -> Result<Vec<Outcome>, TogetherError> {
        for _ in 0..DECISIONS_MAX {
            self.shared.check()?;
            let batch = match self.shared.draft(&asked)? {
                Drafted::Known(places) => {
                    self.shared.answer(places, &mut asked).await?;
                    continue;
                }
                Drafted::Batch(batch) => batch,
            };
            match self.shared.record(&batch.append).await {
                Ok(written) => return Ok(batch.outcomes(written, asked)),
                Err(ExecuteError::Append(AppendError::Conflict { .. })) => {
                    self.caught_up().await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(ExecuteError::Contended.into())
    }
}

/// One command of several.
struct Asked<'a> {
    request: &'a Request,
    origin: &'a Origin,
    id: Uuid,
    said: Said,
    /// What became of it earlier.
    before: Option<Outcome>,
}

impl<'a> Asked<'a> {
    fn each(asked: &'a [(Request, Origin)]) -> Result<Vec<Self>, TogetherError> {
        let (mut ids, mut each) = (BTreeSet::new(), Vec::new());
        for (index, (request, origin)) in asked.iter().enumerate() {
            let id = request.id.unwrap_or_else(Uuid::now_v7);
            if !ids.insert(id) {
                let refused = id_used(id);
                return Err(TogetherError::Refused { index, refused });
            }
            each.push(Self {
                request,
                origin,
                id,
                said: Said::of(request, &origin.actor),
                before: None,
            });
        }
        Ok(each)
    }
}

enum Drafted {
    /// Some were recorded before: which, and where.
    Known(Vec<(usize, Place)>),
    /// What is to be appended.
    Batch(Batch),
}

/// Decisions as one append.
#[derive(Default)]
struct Batch {
    append: Append,
    /// By event: of which command it is.
    of: HashMap<Uuid, usize>,
    /// By stream: how many events are appended.
    grown: HashMap<String, u64>,
    at: Timestamp,
}

impl Batch {
    fn add(&mut self, index: usize, asked: &Asked<'_>, decision: &Decision, base: &Base<'_>) {
        self.at = self.at.max(compose::recorded_at(base.image, asked.origin));
        let stamp = Stamp {
            source: base.source,
            actor: &asked.origin.actor,
            at: self.at,
            command: asked.id,
            said: Some(asked.said),
            synthetic: asked.request.synthetic,
        };
        let mut first = 0;
        for (subject, events) in &decision.writes {
            let name = subject.to_string();
            let expected = base.image.revision(&name);
            let grown = self.grown.entry(name).or_default();
            let write = compose::stream(&stamp, subject, expected + *grown, first, events);
            *grown += events.len() as u64;
            first += events.len();
            self.of
                .extend(write.events.iter().map(|event| (event.id, index)));
            self.put(write);
        }
    }

    /// The events of one stream stand together.
    fn put(&mut self, write: StreamAppend) {
        let mut writes = self.append.writes.iter_mut();
        match writes.find(|known| known.stream == write.stream) {
            Some(known) => known.events.extend(write.events),
            None => self.append.writes.push(write),
        }
    }

    fn outcomes(&self, written: Vec<Written>, asked: Vec<Asked<'_>>) -> Vec<Outcome> {
        let before = asked.into_iter().map(|asked| asked.before);
        let mut outcomes: Vec<Outcome> = before
            .map(|before| before.unwrap_or(Outcome::Unchanged))
            .collect();
        for one in written {
            match &mut outcomes[self.of[&one.id]] {
                Outcome::Recorded(all) => all.push(one),
                outcome => *outcome = Outcome::Recorded(vec![one]),
            }
        }
        outcomes
    }
}

/// What a batch is composed on.
struct Base<'a> {
    image: &'a Image,
    source: &'a str,
}

impl Shared {
    fn draft(&self, asked: &[Asked<'_>]) -> Result<Drafted, TogetherError> {
        let _deciding = tracing::debug_span!("decide").entered();
        let image = self.image();
        let new = || {
            asked
                .iter()
                .enumerate()
                .filter(|(_, one)| one.before.is_none())
        };
        let known = new().filter_map(|(index, one)| Some((index, self.known(one.id)?)));
        let known: Vec<(usize, Place)> = known.collect();
        if !known.is_empty() {
            return Ok(Drafted::Known(known));
        }
        let base = Base {
            image: &image,
            source: &self.source,
        };
        let (mut draft, mut batch) = (Draft::on(image.registry(), &*image), Batch::default());
        for (index, one) in new() {
            let decision = decide_next(&mut draft, one.request, one.origin);
            let decision = decision.map_err(|refused| TogetherError::Refused { index, refused })?;
            batch.add(index, one, &decision, &base);
            if batch.of.len() > BATCH_EVENTS_MAX {
                return Err(TogetherError::TooMany);
            }
        }
        Ok(Drafted::Batch(batch))
    }

    /// Answers those that were recorded before.
    async fn answer(
        &self,
        places: Vec<(usize, Place)>,
        asked: &mut [Asked<'_>],
    ) -> Result<(), TogetherError> {
        for (index, place) in places {
            let one = &mut asked[index];
            let told = place.tell(&*self.store, one.id, one.said).await;
            let told = told.map_err(ExecuteError::from)?;
            match self.or_may_not(told, one.request, one.origin, Right::Account) {
                Outcome::Refused(refused) => return Err(TogetherError::Refused { index, refused }),
                outcome => one.before = Some(outcome),
            }
        }
        Ok(())
    }
}

/// Decides a command on a draft, and tells the draft.
fn decide_next(
    draft: &mut Draft<'_>,
    request: &Request,
    origin: &Origin,
) -> Result<Decision, Refused> {
    let asking = draft.asking(request.effective, origin);
    permit(&request.command, &asking)?;
    let decision = decide(&request.command, &asking)?;
    let told = draft.tell(&decision, &origin.actor);
    told.expect("what was decided follows from what it was decided against");
    Ok(decision)
}

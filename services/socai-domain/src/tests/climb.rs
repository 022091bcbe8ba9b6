//! A ladder: each rung mends what the rung before was refused for, so that it reads as the order in
//! which the rules apply. At the top the command is accepted, and asking twice is harmless.

use serde_json::Value;

use super::given::{Given, Step, Told, day, given};
use crate::refusal::Refused;

/// A command on its way up.
pub(crate) struct Climb {
    given: Given,
    asked: Step,
    /// The codes met, in order.
    pub(crate) codes: Vec<&'static str>,
    from: usize,
    /// Every command asked or recorded on the way.
    pub(crate) steps: Vec<Step>,
    /// Every event that followed, on the way or at the top.
    pub(crate) told: Vec<Told>,
}

/// The command `asked`, after everything in `history` was accepted.
#[track_caller]
pub(crate) fn ladder(history: impl IntoIterator<Item = Step>, asked: Step) -> Climb {
    let steps: Vec<Step> = history.into_iter().collect();
    Climb {
        given: given(steps.clone()),
        asked,
        codes: Vec::new(),
        from: 0,
        steps,
        told: Vec::new(),
    }
}

impl Climb {
    /// The ledger says no for this reason.
    #[track_caller]
    pub(crate) fn refused(mut self, refusal: impl Into<Refused>) -> Self {
        let expected = refusal.into().code;
        let before = self.given.book.clone();
        let outcome = self.given.ask(&self.asked);
        let outcome = outcome.map(|decision| Told::all_of(&decision));
        assert_eq!(outcome.map_err(|refused| refused.code), Err(expected));
        assert_eq!(self.given.book, before, "a refusal changes nothing");
        self.codes.push(expected);
        self.steps.push(self.asked.clone());
        self
    }

    /// Mended by giving the field at `path` another value.
    pub(crate) fn with(mut self, path: &str, value: Value) -> Self {
        let (parents, field) = path.rsplit_once('.').unwrap_or(("", path));
        let mut at = &mut self.asked.body;
        for parent in parents.split('.').filter(|parent| !parent.is_empty()) {
            at = &mut at[parent];
        }
        at[field] = value;
        self
    }

    /// Mended by leaving the field at `path` out.
    pub(crate) fn without(mut self, path: &str) -> Self {
        let (parents, field) = path.rsplit_once('.').unwrap_or(("", path));
        let mut at = &mut self.asked.body;
        for parent in parents.split('.').filter(|parent| !parent.is_empty()) {
            at = &mut at[parent];
        }
        at.as_object_mut().unwrap().remove(field);
        self
    }

    /// Mended by another effective day.
    pub(crate) fn on(mut self, on: &str) -> Self {
        self.asked.on = day(on);
        self
    }

    /// Mended by somebody else's asking.
    pub(crate) fn by(mut self, actor: &'static str) -> Self {
        self.asked.actor = actor;
        self
    }

    /// Mended by asking on another day of recording.
    pub(crate) fn today(mut self, today: &str) -> Self {
        self.given = self.given.today(today);
        self
    }

    /// Mended by something else that is recorded first.
    #[track_caller]
    pub(crate) fn given(mut self, step: Step) -> Self {
        let decision = self.given.and(&step);
        self.told.extend(Told::all_of(&decision));
        self.steps.push(step);
        self
    }

    /// Accepted: these events follow, and asking again adds none.
    #[track_caller]
    pub(crate) fn then(mut self, expected: impl IntoIterator<Item = Told>) -> Self {
        let expected: Vec<Told> = expected.into_iter().collect();
        self.rungs_ascend();
        let decision = self.given.and(&self.asked);
        assert_eq!(Told::all_of(&decision), expected);
        assert!(!expected.is_empty(), "something follows");
        self.told.extend(expected);
        self.steps.push(self.asked.clone());
        let again = self.given.and(&self.asked);
        assert_eq!(Told::all_of(&again), [], "asking twice is harmless");
        self
    }

    /// Begins another way up, from here.
    #[track_caller]
    pub(crate) fn afresh(mut self) -> Self {
        self.rungs_ascend();
        self
    }

    /// Asks something else of what stands now.
    pub(crate) fn next(mut self, asked: Step) -> Self {
        self.asked = asked;
        self
    }

    /// The rungs since the last top follow the order in which each aggregate declares its refusals.
    #[track_caller]
    fn rungs_ascend(&mut self) {
        let rungs = self.codes[self.from..].to_vec();
        self.from = self.codes.len();
        for declared in super::codes::declared() {
            let place = |code: &&str| declared.iter().position(|known| known.code == *code);
            let places: Vec<usize> = rungs.iter().filter_map(place).collect();
            assert!(
                places.is_sorted(),
                "rules apply in the order declared: {rungs:?}"
            );
        }
    }
}

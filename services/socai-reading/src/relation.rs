//! Relations: the words before a citation that say how another document relates to it.
//!
//! For each citation the words to its left are read backwards: filler ("hiệu quả", "một số điều
//! của") is skipped, and what then ends the words may be a cue. The relation is from the document
//! in whose description the cue stands ("Công văn số A về việc tổ chức thực hiện Kết luận số B"),
//! or else from the document that the text is. A citation in a list shares the cue of the first.

mod cues;

use std::collections::BTreeSet;

use self::cues::{Attach, Cue, DESCRIBING, TAKEN_UP, TELLING, filler, is_listed, matching};
use crate::citation::{Citation, before};
use crate::document::{self, Draft};
use crate::source::{Source, Span};
use crate::{Basis, Place, Relation, RelationKind, organ, words};

/// A relation that was found, and at which citation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Related {
    kind: RelationKind,
    from: Option<usize>,
    to: usize,
    basis: Basis,
    at: usize,
    /// The citation is of the first document: "được thay thế bởi …".
    reversed: bool,
}

impl Related {
    pub(crate) fn finding(self, source: &Source) -> Relation {
        let place: Place = source.place(self.at);
        let passage = source.passage(self.at);
        Relation {
            kind: self.kind,
            from: self.from,
            to: self.to,
            basis: self.basis,
            place,
            passage,
        }
    }
}

/// The filler that may stand between a cue and a citation, in words.
const FILLERS_MAX: usize = 10;

/// The relations of the text, each once, in the order of the passages.
pub(crate) fn find(source: &Source, citations: &[Citation], drafts: &[Draft]) -> Vec<Related> {
    let context = Context::new(source, citations, drafts);
    let mut found: Vec<Related> = Vec::new();
    let mut known = BTreeSet::new();
    let mut governing = Governing::default();
    for at in 0..citations.len() {
        governing = context.governing(at, governing);
        let own = governing.nearest.iter().copied();
        for related in own
            .chain(context.guided(at))
            .chain(context.planned_into(at))
        {
            if related.from != Some(related.to) && known.insert(related.says()) {
                found.push(related);
            }
        }
    }
    context.implied(&mut found);
    without_explained(found)
}

impl Related {
    fn speaks_of(&self, document: usize) -> bool {
        self.to == document || self.from == Some(document)
    }

    fn says(&self) -> (RelationKind, Option<usize>, usize) {
        (self.kind, self.from, self.to)
    }
}

/// The relations that the next citation shares if it goes on with a list.
#[derive(Debug, Default)]
struct Governing {
    /// Those of the citation before it.
    nearest: Vec<Related>,
    /// The last ones of the text's own document: a semicolon goes back to them from a description.
    outermost: Vec<Related>,
}

/// A document that reviews another speaks of how that one was carried out all along; this orders
/// nothing, and is left out.
fn without_explained(found: Vec<Related>) -> Vec<Related> {
    let reviews = |kind| {
        matches!(
            kind,
            RelationKind::ReviewsInterim | RelationKind::ReviewsFinal
        )
    };
    let carried = |kind| matches!(kind, RelationKind::Implements | RelationKind::Continues);
    let reviewed: Vec<(Option<usize>, usize)> = found
        .iter()
        .filter(|related| reviews(related.kind))
        .map(|related| (related.from, related.to))
        .collect();
    let explained =
        |related: &Related| carried(related.kind) && reviewed.contains(&(related.from, related.to));
    found
        .into_iter()
        .filter(|related| !explained(related))
        .collect()
}

struct Context<'a> {
    source: &'a Source,
    citations: &'a [Citation],
    drafts: &'a [Draft],
    /// The document of each citation.
    of: Vec<usize>,
    main: Option<usize>,
}

impl<'a> Context<'a> {
    fn new(source: &'a Source, citations: &'a [Citation], drafts: &'a [Draft]) -> Self {
        let mut of = vec![0; citations.len()];
        for (draft, gathered) in drafts.iter().enumerate() {
            gathered.citations.iter().for_each(|at| of[*at] = draft);
        }
        Self {
            source,
            citations,
            drafts,
            of,
            main: document::main(drafts),
        }
    }

    /// What the cues right before the citation say.
    fn cued(&self, at: usize) -> Vec<Related> {
        let mut left = before(self.source, self.citations[at].span.start).trim_end();
        let mut found = Vec::new();
        for _ in 0..FILLERS_MAX {
            if let Some((cue, start)) = matching(left) {
                let before_cue = left[..start].trim_end();
                found.extend(self.said(cue, at, before_cue));
                left = before_cue;
            } else if let Some(start) = filler(left) {
                left = left[..start].trim_end();
            } else {
                break;
            }
        }
        found
    }

    /// What `cue`, after `left`, says of the citation.
    fn said(&self, cue: &Cue, at: usize, left: &str) -> Option<Related> {
        if cue.kind == RelationKind::Implements && TELLING.is_match(left) {
            return None;
        }
        let described = match cue.attach {
            Attach::Noun => self.described(at, left),
            Attach::Text => None,
        };
        if cue.kind == RelationKind::AttachedTo && described.is_none() {
            return None;
        }
        let other = described.or(self.main);
        let (from, to) = match (cue.reversed, other) {
            (true, Some(other)) => (Some(self.of[at]), other),
            (true, None) => return None,
            (false, other) => (other, self.of[at]),
        };
        let related = self.related(self.kind(cue.kind, from, to), from, to, at);
        Some(Related {
            reversed: cue.reversed,
            ..related
        })
    }

    fn related(&self, kind: RelationKind, from: Option<usize>, to: usize, at: usize) -> Related {
        Related {
            kind,
            from,
            to,
            basis: Basis::Stated,
            at: self.citations[at].span.start,
            reversed: false,
        }
    }

    /// A plan about a scheme or a programme plans for it.
    fn kind(&self, kind: RelationKind, from: Option<usize>, to: usize) -> RelationKind {
        let plans = from.is_some_and(|from| self.drafts[from].is("Kế hoạch"));
        let planned = words::PLANNED_TYPES
            .iter()
            .any(|name| self.drafts[to].is(name));
        match kind {
            RelationKind::Implements | RelationKind::Publicises if plans && planned => {
                RelationKind::PlansFor
            }
            other => other,
        }
    }

    /// The document in whose description `left` ends: "Công văn số A [ngày …] về việc …".
    fn described(&self, at: usize, left: &str) -> Option<usize> {
        let citation = &self.citations[at];
        let whole = before(self.source, citation.span.start);
        let cue = citation.span.start - whole.len() + left.len();
        let owner = at
            .checked_sub(1)
            .filter(|owner| self.citations[*owner].tail <= cue)?;
        let start = citation.span.start - whole.len();
        let region = Span {
            start: self.citations[owner].tail,
            end: cue,
        };
        let description = (region.start >= start).then(|| self.source.at(region))?;
        describes(&self.source.text, region, description).then_some(self.of[owner])
    }

    /// What is said of the citation, by its own cue or by the list that it goes on with.
    fn governing(&self, at: usize, before: Governing) -> Governing {
        let own = self.cued(at);
        let nearest = if own.is_empty() {
            self.listed(at, &before)
        } else {
            own
        };
        let of_the_text =
            !nearest.is_empty() && nearest.iter().all(|related| related.from == self.main);
        let outermost = if of_the_text {
            nearest.clone()
        } else {
            before.outermost
        };
        Governing { nearest, outermost }
    }

    /// A citation that goes on with a list shares what was said of the one before.
    fn listed(&self, at: usize, governing: &Governing) -> Vec<Related> {
        let left = before(self.source, self.citations[at].span.start);
        let start = self.citations[at].span.start - left.len();
        let near = at > 0 && start <= self.citations[at - 1].span.start;
        if !near || !is_listed(left) {
            return Vec::new();
        }
        let outermost = governing
            .outermost
            .iter()
            .filter(|related| related.at >= start);
        if left.trim_end().ends_with(';') && outermost.clone().next().is_some() {
            outermost.map(|related| self.shared(*related, at)).collect()
        } else {
            let nearest = governing.nearest.iter();
            nearest
                .filter(|related| related.speaks_of(self.of[at - 1]))
                .map(|related| self.shared(*related, at))
                .collect()
        }
    }

    /// The same relation of this citation; of a reversed one this is the first document.
    fn shared(&self, related: Related, at: usize) -> Related {
        let is = self.of[at];
        if related.reversed {
            Related {
                from: Some(is),
                at: self.citations[at].span.start,
                ..related
            }
        } else {
            self.related(
                self.kind(related.kind, related.from, is),
                related.from,
                is,
                at,
            )
        }
    }

    /// "… thực hiện A theo Hướng dẫn B": B guides A.
    fn guided(&self, at: usize) -> Option<Related> {
        let object = at.checked_sub(1).filter(|_| self.is_guidance(at))?;
        let left = before(self.source, self.citations[at].span.start);
        let between = left
            .len()
            .checked_sub(self.citations[at].span.start - self.citations[object].tail)?;
        if left[between..].contains(';') {
            return None;
        }
        Some(self.related(RelationKind::Guides, Some(self.of[at]), self.of[object], at))
    }

    fn is_guidance(&self, at: usize) -> bool {
        let left = before(self.source, self.citations[at].span.start).trim_end();
        let led =
            left.ends_with("theo") || left.ends_with("theo các") || left.ends_with("theo nội dung");
        led && self.drafts[self.of[at]].is("Hướng dẫn")
    }

    /// "… đưa vào Kế hoạch P": P takes up what the text's document asks.
    fn planned_into(&self, at: usize) -> Option<Related> {
        let taken_up = TAKEN_UP.is_match(before(self.source, self.citations[at].span.start));
        let plan = self.of[at];
        let is_plan = self.drafts[plan].is("Kế hoạch") || self.drafts[plan].is("Chương trình");
        let main = self.main.filter(|_| taken_up && is_plan)?;
        Some(self.related(RelationKind::Implements, Some(plan), main, at))
    }

    /// Guidance for publicity, in a sentence that names no document, guides what the text's
    /// document publicises, if that is one document.
    fn implied(&self, found: &mut Vec<Related>) {
        let publicised: Vec<usize> = found
            .iter()
            .filter(|related| related.kind == RelationKind::Publicises && related.from == self.main)
            .map(|related| related.to)
            .collect();
        let [object] = publicised[..] else { return };
        let mut known: BTreeSet<_> = found.iter().map(Related::says).collect();
        for at in (0..self.citations.len()).filter(|at| self.is_guidance(*at)) {
            let left = before(self.source, self.citations[at].span.start);
            let related = self.related(RelationKind::Guides, Some(self.of[at]), object, at);
            let implied = self.guided(at).is_none() && left.contains("tuyên truyền");
            if implied && known.insert(related.says()) {
                found.push(Related {
                    basis: Basis::Implied,
                    ..related
                });
            }
        }
    }
}

/// Whether `description`, the words after a citation, is still about it: no clause ends in it, and
/// no organ takes the word.
fn describes(text: &str, region: Span, description: &str) -> bool {
    let ended = description.contains([';', '.', ':', '(', ')']);
    let first = description.split_whitespace().next().unwrap_or("");
    let joins = ["và", "hoặc", "gắn", "cùng"].contains(&first);
    let comma = description
        .match_indices(", ")
        .any(|(at, _)| organ::name_at(text, region.start + at + 2).is_some());
    DESCRIBING.is_match(description) && !ended && !joins && !comma
}

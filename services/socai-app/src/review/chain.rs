//! The reviewed document, who issued it, and the way from every document below up to it.

use std::collections::{BTreeMap, VecDeque};

use jiff::civil::Date;
use socai_domain::document::{Document, Relation};
use socai_domain::id::DocumentId;
use socai_domain::registry::Registry;
use socai_review::facts::{Below, Issuer, Paper, Step};

/// What a document is called; its id, where it is not in the ledger.
pub(super) fn name(registry: &Registry, document: &DocumentId) -> String {
    let known = registry.documents.get(document);
    known.map_or_else(|| document.to_string(), Document::title)
}

/// The document as it names itself.
pub(super) fn paper(registry: &Registry, id: &DocumentId) -> Paper {
    let document = &registry.documents[id];
    let day = document.date.unwrap_or(document.known);
    let issuer = document
        .issuer
        .as_ref()
        .and_then(|issuer| registry.unit(issuer));
    Paper {
        id: id.clone(),
        kind: document.kind.to_string(),
        number: document.number.as_ref().map(ToString::to_string),
        date: document.date,
        issuer: issuer.map(|unit| unit.name_on(day).to_string()),
        subject: document.subject.as_ref().map(ToString::to_string),
        secret: document.secret,
    }
}

/// Who issued the document, as that unit was then.
pub(super) fn issuer(registry: &Registry, id: &DocumentId) -> Option<Issuer> {
    let document = registry.documents.get(id)?;
    let day = document.date.unwrap_or(document.known);
    let unit = document.issuer.clone()?;
    let known = registry.unit(&unit)?;
    let parent = known
        .parent_on(day)
        .and_then(|parent| registry.unit(parent));
    let parent = parent.map(|parent| parent.name_on(day).to_string());
    let name = known.name_on(day).to_string();
    Some(Issuer {
        unit,
        name,
        kind: known.kind,
        parent,
    })
}

/// Everything below `top` on `day`, nearest first, each by one shortest way up.
pub(super) fn chain(registry: &Registry, top: &DocumentId, day: Date) -> Vec<Below> {
    let children = children(registry, day);
    let mut ways = BTreeMap::from([(top, Vec::new())]);
    let (mut waiting, mut order) = (VecDeque::from([top]), Vec::new());
    while let Some(above) = waiting.pop_front() {
        for (relation, child) in children.get(above).into_iter().flatten() {
            if ways.contains_key(child) {
                continue;
            }
            let mut way = vec![step(registry, *relation, above)];
            way.extend(ways[above].iter().cloned());
            ways.insert(child, way);
            waiting.push_back(child);
            order.push(*child);
        }
    }
    let below = |id: &DocumentId| Below {
        document: paper(registry, id),
        path: ways.get(id).cloned().unwrap_or_default(),
    };
    order.into_iter().map(below).collect()
}

fn step(registry: &Registry, relation: Relation, to: &DocumentId) -> Step {
    Step {
        relation,
        to: to.clone(),
        name: name(registry, to),
    }
}

/// Under each document what hangs on it directly, in the order of dates and ids.
fn children(registry: &Registry, day: Date) -> BTreeMap<&DocumentId, Vec<(Relation, &DocumentId)>> {
    let mut dated: Vec<(&DocumentId, &Document)> = registry.documents.iter().collect();
    dated.sort_by_key(|(id, document)| (document.date.unwrap_or(document.known), *id));
    let mut children = BTreeMap::<_, Vec<_>>::new();
    for (id, document) in dated {
        for (from, relation, to) in &document.relations {
            if relation.carries_down() && *from <= day {
                children.entry(to).or_default().push((*relation, id));
            }
        }
    }
    children
}

//! From what a person types to units, documents, tasks and requirements, with or without the marks.

use socai_domain::registry::Registry;
use socai_domain::subject::Subject;
use socai_domain::text::{Rank, SearchKey};

use crate::image::Image;

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub subject: Subject,
    /// How well it answers; the better rank is the smaller one.
    pub rank: Rank,
    /// What it is called: of several names the last one.
    pub title: String,
    /// The text that answered: a name, a title, a number, an id.
    pub matched: String,
}

/// The texts by which things are found, made ready.
#[derive(Debug, Clone, Default)]
pub struct Index {
    things: Vec<Thing>,
}

#[derive(Debug, Clone)]
struct Thing {
    subject: Subject,
    title: String,
    texts: Vec<(String, SearchKey)>,
}

impl Index {
    /// The index of everything in `registry`.
    pub fn of(registry: &Registry) -> Self {
        let units = registry.units.iter().map(|(id, unit)| {
            let names = unit.names.iter().map(|(_, name)| name.to_string());
            let code = unit.code.iter().map(ToString::to_string);
            thing(
                Subject::Unit(id.clone()),
                unit.name().to_string(),
                names.chain(code),
            )
        });
        let documents = registry.documents.iter().map(|(id, document)| {
            let subject = document.subject.iter().map(ToString::to_string);
            let number = document.number.iter().map(ToString::to_string);
            let texts = [document.title()].into_iter().chain(number).chain(subject);
            thing(Subject::Document(id.clone()), document.title(), texts)
        });
        let requirements = registry.requirements.iter().map(|(id, requirement)| {
            let title = requirement.rule.title.to_string();
            thing(Subject::Requirement(id.clone()), title.clone(), [title])
        });
        let tasks = registry.tasks.iter().map(|(id, task)| {
            let title = task.assignment.title.to_string();
            thing(Subject::Task(id.clone()), title.clone(), [title])
        });
        Self {
            things: units
                .chain(documents)
                .chain(requirements)
                .chain(tasks)
                .collect(),
        }
    }

    /// What answers `query`, best first, at most `limit`: the rank decides, then the shorter text, then
    /// the subject.
    pub fn find(&self, query: &str, limit: usize) -> Vec<Found> {
        let query = SearchKey::new(query);
        let mut found: Vec<Found> = self
            .things
            .iter()
            .filter_map(|thing| thing.answer(&query))
            .collect();
        let order = |one: &Found| (one.rank, one.matched.chars().count(), one.subject.clone());
        found.sort_by_cached_key(order);
        found.truncate(limit);
        found
    }
}

impl Thing {
    fn answer(&self, query: &SearchKey) -> Option<Found> {
        let ranked = self
            .texts
            .iter()
            .filter_map(|(text, key)| Some((key.rank(query)?, text)));
        let (rank, matched) = ranked.min_by_key(|(rank, text)| (*rank, text.chars().count()))?;
        Some(Found {
            subject: self.subject.clone(),
            rank,
            title: self.title.clone(),
            matched: matched.clone(),
        })
    }
}

fn thing(subject: Subject, title: String, texts: impl IntoIterator<Item = String>) -> Thing {
    let name = subject.to_string();
    let (_, id) = name
        .split_once('.')
        .expect("a subject is a category, a dot and an id");
    let texts = texts.into_iter().chain([id.to_owned()]);
    let texts = texts.map(|text| {
        let key = SearchKey::new(&text);
        (text, key)
    });
    Thing {
        subject,
        title,
        texts: texts.collect(),
    }
}

impl Image {
    /// What answers `query`, best first, at most `limit`. Who searches often keeps an [`Index`].
    pub fn search(&self, query: &str, limit: usize) -> Vec<Found> {
        Index::of(&self.registry).find(query, limit)
    }
}

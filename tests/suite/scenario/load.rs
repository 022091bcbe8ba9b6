//! Loads the scenario the way the demonstration does: files by name, lines in order, on a simulated
//! clock that stands at the working hours of a line's day and never runs backwards.

use std::fs;
use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;
use socai_domain::book::Book;
use socai_domain::command::Command;
use socai_domain::id::AccountId;
use socai_domain::origin::{Origin, VIETNAM};

pub(super) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios/hanoi");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    command: String,
    effective: Date,
    #[serde(default)]
    synthetic: bool,
    actor: AccountId,
    data: Value,
}

/// One line of a file.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) place: String,
    pub(super) command: String,
    pub(super) effective: Date,
    pub(super) synthetic: bool,
    pub(super) actor: AccountId,
    pub(super) data: Value,
}

/// A line that the ledger has taken.
pub(super) struct Taken {
    pub(super) line: Line,
    pub(super) recorded: Origin,
    pub(super) events: usize,
}

/// The scenario, loaded once.
pub(super) struct Loaded {
    pub(super) book: Book,
    pub(super) lines: Vec<Taken>,
    /// The day on which the clock stands in the end.
    pub(super) clock: Date,
}

/// What asking everything once more did.
pub(super) struct Again {
    pub(super) book: Book,
    pub(super) asked: usize,
    pub(super) events: usize,
}

/// The names of the files in `folder`, in the order in which they are loaded.
pub(super) fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

pub(super) fn lines() -> Vec<Line> {
    let files = files(FOLDER.as_ref()).into_iter();
    files
        .flat_map(|file| {
            let text = fs::read_to_string(format!("{FOLDER}/{file}")).unwrap();
            let lines = text
                .lines()
                .enumerate()
                .map(|(at, text)| line(format!("{file}:{}", at + 1), text));
            lines.collect::<Vec<_>>()
        })
        .collect()
}

fn line(place: String, text: &str) -> Line {
    let wire: Wire = serde_json::from_str(text).unwrap_or_else(|why| panic!("{place}: {why}"));
    Line {
        place,
        command: wire.command,
        effective: wire.effective,
        synthetic: wire.synthetic,
        actor: wire.actor,
        data: wire.data,
    }
}

impl Line {
    pub(super) fn command(&self) -> Command {
        let body = self.data.to_string();
        Command::decode(&self.command, &body).unwrap_or_else(|why| panic!("{}: {why}", self.place))
    }

    fn recorded(&self, clock: Date) -> Origin {
        let day = self.effective.max(clock);
        let morning = day.at(8, 0, 0, 0);
        let at = morning.to_zoned(TimeZone::fixed(VIETNAM)).unwrap();
        Origin {
            actor: self.actor.clone(),
            at: at.timestamp(),
        }
    }
}

pub(super) fn load() -> Loaded {
    let (mut book, mut clock, mut taken) = (Book::default(), Date::MIN, Vec::new());
    for line in lines() {
        let recorded = line.recorded(clock);
        clock = recorded.today();
        let decision = book
            .execute(&line.command(), line.effective, &recorded)
            .unwrap_or_else(|refused| {
                panic!("{}: {}: {refused}", line.place, refused.code);
            });
        let events = decision.events();
        taken.push(Taken {
            line,
            recorded,
            events,
        });
    }
    Loaded {
        book,
        lines: taken,
        clock,
    }
}

/// Asks every line of `book` once more. Refusals are no news: an act that a later one stands on is
/// not told again.
pub(super) fn load_again(book: &Book, clock: Date) -> Again {
    let (mut book, mut asked, mut events) = (book.clone(), 0, 0);
    for line in lines() {
        let recorded = line.recorded(clock);
        asked += 1;
        let decision = book.execute(&line.command(), line.effective, &recorded);
        events += decision.map_or(0, |decision| decision.events());
    }
    Again {
        book,
        asked,
        events,
    }
}

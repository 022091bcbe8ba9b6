//! What the records tell: each obligation with what became of it, and what stands around them.

use std::collections::BTreeMap;

use socai_domain::event::Event;
use socai_domain::subject::Subject;
use socai_domain::{document, requirement, task, unit};
use socai_store::envelope::{self, Envelope};

use super::details::{self, Titles};
use super::head;
use super::markup::Markup;
use super::words::{self, Both, both};
use crate::bundle::Bundle;
use crate::opened::{Known, Opening, openings};

/// The records of a bundle that read.
pub(super) struct Story<'a> {
    /// By stream, in the order of revisions.
    pub(super) streams: BTreeMap<String, Vec<(u64, Envelope<'a>)>>,
    /// Those of other streams, between heads and top.
    pub(super) others: Vec<(u64, Envelope<'a>)>,
    /// What streams are about, in words.
    pub(super) titles: Titles,
    /// By obligation what opened it, and the unit that owed it first.
    opened: BTreeMap<String, (Known, String)>,
}

pub(super) fn read(bundle: &Bundle) -> Story<'_> {
    let mut story = Story {
        streams: BTreeMap::new(),
        others: Vec::new(),
        titles: BTreeMap::new(),
        opened: BTreeMap::new(),
    };
    for (&position, entry) in &bundle.records {
        let Ok(envelope) = envelope::parse(&entry.bytes) else {
            continue;
        };
        let stream = envelope.subject.to_string();
        if let Some(title) = title(&envelope) {
            story.titles.entry(stream.clone()).or_insert(title);
        }
        if bundle.manifest.has_stream(&stream) {
            let told = story.streams.entry(stream).or_default();
            told.push((position, envelope));
        } else {
            story.others.push((position, envelope));
        }
    }
    story.opened = opened(bundle, &story);
    story
}

fn opened(bundle: &Bundle, story: &Story<'_>) -> BTreeMap<String, (Known, String)> {
    let mut told: Vec<_> = story.streams.values().flatten().collect();
    told.sort_by_key(|(position, _)| *position);
    let told = told
        .iter()
        .map(|(position, envelope)| (*position, envelope));
    let mut opened = BTreeMap::new();
    openings(told, |opening| {
        let Opening::Known(known) = opening else {
            return;
        };
        for (unit, obligation) in &known.owed {
            let stream = format!("obligation.{obligation}");
            if bundle.manifest.has_stream(&stream) {
                let bare = Known {
                    owed: Vec::new(),
                    document: known.document.clone(),
                    ..known
                };
                opened.insert(stream, (bare, unit.to_string()));
            }
        }
    });
    opened
}

/// What a record says that its stream is about.
fn title(envelope: &Envelope<'_>) -> Option<String> {
    let subject = Subject::parse(&envelope.subject).ok()?;
    let event = Event::decode(&subject, &envelope.event_type, envelope.data).ok()?;
    if let Event::Unit(unit::Event::Formed { name, .. }) = event {
        return Some(name.to_string());
    }
    if let Event::Requirement(requirement::Event::Set { rule }) = event {
        return Some(rule.title.to_string());
    }
    if let Event::Task(task::Event::Assigned { assignment, .. }) = event {
        return Some(assignment.title.to_string());
    }
    if let Event::Document(document::Event::Issued {
        number, subject, ..
    }) = event
    {
        let named: Vec<String> = [number, subject]
            .into_iter()
            .flatten()
            .map(|line| line.to_string())
            .collect();
        return (!named.is_empty()).then(|| named.join(" – "));
    }
    None
}

pub(super) fn write(m: &mut Markup, bundle: &Bundle, story: &Story<'_>) {
    let streams = || {
        bundle
            .manifest
            .streams
            .iter()
            .map(|head| head.stream.as_str())
    };
    let is_obligation = |stream: &&str| stream.starts_with("obligation.");
    head::heading(
        m,
        "1",
        both(
            "Nghĩa vụ và diễn biến",
            "Obligations and what became of them",
        ),
    );
    table(m, |m| {
        for stream in streams().filter(is_obligation) {
            group(m, story, stream, |m| obligation(m, story, stream));
        }
    });
    head::heading(
        m,
        "2",
        both(
            "Văn bản, yêu cầu, đơn vị và sổ cái",
            "Documents, requirements, units and the ledger",
        ),
    );
    table(m, |m| {
        for stream in streams().filter(|stream| !is_obligation(stream)) {
            group(m, story, stream, |m| named(m, story, stream, stream));
        }
    });
    others(m, story);
}

/// The columns of a table of records.
const COLUMNS: [Both; 5] = [
    both("Vị trí", "Position"),
    both("Hiệu lực", "Effective"),
    both("Ghi lúc", "Recorded, UTC+7"),
    both("Sự việc", "What became true"),
    both("Nội dung", "What it says"),
];

fn table(m: &mut Markup, rows: impl FnOnce(&mut Markup)) {
    m.wrap("table", &[], |m| {
        m.wrap("thead", &[], |m| {
            m.wrap("tr", &[], |m| {
                for column in COLUMNS {
                    m.wrap("th", &[], |m| head::two(m, column));
                }
            });
        });
        rows(m);
    });
}

/// The records of one stream, under what they are about.
fn group(m: &mut Markup, story: &Story<'_>, stream: &str, about: impl FnOnce(&mut Markup)) {
    m.wrap("tbody", &[], |m| {
        m.wrap("tr", &[("class", "group")], |m| {
            m.wrap("th", &[("colspan", "5")], about);
        });
        match story.streams.get(stream) {
            Some(records) => {
                for (position, envelope) in records {
                    m.wrap("tr", &[], |m| row(m, story, *position, envelope));
                }
            }
            None => m.wrap("tr", &[], |m| {
                m.wrap("td", &[("colspan", "5"), ("class", "none")], |m| {
                    head::two(
                        m,
                        both("Chưa có sự việc nào được ghi.", "Nothing is recorded yet."),
                    );
                });
            }),
        }
    });
}

/// An obligation under the title of what opened it, with its first due date and the unit that owed it first.
fn obligation(m: &mut Markup, story: &Story<'_>, stream: &str) {
    let id = stream.trim_start_matches("obligation.");
    let source = id.split('_').next().unwrap_or_default();
    let title = ["requirement", "task"]
        .iter()
        .find_map(|category| story.titles.get(&format!("{category}.{source}")));
    m.text(title.map_or(id, String::as_str));
    if let Some((known, unit)) = story.opened.get(stream) {
        let unit = story.titles.get(&format!("unit.{unit}")).unwrap_or(unit);
        m.leaf("div", &[("class", "owed")], &owed(unit, known));
    }
    m.leaf("code", &[], id);
}

fn owed(unit: &str, known: &Known) -> String {
    match known.due {
        Some(due) => format!("{unit} · thời hạn / due {}", words::day(due)),
        None => format!("{unit} · không có thời hạn / no due date"),
    }
}

fn named(m: &mut Markup, story: &Story<'_>, stream: &str, id: &str) {
    if let Some(title) = story.titles.get(stream) {
        m.text(title);
        m.text(" ");
    }
    m.leaf("code", &[], id);
}

fn row(m: &mut Markup, story: &Story<'_>, position: u64, envelope: &Envelope<'_>) {
    place(m, position);
    m.leaf("td", &[("class", "day")], &words::day(envelope.time.date()));
    m.leaf(
        "td",
        &[("class", "at")],
        &words::moment(envelope.recorded_time),
    );
    m.wrap("td", &[("class", "what")], |m| {
        what(m, envelope);
        m.leaf("small", &[], &envelope.actor);
    });
    m.wrap("td", &[], |m| {
        details::write(m, envelope.data, &story.titles)
    });
}

fn place(m: &mut Markup, position: u64) {
    let record = crate::names::record(position);
    m.wrap("td", &[("class", "n")], |m| {
        m.leaf("a", &[("href", &record)], &position.to_string());
    });
}

fn what(m: &mut Markup, envelope: &Envelope<'_>) {
    match words::event(&envelope.event_type) {
        Some(both) => head::two(m, both),
        None => m.leaf("code", &[], &envelope.event_type),
    }
}

/// Records of other streams that are here so that nothing can hide between the heads and the top.
fn others(m: &mut Markup, story: &Story<'_>) {
    head::heading(
        m,
        "3",
        both(
            "Bản ghi khác sau lần chốt",
            "Other records since the heads were sealed",
        ),
    );
    head::line(
        m,
        both(
            "Có ở đây để thấy rằng không có gì bị giấu giữa lần chốt mọi chuỗi và điểm chốt cuối.",
            "They are here to show that nothing is hidden between the sealed heads and the top checkpoint.",
        ),
    );
    m.wrap("table", &[], |m| {
        m.wrap("tbody", &[("class", "others")], |m| {
            for (position, envelope) in &story.others {
                m.wrap("tr", &[], |m| {
                    place(m, *position);
                    m.leaf(
                        "td",
                        &[("class", "at")],
                        &words::moment(envelope.recorded_time),
                    );
                    m.wrap("td", &[], |m| m.leaf("code", &[], &envelope.subject));
                    m.wrap("td", &[("class", "what")], |m| what(m, envelope));
                });
            }
        });
    });
}

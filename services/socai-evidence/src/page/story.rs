//! What the records tell: each obligation with what became of it, and what stands around them.

use std::collections::BTreeMap;

use socai_domain::document;
use socai_domain::event::Event;
use socai_domain::subject::Subject;
use socai_domain::{requirement, task, unit};
use socai_store::envelope::{self, Envelope};

use super::markup::Markup;
use super::words::{self, Both, both};
use super::{details, head};
use crate::bundle::Bundle;

/// The records of a bundle that read.
pub(super) struct Story<'a> {
    /// By stream, in the order of revisions.
    pub(super) streams: BTreeMap<String, Vec<(u64, Envelope<'a>)>>,
    /// Those of other streams, between heads and top.
    pub(super) others: Vec<(u64, Envelope<'a>)>,
    /// What streams are about, in words.
    pub(super) titles: BTreeMap<String, String>,
}

pub(super) fn read(bundle: &Bundle) -> Story<'_> {
    let mut story = Story {
        streams: BTreeMap::new(),
        others: Vec::new(),
        titles: BTreeMap::new(),
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
    story
}

/// What a record says that its stream is about.
fn title(envelope: &Envelope<'_>) -> Option<String> {
    let subject = Subject::parse(&envelope.subject).ok()?;
    let body = str::from_utf8(envelope.data).ok()?;
    match Event::decode(&subject, &envelope.event_type, body).ok()? {
        Event::Unit(unit::Event::Formed { name, .. }) => Some(name.to_string()),
        Event::Requirement(requirement::Event::Set { rule }) => Some(rule.title.to_string()),
        Event::Task(task::Event::Assigned { assignment, .. }) => Some(assignment.title.to_string()),
        Event::Document(document::Event::Issued { .. }) => None,
        _ => None,
    }
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
    for stream in streams().filter(is_obligation) {
        obligation(m, story, stream);
    }
    head::heading(
        m,
        "2",
        both(
            "Văn bản, yêu cầu, đơn vị và sổ cái",
            "Documents, requirements, units and the ledger",
        ),
    );
    for stream in streams().filter(|stream| !is_obligation(stream)) {
        stream_of(m, story, stream);
    }
    others(m, story);
}

/// An obligation under the title of what opened it.
fn obligation(m: &mut Markup, story: &Story<'_>, stream: &str) {
    let id = stream.trim_start_matches("obligation.");
    let source = id.split('_').next().unwrap_or_default();
    let title = ["requirement", "task"]
        .iter()
        .find_map(|category| story.titles.get(&format!("{category}.{source}")));
    m.wrap("section", &[("class", "stream")], |m| {
        m.wrap("h3", &[], |m| {
            m.text(title.map_or(id, String::as_str));
            m.leaf("code", &[], id);
        });
        match story.streams.get(stream) {
            Some(records) => table(m, records),
            None => head::line(
                m,
                both("Chưa có sự việc nào được ghi.", "Nothing is recorded yet."),
            ),
        }
    });
}

fn stream_of(m: &mut Markup, story: &Story<'_>, stream: &str) {
    let Some(records) = story.streams.get(stream) else {
        return;
    };
    m.wrap("section", &[("class", "stream")], |m| {
        m.wrap("h3", &[], |m| {
            if let Some(title) = story.titles.get(stream) {
                m.text(title);
            }
            m.leaf("code", &[], stream);
        });
        table(m, records);
    });
}

/// The columns of a table of records.
const COLUMNS: [Both; 5] = [
    both("Vị trí", "Position"),
    both("Hiệu lực", "Effective"),
    both("Ghi lúc (giờ Việt Nam)", "Recorded (UTC+7)"),
    both("Sự việc", "What became true"),
    both("Nội dung", "What it says"),
];

fn table(m: &mut Markup, records: &[(u64, Envelope<'_>)]) {
    m.wrap("table", &[], |m| {
        m.wrap("thead", &[], |m| {
            m.wrap("tr", &[], |m| columns(m, &COLUMNS))
        });
        m.wrap("tbody", &[], |m| {
            for (position, envelope) in records {
                m.wrap("tr", &[], |m| row(m, *position, envelope));
            }
        });
    });
}

fn columns(m: &mut Markup, columns: &[Both]) {
    for column in columns {
        m.wrap("th", &[], |m| head::two(m, *column));
    }
}

fn row(m: &mut Markup, position: u64, envelope: &Envelope<'_>) {
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
    m.wrap("td", &[], |m| details::write(m, envelope.data));
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
    if story.others.is_empty() {
        return;
    }
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
            "Không thuộc nội dung được hỏi; có ở đây để thấy rằng không có gì bị giấu giữa lần chốt và điểm chốt cuối.",
            "Not part of what was asked; they are here to show that nothing is hidden between the sealed heads and the top checkpoint.",
        ),
    );
    m.wrap("table", &[], |m| {
        m.wrap("tbody", &[], |m| {
            for (position, envelope) in &story.others {
                m.wrap("tr", &[], |m| {
                    place(m, *position);
                    m.wrap("td", &[], |m| m.leaf("code", &[], &envelope.subject));
                    m.wrap("td", &[("class", "what")], |m| what(m, envelope));
                });
            }
        });
    });
}

//! Metrics as a scraper reads them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use socai_app::role::{Report, State};
use socai_app::sealer::Sealed;
use socai_domain::obligation::Kind;
use socai_domain::rate::Counts;
use socai_ledger::Image;
use socai_metrics::appends::Outcome;
use socai_metrics::ledger::Numbers;
use socai_metrics::machine::Directories;
use socai_metrics::noted::ReadBack;
use socai_metrics::roles::OfRoles;
use socai_metrics::units::Told;
use socai_metrics::waiting::Waiting;
use socai_metrics::window::Due;
use socai_metrics::{Example, Form, Metrics};
use socai_tlog::{Hash, Note};
use uuid::Uuid;

/// One line.
#[derive(Debug)]
pub(super) struct Series {
    family: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) value: String,
}

impl Series {
    pub(super) fn label(&self, name: &str) -> &str {
        &self.labels[name]
    }

    pub(super) fn has(&self, labels: &[(&str, &str)]) -> bool {
        labels
            .iter()
            .all(|(name, value)| self.labels.get(*name).is_some_and(|had| had == value))
    }

    pub(super) fn count(&self) -> u64 {
        self.value.parse().unwrap()
    }
}

/// What a family says of itself.
struct Described {
    kind: String,
    help: String,
}

/// Everything that was exposed.
pub(super) struct Exposed {
    described: BTreeMap<String, Described>,
    all: Vec<Series>,
}

impl Exposed {
    pub(super) fn read(text: &str) -> Self {
        let mut read = Self {
            described: BTreeMap::new(),
            all: Vec::new(),
        };
        for line in text.lines() {
            let mut words = line.splitn(4, ' ');
            match (words.next(), words.next(), words.next(), words.next()) {
                (Some("#"), Some("HELP"), Some(name), Some(help)) => {
                    let (kind, help) = (String::new(), help.to_owned());
                    let before = read
                        .described
                        .insert(name.to_owned(), Described { kind, help });
                    assert!(before.is_none(), "{name} is there twice");
                }
                (Some("#"), Some("TYPE"), Some(name), Some(kind)) => {
                    kind.clone_into(&mut read.described.get_mut(name).unwrap().kind);
                }
                (Some("#"), ..) => {}
                _ => read.all.push(series(line)),
            }
        }
        read
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Series> {
        self.all.iter()
    }

    pub(super) fn series(&self, family: &str) -> impl Iterator<Item = &Series> {
        self.all
            .iter()
            .filter(move |series| series.family == family)
    }

    pub(super) fn labels(&self, family: &str, label: &str) -> BTreeSet<&str> {
        self.series(family)
            .map(|series| series.label(label))
            .collect()
    }

    /// The families in order: the name to ask for, type, names of labels, help.
    fn families(&self) -> Vec<(String, &Described, String)> {
        let each = self.described.iter().map(|(name, described)| {
            let name = match &*described.kind {
                "counter" => format!("{name}_total"),
                _ => name.clone(),
            };
            let series = match &*described.kind {
                "histogram" => format!("{name}_count"),
                _ => name.clone(),
            };
            let labels = self.series(&series).flat_map(|series| series.labels.keys());
            let labels: BTreeSet<&str> = labels.map(String::as_str).collect();
            let labels: Vec<&str> = labels.into_iter().collect();
            assert!(
                self.series(&series).next().is_some(),
                "{name} has no series here"
            );
            (name, described, labels.join(", "))
        });
        each.collect()
    }

    /// A line for each family.
    pub(super) fn listed(&self) -> String {
        let mut list = String::new();
        for (name, described, labels) in self.families() {
            let Described { kind, help } = described;
            writeln!(list, "{name} {kind} {{{labels}}} {help}").unwrap();
        }
        list
    }

    /// The page for operators.
    pub(super) fn documented(&self) -> String {
        let mut page = include_str!("page.txt").to_owned();
        for (name, described, labels) in self.families() {
            let Described { kind, help } = described;
            let labels = match &*labels {
                "" => "–".to_owned(),
                labels => labels.to_owned(),
            };
            writeln!(page, "| `{name}` | {kind} | {labels} | {help} |").unwrap();
        }
        page
    }
}

/// `name{label="value",…} value # exemplar`
fn series(line: &str) -> Series {
    let line = line.split(" # ").next().unwrap();
    let (named, value) = line.rsplit_once(' ').unwrap();
    let (family, labels) = named.split_once('{').unwrap_or((named, "}"));
    let labels = labels.strip_suffix('}').unwrap();
    let each = labels.split("\",").filter(|label| !label.is_empty());
    let each = each.map(|label| {
        let (name, value) = label.split_once("=\"").unwrap();
        (name.to_owned(), value.trim_end_matches('"').to_owned())
    });
    Series {
        family: family.to_owned(),
        labels: each.collect(),
        value: value.to_owned(),
    }
}

/// Everything that a process can expose, with a series of each family at least.
pub(super) fn everything(image: &Image, now: Timestamp, form: Form) -> String {
    let metrics = Metrics::default();
    metrics.add(Numbers::of(image, Told::All, Due::ThisYear, now));
    let took = Duration::from_millis(2);
    let example = Example {
        request: Uuid::nil(),
        trace: None,
    };
    let requests = &metrics.requests;
    requests.http("/v1/rates", "GET", 200, example.clone(), took);
    requests.grpc(("socai.v1.Questions", "Rates"), "OK", example, took);
    metrics.appends.ended(Outcome::Recorded, took);
    let reports: Vec<Report> = ["api", "projector", "sealer", "watcher"]
        .map(Report::new)
        .into();
    for report in &reports {
        report.is(State::Working);
        report.has_come_to(image.position().0);
    }
    reports[2].has_sealed(&sealed(image.position().0), Some(Instant::now()));
    metrics.add(OfRoles::new(
        reports,
        vec!["witness.example.vn/w".to_owned()],
        metrics.noted.clone(),
    ));
    metrics.add(Waiting {
        jobs: Box::new(|| vec![("waiting", 0), ("running", 1)]),
        passwords: Box::new(|| 0),
    });
    let (dir, state) = (tempfile::tempdir().unwrap(), now.to_string());
    let backup = format!(r#"{{"position":1,"at":"{state}","root":""}}"#);
    std::fs::write(dir.path().join("backup.json"), backup).unwrap();
    metrics.add(Directories::of_ledger(dir.path(), dir.path().join("log")));
    note(&metrics, now);
    metrics.collect(form)
}

fn note(metrics: &Metrics, now: Timestamp) {
    let noted = &metrics.noted;
    noted.swept(now);
    noted.verified(now);
    noted.store_has(1);
    noted.read_back(ReadBack {
        at: now,
        position: 1,
        written: Some(now),
        counts: vec![("department".to_owned(), Kind::Report, Counts::default())],
    });
}

fn sealed(size: u64) -> Sealed {
    let root = Hash::of_leaf(b"");
    let text = format!("hanoi\n{size}\n{root}\n");
    Sealed {
        entry: 1,
        size,
        root,
        note: Note {
            text,
            signatures: Vec::new(),
        },
    }
}

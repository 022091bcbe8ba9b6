//! `socai record`: commands in, one JSON object a line.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, sync_channel};

use anyhow::{Context, anyhow, bail};
use socai_app::leaves::events_of;
use socai_app::ledger::{AllOrNothingError, Batch, Outcome};
use socai_app::request::{self, BadLine, LINE_BYTES_MAX, Request};
use socai_domain::origin::Origin;
use socai_operations::report::Report;
use socai_store::Position;
use socai_tlog::Hash;

use crate::arguments::{Format, Record};
use crate::lines::{Line, lines};
use crate::origin;
use crate::recorder::Recorder;

/// Events of which a person is shown position and leaf, at most.
const FEW: usize = 5;

/// Lines recorded together, at most: fewer where no more have come yet.
const TOGETHER_MAX: usize = 4_096;

/// A line that is no request, or a request and its origin.
type Asked = (u64, Result<(Request, Origin), (&'static str, String)>);

pub(crate) async fn run(record: &Record) -> anyhow::Result<ExitCode> {
    let mut ledger = Recorder::open(&record.data.dir, &record.key).await?;
    let source: Box<dyn BufRead + Send> = open(&record.file)?;
    if !record.dry_run {
        ledger.seal_beside();
    }
    let mut reporter = Reporter::new(record);
    let done = if record.all_or_nothing {
        all_or_nothing(&mut ledger, record, source, &mut reporter).await
    } else {
        in_batches(&mut ledger, record, source, &mut reporter).await
    };
    let sealed = if record.dry_run {
        Ok(())
    } else {
        ledger.close().await
    };
    reporter.summary();
    done.and(sealed)?;
    Ok(if reporter.bad == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn open(file: &Path) -> anyhow::Result<Box<dyn BufRead + Send>> {
    if file == Path::new("-") {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let opened = File::open(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Box::new(BufReader::with_capacity(1 << 20, opened)))
}

async fn in_batches(
    ledger: &mut Recorder,
    record: &Record,
    source: Box<dyn BufRead + Send>,
    reporter: &mut Reporter<'_>,
) -> anyhow::Result<()> {
    let waiting = read_ahead(source);
    while let Ok(first) = waiting.recv() {
        let more = waiting.try_iter().take(TOGETHER_MAX - 1);
        let batch: io::Result<Vec<Line>> = std::iter::once(first).chain(more).collect();
        let asked = understand(batch.context("cannot read on")?, record);
        if record.dry_run {
            rehearse(ledger, asked, reporter).await?;
        } else {
            record_batch(ledger, asked, reporter).await?;
        }
    }
    Ok(())
}

/// Lines as they come, read by a thread of its own so that what has come is recorded at once.
fn read_ahead(source: Box<dyn BufRead + Send>) -> Receiver<io::Result<Line>> {
    let (sender, receiver) = sync_channel(2 * TOGETHER_MAX);
    std::thread::spawn(move || {
        for line in lines(source, LINE_BYTES_MAX) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

fn understand(lines: Vec<Line>, record: &Record) -> Vec<Asked> {
    let now = origin::now(&record.actor.account);
    let kept = lines
        .into_iter()
        .filter(|line| !line.bytes.iter().all(u8::is_ascii_whitespace));
    kept.map(|line| (line.number, request_of(&line.bytes, record, &now)))
        .collect()
}

fn request_of(
    line: &[u8],
    record: &Record,
    now: &Origin,
) -> Result<(Request, Origin), (&'static str, String)> {
    let told = |bad: BadLine| (bad.code(), bad.to_string());
    let request = request::parse(line).map_err(told)?;
    match request.actor.clone() {
        None => Ok((request, now.clone())),
        Some(actor) if record.trust_actors => {
            let at = now.at;
            Ok((request, Origin { actor, at }))
        }
        Some(actor) => Err(told(BadLine::ActorNotTrusted { actor })),
    }
}

async fn record_batch(
    ledger: &mut Recorder,
    asked: Vec<Asked>,
    reporter: &mut Reporter<'_>,
) -> anyhow::Result<()> {
    let (numbers, requests, bad) = sort(asked);
    let Batch { outcomes, trouble } = ledger.record(&requests).await?;
    let trouble = trouble.map(|error| anyhow!(error));
    let reason = trouble.as_ref().map(|error| format!("{error:#}"));
    let leaves = reporter.leaves(ledger, &outcomes).await;
    let told = outcomes
        .into_iter()
        .map(|outcome| Report::of(outcome, reason.as_deref()).with_leaves(&leaves));
    reporter.all(numbers.into_iter().zip(told).chain(bad))?;
    trouble.map_or(Ok(()), |error| Err(error.context("recording stopped")))
}

async fn rehearse(
    ledger: &mut Recorder,
    asked: Vec<Asked>,
    reporter: &mut Reporter<'_>,
) -> anyhow::Result<()> {
    let (numbers, requests, bad) = sort(asked);
    let rehearsal = ledger.rehearse(&requests).await?;
    let told = rehearsal.decided.into_iter().map(Report::rehearsed);
    reporter.all(numbers.into_iter().zip(told).chain(bad))
}

async fn all_or_nothing(
    ledger: &mut Recorder,
    record: &Record,
    source: Box<dyn BufRead + Send>,
    reporter: &mut Reporter<'_>,
) -> anyhow::Result<()> {
    let read: io::Result<Vec<Line>> = lines(source, LINE_BYTES_MAX).collect();
    let (numbers, requests, bad) = sort(understand(read.context("cannot read on")?, record));
    if !bad.is_empty() {
        reporter.all(bad.into_iter())?;
        bail!("nothing was recorded: with --all-or-nothing every line must be right");
    }
    if record.dry_run {
        let asked = numbers
            .into_iter()
            .zip(requests.into_iter().map(Ok))
            .collect();
        return rehearse(ledger, asked, reporter).await;
    }
    match ledger.record_all_or_nothing(&requests).await {
        Ok(outcomes) => {
            let leaves = reporter.leaves(ledger, &outcomes).await;
            let told = outcomes
                .into_iter()
                .map(|outcome| Report::of(outcome, None).with_leaves(&leaves));
            reporter.all(numbers.into_iter().zip(told))
        }
        Err(AllOrNothingError::Refused { index, refused }) => {
            let report = Report::of(Outcome::Refused(refused), None);
            reporter.all(std::iter::once((numbers[index], report)))?;
            bail!("nothing was recorded: line {} is refused", numbers[index])
        }
        Err(error) => Err(anyhow!(error)),
    }
}

/// The requests with their lines' numbers, and the reports of lines that are none.
type Sorted = (Vec<u64>, Vec<(Request, Origin)>, Vec<(u64, Report)>);

fn sort(asked: Vec<Asked>) -> Sorted {
    let (mut numbers, mut requests, mut bad) = (Vec::new(), Vec::new(), Vec::new());
    for (number, asked) in asked {
        match asked {
            Ok(request) => {
                numbers.push(number);
                requests.push(request);
            }
            Err((code, message)) => bad.push((number, Report::invalid(code, message))),
        }
    }
    (numbers, requests, bad)
}

/// Position, leaf and subject of each event, for a person.
fn lines_of(report: &Report) -> impl Iterator<Item = String> {
    let events = report
        .positions
        .iter()
        .zip(&report.leaves)
        .zip(&report.subjects);
    events
        .map(|((position, leaf), subject)| format!("  position {position}, leaf {leaf}: {subject}"))
}

/// Tells what became of each line, and in the end of all.
struct Reporter<'a> {
    record: &'a Record,
    counts: BTreeMap<&'static str, u64>,
    bad: u64,
    /// How many events were recorded.
    events: usize,
    /// A line for each of them, as long as they are few.
    few: Vec<String>,
    csv: Option<csv::Writer<io::Stdout>>,
}

impl<'a> Reporter<'a> {
    fn new(record: &'a Record) -> Self {
        let csv =
            (record.shown.format == Format::Csv).then(|| csv::Writer::from_writer(io::stdout()));
        Self {
            record,
            counts: Default::default(),
            bad: 0,
            events: 0,
            few: Vec::new(),
            csv,
        }
    }

    /// The leaves that are shown. For a person, those of a few events; no spreadsheet needs them.
    async fn leaves(
        &mut self,
        ledger: &Recorder,
        outcomes: &[Outcome],
    ) -> BTreeMap<Position, Hash> {
        self.events += events_of(outcomes).count();
        let shown = match self.record.shown.format {
            Format::Json => true,
            Format::Table => self.events <= FEW,
            Format::Csv => false,
        };
        if shown {
            ledger.leaves(outcomes).await
        } else {
            BTreeMap::new()
        }
    }

    fn all(&mut self, reports: impl Iterator<Item = (u64, Report)>) -> anyhow::Result<()> {
        let mut reports: Vec<Report> = reports
            .map(|(line, report)| Report { line, ..report })
            .collect();
        reports.sort_by_key(|report| report.line);
        let mut out = io::stdout().lock();
        for report in reports {
            *self.counts.entry(report.outcome).or_default() += 1;
            let good = matches!(
                report.outcome,
                "recorded" | "unchanged" | "would_be_recorded"
            );
            self.bad += u64::from(!good);
            match self.record.shown.format {
                Format::Json => {
                    serde_json::to_writer(&mut out, &report)?;
                    out.write_all(b"\n")?;
                }
                Format::Csv => self.csv(&report)?,
                Format::Table if good => self.few.extend(lines_of(&report)),
                Format::Table => self.complain(&report),
            }
        }
        out.flush().context("standard output")
    }

    fn csv(&mut self, report: &Report) -> anyhow::Result<()> {
        let Some(csv) = &mut self.csv else {
            return Ok(());
        };
        if self.counts.values().sum::<u64>() == 1 {
            csv.write_record([
                "line",
                "outcome",
                "positions",
                "subjects",
                "code",
                "message",
            ])?;
        }
        let positions: Vec<String> = report.positions.iter().map(u64::to_string).collect();
        csv.write_record([
            &report.line.to_string(),
            report.outcome,
            &positions.join(" "),
            &report.subjects.join(" "),
            report.code.unwrap_or_default(),
            report.message.as_deref().unwrap_or_default(),
        ])?;
        csv.flush().context("standard output")
    }

    fn complain(&self, report: &Report) {
        let file = self.record.file.display();
        let (code, message) = (report.code.unwrap_or_default(), report.message.as_deref());
        let message = message.unwrap_or_default();
        eprintln!(
            "{file}:{}: {} [{code}]: {message}",
            report.line, report.outcome
        );
    }

    fn summary(&self) {
        if self.record.shown.format != Format::Table {
            return;
        }
        let counts = self
            .counts
            .iter()
            .map(|(outcome, count)| format!("{count} {}", outcome.replace('_', " ")));
        let counts: Vec<String> = counts.collect();
        let what = if counts.is_empty() {
            "no commands".to_owned()
        } else {
            counts.join(", ")
        };
        println!("{}: {what}", self.record.file.display());
        if self.events <= FEW {
            self.few.iter().for_each(|line| println!("{line}"));
        }
    }
}

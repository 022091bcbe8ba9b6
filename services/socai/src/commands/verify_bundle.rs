//! `socai verify F.zip`: whether an evidence bundle proves what it shows; of two, whether they show one history.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use socai_evidence::compare::Difference;
use socai_evidence::verdict::About;
use socai_evidence::{Bundle, Finding, Outcome, RecordLine, Verdict, Weight, compare, judge};
use socai_tlog::Policy;

use crate::arguments::{Format, Verify};
use crate::output::{self, Cells, figures, words};

/// Bytes of a bundle that are read, at most: what its files may have together.
const BUNDLE_BYTES_MAX: u64 = socai_evidence::archive::TOTAL_BYTES_MAX;

/// Findings of one kind that a table shows.
const SHOWN_MAX: usize = 12;

/// What was found. The shape of `--format json`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Found {
    /// `valid` (exit status 0), `invalid` (1) or `incomplete` (2), of everything that was given.
    outcome: &'static str,
    /// Each bundle, in the order given.
    bundles: Vec<Judged>,
    /// What two bundles do not have in common, and would if they were of one history.
    differences: Vec<Said>,
}

/// What was found of one bundle.
#[derive(Debug, Serialize, JsonSchema)]
struct Judged {
    /// The file.
    bundle: String,
    /// `valid`, `invalid` or `incomplete`.
    outcome: &'static str,
    /// What the bundle says of itself; null where not even that reads.
    about: Option<Says>,
    /// Everything found, the gravest first.
    findings: Vec<Said>,
    /// Its records, in order.
    records: Vec<Line>,
}

/// What a bundle says of itself.
#[derive(Debug, Serialize, JsonSchema)]
struct Says {
    origin: String,
    /// `unit`, `document` or `obligation`, and its id.
    of: [String; 2],
    from: Date,
    to: Date,
    size: u64,
    root: String,
    streams: u64,
    /// Records that are there only so that nothing can hide.
    tail: u64,
    checkpoints: u64,
    /// The witnesses of the policy that cosigned the top checkpoint.
    cosigned_by: Vec<Cosigned>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Cosigned {
    witness: String,
    at: Timestamp,
}

/// One thing found.
#[derive(Debug, Serialize, JsonSchema)]
struct Said {
    code: &'static str,
    /// `invalid`, `incomplete` or `remark`.
    weight: &'static str,
    message: String,
}

/// A record, and when it can have been recorded.
#[derive(Debug, Serialize, JsonSchema)]
struct Line {
    position: u64,
    stream: String,
    revision: u64,
    event: String,
    effective: Date,
    /// By the operator's clock.
    recorded: Timestamp,
    /// Not before this time, by a witness's clock.
    after: Option<Timestamp>,
    /// Not after this time, by the quorum's clocks.
    by: Option<Timestamp>,
    /// It was asked for; the others close the tail.
    selected: bool,
    back_dated: bool,
}

/// Whether `path` is meant as a bundle rather than a ledger.
pub(crate) fn is_meant(path: &Path) -> bool {
    let ends = |with| path.extension().is_some_and(|extension| extension == with);
    ends("zip") || (path.is_file() && !ends("toml"))
}

pub(crate) fn run(asked: &Verify) -> anyhow::Result<ExitCode> {
    let policy = asked.policy.as_deref().map(read_policy).transpose()?;
    let paths: Vec<&Path> = std::iter::once(&asked.dir)
        .chain(&asked.other)
        .map(AsRef::as_ref)
        .collect();
    let (mut bundles, mut judged) = (Vec::new(), Vec::new());
    for path in &paths {
        let zip = read(path)?;
        let verdict = match Bundle::read(&zip) {
            Ok(bundle) => {
                let verdict = judge(&bundle, policy.as_ref(), asked.tolerance_hours);
                bundles.push(bundle);
                verdict
            }
            Err(finding) => Verdict::unreadable(finding),
        };
        judged.push((path.display().to_string(), verdict));
    }
    let mut differences = match &bundles[..] {
        [one, other] => compare::compare(one, other),
        _ => Vec::new(),
    };
    if let [(_, one), (_, other)] = &judged[..]
        && one.shares_a_witness_with(other)
    {
        differences.retain(|one| !matches!(one, Difference::NotConnected { .. }));
    }
    let verdicts = judged.iter().map(|(_, verdict)| verdict.outcome());
    let outcome = worst(
        verdicts.chain(
            differences
                .iter()
                .map(|difference| outcome_of(difference.weight())),
        ),
    );
    let found = Found {
        outcome: word(outcome),
        differences: differences.iter().map(differs).collect(),
        bundles: judged.into_iter().map(judged_as).collect(),
    };
    show(asked.shown.format, &found)?;
    Ok(ExitCode::from(match outcome {
        Outcome::Valid => 0,
        Outcome::Invalid => 1,
        Outcome::Incomplete => 2,
    }))
}

pub(crate) fn read_policy(path: &Path) -> anyhow::Result<Policy> {
    let text = fs::read_to_string(path);
    let text = text.with_context(|| format!("--policy {}", path.display()))?;
    Policy::parse(&text).with_context(|| format!("--policy {}", path.display()))
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    let cannot = || format!("cannot read {}", path.display());
    let bytes = fs::metadata(path).with_context(cannot)?.len();
    if bytes > BUNDLE_BYTES_MAX {
        anyhow::bail!(
            "{}: {bytes} bytes are more than a bundle has",
            path.display()
        );
    }
    fs::read(path).with_context(cannot)
}

const fn outcome_of(weight: Weight) -> Outcome {
    match weight {
        Weight::Remark => Outcome::Valid,
        Weight::Incomplete => Outcome::Incomplete,
        Weight::Invalid => Outcome::Invalid,
    }
}

fn worst(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let grave = |outcome: &Outcome| match outcome {
        Outcome::Valid => 0,
        Outcome::Incomplete => 1,
        Outcome::Invalid => 2,
    };
    outcomes.max_by_key(grave).unwrap_or(Outcome::Invalid)
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Valid => "valid",
        Outcome::Invalid => "invalid",
        Outcome::Incomplete => "incomplete",
    }
}

fn judged_as((bundle, verdict): (String, Verdict)) -> Judged {
    Judged {
        bundle,
        outcome: word(verdict.outcome()),
        about: verdict.about.map(says),
        findings: verdict.findings.iter().map(said).collect(),
        records: verdict.records.into_iter().map(line).collect(),
    }
}

fn says(about: About) -> Says {
    use socai_domain::evidence::Of;
    let of = match about.query.of {
        Of::Unit(id) => ["unit".to_owned(), id.to_string()],
        Of::Document(id) => ["document".to_owned(), id.to_string()],
        Of::Obligation(id) => ["obligation".to_owned(), id.to_string()],
    };
    let cosigned = about.cosigned.into_iter();
    Says {
        origin: about.origin,
        of,
        from: about.query.from,
        to: about.query.to,
        size: about.size,
        root: about.root.to_string(),
        streams: about.streams,
        tail: about.tail,
        checkpoints: about.checkpoints,
        cosigned_by: cosigned
            .map(|(witness, at)| Cosigned { witness, at })
            .collect(),
    }
}

fn said(finding: &Finding) -> Said {
    Said {
        code: finding.code(),
        weight: weight_word(finding.weight()),
        message: finding.to_string(),
    }
}

const fn weight_word(weight: Weight) -> &'static str {
    match weight {
        Weight::Invalid => "invalid",
        Weight::Incomplete => "incomplete",
        Weight::Remark => "remark",
    }
}

fn differs(difference: &Difference) -> Said {
    Said {
        code: difference.code(),
        weight: weight_word(difference.weight()),
        message: difference.to_string(),
    }
}

fn line(record: RecordLine) -> Line {
    Line {
        position: record.position,
        stream: record.stream,
        revision: record.revision,
        event: record.event_type,
        effective: record.effective,
        recorded: record.recorded,
        after: record.bracket.after,
        by: record.bracket.by,
        selected: record.selected,
        back_dated: record.back_dated,
    }
}

fn show(format: Format, found: &Found) -> anyhow::Result<()> {
    match format {
        Format::Json => println!("{}", serde_json::to_string(found)?),
        Format::Csv => {
            let lines: Vec<&Line> = found.bundles.iter().flat_map(|one| &one.records).collect();
            output::show(format, None, &lines, || cells(&lines))?;
        }
        Format::Table => {
            for bundle in &found.bundles {
                tell(bundle)?;
            }
            tell_findings(&found.differences);
            if found.bundles.len() > 1 {
                println!("together: {}", verdict_of(found.outcome));
            }
        }
    }
    Ok(())
}

fn tell(bundle: &Judged) -> anyhow::Result<()> {
    println!("{}: {}", bundle.bundle, verdict_of(bundle.outcome));
    if let Some(about) = &bundle.about {
        let [what, id] = &about.of;
        let (from, to) = (about.from, about.to);
        println!("  about       {what} {id}, due from {from} to {to}");
        println!("  checkpoint  {}, size {}", about.origin, about.size);
        println!("  root        {}", about.root);
        let cosigned = about.cosigned_by.iter();
        let cosigned: Vec<String> = cosigned
            .map(|by| format!("{} at {}", by.witness, by.at))
            .collect();
        if !cosigned.is_empty() {
            println!("  cosigned    {}", cosigned.join(", "));
        }
    }
    tell_findings(&bundle.findings);
    let lines: Vec<&Line> = bundle.records.iter().collect();
    if !lines.is_empty() {
        output::show(Format::Table, None, &lines, || cells(&lines))?;
    }
    Ok(())
}

/// The first findings of each kind: where everything fails, a thousand lines say no more than a dozen.
fn tell_findings(findings: &[Said]) {
    for same in findings.chunk_by(|one, next| one.code == next.code) {
        for finding in same.iter().take(SHOWN_MAX) {
            let message: String = finding
                .message
                .chars()
                .filter(|c| !c.is_control())
                .collect();
            println!("  {}: {message} [{}]", finding.weight, finding.code);
        }
        if same.len() > SHOWN_MAX {
            println!("  … and {} more [{}]", same.len() - SHOWN_MAX, same[0].code);
        }
    }
}

fn verdict_of(outcome: &str) -> &str {
    match outcome {
        "valid" => "VALID",
        "incomplete" => "VALID, BUT NOT ENOUGH",
        _ => "INVALID",
    }
}

fn cells(lines: &[&Line]) -> Cells {
    let time = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.to_string());
    Cells {
        columns: vec![
            figures("position"),
            words("stream"),
            figures("revision"),
            words("event"),
            words("effective"),
            words("recorded"),
            words("not before"),
            words("not after"),
            words("mark"),
        ],
        rows: lines
            .iter()
            .map(|line| {
                vec![
                    line.position.to_string(),
                    line.stream.clone(),
                    line.revision.to_string(),
                    line.event.clone(),
                    line.effective.to_string(),
                    line.recorded.to_string(),
                    time(line.after),
                    time(line.by),
                    mark(line).to_owned(),
                ]
            })
            .collect(),
        empty: "the bundle has no record",
    }
}

fn mark(line: &Line) -> &'static str {
    match (line.back_dated, line.selected) {
        (true, _) => "back-dated",
        (false, true) => "",
        (false, false) => "tail",
    }
}

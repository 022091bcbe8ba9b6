//! `socai verify F.zip`: whether an evidence bundle proves what it shows; of two, whether they show one history.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;
use jiff::Timestamp;
use socai_operations::works::verify::{
    BUNDLE_BYTES_MAX, Bundles, Given, INCOMPLETE, Judged, Line, Said, VALID, judge_bundles,
};
use socai_tlog::Policy;

use crate::arguments::{Format, Verify};
use crate::output::{self, Cells, figures, words};

/// Findings of one kind that a table shows.
const SHOWN_MAX: usize = 12;

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
    let given = paths.into_iter().map(|path| {
        let name = path.display().to_string();
        read(path).map(|zip| Given { name, zip })
    });
    let given: Vec<Given> = given.collect::<anyhow::Result<_>>()?;
    let found = judge_bundles(given, policy.as_ref(), asked.tolerance_hours);
    show(asked.shown.format, &found)?;
    Ok(exit_code(found.outcome))
}

/// The exit status of an outcome.
pub(crate) fn exit_code(outcome: &str) -> ExitCode {
    ExitCode::from(match outcome {
        VALID => 0,
        INCOMPLETE => 2,
        _ => 1,
    })
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

fn show(format: Format, found: &Bundles) -> anyhow::Result<()> {
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

/// An outcome as a table says it.
pub(crate) fn verdict_of(outcome: &str) -> &'static str {
    match outcome {
        VALID => "VALID",
        INCOMPLETE => "VALID, BUT NOT ENOUGH",
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

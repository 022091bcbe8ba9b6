//! `socai verify RECEIPT --record FILE`: whether a receipt proves that the ledger had exactly this record.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use socai_operations::works::verify::{Receipt, judge_receipt};
use socai_tlog::proof_file::PROOF_FILE;

use super::verify_bundle::{exit_code, read_policy, verdict_of};
use crate::arguments::{Format, Verify};

/// Whether `path` holds a receipt.
pub(crate) fn is_meant(path: &Path) -> bool {
    let mut begin = Vec::new();
    let file = File::open(path).map(|file| file.take(PROOF_FILE.len() as u64));
    let read = file.and_then(|mut file| file.read_to_end(&mut begin));
    read.is_ok() && begin == PROOF_FILE.as_bytes()
}

pub(crate) fn run(asked: &Verify) -> anyhow::Result<ExitCode> {
    let file = asked.dir.display();
    if asked.other.iter().next().is_some() {
        bail!("{file} is a receipt: it is verified alone");
    }
    let Some(record) = &asked.record else {
        eprintln!(
            "socai: {file} is a receipt, and holds no record: give the record that it is for with --record FILE, as a line \
             of socai export"
        );
        return Ok(ExitCode::from(2));
    };
    let record = fs::read(record).with_context(|| format!("--record {}", record.display()))?;
    // A line of an export ends in a newline that is not the record's.
    let record = record.strip_suffix(b"\n").unwrap_or(&record);
    let policy = asked.policy.as_deref().map(read_policy).transpose()?;
    let receipt = fs::read(&asked.dir).with_context(|| format!("cannot read {file}"))?;
    let found = judge_receipt(&receipt, record, policy.as_ref());
    show(asked, &found)?;
    Ok(exit_code(found.outcome))
}

fn show(asked: &Verify, found: &Receipt) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let shown = match asked.shown.format {
        Format::Json => writeln!(out, "{}", serde_json::to_string(found)?),
        Format::Table | Format::Csv => tell(&mut out, &asked.dir, found),
    };
    shown.context("standard output")
}

fn tell(out: &mut impl Write, receipt: &Path, found: &Receipt) -> io::Result<()> {
    let verdict = verdict_of(found.outcome);
    writeln!(out, "{}: {verdict}", receipt.display())?;
    if let Some(position) = found.position {
        writeln!(out, "  record      position {position}")?;
    }
    if let (Some(origin), Some(size), Some(root)) = (&found.origin, found.size, &found.root) {
        writeln!(out, "  checkpoint  {origin}, size {size}")?;
        writeln!(out, "  root        {root}")?;
    }
    for by in &found.cosigned_by {
        let at = by.at.map_or_else(String::new, |at| format!(" at {at}"));
        writeln!(out, "  cosigned    {}{at}", by.witness)?;
    }
    match &found.problem {
        Some(problem) => writeln!(out, "  {}: {problem}", found.outcome),
        None => Ok(()),
    }
}

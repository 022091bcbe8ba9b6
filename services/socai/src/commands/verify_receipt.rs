//! `socai verify RECEIPT --record FILE`: whether a receipt proves that the ledger had exactly this record.
//!
//! What the ledger said of its keys later is not in a receipt: one that was signed by a key that was stolen since is for
//! the policy to disbelieve.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, bail};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use socai_tlog::policy::Quorum;
use socai_tlog::proof_file::PROOF_FILE;
use socai_tlog::{Checkpoint, Hash, Policy, ProofFile};

use super::verify_bundle::read_policy;
use crate::arguments::{Format, Verify};

/// What was found. The shape of `--format json`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Found {
    /// `valid` (exit status 0), `invalid` (1), or `incomplete` (2): the record is proven, and nothing says whether
    /// those who signed are enough.
    outcome: &'static str,
    /// The position that the receipt is for.
    position: Option<u64>,
    /// The log.
    origin: Option<String>,
    /// How many records the checkpoint covers.
    size: Option<u64>,
    /// Their root, in base64.
    root: Option<String>,
    /// The witnesses of the policy that cosigned it.
    cosigned_by: Vec<Cosigned>,
    /// Why it is not valid.
    problem: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Cosigned {
    witness: String,
    at: Option<Timestamp>,
}

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
    let found = judge(&receipt, record, policy.as_ref());
    show(asked, &found)?;
    Ok(ExitCode::from(match found.outcome {
        VALID => 0,
        INCOMPLETE => 2,
        _ => 1,
    }))
}

const VALID: &str = "valid";
const INCOMPLETE: &str = "incomplete";

fn judge(receipt: &[u8], record: &[u8], policy: Option<&Policy>) -> Found {
    let proof = match ProofFile::parse(receipt) {
        Ok(proof) => proof,
        Err(error) => return Found::invalid(error.to_string()),
    };
    let position = proof.index.checked_add(1);
    let checkpoint = match proof.verify(&Hash::of_leaf(record)) {
        Ok(checkpoint) => checkpoint,
        Err(error) => {
            let problem = format!("it does not prove this record: {error}");
            return Found {
                position,
                ..Found::invalid(problem)
            };
        }
    };
    Found {
        position,
        ..believed(&proof, checkpoint, policy)
    }
}

/// Whether those have signed whom the policy asks for.
fn believed(proof: &ProofFile, checkpoint: Checkpoint, policy: Option<&Policy>) -> Found {
    let judged = policy.map(|policy| policy.judge(&proof.checkpoint));
    let (outcome, problem, cosigned) = match judged {
        None => {
            let why = "no policy says whose signatures to believe";
            (INCOMPLETE, Some(why.to_owned()), Vec::new())
        }
        Some(Err(error)) => ("invalid", Some(error.to_string()), Vec::new()),
        Some(Ok(judged)) => match judged.quorum {
            Quorum::Reached { .. } | Quorum::NotAsked => (VALID, None, judged.cosigned),
            Quorum::NotReached => {
                let why = "fewer witnesses cosigned than the policy asks for";
                (INCOMPLETE, Some(why.to_owned()), judged.cosigned)
            }
        },
    };
    Found {
        outcome,
        position: None,
        origin: Some(checkpoint.origin),
        size: Some(checkpoint.size),
        root: Some(checkpoint.root.to_string()),
        cosigned_by: cosigned.into_iter().map(cosigned_at).collect(),
        problem,
    }
}

fn cosigned_at((witness, seconds): (String, u64)) -> Cosigned {
    let seconds = i64::try_from(seconds).ok();
    let at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    Cosigned { witness, at }
}

impl Found {
    const fn invalid(problem: String) -> Self {
        Self {
            outcome: "invalid",
            position: None,
            origin: None,
            size: None,
            root: None,
            cosigned_by: Vec::new(),
            problem: Some(problem),
        }
    }
}

fn show(asked: &Verify, found: &Found) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let shown = match asked.shown.format {
        Format::Json => writeln!(out, "{}", serde_json::to_string(found)?),
        Format::Table | Format::Csv => tell(&mut out, &asked.dir, found),
    };
    shown.context("standard output")
}

fn tell(out: &mut impl Write, receipt: &Path, found: &Found) -> io::Result<()> {
    let verdict = match found.outcome {
        VALID => "VALID",
        INCOMPLETE => "VALID, BUT NOT ENOUGH",
        _ => "INVALID",
    };
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

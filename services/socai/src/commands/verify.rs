//! `socai verify`: every record, and everything that was sealed of them.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use socai_app::audit::{self, AtRest, Counting};
use socai_operations::works::verification::Found;
use socai_tlog::Policy;

use crate::arguments::{Format, Verify};
use crate::commands::{verify_bundle, verify_receipt};
use crate::place::Place;
use crate::{at_rest, progress};

pub(crate) async fn run(verify: &Verify) -> anyhow::Result<ExitCode> {
    if verify_receipt::is_meant(&verify.dir) {
        return verify_receipt::run(verify);
    }
    if verify.record.is_some() {
        bail!("--record: {} is no receipt", verify.dir.display());
    }
    if verify_bundle::is_meant(&verify.dir) {
        return verify_bundle::run(verify);
    }
    if let Some(other) = &verify.other {
        bail!(
            "{} is a ledger, and is verified by itself: leave {} out. Two bundles can be compared with each other",
            verify.dir.display(),
            other.display()
        );
    }
    let policy = verify.policy.as_deref().map(verify_bundle::read_policy);
    let policy = policy.transpose()?;
    let is_asked = policy.is_some();
    let ledger = at_rest::at(Place::of(&verify.dir)?).await?;
    let found = check(&*ledger, policy).await?;
    let verdict = match &found {
        Found { valid: false, .. } => None,
        Found { believed: None, .. } if is_asked => Some(NOT_BELIEVED),
        Found { valid: true, .. } => Some("valid"),
    };
    match verify.shown.format {
        Format::Json => println!("{}", serde_json::to_string(&found)?),
        Format::Table | Format::Csv => tell(&found, verdict),
    }
    Ok(match found {
        Found { valid: false, .. } => ExitCode::from(1),
        Found { believed: None, .. } if is_asked => ExitCode::from(2),
        Found { valid: true, .. } => ExitCode::SUCCESS,
    })
}

/// Reads all of it, and shows how far that has come.
async fn check(ledger: &dyn AtRest, policy: Option<Policy>) -> anyhow::Result<Found> {
    let bar = progress::bar(0, "verifying");
    let shown = bar.clone();
    let progress: Counting = Arc::new(move |done, of| {
        shown.set_length(of);
        shown.set_position(done);
    });
    let verified = audit::verify(ledger, policy, progress).await?;
    bar.finish_and_clear();
    Ok(verified.into())
}

/// Fails where anything is wrong with the ledger in `dir`, with all of it.
///
/// # Errors
///
/// What is wrong.
pub(crate) async fn expect_valid(dir: &Path) -> anyhow::Result<()> {
    let found = check(&*at_rest::in_directory(dir), None).await?;
    if found.valid {
        return Ok(());
    }
    bail!("it does not verify: {}", found.problems.join("; "))
}

/// The verdict on a ledger that holds together, and that a policy does not believe.
const NOT_BELIEVED: &str =
    "INCOMPLETE: no checkpoint is signed by all whom the policy asks for; otherwise it is valid";

fn tell(found: &Found, verdict: Option<&str>) {
    println!("{} records are whole", found.position);
    println!("{} records hold together", found.folded);
    match (found.sealed, &found.root) {
        (Some(sealed), Some(root)) => println!(
            "{sealed} records are sealed, with root {root}; {} checkpoints and {} tiles agree",
            found.checkpoints, found.tiles
        ),
        (_, _) => println!("no record is sealed"),
    }
    if let Some(believed) = found.believed {
        println!("{believed} records are covered by a checkpoint that the policy believes");
    }
    if let Some(heads) = found.heads {
        println!("the heads sealed last cover {heads} records, and are those of every stream");
    }
    match found.snapshot {
        Some(at) => println!("the snapshot at position {at} equals a fresh fold"),
        None => println!("there is no snapshot to compare"),
    }
    for remark in &found.remarks {
        println!("note: {remark}");
    }
    for problem in &found.problems {
        println!("INVALID: {problem}");
    }
    if let Some(verdict) = verdict {
        println!("{verdict}");
    }
}

//! `socai verify`: frames, records, revisions, and a fresh fold against the snapshot.

use std::path::Path;
use std::process::ExitCode;

use schemars::JsonSchema;
use serde::Serialize;
use socai_app::ledger::fold_until;
use socai_app::snapshots::Snapshots;
use socai_ledger::image::Image;
use socai_store::{EventStore, Position};
use socai_store_segment::SegmentStore;

use crate::arguments::{Format, Verify};
use crate::commands::verify_bundle;
use crate::place::Place;
use crate::{data_dir, progress};

/// What was found. The shape of `--format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Found {
    valid: bool,
    /// The last position that is whole.
    position: u64,
    /// The last position up to which the history holds together.
    folded: u64,
    /// The position of the snapshot that equals a fresh fold, if there is one.
    snapshot: Option<u64>,
    /// What is wrong, and where.
    problem: Option<String>,
}

pub(crate) async fn run(verify: &Verify) -> anyhow::Result<ExitCode> {
    if verify_bundle::is_meant(&verify.dir) {
        return verify_bundle::run(verify);
    }
    let found = match Place::of(&verify.dir)? {
        Place::Directory(dir) => check(&dir)?,
        place @ Place::Nats(_) => check_store(&*place.look().await?.1).await?,
    };
    match verify.shown.format {
        Format::Json => println!("{}", serde_json::to_string(&found)?),
        Format::Table | Format::Csv => tell(&found),
    }
    Ok(if found.valid {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn check(dir: &Path) -> anyhow::Result<Found> {
    let spinner = progress::spinner("checking frames");
    let verified = SegmentStore::verify(dir, |position| spinner.set_position(position.0))?;
    spinner.finish_and_clear();
    let mut found = Found {
        valid: false,
        position: verified.position,
        folded: 0,
        snapshot: None,
        problem: verified.damage.map(|damage| damage.to_string()),
    };
    if found.problem.is_none() {
        let reached = data_dir::check_reached(dir, Position(found.position));
        found.problem = reached.err().map(|error| error.to_string());
    }
    if found.problem.is_none() {
        found.problem = refold(dir, &mut found)?;
    }
    found.valid = found.problem.is_none();
    Ok(found)
}

/// Reads and folds every record of a ledger that is kept elsewhere.
async fn check_store(store: &dyn EventStore) -> anyhow::Result<Found> {
    let mut found = Found {
        valid: false,
        position: store.head().await?.0,
        folded: 0,
        snapshot: None,
        problem: None,
    };
    let bar = progress::bar(found.position, "folding");
    let mut image = Image::new();
    while found.problem.is_none() && image.position().0 < found.position {
        let until = Position((image.position().0 + CHUNK).min(found.position));
        match fold_until(store, std::mem::take(&mut image), Some(until)).await {
            Ok(folded) => image = folded,
            Err(error) => found.problem = Some(format!("{:#}", anyhow::anyhow!(error))),
        }
        found.folded = found.folded.max(image.position().0);
        bar.set_position(found.folded);
    }
    bar.finish_and_clear();
    found.valid = found.problem.is_none();
    Ok(found)
}

/// Records folded between two steps of the progress bar.
const CHUNK: u64 = 65_536;

/// Folds every record, up to the snapshot and on to the end. Says what does not hold together.
fn refold(dir: &Path, found: &mut Found) -> anyhow::Result<Option<String>> {
    let store = SegmentStore::open_read_only(dir)?;
    let snapshot = Snapshots::of(dir).latest(None);
    let until = snapshot.as_ref().map_or(Position::ZERO, Image::position);
    let bar = progress::bar(found.position, "folding");
    let mut image = Image::new();
    for stop in [until, Position(found.position)] {
        let after = image.position();
        let records = store.scan(after).map(|chunk| {
            let records: Vec<_> = chunk?
                .recorded()
                .take_while(|record| record.position <= stop)
                .collect();
            bar.inc(records.len() as u64);
            Ok::<_, socai_store::ReadError>(records)
        });
        let folded = image
            .fold_all(records.take_while(|records| {
                records.as_ref().map_or(true, |records| !records.is_empty())
            }));
        found.folded = image.position().0;
        if let Err(error) = folded {
            return Ok(Some(format!("{:#}", anyhow::anyhow!(error))));
        }
        if let Some(snapshot) = snapshot.as_ref().filter(|_| stop == until) {
            if bytes(snapshot)? != bytes(&image)? {
                return Ok(Some(format!(
                    "the snapshot at position {} is not what the records come to: delete {} and \
                     open the ledger again",
                    until.0,
                    dir.join("image").display()
                )));
            }
            found.snapshot = Some(until.0);
        }
    }
    bar.finish_and_clear();
    Ok(None)
}

fn bytes(image: &Image) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    image.write_snapshot(&mut bytes)?;
    Ok(bytes)
}

fn tell(found: &Found) {
    println!("{} records are whole", found.position);
    println!("{} records hold together", found.folded);
    match (&found.problem, found.snapshot) {
        (Some(problem), _) => println!("INVALID: {problem}"),
        (None, Some(at)) => println!("the snapshot at position {at} equals a fresh fold\nvalid"),
        (None, None) => println!("there is no snapshot to compare\nvalid"),
    }
}

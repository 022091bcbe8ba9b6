//! `socai verify`: every record, and everything that was sealed of them.

use std::num::NonZeroU32;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use indicatif::ProgressBar;
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::audit::{Against, Audit, KeptTiles, Problem, Progress, Records, Report};
use socai_app::snapshots::Snapshots;
use socai_store::{Alarm, CheckpointError, EventStore, Mark, Marks, Position, ReadError};
use socai_store_segment::{Chunk, SegmentStore, Verified};
use socai_tlog::Policy;
use socai_tlog_directory::{DirectoryCheckpoints, DirectoryMarks, DirectoryTiles};

use crate::arguments::{Format, Verify};
use crate::commands::{verify_bundle, verify_receipt};
use crate::config::Config;
use crate::place::Place;
use crate::{data_dir, progress, sealing};

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
    /// How many records are sealed by a checkpoint that they agree with; `null` where nothing is.
    sealed: Option<u64>,
    /// The root of their tree, in base64.
    root: Option<String>,
    /// How many records the largest checkpoint covers that all those signed whom `--policy` asks for.
    believed: Option<u64>,
    /// How many checkpoints there are, every one of which was looked at.
    checkpoints: u64,
    /// How many tiles were compared.
    tiles: u64,
    /// How many records the heads of all streams cover that the ledger sealed last, if it did and they are right.
    heads: Option<u64>,
    /// What is wrong, and where: the first of `problems`.
    problem: Option<String>,
    /// Everything that is wrong, the first of each sort.
    problems: Vec<String>,
    /// What is worth knowing, the first of each sort.
    remarks: Vec<String>,
}

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
    let found = match Place::of(&verify.dir)? {
        Place::Directory(dir) => check(&dir, policy).await?,
        Place::Nats(config) => check_store(config, policy).await?,
    };
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

async fn check(dir: &Path, policy: Option<Policy>) -> anyhow::Result<Found> {
    let store = SegmentStore::open_read_only(dir)?;
    let end = store.last_position();
    // Read before the checkpoints: these may become more meanwhile.
    let marked = Marked::read(dir).await;
    let checkpoints = DirectoryCheckpoints::verify(dir);
    let lost = damage_of(checkpoints)?;
    let against = Against {
        store: Arc::new(store),
        tiles: KeptTiles::All(Arc::new(DirectoryTiles::new(dir))),
        checkpoints: match DirectoryCheckpoints::open_read_only(dir) {
            Ok(log) => Some(Arc::new(log)),
            Err(_) => None,
        },
        policy,
        snapshot: Snapshots::of(dir).kept(Some(end)).into_iter().next(),
    };
    let (bar, progress) = bar(end.0);
    let audit = Audit::start(against, progress).await?;
    let verified = frames(dir, audit.records()).await?;
    let report = audit.end().await?;
    bar.finish_and_clear();

    let reached = data_dir::check_reached(dir, Position(verified.position));
    let damage = verified.damage.map(|damage| damage.to_string());
    let damage = damage.or_else(|| reached.err().map(|error| error.to_string()));
    let [gone, alarm] = marked.problems(&report);
    Ok(found(report, [alarm, damage, lost], gone))
}

/// Fails where anything is wrong with the ledger in `dir`, with all of it.
///
/// # Errors
///
/// What is wrong.
pub(crate) async fn expect_valid(dir: &Path) -> anyhow::Result<()> {
    let found = check(dir, None).await?;
    if found.valid {
        return Ok(());
    }
    bail!("it does not verify: {}", found.problems.join("; "))
}

/// What sealers noted outside the checkpoints.
#[derive(Default)]
struct Marked {
    mark: Option<Mark>,
    unread: Option<String>,
    alarm: Option<Alarm>,
}

impl Marked {
    async fn read(dir: &Path) -> Self {
        let marks = DirectoryMarks::new(dir);
        let (mark, alarm) = (marks.mark().await, marks.alarm().await);
        let unread = mark.as_ref().err().map(ToString::to_string);
        Self {
            mark: mark.ok().flatten(),
            unread,
            alarm: alarm.ok().flatten(),
        }
    }

    /// What is wrong by it, in sentences: with the checkpoints, and an alarm.
    fn problems(self, report: &Report) -> [Option<String>; 2] {
        let alarm = self.alarm.map(|Alarm { sentence, place }| {
            format!(
                "an alarm was raised, and nothing is sealed until {place} is removed: {sentence}"
            )
        });
        let gone = self.mark.filter(|mark| mark.entries > report.checkpoints);
        let gone = gone.map(|Mark { entries, size, .. }| {
            format!(
                "it was sealed at position {size} with {entries} checkpoints, and {} are kept",
                match report.checkpoints {
                    0 => "none".to_owned(),
                    kept => format!("only {kept}"),
                }
            )
        });
        [self.unread.or(gone), alarm]
    }
}

fn damage_of(checkpoints: Result<(), CheckpointError>) -> anyhow::Result<Option<String>> {
    match checkpoints {
        Ok(()) => Ok(None),
        Err(damage @ CheckpointError::Corrupt { .. }) => {
            Ok(Some(Problem::Checkpoints(damage).to_string()))
        }
        Err(unavailable @ CheckpointError::Unavailable(_)) => Err(unavailable.into()),
    }
}

/// Reads every frame, and gives away what is in it.
async fn frames(dir: &Path, records: Records) -> anyhow::Result<Verified> {
    let dir = dir.to_owned();
    let give = move |chunk: Chunk| records.give_blocking(chunk.recorded().collect());
    let read = tokio::task::spawn_blocking(move || SegmentStore::verify(&dir, give));
    Ok(read.await??)
}

/// Records read at once from servers.
const CHUNK: NonZeroU32 = NonZeroU32::new(4_096).expect("not zero");

/// Reads every record of a ledger on NATS. Tiles are copies there, of each machine's own.
async fn check_store(config: Box<Config>, policy: Option<Policy>) -> anyhow::Result<Found> {
    let tiles = match &config.serve.state {
        Some(state) => KeptTiles::Copies(Arc::new(DirectoryTiles::new(state))),
        None => KeptTiles::Nowhere,
    };
    let marked = match &config.serve.state {
        Some(state) => Marked::read(state).await,
        None => Marked::default(),
    };
    let place = Place::Nats(config);
    let (_, store) = place.look().await?;
    let against = Against {
        store: store.clone(),
        tiles,
        checkpoints: sealing::checkpoints_of(&place).await?,
        policy,
        snapshot: None,
    };
    let (bar, progress) = bar(0);
    let audit = Audit::start(against, progress).await?;
    // What was signed before this is asked covers no more than this.
    let end = store.head().await?;
    bar.set_length(end.0);
    let read = read_all(&*store, end, audit.records()).await;
    let report = audit.end().await?;
    bar.finish_and_clear();
    let unread = read.err().map(|error| Problem::Read(error).to_string());
    let [gone, alarm] = marked.problems(&report);
    Ok(found(report, [alarm, unread, None], gone))
}

async fn read_all(store: &dyn EventStore, end: Position, give: Records) -> Result<(), ReadError> {
    let mut after = Position::ZERO;
    while after < end {
        let records = store.read_all(after, CHUNK).await?;
        let Some(last) = records.last() else {
            return Ok(());
        };
        after = last.position;
        give.give(records).await;
    }
    Ok(())
}

fn bar(end: u64) -> (ProgressBar, Progress) {
    let bar = progress::bar(end, "verifying");
    let counted = bar.clone();
    (bar, Arc::new(move |records| counted.inc(records)))
}

fn found(report: Report, of_the_log: [Option<String>; 3], gone: Option<String>) -> Found {
    let of_the_seals = report.problems.iter().map(ToString::to_string);
    let problems: Vec<String> = of_the_log
        .into_iter()
        .flatten()
        .chain(of_the_seals)
        .chain(gone)
        .collect();
    Found {
        valid: problems.is_empty(),
        position: report.records,
        folded: report.folded,
        snapshot: report.snapshot,
        sealed: report.sealed.map(|sealed| sealed.size),
        root: report.sealed.map(|sealed| sealed.root.to_string()),
        believed: report.believed.map(|sealed| sealed.size),
        checkpoints: report.checkpoints,
        tiles: report.tiles,
        heads: report.heads,
        problem: problems.first().cloned(),
        problems,
        remarks: report.remarks.iter().map(ToString::to_string).collect(),
    }
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

//! A ledger's directory: the log in `log/`, snapshots of the image in `image/`, attachments in `blobs/`. And
//! looking at a ledger, wherever it is.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::civil::Date;
use socai_app::ledger::{Founding, Ledger, fold_until};
use socai_app::snapshots::{Snapshots, WORTH_EVENTS};
use socai_domain::line::Line;
use socai_ledger::image::Image;
use socai_operations::known_at::KnownAt;
use socai_operations::question::Frame;
use socai_store::{EventStore, Position};
use socai_store_segment::SegmentStore;
use uuid::Uuid;

use crate::place::Place;
use crate::{backup_dir, progress};

/// Records that are left to fold before a progress bar is worth showing.
const WORTH_A_BAR: u64 = 200_000;

/// What a ledger with a simulated clock says of itself; the same bytes whenever it is made.
pub(crate) fn simulated(origin: &str) -> anyhow::Result<Founding> {
    Ok(Founding {
        origin: Line::new(origin).context("--origin")?,
        claims_stand_after_days: None,
        simulated_clock: true,
        log_key: None,
        id: Uuid::nil(),
    })
}

/// Opens the ledger in `dir` to record into it, and says at which position its snapshot stands. No other
/// process can record, meanwhile.
///
/// # Errors
///
/// Where it is not there, in use, damaged, or cannot be written.
pub(crate) fn open(dir: &Path) -> anyhow::Result<(Ledger, Position)> {
    backup_dir::expect_none(dir)?;
    let store = SegmentStore::open(dir)?;
    check_reached(dir, store.last_position())?;
    // A snapshot past the end of the log tells of records that are not there.
    let snapshot = Snapshots::of(dir)
        .latest(Some(store.last_position()))
        .unwrap_or_default();
    let kept = snapshot.position();
    let image = fold(snapshot, &store, None)?;
    Ok((Ledger::new(Arc::new(store), image)?, kept))
}

/// A ledger opened to look at: as it is now, also while another process records into it.
pub(crate) struct Looking {
    /// The records.
    pub(crate) store: Arc<dyn EventStore>,
    /// The image at the position that was asked for.
    pub(crate) image: Image,
    /// The last position there is.
    pub(crate) position: Position,
}

impl Looking {
    /// The frame of an answer for `as_of`.
    pub(crate) fn frame(&self, as_of: Option<Date>) -> Frame {
        Frame {
            position: self.position.0,
            known_at: self.image.position().0,
            as_of,
            definition: socai_domain::rate::DEFINITION,
        }
    }
}

/// Opens the log in `dir` to look at it, also while another process records into it.
///
/// # Errors
///
/// Where it is not there or damaged.
pub(crate) fn look_at_log(dir: &Path) -> anyhow::Result<SegmentStore> {
    backup_dir::expect_whole(dir)?;
    let store = SegmentStore::open_read_only(dir)?;
    if let Some(damage) = store.damage() {
        bail!(
            "the ledger in {} is damaged: {damage}; run socai verify {}",
            dir.display(),
            dir.display()
        );
    }
    check_reached(dir, store.last_position())?;
    Ok(store)
}

/// Opens the ledger at `path` to look at it, as known at `known`.
///
/// # Errors
///
/// Where it is not there or damaged, and where `known` lies past its end.
pub(crate) async fn look(path: &Path, known: Option<KnownAt>) -> anyhow::Result<Looking> {
    match Place::of(path)? {
        Place::Directory(dir) => {
            let store = look_at_log(&dir)?;
            let position = store.last_position();
            let until = until(&store, position, known).await?;
            let snapshot = Snapshots::of(&dir)
                .latest(until.or(Some(position)))
                .unwrap_or_default();
            let image = fold(snapshot, &store, until)?;
            Ok(Looking {
                store: Arc::new(store),
                image,
                position,
            })
        }
        place @ Place::Nats(_) => {
            let (_, store) = place.look().await?;
            let position = store.head().await?;
            let until = until(&*store, position, known).await?;
            let image = fold_until(&*store, Image::new(), until.or(Some(position))).await?;
            Ok(Looking {
                store,
                image,
                position,
            })
        }
    }
}

async fn until(
    store: &dyn EventStore,
    end: Position,
    known: Option<KnownAt>,
) -> anyhow::Result<Option<Position>> {
    match known {
        None => Ok(None),
        Some(KnownAt::Position(known)) if known > end.0 => {
            bail!("--known-at {known}: the ledger ends at position {end}")
        }
        Some(KnownAt::Position(known)) => Ok(Some(Position(known))),
        Some(KnownAt::Time(time)) => Ok(Some(socai_app::history::known_at(store, time).await?)),
    }
}

/// The image at `until`, or at the end: `image`, and the records after it.
fn fold(mut image: Image, store: &SegmentStore, until: Option<Position>) -> anyhow::Result<Image> {
    let end = until.unwrap_or(store.last_position());
    let left = end.0.saturating_sub(image.position().0);
    let bar = (left >= WORTH_A_BAR).then(|| progress::bar(left, "folding"));
    image.fold_all(store.scan(image.position()).map(|chunk| {
        let records: Vec<_> = chunk?
            .recorded()
            .take_while(|record| record.position <= end)
            .collect();
        bar.iter().for_each(|bar| bar.inc(records.len() as u64));
        Ok::<_, socai_store::ReadError>(records)
    }))?;
    bar.iter()
        .for_each(indicatif::ProgressBar::finish_and_clear);
    Ok(image)
}

/// Ends the work on the ledger in `dir`: notes how far it reached, and keeps a snapshot where enough was recorded
/// since the one that stands at `kept`. Neither is needed to open it again, so failing to is only told.
pub(crate) fn close(dir: &Path, image: &Image, kept: Position) {
    let position = image.position();
    let noted = note_reached(dir, position);
    let worth = position.0 >= kept.0 + WORTH_EVENTS;
    let snapshot = if worth {
        Snapshots::of(dir).keep(image)
    } else {
        Ok(())
    };
    if let Err(error) = noted.and(snapshot) {
        eprintln!("socai: the next opening will take longer ({error}); the ledger is complete");
    }
}

/// The position that the ledger had reached when it was last closed, as text. The log cannot tell a
/// segment that somebody cut from one whose last write a crash tore; this can.
const REACHED: &str = "reached";

/// Notes that the log has reached `position`.
///
/// # Errors
///
/// Where the directory cannot be written.
pub(crate) fn note_reached(dir: &Path, position: Position) -> std::io::Result<()> {
    std::fs::write(dir.join(REACHED), format!("{}\n", position.0))
}

/// Checks that the log still has what it had when it was last closed.
///
/// # Errors
///
/// Where it ends earlier.
pub(crate) fn check_reached(dir: &Path, position: Position) -> anyhow::Result<()> {
    let noted = std::fs::read_to_string(dir.join(REACHED)).ok();
    let reached = noted
        .and_then(|noted| noted.trim().parse().ok())
        .unwrap_or(0);
    if position.0 < reached {
        bail!(
            "the ledger in {} is damaged: it had reached position {reached}, but its log ends at position \
             {}; a file was cut, replaced or restored from an older copy (where that is meant, delete {})",
            dir.display(),
            position.0,
            dir.join(REACHED).display()
        );
    }
    Ok(())
}

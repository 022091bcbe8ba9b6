//! What a sealer holds the ledger and its checkpoints against besides themselves: what was noted of earlier sealing,
//! and what the ledger's own records say of it.

use socai_store::{Mark, Recorded, envelope};
use socai_tlog::Hash;

use super::error::{CheckpointsGone, NotWhatWasSealed};
use super::{Ports, SealError};

/// The event that says that there was a checkpoint.
const EXPORTED: &str = "evidence.exported.v1";

/// Whether checkpoints that were there have to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// They have to.
    All,
    /// A person has looked, and says that it begins without them.
    Anew,
}

/// What was noted, until the log came by it.
pub(super) struct Marked {
    expected: Expected,
    noted: Option<Mark>,
    passed: bool,
}

impl Marked {
    pub(super) async fn read(ports: &Ports, expected: Expected) -> Result<Self, SealError> {
        let noted = ports.marks.mark().await?;
        Ok(Self {
            expected,
            noted,
            passed: noted.is_none(),
        })
    }

    /// Size and root that were noted and not come by yet.
    pub(super) fn ahead(&self) -> Option<(u64, Hash)> {
        let noted = self.noted.filter(|_| !self.passed)?;
        Some((noted.size, noted.root))
    }

    /// The same, if it comes after the first `size` records, and not after the first `until`.
    pub(super) fn within(&self, size: u64, until: u64) -> Option<(u64, Hash)> {
        self.ahead()
            .filter(|(noted, _)| *noted > size && *noted <= until)
    }

    /// The first `size` records have the root that they had.
    pub(super) fn came_by(&mut self, size: u64) {
        self.passed |= self.noted.is_some_and(|noted| noted.size == size);
    }

    pub(super) fn is_passed(&self) -> bool {
        self.passed
    }

    /// Checks that the log still has what was noted, where it ends at `head`.
    pub(super) fn check_end(&self, head: u64) -> Result<(), SealError> {
        match self.ahead() {
            Some((size, root)) if size > head => {
                Err(NotWhatWasSealed::Ends { size, root, head }.into())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Checks that `entries` of the log of checkpoints are as many as there were.
    pub(super) fn check_entries(&self, entries: u64) -> Result<(), SealError> {
        let lost = |noted: &Mark| noted.entries > entries && self.expected == Expected::All;
        match self.noted.filter(lost) {
            Some(Mark {
                size,
                entries: noted,
                ..
            }) => Err(CheckpointsGone::Noted {
                size,
                noted,
                entries,
            }
            .into()),
            None => Ok(()),
        }
    }

    /// Checks, where no checkpoint is kept, that `recorded` does not tell of one.
    pub(super) fn check_record(&self, recorded: &Recorded) -> Result<(), SealError> {
        if self.expected == Expected::All && tells_of_a_checkpoint(recorded) {
            let position = recorded.position.0;
            return Err(CheckpointsGone::Exported { position }.into());
        }
        Ok(())
    }

    /// Whether a checkpoint of `size`, the last of `entries`, says more than what was noted.
    pub(super) fn is_news(&self, entries: u64, size: u64) -> bool {
        self.noted.is_none_or(|noted| {
            noted.size <= size && (noted.size, noted.entries) != (size, entries)
        })
    }

    /// Notes `mark`, durably.
    pub(super) async fn keep(&mut self, ports: &Ports, mark: Mark) -> Result<(), SealError> {
        ports.marks.keep(mark).await?;
        self.noted = Some(mark);
        self.passed = true;
        Ok(())
    }
}

/// Whether evidence was exported in `recorded`: that waits for a checkpoint.
fn tells_of_a_checkpoint(recorded: &Recorded) -> bool {
    let text = str::from_utf8(&recorded.bytes).unwrap_or_default();
    text.contains(EXPORTED)
        && envelope::parse(&recorded.bytes).is_ok_and(|event| event.event_type == EXPORTED)
}

//! How far a ledger was sealed, and an alarm, as two small files outside `tlog`.
//!
//! ```text
//! DIR/sealed    entries 12
//!               size 603
//!               root CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//! DIR/alarm     a sentence
//! ```

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use socai_store::{Alarm, Mark, MarkError, Marks};

use crate::disk::{Disk, RealDisk};
use crate::names::read;

const SEALED: &str = "sealed";
const ALARM: &str = "alarm";

/// The marks of a ledger in its directory, or in the state directory of a process. Cloning is cheap.
#[derive(Clone)]
pub struct DirectoryMarks {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
}

impl DirectoryMarks {
    /// Those in `dir`.
    #[must_use]
    pub fn new(dir: &Path) -> Self {
        Self::new_on(Arc::new(RealDisk), dir)
    }

    /// The same on any disk.
    #[must_use]
    pub fn new_on(disk: Arc<dyn Disk>, dir: &Path) -> Self {
        let dir = dir.to_owned();
        Self { disk, dir }
    }

    /// Does `work` on a thread that may wait for the disk.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, MarkError> + Send + 'static,
    ) -> Result<T, MarkError> {
        let marks = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&marks)).await;
        done.map_err(|stopped| MarkError::Unavailable(stopped.into()))?
    }

    fn read(&self, name: &str) -> Result<Option<Vec<u8>>, MarkError> {
        read(&*self.disk, &self.dir.join(name)).map_err(unavailable)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), MarkError> {
        let write = || {
            let draft = self.dir.join(format!("{name}.draft"));
            self.disk.create_dir(&self.dir)?;
            let file = self.disk.create(&draft)?;
            file.write_at(text.as_bytes(), 0)?;
            file.sync_data()?;
            self.disk.rename(&draft, &self.dir.join(name))?;
            self.disk.sync_dir(&self.dir)
        };
        write().map_err(unavailable)
    }

    fn place(&self, name: &str) -> String {
        self.dir.join(name).display().to_string()
    }
}

#[async_trait]
impl Marks for DirectoryMarks {
    async fn mark(&self) -> Result<Option<Mark>, MarkError> {
        self.with(|marks| {
            let Some(text) = marks.read(SEALED)? else {
                return Ok(None);
            };
            let mark = str::from_utf8(&text).ok().and_then(parse);
            let place = || marks.place(SEALED);
            mark.map(Some)
                .ok_or_else(|| MarkError::Corrupt { place: place() })
        })
        .await
    }

    async fn keep(&self, mark: Mark) -> Result<(), MarkError> {
        self.with(move |marks| marks.write(SEALED, &text(&mark)))
            .await
    }

    async fn alarm(&self) -> Result<Option<Alarm>, MarkError> {
        self.with(|marks| {
            let raised = marks.read(ALARM)?;
            Ok(raised.map(|sentence| Alarm {
                sentence: String::from_utf8_lossy(&sentence).trim().to_owned(),
                place: marks.place(ALARM),
            }))
        })
        .await
    }

    async fn raise(&self, sentence: &str) -> Result<(), MarkError> {
        let sentence = format!("{sentence}\n");
        self.with(move |marks| match marks.read(ALARM)? {
            Some(_) => Ok(()),
            None => marks.write(ALARM, &sentence),
        })
        .await
    }
}

fn text(mark: &Mark) -> String {
    let Mark {
        entries,
        size,
        root,
    } = mark;
    format!("entries {entries}\nsize {size}\nroot {root}\n")
}

fn parse(text: &str) -> Option<Mark> {
    let mut lines = text.lines();
    let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
    Some(Mark {
        entries: value("entries")?.parse().ok()?,
        size: value("size")?.parse().ok()?,
        root: value("root")?.parse().ok()?,
    })
}

fn unavailable(error: io::Error) -> MarkError {
    MarkError::Unavailable(error.into())
}

#[cfg(test)]
mod tests {
    use socai_tlog::Hash;

    use super::*;

    #[test]
    fn a_mark_reads_as_it_was_written() {
        let mark = Mark {
            entries: 12,
            size: 603,
            root: Hash::of_leaf(b"a record"),
        };
        assert_eq!(parse(&text(&mark)), Some(mark));
        assert_eq!(parse("entries 12\nsize 603\n"), None);
        assert_eq!(parse(""), None);
    }
}

//! Where a job works: it says there how far it has come, and puts there what it makes.

use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use super::{Made, Shared};
use crate::hex::sha256;
use crate::trouble::Trouble;

/// Where a job works.
#[derive(Clone)]
pub struct Desk {
    shared: Arc<Shared>,
    id: Uuid,
}

impl Desk {
    pub(super) fn new(shared: Arc<Shared>, id: Uuid) -> Self {
        Self { shared, id }
    }

    /// Says what is done now.
    pub fn step(&self, step: &'static str) {
        self.shared.change(self.id, |standing| {
            standing.step = step;
            (standing.done, standing.of) = (0, None);
        });
    }

    /// Says how much of the step is done.
    pub fn has_done(&self, done: u64, of: Option<u64>) {
        self.shared.change(self.id, |standing| {
            // What goes on after its job was cancelled tells nobody.
            if !standing.state.has_ended() {
                (standing.done, standing.of) = (done, of);
            }
        });
    }

    /// Keeps a file of the job, for its owner alone.
    ///
    /// # Errors
    ///
    /// [`Trouble::Unavailable`] where it cannot be written.
    pub async fn put(&self, name: &'static str, bytes: Vec<u8>) -> Result<(), Trouble> {
        let folder = self.shared.folder_of(self.id);
        let written = tokio::task::spawn_blocking(move || write(&folder, name, &bytes)).await;
        let made = written.map_err(io::Error::other).flatten();
        let made = made.map_err(|error| {
            Trouble::Unavailable(format!("the file of a job cannot be kept: {error}"))
        })?;
        self.shared
            .change(self.id, |standing| standing.files.push(made));
        Ok(())
    }
}

fn write(folder: &Path, name: &'static str, bytes: &[u8]) -> io::Result<Made> {
    make_folder(folder)?;
    std::fs::write(folder.join(name), bytes)?;
    Ok(Made {
        name,
        bytes: bytes.len() as u64,
        sha256: sha256(bytes),
    })
}

/// Makes a folder that only this program reads.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

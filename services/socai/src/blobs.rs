//! Where the bytes of attachments are kept: beside the ledger, wherever that is.

use std::path::Path;

use socai_blob_directory::DirectoryBlobs;
use socai_store::blob::BlobStore;

use crate::on_nats;
use crate::place::Place;

/// Their folder in a ledger's directory.
const FOLDER: &str = "blobs";

/// Opens the attachments of the ledger at `path`, to keep and to erase.
///
/// # Errors
///
/// Where another process has them, or they cannot be reached or written to.
pub(crate) async fn open(path: &Path) -> anyhow::Result<Box<dyn BlobStore>> {
    of(Place::of(path)?).await
}

/// As [`open`], of the ledger at `place`.
///
/// # Errors
///
/// As [`open`].
pub(crate) async fn of(place: Place) -> anyhow::Result<Box<dyn BlobStore>> {
    Ok(match place {
        Place::Directory(dir) => Box::new(DirectoryBlobs::open(&dir.join(FOLDER))?),
        Place::Nats(config) => Box::new(on_nats::blobs(&config).await?),
    })
}

/// Opens the attachments of the ledger at `path` to look at them.
///
/// # Errors
///
/// Where they cannot be reached.
pub(crate) async fn open_to_read(path: &Path) -> anyhow::Result<Box<dyn BlobStore>> {
    Ok(match Place::of(path)? {
        Place::Directory(dir) => Box::new(DirectoryBlobs::open_read_only(&dir.join(FOLDER))),
        Place::Nats(config) => Box::new(on_nats::blobs(&config).await?),
    })
}

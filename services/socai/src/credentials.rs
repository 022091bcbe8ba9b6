//! Where what is known of persons is kept: in a file of the ledger's directory, or in PostgreSQL.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use socai_credentials_redb::FileCredentials;
use socai_store::Credentials;
use socai_view_postgres::PostgresCredentials;

use crate::place::Place;

/// The file, in a ledger's directory.
pub(crate) const FILE: &str = "credentials.redb";

/// The credentials of the ledger at `place`. Several processes may have them open.
///
/// # Errors
///
/// Where nothing says where they are, and where their file cannot be opened.
pub(crate) fn beside(place: &Place) -> anyhow::Result<Arc<dyn Credentials>> {
    match place {
        Place::Directory(dir) => Ok(Arc::new(FileCredentials::open(&dir.join(FILE))?)),
        Place::Nats(config) => {
            let settings = config.postgres.clone().context(
                "[postgres] is missing: names, passwords and sessions of a ledger on NATS are kept there",
            )?;
            Ok(Arc::new(PostgresCredentials::new(settings)))
        }
    }
}

/// The credentials of the ledger at `place`, if it has any.
///
/// # Errors
///
/// As [`beside`].
pub(crate) fn if_there(place: &Place) -> anyhow::Result<Option<Arc<dyn Credentials>>> {
    let there = match place {
        Place::Directory(dir) => dir.join(FILE).exists(),
        Place::Nats(config) => config.postgres.is_some(),
    };
    there.then(|| beside(place)).transpose()
}

/// The credentials in the file at `path`, which is made where there is none.
///
/// # Errors
///
/// Where it cannot be opened.
pub(crate) fn in_file(path: &Path) -> anyhow::Result<FileCredentials> {
    Ok(FileCredentials::open(path)?)
}

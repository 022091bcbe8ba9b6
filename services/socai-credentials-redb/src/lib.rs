//! The credentials of a ledger on one machine: a file of redb beside the log, which its owner alone may read.
//!
//! ```text
//! persons    account         ─► {"name":…,"password":…,"subjects":[{"issuer":…,"id":…}]}
//! subjects   (issuer, id)    ─► account            an index of the above
//! sessions   SHA-256 of key  ─► {"account":…,"opened":…,"idle_ends":…,"ends":…}
//! about      "format"        ─► 1
//! ```
//!
//! Every change is one transaction, on the disk when it is answered. Several processes may have the file open: a
//! password is set while the ledger is served. After an error of the disk the file answers nothing more until
//! it is opened again. Deliberately absent: who may do what; the log; encryption of the file, which holds
//! hashes but also names, and belongs on a disk that is encrypted.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::num::NonZeroU32;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use redb::backends::FileBackend;
use redb::{Builder, ConcurrencyMode, Database, DatabaseError};
use socai_store::{
    BackendError, Credentials, CredentialsError, KeepError, KeyHash, Person, Session, Subject,
};

mod rows;
mod tables;

/// Memory for pages of the file, at most.
const CACHE_BYTES: usize = 8 * 1024 * 1024;

/// The credentials in a file.
#[derive(Clone)]
pub struct FileCredentials {
    database: Arc<Database>,
}

/// Why the file is not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another program has it open and lets nobody else. Wait until that one has ended.
    #[error("the credentials {} are open in another program", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },

    /// Another program wrote it. Run that one.
    #[error("the credentials {} are of format {found}, and this program writes format {}", path.display(), tables::FORMAT)]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
    },

    /// What is there is no such file, or is damaged. Restore it from a copy.
    #[error("the credentials {} are damaged", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        #[source]
        source: BackendError,
    },

    /// The disk does not let it be opened. Mend its permissions or the disk.
    #[error("the credentials {} cannot be opened", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl FileCredentials {
    /// Opens the file, or makes it where there is none. Every page is read and its checksum compared.
    ///
    /// # Errors
    ///
    /// [`OpenError`].
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let path = path.to_owned();
        let file = match open_file(&path) {
            Ok(file) => file,
            Err(source) => return Err(OpenError::Io { path, source }),
        };
        let database = match open_database(file) {
            Ok(database) => database,
            Err(DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch) => {
                return Err(OpenError::InUse { path });
            }
            Err(DatabaseError::Storage(redb::StorageError::Io(source)))
                if source.kind() != ErrorKind::InvalidData =>
            {
                return Err(OpenError::Io { path, source });
            }
            Err(error) => {
                let source = error.into();
                return Err(OpenError::Damaged { path, source });
            }
        };
        match tables::prepare(&database) {
            Ok(tables::FORMAT) => Ok(Self {
                database: Arc::new(database),
            }),
            Ok(found) => Err(OpenError::OtherFormat { path, found }),
            Err(error) => {
                let source = error.into();
                Err(OpenError::Damaged { path, source })
            }
        }
    }

    /// Does `work` on a thread that may wait for the disk.
    async fn on_disk<T, E>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<CredentialsError> + Send + 'static,
    {
        let database = self.database.clone();
        let done = tokio::task::spawn_blocking(move || work(&database)).await;
        done.unwrap_or_else(|ended| Err(CredentialsError::Unavailable(ended.into()).into()))
    }
}

/// Opens the file for its owner alone. Its name is durable once this has answered.
fn open_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    match options.open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        opened => return opened,
    }
    let file = options.create(true).truncate(false).open(path)?;
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(file)
}

fn open_database(file: File) -> Result<Database, DatabaseError> {
    Builder::new()
        .set_cache_size(CACHE_BYTES)
        .set_concurrency_mode(ConcurrencyMode::MultiWriter)
        .set_check_integrity_on_open(true)
        .create_with_backend(FileBackend::new(file)?)
}

#[async_trait]
impl Credentials for FileCredentials {
    async fn person(&self, account: &str) -> Result<Option<Person>, CredentialsError> {
        let account = account.to_owned();
        self.on_disk(move |database| tables::person(database, &account))
            .await
    }

    async fn persons(
        &self,
        after: Option<&str>,
        limit: NonZeroU32,
    ) -> Result<Vec<(String, Person)>, CredentialsError> {
        let after = after.map(str::to_owned);
        let limit = limit.get() as usize;
        self.on_disk(move |database| tables::persons(database, after.as_deref(), limit))
            .await
    }

    async fn keep_person(
        &self,
        account: &str,
        seen: Option<&Person>,
        person: &Person,
    ) -> Result<(), KeepError> {
        let (account, seen, person) = (account.to_owned(), seen.cloned(), person.clone());
        self.on_disk(move |database| {
            tables::keep_person(database, &account, seen.as_ref(), &person)
        })
        .await
    }

    async fn forget_person(&self, account: &str) -> Result<(), CredentialsError> {
        let account = account.to_owned();
        self.on_disk(move |database| tables::forget_person(database, &account))
            .await
    }

    async fn by_subject(&self, subject: &Subject) -> Result<Option<String>, CredentialsError> {
        let subject = subject.clone();
        self.on_disk(move |database| tables::by_subject(database, &subject))
            .await
    }

    async fn keep_session(&self, key: KeyHash, session: &Session) -> Result<(), CredentialsError> {
        let session = session.clone();
        self.on_disk(move |database| tables::keep_session(database, key, &session))
            .await
    }

    async fn session(&self, key: KeyHash) -> Result<Option<Session>, CredentialsError> {
        self.on_disk(move |database| tables::session(database, key))
            .await
    }

    async fn touch_session(
        &self,
        key: KeyHash,
        idle_ends: Timestamp,
    ) -> Result<(), CredentialsError> {
        self.on_disk(move |database| tables::touch_session(database, key, idle_ends))
            .await
    }

    async fn end_session(&self, key: KeyHash) -> Result<(), CredentialsError> {
        self.on_disk(move |database| tables::end_session(database, key))
            .await
    }

    async fn end_sessions_of(&self, account: &str) -> Result<(), CredentialsError> {
        let account = account.to_owned();
        self.on_disk(move |database| tables::end_sessions(database, |s| s.account == account))
            .await
            .map(|_ended| ())
    }

    async fn sweep_sessions(&self, now: Timestamp) -> Result<u64, CredentialsError> {
        self.on_disk(move |database| tables::end_sessions(database, |s| s.is_over(now)))
            .await
    }
}

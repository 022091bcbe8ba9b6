//! A private log key that is made: where it is kept, and the file that keeps it.
//!
//! A key is on the disk before the ledger names it. Left over by an attempt that failed, it signs nothing, because
//! the ledger does not name it. A key belongs to one ledger: two that were signed with one key would look like two
//! histories of one log, so a file that is there is never taken for another ledger.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use socai_domain::log_key::LogKey;
use socai_tlog::{KeyKind, SigningKey, VerifierKey};

use crate::log_keys;

/// A private log key, and the file that it goes to.
pub(crate) struct NewKey {
    key: SigningKey,
    file: PathBuf,
}

impl NewKey {
    /// A new key of the log called `name`, to be kept in `file`.
    ///
    /// # Errors
    ///
    /// Where `name` is no name of a log, or the system has no randomness.
    pub(crate) fn random(name: &str, file: &Path) -> anyhow::Result<Self> {
        let mut seed = [0; 32];
        let filled = getrandom::fill(&mut seed);
        filled.map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
        Self::of_seed(name, file, seed)
    }

    /// The key of a simulated ledger, which is the same whenever it is made: everybody can know it.
    ///
    /// # Errors
    ///
    /// Where `name` is no name of a log.
    pub(crate) fn simulated(name: &str, file: &Path) -> anyhow::Result<Self> {
        Self::of_seed(name, file, [0x5c; 32])
    }

    fn of_seed(name: &str, file: &Path, seed: [u8; 32]) -> anyhow::Result<Self> {
        let key = SigningKey::from_seed(name, KeyKind::Ed25519, seed)
            .with_context(|| format!("{name:?} is no name of a log"))?;
        let file = file.to_owned();
        Ok(Self { key, file })
    }

    /// What verifies its signatures. It may be shown to everybody.
    pub(crate) fn verifier_key(&self) -> &VerifierKey {
        self.key.verifier_key()
    }

    /// The key as the ledger names it.
    ///
    /// # Errors
    ///
    /// Where the log has a name that the ledger does not take.
    pub(crate) fn as_named(&self) -> anyhow::Result<LogKey> {
        let text = self.verifier_key().to_string();
        let name = self.verifier_key().name();
        text.parse().with_context(|| {
            format!("the log's name {name:?}: expected 1 to 160 characters of ASCII without blanks and plus signs")
        })
    }

    /// The file that it goes to.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Checks that its file is not there.
    ///
    /// # Errors
    ///
    /// Where it is.
    pub(crate) fn check_free(&self) -> anyhow::Result<()> {
        if self.file.exists() {
            bail!(
                "{} is there already: a key belongs to one ledger, so name another file; where an attempt that \
                 failed left it and no ledger names its key, delete it",
                self.file.display()
            );
        }
        Ok(())
    }

    /// Writes it to its file, which must not be there, and syncs it.
    ///
    /// # Errors
    ///
    /// Where the file is there, or cannot be written.
    pub(crate) fn keep(&self) -> anyhow::Result<()> {
        self.check_free()?;
        let folder = self.folder();
        let made = std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder);
        made.with_context(|| format!("cannot make {}", folder.display()))?;
        let written = write(&self.file, &self.line());
        written.with_context(|| format!("cannot write {}", self.file.display()))?;
        sync(folder)
    }

    /// Adds it to the keys in its file.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or written; it is as before then.
    pub(crate) fn keep_with_others(&self) -> anyhow::Result<()> {
        let others = match std::fs::read_to_string(&self.file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return self.keep(),
            read => read.with_context(|| format!("cannot read {}", self.file.display()))?,
        };
        log_keys::check_private(&self.file)?;
        let draft = self.file.with_extension("draft");
        let apart = if others.is_empty() || others.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        let cannot = || format!("cannot write {}", draft.display());
        write(&draft, &format!("{others}{apart}{}", self.line())).with_context(cannot)?;
        let replaced = std::fs::rename(&draft, &self.file);
        replaced.with_context(|| format!("cannot replace {}", self.file.display()))?;
        sync(self.folder())
    }

    /// Removes the file that [`keep`](Self::keep) wrote, where no ledger came to name its key.
    pub(crate) fn discard(&self) {
        if let Err(error) = std::fs::remove_file(&self.file) {
            let file = self.file.display();
            eprintln!("socai: {file} is left over ({error}): no ledger names its key, delete it");
        }
    }

    fn line(&self) -> String {
        format!("{}\n", self.key.encode())
    }

    fn folder(&self) -> &Path {
        let folder = self.file.parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        folder.unwrap_or(Path::new("."))
    }
}

/// Writes a file that is not there and that nobody else can read.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn sync(folder: &Path) -> anyhow::Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("cannot sync {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_key_is_kept_where_nobody_else_can_read_it_and_never_twice() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("keys/log.key");
        let key = NewKey::random("socai/hanoi", &file).unwrap();
        key.keep().unwrap();
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        let error = NewKey::random("socai/hanoi", &file).unwrap().keep();
        let error = error.unwrap_err().to_string();
        assert!(error.contains("is there already"), "{error}");
        let kept: SigningKey = std::fs::read_to_string(&file)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        assert_eq!(kept.verifier_key(), key.verifier_key());
    }

    #[test]
    fn a_further_key_stands_beside_the_others() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("log.key");
        let keys = [1, 2, 3].map(|_| NewKey::random("socai/hanoi", &file).unwrap());
        for key in &keys {
            key.keep_with_others().unwrap();
        }
        let held = log_keys::in_file(&file)().unwrap().keys;
        let held: Vec<_> = held.iter().map(|key| key.verifier_key().clone()).collect();
        let made: Vec<_> = keys.iter().map(|key| key.verifier_key().clone()).collect();
        assert_eq!(held, made);
        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn a_name_that_no_ledger_takes_is_refused_before_anything_is_written() {
        let file = Path::new("/nowhere/log.key");
        assert!(NewKey::random("hà nội", file).is_err());
        let key = NewKey::random("sổ-cái", file).unwrap();
        assert!(key.as_named().is_err());
    }
}

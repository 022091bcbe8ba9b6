//! The directory of a witness, on the machine of whoever runs it.
//!
//! ```text
//! DIR/witness.key         its private key, for its user alone (0600)
//! DIR/logs                the verifier keys of the logs that it was told of, one a line, only ever added to
//! DIR/distrusted          those of them that are not believed any more, one a line, only ever added to
//! DIR/registers/<hash>    what it cosigned last of the log whose origin has this SHA-256
//! DIR/lock                held by whoever signs; says who
//! ```
//!
//! It is not to be restored from a copy: what is in `registers` must never be older than what was signed. Whoever lost
//! the directory makes another witness, with another key.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use socai_app::witness::{Log, Witness, name_of, tell_of};
use socai_store_segment::DirectoryRegister;
use socai_tlog::{KeyKind, SigningKey, VerifierKey};

const KEY: &str = "witness.key";
const LOGS: &str = "logs";
const DISTRUSTED: &str = "distrusted";

/// A witness's directory, held by this process alone.
pub(crate) struct WitnessDir {
    dir: PathBuf,
    _lock: File,
}

/// What became of a key that the witness was told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// It is the first of its log.
    NewLog,
    /// The log has it besides those it had.
    NewKey,
    /// It was known.
    Known,
}

/// What became of a key that the witness is to believe no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Distrusted {
    /// The log has others here.
    OthersStay,
    /// The log has no other here: it is not cosigned until there is one.
    NoneLeft,
    /// It was distrusted before.
    Known,
}

/// Whether the log has said that it rotated its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// It has.
    Announced,
    /// Nobody has said so.
    Unknown,
}

/// Makes the directory of a new witness, with a key of its own.
///
/// # Errors
///
/// Where there is one already, or it cannot be written.
pub(crate) fn create(dir: &Path, name: &str) -> anyhow::Result<VerifierKey> {
    let mut seed = [0; socai_tlog::key::KEY_BYTES];
    getrandom::fill(&mut seed).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
    let key = SigningKey::from_seed(name, KeyKind::CosignatureV1, seed).context("--name")?;
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let path = dir.join(KEY);
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(&path);
    let written = file.and_then(|mut file| {
        writeln!(file, "{}", key.encode())?;
        file.sync_all()?;
        File::open(dir)?.sync_all()
    });
    match written {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!(
            "there is a witness in {} already; a second one has a directory of its own",
            dir.display()
        ),
        written => written.with_context(|| format!("cannot write {}", path.display()))?,
    }
    Ok(key.verifier_key().clone())
}

/// The verifier keys of the logs that the witness in `dir` was told of.
///
/// # Errors
///
/// Where one of them does not read.
pub(crate) fn logs_of(dir: &Path) -> anyhow::Result<Vec<VerifierKey>> {
    keys_in(&dir.join(LOGS))
}

fn keys_in(path: &Path) -> anyhow::Result<Vec<VerifierKey>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    let numbered = text.lines().zip(1..);
    let key = |(line, number): (&str, usize)| {
        let key = line
            .parse::<VerifierKey>()
            .and_then(|key| key.of_kind(KeyKind::Ed25519));
        key.with_context(|| format!("{}, line {number}", path.display()))
    };
    numbered.map(key).collect()
}

/// The witness in `dir`, to look at what it cosigned. Whoever signs goes on meanwhile.
///
/// # Errors
///
/// Where it is not there, or damaged.
pub(crate) async fn look(dir: &Path) -> anyhow::Result<Witness> {
    Ok(Witness::open(key_of(dir)?, known(dir)?).await?)
}

impl WitnessDir {
    /// Takes the directory for `purpose`, which another process is told that asks meanwhile.
    ///
    /// # Errors
    ///
    /// Where there is no witness, or another process has it.
    pub(crate) fn take(dir: &Path, purpose: &str) -> anyhow::Result<Self> {
        if !dir.join(KEY).exists() {
            bail!(
                "there is no witness in {}; socai witness init makes one",
                dir.display()
            );
        }
        let path = dir.join("lock");
        let place = || path.display().to_string();
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut lock = options.open(&path).with_context(place)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = lock.read_to_string(&mut holder);
                bail!(
                    "the witness in {} is in use by {}",
                    dir.display(),
                    holder.trim()
                );
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(place),
        }
        lock.set_len(0).with_context(place)?;
        writeln!(lock, "{purpose}, process {}", std::process::id()).with_context(place)?;
        Ok(Self {
            dir: dir.to_owned(),
            _lock: lock,
        })
    }

    /// Tells the witness of a log, or of another key of a log.
    ///
    /// # Errors
    ///
    /// Where it knows another key of this log, and nobody has said that the log rotated it; where the key is distrusted.
    pub(crate) async fn trust(
        &self,
        key: &VerifierKey,
        rotation: Rotation,
    ) -> anyhow::Result<Told> {
        let mut keys = logs_of(&self.dir)?;
        if keys_in(&self.dir.join(DISTRUSTED))?.contains(key) {
            bail!(
                "the key {} is distrusted here, and stays so; the log {} needs another one",
                key.label(),
                key.name()
            );
        }
        let told = match keys.iter().find(|known| known.name() == key.name()) {
            _ if keys.contains(key) => return Ok(Told::Known),
            None => Told::NewLog,
            Some(_) if rotation == Rotation::Announced => Told::NewKey,
            Some(known) => bail!(
                "the log {} has the key {} here; if its operator has announced another one, say so with --rotated",
                known.name(),
                known.label()
            ),
        };
        if told == Told::NewLog {
            // Before the log is known: a log without this place is one whose place was lost.
            tell_of(&register(&self.dir, key.name())).await?;
        }
        keys.push(key.clone());
        self.write(LOGS, &keys)?;
        Ok(told)
    }

    /// Has the witness believe a key no more. What it cosigned of the log stays, whoever signed it.
    ///
    /// # Errors
    ///
    /// Where it was never told of the key.
    pub(crate) fn distrust(&self, key: &VerifierKey) -> anyhow::Result<Distrusted> {
        let known = logs_of(&self.dir)?;
        if !known.contains(key) {
            bail!("this witness was not told of the key {}", key.label());
        }
        let mut distrusted = keys_in(&self.dir.join(DISTRUSTED))?;
        if distrusted.contains(key) {
            return Ok(Distrusted::Known);
        }
        distrusted.push(key.clone());
        self.write(DISTRUSTED, &distrusted)?;
        let is_left =
            |other: &VerifierKey| other.name() == key.name() && !distrusted.contains(other);
        Ok(match known.iter().any(is_left) {
            true => Distrusted::OthersStay,
            false => Distrusted::NoneLeft,
        })
    }

    fn write(&self, name: &str, keys: &[VerifierKey]) -> anyhow::Result<()> {
        let (path, draft) = (self.dir.join(name), self.dir.join(format!("{name}.draft")));
        let text: String = keys.iter().map(|key| format!("{key}\n")).collect();
        let written = File::create(&draft).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            File::open(&self.dir)?.sync_all()
        });
        written.with_context(|| format!("cannot write {}", path.display()))
    }

    /// The witness, to sign.
    ///
    /// # Errors
    ///
    /// Where its key can be read by others, or what it kept is damaged.
    pub(crate) async fn witness(&self) -> anyhow::Result<Witness> {
        Ok(Witness::open(key_of(&self.dir)?, known(&self.dir)?).await?)
    }
}

fn key_of(dir: &Path) -> anyhow::Result<SigningKey> {
    let path = dir.join(KEY);
    let place = || path.display().to_string();
    let mut file = File::open(&path).with_context(place)?;
    let mode = file.metadata().with_context(place)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!(
            "{}: others can read or write this private key (mode {:o}); chmod 600 it, and if they may have read it, make \
             another witness",
            path.display(),
            mode & 0o777
        );
    }
    let mut text = String::new();
    file.read_to_string(&mut text).with_context(place)?;
    let key: SigningKey = text.trim().parse().with_context(place)?;
    key.of_kind(KeyKind::CosignatureV1).with_context(place)
}

/// The logs with what was kept of each, their keys by origin.
fn known(dir: &Path) -> anyhow::Result<Vec<Log>> {
    let distrusted = keys_in(&dir.join(DISTRUSTED))?;
    let mut logs: BTreeMap<String, Log> = BTreeMap::new();
    for key in logs_of(dir)? {
        let origin = key.name().to_owned();
        let log = logs.entry(origin.clone()).or_insert_with(|| Log {
            last: Arc::new(register(dir, &origin)),
            origin,
            keys: Vec::new(),
            distrusted: Vec::new(),
        });
        match distrusted.contains(&key) {
            true => log.distrusted.push(key),
            false => log.keys.push(key),
        }
    }
    Ok(logs.into_values().collect())
}

fn register(dir: &Path, origin: &str) -> DirectoryRegister {
    DirectoryRegister::new(dir, &name_of(origin))
}

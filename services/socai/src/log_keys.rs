//! Private log keys, in files that only the process's user may read: one key a line, as `socai init` writes them.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use socai_app::sealer::{Held, HeldKeys, SealError};
use socai_tlog::SigningKey;

/// Where the keys of a ledger in a directory are.
const FOLDER: &str = "keys";

/// The file that a ledger in `dir` is given its keys in.
pub(crate) fn file_in_directory(dir: &Path) -> PathBuf {
    dir.join(FOLDER).join("log.key")
}

/// The keys in every file `….key` in `keys/` of the ledger in `dir`, and in `named`.
pub(crate) fn in_directory(dir: &Path, named: Option<&Path>) -> HeldKeys {
    let (folder, named) = (dir.join(FOLDER), named.map(Path::to_owned));
    Arc::new(move || {
        let usual = folder.join("log.key");
        let usual = usual.display();
        let Some(named) = named.clone() else {
            let looked = format!("expected in {usual}, or in the file that --key names");
            return held(key_files(&folder)?, looked);
        };
        let looked = format!("expected in {}, or in {usual}", named.display());
        let mut files = Vec::new();
        if is_open(&folder) {
            files = key_files(&folder)?;
            files.retain(|file| *file != named);
        }
        files.insert(0, named);
        held(files, looked)
    })
}

/// Whether this user may look into `folder`: who may not is given keys in another file.
fn is_open(folder: &Path) -> bool {
    let read = std::fs::read_dir(folder);
    read.err()
        .is_none_or(|error| error.kind() != ErrorKind::PermissionDenied)
}

/// The keys in `file`.
pub(crate) fn in_file(file: &Path) -> HeldKeys {
    let file = file.to_owned();
    Arc::new(move || {
        let looked = format!("expected in {}", file.display());
        held(vec![file.clone()], looked)
    })
}

/// No keys: none were named.
pub(crate) fn unnamed() -> HeldKeys {
    Arc::new(|| held(Vec::new(), "sealer.key names no file".to_owned()))
}

fn key_files(folder: &Path) -> Result<Vec<PathBuf>, SealError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(bad(folder, &error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| bad(folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "key") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn held(files: Vec<PathBuf>, looked: String) -> Result<Held, SealError> {
    let mut keys = Vec::new();
    for file in files {
        let text = match std::fs::read_to_string(&file) {
            Ok(text) => text,
            // Which key is missing is said by whoever needs it.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(bad(&file, &error)),
        };
        check_private(&file).map_err(|error| bad(&file, &error))?;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let key: SigningKey = line.parse().map_err(|error| bad(&file, &error))?;
            let known = |held: &SigningKey| held.verifier_key() == key.verifier_key();
            if !keys.iter().any(known) {
                keys.push(key);
            }
        }
    }
    Ok(Held { keys, looked })
}

/// Checks that not everybody can read a file of private keys.
///
/// # Errors
///
/// Where everybody can, and where it cannot be asked.
pub(crate) fn check_private(file: &Path) -> std::io::Result<()> {
    let mode = std::fs::metadata(file)?.permissions().mode();
    // A group may read it: credentials are handed to a service so.
    if mode & 0o007 == 0 {
        return Ok(());
    }
    Err(std::io::Error::other(format!(
        "everybody on this machine can read or change it (mode {:03o}): chmod 600, and think about whether somebody \
         has it by now",
        mode & 0o777
    )))
}

fn bad(path: &Path, problem: &dyn std::fmt::Display) -> SealError {
    SealError::BadPrivateKey(format!("{}: {problem}", path.display()))
}

#[cfg(test)]
mod tests {
    use socai_tlog::KeyKind;

    use super::*;

    #[test]
    fn every_key_file_of_the_directory_counts_and_what_is_wrong_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let keys = in_directory(dir.path(), None);
        assert_eq!(keys().unwrap().keys.len(), 0);
        let folder = dir.path().join(FOLDER);
        std::fs::create_dir(&folder).unwrap();
        for number in 1..=2 {
            let key = SigningKey::from_seed("socai/hanoi", KeyKind::Ed25519, [number; 32]);
            let line = format!("{}\n", key.unwrap().encode());
            write(&folder.join(format!("{number}.key")), &line);
        }
        assert_eq!(keys().unwrap().keys.len(), 2);
        assert!(keys().unwrap().looked.contains("keys/log.key"));
        write(&folder.join("3.key"), "nonsense\n");
        let said = keys().unwrap_err().to_string();
        assert!(
            said.contains("3.key") && !said.contains("nonsense"),
            "{said}"
        );
    }

    fn write(path: &Path, text: &str) {
        std::fs::write(path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[test]
    fn a_file_that_everybody_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("log.key");
        write(&file, "");
        for (mode, fine) in [(0o600, true), (0o440, true), (0o604, false), (0o602, false)] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            let held = in_file(&file)();
            assert_eq!(held.is_ok(), fine, "{mode:o}");
        }
    }

    #[test]
    fn a_file_that_is_named_and_missing_holds_no_key_and_is_named() {
        let held = in_file(Path::new("/nowhere/log.key"))().unwrap();
        assert_eq!(held.keys.len(), 0);
        assert_eq!(held.looked, "expected in /nowhere/log.key");
    }
}

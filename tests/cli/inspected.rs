//! A ledger as an inspection meets it: recorded in a few steps, cosigned by two witnesses, and handed out as a bundle.

use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use socai_evidence::archive::{self, Files};
use socai_evidence::manifest;
use socai_store::CheckpointLog;
use socai_tlog::SigningKey;
use socai_tlog_directory::DirectoryCheckpoints;
use tempfile::TempDir;

use crate::socai::{Ledger, OBLIGATIONS, Ran, socai};
use crate::verifiers::{self, Verdict, verify_py};

/// What unit a owes is done in time, twice.
const DONE: [&str; 2] = [
    r#"{"command":"task.claim","effective":"2024-06-28","data":{"obligation":"t_a"}}"#,
    r#"{"command":"report.submit","effective":"2024-07-19","data":{"obligations":["r_2024-h1_a"]}}"#,
];
/// A committee's witness, asked by files that are carried.
pub(crate) struct Witness {
    dir: PathBuf,
    pub(crate) key: String,
}

impl Witness {
    fn new(dir: PathBuf, name: &str, log: &str) -> Self {
        let path = dir.to_str().unwrap();
        let made = done(&["witness", "init", path, "--name", name]);
        done(&["witness", "trust", path, log]);
        let key = made.trim().to_owned();
        Self { dir, key }
    }

    pub(crate) fn name(&self) -> &str {
        self.key.split('+').next().unwrap()
    }

    /// What it says when the ledger in `dir` asks it to cosign what that sealed last. It believes to be at `old`.
    pub(crate) fn asked(&self, dir: &Path, old: Option<u64>) -> Verdict {
        let old = old.map(|old| format!("--old={old}"));
        let request = [
            "witness",
            "request",
            "--data",
            dir.to_str().unwrap(),
            "--witness",
            &self.key,
        ];
        let request = socai(&[&request, old.as_deref().as_slice()].concat(), b"");
        if request.code != 0 {
            return said(request);
        }
        let sign = ["witness", "sign", self.dir.to_str().unwrap()];
        said(socai(&sign, request.out.as_bytes()))
    }

    /// It cosigns, and the ledger keeps that.
    pub(crate) fn cosigns(&self, dir: &Path) {
        let cosigned = self.asked(dir, None);
        cosigned.accepts(&self.key);
        let accept = [
            "witness",
            "accept",
            "--data",
            dir.to_str().unwrap(),
            "--witness",
            &self.key,
        ];
        let accepted = socai(&accept, cosigned.said.as_bytes());
        assert_eq!(accepted.code, 0, "{accepted:?}");
    }
}

/// Runs what has to succeed, and answers what it printed.
#[track_caller]
pub(crate) fn done(arguments: &[&str]) -> String {
    let ran = socai(arguments, b"");
    assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
    ran.out
}

/// The ledger, who vouches for it, and what was handed out of it.
pub(crate) struct Inspected {
    pub(crate) ledger: Ledger,
    /// The ledger as it was before anything was done.
    pub(crate) backup: PathBuf,
    pub(crate) witnesses: [Witness; 2],
    /// What was handed out, before anybody cosigned it.
    pub(crate) uncosigned: Vec<u8>,
    /// The same, when the first witness had cosigned it, and when both had.
    pub(crate) cosigned_once: Vec<u8>,
    pub(crate) bundle: Vec<u8>,
    home: TempDir,
}

impl Inspected {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let ledger = Ledger::new();
        let log = log_key_of(ledger.dir());
        let witness =
            |name| Witness::new(home.path().join(name), &format!("lam-chung/{name}"), &log);
        let witnesses = ["mot", "hai"].map(witness);
        let backup = home.path().join("ban-sao");
        record(&ledger, OBLIGATIONS);
        cosigned_by(&witnesses, ledger.dir());
        copy(ledger.dir(), &backup);
        for line in DONE {
            record(&ledger, line);
            cosigned_by(&witnesses, ledger.dir());
        }
        let (id, uncosigned) = export(ledger.dir(), &home.path().join("goi.zip"));
        let again = |out: &str| export_again(ledger.dir(), &id, &home.path().join(out));
        witnesses[0].cosigns(ledger.dir());
        let cosigned_once = again("goi-1.zip");
        witnesses[1].cosigns(ledger.dir());
        let bundle = again("goi-2.zip");
        Self {
            ledger,
            backup,
            witnesses,
            uncosigned,
            cosigned_once,
            bundle,
            home,
        }
    }

    /// A file for `bytes`, which is read once.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.home.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The ledger's own verifier key, as its first record names it.
    pub(crate) fn log_key(&self) -> String {
        log_key_of(self.ledger.dir())
    }

    /// The log's key and those of the witnesses.
    pub(crate) fn keys(&self) -> Vec<String> {
        let witnesses = self.witnesses.iter().map(|witness| witness.key.clone());
        [self.log_key()].into_iter().chain(witnesses).collect()
    }

    /// A policy that asks for `quorum`: `ca-hai` (both), `mot` or `none`.
    pub(crate) fn policy(&self, quorum: &str) -> PathBuf {
        let [log, one, two] = &self.keys()[..] else {
            panic!("three keys");
        };
        let text = format!(
            "log {log}\nwitness mot {one}\nwitness hai {two}\ngroup ca-hai all mot hai\nquorum {quorum}\n"
        );
        self.file(&format!("{quorum}.policy"), text.as_bytes())
    }

    /// The backup, put back somewhere else, with the keys that were in it.
    pub(crate) fn copy_of_the_backup(&self) -> PathBuf {
        let place = self.home.path().join("nhanh-khac");
        copy(&self.backup, &place);
        place
    }

    /// Somebody who has the backup and the log's private key records `lines` from there, and hands that out.
    pub(crate) fn forked(&self, lines: &[&str]) -> (PathBuf, Vec<u8>) {
        let fork = self.copy_of_the_backup();
        let data = fork.to_str().unwrap();
        let ran = socai(
            &["record", "-", "--data", data],
            lines.join("\n").as_bytes(),
        );
        assert_eq!(ran.code, 0, "{ran:?}");
        let (_, bundle) = export(&fork, &self.home.path().join("nhanh-khac.zip"));
        (fork, bundle)
    }

    /// The ledger's private key, as a thief finds it.
    pub(crate) fn stolen_key(&self) -> SigningKey {
        let file = self.ledger.dir().join("keys/log.key");
        fs::read_to_string(file).unwrap().trim().parse().unwrap()
    }
}

fn record(ledger: &Ledger, lines: &str) {
    let ran = ledger.record(lines);
    assert_eq!(ran.code, 0, "{ran:?}");
}

/// Hands out what unit a owes in 2024; the id of the export, and the bundle.
fn export(dir: &Path, out: &Path) -> (String, Vec<u8>) {
    let window = ["--unit", "a", "--from", "2024-01-01", "--to", "2024-12-31"];
    let told = evidence(dir, out, &window);
    (
        told["evidence"].as_str().unwrap().to_owned(),
        fs::read(out).unwrap(),
    )
}

/// The same export at a checkpoint that more have cosigned.
fn export_again(dir: &Path, id: &str, out: &Path) -> Vec<u8> {
    evidence(dir, out, &["--export", id]);
    fs::read(out).unwrap()
}

fn evidence(dir: &Path, out: &Path, asked: &[&str]) -> serde_json::Value {
    let (data, file) = (dir.to_str().unwrap(), out.to_str().unwrap());
    let run = [
        "evidence", "--data", data, "--out", file, "--format", "json",
    ];
    let told = done(&[&run[..], asked].concat());
    serde_json::from_str(&told).unwrap()
}

/// The verifier key that the ledger in `dir` began with.
pub(crate) fn log_key_of(dir: &Path) -> String {
    let ran = socai(&["export", "--data", dir.to_str().unwrap()], b"");
    let first: serde_json::Value = serde_json::from_str(ran.out.lines().next().unwrap()).unwrap();
    first["data"]["log_key"].as_str().unwrap().to_owned()
}

/// Every checkpoint that the ledger in `dir` ever signed, as signed.
pub(crate) fn notes_of(dir: &Path) -> Vec<String> {
    let log = DirectoryCheckpoints::open_read_only(dir).unwrap();
    let notes = now(log.read(0, NonZeroU32::new(1_000).unwrap())).unwrap();
    notes
        .into_iter()
        .map(|note| String::from_utf8(note.into()).unwrap())
        .collect()
}

fn cosigned_by(witnesses: &[Witness], dir: &Path) {
    for witness in witnesses {
        witness.cosigns(dir);
    }
}

/// Waits for `future` here.
pub(crate) fn now<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(future)
}

/// A bundle of these files, with a manifest that lists them as they are.
pub(crate) fn repacked(mut files: Files, mut manifest: manifest::Manifest) -> Vec<u8> {
    files.remove(manifest::NAME);
    manifest.files = manifest::list(&files);
    files.insert(manifest::NAME.to_owned(), manifest.to_bytes());
    archive::pack(&files)
}

/// What everybody says of one bundle.
pub(crate) struct Verdicts {
    pub(crate) socai: Verdict,
    pub(crate) python: Verdict,
    pub(crate) go: Verdict,
    pub(crate) scales: Verdict,
}

/// Puts a bundle before everybody. Both witnesses have to have signed.
pub(crate) fn judged(world: &Inspected, zip: &[u8]) -> Verdicts {
    let file = world.file("xet.zip", zip);
    let policy = world.policy("ca-hai");
    let unzipped = tempfile::tempdir().unwrap();
    unzip(zip, unzipped.path());
    let bundle = verifiers::Bundle {
        dir: unzipped.path().to_owned(),
        keys: world.keys(),
        cosignatures: 2,
    };
    Verdicts {
        socai: verify(&[file.to_str().unwrap(), "--policy", policy.to_str().unwrap()]),
        python: verify_py(&file, Some(&policy)),
        go: bundle.by_go(),
        scales: bundle.by_scales(),
    }
}

/// What `socai verify` says.
pub(crate) fn verify(arguments: &[&str]) -> Verdict {
    said(socai(&[&["verify"], arguments].concat(), b""))
}

/// Everything that a run printed.
pub(crate) fn said(ran: Ran) -> Verdict {
    Verdict {
        code: ran.code,
        said: ran.out + &ran.err,
    }
}

/// Puts the files of a bundle into a folder.
pub(crate) fn unzip(zip: &[u8], dir: &Path) {
    for (name, bytes) in archive::unpack(zip).unwrap() {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Copies a folder and everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

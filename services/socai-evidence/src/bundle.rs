//! A bundle in memory: every file of it read, none of it believed yet.
//!
//! Reading fails where the files do not fit together as files. Whether they prove anything is for [`judge`](mod@crate::judge).

use std::collections::{BTreeMap, BTreeSet};

use socai_tlog::{Checkpoint, Hash, Note, ProofFile};

use crate::archive::{self, Files};
use crate::finding::Finding;
use crate::manifest::{self, Manifest};
use crate::names;
use crate::sealed_heads::SealedHeads;
use crate::text::{hash_lines, read_json_line};

/// A bundle's content.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// What was asked, and what there is.
    pub manifest: Manifest,
    /// The records of every position that the manifest names.
    pub records: BTreeMap<u64, Entry>,
    /// The signed checkpoints in the order in which they were signed; the last one is the top.
    pub notes: Vec<SealedNote>,
    /// By size, the proofs that the top goes on from there.
    pub consistency: BTreeMap<u64, Vec<Hash>>,
    /// The heads of its streams.
    pub heads: SealedHeads,
    /// `index.html`.
    pub page: Vec<u8>,
    /// `VERIFY.md`.
    pub instructions: Vec<u8>,
}

/// A record and its proof.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its bytes, as the ledger stored them.
    pub bytes: Vec<u8>,
    /// The proof that they are in the tree of the top checkpoint.
    pub proof: ProofFile,
}

/// A signed checkpoint.
#[derive(Debug, Clone)]
pub struct SealedNote {
    /// The name of its file.
    pub name: String,
    /// The note.
    pub note: Note,
    /// What it says.
    pub checkpoint: Checkpoint,
}

impl Bundle {
    /// Reads a bundle.
    ///
    /// # Errors
    ///
    /// The first [`Finding`] that keeps it from being read.
    pub fn read(zip: &[u8]) -> Result<Self, Finding> {
        let files = archive::unpack(zip).map_err(Finding::Archive)?;
        let manifest = manifest_of(&files)?;
        check_hashes(&files, &manifest)?;
        Self::of_files(files, manifest)
    }

    /// The bundle that `files` are, whose hashes are not looked at.
    pub(crate) fn of_files(mut files: Files, manifest: Manifest) -> Result<Self, Finding> {
        check_names(&files, &manifest)?;
        Ok(Self {
            notes: notes_of(&files)?,
            consistency: consistency_of(&files)?,
            heads: heads_of(&files)?,
            page: files.remove(names::PAGE).unwrap_or_default(),
            instructions: files.remove(names::INSTRUCTIONS).unwrap_or_default(),
            records: records_of(files, &manifest)?,
            manifest,
        })
    }

    /// The top checkpoint; `None` where there is none of the manifest's size.
    #[must_use]
    pub fn top(&self) -> Option<&SealedNote> {
        let top = self.notes.last();
        top.filter(|top| top.checkpoint.size == self.manifest.size)
    }
}

fn manifest_of(files: &Files) -> Result<Manifest, Finding> {
    let bytes = files
        .get(manifest::NAME)
        .ok_or_else(|| missing(manifest::NAME))?;
    Manifest::parse(bytes).map_err(Finding::Manifest)
}

fn check_hashes(files: &Files, manifest: &Manifest) -> Result<(), Finding> {
    for listed in &manifest.files {
        if !files.contains_key(&listed.name) {
            return Err(missing(&listed.name));
        }
    }
    let mut listed = manifest.files.iter();
    let found = files.iter().filter(|(name, _)| *name != manifest::NAME);
    for (name, bytes) in found {
        match listed.next().filter(|listed| listed.name == *name) {
            None => return Err(foreign(name)),
            Some(listed) if *listed != manifest::listed(name, bytes) => {
                return Err(Finding::FileAltered { name: name.clone() });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// A bundle has exactly the files that its manifest and its checkpoints ask for.
fn check_names(files: &Files, manifest: &Manifest) -> Result<(), Finding> {
    let fixed = [
        manifest::NAME,
        names::HEADS,
        names::PAGE,
        names::INSTRUCTIONS,
    ];
    let mut expected: BTreeSet<String> = fixed.map(String::from).into();
    for position in manifest.positions() {
        expected.insert(names::record(position));
        expected.insert(names::proof(position));
    }
    for (name, (size, _)) in note_names(files) {
        expected.insert(name.to_owned());
        if size != manifest.size {
            expected.insert(names::consistency(size));
        }
    }
    if let Some(absent) = expected.iter().find(|name| !files.contains_key(*name)) {
        return Err(missing(absent));
    }
    match files.keys().find(|name| !expected.contains(*name)) {
        Some(name) => Err(foreign(name)),
        None => Ok(()),
    }
}

fn note_names(files: &Files) -> impl Iterator<Item = (&str, (u64, u64))> {
    let notes = files.keys().map(|name| (name, names::parse_note(name)));
    notes.filter_map(|(name, numbers)| Some((name.as_str(), numbers?)))
}

fn records_of(mut files: Files, manifest: &Manifest) -> Result<BTreeMap<u64, Entry>, Finding> {
    let entry = |position| {
        let name = names::proof(position);
        let proof = files.remove(&name).unwrap_or_default();
        let proof = ProofFile::parse(&proof).map_err(|bad| unreadable(&name, bad))?;
        let bytes = files.remove(&names::record(position)).unwrap_or_default();
        Ok((position, Entry { bytes, proof }))
    };
    manifest.positions().map(entry).collect()
}

fn notes_of(files: &Files) -> Result<Vec<SealedNote>, Finding> {
    let mut names: Vec<_> = note_names(files).collect();
    names.sort_by_key(|(_, numbers)| *numbers);
    let read = |(name, (size, _)): (&str, (u64, u64))| {
        let note = Note::parse(&files[name]).map_err(|bad| unreadable(name, bad))?;
        let checkpoint = Checkpoint::parse(&note.text).map_err(|bad| unreadable(name, bad))?;
        if checkpoint.size != size {
            return Err(unreadable(name, "it is of another size than its name says"));
        }
        let name = name.to_owned();
        Ok(SealedNote {
            name,
            note,
            checkpoint,
        })
    };
    names.into_iter().map(read).collect()
}

fn consistency_of(files: &Files) -> Result<BTreeMap<u64, Vec<Hash>>, Finding> {
    let sizes: BTreeSet<u64> = note_names(files).map(|(_, (size, _))| size).collect();
    let read = |size| {
        let name = names::consistency(size);
        let bytes = files.get(&name)?;
        let hashes = hash_lines(bytes).ok_or_else(|| unreadable(&name, "expected a hash a line"));
        Some(hashes.map(|hashes| (size, hashes)))
    };
    sizes.into_iter().filter_map(read).collect()
}

fn heads_of(files: &Files) -> Result<SealedHeads, Finding> {
    let heads: Result<SealedHeads, _> = read_json_line(&files[names::HEADS]);
    let heads = heads.map_err(|bad| unreadable(names::HEADS, bad))?;
    if heads.is_in_order() {
        Ok(heads)
    } else {
        Err(unreadable(
            names::HEADS,
            "its items are not in order, each once",
        ))
    }
}

fn missing(name: &str) -> Finding {
    let name = name.to_owned();
    Finding::FileMissing { name }
}

fn foreign(name: &str) -> Finding {
    let name = name.to_owned();
    Finding::FileForeign { name }
}

fn unreadable(name: &str, reason: impl ToString) -> Finding {
    Finding::FileUnreadable {
        name: name.to_owned(),
        reason: reason.to_string(),
    }
}

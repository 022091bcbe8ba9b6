//! Puts a bundle together from facts that somebody gathered.

use std::collections::BTreeMap;

use socai_tlog::{Checkpoint, Hash, Note, ProofFile};

use crate::archive::{self, Files};
use crate::bundle::Bundle;
use crate::manifest::{self, Manifest, Query, StreamHead};
use crate::sealed_heads::SealedHeads;
use crate::text::{json_line, lines_of_hashes};
use crate::{names, page};

/// What goes into a bundle.
#[derive(Debug, Clone)]
pub struct Facts {
    /// What was asked.
    pub query: Query,
    /// The position of the record of this export.
    pub export: u64,
    /// The streams that are given whole, as the heads have them, sorted by name.
    pub streams: Vec<StreamHead>,
    /// Their heads, and the proof of them.
    pub heads: SealedHeads,
    /// By position, the records of these streams, and every record above the size of the heads, up to the top.
    pub records: BTreeMap<u64, Proven>,
    /// The checkpoints in the order in which they were signed, the top one last.
    pub checkpoints: Vec<Kept>,
}

/// A record with its proof.
#[derive(Debug, Clone)]
pub struct Proven {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The proof that the top checkpoint's tree has it.
    pub hashes: Vec<Hash>,
}

/// A checkpoint with the proof that the top goes on from it.
#[derive(Debug, Clone)]
pub struct Kept {
    /// As it was signed.
    pub note: Note,
    /// What it says.
    pub checkpoint: Checkpoint,
    /// The proof; empty for the top's own size.
    pub consistency: Vec<Hash>,
}

/// The bundle as a zip.
///
/// # Panics
///
/// Where there is no checkpoint, or the facts contradict one another as files: whoever gathered them checked that
/// they are whole.
#[must_use]
pub fn compose(facts: &Facts) -> Vec<u8> {
    let mut files = Files::new();
    add_records(&mut files, facts);
    add_checkpoints(&mut files, facts);
    files.insert(names::HEADS.to_owned(), json_line(&facts.heads));
    files.insert(names::INSTRUCTIONS.to_owned(), page::INSTRUCTIONS.into());
    add_page(&mut files, facts);
    let manifest = manifest(facts, &files);
    files.insert(manifest::NAME.to_owned(), manifest.to_bytes());
    archive::pack(&files)
}

fn top(facts: &Facts) -> &Kept {
    let top = facts.checkpoints.last();
    top.expect("a bundle is made at a checkpoint")
}

fn add_records(files: &mut Files, facts: &Facts) {
    for (&position, record) in &facts.records {
        let proof = ProofFile {
            extra: None,
            index: position - 1,
            hashes: record.hashes.clone(),
            checkpoint: top(facts).note.clone(),
        };
        files.insert(names::record(position), record.bytes.clone());
        files.insert(names::proof(position), proof.to_string().into_bytes());
    }
}

fn add_checkpoints(files: &mut Files, facts: &Facts) {
    let top_size = top(facts).checkpoint.size;
    let mut numbers: BTreeMap<u64, u64> = BTreeMap::new();
    for kept in &facts.checkpoints {
        let size = kept.checkpoint.size;
        let number = numbers.entry(size).or_default();
        *number += 1;
        let note = kept.note.to_string().into_bytes();
        files.insert(names::note(size, *number), note);
        if size != top_size {
            let proof = lines_of_hashes(&kept.consistency);
            files.insert(names::consistency(size), proof);
        }
    }
}

/// The page is made from a bundle that has everything but the page.
fn add_page(files: &mut Files, facts: &Facts) {
    files.insert(names::PAGE.to_owned(), Vec::new());
    let manifest = manifest(facts, files);
    files.insert(manifest::NAME.to_owned(), manifest.to_bytes());
    let bundle =
        Bundle::of_files(files.clone(), manifest).expect("what was written just now reads");
    files.insert(names::PAGE.to_owned(), page::index(&bundle).into_bytes());
    files.remove(manifest::NAME);
}

fn manifest(facts: &Facts, files: &Files) -> Manifest {
    let top = &top(facts).checkpoint;
    let positions = || facts.records.keys().copied();
    Manifest {
        format: manifest::FORMAT.to_owned(),
        index: page::VERSION,
        origin: top.origin.clone(),
        query: facts.query.clone(),
        size: top.size,
        root: top.root,
        export: facts.export,
        selected: positions().filter(|at| *at <= facts.heads.size).collect(),
        tail: positions().filter(|at| *at > facts.heads.size).collect(),
        streams: facts.streams.clone(),
        files: manifest::list(files),
    }
}

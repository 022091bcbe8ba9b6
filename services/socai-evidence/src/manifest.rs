//! `manifest.json`: what was asked, what is in the bundle, and the hash of every file.
//!
//! There is one way to write it, and no other is read: two programs cannot read two different things in it.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use socai_domain::evidence::Of;
use socai_tlog::Hash;

use crate::archive::Files;
use crate::text::{hash, json_line, read_json_line};

/// Its own name.
pub const NAME: &str = "manifest.json";
/// The format that is written and read here.
pub const FORMAT: &str = "socai-evidence/1";

/// What a bundle says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// The version of the page and of the instructions: [`crate::page::VERSION`].
    pub index: u32,
    /// The log's origin.
    pub origin: String,
    /// What was asked.
    pub query: Query,
    /// The size of the top checkpoint.
    pub size: u64,
    /// The root of the top checkpoint.
    #[serde(with = "hash")]
    pub root: Hash,
    /// The position of the record of this export.
    pub export: u64,
    /// The positions of the records of the streams below, as far as the heads were sealed.
    pub selected: Vec<u64>,
    /// Every position from there to the top.
    pub tail: Vec<u64>,
    /// The streams that are given whole.
    pub streams: Vec<StreamHead>,
    /// Every other file.
    pub files: Vec<Listed>,
}

/// What a bundle was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// A unit, a document or an obligation.
    pub of: Of,
    /// The first due date.
    pub from: jiff::civil::Date,
    /// The last due date.
    pub to: jiff::civil::Date,
}

/// Where a stream ended when the heads were sealed; both 0 where it had no record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamHead {
    /// Its name.
    pub stream: String,
    /// The revision of its last record.
    pub revision: u64,
    /// The position of its last record.
    pub last: u64,
}

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256: 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// Why some bytes are no manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadManifest {
    /// It is not JSON of this shape, or not written as it has to be.
    #[error("it is not written as a manifest of {FORMAT} is: {0}")]
    Shape(String),
    /// It is of another format.
    #[error("it is of the format {0:?}; this program reads {FORMAT}")]
    Format(String),
    /// A list is not sorted, or names something twice.
    #[error("its {0} are not in order, each once")]
    Order(&'static str),
}

impl Manifest {
    /// Its bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        json_line(self)
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// [`BadManifest`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadManifest> {
        let manifest: Self = read_json_line(bytes).map_err(BadManifest::Shape)?;
        if manifest.format != FORMAT {
            return Err(BadManifest::Format(manifest.format));
        }
        let names = manifest.files.iter().map(|file| &file.name);
        let streams = manifest.streams.iter().map(|head| &head.stream);
        let in_order = [
            ("files", names.is_sorted_by(|one, next| one < next)),
            ("streams", streams.is_sorted_by(|one, next| one < next)),
            (
                "selected",
                manifest.selected.is_sorted_by(|one, next| one < next),
            ),
            ("tail", manifest.tail.is_sorted_by(|one, next| one < next)),
        ];
        match in_order.iter().find(|(_, sorted)| !sorted) {
            Some((list, _)) => Err(BadManifest::Order(list)),
            None => Ok(manifest),
        }
    }

    /// Every position that the bundle has a record of, in order.
    pub fn positions(&self) -> impl Iterator<Item = u64> {
        let mut positions = [&self.selected[..], &self.tail].concat();
        positions.sort_unstable();
        positions.into_iter()
    }

    /// Whether the stream is one of those given whole.
    #[must_use]
    pub fn has_stream(&self, name: &str) -> bool {
        let place = |head: &StreamHead| head.stream.as_str().cmp(name);
        self.streams.binary_search_by(place).is_ok()
    }
}

/// The list of `files`, as a manifest has it.
#[must_use]
pub fn list(files: &Files) -> Vec<Listed> {
    files
        .iter()
        .map(|(name, bytes)| listed(name, bytes))
        .collect()
}

/// A file, as a manifest lists it.
#[must_use]
pub fn listed(name: &str, bytes: &[u8]) -> Listed {
    Listed {
        name: name.to_owned(),
        bytes: bytes.len() as u64,
        sha256: sha256_hex(bytes),
    }
}

fn sha256_hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

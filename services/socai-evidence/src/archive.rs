//! The zip around a bundle's files: packed the same way every time, unpacked with suspicion.
//!
//! A bundle comes from somebody who may have every reason to mislead its reader. So sizes are counted while
//! unpacking rather than believed, and whatever two programs might read in two ways is refused: a name twice,
//! a path that climbs, bytes before the archive. Deliberately absent: what the files mean.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use zip::read::ZipFile;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

/// Files by name.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Entries of an archive, at most.
pub const ENTRIES_MAX: usize = 200_000;
/// Bytes of a name, at most.
pub const NAME_BYTES_MAX: usize = 200;
/// Bytes of a file, at most.
pub const FILE_BYTES_MAX: u64 = 64 << 20;
/// Bytes of all files together, at most.
pub const TOTAL_BYTES_MAX: u64 = 1 << 30;
/// A file is at most so many times longer than it is packed, once it is longer than [`SMALL_FILE_BYTES`].
pub const RATIO_MAX: u64 = 200;
/// Up to this size no ratio is suspicious.
pub const SMALL_FILE_BYTES: u64 = 1 << 20;

/// Why some bytes are not taken as an archive. In the order in which it is checked.
#[derive(Debug, thiserror::Error)]
pub enum BadArchive {
    /// It is no zip, or a damaged one.
    #[error("this is not a whole zip archive: {0}")]
    NotAZip(#[source] ZipError),
    /// There is more in it than an archive.
    #[error("the zip has {0}: a bundle has none")]
    Extra(&'static str),
    /// There are too many entries.
    #[error("the zip has {0} entries; a bundle has at most {ENTRIES_MAX}")]
    Entries(usize),
    /// A name comes twice: two programs could read two different files.
    #[error("the zip names a file twice")]
    Twice,
    /// A name leads elsewhere, or is not one that a bundle has.
    #[error("the zip names a file {0:?}; a bundle's names are short, plain and relative")]
    Name(String),
    /// An entry is not a plain file, deflated.
    #[error("{0} is not a plain file, deflated")]
    Kind(String),
    /// A file is longer than its kind can be.
    #[error(
        "{0} is longer than a bundle's files may be ({FILE_BYTES_MAX} bytes each, {TOTAL_BYTES_MAX} together)"
    )]
    TooLong(String),
    /// A file is packed so tightly that it can only have been made to fill memory.
    #[error("{0} is packed more than {RATIO_MAX} times: it was made to fill memory")]
    Ratio(String),
    /// A file does not unpack, or not to what its checksum says.
    #[error("{name} does not unpack: {reason}")]
    Damaged {
        /// Which.
        name: String,
        /// Why.
        reason: String,
    },
}

/// The archive of `files`: sorted by name, without times, so that the same files give the same bytes.
///
/// # Panics
///
/// Where a single file has 4 GiB or more, which no bundle has.
#[must_use]
pub fn pack(files: &Files) -> Vec<u8> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), options)
            .and_then(|()| Ok(zip.write_all(bytes)?))
            .expect("a file below 4 GiB is packed into memory");
    }
    let packed = zip.finish().expect("the end of a zip is written to memory");
    packed.into_inner()
}

/// The files of an archive.
///
/// # Errors
///
/// [`BadArchive`]; where several apply, the one declared first.
pub fn unpack(bytes: &[u8]) -> Result<Files, BadArchive> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(BadArchive::NotAZip)?;
    check_outside(&mut zip)?;
    let mut files = Files::new();
    let mut total = 0;
    let mut next = Next::of(&zip);
    for entry in 0..zip.len() {
        let file = zip.by_index(entry).map_err(BadArchive::NotAZip)?;
        let name = name_of(&file)?;
        next.passes(&file)?;
        let unpacked = unpack_file(&name, file, TOTAL_BYTES_MAX - total)?;
        total += unpacked.len() as u64;
        files.insert(name, unpacked);
    }
    next.ends(&zip, bytes.len() as u64)?;
    Ok(files)
}

/// Where the next file and its line in the directory have to begin. A bundle has its files one after the other and then
/// the directory in the same order, and no byte besides: nothing stands there that another program might read.
struct Next {
    file: u64,
    line: u64,
}

/// Bytes of a file's header, of its line in the directory, and of the end of an archive, each without what varies.
const HEADER_BYTES: u64 = 30;
const LINE_BYTES: u64 = 46;
const END_BYTES: u64 = 22;

/// More files than this have an end that is longer by so many bytes: a zip64 record and its locator.
const SHORT_END_FILES_MAX: usize = 65_535;
const LONG_END_BYTES: u64 = 56 + 20;

impl Next {
    fn of(zip: &ZipArchive<Cursor<&[u8]>>) -> Self {
        Self {
            file: 0,
            line: zip.central_directory_start(),
        }
    }

    fn passes(&mut self, file: &ZipFile<'_, Cursor<&[u8]>>) -> Result<(), BadArchive> {
        let name = file.name_raw().len() as u64;
        let content = self.file + HEADER_BYTES + name;
        if file.header_start() != self.file || file.central_header_start() != self.line {
            return Err(BadArchive::Extra(
                "bytes between its files, or another order of them",
            ));
        }
        if file.data_start() != Some(content) {
            return Err(BadArchive::Extra("fields besides names and sizes"));
        }
        self.file = content + file.compressed_size();
        self.line += LINE_BYTES + name;
        Ok(())
    }

    fn ends(&self, zip: &ZipArchive<Cursor<&[u8]>>, bytes: u64) -> Result<(), BadArchive> {
        let end = match zip.len() > SHORT_END_FILES_MAX {
            true => END_BYTES + LONG_END_BYTES,
            false => END_BYTES,
        };
        if self.file != zip.central_directory_start() || self.line + end != bytes {
            return Err(BadArchive::Extra(
                "bytes besides its files and their directory",
            ));
        }
        Ok(())
    }
}

fn check_outside(zip: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(), BadArchive> {
    if zip.offset() != 0 {
        return Err(BadArchive::Extra("bytes before the archive"));
    }
    if !zip.comment().is_empty() {
        return Err(BadArchive::Extra("a comment"));
    }
    if zip.len() > ENTRIES_MAX {
        return Err(BadArchive::Entries(zip.len()));
    }
    if zip.has_duplicate_names() {
        return Err(BadArchive::Twice);
    }
    if zip.has_overlapping_files().map_err(BadArchive::NotAZip)? {
        return Err(BadArchive::Extra("files that overlap"));
    }
    zip.validate_header_consistency()
        .map_err(BadArchive::NotAZip)
}

fn name_of(file: &ZipFile<'_, Cursor<&[u8]>>) -> Result<String, BadArchive> {
    let name = String::from_utf8_lossy(file.name_raw()).into_owned();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/".contains(&byte);
    let climbs = name.split('/').any(|part| ["", ".", ".."].contains(&part));
    if name.len() > NAME_BYTES_MAX || climbs || !name.bytes().all(plain) {
        return Err(BadArchive::Name(name.chars().take(80).collect()));
    }
    let known = file.compression() == CompressionMethod::Deflated;
    if !file.is_file() || file.is_symlink() || file.encrypted() || !known {
        return Err(BadArchive::Kind(name));
    }
    Ok(name)
}

fn unpack_file(
    name: &str,
    file: ZipFile<'_, Cursor<&[u8]>>,
    room: u64,
) -> Result<Vec<u8>, BadArchive> {
    let by_ratio = (file.compressed_size() * RATIO_MAX).max(SMALL_FILE_BYTES);
    let longest = FILE_BYTES_MAX.min(room).min(by_ratio);
    let mut bytes = Vec::new();
    file.take(longest + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| BadArchive::Damaged {
            name: name.to_owned(),
            reason: error.to_string(),
        })?;
    match bytes.len() as u64 {
        fits if fits <= longest => Ok(bytes),
        _ if longest == by_ratio => Err(BadArchive::Ratio(name.to_owned())),
        _ => Err(BadArchive::TooLong(name.to_owned())),
    }
}

#[cfg(test)]
mod tests;

//! The bytes of an entry in `DIR/tlog/checkpoints`.
//!
//! ```text
//! entry 12, 213 bytes, crc32c 1c291ca3
//! <the note, 213 bytes: a text that ends with a newline>
//! <an empty line>
//! ```
//!
//! The checksum is that of `entry 12, 213 bytes` and the note, so that an entry in another's place is damage. An
//! entry is added with one write and one sync, after all before it were synced: what is broken is torn if it is the
//! last, and damage anywhere else. Whether the last one was acknowledged `DIR/tlog/checkpoint` tells, which is
//! written after it.

use bytes::Bytes;
use socai_store::NOTE_BYTES_MAX;

/// Bytes of an entry, at most: with two numbers of up to twenty digits its head has fewer than 128.
pub const ENTRY_BYTES_MAX: usize = 128 + NOTE_BYTES_MAX + 1;

/// The bytes of entry `number`.
#[must_use]
pub fn encode(number: u64, note: &[u8]) -> Vec<u8> {
    let head = format!("entry {number}, {} bytes", note.len());
    let checksum = crc32c::crc32c_append(crc32c::crc32c(head.as_bytes()), note);
    let mut entry = format!("{head}, crc32c {checksum:08x}\n").into_bytes();
    entry.extend_from_slice(note);
    entry.push(b'\n');
    entry
}

/// The note of entry `number`, where `bytes` begin with the whole of it, and how many bytes it takes.
#[must_use]
pub fn decode(number: u64, bytes: &[u8]) -> Option<(Bytes, usize)> {
    let line = bytes.iter().take(128).position(|byte| *byte == b'\n')?;
    let length = length(std::str::from_utf8(&bytes[..line]).ok()?)?;
    let note = bytes.get(line + 1..)?.get(..length)?;
    // There is one way to write an entry, so whatever is written otherwise is damage.
    let entry = encode(number, note);
    bytes
        .starts_with(&entry)
        .then(|| (Bytes::copy_from_slice(note), entry.len()))
}

fn length(head: &str) -> Option<usize> {
    let (_, rest) = head.strip_prefix("entry ")?.split_once(", ")?;
    rest.split_once(" bytes, ")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_written_like_this() {
        let entry = encode(12, b"socai/hanoi\n7\n");
        let text = "entry 12, 14 bytes, crc32c 3d48de6b\nsocai/hanoi\n7\n\n";
        assert_eq!(String::from_utf8(entry).unwrap(), text);
    }

    #[test]
    fn it_reads_back_and_no_part_of_it_and_nothing_else_does() {
        let mut file = encode(12, b"note\n");
        let size = file.len();
        file.extend_from_slice(b"entry 13");
        let read = Some((Bytes::from_static(b"note\n"), size));
        assert_eq!(decode(12, &file), read);
        assert_eq!(decode(11, &file), None, "in another's place");
        for end in 0..size {
            assert_eq!(decode(12, &file[..end]), None, "torn after {end} bytes");
        }
        for at in 0..size {
            for bit in 0..8 {
                let mut damaged = file.clone();
                damaged[at] ^= 1 << bit;
                assert_eq!(decode(12, &damaged), None, "bit {bit} of byte {at}");
            }
        }
    }
}

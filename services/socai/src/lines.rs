//! Lines of a file, each at most so long, numbered as an editor numbers them.

use std::io::{self, BufRead, Read};

/// A line without its end, or that it was too long to keep.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Counted from 1.
    pub(crate) number: u64,
    /// The bytes, at most one more than asked for.
    pub(crate) bytes: Vec<u8>,
}

/// The lines of `from`. Of a longer line than `bytes_max` one byte more is kept and the rest read
/// over, so that whoever looks at it sees that it is too long, and memory stays bounded.
pub(crate) fn lines(
    mut from: impl BufRead,
    bytes_max: usize,
) -> impl Iterator<Item = io::Result<Line>> {
    let mut number = 0;
    std::iter::from_fn(move || {
        let mut bytes = Vec::new();
        let limit = u64::try_from(bytes_max).map_or(u64::MAX, |max| max + 2);
        let read = match from.by_ref().take(limit).read_until(b'\n', &mut bytes) {
            Ok(0) => return None,
            read => read,
        };
        number += 1;
        let whole = bytes.last() == Some(&b'\n') || (bytes.len() as u64) < limit;
        let skipped = if whole { Ok(()) } else { skip_line(&mut from) };
        while matches!(bytes.last(), Some(b'\n' | b'\r')) {
            bytes.pop();
        }
        bytes.truncate(bytes_max + 1);
        Some(read.and(skipped).map(|()| Line { number, bytes }))
    })
}

fn skip_line(from: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = from.fill_buf()?;
        let (used, done) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(end) => (end + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        from.consume(used);
        if done {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_and_the_next_one_is_whole() {
        let text = b"short\r\nmuch too long a line\n\nlast";
        let read: Vec<_> = lines(&text[..], 8).map(|line| line.unwrap()).collect();
        let expected: [(u64, &[u8]); 4] =
            [(1, b"short"), (2, b"much too "), (3, b""), (4, b"last")];
        let expected = expected.map(|(number, bytes)| Line {
            number,
            bytes: bytes.to_vec(),
        });
        assert_eq!(read, expected);
    }
}

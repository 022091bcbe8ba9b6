//! Rows in the binary form of COPY: what the server reads without parsing text.
//!
//! ```text
//! "PGCOPY\n\xff\r\n\0" | flags u32 | extension u32
//! | rows: fields u16, each a length i32 and bytes, or -1 for NULL
//! | -1 i16
//! ```
//!
//! Big endian. The server checks lengths against its column types, so a column of another width is refused.

use jiff::civil::{Date, date};

pub(crate) const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
pub(crate) const TRAILER: &[u8] = &[0xff, 0xff];

/// A value of a column.
pub(crate) trait Field {
    fn put(&self, out: &mut Vec<u8>);
}

/// Appends a row.
pub(crate) fn put_row(out: &mut Vec<u8>, fields: &[&dyn Field]) {
    let count = i16::try_from(fields.len()).expect("a table has a few columns");
    out.extend_from_slice(&count.to_be_bytes());
    fields.iter().for_each(|field| field.put(out));
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let len = i32::try_from(bytes.len()).expect("a record is half a megabyte at most");
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(bytes);
}

impl Field for &str {
    fn put(&self, out: &mut Vec<u8>) {
        put_bytes(out, self.as_bytes());
    }
}

impl Field for String {
    fn put(&self, out: &mut Vec<u8>) {
        put_bytes(out, self.as_bytes());
    }
}

impl Field for bool {
    fn put(&self, out: &mut Vec<u8>) {
        put_bytes(out, &[u8::from(*self)]);
    }
}

/// An `integer`.
impl Field for i32 {
    fn put(&self, out: &mut Vec<u8>) {
        put_bytes(out, &self.to_be_bytes());
    }
}

/// A `bigint`.
impl Field for i64 {
    fn put(&self, out: &mut Vec<u8>) {
        put_bytes(out, &self.to_be_bytes());
    }
}

/// A `date`: days since 2000.
impl Field for Date {
    fn put(&self, out: &mut Vec<u8>) {
        days(*self).put(out);
    }
}

impl<T: Field> Field for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.put(out),
            None => out.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
    }
}

/// The first day after something, or `infinity`.
pub(crate) struct Until(pub(crate) Option<Date>);

impl Field for Until {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.map_or(i32::MAX, days).put(out);
    }
}

/// Days from 2000-01-01 to `day`, by the Gregorian calendar in both directions, as the server counts.
fn days(day: Date) -> i32 {
    let from = date(2000, 1, 1);
    let hours = day.duration_since(from).as_hours();
    i32::try_from(hours / 24).expect("dates are some three million days apart at most")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_2000() {
        let counted = [date(2000, 1, 1), date(1999, 12, 31), date(2019, 3, 31)].map(days);
        assert_eq!([0, -1, 7_029], counted);
    }

    #[test]
    fn a_row_is_its_fields_with_their_lengths() {
        let mut row = Vec::new();
        put_row(&mut row, &[&7_i32, &"ab", &None::<bool>, &Until(None)]);
        let expected = [
            &[0, 4][..],
            &[0, 0, 0, 4, 0, 0, 0, 7],
            &[0, 0, 0, 2, b'a', b'b'],
            &[255, 255, 255, 255],
            &[0, 0, 0, 4, 0x7f, 255, 255, 255],
        ];
        assert_eq!(expected.concat(), row);
    }
}

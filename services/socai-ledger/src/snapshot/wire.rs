//! Numbers, texts and lists as bytes, with a checksum over all of them.

use std::io::{self, Write};

use jiff::Timestamp;

/// Something of a fixed number of words.
pub(crate) trait Words<const N: usize>: Sized {
    fn words(&self) -> [u32; N];
    /// `None` where no fold writes such words.
    fn from_words(words: [u32; N]) -> Option<Self>;
}

/// Bytes gathered before they go through the checksum together.
const GATHERED: usize = 1 << 16;

pub(crate) struct Out<W> {
    to: W,
    gathered: Vec<u8>,
    checksum: u32,
}

impl<W: Write> Out<W> {
    pub(crate) fn new(to: W) -> Self {
        Self {
            to,
            gathered: Vec::with_capacity(GATHERED + 128),
            checksum: 0,
        }
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= GATHERED {
            self.pass_on()
        } else {
            Ok(())
        }
    }

    fn pass_on(&mut self) -> io::Result<()> {
        self.checksum = crc32c::crc32c_append(self.checksum, &self.gathered);
        self.to.write_all(&self.gathered)?;
        self.gathered.clear();
        Ok(())
    }

    pub(crate) fn u32(&mut self, number: u32) -> io::Result<()> {
        self.raw(&number.to_le_bytes())
    }

    pub(crate) fn u64(&mut self, number: u64) -> io::Result<()> {
        self.raw(&number.to_le_bytes())
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.u64(bytes.len() as u64)?;
        self.raw(bytes)
    }

    pub(crate) fn timestamp(&mut self, time: Option<Timestamp>) -> io::Result<()> {
        let (second, nanosecond) = time.map_or((i64::MAX, 0), super::split);
        self.raw(&second.to_le_bytes())?;
        self.raw(&nanosecond.to_le_bytes())
    }

    pub(crate) fn list<'a, const N: usize, T: Words<N> + 'a>(
        &mut self,
        items: impl ExactSizeIterator<Item = &'a T>,
    ) -> io::Result<()> {
        self.u64(items.len() as u64)?;
        self.items(items)
    }

    /// Items whose number is written before them.
    pub(crate) fn items<'a, const N: usize, T: Words<N> + 'a>(
        &mut self,
        items: impl Iterator<Item = &'a T>,
    ) -> io::Result<()> {
        for item in items {
            for word in item.words() {
                self.gathered.extend_from_slice(&word.to_le_bytes());
            }
            if self.gathered.len() >= GATHERED {
                self.pass_on()?;
            }
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.pass_on()?;
        self.to.write_all(&self.checksum.to_le_bytes())?;
        self.to.flush()
    }
}

/// What stands before the checksum, where that is right.
pub(crate) fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (whole, checksum) = bytes.split_last_chunk()?;
    (crc32c::crc32c(whole) == u32::from_le_bytes(*checksum)).then_some(whole)
}

pub(crate) struct In<'a> {
    rest: &'a [u8],
}

impl<'a> In<'a> {
    pub(crate) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn slice(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.u64()?).ok()?;
        self.slice(len)
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    #[expect(
        clippy::option_option,
        reason = "no bytes, and no time, are two things"
    )]
    pub(crate) fn timestamp(&mut self) -> Option<Option<Timestamp>> {
        let (second, nanosecond) = (self.take()?, self.take()?);
        match i64::from_le_bytes(second) {
            i64::MAX => Some(None),
            second => Timestamp::new(second, i32::from_le_bytes(nanosecond))
                .ok()
                .map(Some),
        }
    }

    pub(crate) fn list<const N: usize, T: Words<N>>(&mut self) -> Option<Vec<T>> {
        self.items()?.collect()
    }

    /// The items of a list, one by one.
    pub(crate) fn items<const N: usize, T: Words<N>>(
        &mut self,
    ) -> Option<impl ExactSizeIterator<Item = Option<T>> + use<'a, N, T>> {
        let bytes = usize::try_from(self.u64()?).ok()?.checked_mul(4 * N)?;
        let items = self.slice(bytes)?.chunks_exact(4 * N);
        Some(items.map(|item| {
            let mut words = [0; N];
            for (word, bytes) in words.iter_mut().zip(item.chunks_exact(4)) {
                *word = u32::from_le_bytes(bytes.try_into().expect("a chunk has four bytes"));
            }
            T::from_words(words)
        }))
    }
}

impl Words<1> for u32 {
    fn words(&self) -> [u32; 1] {
        [*self]
    }
    fn from_words([word]: [u32; 1]) -> Option<Self> {
        Some(word)
    }
}

impl Words<2> for (u32, u32) {
    fn words(&self) -> [u32; 2] {
        [self.0, self.1]
    }
    fn from_words([one, other]: [u32; 2]) -> Option<Self> {
        Some((one, other))
    }
}

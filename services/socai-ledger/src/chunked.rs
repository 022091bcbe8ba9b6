//! A table that grows without ever moving what is in it.

/// Items of a chunk.
const CHUNK: usize = 1 << 13;

/// A vector in chunks: growing by one never copies the rest, and never reserves as much again.
#[derive(Debug, Clone)]
pub(crate) struct Chunked<T> {
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Chunked<T> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            len: 0,
        }
    }
}

impl<T> Chunked<T> {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn push(&mut self, item: T) {
        if self.len.is_multiple_of(CHUNK) {
            // Small ledgers are many, in tests and as prefixes: only later chunks are sure to fill.
            let room = if self.len == 0 { 0 } else { CHUNK };
            self.chunks.push(Vec::with_capacity(room));
        }
        let last = self.chunks.last_mut();
        last.expect("a chunk was pushed for the first item")
            .push(item);
        self.len += 1;
    }

    /// As many of `items` as they say they are; `None` at the first that is none.
    pub(crate) fn collect(mut items: impl ExactSizeIterator<Item = Option<T>>) -> Option<Self> {
        let len = items.len();
        let mut chunks = Vec::with_capacity(len.div_ceil(CHUNK));
        while items.len() > 0 {
            // As many as pushing would leave room for.
            let first = chunks.is_empty().then(|| items.len().min(CHUNK));
            let mut chunk = Vec::with_capacity(first.unwrap_or(CHUNK));
            for item in items.by_ref().take(CHUNK) {
                chunk.push(item?);
            }
            chunks.push(chunk);
        }
        Some(Self { chunks, len })
    }

    pub(crate) fn chunks(&self) -> impl Iterator<Item = &[T]> {
        self.chunks.iter().map(Vec::as_slice)
    }

    pub(crate) fn bytes(&self) -> usize {
        let room: usize = self.chunks.iter().map(Vec::capacity).sum();
        room * size_of::<T>()
    }
}

impl<T> std::ops::Index<u32> for Chunked<T> {
    type Output = T;
    fn index(&self, at: u32) -> &T {
        &self.chunks[at as usize / CHUNK][at as usize % CHUNK]
    }
}

impl<T> std::ops::IndexMut<u32> for Chunked<T> {
    fn index_mut(&mut self, at: u32) -> &mut T {
        &mut self.chunks[at as usize / CHUNK][at as usize % CHUNK]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_stay_in_order_over_chunks() {
        let mut table = Chunked::default();
        let many = u32::try_from(2 * CHUNK + 3).unwrap();
        (0..many).for_each(|item| table.push(item));
        table[9] += 1;
        assert_eq!(
            (many as usize, 10, many - 1),
            (table.len(), table[9], table[many - 1])
        );
        assert_eq!(
            many as usize,
            table.chunks().map(<[u32]>::len).sum::<usize>()
        );
    }

    #[test]
    fn what_is_collected_goes_on_as_what_was_pushed() {
        let many = u32::try_from(2 * CHUNK + 3).unwrap();
        for len in [0, 1, many] {
            let mut pushed = Chunked::default();
            (0..len).for_each(|item| pushed.push(item));
            let items: Vec<_> = (0..len).map(Some).collect();
            let mut collected = Chunked::collect(items.into_iter()).unwrap();
            pushed.push(len);
            collected.push(len);
            assert_eq!(pushed.len(), collected.len());
            assert!(pushed.chunks().eq(collected.chunks()));
        }
        assert!(Chunked::collect([Some(1), None].into_iter()).is_none());
    }
}

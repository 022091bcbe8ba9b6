//! Texts that come again and again, each kept once and numbered in the order of first use.

use hashbrown::HashTable;

/// Hashes an id. Fixed, so that two processes agree; not meant to withstand chosen ids.
pub(crate) fn hash(text: &str) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |a: u64, b: u64| {
        let wide = u128::from(a) * u128::from(b);
        #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
        let (low, high) = (wide as u64, (wide >> 64) as u64);
        low ^ high
    };
    let mut words = text.as_bytes().chunks_exact(8);
    let mut state = ODD ^ text.len() as u64;
    for word in &mut words {
        let word = u64::from_le_bytes(word.try_into().expect("a chunk has eight bytes"));
        state = mix(state ^ word, ODD);
    }
    let mut last = [0; 8];
    let rest = words.remainder();
    last[..rest.len()].copy_from_slice(rest);
    mix(mix(state ^ u64::from_le_bytes(last), ODD), ODD | 0x5555)
}

/// Texts in one arena, found by number and by text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    text: String,
    /// Where each ends in `text`.
    ends: Vec<u32>,
    numbers: HashTable<u32>,
}

impl Names {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The number of `name`, given now where it has none.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.find(name) {
            return number;
        }
        let number =
            u32::try_from(self.ends.len()).expect("names fit the arena, whose ends are u32");
        self.text.push_str(name);
        let end =
            u32::try_from(self.text.len()).expect("four gigabytes of ids are not one ledger's");
        self.ends.push(end);
        let Self {
            text,
            ends,
            numbers,
        } = self;
        numbers.insert_unique(hash(name), number, |number| hash(get(text, ends, *number)));
        number
    }

    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        let same = |number: &u32| self.get(*number) == name;
        self.numbers.find(hash(name), same).copied()
    }

    pub(crate) fn get(&self, number: u32) -> &str {
        get(&self.text, &self.ends, number)
    }

    /// The arena, and where each name ends in it.
    pub(crate) fn parts(&self) -> (&str, &[u32]) {
        (&self.text, &self.ends)
    }

    /// What [`parts`](Self::parts) gave; `None` where those are no parts of any names.
    pub(crate) fn of_parts(text: String, ends: Vec<u32>) -> Option<Self> {
        let whole = ends.last().map_or(0, |end| *end as usize) == text.len();
        let parts = ends.iter().all(|end| text.is_char_boundary(*end as usize));
        if !whole || !parts || !ends.is_sorted() {
            return None;
        }
        let mut numbers = HashTable::with_capacity(ends.len());
        for number in 0..u32::try_from(ends.len()).ok()? {
            let hashed = hash(get(&text, &ends, number));
            numbers.insert_unique(hashed, number, |number| hash(get(&text, &ends, *number)));
        }
        Some(Self {
            text,
            ends,
            numbers,
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..).take(self.len()).map(|number| self.get(number))
    }

    pub(crate) fn bytes(&self) -> usize {
        self.text.capacity() + 4 * self.ends.capacity() + self.numbers.allocation_size()
    }
}

fn get<'a>(text: &'a str, ends: &[u32], number: u32) -> &'a str {
    let number = number as usize;
    let begin = if number == 0 { 0 } else { ends[number - 1] };
    &text[begin as usize..ends[number] as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number() {
        let mut names = Names::default();
        let ids: Vec<String> = (0..1000).map(|n| format!("hn-{n}")).collect();
        let numbers: Vec<u32> = ids.iter().map(|id| names.number(id)).collect();
        assert_eq!((0..1000).collect::<Vec<u32>>(), numbers);
        assert_eq!(Some(17), names.find("hn-17"));
        assert_eq!(17, names.number("hn-17"));
        assert_eq!((None, "hn-999"), (names.find("hn-1000"), names.get(999)));
        assert!(names.iter().eq(&ids));
    }

    #[test]
    fn like_ids_have_unlike_hashes() {
        let mut low: Vec<u64> = (0..4096)
            .map(|n| hash(&format!("bc-{n}_2019-q1_hn-{n}")) % 65_536)
            .collect();
        low.sort_unstable();
        low.dedup();
        assert!(low.len() > 3900, "{}", low.len());
    }
}

//! Chance, from a seed alone: whole numbers, the same on every machine.

/// SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014),
/// with the constants of Vigna's public-domain `splitmix64.c`. Good enough to simulate with, never to
/// keep secrets with.
#[derive(Debug, Clone)]
pub(crate) struct Chance {
    state: u64,
}

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    pub(crate) const fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 32 bits.
    pub(crate) const fn bits(&mut self) -> u32 {
        (self.draw() >> 32) as u32
    }

    /// A number below `n`, which is not 0. Off an even spread by less than one in a thousand million:
    /// `n` is small, and the 64 bits are scaled instead of cut.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        let scaled = u128::from(self.draw()) * u128::from(n);
        u32::try_from(scaled >> 64).expect("scaled below n")
    }

    /// A number from `low` to `high`, both included; `low` where there is none between them.
    pub(crate) fn between(&mut self, low: i32, high: i32) -> i32 {
        let span = u32::try_from(high - low).map_or(1, |span| span + 1);
        low + i32::try_from(self.below(span)).expect("a span of days is small")
    }

    /// Whether it happens, so many times in a thousand.
    pub(crate) fn permille(&mut self, n: u32) -> bool {
        self.below(1000) < n
    }

    /// One of `choices`, of which there are some.
    pub(crate) fn one<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        let n = u32::try_from(choices.len()).expect("choices are few");
        &choices[self.below(n) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of `splitmix64.c` from 1234567.
    #[test]
    fn the_numbers_are_those_of_the_source() {
        let mut chance = Chance::new(1_234_567);
        let drawn = [chance.draw(), chance.draw(), chance.draw()];
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        assert_eq!(drawn, published);
    }

    #[test]
    fn a_number_stays_within_its_bounds() {
        let mut chance = Chance::new(7);
        let drawn: Vec<i32> = (0..1000).map(|_| chance.between(-2, 2)).collect();
        assert!((-2..=2).all(|n| drawn.contains(&n)));
        assert!(drawn.iter().all(|n| (-2..=2).contains(n)));
        assert_eq!(chance.between(5, 4), 5);
    }
}

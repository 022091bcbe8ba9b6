//! A civil day in four bytes that sort.

use jiff::civil::Date;

/// Year, month and day side by side, so that days compare as numbers do and the parts are shifts away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day(i32);

impl Day {
    /// No day: later than every day.
    pub(crate) const NONE: Self = Self(i32::MAX);

    pub(crate) fn of(date: Date) -> Self {
        Self((i32::from(date.year()) << 9) | (i32::from(date.month()) << 5) | i32::from(date.day()))
    }

    pub(crate) fn of_option(date: Option<Date>) -> Self {
        date.map_or(Self::NONE, Self::of)
    }

    pub(crate) fn date(self) -> Option<Date> {
        let month = i8::try_from((self.0 >> 5) & 15).ok()?;
        let day = i8::try_from(self.0 & 31).ok()?;
        Date::new(i16::try_from(self.0 >> 9).ok()?, month, day).ok()
    }

    pub(crate) fn is_some(self) -> bool {
        self != Self::NONE
    }

    pub(crate) const fn year(self) -> i32 {
        self.0 >> 9
    }

    /// From 1 to 4.
    pub(crate) const fn quarter(self) -> i32 {
        (((self.0 >> 5) & 15) + 2) / 3
    }

    pub(crate) const fn word(self) -> u32 {
        self.0.cast_unsigned()
    }

    pub(crate) const fn from_word(word: u32) -> Self {
        Self(word.cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_keep_their_order_and_their_parts() {
        let days = [
            Date::MIN,
            date(-1, 12, 31),
            date(0, 1, 1),
            date(2014, 1, 21),
            date(2014, 1, 31),
            date(2014, 2, 1),
            date(2019, 12, 31),
            date(2020, 1, 1),
            Date::MAX,
        ];
        assert!(days.map(Day::of).is_sorted());
        for day in days {
            assert_eq!(Some(day), Day::of(day).date());
            assert_eq!(Day::of(day), Day::from_word(Day::of(day).word()));
            assert!(Day::of(day) < Day::NONE);
        }
        assert_eq!(None, Day::NONE.date());
        let quarters =
            [1, 3, 4, 6, 7, 9, 10, 12].map(|month| Day::of(date(2019, month, 9)).quarter());
        assert_eq!([1, 1, 2, 2, 3, 3, 4, 4], quarters);
        assert_eq!(2019, Day::of(date(2019, 12, 31)).year());
    }
}

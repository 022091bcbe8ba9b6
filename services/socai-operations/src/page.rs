//! Pages of an answer.
//!
//! Rows stand in a total order that does not change while the ledger grows: of ids, or of positions. A cursor is
//! the place of the last row of a page, and the next page begins with whatever comes after it: nothing comes
//! twice, and nothing that was there is left out. Whoever wants every page of one state asks each with the same
//! `known_at` and `as_of`.

use std::fmt;
use std::str::FromStr;

use crate::trouble::Trouble;

/// Rows of one answer, at most, and as many as where no limit is said.
pub const ROWS_MAX: usize = 100_000;

/// Which rows of an answer are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// How many rows, at most.
    pub limit: Option<usize>,
    /// Those after this: what an earlier page said.
    pub cursor: Option<String>,
}

/// Where a row stands among the others: by a number, and by an id where that is the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    number: u64,
    id: String,
}

impl Place {
    /// The place of an id.
    pub fn of(id: &str) -> Self {
        Self::ranked(0, id)
    }

    /// The place of a position.
    pub const fn at(position: u64) -> Self {
        let id = String::new();
        Self {
            number: position,
            id,
        }
    }

    /// The number in it: a position, a count from 1.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The place of an id among those of a rank.
    pub fn ranked(rank: u64, id: &str) -> Self {
        Self {
            number: rank,
            id: id.to_owned(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.number, self.id)
    }
}

impl FromStr for Place {
    type Err = Trouble;
    fn from_str(cursor: &str) -> Result<Self, Trouble> {
        let read = || {
            let (number, id) = cursor.split_once('.')?;
            Some(Self::ranked(number.parse().ok()?, id))
        };
        read().ok_or_else(|| Trouble::parameter("cursor", "expected what an earlier page said"))
    }
}

/// Which rows: a page that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Those after this.
    pub after: Option<Place>,
    /// How many, at most.
    pub limit: usize,
}

impl Page {
    /// Which rows those are.
    ///
    /// # Errors
    ///
    /// Where the cursor is none, or no row is wanted.
    pub fn read(&self) -> Result<Wanted, Trouble> {
        let limit = self.limit.unwrap_or(ROWS_MAX);
        if !(1..=ROWS_MAX).contains(&limit) {
            let sentence = format!("{limit}: expected a number from 1 to {ROWS_MAX}");
            return Err(Trouble::parameter("limit", sentence));
        }
        let after = self.cursor.as_deref().map(str::parse).transpose()?;
        Ok(Wanted { after, limit })
    }
}

impl Wanted {
    /// Every row there is.
    pub const ALL: Self = Self {
        after: None,
        limit: usize::MAX,
    };

    /// Keeps of `rows` what is wanted, and says the place of the last where more follow.
    pub fn cut<T>(&self, rows: &mut Vec<T>, place: impl Fn(&T) -> Place) -> Option<Place> {
        if let Some(after) = &self.after {
            let from = rows.partition_point(|row| place(row) <= *after);
            rows.drain(..from);
        }
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        rows.last().filter(|_| more).map(place)
    }
}

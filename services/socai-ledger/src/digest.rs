//! What stands of an obligation, boiled down to what counting reads.
//!
//! [`socai_domain::standing`] says what stands in each phase, and into which bucket that falls while the
//! due date has not passed and once it has. Both answers are kept, for both due modes, in three bits
//! each, so that counting has no rule of its own to be wrong about.

use jiff::civil::Date;
use socai_domain::rate::{Bucket, Counts};
use socai_domain::standing::{DueMode, Standing, Verdict};

use crate::day::Day;

/// A bucket, or that of things done without a due date: `0..CODES`.
pub(crate) type Code = u8;

/// How many codes there are; the counts of one cell fit in one cache line.
pub(crate) const CODES: usize = 8;

/// No due date, and done.
const UNDATED_DONE: Code = 6;

/// The bucket that a code stands for.
pub(crate) const fn bucket_of(code: Code) -> Bucket {
    match code {
        0 => Bucket::OnTime,
        1 => Bucket::Late,
        2 => Bucket::Pending,
        3 => Bucket::Overdue,
        4 | UNDATED_DONE => Bucket::NoDueDate,
        _ => Bucket::Excused,
    }
}

/// Whether the code is that of something done without a due date.
pub(crate) const fn is_done(code: Code) -> bool {
    code == UNDATED_DONE
}

/// The codes of `bucket`, as bits.
pub(crate) const fn codes_of(bucket: Bucket) -> u8 {
    match bucket {
        Bucket::OnTime => 1,
        Bucket::Late => 1 << 1,
        Bucket::Pending => 1 << 2,
        Bucket::Overdue => 1 << 3,
        Bucket::NoDueDate => 1 << 4 | 1 << UNDATED_DONE,
        Bucket::Excused => 1 << 5,
    }
}

fn code(standing: &Standing, mode: DueMode, as_of: Date) -> Code {
    match standing.bucket(mode, as_of) {
        Bucket::OnTime => 0,
        Bucket::Late => 1,
        Bucket::Pending => 2,
        Bucket::Overdue => 3,
        Bucket::NoDueDate if standing.fulfilled.is_some() => UNDATED_DONE,
        Bucket::NoDueDate => 4,
        Bucket::Excused => 5,
    }
}

/// Obligations by code.
pub(crate) type Tally = [u32; CODES];

/// The tally as counts.
pub(crate) fn counts(tally: &Tally) -> Counts {
    let [on_time, late, pending, overdue, undone, excused, done, _] = tally.map(u64::from);
    Counts {
        on_time,
        late,
        pending,
        overdue,
        no_due_date: undone + done,
        excused,
        no_due_date_done: done,
    }
}

/// The codes of one phase: for each mode, until the due date and after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Codes(u16);

impl Codes {
    pub(crate) const BITS: u32 = 12;

    pub(crate) fn of(standing: &Standing) -> Self {
        let of_mode = |mode: DueMode| {
            let due = standing.due(mode).unwrap_or(Date::MAX);
            let passed = due.tomorrow().ok();
            let until = code(standing, mode, due);
            // Nobody can ask for a day after the last one there is.
            let after = passed.map_or(until, |passed| code(standing, mode, passed));
            u16::from(until) | u16::from(after) << 3
        };
        Self(of_mode(DueMode::Current) | of_mode(DueMode::Original) << 6)
    }

    pub(crate) const fn bits(self) -> u32 {
        self.0 as u32
    }

    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self((bits & 0xfff) as u16)
    }

    /// The codes until the due date and after it, of the mode that `shift` is for.
    pub(crate) const fn pair(self, shift: u32) -> [Code; 2] {
        let bits = self.0 >> shift;
        [(bits & 7) as Code, (bits >> 3 & 7) as Code]
    }

    /// The code at the end of `as_of`, where `due` is the due date of the mode that `shift` is for.
    #[inline]
    pub(crate) fn code(self, shift: u32, as_of: Day, due: Day) -> Code {
        let passed = u32::from(as_of > due);
        ((self.0 >> (shift + 3 * passed)) & 7) as Code
    }
}

/// Where the codes of a mode begin.
pub(crate) const fn shift(mode: DueMode) -> u32 {
    match mode {
        DueMode::Current => 0,
        DueMode::Original => 6,
    }
}

/// What stands from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Phase {
    pub(crate) from: Day,
    pub(crate) due: Day,
    pub(crate) original: Day,
    pub(crate) codes: Codes,
}

impl Phase {
    pub(crate) fn due(&self, mode: DueMode) -> Day {
        match mode {
            DueMode::Current => self.due,
            DueMode::Original => self.original,
        }
    }
}

/// An obligation as counting sees it.
#[derive(Debug)]
pub(crate) struct Digest {
    pub(crate) phases: Vec<Phase>,
    /// After the last phase it is neither fulfilled nor released.
    pub(crate) open: bool,
}

impl Digest {
    pub(crate) fn of(phases: &[(Date, Standing)]) -> Self {
        let phase = |(from, standing): &(Date, Standing)| Phase {
            from: Day::of(*from),
            due: Day::of_option(standing.due),
            original: Day::of_option(standing.original_due),
            codes: Codes::of(standing),
        };
        let mut digest: Vec<Phase> = phases.iter().map(phase).collect();
        // A verdict changes without a bucket changing; counting does not see that.
        let same = |later: &Phase, earlier: &Phase| {
            Phase {
                from: earlier.from,
                ..*later
            } == *earlier
        };
        digest.dedup_by(|later, earlier| same(later, earlier));
        let open = |(_, last): &(Date, Standing)| {
            last.released.is_none() && last.verdict != Verdict::Stands
        };
        Self {
            phases: digest,
            open: phases.last().is_some_and(open),
        }
    }
}

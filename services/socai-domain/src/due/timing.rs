//! What a requirement says about time, as one value: the window and the due date of its periods.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DayOff, DueError, DueRule, Resolved, check_decree_09, resolve};
use crate::calendar::Calendar;
use crate::period::{Cadence, Period, Window, WindowError, WindowRule};

/// What a requirement says about time: what its reports cover, and when they are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timing {
    /// The data window of a period.
    pub window: WindowRule,
    /// The due date of a period.
    pub due: DueRule,
    /// What happens to a due date on a day off.
    pub day_off: DayOff,
}

/// A period's window and due date, as they stand once it is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Times {
    /// The data window, where one is stated.
    pub window: Option<Window>,
    /// The due date, where one is stated.
    pub due: Option<Resolved>,
}

/// Why a period has no such times: first its window is found, then its due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimingError {
    /// The window cannot be.
    #[error(transparent)]
    Window(#[from] WindowError),
    /// The due date cannot be.
    #[error(transparent)]
    Due(#[from] DueError),
}

impl TimingError {
    /// The code that clients match on.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Window(error) => error.code(),
            Self::Due(error) => error.code(),
        }
    }
}

impl Timing {
    /// Checks what can be said before any period is opened: a requirement that no period could
    /// satisfy is not worth setting.
    ///
    /// # Errors
    ///
    /// The [`TimingError`] that applies; where several do, the one declared first.
    pub fn check(self, cadence: Cadence) -> Result<(), TimingError> {
        self.window.check(cadence)?;
        self.due.check()?;
        let counts_days = matches!(
            self.due,
            DueRule::DaysAfter { .. } | DueRule::WorkingDaysAfter { .. }
        );
        if counts_days && self.window == WindowRule::NotStated {
            return Err(DueError::NoWindow.into());
        }
        if self.window == WindowRule::Decree09 && self.due.never_leaves_a_working_day() {
            return Err(DueError::NoWorkingDayBetween.into());
        }
        Ok(())
    }

    /// The window and due date of `period`. `stated` is the window that whoever opens the period
    /// gives, where they give one.
    ///
    /// # Errors
    ///
    /// The [`TimingError`] that applies; where several do, the one declared first.
    pub fn times(
        self,
        period: &Period,
        stated: Option<Window>,
        calendar: &Calendar,
    ) -> Result<Times, TimingError> {
        let window = self.window.window(period, stated)?;
        let due = resolve(self.due, self.day_off, period, window, calendar)?;
        if let (WindowRule::Decree09, Some(window), Some(due)) = (self.window, window, &due) {
            check_decree_09(window, due.due, calendar)?;
        }
        Ok(Times { window, due })
    }
}

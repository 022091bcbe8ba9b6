//! Progress bars on long work; none when nobody is looking.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use socai_app::migrate::Progress;

/// A bar towards `total`, on standard error, drawn only on a terminal.
pub(crate) fn bar(total: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let template = "{msg} {wide_bar} {human_pos}/{human_len} {eta}";
    let style = ProgressStyle::with_template(template).expect("the template is well-formed");
    bar.set_style(style);
    bar.set_message(what);
    bar
}

/// A spinner for work of unknown length.
pub(crate) fn spinner(what: &'static str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner();
    spinner.set_message(what);
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// Records that go from one store to another: one bar a phase.
pub(crate) struct Phases {
    end: u64,
    shown: Option<(&'static str, ProgressBar)>,
}

impl Phases {
    /// Towards position `end`.
    pub(crate) const fn to(end: u64) -> Self {
        Self { end, shown: None }
    }

    /// Shows how far it is.
    pub(crate) fn show(&mut self, progress: Progress) {
        let (phase, position) = match progress {
            Progress::Compared(position) => ("comparing", position),
            Progress::Brought(position) => ("bringing", position),
            Progress::ReadBack(position) => ("reading back", position),
        };
        if self.shown.as_ref().is_none_or(|(shown, _)| *shown != phase) {
            self.clear();
            self.shown = Some((phase, bar(self.end, phase)));
        }
        if let Some((_, bar)) = &self.shown {
            bar.set_position(position);
        }
    }

    /// Takes the bar away.
    pub(crate) fn clear(&mut self) {
        if let Some((_, bar)) = self.shown.take() {
            bar.finish_and_clear();
        }
    }
}

//! The ledger in numbers: what units owe, and how often what was recorded.
//!
//! The counts are those of `socai rates` for obligations due in the window, as of today. The image is looked at for one
//! walk over its rows, and is free again before anything is written.

use std::fmt::{self, Error};
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use socai_app::live::Live;
use socai_domain::obligation::Kind;
use socai_domain::origin::VIETNAM;
use socai_ledger::Image;
use socai_ledger::event_counts::EventCounts;
use socai_ledger::units::UnitStanding;

use crate::units::{self, Told};
use crate::window::{Due, Window};
use crate::write::Family;

/// Collects from the image of a ledger.
pub struct OfLedger {
    live: Arc<Live>,
    units: Told,
    due: Due,
    clock: fn() -> Timestamp,
}

impl OfLedger {
    /// Of the ledger that `live` follows, with so much of its units, of what is `due`, for the day that `clock` says.
    pub fn new(live: Arc<Live>, units: Told, due: Due, clock: fn() -> Timestamp) -> Self {
        Self {
            live,
            units,
            due,
            clock,
        }
    }
}

impl fmt::Debug for OfLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfLedger")
            .field("units", &self.units)
            .field("due", &self.due)
            .finish_non_exhaustive()
    }
}

impl Collector for OfLedger {
    fn encode(&self, encoder: DescriptorEncoder) -> Result<(), Error> {
        let numbers = Numbers::of(&self.live.image(), self.units, self.due, (self.clock)());
        numbers.encode(encoder)
    }
}

/// What an image says, before it is written.
#[derive(Debug)]
pub struct Numbers {
    told: Told,
    window: Window,
    units: Vec<UnitStanding>,
    events: EventCounts,
    heads_sealed: Option<Date>,
}

impl Numbers {
    /// What `image` says at `now` of what is `due`.
    pub fn of(image: &Image, told: Told, due: Due, now: Timestamp) -> Self {
        let window = Window::of(due, now);
        let units = match told {
            Told::All | Told::Kinds => image.units_standing(&window.query()),
            Told::Off => Vec::new(),
        };
        Self {
            told,
            window,
            units,
            events: image.event_counts().clone(),
            heads_sealed: image.registry().ledger.heads.as_ref().map(|heads| heads.on),
        }
    }

    fn write_window(&self, encoder: &mut DescriptorEncoder) -> Result<(), Error> {
        let help = "The beginning of the day, in Việt Nam, at the end of which the counts hold.";
        let family = Family::seconds("socai_as_of_timestamp", help);
        family.gauge(encoder, Some(midnight(self.window.as_of)))?;
        let help = "The beginning of the first due date that is counted.";
        let family = Family::seconds("socai_window_start_timestamp", help);
        family.gauge(encoder, Some(midnight(self.window.from)))?;
        let help = "The beginning of the last due date that is counted.";
        let family = Family::seconds("socai_window_end_timestamp", help);
        family.gauge(encoder, Some(midnight(self.window.to)))
    }

    fn write_events(&self, encoder: &mut DescriptorEncoder) -> Result<(), Error> {
        let help = "Events of the whole ledger by type; unknown: of a later version's types.";
        let unknown = ("unknown", self.events.unknown());
        let types = self.events.by_type().chain([unknown]);
        let series = types.map(|(name, count)| ([("type", name)], count));
        Family::of("socai_events", help).counters(encoder, series)?;
        let by_kind = |count: &dyn Fn(Kind) -> u64| {
            units::OBLIGATIONS.map(|(kind, name)| ([("obligation", name)], count(kind)))
        };
        let help = "Late flags raised by watchers and people.";
        let series = by_kind(&|kind| self.events.late_flags(kind));
        Family::of("socai_late_flags", help).counters(encoder, series)?;
        let help = "Extensions of due dates that were granted.";
        let series = by_kind(&|kind| self.events.extensions(kind));
        Family::of("socai_extensions_granted", help).counters(encoder, series)
    }
}

impl Collector for Numbers {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        self.write_window(&mut encoder)?;
        units::write(&mut encoder, self.told, &self.units)?;
        self.write_events(&mut encoder)?;
        let help = "The beginning of the day, in Việt Nam, on which the heads of all streams were sealed last.";
        let family = Family::seconds("socai_heads_sealed_timestamp", help);
        family.gauge(&mut encoder, self.heads_sealed.map(midnight))
    }
}

/// When `day` begins in Việt Nam, in seconds since the epoch.
pub(crate) fn midnight(day: Date) -> i64 {
    let begins = TimeZone::fixed(VIETNAM).to_timestamp(day.at(0, 0, 0, 0));
    begins.map_or(0, Timestamp::as_second)
}

//! The image's rows in PostgreSQL: for Grafana, for analysts, for whoever asks in SQL.
//!
//! ```text
//!                 ┌ read ─► fold ─► rows ┐        one transaction a batch
//!   event store ──┤   (an image of its   ├─► position, epoch ─► deletes ─► COPY ─► commit
//!                 └    own, in memory)   ┘
//! ```
//!
//! The log is the record, and these tables can be made from it again at any time; so nothing here is ever
//! corrected by hand. Only what is kept beside the log, in [`credentials`], is here alone. Deliberately absent:
//! any rule of counting (a phase has its buckets, SQL picks one), any word of a person in what is reported, and
//! every other crate's knowledge of SQL.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`settings`] | where the database is, and who asks |
//! | [`layout`] | migrations, tables, reporting views |
//! | [`place`] | the projector's row: position, epoch, state |
//! | `rows`, `copy`, `batch` | from changes to COPY to one transaction |
//! | `feed` | from the log to batches |
//! | [`credentials`] | what is known of persons, which no log has |
//! | [`projector`] | what runs, stands by, reconnects, parks |
//! | [`mod@rebuild`] | new tables while the old ones serve |
//! | [`mod@check`] | rates in SQL against those of the image |
//! | [`mod@read_back`] | the counts of a window as they are reported |
//! | [`error`] | what can go wrong, by what the caller can do |

mod batch;
pub mod check;
mod connect;
mod copy;
pub mod credentials;
pub mod error;
mod feed;
pub mod layout;
pub mod place;
pub mod projector;
pub mod read_back;
pub mod rebuild;
mod rows;
pub mod settings;

pub use check::{Check, Difference, check};
pub use credentials::PostgresCredentials;
pub use error::Error;
pub use feed::Images;
pub use layout::migrate;
pub use place::{Place, status};
pub use projector::{Projector, State, Status};
pub use read_back::{ReadBack, read_back};
pub use rebuild::{Progress, Rebuilt, Stage, rebuild};
pub use settings::{Settings, SslMode};

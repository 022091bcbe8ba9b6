//! Each question, in a file of its own.
//!
//! A parameter is a text on every wire, as it is on the command line: a day, an id, a word of a list, a
//! [`KnownAt`](crate::known_at::KnownAt). Where a field is no text, [`crate::texts`] makes it of one.

pub mod accounts;
pub mod checkpoints;
pub mod counted;
pub mod documents;
pub mod groups;
pub mod history;
pub mod inspections;
pub mod keys;
pub mod named;
pub mod number;
pub mod obligations;
pub mod rates;
pub mod read;
pub mod requirements;
pub mod search;
pub mod tasks;
pub mod units;
pub mod when;

pub use accounts::Accounts;
pub use checkpoints::Checkpoints;
pub use documents::Documents;
pub use groups::Groups;
pub use history::History;
pub use inspections::Inspections;
pub use keys::Keys;
pub use number::Number;
pub use obligations::Obligations;
pub use rates::Rates;
pub use read::Read;
pub use requirements::Requirements;
pub use search::Search;
pub use tasks::Tasks;
pub use units::Units;

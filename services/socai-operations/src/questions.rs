//! Each question, in a file of its own.
//!
//! A parameter is a text on every wire, as it is on the command line: a day, an id, a word of a list, a
//! [`KnownAt`](crate::known_at::KnownAt). Where a field is no text, [`crate::texts`] makes it of one.

pub mod counted;
pub mod history;
pub mod named;
pub mod obligations;
pub mod rates;
pub mod search;

pub use history::History;
pub use obligations::Obligations;
pub use rates::Rates;
pub use search::Search;

//! The review of a document over a window: facts in, document out.
//!
//! ```text
//! rows of obligations --count--> Counted --+
//! names, acts, notes ----------------------+--> Facts --> JSON (schemas/review.schema.json)
//!                                                  \----> one printable page of HTML
//! ```
//!
//! The same facts give the same bytes. What a person has to write (causes, lessons, proposals) stands
//! on the page as a marked prompt and is never made up. Deliberately absent: questions to the image,
//! clocks, files, and any number that is not in the facts.
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

mod agree;
mod count;
pub mod facts;
mod html;
mod words;

pub use agree::disagreements;
pub use count::{Asks, Row, Subjects, Units, count};
pub use facts::Facts;
pub use html::render_html;
pub use words::Language;

/// The JSON Schema of [`Facts`].
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Facts).into()
}

/// The facts as JSON, indented, with a newline at the end.
pub fn render_json(facts: &Facts) -> String {
    let mut text = serde_json::to_string_pretty(facts)
        .expect("facts are strings, numbers and lists, with strings for keys");
    text.push('\n');
    text
}

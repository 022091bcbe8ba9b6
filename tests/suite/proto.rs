//! `proto/socai/v1`: what is made from schemas is fresh, and a number that was given once means the same for ever.
//!
//! `UPDATE_EXPECT=1` writes the files anew. Numbers of fields are taken from the files that are there.

mod carried;
mod messages;
mod numbers;
mod offered;
mod released;
mod text;

pub(crate) use carried::said;
use expect_test::expect_file;

#[test]
fn commands_are_made_from_their_schemas() {
    expect_file!["../../proto/socai/v1/commands.proto"].assert_eq(&offered::commands());
}

#[test]
fn questions_are_made_from_the_catalogue() {
    expect_file!["../../proto/socai/v1/questions.proto"].assert_eq(&offered::questions());
}

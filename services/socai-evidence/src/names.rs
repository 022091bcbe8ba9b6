//! What the files of a bundle are called.

/// What the `ledger.heads_sealed.v1` record commits to.
pub const HEADS: &str = "heads.json";
/// For reading and printing.
pub const PAGE: &str = "index.html";
/// How to check the bundle.
pub const INSTRUCTIONS: &str = "VERIFY.md";

/// A record's bytes.
#[must_use]
pub fn record(position: u64) -> String {
    format!("records/{position}.json")
}

/// A record's proof.
#[must_use]
pub fn proof(position: u64) -> String {
    format!("proofs/{position}.tlog-proof")
}

/// The `number`th signed checkpoint of a size, from 1.
#[must_use]
pub fn note(size: u64, number: u64) -> String {
    format!("checkpoints/{size}-{number}.note")
}

/// The proof that the top checkpoint goes on from one of this size.
#[must_use]
pub fn consistency(size: u64) -> String {
    format!("checkpoints/{size}.consistency")
}

/// Size and number of a signed checkpoint, where `name` is that of one.
#[must_use]
pub fn parse_note(name: &str) -> Option<(u64, u64)> {
    let numbers = name.strip_prefix("checkpoints/")?.strip_suffix(".note")?;
    let (size, number) = numbers.split_once('-')?;
    let (size, number) = (size.parse().ok()?, number.parse().ok()?);
    // Numbers have other spellings too; a name has one.
    (note(size, number) == name).then_some((size, number))
}

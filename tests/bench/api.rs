//! What the API costs beside its store.

fn main() {}

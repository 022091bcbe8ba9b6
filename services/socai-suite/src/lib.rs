//! A manifest whose test target is `tests/suite/main.rs`; no code of its own.

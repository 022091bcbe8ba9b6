//! (to be written)
pub mod number;
pub mod text;

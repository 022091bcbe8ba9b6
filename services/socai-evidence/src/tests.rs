//! A small ledger, bundles of it, and everything that somebody might do to them.

mod given;
mod honest;
mod tampered;
mod time;

//! The image's rows in PostgreSQL, against a server of its own for each test: what SQL answers is what the
//! image answers, and however the projector was stopped, killed, doubled or fenced, the tables end equal.

mod access;
mod equal;
mod faults;
mod ledgers;
mod proxy;
mod rebuilding;
mod watching;

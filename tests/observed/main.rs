//! What watches the ledger: Prometheus' rules by promtool, and every query of every dashboard on a Prometheus that
//! scraped a serving ledger and on a PostgreSQL that its projector filled.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")]

mod dashboards;
mod grafana;
mod rules;
#[path = "../servers/mod.rs"]
mod servers;

//! What watches the ledger: Prometheus' rules by promtool, and every query of every dashboard on a Prometheus that
//! scraped a serving ledger and on a PostgreSQL that its projector filled.
#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")]

#[path = "../api/accounts.rs"]
mod accounts;
#[path = "../api/client.rs"]
mod client;
mod counted;
mod dashboards;
mod grafana;
mod queries;
mod rules;
#[path = "../api/server.rs"]
mod server;
#[path = "../servers/mod.rs"]
mod servers;
mod shown;
mod sources;
mod stage;

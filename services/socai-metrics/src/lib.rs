//! How the ledger and the process stand, as metrics for Prometheus.
//!
//! Counts are collected from the image when they are asked for, so that a unit that is gone leaves no series behind.
//! Deliberately absent: rates, which rules of Prometheus divide; who may ask; labels that name persons, tasks, documents
//! or numbers.

//! Health, readiness and status over HTTP.

//! New tables while the old ones serve.

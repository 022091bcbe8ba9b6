//! The messages and services of `proto/socai/v1`.

//! Prometheus, from Debian's package.
#![allow(dead_code, reason = "each program of tests uses a part of it")]

use std::path::PathBuf;

/// A program of Prometheus.
pub(crate) fn program(name: &str) -> PathBuf {
    let tools = std::env::var_os("SOCAI_TOOLS").map(PathBuf::from);
    let cached = std::env::home_dir().map(|home| home.join(".cache/socai/tools"));
    let places = tools.into_iter().chain(cached);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut programs = places
        .map(|place| place.join("bin"))
        .chain(std::env::split_paths(&path))
        .map(|place| place.join(name));
    let found = programs.find(|program| program.is_file());
    found.unwrap_or_else(|| panic!("{name} is not installed: run ./ops/test, which installs it"))
}

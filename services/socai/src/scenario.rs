//! The demonstration's scenario, built into the binary: `tests/scenarios/hanoi`, in order.

use jiff::civil::Date;

/// The directive whose five-year review the first source text announces.
pub(crate) const DIRECTIVE_2014: &str = "25-ct-tu_2014-01-21_hn-btv";

/// The directive whose implementation runs across the reorganisation of 1/7/2025.
pub(crate) const DIRECTIVE_2021: &str = "24-ct-tu_2023-08-07_hn-btv";

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        /// Name and text of each file, in the order in which they are recorded.
        const FILES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../tests/scenarios/hanoi/", $name)))),+];
    };
}

files![
    "00-opening.ndjson",
    "10-2014-2016.ndjson",
    "20-2017-2019.ndjson",
    "30-2020-2024.ndjson",
    "40-2025-first-half.ndjson",
    "50-2025-2026.ndjson",
];

/// The lines of all files.
pub(crate) fn lines() -> impl Iterator<Item = &'static str> {
    FILES
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter(|line| !line.trim().is_empty())
}

/// The day of the first line.
pub(crate) fn first_day() -> Option<Date> {
    let request = socai_app::request::parse(lines().next()?.as_bytes()).ok()?;
    Some(request.effective)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_of_the_scenario_is_left_out() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios/hanoi");
        let names = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(
            names,
            FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>()
        );
    }
}

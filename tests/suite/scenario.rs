//! The Hà Nội scenario of `tests/scenarios`: the domain takes every line of it, it says what the five
//! source documents say and nothing more, and what is invented is marked.

mod invented;
mod load;
mod seeds;
mod territory;

use std::fs;
use std::process::Command;

use load::{FOLDER, Loaded, files, lines, load, load_again};

/// A line that changes nothing would be a line to leave out.
#[test]
fn the_domain_takes_every_line_and_each_adds_something() {
    let Loaded { lines, .. } = load();
    assert!((4_000..10_000).contains(&lines.len()), "{}", lines.len());
    for taken in &lines {
        assert!(
            taken.events > 0,
            "{}: {}",
            taken.line.place,
            taken.line.command
        );
    }
}

#[test]
fn loading_the_scenario_again_adds_nothing() {
    let Loaded { book, lines, clock } = load();
    let again = load_again(&book, clock);
    assert_eq!((again.events, again.asked), (0, lines.len()));
    assert_eq!(again.book, book);
}

/// Recorded times never run backwards, so a late entry is one whose day lies before the day on which
/// the simulated clock stands by then.
#[test]
fn some_lines_are_recorded_late() {
    let Loaded { lines, .. } = load();
    let late = |taken: &&load::Taken| taken.recorded.today() > taken.line.effective;
    let late: Vec<_> = lines.iter().filter(late).collect();
    assert!((10..200).contains(&late.len()), "{}", late.len());
    assert!(late.iter().all(|taken| taken.line.synthetic));
    let cut_off = jiff::civil::date(2019, 3, 31);
    let known_after_the_cut_off = late
        .iter()
        .filter(|taken| taken.line.effective <= cut_off && taken.recorded.today() > cut_off)
        .count();
    assert!(known_after_the_cut_off > 3, "{known_after_the_cut_off}");
}

#[test]
fn the_clock_follows_the_lines_in_order() {
    let Loaded { lines, .. } = load();
    let times = lines.iter().map(|taken| taken.recorded.at);
    assert!(times.is_sorted());
    let last = lines.last().unwrap();
    assert!(last.recorded.today() <= jiff::civil::date(2026, 6, 30));
}

#[test]
fn accounts_are_named_for_offices() {
    for line in lines() {
        let office = line.actor.as_str();
        assert!(
            office == "sweep" || office.starts_with("clerk-"),
            "{}: {office}",
            line.place
        );
    }
}

#[test]
fn the_generator_writes_what_is_kept() {
    let written = tempfile::tempdir().unwrap();
    let script = format!("{FOLDER}/../generate.py");
    let run = Command::new("python3")
        .arg(&script)
        .arg(written.path())
        .output()
        .expect("python3 is installed: apt-get install python3");
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let (kept, new) = (files(FOLDER.as_ref()), files(written.path()));
    assert_eq!(
        kept, new,
        "run tests/scenarios/generate.py and keep its files"
    );
    for name in kept {
        let (kept, new) = (
            format!("{FOLDER}/{name}"),
            written.path().join(name.as_str()),
        );
        let same = fs::read(&kept).unwrap() == fs::read(new).unwrap();
        assert!(
            same,
            "{kept}: run tests/scenarios/generate.py and keep its files"
        );
    }
}

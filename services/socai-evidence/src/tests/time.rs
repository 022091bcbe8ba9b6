use jiff::civil::date;

use super::given::{HOUR, START, World, codes, judged, of_unit};
use crate::verdict::Outcome;

#[test]
fn a_record_was_recorded_between_the_cosignatures_around_it() {
    let query = of_unit();
    let world = World::exported(&query);
    let verdict = judged(&world, &world.bundle(&query));
    let line = verdict
        .records
        .iter()
        .find(|line| line.position == 8)
        .unwrap();
    let seconds = |at: Option<jiff::Timestamp>| at.map(|at| at.as_second() as u64);
    // Seven records were witnessed half an hour after the seventh; the quorum was there a second after the first.
    assert_eq!(
        seconds(line.bracket.after),
        Some(START + 6 * HOUR + HOUR / 2)
    );
    assert_eq!(
        seconds(line.bracket.by),
        Some(START + 7 * HOUR + HOUR / 2 + 1)
    );
    assert_eq!(seconds(verdict.records[0].bracket.after), None);
}

#[test]
fn what_took_effect_long_before_it_can_have_been_recorded_is_marked() {
    let query = of_unit();
    let data = r#"{"by":"snv","reason":"x"}"#;
    for (day, marked) in [(date(2024, 1, 1), false), (date(2023, 12, 1), true)] {
        let mut world = World::told();
        world.tell_on(
            "obligation.bc_2024-q1_snv",
            "obligation.cancelled.v1",
            day,
            data,
        );
        world.seal(&[0, 1]);
        world.export(&query);
        let verdict = judged(&world, &world.bundle(&query));
        let expected: &[&str] = if marked { &["bundle.back_dated"] } else { &[] };
        assert_eq!(codes(&verdict), expected, "{day}");
        assert_eq!(verdict.outcome(), Outcome::Valid);
        let back_dated = verdict.records.iter().filter(|line| line.back_dated);
        assert_eq!(back_dated.count(), usize::from(marked), "{day}");
    }
}

#[test]
fn a_clock_of_the_operator_that_runs_ahead_is_seen() {
    let query = of_unit();
    let mut world = World::told();
    let last = world.records.pop().unwrap();
    let moved = String::from_utf8(last)
        .unwrap()
        .replace("2024-01-02T14", "2024-01-05T14");
    world.records.push(moved.into_bytes());
    world.notes.pop();
    world.seal(&[0, 1]);
    world.export(&query);
    let verdict = judged(&world, &world.bundle(&query));
    assert_eq!(codes(&verdict), Vec::<&str>::new(), "it is of another unit");
}

//! Rows for tables kept elsewhere: noted record by record they come to the same as all at once, and a phase
//! says of each of its days what the image says.

use std::collections::BTreeMap;

use jiff::civil::Date;
use proptest::prelude::*;
use socai_domain::standing::DueMode;
use socai_ledger::view::Changes;
use socai_ledger::{Fact, Image, Query};

use super::history::history;

/// Rows as a table would hold them, as text, by what they are replaced by.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tables {
    phases: BTreeMap<u32, Vec<String>>,
    openings: BTreeMap<u64, String>,
    obligations: BTreeMap<u32, String>,
    acts: BTreeMap<u64, String>,
    registry: BTreeMap<String, Vec<String>>,
}

impl Tables {
    fn take(&mut self, changes: &mut Changes, image: &Image) {
        changes.settle();
        for number in changes.replaced_phases() {
            assert!(
                self.phases.remove(number).is_some(),
                "nothing is replaced by {number}"
            );
        }
        for position in changes.replaced_openings(image) {
            assert!(self.openings.remove(&position.0).is_some());
        }
        changes.each_phase(image, |phase| {
            let rows = self.phases.entry(phase.number).or_default();
            rows.push(format!("{phase:?}"));
        });
        for row in changes.openings(image) {
            assert_eq!(
                None,
                self.openings.insert(row.position.0, format!("{row:?}"))
            );
        }
        for row in changes.obligations(image) {
            assert_eq!(
                None,
                self.obligations.insert(row.number, format!("{row:?}"))
            );
        }
        for row in changes.acts(image) {
            assert_eq!(None, self.acts.insert(row.position.0, format!("{row:?}")));
        }
        self.take_registry(changes, image);
    }

    fn take_registry(&mut self, changes: &Changes, image: &Image) {
        let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut put = |owner: String, row: String| rows.entry(owner).or_default().push(row);
        changes
            .units(image)
            .for_each(|row| put(format!("unit {}", row.id), format!("{row:?}")));
        changes
            .names(image)
            .for_each(|row| put(format!("unit {}", row.unit), format!("{row:?}")));
        changes
            .successions(image)
            .for_each(|row| put(format!("unit {}", row.unit), format!("{row:?}")));
        changes
            .members(image)
            .for_each(|row| put(format!("group {}", row.group), format!("{row:?}")));
        changes
            .documents(image)
            .for_each(|row| put(format!("document {}", row.id), format!("{row:?}")));
        changes
            .relations(image)
            .for_each(|row| put(format!("document {}", row.document), format!("{row:?}")));
        changes
            .tasks(image)
            .for_each(|row| put(format!("task {}", row.id), format!("{row:?}")));
        self.registry.extend(rows);
    }
}

/// The number of each obligation, by its id.
fn numbers(image: &Image) -> BTreeMap<String, u32> {
    let all = Changes::everything(image);
    all.obligations(image)
        .map(|row| (row.id, row.number))
        .collect()
}

type Days = BTreeMap<u32, Vec<(Date, Option<Date>, [String; 2], Option<Date>, String)>>;

/// The phases of each obligation in the mode of the due date in force.
fn phases(image: &Image) -> Days {
    let mut days = Days::new();
    Changes::everything(image).each_phase(image, |phase| {
        let row = (
            phase.from,
            phase.until,
            phase.current.map(str::to_owned),
            phase.due,
            phase.unit.to_owned(),
        );
        days.entry(phase.number).or_default().push(row);
    });
    days
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn rows_noted_in_steps_are_those_of_the_whole(history in history(), step in 1_usize..9) {
        let (mut image, mut tables) = (Image::new(), Tables::default());
        for records in history.records.chunks(step) {
            let mut changes = Changes::since(&image);
            for record in records {
                let fact = Fact::decode(record).unwrap();
                image.fold(&fact).unwrap();
                changes.note(&image, &fact);
            }
            prop_assert_eq!(records.len() as u64, changes.records());
            tables.take(&mut changes, &image);
        }
        let mut whole = Tables::default();
        whole.take(&mut Changes::everything(&image), &image);
        prop_assert_eq!(whole, tables);
    }

    #[test]
    fn one_phase_holds_each_day_and_says_what_the_image_says(history in history()) {
        let image = history.image();
        let (numbers, phases) = (numbers(&image), phases(&image));
        for day in super::days(&history, 7) {
            let query = Query { due_mode: DueMode::Current, ..Query::as_of(day) };
            for row in image.obligations(&query) {
                let of_row = &phases[&numbers[row.id.as_str()]];
                let holds = |(from, until, ..): &&(Date, Option<Date>, _, _, _)| {
                    *from <= day && until.is_none_or(|until| day < until)
                };
                let holding: Vec<_> = of_row.iter().filter(holds).collect();
                prop_assert_eq!(1, holding.len(), "{} {}", row.id, day);
                let (_, _, buckets, due, unit) = holding[0];
                let passed = due.is_some_and(|due| day > due);
                prop_assert_eq!(row.bucket.id(), &buckets[usize::from(passed)], "{} {}", row.id, day);
                prop_assert_eq!((row.due, row.unit.as_str()), (*due, unit.as_str()));
            }
        }
    }
}

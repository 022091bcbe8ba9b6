//! Numbers of fields: as they are in the files that are there, and further ones for what is new.

use std::collections::{BTreeMap, BTreeSet};

use super::messages::Message;

/// The numbers of a message's fields, by name, and what may not be used again.
pub(super) struct Numbered {
    pub(super) numbers: BTreeMap<String, u32>,
    pub(super) reserved_numbers: BTreeSet<u32>,
    pub(super) reserved_names: BTreeSet<String>,
}

/// Numbers the fields of the message called `name`.
pub(super) fn number(name: &str, message: &Message) -> Numbered {
    let mut numbered = as_it_is(name);
    let wanted: BTreeSet<&str> = message
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    let gone = numbered
        .numbers
        .extract_if(.., |name, _| !wanted.contains(name.as_str()));
    for (name, number) in gone.collect::<Vec<_>>() {
        numbered.reserved_names.insert(name);
        numbered.reserved_numbers.insert(number);
    }
    let given = numbered.numbers.values().chain(&numbered.reserved_numbers);
    let mut last = given.max().copied().unwrap_or(0);
    for field in &message.fields {
        numbered
            .numbers
            .entry(field.name.clone())
            .or_insert_with(|| {
                last += 1;
                last
            });
        numbered.reserved_names.remove(&field.name);
    }
    numbered
}

fn as_it_is(name: &str) -> Numbered {
    let there = socai_proto::pool().get_message_by_name(&format!("socai.v1.{name}"));
    let fields = there.iter().flat_map(|message| {
        let fields = message.fields();
        fields
            .map(|field| (field.name().to_owned(), field.number()))
            .collect::<Vec<_>>()
    });
    let ranges = there
        .iter()
        .flat_map(|message| message.reserved_ranges().collect::<Vec<_>>());
    let names = there.iter().flat_map(|message| {
        message
            .reserved_names()
            .map(String::from)
            .collect::<Vec<_>>()
    });
    Numbered {
        numbers: fields.collect(),
        reserved_numbers: ranges.flatten().collect(),
        reserved_names: names.collect(),
    }
}

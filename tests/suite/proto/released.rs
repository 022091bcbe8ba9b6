//! What a client was built against holds: methods, and the number and kind of every field.

use std::collections::BTreeSet;

use socai_proto::prost_reflect::{FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor};

const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/proto.txt");

fn field(field: &FieldDescriptor) -> String {
    let kind = match field.kind() {
        Kind::Message(message) if field.is_map() => {
            let value = message.map_entry_value_field();
            format!("map of {:?}", value.kind())
        }
        kind => format!("{kind:?}"),
    };
    let list = if field.is_list() { "list of " } else { "" };
    format!("{} = {}: {list}{kind}", field.full_name(), field.number())
}

fn method(method: &MethodDescriptor) -> String {
    let stream = |is: bool| if is { "stream of " } else { "" };
    format!(
        "{}: {}{} to {}{}",
        method.full_name(),
        stream(method.is_client_streaming()),
        method.input().full_name(),
        stream(method.is_server_streaming()),
        method.output().full_name()
    )
}

/// What is offered now, one a line.
fn offered() -> BTreeSet<String> {
    let pool = socai_proto::pool();
    let messages = pool
        .all_messages()
        .filter(|message| !message.is_map_entry());
    let fields =
        messages.flat_map(|message| message.fields().map(|one| field(&one)).collect::<Vec<_>>());
    let services = pool.services().collect::<Vec<_>>();
    let methods = services.iter().flat_map(|service| {
        service
            .methods()
            .map(|one| method(&one))
            .collect::<Vec<_>>()
    });
    fields.chain(methods).collect()
}

/// Whether the field of `line` was given up in due form, so that nobody reads something else in its place.
fn is_reserved(line: &str) -> bool {
    let reserved = || {
        let (field, rest) = line.split_once(" = ")?;
        let (message, name) = field.rsplit_once('.')?;
        let number: u32 = rest.split_once(':')?.0.parse().ok()?;
        let message: MessageDescriptor = socai_proto::pool().get_message_by_name(message)?;
        let number = message
            .reserved_ranges()
            .any(|range| range.contains(&number));
        Some(number && message.reserved_names().any(|reserved| reserved == name))
    };
    reserved().unwrap_or(false)
}

/// The list is only ever added to: `UPDATE_EXPECT=1` adds what is new.
#[test]
fn what_was_released_stays() {
    let offered = offered();
    let list = std::fs::read_to_string(LIST).unwrap_or_default();
    let released: BTreeSet<String> = list.lines().map(String::from).collect();
    let lost: Vec<&String> = released
        .difference(&offered)
        .filter(|line| !is_reserved(line))
        .collect();
    assert!(lost.is_empty(), "clients rely on these: {lost:#?}");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let all: Vec<&String> = released.union(&offered).collect();
        let text: String = all.into_iter().map(|line| format!("{line}\n")).collect();
        std::fs::write(LIST, text).unwrap();
    } else {
        let new: Vec<&String> = offered.difference(&released).collect();
        assert!(
            new.is_empty(),
            "not in tests/golden/proto.txt yet (UPDATE_EXPECT=1 adds them): {new:#?}"
        );
    }
}

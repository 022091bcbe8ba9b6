//! How names of commands and questions are written in `proto/socai/v1`.

/// The message of a command, the method of a question: `task.assign` is `TaskAssign`, `key-list` is `KeyList`.
pub fn camel(name: &str) -> String {
    let parts = name.split(['.', '_', '-', ' ']);
    parts.map(capital).collect()
}

fn capital(part: &str) -> String {
    let mut letters = part.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// The field of a command: `inspection.set_follow_up` is `inspection_set_follow_up`.
pub fn field_of(command: &str) -> String {
    command.replacen('.', "_", 1)
}

/// The command of a field. No category has an underscore.
pub fn command_of(field: &str) -> String {
    field.replacen('_', ".", 1)
}

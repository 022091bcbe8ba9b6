//! How names of commands and questions are written in `proto/socai/v1`.

use prost_reflect::MethodDescriptor;

/// The method that stands at `path`, such as `/socai.v1.Questions/Rates`, in `service`.
pub(crate) fn method(service: &str, path: &str) -> Option<MethodDescriptor> {
    let name = path
        .strip_prefix('/')?
        .strip_prefix(service)?
        .strip_prefix('/')?;
    let service = socai_proto::pool().get_service_by_name(service)?;
    service.methods().find(|method| method.name() == name)
}

/// The field of a command: `inspection.set_follow_up` is `inspection_set_follow_up`.
pub fn field_of(command: &str) -> String {
    command.replacen('.', "_", 1)
}

/// The command of a field. No category has an underscore.
pub fn command_of(field: &str) -> String {
    field.replacen('_', ".", 1)
}

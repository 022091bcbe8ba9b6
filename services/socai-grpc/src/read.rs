//! From a message that was written by hand to what an operation takes, and back.

use prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tonic::{Code, Status};

use crate::{carry, status};

/// What `message`, called `name`, says but for the fields in `apart`.
pub(crate) fn from<T: DeserializeOwned>(
    name: &str,
    message: &impl Message,
    apart: &[&str],
) -> Result<T, Status> {
    let message = DynamicMessage::decode(descriptor(name), message.encode_to_vec().as_slice());
    let message = message.expect("it was written by its type");
    let mut json = carry::json(&message).map_err(|unfit| status::unfit(&unfit))?;
    if let Value::Object(fields) = &mut json {
        // A list that is empty was not said.
        fields.retain(|name, value| {
            !apart.contains(&name.as_str()) && *value != Value::Array(Vec::new())
        });
    }
    let read = serde_json::from_value(json);
    read.map_err(|error| status::with(Code::InvalidArgument, "request.bad_body", error.to_string()))
}

/// The message, called `name`, that says what `answer` says.
pub(crate) fn answer<T: Message + Default>(
    name: &str,
    answer: &impl Serialize,
) -> Result<T, Status> {
    let json = serde_json::to_value(answer).expect("an answer is written as JSON");
    let message = carry::message(&json, descriptor(name));
    let message = message
        .map_err(|unfit| status::with(Code::Internal, "answer.stopped", unfit.to_string()))?;
    Ok(message.transcode_to().expect("its type was made from it"))
}

fn descriptor(name: &str) -> MessageDescriptor {
    let descriptor = socai_proto::pool().get_message_by_name(&format!("socai.v1.{name}"));
    descriptor.expect("its type was made from it")
}

//! Messages on the wire, by descriptor.

use prost::Message;
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Status};

use crate::status;

/// Reads what a method takes, and writes what it answers.
#[derive(Debug, Clone)]
pub(crate) struct ByDescriptor {
    method: MethodDescriptor,
}

impl ByDescriptor {
    pub(crate) fn of(method: &MethodDescriptor) -> Self {
        Self {
            method: method.clone(),
        }
    }
}

impl Codec for ByDescriptor {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Writes;
    type Decoder = Reads;

    fn encoder(&mut self) -> Writes {
        Writes
    }

    fn decoder(&mut self) -> Reads {
        Reads(self.method.input())
    }
}

pub(crate) struct Writes;

impl Encoder for Writes {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(
        &mut self,
        message: DynamicMessage,
        buffer: &mut EncodeBuf<'_>,
    ) -> Result<(), Status> {
        message.encode(buffer).expect("the buffer grows");
        Ok(())
    }
}

pub(crate) struct Reads(MessageDescriptor);

impl Decoder for Reads {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let read = DynamicMessage::decode(self.0.clone(), buffer);
        read.map(Some).map_err(|error| {
            status::with(
                Code::InvalidArgument,
                "request.bad_body",
                format!("not a {}: {error}", self.0.name()),
            )
        })
    }
}

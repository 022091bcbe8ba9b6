//! `Commands`: records what became true, by descriptor.
//!
//! A command that has begun to be recorded is recorded also where its caller has gone away. Of many, each begins once
//! the one before is durable.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor, ReflectMessage};
use serde_json::Value;
use serde_json::value::to_raw_value;
use socai_identity::Principal;
use socai_operations::report::Report;
use socai_operations::service::{CommandLine, Service};
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service as Serves, http};
use tonic::server::{Grpc, NamedService, StreamingService, UnaryService};
use tonic::{Request, Response, Status, Streaming};

use crate::codec::ByDescriptor;
use crate::gate::Caller;
use crate::{AHEAD, REQUEST_BYTES_MAX, carry, names, status};

/// The service.
#[derive(Clone)]
pub(crate) struct Commands {
    pub(crate) service: Arc<Service>,
}

impl NamedService for Commands {
    const NAME: &'static str = "socai.v1.Commands";
}

impl Serves<http::Request<Body>> for Commands {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let service = Arc::clone(&self.service);
        let method = names::method(Self::NAME, request.uri().path());
        Box::pin(async move {
            let Some(method) = method else {
                return Ok(status::no_such_method());
            };
            let mut grpc =
                Grpc::new(ByDescriptor::of(&method)).max_decoding_message_size(REQUEST_BYTES_MAX);
            let many = method.is_client_streaming();
            let record = Recording { service, method };
            Ok(if many {
                grpc.streaming(record, request).await
            } else {
                grpc.unary(record, request).await
            })
        })
    }
}

/// Recording, of one command or many.
struct Recording {
    service: Arc<Service>,
    method: MethodDescriptor,
}

impl UnaryService<DynamicMessage> for Recording {
    type Response = DynamicMessage;
    type Future = BoxFuture<Response<DynamicMessage>, Status>;

    fn call(&mut self, request: Request<DynamicMessage>) -> Self::Future {
        let (service, answer) = (Arc::clone(&self.service), self.method.output());
        Box::pin(async move {
            let who = Caller::of(request.extensions())?.who()?;
            let line = line(request.get_ref())?;
            let recorded = tokio::spawn(async move { service.record(line, &who).await }).await;
            let report = recorded.map_err(|_| status::broken())?;
            let report = report.map_err(|trouble| status::of(&trouble))?;
            Ok(Response::new(message(&report, answer)))
        })
    }
}

impl StreamingService<DynamicMessage> for Recording {
    type Response = DynamicMessage;
    type ResponseStream = ReceiverStream<Result<DynamicMessage, Status>>;
    type Future = BoxFuture<Response<Self::ResponseStream>, Status>;

    fn call(&mut self, request: Request<Streaming<DynamicMessage>>) -> Self::Future {
        let (service, answer) = (Arc::clone(&self.service), self.method.output());
        Box::pin(async move {
            let who = Caller::of(request.extensions())?.who()?;
            let (sender, receiver) = mpsc::channel(AHEAD);
            let commands = request.into_inner();
            tokio::spawn(async move {
                if let Err(status) = many(&service, commands, &who, &answer, &sender).await {
                    // Nobody is there to be told where the caller has gone away.
                    let _ = sender.send(Err(status)).await;
                }
            });
            Ok(Response::new(ReceiverStream::new(receiver)))
        })
    }
}

async fn many(
    service: &Service,
    mut commands: Streaming<DynamicMessage>,
    who: &Principal,
    answer: &MessageDescriptor,
    told: &Sender<Result<DynamicMessage, Status>>,
) -> Result<(), Status> {
    while let Some(message) = commands.message().await? {
        let line = line(&message)?;
        let report = service
            .record(line, who)
            .await
            .map_err(|trouble| status::of(&trouble))?;
        if told
            .send(Ok(self::message(&report, answer.clone())))
            .await
            .is_err()
        {
            return Ok(());
        }
    }
    Ok(())
}

/// What a message asks to be recorded.
fn line(message: &DynamicMessage) -> Result<CommandLine, Status> {
    let mut json = carry::json(message).map_err(|unfit| status::unfit(&unfit))?;
    let command = message
        .descriptor()
        .oneofs()
        .find(|one| one.name() == "command");
    let chosen = command.and_then(|one| one.fields().find(|field| message.has_field(field)));
    let field = chosen.ok_or_else(|| status::parameter("command", "no command is set"))?;
    let data = to_raw_value(&json[field.name()]).expect("JSON is written as JSON");
    let mut text = |name: &str| match json[name].take() {
        Value::String(text) => Some(text),
        _ => None,
    };
    let effective = text("effective").unwrap_or_default().parse();
    let effective = effective
        .map_err(|_| status::parameter("effective", "expected a day such as 2019-03-31"))?;
    let id = text("id").map(|id| id.parse()).transpose();
    let id = id.map_err(|_| status::parameter("id", "expected a UUID"))?;
    let synthetic = json["synthetic"] == true;
    let name = names::command_of(field.name());
    Ok(CommandLine {
        name,
        effective,
        data,
        synthetic,
        id,
    })
}

fn message(report: &Report, descriptor: MessageDescriptor) -> DynamicMessage {
    let json = serde_json::to_value(report).expect("a report is JSON");
    carry::message(&json, descriptor).expect("the message is made from the report's schema")
}

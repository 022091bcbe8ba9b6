//! `Commands`: records what became true, by descriptor.
//!
//! Of many, each begins once the one before is durable.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, MessageDescriptor, MethodDescriptor, ReflectMessage,
};
use serde_json::Value;
use serde_json::value::to_raw_value;
use socai_domain::day;
use socai_domain::id::AccountId;
use socai_operations::recording::{CommandLine, How};
use socai_operations::report::Report;
use socai_operations::service::Service;
use socai_operations::shares::Share;
use socai_operations::trouble::Trouble;
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::wrappers::ReceiverStream;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service as Serves, http};
use tonic::server::{Grpc, NamedService, StreamingService, UnaryService};
use tonic::{Code, Request, Response, Status, Streaming};
use tracing::Instrument;
use uuid::Uuid;

use crate::codec::ByDescriptor;
use crate::gate::Caller;
use crate::{AHEAD, REQUEST_BYTES_MAX, carry, names, status};

const NOT_TRIED: &str = "what comes after was not tried, since this could not be recorded";

/// Bytes of commands that are recorded together, at most.
const TOGETHER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Within what time they have to arrive.
const TOGETHER_WITHIN: Duration = Duration::from_secs(60);

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
            let report = service.record(line, &who).await;
            let report = report.map_err(|trouble| status::of(&trouble))?;
            Ok(Response::new(message_of(&report, answer)))
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
            let caller = Caller::of(request.extensions())?;
            let (told, receiver) = mpsc::channel(AHEAD);
            let many = Many {
                service,
                caller,
                answer,
                told,
            };
            let recorded = async move {
                if let Err(status) = many.record(request.into_inner()).await {
                    // Nobody is there to be told where the caller has gone away.
                    let _ = many.told.send(Err(status)).await;
                }
            };
            tokio::spawn(recorded.in_current_span());
            Ok(Response::new(ReceiverStream::new(receiver)))
        })
    }
}

/// Many commands on one stream.
struct Many {
    service: Arc<Service>,
    caller: Caller,
    answer: MessageDescriptor,
    told: Sender<Result<DynamicMessage, Status>>,
}

impl Many {
    async fn record(&self, mut commands: Streaming<DynamicMessage>) -> Result<(), Status> {
        let may = self.service.may_record(&self.caller.who()?);
        may.map_err(|trouble| status::of(&trouble))?;
        let Some(first) = commands.message().await? else {
            return Ok(());
        };
        match how(&first)? {
            How::EachAlone => self.each_alone(first, commands).await,
            how @ (How::AllOrNothing | How::Rehearsed) => {
                let together = together((first, commands), self.caller.body()?);
                let lines = tokio::time::timeout(TOGETHER_WITHIN, together).await;
                self.take_in(lines.map_err(|_| too_slow())??, how, 0).await
            }
        }
    }

    /// Each is answered before the next is looked at.
    async fn each_alone(
        &self,
        first: DynamicMessage,
        mut commands: Streaming<DynamicMessage>,
    ) -> Result<(), Status> {
        let (mut next, mut before) = (Some(first), 0);
        while let Some(message) = next {
            let line = text(&message)?.to_string();
            self.take_in(line.into(), How::EachAlone, before).await?;
            before += 1;
            next = commands.message().await?;
        }
        Ok(())
    }

    /// Records lines for whom the caller is now, and tells what became of them.
    async fn take_in(&self, lines: Bytes, how: How, before: u64) -> Result<(), Status> {
        let who = self.caller.who()?;
        let recorded = self.service.record_all(lines, how, &who).await;
        for report in recorded.map_err(|trouble| status::of(&trouble))? {
            let goes_on = !matches!(report.outcome, "failed" | "unknown");
            let line = before + report.line;
            let report = message_of(&Report { line, ..report }, self.answer.clone());
            let told = self.told.send(Ok(report)).await;
            told.map_err(|_| Status::cancelled("the caller went away"))?;
            if !goes_on {
                return Err(status::of(&Trouble::Unavailable(NOT_TRIED.to_owned())));
            }
        }
        Ok(())
    }
}

/// The lines of commands that are recorded together, once all have come.
async fn together(
    (first, mut commands): (DynamicMessage, Streaming<DynamicMessage>),
    mut share: Share<AccountId>,
) -> Result<Bytes, Status> {
    let (mut next, mut lines) = (Some(first), String::new());
    while let Some(message) = next {
        lines += &format!("{}\n", text(&message)?);
        if lines.len() > TOGETHER_BYTES_MAX {
            let sentence = "too many to be recorded together";
            return Err(status::parameter("command", sentence));
        }
        let kept = share.at_least(lines.len() as u64);
        kept.map_err(status::no_share)?;
        next = commands.message().await?;
    }
    Ok(share.holding(lines))
}

fn too_slow() -> Status {
    let sentence = format!(
        "the commands have to arrive within {} seconds, and none of them was recorded",
        TOGETHER_WITHIN.as_secs()
    );
    status::with(Code::DeadlineExceeded, "request.too_slow", sentence)
}

/// How the first message says that all are recorded.
fn how(first: &DynamicMessage) -> Result<How, Status> {
    let is = |name: &str| {
        first
            .get_field_by_name(name)
            .and_then(|value| value.as_bool())
            == Some(true)
    };
    match (is("dry_run"), is("all_or_nothing")) {
        (false, false) => Ok(How::EachAlone),
        (false, true) => Ok(How::AllOrNothing),
        (true, false) => Ok(How::Rehearsed),
        (true, true) => Err(status::parameter(
            "dry_run",
            "not together with all_or_nothing",
        )),
    }
}

/// One of many, as a line of `socai record`.
fn text(message: &DynamicMessage) -> Result<Value, Status> {
    let said = carry::json(message).map_err(|unfit| status::unfit(&unfit))?;
    let command = message.get_field_by_name("command");
    let command = command.as_deref().and_then(|value| value.as_message());
    let field = command.and_then(chosen).ok_or_else(no_command)?;
    let mut line = said["command"].clone();
    line["data"] = line[field.name()].take();
    if let Value::Object(fields) = &mut line {
        fields.remove(field.name());
    }
    line["command"] = Value::from(names::command_of(field.name()));
    Ok(line)
}

/// The command that is set.
fn chosen(message: &DynamicMessage) -> Option<FieldDescriptor> {
    let command = message
        .descriptor()
        .oneofs()
        .find(|one| one.name() == "command")?;
    command.fields().find(|field| message.has_field(field))
}

fn no_command() -> Status {
    status::parameter("command", "no command is set")
}

/// What a message asks to be recorded.
fn line(message: &DynamicMessage) -> Result<CommandLine, Status> {
    let mut json = carry::json(message).map_err(|unfit| status::unfit(&unfit))?;
    let field = chosen(message).ok_or_else(no_command)?;
    let data = to_raw_value(&json[field.name()]).expect("JSON is written as JSON");
    let mut text = |name: &str| match json[name].take() {
        Value::String(text) => Some(text),
        _ => None,
    };
    let effective = day::parse(&text("effective").unwrap_or_default());
    let effective = effective.ok_or_else(|| status::parameter("effective", day::EXPECTED))?;
    let id = text("id").map(|id| id.parse::<Uuid>()).transpose();
    let id = id.map_err(|_| status::parameter("id", "expected a UUID"))?;
    let called = id.map(|id| id.to_string());
    let synthetic = json["synthetic"] == true;
    let name = names::command_of(field.name());
    Ok(CommandLine {
        name,
        effective,
        data,
        synthetic,
        called,
    })
}

fn message_of(report: &Report, descriptor: MessageDescriptor) -> DynamicMessage {
    let json = serde_json::to_value(report).expect("a report is JSON");
    carry::message(&json, descriptor).expect("the message is made from the report's schema")
}

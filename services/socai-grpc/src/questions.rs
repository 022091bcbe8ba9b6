//! `Questions`: every question of the catalogue, by descriptor.

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};

use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};
use serde_json::Value;
use socai_operations::catalogue::{Entry, QUESTIONS};
use socai_operations::names::camel;
use socai_operations::page::Page;
use socai_operations::service::Service;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service as Serves, http};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::{Request, Response, Status};

use crate::codec::ByDescriptor;
use crate::gate::Caller;
use crate::{ANSWER_BYTES_MAX, REQUEST_BYTES_MAX, carry, names, status};

/// The service.
#[derive(Clone)]
pub(crate) struct Questions {
    pub(crate) service: Arc<Service>,
}

impl NamedService for Questions {
    const NAME: &'static str = "socai.v1.Questions";
}

impl Serves<http::Request<Body>> for Questions {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let asked = Ask::of(&self.service, request.uri().path());
        Box::pin(async move {
            let Some(ask) = asked else {
                return Ok(status::no_such_method());
            };
            let mut grpc = Grpc::new(ByDescriptor::of(&ask.method))
                .max_decoding_message_size(REQUEST_BYTES_MAX)
                .max_encoding_message_size(ANSWER_BYTES_MAX);
            Ok(grpc.unary(ask, request).await)
        })
    }
}

/// One question.
struct Ask {
    service: Arc<Service>,
    method: MethodDescriptor,
    entry: &'static Entry,
}

impl Ask {
    /// What `/socai.v1.Questions/Rates` asks.
    fn of(service: &Arc<Service>, path: &str) -> Option<Self> {
        let method = names::method(Questions::NAME, path)?;
        let entry = QUESTIONS
            .iter()
            .find(|entry| camel(entry.name) == method.name())?;
        Some(Self {
            service: Arc::clone(service),
            method,
            entry,
        })
    }
}

impl UnaryService<DynamicMessage> for Ask {
    type Response = DynamicMessage;
    type Future = BoxFuture<Response<DynamicMessage>, Status>;

    fn call(&mut self, request: Request<DynamicMessage>) -> Self::Future {
        let (service, entry, answer) =
            (Arc::clone(&self.service), self.entry, self.method.output());
        Box::pin(async move {
            let who = Caller::of(request.extensions())?.who()?;
            let mut parameters =
                carry::json(request.get_ref()).map_err(|unfit| status::unfit(&unfit))?;
            let page = page(&mut parameters)?;
            let told = service.ask(entry, parameters, page, &who).await;
            let told = told.map_err(|trouble| status::of(&trouble))?;
            let next = told.next.clone();
            let made = told.made(move |rows, frame| message(&rows.json(frame), next, answer));
            Ok(Response::new(made.await))
        })
    }
}

/// Takes out what every request has beside the question's own parameters.
fn page(parameters: &mut Value) -> Result<Page, Status> {
    let mut take = |name: &str| parameters.as_object_mut().and_then(|all| all.remove(name));
    let (limit, cursor) = (take("limit"), take("cursor"));
    let limit = limit
        .and_then(|limit| limit.as_u64())
        .map(usize::try_from)
        .transpose();
    let limit = limit.map_err(|error| status::parameter("limit", error))?;
    Ok(Page {
        limit,
        cursor: cursor.and_then(|cursor| cursor.as_str().map(String::from)),
    })
}

fn message(json: &[u8], next: Option<String>, descriptor: MessageDescriptor) -> DynamicMessage {
    let mut json: Value = serde_json::from_slice(json).expect("an answer is JSON");
    if let Some(next) = next {
        json["next"] = Value::from(next);
    }
    carry::message(&json, descriptor).expect("the messages are made from the schemas of answers")
}

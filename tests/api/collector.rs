//! A collector of spans: it takes them by OTLP over gRPC, as those that operators run do, and keeps them to be looked at.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::runtime::Runtime;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// A collector. It ends with its value.
pub(crate) struct Collector {
    address: SocketAddr,
    taken: Taken,
    _runtime: Runtime,
}

/// A span, as it was taken.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) name: String,
    pub(crate) trace: String,
    pub(crate) id: String,
    pub(crate) parent: String,
    pub(crate) kind: i32,
    pub(crate) attributes: BTreeMap<String, String>,
    /// Of the process that sent it.
    pub(crate) resource: BTreeMap<String, String>,
    /// Everything of it, as text.
    pub(crate) all: String,
}

#[derive(Debug, Clone, Default)]
struct Taken(Arc<Mutex<Vec<Seen>>>);

impl Collector {
    /// One on any free port.
    pub(crate) fn new() -> Self {
        Self::at(([127, 0, 0, 1], 0).into())
    }

    /// One there.
    pub(crate) fn at(address: SocketAddr) -> Self {
        let runtime = Runtime::new().unwrap();
        let taken = Taken::default();
        let _in = runtime.enter();
        let incoming = TcpIncoming::bind(address).unwrap();
        let address = incoming.local_addr().unwrap();
        let service = TraceServiceServer::new(taken.clone());
        let server = Server::builder().add_service(service);
        runtime.spawn(server.serve_with_incoming(incoming));
        drop(_in);
        Self {
            address,
            taken,
            _runtime: runtime,
        }
    }

    /// What the configuration says of it.
    pub(crate) fn settings(&self) -> String {
        settings(self.address)
    }

    /// Every span that was taken, up to now.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.taken.0.lock().unwrap().clone()
    }

    /// Those of this name.
    pub(crate) fn named(&self, name: &str) -> Vec<Seen> {
        let mut seen = self.seen();
        seen.retain(|span| span.name == name);
        seen
    }
}

/// What the configuration says of a collector there.
pub(crate) fn settings(address: SocketAddr) -> String {
    format!("[traces]\nendpoint = \"http://{address}\"\nservice_name = \"so-cai\"\n")
}

#[tonic::async_trait]
impl TraceService for Taken {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        for of_process in request.into_inner().resource_spans {
            let resource = of_process.resource.unwrap_or_default();
            let resource = attributes(&resource.attributes);
            let spans = of_process.scope_spans.into_iter();
            let spans = spans.flat_map(|scope| scope.spans);
            let seen = spans.map(|span| seen(span, &resource));
            self.0.lock().unwrap().extend(seen);
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

fn seen(span: Span, resource: &BTreeMap<String, String>) -> Seen {
    Seen {
        all: format!("{span:?}"),
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        kind: span.kind,
        attributes: attributes(&span.attributes),
        resource: resource.clone(),
        name: span.name,
    }
}

fn attributes(all: &[KeyValue]) -> BTreeMap<String, String> {
    let each = all.iter();
    each.map(|one| (one.key.clone(), text(one.value.as_ref())))
        .collect()
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! The ledger over gRPC.
//!
//! Questions and commands are carried by descriptor: a new one needs no line here. Deliberately absent: meaning of
//! its own; connections and TLS, which are those of the HTTP server.
//!
//! | Module | What is in it |
//! |---|---|
//! | `calls` | what a call is called |
//! | `gate` | who calls |
//! | `questions`, `commands` | what stands in the catalogue and in the domain |
//! | `event_store`, `rest` | head, reads, subscriptions |
//! | `works`, `read` | what takes more than an answer |
//! | [`carry`] | JSON into messages and back |
//! | `codec` | messages on the wire, by descriptor |
//! | [`names`] | how methods and fields are called |
//! | `status` | what went wrong, as a status |
//! | `whole` | requests that were cut off are not taken for whole ones |
#![cfg_attr(
    test,
    allow(clippy::unwrap_used, reason = "a test that unwraps fails with a place")
)]

mod calls;
pub mod carry;
mod codec;
mod commands;
mod event_store;
mod gate;
pub mod names;
mod questions;
mod read;
mod rest;
mod status;
mod whole;
mod works;

use std::sync::Arc;

use socai_identity::Identity;
use socai_operations::service::Service;
use socai_proto::v1::event_store_server::EventStoreServer;
use socai_proto::v1::works_server::WorksServer;
use tonic::service::Routes;
use tonic::service::interceptor::InterceptedService;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::{HealthReporter, HealthService};

pub use calls::Call;
use commands::Commands;
use event_store::Events;
use gate::Gate;
pub use gate::{Rates, WhoAsked};
use questions::Questions;
use whole::Whole;
use works::Works;

/// Bytes of a message that is taken, at most: as a line of `socai record`.
const REQUEST_BYTES_MAX: usize = 1024 * 1024;

/// Bytes of an answer, at most. Whoever wants more asks for it page by page.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Messages that wait for a client, at most.
const AHEAD: usize = 64;

/// Everything that is offered. Health and reflection are for everybody, the rest for accounts.
pub fn routes(
    service: Arc<Service>,
    works: socai_operations::works::Works,
    identity: Arc<Identity>,
    rates: Arc<dyn Rates>,
) -> Routes {
    let gate = Gate { identity, rates };
    let works = Arc::new(works);
    let events = EventStoreServer::new(Events {
        service: Arc::clone(&service),
        works: Arc::clone(&works),
    });
    let events = events.max_decoding_message_size(REQUEST_BYTES_MAX);
    let works = WorksServer::new(Works { works });
    let works = works.max_decoding_message_size(REQUEST_BYTES_MAX);
    let questions = Questions {
        service: Arc::clone(&service),
    };
    Routes::default()
        .add_service(health())
        .add_service(reflection().build_v1().expect(WHOLE))
        // Programs of others ask for the form before the first.
        .add_service(reflection().build_v1alpha().expect(WHOLE))
        .add_service(Whole(InterceptedService::new(questions, gate.clone())))
        .add_service(Whole(InterceptedService::new(
            Commands { service },
            gate.clone(),
        )))
        .add_service(Whole(InterceptedService::new(works, gate.clone())))
        .add_service(Whole(InterceptedService::new(events, gate)))
}

const WHOLE: &str = "descriptors that were compiled are whole";

/// A process that answers is well; whether it can do its work is at `/readyz`.
fn health() -> HealthServer<impl Health> {
    HealthServer::new(HealthService::from_health_reporter(HealthReporter::new()))
}

fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(socai_proto::DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

//! The messages and services of `proto/socai/v1`, made from it when this is built.
//!
//! [`v1`] has types for what is written by hand there. What is made from schemas, the questions and commands, is
//! carried by descriptor ([`pool`]). Deliberately absent: meaning, and anything written by hand.

use std::sync::OnceLock;

pub use prost_reflect;
use prost_reflect::DescriptorPool;

/// The descriptors of every file, as `google.protobuf.FileDescriptorSet`.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// Types for what is written by hand.
#[allow(unreachable_pub, clippy::pedantic, reason = "written by a program")]
pub mod v1 {
    tonic::include_proto!("socai.v1");
}

/// The descriptors of every message and service.
pub fn pool() -> &'static DescriptorPool {
    static POOL: OnceLock<DescriptorPool> = OnceLock::new();
    POOL.get_or_init(|| {
        DescriptorPool::decode(DESCRIPTORS).expect("the build wrote whole descriptors")
    })
}

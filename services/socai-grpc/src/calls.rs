//! What a call is called: words of which there are no more than services and methods, however many a client makes up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

/// What the log and metrics call a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call {
    /// A service that is offered.
    pub service: &'static str,
    /// A method of it; `other` where it has none of that name.
    pub method: &'static str,
}

/// The names of methods, by service.
type Offered = BTreeMap<String, BTreeSet<String>>;

impl Call {
    /// What is called at `path`, such as `/socai.v1.Questions/Rates`.
    pub fn at(path: &str) -> Option<Self> {
        static OFFERED: LazyLock<Offered> = LazyLock::new(offered);
        let (service, method) = path.strip_prefix('/')?.split_once('/')?;
        let (service, methods) = OFFERED.get_key_value(service)?;
        let method = methods.get(method).map_or("other", String::as_str);
        Some(Self { service, method })
    }
}

fn offered() -> Offered {
    let mut pool = socai_proto::pool().clone();
    for others in [
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ] {
        let added = pool.decode_file_descriptor_set(others);
        added.expect("descriptors that were compiled are whole");
    }
    of(&pool)
}

fn of(pool: &DescriptorPool) -> Offered {
    let services = pool.services();
    services
        .map(|service| {
            let methods = service.methods().map(|method| method.name().to_owned());
            (service.full_name().to_owned(), methods.collect())
        })
        .collect()
}

//! Which program this is.

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

pub(crate) fn register(registry: &mut Registry) {
    let labels = [
        ("version", env!("CARGO_PKG_VERSION")),
        ("rustc", env!("SOCAI_RUSTC")),
    ];
    let info = Family::<_, Gauge>::default();
    info.get_or_create(&labels).set(1);
    registry.register(
        "socai_build_info",
        "The program and the compiler that made it, in labels; always 1",
        info,
    );
}

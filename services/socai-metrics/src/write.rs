//! A family at a time: its description, and a line for each of its series.

use std::fmt::Error;

use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, EncodeLabelSet,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::exemplar::Exemplar;
use prometheus_client::registry::Unit;

/// What a family is called and means.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Family {
    /// Without its unit, and a counter's without `_total`.
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
    pub(crate) unit: Option<&'static Unit>,
}

/// A series without labels.
pub(crate) const NO_LABELS: [(&str, &str); 0] = [];

impl Family {
    /// A number of things.
    pub(crate) const fn of(name: &'static str, help: &'static str) -> Self {
        let unit = None;
        Self { name, help, unit }
    }

    /// A time, in seconds since the epoch or of a length.
    pub(crate) const fn seconds(name: &'static str, help: &'static str) -> Self {
        let unit = Some(&Unit::Seconds);
        Self { name, help, unit }
    }

    /// A size.
    pub(crate) const fn bytes(name: &'static str, help: &'static str) -> Self {
        let unit = Some(&Unit::Bytes);
        Self { name, help, unit }
    }

    /// Writes it as gauges.
    pub(crate) fn gauges<L: EncodeLabelSet, V: EncodeGaugeValue>(
        self,
        encoder: &mut DescriptorEncoder,
        series: impl IntoIterator<Item = (L, V)>,
    ) -> Result<(), Error> {
        let Self { name, help, unit } = self;
        let mut family = encoder.encode_descriptor(name, help, unit, MetricType::Gauge)?;
        for (labels, value) in series {
            family.encode_family(&labels)?.encode_gauge(&value)?;
        }
        Ok(())
    }

    /// Writes it as one gauge without labels, or as none.
    pub(crate) fn gauge<V: EncodeGaugeValue>(
        self,
        encoder: &mut DescriptorEncoder,
        value: Option<V>,
    ) -> Result<(), Error> {
        let series = value.map(|value| (NO_LABELS, value));
        self.gauges(encoder, series)
    }

    /// Writes it as counters.
    pub(crate) fn counters<L: EncodeLabelSet, V: EncodeCounterValue>(
        self,
        encoder: &mut DescriptorEncoder,
        series: impl IntoIterator<Item = (L, V)>,
    ) -> Result<(), Error> {
        const NONE: Option<&Exemplar<[(&str, &str); 0], f64>> = None;
        let Self { name, help, unit } = self;
        let mut family = encoder.encode_descriptor(name, help, unit, MetricType::Counter)?;
        for (labels, value) in series {
            family
                .encode_family(&labels)?
                .encode_counter(&value, NONE)?;
        }
        Ok(())
    }
}

//! Spans, sent to a collector by OTLP over gRPC.
//!
//! They wait in memory and go in batches, from a thread of their own: no request waits for a collector or fails with
//! it. What there is no room for, or no collector takes, is lost. Only spans of this program are sent, without the lines
//! of the log. Deliberately absent: TLS (a collector stands on the machine, or passes on to one that does not), metrics
//! and lines by OTLP.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter as OtlpExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, SpanData, SpanExporter,
};
use serde::Deserialize;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// Spans that wait, at most; and those that go together.
const WAITING_MAX: usize = 8_192;
const TOGETHER_MAX: usize = 512;

/// How long spans are gathered before they go.
const GATHERED_FOR: Duration = Duration::from_secs(1);

/// How long a collector may take for one batch; and for everything that is left when the process ends.
const TAKEN_WITHIN: Duration = Duration::from_secs(5);

/// Where spans go, and how many.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Traces {
    /// Where a collector takes them.
    pub(crate) endpoint: String,
    /// Which part of the traces that begin here.
    #[serde(default = "all")]
    pub(crate) ratio: f64,
    /// What this process is called among others.
    #[serde(default = "socai")]
    pub(crate) service_name: String,
}

fn all() -> f64 {
    1.0
}

fn socai() -> String {
    "socai".to_owned()
}

impl Traces {
    /// # Errors
    ///
    /// What is wrong, in which field, and what was expected.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let host = self.endpoint.strip_prefix("http://");
        if host.is_none_or(|host| host.is_empty() || host.contains(char::is_whitespace)) {
            bail!(
                "traces.endpoint is {:?}: expected http:// and where a collector listens, such as http://127.0.0.1:4317",
                self.endpoint
            );
        }
        if !(0.0..=1.0).contains(&self.ratio) {
            bail!("traces.ratio is {}: expected 0.0 to 1.0", self.ratio);
        }
        if self.service_name.trim().is_empty() {
            bail!("traces.service_name is empty: expected what this process is called");
        }
        Ok(())
    }
}

/// Spans are sent for as long as this is kept; then what is left goes, for as long as that may take.
#[derive(Default)]
pub(crate) struct Exporting(Option<SdkTracerProvider>);

impl Exporting {
    /// Begins to send spans as `settings` say. Whether somebody takes them there is found out later.
    ///
    /// # Errors
    ///
    /// Where the address is none.
    pub(crate) fn start(settings: &Traces) -> anyhow::Result<Self> {
        let exporter = OtlpExporter::builder()
            .with_tonic()
            .with_endpoint(&settings.endpoint)
            .with_timeout(TAKEN_WITHIN)
            .build();
        let exporter = Telling::of(exporter.context("traces.endpoint")?);
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(WAITING_MAX)
            .with_max_export_batch_size(TOGETHER_MAX)
            .with_scheduled_delay(GATHERED_FOR)
            .build();
        let batches = BatchSpanProcessor::builder(exporter).with_batch_config(batches);
        let provider = SdkTracerProvider::builder()
            .with_span_processor(batches.build())
            .with_sampler(sampler(settings.ratio))
            .with_resource(resource(settings));
        Ok(Self(Some(provider.build())))
    }

    /// What makes spans of this program's.
    pub(crate) fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let tracer = self.0.as_ref()?.tracer("socai");
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_context_activation(false)
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false);
        Some(layer.with_filter(filter_fn(is_ours)))
    }
}

impl Drop for Exporting {
    fn drop(&mut self) {
        if let Some(provider) = &self.0 {
            // Why a collector did not take them was told.
            let _ = provider.shutdown_with_timeout(TAKEN_WITHIN);
        }
    }
}

fn is_ours(of: &Metadata<'_>) -> bool {
    of.is_span() && of.target().starts_with("socai")
}

/// Whoever began a trace decides for all of it. Of those that begin here, a part.
fn sampler(ratio: f64) -> Sampler {
    Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(ratio)))
}

fn resource(settings: &Traces) -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let instance = KeyValue::new("service.instance.id", crate::roles::name_of_this_process());
    Resource::builder_empty()
        .with_service_name(settings.service_name.clone())
        .with_attributes([version, instance])
        .build()
}

/// Says once that no collector takes spans, and once that one does again.
#[derive(Debug)]
struct Telling<E> {
    exporter: E,
    silent: AtomicBool,
}

impl<E> Telling<E> {
    fn of(exporter: E) -> Self {
        Self {
            exporter,
            silent: AtomicBool::new(false),
        }
    }

    fn tell(&self, sent: &OTelSdkResult) {
        let silent = sent.is_err();
        if self.silent.swap(silent, Ordering::Relaxed) == silent {
            return;
        }
        match sent {
            Ok(()) => tracing::info!("spans are taken again"),
            Err(error) => tracing::warn!(
                error = socai_store::chain(error),
                "no collector takes spans: they are lost until one does"
            ),
        }
    }
}

impl<E: SpanExporter> SpanExporter for Telling<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let sent = self.exporter.export(batch).await;
        self.tell(&sent);
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> Result<(), OTelSdkError> {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(text: &str) -> anyhow::Result<Traces> {
        let traces: Traces = toml::from_str(text)?;
        traces.check()?;
        Ok(traces)
    }

    #[test]
    fn the_traces_of_the_manual_parse_once_they_are_not_a_comment() {
        let manual = include_str!("../../../ops/socai.toml");
        let (_, block) = manual.split_once("\n#[traces]\n").unwrap();
        let block = block.split("\n\n").next().unwrap();
        let lines = block.lines().filter(|line| !line.starts_with("# "));
        let lines: Vec<&str> = lines.map(|line| line.trim_start_matches('#')).collect();
        let written = traces(&lines.join("\n")).unwrap();
        let Traces { endpoint, .. } = &written;
        let default = traces(&format!("endpoint = {endpoint:?}")).unwrap();
        assert_eq!(written, default);
        let named = format!("{written:?}");
        assert_eq!(
            lines.len(),
            named.matches(": ").count(),
            "every field is in the manual"
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_place() {
        let good = "endpoint = \"http://127.0.0.1:4317\"";
        assert!(traces(good).is_ok());
        for (text, place) in [
            (String::new(), "endpoint"),
            (
                "endpoint = \"https://collector:4317\"".to_owned(),
                "traces.endpoint",
            ),
            ("endpoint = \"http://\"".to_owned(), "traces.endpoint"),
            (format!("{good}\nratio = 1.5"), "traces.ratio"),
            (format!("{good}\nratio = nan"), "traces.ratio"),
            (format!("{good}\nservice_name = \" \""), "service_name"),
            (format!("{good}\ncolour = 1"), "colour"),
        ] {
            let error = format!("{:#}", traces(&text).unwrap_err());
            assert!(error.contains(place), "{text}: {error}");
        }
    }
}

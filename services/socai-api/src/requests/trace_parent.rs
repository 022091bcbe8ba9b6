//! The trace that a client's request belongs to: `traceparent` of W3C Trace Context.
//!
//! ```text
//! 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
//! version, trace, the client's span, flags: whether the client collects it
//! ```
//!
//! One that does not read is treated as if it were not there. Deliberately absent: `tracestate` and baggage. They are
//! words of a client, and would be handed on to whoever collects spans.

use axum::http::HeaderMap;
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// The span of the client, where it names one.
pub(super) fn read(headers: &HeaderMap) -> Option<SpanContext> {
    let mut named = headers.get_all("traceparent").iter();
    let value = named.next()?.to_str().ok()?;
    let parent = parse(value)?;
    named.next().is_none().then_some(parent)
}

fn parse(value: &str) -> Option<SpanContext> {
    let mut parts = value.split('-');
    let mut digits = |count| parts.next().filter(|part| are_digits(part, count));
    let (version, trace, span, flags) = (digits(2)?, digits(32)?, digits(16)?, digits(2)?);
    // Later versions may have more after the flags; this one has not.
    if version == "ff" || version == "00" && parts.next().is_some() {
        return None;
    }
    let flags = u8::from_str_radix(flags, 16).ok()?;
    let parent = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(flags) & TraceFlags::SAMPLED,
        true,
        TraceState::default(),
    );
    parent.is_valid().then_some(parent)
}

fn are_digits(part: &str, count: usize) -> bool {
    let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    part.len() == count && part.bytes().all(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn a_trace_is_joined_where_its_name_reads() {
        for (end, sampled) in [("00", false), ("01", true), ("03", true), ("02", false)] {
            let parent = parse(&format!("00-{TRACE}-{SPAN}-{end}")).unwrap();
            assert_eq!(parent.trace_id().to_string(), TRACE);
            assert_eq!(parent.span_id().to_string(), SPAN);
            assert_eq!(parent.is_sampled(), sampled, "{end}");
            assert!(parent.is_remote());
        }
        assert!(parse(&format!("01-{TRACE}-{SPAN}-01-more")).is_some());
    }

    #[test]
    fn what_does_not_read_is_not_there() {
        let (none, short) = ("0".repeat(32), "0".repeat(16));
        for bad in [
            String::new(),
            "forged".to_owned(),
            format!("00-{TRACE}-{SPAN}"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("0-{TRACE}-{SPAN}-01"),
            format!("00-{none}-{SPAN}-01"),
            format!("00-{TRACE}-{short}-01"),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{}-{SPAN}-01", &TRACE[1..]),
            format!("00-{TRACE}-{SPAN}-+1"),
            format!("00-{TRACE}-{SPAN}-01 "),
        ] {
            assert!(parse(&bad).is_none(), "{bad}");
        }
        let mut twice = HeaderMap::new();
        let value = format!("00-{TRACE}-{SPAN}-01");
        twice.append("traceparent", value.parse().unwrap());
        assert!(read(&twice).is_some());
        twice.append("traceparent", value.parse().unwrap());
        assert!(read(&twice).is_none(), "of two neither is believed");
    }
}

//! Bodies of requests: how many bytes, in what time, and that all of them together fit into memory.
//!
//! ```text
//! announced ──► share of bodies_bytes_max ──► arrives, within body_seconds ──► read ──► share is given back
//! ```
//!
//! Where no length is announced the share grows with what arrives. It is given back with the bytes, once nobody reads
//! them any more. Deliberately absent: what a body says.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use bytes::BytesMut;
use http_body_util::BodyExt;
use socai_domain::id::AccountId;
use socai_operations::shares::Shares;
use tokio::time::timeout;

use crate::Api;
use crate::problem::{Fault, Problem};
use crate::server::Stops;
use crate::settings::Settings;

/// Bytes of bodies that are under way, of each account and of all.
pub(crate) type Bodies = Arc<Shares<AccountId>>;

/// As much as the configuration says.
pub(crate) fn bodies(settings: &Settings) -> Bodies {
    let all = settings.bodies_bytes_max;
    Shares::new(all.into(), settings.bodies_bytes_of_one().into())
}

/// The whole of a body of `who`, where it has at most `bytes_max` bytes, arrives in time, and there is room for it.
///
/// # Errors
///
/// The problem with it.
pub(crate) async fn arrived(
    api: &Api,
    who: &AccountId,
    body: Body,
    bytes_max: usize,
) -> Result<Bytes, Problem> {
    let announced = announced(&body, bytes_max)?;
    let mut share = api.rates.bodies.take(who, announced)?;
    let room = |bytes| Ok(share.at_least(bytes)?);
    let bytes = in_time(api.settings.body(), collected(body, bytes_max, room)).await?;
    Ok(share.holding(bytes))
}

/// The whole of a body of somebody who is not known yet: so few bytes that nobody counts them.
///
/// # Errors
///
/// The problem with it.
pub(crate) async fn few_arrived(api: &Api, body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    announced(&body, bytes_max)?;
    let few = collected(body, bytes_max, |_| Ok(()));
    Ok(in_time(api.settings.body(), few).await?.freeze())
}

/// How many bytes come at least. What is announced to be too long is not waited for.
fn announced(body: &Body, bytes_max: usize) -> Result<u64, Problem> {
    let announced = body.size_hint().lower();
    if announced > bytes_max as u64 {
        return Err(too_large(bytes_max));
    }
    Ok(announced)
}

async fn collected(
    mut body: Body,
    bytes_max: usize,
    mut room: impl FnMut(u64) -> Result<(), Problem>,
) -> Result<BytesMut, Problem> {
    let mut bytes = BytesMut::with_capacity(announced(&body, bytes_max)? as usize);
    while let Some(frame) = body.frame().await {
        let data = frame.map_err(|error| broke_off(&error))?.into_data();
        let data = data.unwrap_or_default();
        let length = bytes.len() + data.len();
        if length > bytes_max {
            return Err(too_large(bytes_max));
        }
        room(length as u64)?;
        bytes.extend_from_slice(&data);
    }
    Ok(bytes)
}

async fn in_time<T>(
    time: Duration,
    arrives: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let arrived = timeout(time, arrives).await;
    arrived.unwrap_or_else(|_| {
        let told = format!("the body did not arrive in {} seconds", time.as_secs());
        Err(Fault::TooSlow.said(told))
    })
}

fn too_large(bytes_max: usize) -> Problem {
    let told = format!("the body has more than {bytes_max} bytes");
    Fault::TooLarge.said(told)
}

/// Why the rest of a body does not come.
pub(crate) fn broke_off(error: &axum::Error) -> Problem {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let mut causes = causes.filter(|cause| cause.is::<Stops>());
    match causes.next() {
        Some(stops) => Fault::Unavailable.said(stops.to_string()).again_after(1),
        None => Fault::BadBody.said("the body broke off"),
    }
}

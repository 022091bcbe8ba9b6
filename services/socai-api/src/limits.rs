//! How much may be asked: requests of a minute, bytes and seconds of a body, seconds until an answer begins.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use socai_domain::id::AccountId;

use crate::Api;
use crate::problem::{Fault, Problem};
use crate::proxies::Address;
use crate::settings::Settings;

/// How many accounts or addresses are kept count of before those are forgotten that did not ask within a minute.
const COUNTED_MAX: usize = 10_000;

/// How often each asked within the last minute.
pub(crate) struct Rates {
    accounts: DefaultKeyedRateLimiter<AccountId>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
}

impl Rates {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            accounts: RateLimiter::keyed(quota(settings.requests_per_minute)),
            addresses: RateLimiter::keyed(quota(settings.strangers_per_minute)),
        }
    }

    /// Counts a request of an account.
    ///
    /// # Errors
    ///
    /// The problem that says when to ask again.
    pub(crate) fn account(&self, account: &AccountId) -> Result<(), Problem> {
        count(&self.accounts, account).map_err(too_many)
    }

    /// Counts a request of somebody who is not known.
    ///
    /// # Errors
    ///
    /// As [`Rates::account`].
    pub(crate) fn stranger(&self, Address(address): Address) -> Result<(), Problem> {
        count(&self.addresses, &household(address)).map_err(too_many)
    }
}

fn quota(a_minute: u32) -> Quota {
    Quota::per_minute(NonZeroU32::new(a_minute).unwrap_or(NonZeroU32::MIN))
}

/// Of IPv6 whoever has one address has as many as fit in 64 bits.
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let shared = address.to_bits() >> 64 << 64;
            Ipv6Addr::from_bits(shared).into()
        }
    }
}

/// Counts a request, or says in how many seconds to ask again.
fn count<K: Hash + Eq + Clone>(limiter: &DefaultKeyedRateLimiter<K>, who: &K) -> Result<(), u32> {
    if limiter.len() > COUNTED_MAX {
        limiter.retain_recent();
    }
    limiter.check_key(who).map_err(|not_until| {
        let wait = not_until.wait_time_from(DefaultClock::default().now());
        u32::try_from(wait.as_secs())
            .unwrap_or(u32::MAX)
            .saturating_add(1)
    })
}

fn too_many(seconds: u32) -> Problem {
    let told = format!("too many requests within a minute: ask again in {seconds} seconds");
    Fault::TooMany.said(told).again_after(seconds)
}

/// What is asked over gRPC counts as well.
impl socai_grpc::Rates for Rates {
    fn count(&self, account: &AccountId) -> Result<(), u32> {
        count(&self.accounts, account)
    }
}

/// The whole of a body, where it has at most `bytes_max` bytes and arrives in time.
///
/// # Errors
///
/// The problem with it.
pub(crate) async fn arrived(api: &Api, body: Body, bytes_max: usize) -> Result<Bytes, Problem> {
    let too_large = || {
        let told = format!("the body has more than {bytes_max} bytes");
        Fault::TooLarge.said(told)
    };
    // What is announced to be too long is not waited for.
    if usize::try_from(body.size_hint().lower()).map_or(true, |bytes| bytes > bytes_max) {
        return Err(too_large());
    }
    let time = api.settings.body();
    match tokio::time::timeout(time, to_bytes(body, bytes_max)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_length(&error) => Err(too_large()),
        Ok(Err(_)) => Err(Fault::BadBody.said("the body broke off")),
        Err(_) => {
            let told = format!("the body did not arrive in {} seconds", time.as_secs());
            Err(Fault::TooSlow.said(told))
        }
    }
}

fn is_length(error: &axum::Error) -> bool {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    let mut causes = causes.map(|cause| cause.is::<http_body_util::LengthLimitError>());
    causes.any(|is| is)
}

/// Answers that the time is over where an answer does not begin in it. What is being recorded goes on.
pub(crate) async fn in_time(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let time = api.settings.answer();
    match tokio::time::timeout(time, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => {
            let told = format!("there was no answer in {} seconds", time.as_secs());
            Fault::NoAnswerInTime
                .said(told)
                .again_after(1)
                .into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_too_often_is_told_when_to_ask_again_and_others_are_not() {
        let settings = Settings {
            requests_per_minute: 2,
            strangers_per_minute: 1,
            ..Settings::default()
        };
        let rates = Rates::new(&settings);
        let (ana, ben) = (
            AccountId::new("ana").unwrap(),
            AccountId::new("ben").unwrap(),
        );
        assert_eq!(rates.account(&ana), Ok(()));
        assert_eq!(rates.account(&ana), Ok(()));
        assert!(rates.account(&ana).is_err());
        assert_eq!(rates.account(&ben), Ok(()));
        let from = |text: &str| Address(text.parse().unwrap());
        assert_eq!(rates.stranger(from("2001:db8::1")), Ok(()));
        assert!(
            rates.stranger(from("2001:db8::2")).is_err(),
            "one household"
        );
        assert_eq!(rates.stranger(from("2001:db8:0:1::1")), Ok(()));
        assert_eq!(rates.stranger(from("10.0.0.1")), Ok(()));
    }
}

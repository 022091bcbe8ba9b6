//! How much may be asked: requests of a minute, seconds until an answer begins.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use socai_domain::id::AccountId;

use crate::Api;
use crate::bodies::{Bodies, bodies};
use crate::problem::{Fault, Problem};
use crate::proxies::{Address, household};
use crate::settings::Settings;

/// How many accounts or addresses are kept count of before those are forgotten that did not ask within a minute.
const COUNTED_MAX: usize = 10_000;

/// How often each asked within the last minute, and how much of theirs is under way.
pub(crate) struct Rates {
    accounts: DefaultKeyedRateLimiter<AccountId>,
    addresses: DefaultKeyedRateLimiter<IpAddr>,
    log_ins: DefaultKeyedRateLimiter<IpAddr>,
    /// Bytes of bodies that are under way.
    pub(crate) bodies: Bodies,
    /// Bytes of attachments that are handed out.
    pub(crate) handed_out: Bodies,
}

impl Rates {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            accounts: RateLimiter::keyed(quota(settings.requests_per_minute)),
            addresses: RateLimiter::keyed(quota(settings.strangers_per_minute)),
            log_ins: RateLimiter::keyed(quota(settings.strangers_per_minute)),
            bodies: bodies(settings),
            handed_out: bodies(settings),
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

    /// Counts a log-in. Whatever else strangers ask for behind the same address keeps nobody from logging in.
    ///
    /// # Errors
    ///
    /// As [`Rates::account`].
    pub(crate) fn log_in(&self, Address(address): Address) -> Result<(), Problem> {
        count(&self.log_ins, &household(address)).map_err(too_many)
    }
}

fn quota(a_minute: u32) -> Quota {
    Quota::per_minute(NonZeroU32::new(a_minute).unwrap_or(NonZeroU32::MIN))
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

    fn bodies(&self) -> &Bodies {
        &self.bodies
    }

    fn handed_out(&self) -> &Bodies {
        &self.handed_out
    }
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
        assert_eq!(rates.log_in(from("10.0.0.1")), Ok(()));
        assert!(rates.log_in(from("10.0.0.1")).is_err());
    }
}

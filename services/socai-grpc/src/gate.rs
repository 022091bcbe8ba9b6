//! Who calls: a token in the metadata. Nobody passes without one.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use socai_domain::id::AccountId;
use socai_identity::{Denied, Identity, Principal};
use socai_operations::shares::{Share, Shares};
use tonic::metadata::MetadataMap;
use tonic::service::Interceptor;
use tonic::{Code, Extensions, Request, Status};

use crate::status;

/// How much an account may ask.
pub trait Rates: Send + Sync {
    /// Bytes that arrive, and are kept in memory until they are recorded.
    fn bodies(&self) -> &Arc<Shares<AccountId>>;

    /// Bytes of files that are handed out.
    fn handed_out(&self) -> &Arc<Shares<AccountId>>;

    /// Counts a call of `account`.
    ///
    /// # Errors
    ///
    /// In how many seconds to ask again.
    fn count(&self, account: &AccountId) -> Result<(), u32>;
}

/// Where the account of a call is noted, for whoever put it among the extensions: the log says who asked.
#[derive(Debug, Clone, Default)]
pub struct WhoAsked(Arc<OnceLock<AccountId>>);

impl WhoAsked {
    /// Notes the account, once.
    pub fn note(&self, account: &AccountId) {
        self.0.get_or_init(|| account.clone());
    }

    /// The account that was noted.
    pub fn account(&self) -> Option<&AccountId> {
        self.0.get()
    }
}

/// Stands before a service.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) identity: Arc<Identity>,
    pub(crate) rates: Arc<dyn Rates>,
}

impl Interceptor for Gate {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let token = bearer(request.metadata()).ok_or_else(|| denied(&Denied::Missing))?;
        let identity = Arc::clone(&self.identity);
        let token = Arc::from(token);
        let rates = Arc::clone(&self.rates);
        let caller = Caller {
            identity,
            token,
            rates,
        };
        let account = caller.who()?.account;
        self.rates.count(&account).map_err(too_many)?;
        if let Some(noted) = request.extensions().get::<WhoAsked>() {
            noted.note(&account);
        }
        request.extensions_mut().insert(caller);
        Ok(request)
    }
}

/// Whoever passed the gate.
#[derive(Clone)]
pub(crate) struct Caller {
    identity: Arc<Identity>,
    token: Arc<str>,
    rates: Arc<dyn Rates>,
}

impl Caller {
    /// Who passed.
    pub(crate) fn of(extensions: &Extensions) -> Result<Self, Status> {
        extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| denied(&Denied::Missing))
    }

    /// Who it is now: a call that goes on for days outlives tokens and accounts.
    pub(crate) fn who(&self) -> Result<Principal, Status> {
        let known = self.identity.by_token(&self.token, Timestamp::now());
        known.map_err(|why| denied(&why))
    }

    /// A share of memory for what arrives: none yet.
    pub(crate) fn body(&self) -> Result<Share<AccountId>, Status> {
        let share = self.rates.bodies().take(&self.who()?.account, 0);
        share.map_err(status::no_share)
    }

    /// A share of memory for `bytes` that are handed out.
    pub(crate) fn handed_out(&self, bytes: u64) -> Result<Share<AccountId>, Status> {
        let share = self.rates.handed_out().take(&self.who()?.account, bytes);
        share.map_err(status::no_share)
    }
}

fn bearer(metadata: &MetadataMap) -> Option<&str> {
    let (scheme, token) = metadata
        .get("authorization")?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn denied(why: &Denied) -> Status {
    let code = match why {
        Denied::Missing | Denied::Unknown | Denied::Closed | Denied::Revoked | Denied::Expired => {
            Code::Unauthenticated
        }
        Denied::Unavailable(_) => Code::Unavailable,
    };
    status::with(code, why.code(), why.to_string())
}

fn too_many(seconds: u32) -> Status {
    let sentence = format!("too many requests within a minute: ask again in {seconds} seconds");
    status::with(Code::ResourceExhausted, "request.too_many", sentence)
}

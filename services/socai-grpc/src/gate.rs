//! Who calls: a token in the metadata. Nobody passes without one.

use std::sync::Arc;

use jiff::Timestamp;
use socai_domain::id::AccountId;
use tonic::metadata::MetadataMap;
use tonic::service::Interceptor;
use tonic::{Code, Extensions, Request, Status};

use crate::stand_in::{Denied, Identity, Principal};
use crate::status;

/// How often an account may ask.
pub trait Rates: Send + Sync {
    /// Counts a call of `account`.
    ///
    /// # Errors
    ///
    /// In how many seconds to ask again.
    fn count(&self, account: &AccountId) -> Result<(), u32>;
}

/// Stands before a service.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) identity: Arc<Identity>,
    pub(crate) rates: Arc<dyn Rates>,
}

impl Interceptor for Gate {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let bearer = bearer(request.metadata()).ok_or(Denied::Missing);
        let who = bearer.and_then(|bearer| self.identity.by_token(bearer, Timestamp::now()));
        let who = who.map_err(|denied| status(&denied))?;
        self.rates.count(&who.account).map_err(too_many)?;
        request.extensions_mut().insert(who);
        Ok(request)
    }
}

/// Who passed the gate.
pub(crate) fn who(extensions: &Extensions) -> Result<Principal, Status> {
    extensions
        .get::<Principal>()
        .cloned()
        .ok_or_else(|| status(&Denied::Missing))
}

fn bearer(metadata: &MetadataMap) -> Option<&str> {
    let (scheme, token) = metadata
        .get("authorization")?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn status(denied: &Denied) -> Status {
    let code = match denied {
        Denied::Missing | Denied::Unknown | Denied::Closed | Denied::Revoked | Denied::Expired => {
            Code::Unauthenticated
        }
        Denied::Unavailable(_) => Code::Unavailable,
    };
    status::with(code, denied.to_string(), denied.code(), "")
}

fn too_many(seconds: u32) -> Status {
    let sentence = format!("too many requests within a minute: ask again in {seconds} seconds");
    status::with(Code::ResourceExhausted, sentence, "too_many", "")
}

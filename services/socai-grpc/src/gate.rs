//! Who calls: a token in the metadata. Nobody passes without one.

use std::sync::Arc;

use jiff::Timestamp;
use socai_identity::{Denied, Identity, Principal};
use tonic::metadata::MetadataMap;
use tonic::service::Interceptor;
use tonic::{Code, Extensions, Request, Status};

use crate::status;

/// Stands before a service.
#[derive(Clone)]
pub(crate) struct Gate {
    identity: Arc<Identity>,
}

impl Gate {
    pub(crate) fn of(identity: &Arc<Identity>) -> Self {
        Self { identity: Arc::clone(identity) }
    }
}

impl Interceptor for Gate {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let bearer = bearer(request.metadata()).ok_or(Denied::Missing);
        let who = bearer.and_then(|bearer| self.identity.by_token(bearer, Timestamp::now()));
        request.extensions_mut().insert(who.map_err(|denied| status(&denied))?);
        Ok(request)
    }
}

/// Who passed the gate.
pub(crate) fn who(extensions: &Extensions) -> Result<Principal, Status> {
    extensions.get::<Principal>().cloned().ok_or_else(|| status(&Denied::Missing))
}

fn bearer(metadata: &MetadataMap) -> Option<&str> {
    let (scheme, token) = metadata.get("authorization")?.to_str().ok()?.split_once(' ')?;
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

//! The ID token: asked for with a code, and looked at with distrust.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreClient, CoreErrorResponseType, CoreIdToken, CoreJwsSigningAlgorithm as Algorithm,
    CoreProviderMetadata,
};
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    Nonce, PkceCodeVerifier, RequestTokenError, SignatureVerificationError, TokenResponse,
};
use serde_json::{Map, Value};

use super::{Asker, OidcError};

/// How far the provider's clock may be from ours.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(60);

/// Signatures with a key that only the provider has. What a shared secret signs, whoever reads our files could sign.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
];

/// A client that knows where the provider lets people in; it may have said where it issues tokens.
pub(super) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

pub(super) fn client(asker: &Asker, metadata: CoreProviderMetadata) -> Client {
    let secret = Some(asker.client_secret.clone());
    CoreClient::from_provider_metadata(metadata, asker.client_id.clone(), secret)
        .set_redirect_uri(asker.redirect_url.clone())
}

/// An ID token that nobody has looked at.
pub(super) struct Issued(CoreIdToken);

/// Why an ID token is not believed.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotVouched {
    /// No published key made the signature: the provider may have published others since.
    #[error("the ID token is signed with a key that the provider has not published")]
    UnknownKey,
    #[error(transparent)]
    Claims(ClaimsVerificationError),
    #[error("the ID token's claims do not read")]
    Unreadable,
}

/// Asks for the ID token of `code`. Blocks.
pub(super) fn issued(
    asker: &Asker,
    metadata: CoreProviderMetadata,
    code: String,
    verifier: String,
) -> Result<Issued, OidcError> {
    let client = client(asker, metadata);
    let request = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(|error| OidcError::Unreliable(error.into()))?
        .set_pkce_verifier(PkceCodeVerifier::new(verifier));
    let answer = request
        .request(&|request| asker.http.send(request))
        .map_err(|error| match error {
            RequestTokenError::Request(error) => OidcError::Unavailable(error.into()),
            RequestTokenError::ServerResponse(said)
                if *said.error() == CoreErrorResponseType::InvalidGrant =>
            {
                OidcError::BeginAnew
            }
            error => OidcError::Unreliable(error.to_string().into()),
        })?;
    let token = answer.id_token().cloned();
    token
        .map(Issued)
        .ok_or_else(|| OidcError::Unreliable("it issued no ID token".into()))
}

impl Issued {
    /// The subject and the account's claim, if everything about the token is as it should be.
    pub(super) fn vouched(
        &self,
        asker: &Asker,
        metadata: &CoreProviderMetadata,
        nonce: &str,
        now: Timestamp,
    ) -> Result<(String, Option<String>), NotVouched> {
        let client = client(asker, metadata.clone());
        let issued_before = (now + CLOCKS_DIFFER).as_second();
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || SystemTime::from(now - CLOCKS_DIFFER).into())
            .set_issue_time_verifier_fn(move |issued| {
                let past = issued.timestamp() <= issued_before;
                past.then_some(()).ok_or("issued in the future".to_owned())
            });
        let claims = self.0.claims(&verifier, &Nonce::new(nonce.to_owned()));
        let subject = claims.map_err(NotVouched::from)?.subject().to_string();
        let claim = asker.account_claim.as_deref();
        let claim = claim.map(|name| self.claim(name)).transpose()?.flatten();
        Ok((subject, claim))
    }

    /// A claim of the token, as it stands in the bytes that were signed.
    fn claim(&self, name: &str) -> Result<Option<String>, NotVouched> {
        let token = self.0.to_string();
        let payload = token.split('.').nth(1).ok_or(NotVouched::Unreadable)?;
        let payload = BASE64.decode(payload).map_err(|_| NotVouched::Unreadable)?;
        let claims: Map<String, Value> =
            serde_json::from_slice(&payload).map_err(|_| NotVouched::Unreadable)?;
        Ok(claims.get(name).and_then(Value::as_str).map(str::to_owned))
    }
}

impl From<ClaimsVerificationError> for NotVouched {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey
                | SignatureVerificationError::AmbiguousKeyId(_)
                | SignatureVerificationError::CryptoError(_),
            ) => Self::UnknownKey,
            error => Self::Claims(error),
        }
    }
}

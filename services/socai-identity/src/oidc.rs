//! Single sign-on by OpenID Connect: the authorization code flow with PKCE.
//!
//! ```text
//! browser                       here                                   provider
//!    │  wants in                 │                                         │
//!    ├──────────────────────────►│ begin: a cookie, and an address ────────│
//!    │◄──────────────────────────┤   with state, nonce, challenge          │
//!    ├──────────────────── the person logs in there ──────────────────────►│
//!    │◄────────────────── back, with a code and the state ─────────────────┤
//!    ├──────────────────────────►│ finish: the cookie's state?             │
//!    │                           ├── code, secret, verifier ──────────────►│
//!    │                           │◄── ID token: signature, issuer, ────────┤
//!    │                           │    audience, nonce, times are checked   │
//! ```
//!
//! Between the two nothing is kept here, so that nobody can fill it and any process may finish what another began: the
//! browser's cookie is the secret that state, nonce and verifier are derived from (`attempt`). Tokens of the provider are
//! looked at once and forgotten. Deliberately absent: the provider's tokens for other services, its user-info endpoint,
//! its end of session: who logs out here is still logged in there.

mod attempt;
mod http;
mod let_in;
mod settings;
mod token;

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{CoreAuthenticationFlow, CoreProviderMetadata};
use openidconnect::{
    ClientId, ClientSecret, CsrfToken, DiscoveryError, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope,
};
use serde::Deserialize;
use subtle::ConstantTimeEq;
use tokio::sync::{Mutex, Semaphore};
use ureq::tls::TlsConfig;

use self::attempt::Attempt;
pub use self::attempt::{LASTS, LocalPath, NotLocal};
use self::http::Http;
pub use self::let_in::LetInError;
pub use self::settings::{Settings, SettingsError};

/// How long what the provider says of itself is taken for true.
const FRESH: SignedDuration = SignedDuration::from_mins(60);

/// How long a provider that did not answer is left alone.
const PAUSE: SignedDuration = SignedDuration::from_secs(5);

/// Requests to the provider at once; others wait.
const REQUESTS_MAX: usize = 16;

/// Why nobody was let in, by what whoever asked can do.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The answer belongs to no attempt of this browser, or to one that is over: begin anew.
    #[error("this log-in is over or was begun in another browser")]
    BeginAnew,
    /// The provider let nobody in; its code of RFC 6749 says why.
    #[error("the provider let nobody in ({code})")]
    Declined {
        /// Such as `access_denied`.
        code: String,
    },
    /// The provider says what cannot be believed, or does not take this ledger for its client: a person has to look.
    #[error("the provider's answer cannot be relied on")]
    Unreliable(#[source] Source),
    /// The provider does not answer: try again later, or log in with a password.
    #[error("the provider does not answer")]
    Unavailable(#[source] Source),
}

impl OidcError {
    /// The code that clients match on. It never changes once released.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BeginAnew => "identity.begin_anew",
            Self::Declined { .. } => "identity.declined",
            Self::Unreliable(_) => "identity.provider_unreliable",
            Self::Unavailable(_) => "identity.provider_unavailable",
        }
    }
}

/// What stood behind it; for the log, not for who asks.
type Source = Box<dyn std::error::Error + Send + Sync>;

/// A log-in that began.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser goes.
    pub address: String,
    /// What the browser brings back; worth as much as a password for [`LASTS`].
    pub cookie: String,
}

/// What a browser brings back from the provider, in the query of the redirect address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Answer {
    /// What [`Provider::begin`] derived from the cookie.
    pub state: String,
    /// What the ID token is asked for with.
    pub code: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// Who answers (RFC 9207), where the provider says so.
    pub iss: Option<String>,
}

/// Who came, in the provider's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vouched {
    /// Who vouches.
    pub issuer: String,
    /// What the person is called there, for ever.
    pub subject: String,
    /// The claim that is an account's id, where [`Settings::account_claim`] names one and the token has it.
    pub claim: Option<String>,
    /// Where the browser wanted to go.
    pub to: LocalPath,
}

/// A provider.
pub struct Provider {
    asker: Arc<Asker>,
    scopes: Vec<String>,
    known: Mutex<Known>,
    places: Arc<Semaphore>,
}

/// What is known of the provider.
enum Known {
    Nothing,
    Since(Timestamp, Arc<CoreProviderMetadata>),
    SilentSince(Timestamp),
}

/// What a request to the provider is made with.
struct Asker {
    http: Http,
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: ClientSecret,
    redirect_url: RedirectUrl,
    account_claim: Option<String>,
}

impl Provider {
    /// The provider that `settings` name, whose certificate is verified by `tls`. Nothing is asked of it yet.
    ///
    /// # Errors
    ///
    /// [`SettingsError`] where a field cannot be meant, or the secret cannot be read.
    pub fn new(settings: &Settings, tls: TlsConfig) -> Result<Self, SettingsError> {
        let bad = |field, sentence: String| SettingsError { field, sentence };
        let issuer = IssuerUrl::new(settings.issuer.clone())
            .map_err(|error| bad("issuer", error.to_string()))?;
        let redirect_url = RedirectUrl::new(settings.redirect_url.clone())
            .map_err(|error| bad("redirect_url", error.to_string()))?;
        for (field, url) in [
            ("issuer", issuer.url()),
            ("redirect_url", redirect_url.url()),
        ] {
            http::guarded(url.as_str()).map_err(|error| bad(field, error.to_string()))?;
        }
        let asker = Asker {
            http: Http::new(tls),
            issuer,
            client_id: ClientId::new(settings.client_id.clone()),
            client_secret: settings.secret()?,
            redirect_url,
            account_claim: settings.account_claim.clone(),
        };
        Ok(Self {
            asker: Arc::new(asker),
            scopes: settings.scopes.clone(),
            known: Mutex::new(Known::Nothing),
            places: Arc::new(Semaphore::new(REQUESTS_MAX)),
        })
    }

    /// Begins a log-in of a browser that wants to go `to`.
    ///
    /// # Errors
    ///
    /// [`OidcError::Unavailable`] and [`OidcError::Unreliable`], where the provider has to be asked who it is.
    pub async fn begin(&self, to: LocalPath, now: Timestamp) -> Result<Begun, OidcError> {
        let metadata = self.metadata(now).await?;
        let attempt = Attempt::new(to, now);
        let client = token::client(&self.asker, (*metadata).clone());
        let verifier = PkceCodeVerifier::new(attempt.verifier());
        let (state, nonce) = (attempt.state(), attempt.nonce());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        for scope in &self.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (address, _, _) = request.url();
        http::guarded(address.as_str()).map_err(|error| OidcError::Unreliable(error.into()))?;
        Ok(Begun {
            address: address.into(),
            cookie: attempt.into_cookie(),
        })
    }

    /// Finishes the log-in that `cookie` began, with what the browser brought back.
    ///
    /// # Errors
    ///
    /// [`OidcError`], by what whoever asked can do.
    pub async fn finish(
        &self,
        cookie: &str,
        answer: Answer,
        now: Timestamp,
    ) -> Result<Vouched, OidcError> {
        let attempt = Attempt::parse(cookie, now).ok_or(OidcError::BeginAnew)?;
        let code = self.code_of(answer, &attempt)?;
        let metadata = self.metadata(now).await?;
        let (verifier, client) = (attempt.verifier(), (*metadata).clone());
        let issued = self
            .asked(move |asker| token::issued(asker, client, code, verifier))
            .await?;
        let nonce = attempt.nonce();
        let vouched = match issued.vouched(&self.asker, &metadata, &nonce, now) {
            Err(token::NotVouched::UnknownKey) => {
                let newer = self.newer_than(&metadata, now).await?;
                issued.vouched(&self.asker, &newer, &nonce, now)
            }
            vouched => vouched,
        };
        let (subject, claim) = vouched.map_err(|error| OidcError::Unreliable(error.into()))?;
        Ok(Vouched {
            issuer: self.asker.issuer.to_string(),
            subject,
            claim,
            to: attempt.into_to(),
        })
    }

    /// The code of an answer to this attempt.
    fn code_of(&self, answer: Answer, attempt: &Attempt) -> Result<String, OidcError> {
        let (brought, ours) = (answer.state.as_bytes(), attempt.state());
        if !bool::from(brought.ct_eq(ours.as_bytes())) {
            return Err(OidcError::BeginAnew);
        }
        if let Some(code) = answer.error {
            return Err(OidcError::Declined { code });
        }
        if answer.iss.is_some_and(|iss| iss != *self.asker.issuer) {
            return Err(OidcError::Unreliable("another provider answered".into()));
        }
        answer.code.ok_or(OidcError::BeginAnew)
    }

    /// What the provider says of itself.
    async fn metadata(&self, now: Timestamp) -> Result<Arc<CoreProviderMetadata>, OidcError> {
        let mut known = self.known.lock().await;
        match &*known {
            Known::Since(then, metadata) if is_within(*then, now, FRESH) => {
                return Ok(metadata.clone());
            }
            Known::SilentSince(then) if is_within(*then, now, PAUSE) => {
                let sentence = "it did not answer a moment ago, and was not asked again";
                return Err(OidcError::Unavailable(sentence.into()));
            }
            Known::Since(..) | Known::SilentSince(_) | Known::Nothing => {}
        }
        self.learn(&mut known, now).await
    }

    /// What the provider says of itself, asked again unless somebody has since `older` was learned.
    async fn newer_than(
        &self,
        older: &Arc<CoreProviderMetadata>,
        now: Timestamp,
    ) -> Result<Arc<CoreProviderMetadata>, OidcError> {
        let mut known = self.known.lock().await;
        match &*known {
            Known::Since(_, metadata) if !Arc::ptr_eq(metadata, older) => Ok(metadata.clone()),
            Known::Since(..) | Known::SilentSince(_) | Known::Nothing => {
                self.learn(&mut known, now).await
            }
        }
    }

    async fn learn(
        &self,
        known: &mut Known,
        now: Timestamp,
    ) -> Result<Arc<CoreProviderMetadata>, OidcError> {
        // Told first: a future that is dropped halfway must not let the next one run into the same silence.
        *known = Known::SilentSince(now);
        let metadata = Arc::new(self.asked(Asker::discover).await?);
        *known = Known::Since(now, metadata.clone());
        Ok(metadata)
    }

    /// Asks the provider, off the threads that others' requests need, and only so many at once.
    async fn asked<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Asker) -> Result<T, OidcError> + Send + 'static,
    ) -> Result<T, OidcError> {
        let place = self.places.clone().acquire_owned().await;
        let place = place.expect("the places are never closed");
        let asker = self.asker.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let answer = ask(&asker);
            drop(place);
            answer
        });
        asked
            .await
            .map_err(|stopped| OidcError::Unavailable(stopped.into()))?
    }
}

impl Asker {
    fn discover(&self) -> Result<CoreProviderMetadata, OidcError> {
        let http = |request| self.http.send(request);
        CoreProviderMetadata::discover(&self.issuer, &http).map_err(|error| match error {
            DiscoveryError::Request(error) => OidcError::Unavailable(error.into()),
            DiscoveryError::Response(status, ..) if status.is_server_error() => {
                OidcError::Unavailable(format!("it answered with status {status}").into())
            }
            error => OidcError::Unreliable(error.into()),
        })
    }
}

/// Whether `now` is less than `span` after `then`, and not before it.
fn is_within(then: Timestamp, now: Timestamp, span: SignedDuration) -> bool {
    (SignedDuration::ZERO..span).contains(&now.duration_since(then))
}

//! What changes, as it is recorded (server-sent events).
//!
//! ```text
//! id: 17
//! event: changed
//! data: {"position":17,"subject":"obligation.t_a","type":"task.claimed.v1","effective":"…","recorded":"…"}
//!
//! id: 19
//! event: caught_up
//! data: {"position":19}
//!
//! :                                  nothing for 15 seconds; whoever listens is looked for again
//! ```
//!
//! `Last-Event-ID` goes on after that position, as browsers do by themselves; without it, and without `after`, updates
//! begin with what is recorded from now on. Each is made when it is taken, so nothing is kept for whoever is slow.
//! Updates end with the token or the session, with the right to them, with the process, and after ten minutes.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use socai_domain::id::AccountId;
use socai_operations::shares::{Share, Shares};
use socai_operations::trouble::Trouble;
use socai_operations::works::Listening;
use socai_operations::works::live_updates::Update;
use socai_store::Position;
use tokio::time::{Instant, timeout_at};

use crate::Api;
use crate::asked::{in_parts, query, with_query};
use crate::problem::{Fault, Problem};
use crate::route::{Answer, Route};
use crate::server::Stopping;
use crate::who::{Who, known};

/// How long nothing may be said.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// After how long updates end: whoever still listens asks again.
const ENDS_AFTER: Duration = Duration::from_secs(600);

/// Those who may listen at once: as many in all, and of one account.
const LISTENERS_MAX: (u64, u64) = (256, 8);

static LISTENERS: LazyLock<Arc<Shares<AccountId>>> =
    LazyLock::new(|| Shares::new(LISTENERS_MAX.0, LISTENERS_MAX.1));

/// From where on.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// What was recorded after this position; the header Last-Event-ID wins over it
    after: Option<u64>,
}

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let route = Route::get("/v1/events", "What changes, told as it is recorded", listen);
    let told = Answer::of(
        "text/event-stream",
        "Events called changed and caught_up, without end.",
    );
    let route = with_query::<Asked>(route)
        .headed("Last-Event-ID", "The position after which to go on")
        .answers(200, told);
    vec![route]
}

async fn listen(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let after = match after(&parts.uri, &parts.headers)? {
        Some(after) => Position(after),
        None => api.works.live.image().position(),
    };
    let place = LISTENERS.take(&who.account, 1);
    let place = place.map_err(|none| Problem::from(none).again_after(60))?;
    let listener = Listener {
        listening: api.works.updates(after, &who.account).await?,
        stopping: parts.extensions.get().cloned(),
        ends: Instant::now() + ENDS_AFTER,
        parts,
        api,
        _place: place,
    };
    let body = in_parts(listener, Listener::next);
    Ok(([(CONTENT_TYPE, "text/event-stream")], body).into_response())
}

/// The position to go on after, where one is named.
fn after(uri: &Uri, headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Asked { after } = query(uri)?;
    let Some(last) = headers.get("last-event-id") else {
        return Ok(after);
    };
    let last = last.to_str().ok().and_then(|last| last.parse().ok());
    last.map(Some).ok_or_else(|| {
        let told = "expected the id of an event: a position";
        Fault::BadHeader.said(told).at("last-event-id")
    })
}

/// Somebody who listens.
struct Listener {
    listening: Listening,
    stopping: Option<Stopping>,
    ends: Instant,
    /// What was asked with, to find out again who it is that asks.
    parts: Parts,
    api: Arc<Api>,
    _place: Share<AccountId>,
}

impl Listener {
    /// What is said next; nothing once it ends.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Trouble> {
        let beat = (Instant::now() + HEARTBEAT).min(self.ends);
        let update = tokio::select! {
            update = timeout_at(beat, self.listening.next()) => update,
            () = stopped(self.stopping.as_mut()) => return Ok(None),
        };
        let said = match update {
            Ok(update) => update?.map(|update| said(&update)),
            Err(_) if Instant::now() >= self.ends => None,
            Err(_) => Some(":\n\n".into()),
        };
        let known = known(&mut self.parts, &self.api).await;
        Ok(said.filter(|_| known.is_ok()).map(|said| (said, self)))
    }
}

async fn stopped(stopping: Option<&mut Stopping>) {
    match stopping {
        Some(stopping) => stopping.asked().await,
        None => std::future::pending().await,
    }
}

fn said(update: &Update) -> Bytes {
    let (position, name, data) = match update {
        Update::Changed(change) => (change.position, "changed", json!(change)),
        Update::CaughtUp(Position(at)) => (*at, "caught_up", json!({ "position": at })),
    };
    // JSON has no line ends, so that nothing recorded begins a line of its own.
    format!("id: {position}\nevent: {name}\ndata: {data}\n\n").into()
}

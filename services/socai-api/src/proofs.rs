//! The log for whoever checks it: its checkpoint, tiles and entries at the paths of C2SP tlog-tiles, and receipts.
//!
//! The checkpoint and the hashes are for everybody, and may be kept by everybody: a tile never changes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::Method;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use socai_operations::trouble::Trouble;
use socai_operations::works::tiles::{self, At};

use crate::Api;
use crate::asked::BYTES;
use crate::named::Named;
use crate::problem::Problem;
use crate::route::{Answer, Route, problem};
use crate::who::{Stranger, Who};

const TEXT: &str = "text/plain; charset=utf-8";

/// What never changes may be kept for a year, and longer.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let path = "The rest of the path, as C2SP tlog-tiles has it: 0/x001/067.p/8";
    vec![
        Route::get(
            "/checkpoint",
            "The latest signed checkpoint of the log",
            checkpoint,
        )
        .open()
        .answers(
            200,
            Answer::of("text/plain", "The checkpoint, as a signed note."),
        )
        .answers(404, problem("Nothing was ever sealed.")),
        Route::get("/tile/{*path}", "Hashes of the log's tree", hashes)
            .open()
            .named("path", path)
            .answers(200, Answer::of(BYTES, "The hashes, 32 bytes each."))
            .answers(
                404,
                problem("The log is shorter, or the tile is not kept here."),
            ),
        Route::get(
            "/tile/entries/{*path}",
            "Records of the log, each after its length",
            entries,
        )
        .named("path", path)
        .answers(200, Answer::of(BYTES, "The entries."))
        .answers(404, problem("The log is shorter.")),
        Route::get(
            "/v1/receipts/{position}",
            "The proof that a record is in the ledger",
            receipt,
        )
        .named("position", "The record's position")
        .answers(
            200,
            Answer::of("text/plain", "The receipt, as C2SP tlog-proof has it."),
        )
        .answers(404, problem("No record stands there.")),
    ]
}

async fn checkpoint(State(api): State<Arc<Api>>, _: Stranger) -> Result<Response, Problem> {
    let note = tiles::checkpoint(&*api.works.sources.checkpoints).await?;
    let headers = [(CONTENT_TYPE, TEXT), (CACHE_CONTROL, "no-cache")];
    Ok((headers, note).into_response())
}

async fn hashes(
    State(api): State<Arc<Api>>,
    _: Stranger,
    Named(path): Named<String>,
) -> Result<Response, Problem> {
    let At::Hashes(tile) = At::path(&format!("tile/{path}"))? else {
        return Err(tiles::nowhere().into());
    };
    let hashes = tiles::hashes(&api.works.sources, tile).await?;
    let headers = [(CONTENT_TYPE, BYTES), (CACHE_CONTROL, FOR_EVER)];
    Ok((headers, hashes).into_response())
}

async fn entries(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    method: Method,
    Named(path): Named<String>,
) -> Result<Response, Problem> {
    let At::Entries(tile) = At::path(&format!("tile/entries/{path}"))? else {
        return Err(tiles::nowhere().into());
    };
    let headers = [(CONTENT_TYPE, BYTES), (CACHE_CONTROL, "private, no-store")];
    if method == Method::HEAD {
        api.works.may_take_out(&who.account)?;
        tiles::entries(&*api.works.sources.store, tile).await?;
        return Ok((headers, Body::empty()).into_response());
    }
    let entries = api.works.entries(tile, &who.account).await?;
    Ok((headers, entries).into_response())
}

async fn receipt(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    Named(position): Named<String>,
) -> Result<Response, Problem> {
    let position = position.parse().map_err(|_| Trouble::NotFound {
        parameter: "position".into(),
        sentence: "expected a position: a number from 1".to_owned(),
    })?;
    let receipt = api.works.receipt(position, &who.account).await?;
    Ok(([(CONTENT_TYPE, TEXT)], receipt).into_response())
}

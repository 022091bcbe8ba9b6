//! Jobs: how they stand, ending them, and what they made.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use socai_operations::jobs::Standing;
use socai_operations::trouble::Trouble;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use uuid::Uuid;

use crate::Api;
use crate::asked::{BYTES, as_file, in_parts};
use crate::named::Named;
use crate::problem::Problem;
use crate::route::{Answer, Route, json, nothing, problem};
use crate::who::Who;

/// Bytes of a file that are read at once.
const PART: usize = 64 * 1024;

/// The routes.
pub(crate) fn routes() -> Vec<Route> {
    let gone = || problem("No such job is known to this process: they are kept for a day.");
    vec![
        Route::get(
            "/v1/jobs",
            "The jobs of the account; of an inspector, everybody's",
            list,
        )
        .answers(
            200,
            json::<Vec<Standing>>("How they stand, the one asked for first first."),
        ),
        Route::get("/v1/jobs/{job}", "How a job stands", stands)
            .named("job", "The job's id, as the answer to its beginning had it")
            .answers(200, json::<Standing>("How it stands."))
            .answers(404, gone()),
        Route::delete(
            "/v1/jobs/{job}",
            "End a job before its time; what it recorded stays",
            cancel,
        )
        .named("job", "The job's id")
        .answers(204, nothing("It ends."))
        .answers(404, gone()),
        Route::get(
            "/v1/jobs/{job}/files/{name}",
            "A file that a job made",
            file,
        )
        .named("job", "The job's id")
        .named("name", "The file's name, as the job says it")
        .answers(200, Answer::of(BYTES, "The file."))
        .answers(404, gone()),
    ]
}

async fn list(State(api): State<Arc<Api>>, Who(who): Who) -> Result<Json<Vec<Standing>>, Problem> {
    let whose = api.works.whose(&who.account)?;
    Ok(Json(api.works.jobs.list(&whose)))
}

async fn stands(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    Named(job): Named<String>,
) -> Result<Json<Standing>, Problem> {
    let whose = api.works.whose(&who.account)?;
    Ok(Json(api.works.jobs.get(id(&job)?, &whose)?))
}

async fn cancel(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    Named(job): Named<String>,
) -> Result<StatusCode, Problem> {
    let whose = api.works.whose(&who.account)?;
    api.works.jobs.cancel(id(&job)?, &whose)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn file(
    State(api): State<Arc<Api>>,
    Who(who): Who,
    Named((job, name)): Named<(String, String)>,
) -> Result<Response, Problem> {
    let (path, made) = api.works.job_file(id(&job)?, &name, &who.account)?;
    let file = File::open(path).await.map_err(|error| gone(&error))?;
    let body = in_parts(file, |mut file| async move {
        let part = part(&mut file).await.map_err(|error| gone(&error))?;
        Ok((!part.is_empty()).then_some((part, file)))
    });
    Ok((as_file(made.name), body).into_response())
}

async fn part(file: &mut File) -> std::io::Result<Bytes> {
    let mut part = BytesMut::with_capacity(PART);
    file.read_buf(&mut part).await?;
    Ok(part.freeze())
}

fn gone(error: &std::io::Error) -> Trouble {
    Trouble::Unavailable(format!("the file of a job cannot be read: {error}"))
}

fn id(job: &str) -> Result<Uuid, Trouble> {
    job.parse().map_err(|_| Trouble::NotFound {
        parameter: "job".into(),
        sentence: "expected the id of a job".to_owned(),
    })
}

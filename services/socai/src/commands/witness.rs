//! `socai witness`: cosigning for others, and having a ledger cosigned by file.

mod exchange;

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::witness::{Cosigned, REQUEST_BYTES_MAX, WitnessError};
use socai_tlog::{KeyKind, VerifierKey};
use tokio::net::TcpListener;

use crate::arguments::witness::{Act, Distrust, Init, Serve, Sign, Status, Trust, Witness};
use crate::config::LogForm;
use crate::log;
use crate::output::{self, Cells, figures, words};
use crate::stop::Stop;
use crate::witness_dir::{self, Distrusted, Rotation, Told, WitnessDir};

/// What a witness cosigned last of a log. The shape of `--format json`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Row {
    /// The log's origin.
    origin: String,
    /// The size that was cosigned; null where nothing was.
    size: Option<u64>,
    /// The root, in base64.
    root: Option<String>,
    /// When, as the witness said.
    cosigned_at: Option<Timestamp>,
}

pub(crate) async fn run(asked: &Witness) -> anyhow::Result<ExitCode> {
    match &asked.act {
        Act::Init(init) => make(init),
        Act::Trust(asked) => trust(asked).await,
        Act::Distrust(asked) => distrust(asked),
        Act::Serve(asked) => serve(asked).await,
        Act::Sign(asked) => sign(asked).await,
        Act::Status(asked) => status(asked).await,
        Act::Request(asked) => exchange::request(asked).await,
        Act::Accept(asked) => exchange::accept(asked).await,
    }
}

fn make(init: &Init) -> anyhow::Result<ExitCode> {
    println!("{}", witness_dir::create(&init.dir, &init.name)?);
    Ok(ExitCode::SUCCESS)
}

async fn trust(asked: &Trust) -> anyhow::Result<ExitCode> {
    let key = log_key(&asked.key)?;
    let rotation = if asked.rotated {
        Rotation::Announced
    } else {
        Rotation::Unknown
    };
    let witness = WitnessDir::take(&asked.dir, "socai witness trust")?;
    let origin = key.name();
    match witness.trust(&key, rotation).await? {
        Told::NewLog => println!("the log {origin} is cosigned from now on"),
        Told::NewKey => println!("the log {origin} has this key besides those that it had"),
        Told::Known => println!("this key of the log {origin} was known"),
    }
    Ok(ExitCode::SUCCESS)
}

fn distrust(asked: &Distrust) -> anyhow::Result<ExitCode> {
    let key = log_key(&asked.key)?;
    let witness = WitnessDir::take(&asked.dir, "socai witness distrust")?;
    let origin = key.name();
    match witness.distrust(&key)? {
        Distrusted::OthersStay => {
            println!("the log {origin} is cosigned by its other keys from now on")
        }
        Distrusted::NoneLeft => println!(
            "the log {origin} is not cosigned until this witness is told of another key, with --rotated"
        ),
        Distrusted::Known => println!("this key of the log {origin} was distrusted before"),
    }
    Ok(ExitCode::SUCCESS)
}

fn log_key(text: &str) -> anyhow::Result<VerifierKey> {
    let key: VerifierKey = text.parse()?;
    Ok(key.of_kind(KeyKind::Ed25519)?)
}

async fn serve(asked: &Serve) -> anyhow::Result<ExitCode> {
    let _exporting = log::start(LogForm::Text, None)?;
    let dir = WitnessDir::take(&asked.dir, "socai witness serve")?;
    let witness = Arc::new(dir.witness().await?);
    let mut stop = Stop::on_signals()?;
    let listener = TcpListener::bind(asked.listen).await;
    let listener = listener.with_context(|| format!("--listen {}", asked.listen))?;
    tracing::info!(address = %listener.local_addr()?, key = %witness.verifier_key().label(), "listening");
    socai_api::witness::serve(listener, witness, async move { stop.asked().await }).await?;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

async fn sign(asked: &Sign) -> anyhow::Result<ExitCode> {
    let request = read(&asked.file, REQUEST_BYTES_MAX)?;
    let dir = WitnessDir::take(&asked.dir, "socai witness sign")?;
    let witness = dir.witness().await?;
    let now = u64::try_from(Timestamp::now().as_second()).context("the clock is before 1970")?;
    match witness.add_checkpoint(&request, now).await {
        Ok(line) => {
            println!("{line}");
            Ok(ExitCode::SUCCESS)
        }
        Err(WitnessError::Refused(refusal)) => {
            eprintln!("socai: not cosigned: {refusal}");
            Ok(ExitCode::from(1))
        }
        Err(error) => Err(error.into()),
    }
}

async fn status(asked: &Status) -> anyhow::Result<ExitCode> {
    let witness = witness_dir::look(&asked.dir).await?;
    let all = witness.cosigned().await?;
    let rows: Vec<Row> = all
        .into_iter()
        .map(|(origin, last)| row(origin, last))
        .collect();
    output::show(asked.shown.format, None, &rows, || Cells {
        columns: vec![
            words("origin"),
            figures("size"),
            words("root"),
            words("cosigned at"),
        ],
        rows: rows.iter().map(cells).collect(),
        empty: "this witness was not told of any log",
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(origin: String, last: Option<Cosigned>) -> Row {
    let at = |last: &Cosigned| Timestamp::from_second(i64::try_from(last.at).ok()?).ok();
    Row {
        origin,
        size: last.as_ref().map(|last| last.checkpoint.size),
        root: last.as_ref().map(|last| last.checkpoint.root.to_string()),
        cosigned_at: last.as_ref().and_then(at),
    }
}

fn cells(row: &Row) -> Vec<String> {
    vec![
        row.origin.clone(),
        row.size.map_or_else(String::new, |size| size.to_string()),
        row.root.clone().unwrap_or_default(),
        row.cosigned_at
            .map_or_else(String::new, |at| at.to_string()),
    ]
}

/// Reads a file, or standard input for `-`, of at most `max` bytes.
fn read(file: &Path, max: usize) -> anyhow::Result<Vec<u8>> {
    let place = || format!("cannot read {}", file.display());
    let reader: Box<dyn Read> = if file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(file).with_context(place)?)
    };
    let mut content = Vec::new();
    let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
    reader
        .take(limit)
        .read_to_end(&mut content)
        .with_context(place)?;
    if content.len() > max {
        anyhow::bail!("{}: expected at most {max} bytes", file.display());
    }
    Ok(content)
}

//! `socai key`: the keys of the ledger's checkpoints.

use std::process::ExitCode;

use anyhow::{Context, bail};
use schemars::JsonSchema;
use serde::Serialize;
use socai_app::log_keys::{self, NamedKey};
use socai_app::sealer::SealError;
use socai_operations::cells::some;
use socai_operations::questions::keys;
use socai_store::Position;

use crate::arguments::key::{Act, Key, List, Make, Reason, Retire, Rotate};
use crate::arguments::{Actor, Data, LogKey};
use crate::commands::init::{HAND_IT_OVER, log_name};
use crate::new_key::NewKey;
use crate::origin;
use crate::output::{self, Cells, figures, words};
use crate::place::Place;
use crate::recorder::Recorder;
use crate::sealing;

/// One key. The shape of `--format json`.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Row {
    #[serde(flatten)]
    named: keys::Row,
    /// Its private half is at hand; `null` where whoever asks may not look.
    at_hand: Option<bool>,
}

pub(crate) async fn run(asked: &Key) -> anyhow::Result<ExitCode> {
    match &asked.act {
        Act::List(asked) => list(asked).await,
        Act::Make(asked) => make(asked).await,
        Act::Rotate(asked) => rotate(asked).await,
        Act::Retire(asked) => retire(asked).await,
    }?;
    Ok(ExitCode::SUCCESS)
}

async fn list(asked: &List) -> anyhow::Result<()> {
    let place = Place::of(&asked.data.dir)?;
    let (_, store) = place.look().await?;
    let at_hand = at_hand(&place, &asked.key);
    let at_hand = at_hand
        .inspect_err(|error| eprintln!("socai: {error}"))
        .ok();
    let keys = log_keys::named(&*store).await?;
    let row = |key| Row::of(key, at_hand.as_deref());
    let rows: Vec<Row> = keys.iter().map(row).collect();
    output::show(asked.shown.format, None, &rows, || cells(&rows))
}

/// The keys whose private halves are at hand.
fn at_hand(place: &Place, named: &LogKey) -> Result<Vec<String>, SealError> {
    let held = place.held_log_keys(named.file.as_deref())()?;
    let keys = held.keys.iter();
    Ok(keys.map(|key| key.verifier_key().to_string()).collect())
}

impl Row {
    fn of(named: &NamedKey, at_hand: Option<&[String]>) -> Self {
        Self {
            named: keys::Row::of(named, Position(u64::MAX)),
            at_hand: at_hand.map(|keys| keys.iter().any(|held| *held == named.key.as_str())),
        }
    }
}

fn cells(rows: &[Row]) -> Cells {
    let at_hand = |row: &Row| match row.at_hand {
        Some(true) => "yes",
        Some(false) => "no",
        None => "?",
    };
    let cells = |row: &Row| {
        let named = &row.named;
        vec![
            named.key.clone(),
            named.since.to_string(),
            some(named.valid_to.as_ref()),
            named.reason.unwrap_or_default().to_owned(),
            at_hand(row).to_owned(),
        ]
    };
    Cells {
        columns: vec![
            words("key"),
            figures("from size"),
            figures("to size"),
            words("retired for"),
            words("private half here"),
        ],
        rows: rows.iter().map(cells).collect(),
        empty: "the ledger names no log key: socai key make adds one",
    }
}

async fn make(asked: &Make) -> anyhow::Result<()> {
    let ledger = Recorder::open(&asked.data.dir, &asked.key).await?;
    let (named, origin) = ledger.look(|image| {
        let ledger = &image.registry().ledger;
        (ledger.log_name().map(str::to_owned), ledger.origin.clone())
    });
    if named.is_some() {
        bail!("the ledger has a log key: socai key rotate makes a further one");
    }
    let name = asked.log_origin.clone();
    let name = name.unwrap_or_else(|| log_name(&origin));
    add(ledger, &name, (&asked.data, &asked.key), &asked.actor).await
}

async fn rotate(asked: &Rotate) -> anyhow::Result<()> {
    let ledger = Recorder::open(&asked.data.dir, &asked.key).await?;
    let name = ledger.look(|image| image.registry().ledger.log_name().map(str::to_owned));
    let name = name.context("the ledger has no log key yet: socai key make makes its first")?;
    add(ledger, &name, (&asked.data, &asked.key), &asked.actor).await
}

/// Makes a key, keeps it, and says so in the ledger.
async fn add(
    mut ledger: Recorder,
    name: &str,
    (data, named): (&Data, &LogKey),
    actor: &Actor,
) -> anyhow::Result<()> {
    let place = Place::of(&data.dir)?;
    let file = place.log_key_file(named.file.as_deref())?;
    let key = NewKey::random(name, &file)?;
    let as_named = key.as_named()?;
    key.keep_with_others()?;
    let by = origin::now(&actor.account);
    let position = log_keys::add(&mut ledger, as_named, &by).await?;
    let missing = missing(&place, named, &ledger)?;
    ledger.close().await?;
    let position = position.map_or(0, |position| position.0);
    println!("from position {position} on the ledger names this key:\n");
    println!("  {}\n", key.verifier_key());
    println!("{HAND_IT_OVER}");
    match place {
        Place::Directory(_) if missing.is_empty() => {
            println!("The ledger is signed with it and with every other key in force.");
        }
        Place::Directory(_) => println!(
            "The ledger is signed with it, and NOT with {}: name the file that holds the private half with --key.",
            missing.join(", ")
        ),
        Place::Nats(_) => println!(
            "The sealers sign with it as soon as it is in the file that sealer.key names on their machines, and with \
             the others for as long as those are there too."
        ),
    }
    println!(
        "Its private half is in {}. Once everybody has the new key: socai key retire, with the other one.",
        file.display()
    );
    Ok(())
}

/// The keys in force whose private halves are not at hand.
fn missing(place: &Place, named: &LogKey, ledger: &Recorder) -> anyhow::Result<Vec<String>> {
    let at_hand = at_hand(place, named)?;
    let in_force = ledger.look(|image| {
        let keys = image.registry().ledger.keys_in_force();
        keys.map(ToString::to_string).collect::<Vec<_>>()
    });
    let missing = in_force.into_iter().filter(|key| !at_hand.contains(key));
    Ok(missing.collect())
}

/// Checks that a rotation takes its worth from nothing that was signed.
async fn check_rotated(asked: &Retire, ledger: &Recorder) -> anyhow::Result<()> {
    match asked.reason {
        Reason::Stolen => return Ok(()),
        Reason::Rotation => {}
    }
    let Some(checkpoints) = sealing::checkpoints_of(&Place::of(&asked.data.dir)?).await? else {
        return Ok(());
    };
    let (store, size) = (ledger.store(), asked.valid_to);
    let checked = log_keys::check_rotated(&*store, &*checkpoints, &asked.retired, size).await;
    checked.with_context(|| format!("--valid-to {size}"))
}

async fn retire(asked: &Retire) -> anyhow::Result<()> {
    let mut ledger = Recorder::open(&asked.data.dir, &asked.key).await?;
    let end = ledger.look(|image| image.position().0);
    if asked.valid_to > end {
        bail!(
            "--valid-to {}: the ledger ends at position {end}, and nothing larger was signed rightly",
            asked.valid_to
        );
    }
    check_rotated(asked, &ledger).await?;
    let by = origin::now(&asked.actor.account);
    let (key, reason) = (asked.retired.clone(), asked.reason.into());
    let position = log_keys::retire(&mut ledger, key, asked.valid_to, reason, &by).await?;
    ledger.close().await?;
    match position {
        Some(position) => println!(
            "recorded at position {}: beyond size {} nothing is valid by that key alone",
            position.0, asked.valid_to
        ),
        None => println!("the ledger says so already"),
    }
    println!(
        "{}",
        match asked.reason {
            Reason::Rotation => "Erase its private half where it is kept, and every copy of it.",
            Reason::Stolen => "Tell the inspection committee and every witness now, with the size.",
        }
    );
    Ok(())
}

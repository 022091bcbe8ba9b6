//! Having a ledger cosigned by a witness that its machine does not reach: a file there, a file back.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, bail};
use jiff::Timestamp;
use socai_app::cosigning;
use socai_tlog::Signature;

use super::read;
use crate::arguments::witness::{Accept, Request};
use crate::place::Place;
use crate::sealing;
use crate::witnesses::witness_key;

/// Bytes of the largest answer that is read.
const ANSWER_BYTES_MAX: usize = 64 << 10;

pub(super) async fn request(asked: &Request) -> anyhow::Result<ExitCode> {
    let key = witness_key(&asked.witness).context("--witness")?;
    let place = Place::of(&asked.data.dir)?;
    let log = sealing::checkpoints_there(&place).await?;
    let newest = cosigning::newest(&*log).await?;
    let (checkpoint, size) = newest.context(sealing::NEVER_SEALED)?;
    let old = match asked.old {
        Some(old) if old > size => bail!(
            "--old {old}: the last checkpoint has {size} records. If the witness cosigned more, this ledger was rolled \
             back to an older copy"
        ),
        Some(old) => old,
        None => cosigning::last_cosigned_by(&*log, &key).await?,
    };
    let request = cosigning::request(&*sealing::tiles_of(&place)?, &checkpoint, size, old).await?;
    match &asked.out {
        None => write!(std::io::stdout(), "{request}").context("standard output")?,
        Some(file) => {
            let written = std::fs::write(file, request.to_string());
            written.with_context(|| format!("cannot write {}", file.display()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn accept(asked: &Accept) -> anyhow::Result<ExitCode> {
    let key = witness_key(&asked.witness).context("--witness")?;
    let answer = read(&asked.file, ANSWER_BYTES_MAX)?;
    let lines = Signature::parse_lines(&answer).context("the answer of a witness")?;
    let Some(line) = lines.into_iter().find(|line| key.is_named_by(line)) else {
        bail!("the answer holds no signature by {}", key.label());
    };
    let place = Place::of(&asked.data.dir)?;
    let open = place.open_if_there().await?;
    let (_, store) = open.context("there is no ledger")?;
    let log = sealing::checkpoints_to_add_to(&place).await?;
    let accepted = cosigning::accept(&*log, &key, line, Timestamp::now()).await?;
    drop(store);
    let Some(accepted) = accepted else {
        bail!(
            "the signature by {} is over none of this ledger's checkpoints",
            key.label()
        );
    };
    let at = Timestamp::from_second(i64::try_from(accepted.at)?)?;
    let (size, label) = (accepted.size, key.label());
    match accepted.entry {
        Some(entry) => {
            println!("{size} records cosigned by {label} at {at}, kept in entry {entry}")
        }
        None => println!("{size} records cosigned by {label} at {at}, kept before"),
    }
    Ok(ExitCode::SUCCESS)
}

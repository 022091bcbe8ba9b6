//! `socai seal`: everything that is recorded, sealed now.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use jiff::SignedDuration;
use socai_app::sealer::Sealer;
use socai_app::sealing::{Ended, to_the_end};
use socai_operations::questions::checkpoints::Row;
use uuid::Uuid;

use crate::arguments::Seal;
use crate::commands::checkpoints;
use crate::config::Config;
use crate::named::told;
use crate::on_nats;
use crate::place::Place;
use crate::sealing::Sealing;

pub(crate) async fn run(asked: &Seal) -> anyhow::Result<ExitCode> {
    let place = Place::of(&asked.data.dir)?;
    let mut sealer = sealer(&place, asked.key.file.as_deref()).await?;
    if asked.anew {
        sealer = sealer.anew();
    }
    let ended = to_the_end(&mut sealer).await;
    sealer.resign(jiff::Timestamp::now()).await?;
    match ended? {
        Ended::Sealed(None) => bail!("nothing is recorded, so there is nothing to seal"),
        Ended::Sealed(Some(sealed)) => {
            let row = Row::of(sealed.entry, &sealed.note).map_err(told)?;
            checkpoints::show(asked.shown.format, &[row])?;
        }
        Ended::ByAnother(seal) => bail!(
            "{} seals this ledger until {}, and renews that; socai checkpoints shows what it signed",
            seal.name,
            seal.until
        ),
    }
    Ok(ExitCode::SUCCESS)
}

async fn sealer(place: &Place, key: Option<&Path>) -> anyhow::Result<Sealer> {
    match place {
        Place::Directory(dir) => {
            let there = place.open_if_there().await?;
            let (_, store) =
                there.with_context(|| format!("there is no ledger in {}", dir.display()))?;
            let sealing = Sealing::in_directory(dir, store, key)?;
            Ok(Sealer::alone(sealing.ports))
        }
        Place::Nats(config) => {
            let mut config = Config::clone(config);
            if let Some(key) = key {
                config.sealer.key = Some(key.to_owned());
            }
            let store = Arc::new(on_nats::open(&config).await?);
            let sealing = Sealing::on_nats(&config, &store).await?;
            let term = SignedDuration::from_secs(config.sealer.term_seconds.into());
            Ok(sealing.sealer(&format!("socai seal {}", Uuid::now_v7()), term))
        }
    }
}

//! `socai init`.

use std::process::ExitCode;

use anyhow::Context;
use socai_app::ledger::{FirstOperator, Founding};
use socai_domain::id::TokenId;
use socai_domain::line::Line;
use socai_identity::new_token;
use uuid::Uuid;

use crate::arguments::Init;
use crate::commands::account::tell_token;
use crate::new_key::NewKey;
use crate::place::Place;
use crate::{origin, sealing};

pub(crate) async fn run(init: &Init) -> anyhow::Result<ExitCode> {
    let founding = Founding {
        origin: Line::new(&init.origin).context("--origin")?,
        claims_stand_after_days: init.claims_stand_after,
        simulated_clock: false,
        log_key: None,
        id: Uuid::now_v7(),
    };
    let token = new_token();
    let operator = FirstOperator {
        account: init.operator.clone(),
        token: TokenId::new("first")?,
        hash: token.hash,
        expires: init.expires.moment()?,
    };
    let place = Place::of(&init.dir)?;
    let name = init.log_origin.clone();
    let name = name.unwrap_or_else(|| log_name(&init.origin));
    let key = NewKey::random(&name, &place.log_key_file(init.key.file.as_deref())?)?;
    let ledger = place
        .create(
            &founding,
            &key,
            Some(&operator),
            &origin::now(&operator.account),
        )
        .await?;
    let how = match &place {
        Place::Directory(dir) => {
            let store = ledger.store().clone();
            sealing::finish(sealing::beside(dir, store, Some(key.file()))?).await?;
            "is in"
        }
        Place::Nats(_) => "is on NATS, as it says in",
    };
    println!("the ledger of {} {how} {}", init.origin, init.dir.display());
    println!("its log key, by which its checkpoints are known:\n");
    println!("  {}\n", key.verifier_key());
    println!("{HAND_IT_OVER}");
    println!(
        "Its private half is in {}. Whoever has that can sign for this ledger: keep a copy offline.",
        key.file().display()
    );
    println!();
    tell_token(&operator.account, &token.text, operator.expires);
    Ok(ExitCode::SUCCESS)
}

/// What to do with a new verifier key.
pub(crate) const HAND_IT_OVER: &str = "\
Hand it to the inspection committee, on paper, now: what they were given before anything was in dispute is what
they check against. It is no secret.";

/// What the log of the ledger of `origin` is called, where nobody says otherwise.
pub(crate) fn log_name(origin: &str) -> String {
    format!("socai/{origin}")
}

//! Says of a stream that a restore fills it and has not come to its end. What is there then opens like a ledger, and is
//! not whole.
//!
//! A register beside the stream says so: no program may change the stream itself. It is put before the stream is made,
//! and cleared once everything was read back. Deliberately absent: a directory, which has a file for it.

use anyhow::bail;
use socai_store::{Held, Register, RegisterError};
use socai_store_nats::{Connection, NatsRegister, Settings};
use uuid::Uuid;

use crate::config::Config;
use crate::on_nats::{connected, registers};

/// The register. It holds the ledger's id, and nothing once the restore has come to its end.
const KEY: &str = "restoring";

/// Says that a restore of `ledger` fills the stream that `config` names.
///
/// # Errors
///
/// Where that cannot be kept.
pub(crate) async fn begin(config: &Config, ledger: Uuid) -> anyhow::Result<()> {
    put(config, ledger.to_string()).await
}

/// Says that the ledger is whole.
///
/// # Errors
///
/// Where that cannot be kept.
pub(crate) async fn end(config: &Config) -> anyhow::Result<()> {
    put(config, String::new()).await
}

async fn put(config: &Config, value: String) -> anyhow::Result<()> {
    let (connection, settings) = connected(config).await?;
    let bucket = registers(settings);
    let register = NatsRegister::open(&connection, &bucket, KEY, settings.replicas).await?;
    let version = register.read().await?.map(|held| held.version);
    register.swap(version, value.into()).await?;
    Ok(())
}

/// The ledger whose restore has not come to its end, by its id.
///
/// # Errors
///
/// Where the register cannot be asked.
pub(crate) async fn of(
    connection: &Connection,
    settings: &Settings,
) -> Result<Option<String>, RegisterError> {
    let register = NatsRegister::open_if_there(connection, &registers(settings), KEY).await?;
    let held = match register {
        Some(register) => register.read().await?,
        None => None,
    };
    let ledger = held.map(|Held { value, .. }| String::from_utf8_lossy(&value).into_owned());
    Ok(ledger.filter(|ledger| !ledger.is_empty()))
}

/// Fails where the stream is half a restore.
///
/// # Errors
///
/// With what to do.
pub(crate) async fn expect_whole(
    connection: &Connection,
    settings: &Settings,
) -> anyhow::Result<()> {
    expect_none(of(connection, settings).await?, settings)
}

/// As [`expect_whole`], where it was asked already what was `left`.
///
/// # Errors
///
/// With what to do.
pub(crate) fn expect_none(left: Option<String>, settings: &Settings) -> anyhow::Result<()> {
    let Some(ledger) = left else {
        return Ok(());
    };
    bail!(
        "stream {} is what a restore of the ledger {ledger} left that was cut off, and no whole ledger: socai restore from \
         the same backup goes on with it",
        settings.stream
    );
}

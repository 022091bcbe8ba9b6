//! The form of the database: the control schema by migrations, the tables in a schema that can be made
//! anew, and the reporting views that point at the one that serves.

use tokio_postgres::{Client, GenericClient};

use crate::connect::{Role, connect};
use crate::credentials;
use crate::error::Error;
use crate::settings::Settings;

mod migrations {
    refinery::embed_migrations!("../../schemas/postgres/migrations");
}

/// The form of the tables and of what reads them, and what a row says. Changes with every change of
/// `schemas/postgres/*.sql`, and of what the image makes of a record; then a rebuild makes all of it anew.
pub const LAYOUT: i32 = 3;

/// What people read.
pub const REPORTING: &str = "reporting";

const TABLES: &str = include_str!("../../../schemas/postgres/tables.sql");
const INDEXES: &str = include_str!("../../../schemas/postgres/indexes.sql");
const VIEWS: &str = include_str!("../../../schemas/postgres/reporting.sql");

/// Two programs that migrate at once would trip over each other.
const MIGRATION_LOCK: i64 = 0x0050_CA10_0001;

/// Brings the database to the form that this program writes, as the owner. Running it again changes
/// nothing; tables of another layout are left for a rebuild.
///
/// # Errors
///
/// [`Error::Migration`], [`Error::Refused`] where the owner lacks a right, [`Error::Unavailable`].
pub async fn migrate(settings: &Settings) -> Result<(), Error> {
    let mut client = connect(settings, Role::Owner).await?;
    client
        .execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK])
        .await?;
    // The lock goes with the connection.
    migrate_locked(&mut client).await
}

async fn migrate_locked(client: &mut Client) -> Result<(), Error> {
    client
        .batch_execute("CREATE SCHEMA IF NOT EXISTS control")
        .await?;
    let mut runner = migrations::migrations::runner();
    runner.set_migration_table_name("control.migrations");
    let ran = runner.run_async(client).await;
    ran.map_err(|error| Error::Migration(Box::new(error)))?;
    credentials::migrate(client).await?;
    let row = client
        .query_one("SELECT serving FROM control.projection", &[])
        .await?;
    let serving: Option<String> = row.get(0);
    if serving.is_none() {
        make_first(client).await?;
    }
    Ok(())
}

async fn make_first(client: &mut Client) -> Result<(), Error> {
    let transaction = client.transaction().await?;
    let schema = name_schema(&transaction).await?;
    make_tables(&transaction, &schema).await?;
    make_indexes(&transaction, &schema).await?;
    make_views(&transaction, REPORTING, &schema).await?;
    let serve = "UPDATE control.projection SET serving = $1, layout = $2";
    transaction.execute(serve, &[&schema, &LAYOUT]).await?;
    Ok(transaction.commit().await?)
}

/// A name that no schema of tables ever had.
pub(crate) async fn name_schema(client: &impl GenericClient) -> Result<String, Error> {
    let next =
        "UPDATE control.projection SET schemas_made = schemas_made + 1 RETURNING schemas_made";
    let number: i32 = client.query_one(next, &[]).await?.get(0);
    Ok(format!("ledger_{number}"))
}

/// Makes tables without a row or an index in the new schema `schema`.
pub(crate) async fn make_tables(client: &impl GenericClient, schema: &str) -> Result<(), Error> {
    client
        .batch_execute(&format!("CREATE SCHEMA {schema}"))
        .await?;
    client
        .batch_execute(&TABLES.replace("{tables}", schema))
        .await?;
    Ok(())
}

pub(crate) async fn make_indexes(client: &impl GenericClient, schema: &str) -> Result<(), Error> {
    let make = INDEXES.replace("{tables}", schema);
    Ok(client.batch_execute(&make).await?)
}

/// Makes the views and functions that read the tables of `schema`, in the new schema `reporting`.
pub(crate) async fn make_views(
    client: &impl GenericClient,
    reporting: &str,
    schema: &str,
) -> Result<(), Error> {
    let views = VIEWS
        .replace("{reporting}", reporting)
        .replace("{tables}", schema);
    let make = format!("CREATE SCHEMA {reporting};\n{views}");
    Ok(client.batch_execute(&make).await?)
}

/// What the views of `schema` are called while they do not serve.
pub(crate) fn idle_views(schema: &str) -> String {
    schema.replacen("ledger", REPORTING, 1)
}

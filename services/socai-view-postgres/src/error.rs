//! What can go wrong, by what the caller can do about it.

use socai_store::{Position, ReadError};

/// Why the view has no answer, or its projector has stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting cannot be used. Mend it and start again.
    #[error("{0}")]
    Settings(String),

    /// The database is not there, or ended the session. The same call may be made later; a running
    /// projector does so itself.
    #[error("PostgreSQL is unavailable")]
    Unavailable(#[source] tokio_postgres::Error),

    /// The database does not do what it was asked: a privilege, a table, a type is not as it should be.
    /// Compare ops/postgres/roles.sql and migrate.
    #[error("PostgreSQL refuses")]
    Refused(#[source] tokio_postgres::Error),

    /// A migration failed; none after it was tried.
    #[error("the migration failed: does every role of ops/postgres/roles.sql exist?")]
    Migration(#[source] Box<refinery::Error>),

    /// There is nothing to write to. Migrate.
    #[error("the database is not prepared: run the migration as socai_owner")]
    NotMigrated,

    /// The tables have the form of an earlier program. Rebuild with this one, or run that one.
    #[error("the tables have layout {found}, and this program writes layout {expected}: rebuild")]
    OtherLayout {
        /// What is there.
        found: i32,
        /// What this program writes.
        expected: i32,
    },

    /// The tables have the form of a later program, and nothing of them is touched. Run that one.
    #[error(
        "the tables have layout {found}, of a later program, and this one writes layout {expected}: use the program that \
         made them"
    )]
    NewerLayout {
        /// What is there.
        found: i32,
        /// What this program writes.
        expected: i32,
    },

    /// Another projector has taken over. Nothing of this one's last batch was written.
    #[error("another projector has taken over since epoch {epoch}")]
    Fenced {
        /// The epoch of this one.
        epoch: i64,
    },

    /// The log ends before the view: it was restored from an older copy, or is another one. Find out
    /// which is right, then rebuild.
    #[error("the log ends at {head}, and the view is at {cursor}: was an older log restored?")]
    LogBehind {
        /// Where the view is.
        cursor: Position,
        /// Where the log ends.
        head: Position,
    },

    /// The log has another record where the view has been. Find out which is right, then rebuild.
    #[error(
        "position {cursor} is record {found} in the log, and the view was at {expected}: another log?"
    )]
    OtherHistory {
        /// Where the view is.
        cursor: Position,
        /// The record that the view was at.
        expected: String,
        /// The record that is there.
        found: String,
    },

    /// A record cannot be folded. Everything before it is in the tables, and nothing is skipped; with a
    /// program that can read it, start again.
    #[error("parked before position {position}: {reason}")]
    Parked {
        /// The record.
        position: Position,
        /// Why.
        reason: String,
    },

    /// The log is damaged, or cannot be asked; a running projector asks again where it cannot be asked.
    #[error("the log cannot be read")]
    Log(#[source] ReadError),

    /// Another rebuild is under way. Wait for it.
    #[error("another rebuild is under way")]
    RebuildUnderWay,

    /// New tables do not say what the image says; the old ones still serve. A bug: keep the log, report
    /// the differences.
    #[error("the new tables differ from the image and do not serve: {}", .0.join("; "))]
    Differs(Vec<String>),

    /// The image is not where the tables are. Fold it further, or wait for the projector.
    #[error("the tables are at {tables}, and the image is at {image}")]
    Apart {
        /// Where the tables are.
        tables: Position,
        /// Where the image is.
        image: Position,
    },
}

impl Error {
    /// Whether the same call may succeed later with nothing changed.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Log(ReadError::Unavailable(_)) => true,
            Self::Settings(_)
            | Self::Refused(_)
            | Self::Migration(_)
            | Self::NotMigrated
            | Self::OtherLayout { .. }
            | Self::NewerLayout { .. }
            | Self::Fenced { .. }
            | Self::LogBehind { .. }
            | Self::OtherHistory { .. }
            | Self::Parked { .. }
            | Self::Log(ReadError::Corrupt { .. })
            | Self::RebuildUnderWay
            | Self::Differs(_)
            | Self::Apart { .. } => false,
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        if may_pass(&error) {
            Self::Unavailable(error)
        } else {
            Self::Refused(error)
        }
    }
}

/// Whether waiting may help: no answer at all, or one of the classes that say so (connection, rollback,
/// resources, object in use, operator, system).
fn may_pass(error: &tokio_postgres::Error) -> bool {
    let Some(state) = error.code() else {
        // A password that is asked for and not given is the one thing that the client says without a class.
        return !error.to_string().starts_with("invalid configuration");
    };
    let class = state.code().get(..2).unwrap_or_default();
    ["08", "40", "53", "55", "57", "58"].contains(&class)
}

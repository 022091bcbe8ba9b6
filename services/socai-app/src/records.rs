//! Recording one command at a time, alone, beside others, or as an account may: what the use cases that record need of a ledger.

use async_trait::async_trait;
use socai_domain::command::Command;
use socai_domain::ledger;
use socai_domain::origin::Origin;
use socai_domain::refusal::Refused;
use socai_ledger::image::Image;
use socai_store::AppendError;

use crate::ledger::{Ledger, LoadError, Outcome};
use crate::live::{ExecuteError, Live};
use crate::request::Request;

/// Why a command was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The domain says no.
    #[error("{0} [{code}]", code = .0.code)]
    Refused(Refused),
    /// As the source says; where it is [`AppendError::Unknown`], the event may be there.
    #[error("the event was not acknowledged")]
    Append(#[source] AppendError),
    /// Nothing can be said of the ledger.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// As the source says.
    #[error(transparent)]
    Execute(ExecuteError),
}

/// What records the commands: a ledger of one's own, or one that many record into.
#[async_trait]
pub trait Records: Send {
    /// Records one command.
    ///
    /// # Errors
    ///
    /// [`RecordError`], never [`RecordError::Refused`]: that is an outcome.
    async fn one(&mut self, request: Request, origin: &Origin) -> Result<Outcome, RecordError>;

    /// Shows the image, as far as it has come, once. Recording waits meanwhile.
    fn look(&self, see: &mut dyn FnMut(&Image));
}

#[async_trait]
impl Records for Ledger {
    async fn one(&mut self, request: Request, origin: &Origin) -> Result<Outcome, RecordError> {
        let mut batch = self.record(&[(request, origin.clone())]).await?;
        match batch.trouble {
            Some(trouble) => Err(RecordError::Append(trouble)),
            None => Ok(batch.outcomes.pop().expect("one command has one outcome")),
        }
    }

    fn look(&self, see: &mut dyn FnMut(&Image)) {
        see(self.image());
    }
}

#[async_trait]
impl Records for &Live {
    async fn one(&mut self, request: Request, origin: &Origin) -> Result<Outcome, RecordError> {
        Ok(self.execute(&request, origin).await?)
    }

    fn look(&self, see: &mut dyn FnMut(&Image)) {
        see(&self.image());
    }
}

/// A live ledger, recorded into by the right of the account that asks. What the program does by itself along the way, the
/// sealing of heads, stays the program's.
pub struct Permitted<'a>(pub &'a Live);

#[async_trait]
impl Records for Permitted<'_> {
    async fn one(&mut self, request: Request, origin: &Origin) -> Result<Outcome, RecordError> {
        Ok(match request.command {
            Command::Ledger(ledger::Command::SealHeads { .. }) => {
                self.0.execute(&request, origin).await?
            }
            _ => self.0.execute_permitted(&request, origin).await?,
        })
    }

    fn look(&self, see: &mut dyn FnMut(&Image)) {
        see(&self.0.image());
    }
}

impl From<ExecuteError> for RecordError {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Append(error) => Self::Append(error),
            error @ (ExecuteError::Stopped { .. }
            | ExecuteError::Contended
            | ExecuteError::Read(_)) => Self::Execute(error),
        }
    }
}

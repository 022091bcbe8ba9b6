//! Recording for a use case as an account may: its commands are permitted, and what the program does by itself
//! along the way, such as sealing heads, is the program's.

use async_trait::async_trait;
use socai_app::ledger::Outcome;
use socai_app::live::Live;
use socai_app::records::{RecordError, Records};
use socai_app::request::Request;
use socai_domain::command::Command;
use socai_domain::ledger;
use socai_domain::origin::{Asking, Origin};
use socai_domain::permission::permit;
use socai_ledger::image::Image;

use crate::trouble::Trouble;

/// A live ledger, recorded into as an account may.
pub(crate) struct Permitted<'a>(pub(crate) &'a Live);

impl Permitted<'_> {
    /// Records one command, effective today.
    ///
    /// # Errors
    ///
    /// [`Trouble`], refusals among it.
    pub(crate) async fn command(mut self, command: Command, by: &Origin) -> Result<(), Trouble> {
        let request = Request {
            command,
            effective: by.today(),
            synthetic: false,
            id: None,
            actor: None,
        };
        match self.one(request, by).await? {
            Outcome::Recorded(_) | Outcome::Unchanged => Ok(()),
            Outcome::Refused(refused) => Err(Trouble::Refused(refused)),
            Outcome::Failed | Outcome::Unknown => {
                unreachable!("what was not recorded has its reason, which is an error")
            }
        }
    }
}

#[async_trait]
impl Records for Permitted<'_> {
    async fn one(&mut self, request: Request, origin: &Origin) -> Result<Outcome, RecordError> {
        let own = matches!(
            request.command,
            Command::Ledger(ledger::Command::SealHeads { .. })
        );
        if !own && let Err(refused) = permitted(self.0, &request, origin) {
            return Ok(Outcome::Refused(refused));
        }
        (&*self.0).one(request, origin).await
    }

    fn look(&self, see: &mut dyn FnMut(&Image)) {
        see(&self.0.image());
    }
}

fn permitted(
    live: &Live,
    request: &Request,
    origin: &Origin,
) -> Result<(), socai_domain::refusal::Refused> {
    let image = live.image();
    let asking = Asking {
        on: request.effective,
        origin,
        registry: image.registry(),
        obligations: &*image,
    };
    permit(&request.command, &asking)
}

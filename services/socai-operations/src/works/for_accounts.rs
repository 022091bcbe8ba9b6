//! The works as an account may ask them: what it may is found out here, and what it took out is recorded.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use socai_app::audit::AtRest;
use socai_app::live::Live;
use socai_app::records::{Permitted, Records};
use socai_app::tree::Sources;
use socai_domain::account::Export;
use socai_domain::attachment::{self, File};
use socai_domain::command::Command;
use socai_domain::evidence::{self as export, Of};
use socai_domain::id::{AccountId, Sha256Hex};
use socai_domain::line::Line;
use socai_domain::origin::{Asking, Origin};
use socai_domain::permission::{self, Reading, Refusal, Role, Scope};
use socai_ledger::image::Image;
use socai_store::Position;
use socai_store::blob::BlobStore;
use socai_tlog::Hash;
use uuid::Uuid;

use super::attachments::{self, Erase, Filed};
use super::evidence::{self, Evidence};
use super::receipt;
use super::review::{self, Review};
use crate::jobs::{Asked, Jobs, Made, Standing, Whose, Wish};
use crate::past::Past;
use crate::trouble::Trouble;

/// What works are done with.
#[derive(Clone)]
pub struct Works {
    /// The ledger.
    pub live: Arc<Live>,
    /// The ledger as it was known earlier.
    pub past: Past,
    /// What takes longer than a request.
    pub jobs: Jobs,
    /// The bytes of attachments.
    pub blobs: Arc<dyn BlobStore>,
    /// What proofs are made from.
    pub sources: Sources,
    /// The ledger as it is kept, to be read again.
    pub at_rest: Arc<dyn AtRest>,
}

impl Works {
    /// What of `reading` the account may see.
    ///
    /// # Errors
    ///
    /// [`Trouble::Refused`]: nothing.
    pub fn scope(&self, reading: Reading, who: &AccountId) -> Result<Scope, Trouble> {
        scope(&self.live, reading, who)
    }

    /// Checks that the account may see all of `reading`: what cannot be told in parts is not told to who may see a part.
    ///
    /// # Errors
    ///
    /// [`Trouble::Refused`] where it may see nothing of it, or a part.
    pub fn everything(&self, reading: Reading, who: &AccountId) -> Result<(), Trouble> {
        match self.scope(reading, who)? {
            Scope::Everything => Ok(()),
            Scope::Units(_) => Err(Trouble::Refused(Refusal::OutOfReach.into())),
        }
    }

    /// Checks that the account may see all of one of `readings`.
    pub(super) fn everything_of_one(
        &self,
        readings: &[Reading],
        who: &AccountId,
    ) -> Result<(), Trouble> {
        let mut each = readings
            .iter()
            .map(|reading| self.everything(*reading, who));
        let first = each
            .next()
            .expect("what a job makes is read by some reading");
        each.fold(first, Result::or)
    }

    pub(super) fn may(&self, command: &Command, origin: &Origin) -> Result<(), Trouble> {
        let image = self.live.image();
        Ok(permission::permit(command, &asking(&image, origin))?)
    }

    /// Whose jobs the account may see: an inspector everybody's, others their own.
    ///
    /// # Errors
    ///
    /// [`Trouble::Refused`] where it is no open account.
    pub fn whose(&self, who: &AccountId) -> Result<Whose, Trouble> {
        let image = self.live.image();
        let account = image.registry().accounts.get(who);
        match account.map(|account| account.acts_as(Role::Inspector)) {
            Some(true) => Ok(Whose::Everybodys),
            Some(false) => Ok(Whose::Of(who.clone())),
            None => Err(Trouble::Refused(Refusal::NoAccount.about(who))),
        }
    }

    /// Where the file called `name` of a job is, for whoever may still have what the job made.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub fn job_file(
        &self,
        id: Uuid,
        name: &str,
        who: &AccountId,
    ) -> Result<(PathBuf, Made), Trouble> {
        let whose = self.whose(who)?;
        self.everything_of_one(self.jobs.needs(id, &whose)?, who)?;
        self.jobs.file(id, name, &whose)
    }

    /// Begins the review as a job.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub fn begin_review(
        &self,
        id: Uuid,
        asked: Review,
        who: &AccountId,
    ) -> Result<Standing, Trouble> {
        self.everything(Reading::Reviews, who)?;
        asked.check(&self.live.image())?;
        let wish = Wish {
            id,
            owner: who.clone(),
            asked: Asked::of("review", &asked),
            needs: &[Reading::Reviews],
        };
        let (works, who) = (self.clone(), who.clone());
        let run = |desk| async move {
            works.everything(Reading::Reviews, &who)?;
            let image = match asked.known_at {
                Some(known) => works.past.at(known, &who).await?,
                None => works.past.now(&who).await?,
            };
            review::job(desk, image, works.sources.store, asked).await
        };
        self.jobs.begin(wish, run)
    }

    /// Begins an export of evidence as a job.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub fn begin_evidence(
        &self,
        id: Uuid,
        asked: Evidence,
        who: &AccountId,
    ) -> Result<Standing, Trouble> {
        self.everything(Reading::Evidence, who)?;
        let origin = now(who);
        let of = asked.check(&self.live.image(), origin.today())?;
        if let Some(of) = of {
            self.may(&exporting(id, of, &origin), &origin)?;
        }
        let wish = Wish {
            id,
            owner: who.clone(),
            asked: Asked::of("evidence", &asked),
            needs: &[Reading::Evidence],
        };
        let works = self.clone();
        let run = |desk| async move {
            works.everything(Reading::Evidence, &origin.actor)?;
            let mut records = Permitted(&works.live);
            let ports: (&mut dyn Records, _, _) = (&mut records, &works.past, &works.sources);
            evidence::job(desk, ports, asked, id, &origin).await
        };
        self.jobs.begin(wish, run)
    }

    /// Whether the account may store a file of which this is said, before any of it is sent.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub fn may_store(&self, filed: &Filed, who: &AccountId) -> Result<(), Trouble> {
        let origin = now(who);
        let filing = filed.filing(&self.live.image(), origin.today())?;
        let address = Sha256Hex::try_from("0".repeat(64)).expect("64 digits are an address");
        let file = File {
            bytes: 0,
            media: filing.media,
            about: filing.about,
        };
        let store = attachment::Command::Store {
            attachment: address,
            file,
        };
        self.may(&Command::Attachment(store), &origin)
    }

    /// Checks that a file is there for the account, and hands out none of it.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub fn may_fetch(&self, attachment: &Sha256Hex, who: &AccountId) -> Result<(), Trouble> {
        let scope = self.scope(Reading::Attachments, who)?;
        attachments::find(&self.live.image(), &scope, attachment)?;
        Ok(())
    }

    /// The content of a file. Whoever inspects is recorded to have looked at it.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub async fn fetch(&self, attachment: &Sha256Hex, who: &AccountId) -> Result<Bytes, Trouble> {
        let scope = self.scope(Reading::Attachments, who)?;
        let address = attachments::find(&self.live.image(), &scope, attachment)?;
        let content = attachments::fetch(&*self.blobs, &address).await?;
        if self.whose(who)? == Whose::Everybodys {
            let about = Line::new(&format!("attachment.{attachment}"));
            let position = self.live.image().position().0;
            let what = Export {
                of: Reading::Attachments,
                about: about.ok(),
                records: 1,
                position,
            };
            self.note(what, who).await?;
        }
        Ok(content)
    }

    /// Erases a file. Answers where that is recorded, unless it was before.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub async fn erase(
        &self,
        attachment: &Sha256Hex,
        asked: &Erase,
        who: &AccountId,
    ) -> Result<Option<u64>, Trouble> {
        let records = &mut Permitted(&self.live);
        attachments::erase(records, &*self.blobs, attachment, asked, &now(who)).await
    }

    /// The receipt of the record at `position`.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub async fn receipt(&self, position: u64, who: &AccountId) -> Result<String, Trouble> {
        self.everything(Reading::Proofs, who)?;
        receipt::receipt(&self.sources, Position(position)).await
    }

    /// Checks that the account may have proofs judged.
    ///
    /// # Errors
    ///
    /// [`Trouble::Refused`].
    pub fn may_verify(&self, who: &AccountId) -> Result<(), Trouble> {
        self.everything(Reading::Proofs, who)
    }
}

/// What of `reading` the account may see, now.
///
/// # Errors
///
/// [`Trouble::Refused`] where that is nothing.
pub(crate) fn scope(live: &Live, reading: Reading, who: &AccountId) -> Result<Scope, Trouble> {
    let today = now(who).today();
    Ok(permission::scope(
        reading,
        who,
        live.image().registry(),
        today,
    )?)
}

/// The account, now, by the machine's clock.
pub(crate) fn now(who: &AccountId) -> Origin {
    Origin {
        actor: who.clone(),
        at: Timestamp::now(),
    }
}

fn asking<'a>(image: &'a Image, origin: &'a Origin) -> Asking<'a> {
    Asking {
        on: origin.today(),
        origin,
        registry: image.registry(),
        obligations: image,
    }
}

/// The command that an export will be recorded by, as far as it matters to who may ask it.
fn exporting(id: Uuid, of: Of, origin: &Origin) -> Command {
    let today = origin.today();
    Command::Evidence(export::Command::Export {
        evidence: evidence::id_of(id),
        of,
        from: today,
        to: today,
        inspection: None,
        size: 0,
        records: 0,
        root: Hash::OF_NOTHING
            .to_string()
            .parse()
            .expect("a hash is a root"),
    })
}

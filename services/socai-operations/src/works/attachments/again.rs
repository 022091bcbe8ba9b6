//! Keeping a file under an id of the client's: sent again it is the same attachment, and is not kept twice.
//!
//! An address is salted, so that a file that is sent again is another one for the store. What was recorded under the id
//! says which it was; its content is compared with what came now.

use bytes::Bytes;
use socai_app::live::{Live, id_used};
use socai_app::records::Permitted;
use socai_domain::id::{AccountId, Sha256Hex};
use socai_domain::permission::Scope;
use socai_domain::subject::Subject;
use socai_store::{Recorded, envelope};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{Filed, Stored, fetch, find, store};
use crate::trouble::Trouble;
use crate::works::{Works, now};

/// Two that come at once under one id are one, so that those with an id are kept one after the other.
static ONE_BY_ONE: Mutex<()> = Mutex::const_new(());

impl Works {
    /// Keeps a file, under an id where the client gave one.
    ///
    /// # Errors
    ///
    /// [`Trouble`]; [`Trouble::Refused`] where something else was recorded under the id.
    pub async fn store(
        &self,
        content: Bytes,
        filed: &Filed,
        id: Option<Uuid>,
        who: &AccountId,
    ) -> Result<Stored, Trouble> {
        let Some(id) = id else {
            return self.keep(content, filed, None, who).await;
        };
        let _turn = ONE_BY_ONE.lock().await;
        self.live.caught_up().await?;
        match self.live.recorded_under(id).await?.first() {
            None => self.keep(content, filed, Some(id), who).await,
            Some(before) if self.is_the_same(before, &content, filed, who).await? => {
                stored_in(before).ok_or_else(|| Trouble::Refused(id_used(id)))
            }
            Some(_) => Err(Trouble::Refused(id_used(id))),
        }
    }

    async fn keep(
        &self,
        content: Bytes,
        filed: &Filed,
        id: Option<Uuid>,
        who: &AccountId,
    ) -> Result<Stored, Trouble> {
        let records = &mut Permitted(&self.live);
        store(records, &*self.blobs, content, filed, id, &now(who)).await
    }

    /// Whether what was recorded before is this file of this account, of which the same was said.
    async fn is_the_same(
        &self,
        before: &Recorded,
        content: &Bytes,
        filed: &Filed,
        who: &AccountId,
    ) -> Result<bool, Trouble> {
        let by = envelope::parse(&before.bytes).is_ok_and(|read| read.actor == who.as_str());
        let Some(attachment) = address_in(before).filter(|_| by) else {
            return Ok(false);
        };
        if !said_the_same(&self.live, &attachment, content, filed, who)? {
            return Ok(false);
        }
        let address = find(&self.live.image(), &Scope::Everything, &attachment)?;
        Ok(fetch(&*self.blobs, &address).await? == *content)
    }
}

/// Whether the same is said of the file as was. The day is the one of the first time, where none is said.
fn said_the_same(
    live: &Live,
    attachment: &Sha256Hex,
    content: &Bytes,
    filed: &Filed,
    who: &AccountId,
) -> Result<bool, Trouble> {
    let image = live.image();
    let filing = filed.filing(&image, now(who).today())?;
    let known = image.registry().attachments.get(attachment);
    Ok(known.is_some_and(|known| {
        let file = &known.file;
        let same_day = filed.on.is_none_or(|on| on == known.stored);
        let same_bytes = file.bytes == content.len() as u64;
        same_day && same_bytes && file.media == filing.media && file.about == filing.about
    }))
}

fn stored_in(record: &Recorded) -> Option<Stored> {
    Some(Stored {
        attachment: address_in(record)?.to_string(),
        position: record.position.0,
    })
}

fn address_in(record: &Recorded) -> Option<Sha256Hex> {
    let read = envelope::parse(&record.bytes).ok()?;
    let Ok(Subject::Attachment(attachment)) = Subject::parse(&read.subject) else {
        return None;
    };
    (read.event_type == "attachment.stored.v1").then_some(attachment)
}

//! Records taken out by an account: whoever takes some is recorded to have done so before the first goes out.

use bytes::Bytes;
use socai_app::ledger::Outcome;
use socai_app::records::{Permitted, Records};
use socai_app::request::Request;
use socai_domain::account::{self, Export};
use socai_domain::command::Command;
use socai_domain::id::{AccountId, ExportId};
use socai_domain::line::Line;
use socai_domain::permission::Reading;
use socai_store::Position;
use socai_tlog::Tile;
use socai_tlog::tile::TILE_WIDTH;
use uuid::Uuid;

use super::for_accounts::{Works, now};
use super::records::Lines;
use super::tiles;
use crate::trouble::Trouble;

impl Works {
    /// Checks that the account may take records out, and hands out none.
    ///
    /// # Errors
    ///
    /// [`Trouble::Refused`].
    pub fn may_take_out(&self, who: &AccountId) -> Result<(), Trouble> {
        self.everything(Reading::Records, who)
    }

    /// The entries of a tile of leaves: records, of which it is recorded who took them out.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub async fn entries(&self, tile: Tile, who: &AccountId) -> Result<Bytes, Trouble> {
        self.may_take_out(who)?;
        let entries = tiles::entries(&*self.sources.store, tile).await?;
        let first = tile.index * u64::from(TILE_WIDTH);
        self.note_records(None, tile.width.into(), first + u64::from(tile.width), who)
            .await?;
        Ok(entries)
    }

    /// The records from `from` to the end, of which it is recorded who took them out.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub async fn export(&self, from: u64, who: &AccountId) -> Result<Lines, Trouble> {
        self.may_take_out(who)?;
        let store = self.sources.store.clone();
        let end = store.head().await?;
        let lines = Lines::new(store, Position(from.saturating_sub(1)), end);
        self.note_records(None, lines.left(), end.0, who).await?;
        Ok(lines)
    }

    /// Records that the account takes out so many records, of one stream where one is named, up to `position`. To be
    /// called before the first goes out.
    ///
    /// # Errors
    ///
    /// [`Trouble`]; then nothing may go out.
    pub async fn note_records(
        &self,
        about: Option<Line>,
        records: u64,
        position: u64,
        who: &AccountId,
    ) -> Result<(), Trouble> {
        let what = Export {
            of: Reading::Records,
            about,
            records,
            position,
        };
        self.note(what, who).await
    }

    /// Records what an account was handed, before it is.
    pub(super) async fn note(&self, what: Export, who: &AccountId) -> Result<(), Trouble> {
        let export = ExportId::new(&format!("x-{}", Uuid::now_v7().simple()));
        let note = account::Command::NoteExport {
            account: who.clone(),
            export: export.expect("32 digits and a letter are an id"),
            what,
        };
        let origin = now(who);
        let request = Request {
            command: Command::Account(note),
            effective: origin.today(),
            synthetic: false,
            id: None,
            actor: None,
        };
        match Permitted(&self.live).one(request, &origin).await? {
            Outcome::Recorded(_) | Outcome::Unchanged => Ok(()),
            Outcome::Refused(refused) => Err(Trouble::Refused(refused)),
            Outcome::Failed | Outcome::Unknown => {
                unreachable!("what was not recorded has its reason, which is an error")
            }
        }
    }
}

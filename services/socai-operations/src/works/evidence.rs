//! Records handed out, with the proof that nothing of them was altered or left out.
//!
//! What was recorded stays recorded, whatever fails after it: a bundle that came to nothing is made later, by the id of
//! its export. Deliberately absent: sealing, which whoever has the key does, and where the bundle goes.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_app::evidence::{
    Announced, Asked, Export, Exported, Query, Search, Top, announce, announce_again, compose,
    day_of, exported, gather,
};
use socai_app::records::Records;
use socai_app::tree::Sources;
use socai_domain::evidence::Of;
use socai_domain::id::{EvidenceId, InspectionId, ObligationId, UnitId};
use socai_domain::origin::Origin;
use socai_domain::permission::Scope;
use socai_evidence::{Outcome, TOLERANCE_HOURS, verify};
use socai_ledger::image::Image;
use socai_store::EventStore;
use uuid::Uuid;

use super::aside;
use crate::jobs::Desk;
use crate::known_at::KnownAt;
use crate::past::Past;
use crate::questions::named;
use crate::trouble::Trouble;

mod written;

pub use written::Written;

/// How often is looked whether somebody sealed the export.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// What the bundle of a job is called.
const FILE: &str = "evidence.zip";

/// How long a request may have somebody wait for a checkpoint.
const WAIT_SECONDS_MAX: u32 = 3_600;

/// Records about one thing, with their proof.
#[derive(Debug, Clone, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[group(skip)]
#[command(group(clap::ArgGroup::new("of").required(true)))]
pub struct Evidence {
    /// A unit, and what it owes or owed
    #[arg(long, group = "of", value_name = "ID")]
    pub unit: Option<UnitId>,
    /// A document, by id or number, and what it asks for
    #[arg(long, group = "of", value_name = "ID|NUMBER")]
    pub document: Option<String>,
    /// An obligation, and what opened it
    #[arg(long, group = "of", value_name = "ID")]
    pub obligation: Option<ObligationId>,
    /// An export that is recorded already, to be made again at a later checkpoint, which more cosigned
    #[arg(long, group = "of", value_name = "ID", conflicts_with_all = ["from", "to", "inspection"])]
    pub export: Option<EvidenceId>,
    /// The first due date that counts (of an obligation: its own, where not given)
    #[arg(long, value_name = "DAY")]
    pub from: Option<Date>,
    /// The last due date that counts
    #[arg(long, value_name = "DAY")]
    pub to: Option<Date>,
    /// The inspection that it is for
    #[arg(long, value_name = "ID")]
    pub inspection: Option<InspectionId>,
    /// How many witnesses have to have cosigned the checkpoint
    #[arg(long, value_name = "N", default_value_t = 0)]
    #[serde(default)]
    pub cosignatures: usize,
    /// How long to wait for a checkpoint, and for those who cosign
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    #[serde(default = "a_minute")]
    pub wait: u32,
}

const fn a_minute() -> u32 {
    60
}

/// An export that is in the ledger.
#[derive(Debug)]
pub struct Told {
    /// Its id.
    pub id: EvidenceId,
    /// What it is of.
    pub announced: Announced,
}

/// A bundle, and what there is to say of it.
#[derive(Debug)]
pub struct Bundle {
    /// The archive.
    pub zip: Vec<u8>,
    /// What there is to say of it.
    pub written: Written,
}

impl Evidence {
    /// What it is of, as the ledger is now; nothing, where an export that is recorded says so.
    ///
    /// # Errors
    ///
    /// [`Trouble`], where what it names is not there, or not one thing.
    pub fn check(&self, image: &Image, on: Date) -> Result<Option<Of>, Trouble> {
        match &self.export {
            None => Ok(Some(self.question(image, on)?.query.of)),
            Some(_) if self.names_more_than_an_export() => Err(Trouble::parameter(
                "export",
                "an export says by itself what it is of, and for which days",
            )),
            Some(_) => Ok(None),
        }
    }

    fn names_more_than_an_export(&self) -> bool {
        let of = self.unit.is_some() || self.document.is_some() || self.obligation.is_some();
        of || self.from.is_some() || self.to.is_some() || self.inspection.is_some()
    }

    fn question(&self, image: &Image, on: Date) -> Result<Asked, Trouble> {
        let of = self.of(image)?;
        let (from, to) = match (self.from, self.to, &of) {
            (Some(from), Some(to), _) => (from, to),
            (from, to, Of::Obligation(obligation)) => {
                let day = day_of(image, obligation, on)?;
                (from.unwrap_or(day), to.unwrap_or(day))
            }
            (from, _, Of::Unit(_) | Of::Document(_)) => {
                let missing = if from.is_none() { "from" } else { "to" };
                let says = "the first and the last due date that count have to be given";
                return Err(Trouble::parameter(missing, says));
            }
        };
        if to < from {
            let sentence = format!("{to}: the window ends before it begins");
            return Err(Trouble::parameter("to", sentence));
        }
        let query = Query { of, from, to };
        Ok(Asked { query, on })
    }

    fn of(&self, image: &Image) -> Result<Of, Trouble> {
        match (&self.unit, &self.document, &self.obligation) {
            (Some(unit), None, None) => {
                named::unit(image, &Scope::Everything, unit)?;
                Ok(Of::Unit(unit.clone()))
            }
            (None, Some(document), None) => Ok(Of::Document(named::document(image, document)?)),
            (None, None, Some(obligation)) => Ok(Of::Obligation(obligation.clone())),
            _ => Err(Trouble::parameter(
                "unit",
                "expected one of unit, document, obligation and export, and no other",
            )),
        }
    }
}

/// The id of an export that was asked for under `id`.
pub(super) fn id_of(id: Uuid) -> EvidenceId {
    let id = EvidenceId::new(&format!("e-{}", id.simple()));
    id.expect("32 digits and a letter are an id")
}

/// Seals the heads, selects what answers, and records the export under an id that follows from `id`.
///
/// # Errors
///
/// [`Trouble`].
pub async fn record(
    records: &mut dyn Records,
    store: &dyn EventStore,
    asked: &Evidence,
    id: Uuid,
    origin: &Origin,
) -> Result<Told, Trouble> {
    let evidence = id_of(id);
    let mut question = None;
    records.look(&mut |image| question = Some(asked.question(image, origin.today())));
    let question = question.expect("whoever records has an image to look at")?;
    let export = Export {
        evidence: evidence.clone(),
        inspection: asked.inspection.clone(),
    };
    let announced = announce(records, store, &question, export, origin).await?;
    Ok(Told {
        id: evidence,
        announced,
    })
}

/// What was exported as `id`.
///
/// # Errors
///
/// [`Trouble::NotFound`] where there is no such export.
pub async fn find(store: &dyn EventStore, id: &EvidenceId) -> Result<Exported, Trouble> {
    Ok(exported(store, id).await?)
}

/// Selects again what was exported as `id`. `then` is the image of the records up to the size of its heads.
///
/// # Errors
///
/// [`Trouble`].
pub async fn again(
    store: &dyn EventStore,
    then: &Image,
    (id, exported): (&EvidenceId, Exported),
) -> Result<Told, Trouble> {
    let announced = announce_again(store, then, exported).await?;
    let id = id.clone();
    Ok(Told { id, announced })
}

/// Waits for a checkpoint that covers the export, with so many cosignatures.
///
/// # Errors
///
/// [`Trouble::Unavailable`] where there is none in time.
pub async fn wait_for(
    sources: &Sources,
    cosignatures: usize,
    told: &Told,
    patience: Duration,
) -> Result<Top, Trouble> {
    let deadline = Timestamp::now() + patience;
    let mut search = Search::new(told.announced.export);
    loop {
        let late = Timestamp::now() >= deadline;
        let covered = match search.look(&*sources.checkpoints).await? {
            Some(top) if top.cosignatures() >= cosignatures => return Ok(top.clone()),
            Some(top) => format!("{} of {cosignatures} cosigned", top.cosignatures()),
            None => "no checkpoint covers it: a process with the role sealer has to run".to_owned(),
        };
        if late {
            let (id, at) = (&told.id, told.announced.export);
            return Err(Trouble::Unavailable(format!(
                "the export is recorded at position {at}, and {covered}; socai evidence --export {id} makes its bundle \
                 later"
            )));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Makes the bundle at `top`, which goes into the file `out`, and judges it before anybody else does.
///
/// # Errors
///
/// [`Trouble::Stopped`] where it would not hold together.
pub async fn bundle(
    sources: &Sources,
    told: Told,
    top: &Top,
    out: &str,
) -> Result<Bundle, Trouble> {
    let facts = gather(sources, told.announced, top).await?;
    let zip = compose(&facts);
    let verdict = verify(&zip, None, TOLERANCE_HOURS);
    match verdict.outcome() {
        Outcome::Valid | Outcome::Incomplete => {}
        Outcome::Invalid => {
            let first = verdict.findings.first().map(ToString::to_string);
            return Err(Trouble::Stopped(format!(
                "nothing was written: the bundle would be invalid, so the ledger does not hold together; socai verify \
                 says more: {}",
                first.unwrap_or_default()
            )));
        }
    }
    let names = (told.id.to_string(), out.to_owned());
    let written = Written::of(names, (&facts, top), &zip);
    Ok(Bundle { zip, written })
}

/// The same as a job, whose files are the bundle and what there is to say of it.
///
/// # Errors
///
/// [`Trouble`].
pub async fn job(
    desk: Desk,
    (records, past, sources): (&mut dyn Records, &Past, &Sources),
    asked: Evidence,
    id: Uuid,
    origin: &Origin,
) -> Result<(), Trouble> {
    desk.step("recording the export");
    let store = &*sources.store;
    let told = match &asked.export {
        None => record(records, store, &asked, id, origin).await?,
        Some(export) => {
            let exported = find(store, export).await?;
            let then = past
                .at(KnownAt::Position(exported.size.0), &origin.actor)
                .await?;
            again(store, &then, (export, exported)).await?
        }
    };
    desk.step("waiting for a checkpoint");
    let patience = Duration::from_secs(asked.wait.min(WAIT_SECONDS_MAX).into());
    let top = wait_for(sources, asked.cosignatures, &told, patience).await?;
    desk.step("gathering");
    let sources = sources.clone();
    let made = aside(async move { bundle(&sources, told, &top, FILE).await }).await?;
    let about = serde_json::to_vec(&made.written).expect("words and figures are written as JSON");
    desk.put(FILE, made.zip).await?;
    desk.put("evidence.json", about).await
}

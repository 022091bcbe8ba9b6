//! Whether a whole ledger is what was recorded and sealed: every record is read again where it is kept.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_app::audit::{self, AtRest, Counting, Verified};
use socai_domain::id::AccountId;
use socai_domain::permission::Reading;
use socai_tlog::Policy;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::Works;
use crate::jobs::{Asked, Desk, Standing, Wish};
use crate::recording::outliving;
use crate::trouble::Trouble;

/// Ledgers that are read at once: each is a second image in memory, and all that the disk can do.
static TURNS: Semaphore = Semaphore::const_new(1);

/// How a whole ledger is verified.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// Whose signatures to believe: a policy as C2SP tlog-policy describes it
    #[serde(default)]
    pub policy: Option<String>,
}

/// What was found. The shape of `--format json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    /// Nothing is wrong.
    pub valid: bool,
    /// The last position that is whole.
    pub position: u64,
    /// The last position up to which the history holds together.
    pub folded: u64,
    /// The position of the snapshot that equals a fresh fold, if there is one.
    pub snapshot: Option<u64>,
    /// How many records are sealed by a checkpoint that they agree with; `null` where nothing is.
    pub sealed: Option<u64>,
    /// The root of their tree, in base64.
    pub root: Option<String>,
    /// How many records the largest checkpoint covers that all those signed whom `--policy` asks for.
    pub believed: Option<u64>,
    /// How many checkpoints there are, every one of which was looked at.
    pub checkpoints: u64,
    /// How many tiles were compared.
    pub tiles: u64,
    /// How many records the heads of all streams cover that the ledger sealed last, if it did and they are right.
    pub heads: Option<u64>,
    /// What is wrong, and where: the first of `problems`.
    pub problem: Option<String>,
    /// Everything that is wrong, the first of each sort.
    pub problems: Vec<String>,
    /// What is worth knowing, the first of each sort.
    pub remarks: Vec<String>,
}

impl From<Verified> for Found {
    fn from(Verified { report, problems }: Verified) -> Self {
        Self {
            valid: problems.is_empty(),
            position: report.records,
            folded: report.folded,
            snapshot: report.snapshot,
            sealed: report.sealed.map(|sealed| sealed.size),
            root: report.sealed.map(|sealed| sealed.root.to_string()),
            believed: report.believed.map(|sealed| sealed.size),
            checkpoints: report.checkpoints,
            tiles: report.tiles,
            heads: report.heads,
            problem: problems.first().cloned(),
            problems,
            remarks: report.remarks.iter().map(ToString::to_string).collect(),
        }
    }
}

impl Verification {
    fn believed(&self) -> Result<Option<Policy>, Trouble> {
        let policy = self.policy.as_deref().map(Policy::parse).transpose();
        policy.map_err(|error| Trouble::parameter("policy", error.to_string()))
    }
}

impl Works {
    /// Begins to read the whole ledger again where it is kept, as a job.
    ///
    /// # Errors
    ///
    /// [`Trouble`].
    pub fn begin_verification(
        &self,
        id: Uuid,
        asked: &Verification,
        who: &AccountId,
    ) -> Result<Standing, Trouble> {
        self.everything(Reading::Upkeep, who)?;
        let policy = asked.believed()?;
        let wish = Wish {
            id,
            owner: who.clone(),
            asked: Asked::of("verification", asked),
            needs: &[Reading::Upkeep],
        };
        let (works, who) = (self.clone(), who.clone());
        let run = |desk| async move {
            works.everything(Reading::Upkeep, &who)?;
            job(desk, works.at_rest, policy).await
        };
        self.jobs.begin(wish, run)
    }
}

/// A reading that was begun goes on to the end, so that its turn ends with it and not with the job.
async fn job(desk: Desk, ledger: Arc<dyn AtRest>, policy: Option<Policy>) -> Result<(), Trouble> {
    desk.step("waiting for another verification");
    let turn = TURNS.acquire().await.expect("turns are given for ever");
    desk.step("reading every record");
    let told = desk.clone();
    let progress: Counting = Arc::new(move |done, of| told.has_done(done, Some(of)));
    let verified = outliving(async move {
        let _turn = turn;
        audit::verify(&*ledger, policy, progress).await
    });
    let found = Found::from(verified.await?);
    let json = serde_json::to_vec(&found).expect("words and numbers are written as JSON");
    desk.put("verification.json", json).await
}

//! Whether a receipt proves that the ledger had exactly this record.
//!
//! What the ledger said of its keys later is not in a receipt: one that was signed by a key that was stolen since is for
//! the policy to disbelieve.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use socai_tlog::policy::Quorum;
use socai_tlog::{Checkpoint, Hash, Policy, ProofFile};

use super::{INCOMPLETE, INVALID, VALID};

/// What was found. The shape of `--format json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Receipt {
    /// `valid` (exit status 0), `invalid` (1), or `incomplete` (2): the record is proven, and nothing says whether
    /// those who signed are enough.
    pub outcome: &'static str,
    /// The position that the receipt is for.
    pub position: Option<u64>,
    /// The log.
    pub origin: Option<String>,
    /// How many records the checkpoint covers.
    pub size: Option<u64>,
    /// Their root, in base64.
    pub root: Option<String>,
    /// The witnesses of the policy that cosigned it.
    pub cosigned_by: Vec<Cosigned>,
    /// Why it is not valid.
    pub problem: Option<String>,
}

/// A witness that cosigned it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "ReceiptCosigned")]
pub struct Cosigned {
    /// Its name.
    pub witness: String,
    /// When, by its clock.
    pub at: Option<Timestamp>,
}

/// Judges the receipt of `record`, whose signatures `policy` says whether to believe.
pub fn judge_receipt(receipt: &[u8], record: &[u8], policy: Option<&Policy>) -> Receipt {
    let proof = match ProofFile::parse(receipt) {
        Ok(proof) => proof,
        Err(error) => return Receipt::invalid(error.to_string()),
    };
    let position = proof.index.checked_add(1);
    let checkpoint = match proof.verify(&Hash::of_leaf(record)) {
        Ok(checkpoint) => checkpoint,
        Err(error) => {
            let problem = format!("it does not prove this record: {error}");
            return Receipt {
                position,
                ..Receipt::invalid(problem)
            };
        }
    };
    Receipt {
        position,
        ..believed(&proof, checkpoint, policy)
    }
}

/// Whether those have signed whom the policy asks for.
fn believed(proof: &ProofFile, checkpoint: Checkpoint, policy: Option<&Policy>) -> Receipt {
    let judged = policy.map(|policy| policy.judge(&proof.checkpoint));
    let (outcome, problem, cosigned) = match judged {
        None => {
            let why = "no policy says whose signatures to believe";
            (INCOMPLETE, Some(why.to_owned()), Vec::new())
        }
        Some(Err(error)) => (INVALID, Some(error.to_string()), Vec::new()),
        Some(Ok(judged)) => match judged.quorum {
            Quorum::Reached { .. } | Quorum::NotAsked => (VALID, None, judged.cosigned),
            Quorum::NotReached => {
                let why = "fewer witnesses cosigned than the policy asks for";
                (INCOMPLETE, Some(why.to_owned()), judged.cosigned)
            }
        },
    };
    Receipt {
        outcome,
        position: None,
        origin: Some(checkpoint.origin),
        size: Some(checkpoint.size),
        root: Some(checkpoint.root.to_string()),
        cosigned_by: cosigned.into_iter().map(cosigned_at).collect(),
        problem,
    }
}

fn cosigned_at((witness, seconds): (String, u64)) -> Cosigned {
    let seconds = i64::try_from(seconds).ok();
    let at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    Cosigned { witness, at }
}

impl Receipt {
    const fn invalid(problem: String) -> Self {
        Self {
            outcome: INVALID,
            position: None,
            origin: None,
            size: None,
            root: None,
            cosigned_by: Vec::new(),
            problem: Some(problem),
        }
    }
}

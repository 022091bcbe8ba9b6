//! What is asked of a job: by whom, under which id, and what it takes to have what it makes.

use serde::Serialize;
use socai_domain::id::AccountId;
use socai_domain::permission::Reading;
use uuid::Uuid;

use crate::hex::sha256;

/// A job that somebody asks for.
pub struct Wish {
    /// The job's id.
    pub id: Uuid,
    /// Who asks.
    pub owner: AccountId,
    /// What, in every particular.
    pub asked: Asked,
    /// Whoever may read everything of one of these may have what the job makes.
    pub needs: &'static [Reading],
}

/// What a job does, in every particular.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub(super) work: &'static str,
    /// The SHA-256 of its parameters.
    parameters: String,
}

impl Asked {
    /// This `work` with these `parameters`.
    pub fn of(work: &'static str, parameters: &impl Serialize) -> Self {
        let parameters = serde_json::to_vec(parameters).expect("parameters are written as JSON");
        Self {
            work,
            parameters: sha256(&parameters),
        }
    }
}

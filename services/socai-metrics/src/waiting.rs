//! What waits for its turn in a process that answers: jobs, and passwords to be hashed.

use std::fmt::{self, Error};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;

use crate::write::Family;

/// How many jobs are in a state, such as `waiting`.
pub type InState = (&'static str, u64);

/// Collects from what answers.
pub struct Waiting {
    /// Jobs in every state that there is.
    pub jobs: Box<dyn Fn() -> Vec<InState> + Send + Sync>,
    /// Passwords that wait to be hashed.
    pub passwords: Box<dyn Fn() -> u64 + Send + Sync>,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}

impl Collector for Waiting {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), Error> {
        let jobs = (self.jobs)().into_iter();
        let jobs = jobs.map(|(state, count)| ([("state", state)], count));
        let help = "Jobs of this process by state, ended ones for as long as their files are kept.";
        Family::of("socai_jobs", help).gauges(&mut encoder, jobs)?;
        let help = "Passwords that wait to be hashed.";
        let passwords = Some((self.passwords)());
        Family::of("socai_password_hashes_waiting", help).gauge(&mut encoder, passwords)
    }
}

//! Commands of an account: one, or many as lines.
//!
//! What an account may ask is looked up where the command is decided. What is being recorded outlives whoever waits
//! for it. Who records and when has no field; a line that says who acts is refused. What a client calls a command is a
//! name among its account's own: the id in the record is made of both.

use std::sync::Arc;

use bytes::Bytes;
use jiff::civil::Date;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use socai_app::leaves::leaves_of;
use socai_app::ledger::Outcome;
use socai_app::live::{ExecuteError, Live, TogetherError};
use socai_app::request::{self, BadLine, Request};
use socai_domain::id::AccountId;
use socai_domain::origin::Origin;
use socai_domain::permission;
use socai_identity::Principal;
use socai_store::{AppendError, chain};
use tracing::Instrument;
use uuid::Uuid;

use crate::report::Report;
use crate::service::Service;
use crate::trouble::Trouble;
use crate::works::now;

/// A command as it comes over a wire.
#[derive(Debug)]
pub struct CommandLine {
    /// Its name, such as `report.submit`.
    pub name: String,
    /// The day on which it happened in the world, or will take effect.
    pub effective: Date,
    /// What the command takes.
    pub data: Box<RawValue>,
    /// Made for demonstration.
    pub synthetic: bool,
    /// What whoever asks calls it, where they do: asked again, it is recorded once. It becomes its [`command_id`].
    pub called: Option<String>,
}

/// Bytes of commands that are read in between other things. What is longer has a thread of its own.
const SHORT_BYTES_MAX: usize = 64 * 1024;

/// How many lines are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Each by itself, in their order; whatever is wrong with one, the others are recorded.
    EachAlone,
    /// All in one append, or none.
    AllOrNothing,
    /// Decided, and not recorded.
    Rehearsed,
}

impl Service {
    /// Records one command.
    ///
    /// # Errors
    ///
    /// [`Trouble`]; only where it says that it cannot be known may anything have been recorded.
    pub async fn record(&self, line: CommandLine, who: &Principal) -> Result<Report, Trouble> {
        self.may_record(who)?;
        let (bytes, account) = (line.data.get().len(), who.account.clone());
        let request = self.read(bytes, who, move || line.request(&account));
        let request = request.await??;
        match execute(self.live(), request, now(&who.account)).await? {
            Outcome::Refused(refused) => Err(Trouble::Refused(refused)),
            outcome => Ok(self.reports(vec![outcome]).await.remove(0)),
        }
    }

    /// Checks that there is anything that the account may record. Nobody else's commands are waited for, or read.
    ///
    /// # Errors
    ///
    /// [`Trouble::Refused`].
    pub fn may_record(&self, who: &Principal) -> Result<(), Trouble> {
        let (image, today) = (self.live().image(), now(&who.account).today());
        let registry = image.registry();
        Ok(permission::any_command(&who.account, registry, today)?)
    }

    /// Reads what is sent.
    async fn read<T: Send + 'static>(
        &self,
        bytes: usize,
        who: &Principal,
        read: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Trouble> {
        if bytes <= SHORT_BYTES_MAX {
            return Ok(read());
        }
        Ok(self.turn(who).await?.does(read).await)
    }

    /// Records every line of `lines`, and says of each what became of it, in their order.
    ///
    /// # Errors
    ///
    /// [`Trouble`] where nothing was recorded; after the first line that failed none is tried.
    pub async fn record_all(
        &self,
        lines: Bytes,
        how: How,
        who: &Principal,
    ) -> Result<Vec<Report>, Trouble> {
        self.may_record(who)?;
        let (bytes, account) = (lines.len(), who.account.clone());
        let understood = self.read(bytes, who, move || understood(&lines, &account));
        let (requests, bad) = understood.await?;
        let origin = now(&who.account);
        match how {
            How::EachAlone => Ok(self.each_alone(requests, bad, &origin).await),
            How::Rehearsed => {
                let live = self.live().clone();
                let rehearsed = move || rehearsed(&live, requests, &origin);
                let rehearsed = self.read(bytes, who, rehearsed).await?;
                Ok(merged(rehearsed, bad))
            }
            How::AllOrNothing if bad.is_empty() => self.all_or_nothing(requests, &origin).await,
            How::AllOrNothing => Ok(bad),
        }
    }

    async fn each_alone(
        &self,
        requests: Vec<Numbered>,
        bad: Vec<Report>,
        origin: &Origin,
    ) -> Vec<Report> {
        let (mut reports, mut failed) = (Vec::new(), None);
        for (line, request) in requests {
            let report = match &failed {
                None => self.one_of_many(request, origin, &mut failed).await,
                Some(reason) => Report::of(Outcome::Failed, Some(reason)),
            };
            reports.push(Report { line, ..report });
        }
        merged(reports, bad)
    }

    async fn one_of_many(
        &self,
        request: Request,
        origin: &Origin,
        failed: &mut Option<String>,
    ) -> Report {
        match execute(self.live(), request, origin.clone()).await {
            Ok(outcome) => self.reports(vec![outcome]).await.remove(0),
            Err(trouble) => {
                let outcome = if matches!(trouble, Trouble::Unknown(_)) {
                    Outcome::Unknown
                } else {
                    Outcome::Failed
                };
                let reason = trouble.to_string();
                *failed = Some(format!(
                    "not tried, since a line before it failed: {reason}"
                ));
                Report::of(outcome, Some(&reason))
            }
        }
    }

    async fn all_or_nothing(
        &self,
        requests: Vec<Numbered>,
        origin: &Origin,
    ) -> Result<Vec<Report>, Trouble> {
        let (lines, asked) = asked(requests, origin);
        let live = self.live().clone();
        let recorded = outliving(async move { live.execute_together(&asked).await }).await;
        match recorded {
            Ok(outcomes) => {
                let reports = self.reports(outcomes).await.into_iter();
                Ok(lines
                    .into_iter()
                    .zip(reports)
                    .map(|(line, report)| Report { line, ..report })
                    .collect())
            }
            Err(TogetherError::Refused { index, refused }) => {
                let report = Report::of(Outcome::Refused(refused), None);
                Ok(vec![Report {
                    line: lines[index],
                    ..report
                }])
            }
            Err(TogetherError::TooMany) => Err(Trouble::Command {
                code: "line.too_many",
                sentence: TogetherError::TooMany.to_string(),
            }),
            Err(TogetherError::Execute(error)) => Err(not_executed(error)),
        }
    }

    /// What became of commands, with their leaf hashes. Where they cannot be read back a receipt may be asked later.
    async fn reports(&self, outcomes: Vec<Outcome>) -> Vec<Report> {
        let leaves = leaves_of(&**self.store(), &outcomes)
            .await
            .unwrap_or_default();
        let reports = outcomes
            .into_iter()
            .map(|outcome| Report::of(outcome, None));
        reports.map(|report| report.with_leaves(&leaves)).collect()
    }
}

fn rehearsed(live: &Live, requests: Vec<Numbered>, origin: &Origin) -> Vec<Report> {
    let (lines, asked) = asked(requests, origin);
    let decided = live.rehearse(&asked).decided;
    let reports = decided.into_iter().map(Report::rehearsed);
    lines
        .into_iter()
        .zip(reports)
        .map(|(line, report)| Report { line, ..report })
        .collect()
}

impl CommandLine {
    fn request(&self, account: &AccountId) -> Result<Request, Trouble> {
        let command = request::of(&self.name, self.data.get());
        Ok(Request {
            command: command.map_err(|bad| Trouble::Command {
                code: bad.code(),
                sentence: bad.to_string(),
            })?,
            effective: self.effective,
            synthetic: self.synthetic,
            id: self.called.as_deref().map(|name| command_id(account, name)),
            actor: None,
        })
    }
}

/// A request and the number of its line.
type Numbered = (u64, Request);

/// The requests, and the reports of lines that are none. Empty lines are passed over.
fn understood(lines: &[u8], account: &AccountId) -> (Vec<Numbered>, Vec<Report>) {
    let (mut requests, mut bad) = (Vec::new(), Vec::new());
    for (line, bytes) in (1..).zip(lines.split(|byte| *byte == b'\n')) {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match request_of(bytes, account) {
            Ok(request) => requests.push((line, request)),
            Err(error) => bad.push(Report {
                line,
                ..Report::invalid(error.code(), error.to_string())
            }),
        }
    }
    (requests, bad)
}

fn request_of(line: &[u8], account: &AccountId) -> Result<Request, BadLine> {
    let mut request = request::parse(line)?;
    request.id = request.id.map(|id| command_id(account, &id.to_string()));
    match request.actor {
        None => Ok(request),
        Some(actor) => Err(BadLine::ActorNotTrusted { actor }),
    }
}

/// The id of the command that an account calls so: a key, or an id of its own. No account can call one as another does.
pub fn command_id(account: &AccountId, called: &str) -> Uuid {
    let hash = Sha256::new()
        .chain_update(account.as_str())
        .chain_update("\n")
        .chain_update(called)
        .finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn asked(requests: Vec<Numbered>, origin: &Origin) -> (Vec<u64>, Vec<(Request, Origin)>) {
    let each = requests.into_iter();
    each.map(|(line, request)| (line, (request, origin.clone())))
        .unzip()
}

fn merged(mut reports: Vec<Report>, bad: Vec<Report>) -> Vec<Report> {
    reports.extend(bad);
    reports.sort_by_key(|report| report.line);
    reports
}

async fn execute(live: &Arc<Live>, request: Request, origin: Origin) -> Result<Outcome, Trouble> {
    let live = live.clone();
    let executed = outliving(async move { live.execute_permitted(&request, &origin).await });
    executed.await.map_err(not_executed)
}

/// What comes of `work`, which goes on where whoever waits for it goes away.
pub async fn outliving<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let done = tokio::spawn(work.in_current_span()).await;
    done.unwrap_or_else(|fault| std::panic::resume_unwind(fault.into_panic()))
}

fn not_executed(error: ExecuteError) -> Trouble {
    let sentence = chain(&error);
    match error {
        ExecuteError::Stopped { .. } => Trouble::Stopped(sentence),
        ExecuteError::Append(AppendError::Unknown(_)) => Trouble::Unknown(sentence),
        ExecuteError::Contended | ExecuteError::Append(_) | ExecuteError::Read(_) => {
            Trouble::Unavailable(sentence)
        }
    }
}

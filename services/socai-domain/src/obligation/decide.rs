//! Which act of an obligation a command asks for.

use super::case::{Case, Decided};
use super::{Command, Event, Kind, Refusal};
use crate::id::ObligationId;
use crate::origin::Asking;
use crate::refusal::Refused;

/// Decides what follows when `asking` asks `command`: events for each obligation concerned.
///
/// Asking again for what is already so yields no events, so a client may retry a request whose answer
/// it never saw.
///
/// # Errors
///
/// The [`Refusal`] that applies; where several do, the one declared first.
pub fn decide(
    command: &Command,
    asking: &Asking<'_>,
) -> Result<Vec<(ObligationId, Vec<Event>)>, Refused> {
    if let Command::Submit {
        obligations,
        submission,
    } = command
    {
        if obligations.is_empty() {
            return Err(Refusal::NoneNamed.into());
        }
        let each = obligations
            .iter()
            .collect::<std::collections::BTreeSet<_>>();
        let submit = |id: &ObligationId| {
            let case = Case::find(id, asking)?;
            Ok((id.clone(), case.submit(submission)?))
        };
        return each.into_iter().map(submit).collect();
    }
    let id = &command.obligations()[0];
    Ok(vec![(id.clone(), Case::find(id, asking)?.decide(command)?)])
}

impl Case<'_> {
    fn decide(&self, command: &Command) -> Decided {
        match command {
            Command::Submit { submission, .. } => self.submit(submission),
            Command::Receive { by, .. } => self
                .kind(Kind::Report)?
                .units([by])?
                .on_submitted(Event::Received { by: by.clone() }),
            Command::Forward { by, to, .. } => {
                let event = Event::Forwarded {
                    by: by.clone(),
                    to: to.clone(),
                };
                self.kind(Kind::Report)?
                    .units([by, to])?
                    .on_submitted(event)
            }
            Command::Return {
                by,
                reason,
                resubmit_by,
                ..
            } => {
                let (by, reason, resubmit_by) = (by.clone(), reason.clone(), *resubmit_by);
                self.kind(Kind::Report)?.send_back(Event::Returned {
                    by,
                    reason,
                    resubmit_by,
                })
            }
            Command::Accept { by, .. } => self.kind(Kind::Report)?.accept(by),
            Command::Acknowledge { .. } => self.kind(Kind::Task)?.note(Event::Acknowledged {}),
            Command::Progress { percent, note, .. } => {
                self.kind(Kind::Task)?;
                if percent.is_some_and(|percent| percent > 100) {
                    return Err(Refusal::BadPercent.into());
                }
                self.note(Event::Progressed {
                    percent: *percent,
                    note: note.clone(),
                })
            }
            Command::Claim { evidence, note, .. } => {
                let by = self.obligation.owner().clone();
                let event = Event::Claimed {
                    by,
                    evidence: evidence.clone(),
                    note: note.clone(),
                };
                self.kind(Kind::Task)?.hand_in(event)
            }
            Command::Confirm { by, .. } => self.kind(Kind::Task)?.confirm(by),
            Command::Refuse {
                by,
                reason,
                redo_by,
                ..
            } => {
                let (by, reason, redo_by) = (by.clone(), reason.clone(), *redo_by);
                self.kind(Kind::Task)?.send_back(Event::Refused {
                    by,
                    reason,
                    redo_by,
                })
            }
            Command::Extend {
                due,
                by,
                requested,
                reason,
                basis,
                ..
            } => {
                let requested = requested.unwrap_or(self.asking.on);
                let (by, reason, basis) = (by.clone(), reason.clone(), basis.clone());
                self.extend(Event::Extended {
                    due: *due,
                    by,
                    requested,
                    reason,
                    basis,
                })
            }
            Command::Excuse {
                by,
                reason,
                legal_basis,
                ..
            } => {
                let (by, reason, legal_basis) = (by.clone(), reason.clone(), legal_basis.clone());
                self.release(
                    &by.clone(),
                    Event::Excused {
                        by,
                        reason,
                        legal_basis,
                    },
                )
            }
            Command::Cancel { by, reason, .. } => {
                let (by, reason) = (by.clone(), reason.clone());
                self.release(&by.clone(), Event::Cancelled { by, reason })
            }
            Command::Transfer { to, basis, .. } => self.transfer(to, basis),
            Command::Remind { by, note, .. } => {
                let event = Event::Reminded {
                    by: by.clone(),
                    note: note.clone(),
                };
                self.units([by])?.note(event)
            }
            Command::FlagLate { on, .. } => self.flag_late(*on),
            Command::Escalate { by, to, .. } => {
                let event = Event::Escalated {
                    by: by.clone(),
                    to: to.clone(),
                };
                self.units([by, to])?.note(event)
            }
            Command::RequestExplanation { by, answer_by, .. } => {
                let event = Event::ExplanationRequested {
                    by: by.clone(),
                    answer_by: *answer_by,
                };
                self.units([by])?.note(event)
            }
            Command::Explain {
                cause, attachments, ..
            } => {
                let event = Event::Explained {
                    cause: cause.clone(),
                    attachments: attachments.clone(),
                };
                self.note(event)
            }
            Command::Reverse {
                revision, reason, ..
            } => self.reverse(*revision, reason),
        }
    }
}

//! From an act to the command that asks for it, and to the event that follows.
//!
//! The two are written from the same values and side by side; the suite holds them to what the
//! deciders make of the command.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use socai_domain::id::{AccountId, ObligationId, Sha256Hex, UnitId};
use socai_domain::line::Line;
use socai_domain::obligation::{Attachment, Command, Event, Submission};

use crate::chance::Chance;
use crate::city::{City, Seat, seat};
use crate::days::{Day, Days};
use crate::life::Move;
use crate::words::{Words, line};

/// Who has to do with the obligations that one document asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    /// Passes reports on, sends them back, reminds.
    pub(crate) via: Seat,
    /// Gets them and judges.
    pub(crate) to: Seat,
    /// Extends, excuses and calls off.
    pub(crate) assigner: Seat,
}

/// An obligation that something will still happen to.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) id: ObligationId,
    pub(crate) owner: Seat,
    pub(crate) source: Source,
    /// The obligation that its first report fulfils as well.
    pub(crate) linked: Option<u32>,
    /// Acts to come.
    pub(crate) left: u16,
}

/// One act of one obligation, ready to be told.
pub(crate) struct Scene<'a> {
    pub(crate) days: &'a Days,
    pub(crate) city: &'a City,
    pub(crate) words: &'a Words,
    pub(crate) slot: &'a Slot,
    pub(crate) on: Day,
    pub(crate) what: Move,
}

impl Scene<'_> {
    /// Who records it.
    pub(crate) fn actor(&self) -> AccountId {
        let source = self.slot.source;
        let seat = match self.what {
            Move::Submit { .. }
            | Move::Acknowledge
            | Move::Progress { .. }
            | Move::Claim { .. }
            | Move::Explain { .. } => self.slot.owner,
            Move::Receive | Move::Forward | Move::Return { .. } | Move::Remind => source.via,
            Move::Accept | Move::Confirm | Move::Refuse { .. } => source.to,
            Move::Extend { .. } | Move::Excuse { .. } | Move::Cancel { .. } => source.assigner,
            Move::RequestExplanation { .. } | Move::Escalate => source.via,
            Move::FlagLate { .. } | Move::Transfer { .. } | Move::Reverse { .. } => seat::OFFICE,
        };
        self.city.unit(seat).account.clone()
    }

    fn unit(&self, seat: Seat) -> UnitId {
        self.city.unit(seat).id.clone()
    }

    fn via(&self) -> UnitId {
        self.unit(self.slot.source.via)
    }

    fn to(&self) -> UnitId {
        self.unit(self.slot.source.to)
    }

    fn assigner(&self) -> UnitId {
        self.unit(self.slot.source.assigner)
    }

    fn date(&self, day: Day) -> Date {
        self.days.date(day)
    }

    /// The day from which the event holds, where the command asks on `on`.
    pub(crate) fn effective(&self) -> Day {
        match self.what {
            Move::FlagLate { due } => due + 1,
            Move::Reverse { undone, .. } => undone,
            _ => self.on,
        }
    }

    pub(crate) fn command(&self, linked: Option<&ObligationId>) -> Command {
        let obligation = self.slot.id.clone();
        match self.what {
            Move::Submit { token } => Command::Submit {
                obligations: [Some(obligation), linked.cloned()]
                    .into_iter()
                    .flatten()
                    .collect(),
                submission: self.submission(token),
            },
            Move::Receive => Command::Receive {
                obligation,
                by: self.via(),
            },
            Move::Forward => Command::Forward {
                obligation,
                by: self.via(),
                to: self.to(),
            },
            Move::Return { again_by, word } => Command::Return {
                obligation,
                by: self.via(),
                reason: pick(&self.words.returned, word),
                resubmit_by: again_by.map(|day| self.date(day)),
            },
            Move::Accept => Command::Accept {
                obligation,
                by: self.to(),
            },
            Move::Acknowledge => Command::Acknowledge { obligation },
            Move::Progress { percent, word } => Command::Progress {
                obligation,
                percent: Some(percent),
                note: self.note(word),
            },
            Move::Claim { token } => Command::Claim {
                obligation,
                evidence: self.evidence(token),
                note: None,
            },
            Move::Confirm => Command::Confirm {
                obligation,
                by: self.to(),
            },
            Move::Refuse { again_by, word } => Command::Refuse {
                obligation,
                by: self.to(),
                reason: pick(&self.words.refused, word),
                redo_by: again_by.map(|day| self.date(day)),
            },
            _ => self.command_beside(obligation),
        }
    }

    /// What is asked by others than who owes it and who judges it.
    fn command_beside(&self, obligation: ObligationId) -> Command {
        match self.what {
            Move::Extend { due, asked, word } => Command::Extend {
                obligation,
                due: self.date(due),
                by: self.assigner(),
                requested: Some(self.date(asked)),
                reason: pick(&self.words.extended, word),
                basis: None,
            },
            Move::Excuse { word } => Command::Excuse {
                obligation,
                by: self.assigner(),
                reason: pick(&self.words.excused, word),
                legal_basis: self.words.legal_basis.clone(),
            },
            Move::Cancel { word } => Command::Cancel {
                obligation,
                by: self.assigner(),
                reason: pick(&self.words.cancelled, word),
            },
            Move::Transfer { to } => Command::Transfer {
                obligation,
                to: self.unit(to),
                basis: None,
            },
            Move::Remind => Command::Remind {
                obligation,
                by: self.via(),
                note: None,
            },
            Move::FlagLate { .. } => Command::FlagLate {
                obligation,
                on: self.date(self.on),
            },
            Move::Escalate => Command::Escalate {
                obligation,
                by: self.via(),
                to: self.unit(seat::COMMITTEE),
            },
            Move::RequestExplanation { answer_by } => Command::RequestExplanation {
                obligation,
                by: self.via(),
                answer_by: Some(self.date(answer_by)),
            },
            Move::Explain { word } => Command::Explain {
                obligation,
                cause: pick(&self.words.causes, word),
                attachments: Vec::new(),
            },
            Move::Reverse { revision, .. } => Command::Reverse {
                obligation,
                revision: u64::from(revision),
                reason: self.words.reversed.clone(),
            },
            _ => unreachable!("asked by the unit, its channel or its judge"),
        }
    }

    pub(crate) fn event(&self) -> Event {
        match self.what {
            Move::Submit { token } => Event::Submitted {
                by: self.unit(self.slot.owner),
                submission: self.submission(token),
            },
            Move::Receive => Event::Received { by: self.via() },
            Move::Forward => Event::Forwarded {
                by: self.via(),
                to: self.to(),
            },
            Move::Return { again_by, word } => Event::Returned {
                by: self.via(),
                reason: pick(&self.words.returned, word),
                resubmit_by: again_by.map(|day| self.date(day)),
            },
            Move::Accept => Event::Accepted { by: self.to() },
            Move::Acknowledge => Event::Acknowledged {},
            Move::Progress { percent, word } => Event::Progressed {
                percent: Some(percent),
                note: self.note(word),
            },
            Move::Claim { token } => Event::Claimed {
                by: self.unit(self.slot.owner),
                evidence: self.evidence(token),
                note: None,
            },
            Move::Confirm => Event::Confirmed { by: self.to() },
            Move::Refuse { again_by, word } => Event::Refused {
                by: self.to(),
                reason: pick(&self.words.refused, word),
                redo_by: again_by.map(|day| self.date(day)),
            },
            _ => self.event_beside(),
        }
    }

    fn event_beside(&self) -> Event {
        match self.what {
            Move::Extend { due, asked, word } => Event::Extended {
                due: self.date(due),
                by: self.assigner(),
                requested: self.date(asked),
                reason: pick(&self.words.extended, word),
                basis: None,
            },
            Move::Excuse { word } => Event::Excused {
                by: self.assigner(),
                reason: pick(&self.words.excused, word),
                legal_basis: self.words.legal_basis.clone(),
            },
            Move::Cancel { word } => Event::Cancelled {
                by: self.assigner(),
                reason: pick(&self.words.cancelled, word),
            },
            Move::Transfer { to } => Event::Transferred {
                from: self.unit(self.slot.owner),
                to: self.unit(to),
                basis: None,
            },
            Move::Remind => Event::Reminded {
                by: self.via(),
                note: None,
            },
            Move::FlagLate { due } => Event::FlaggedLate {
                due: self.date(due),
            },
            Move::Escalate => Event::Escalated {
                by: self.via(),
                to: self.unit(seat::COMMITTEE),
            },
            Move::RequestExplanation { answer_by } => Event::ExplanationRequested {
                by: self.via(),
                answer_by: Some(self.date(answer_by)),
            },
            Move::Explain { word } => Event::Explained {
                cause: pick(&self.words.causes, word),
                attachments: Vec::new(),
            },
            Move::Reverse { revision, .. } => Event::Reversed {
                revision: u64::from(revision),
                reason: self.words.reversed.clone(),
            },
            _ => unreachable!("done by the unit, its channel or its judge"),
        }
    }

    fn note(&self, word: u8) -> Option<Line> {
        (word.is_multiple_of(4)).then(|| pick(&self.words.notes, word / 4))
    }

    /// What is handed in follows from `token`, so that command and event tell the same.
    fn submission(&self, token: u32) -> Submission {
        let mut of = Chance::new(u64::from(token));
        let number = of.permille(700).then(|| {
            let unit = self.city.unit(self.slot.owner);
            line(&format!("{}/BC-{}", 1 + of.below(900), unit.symbol))
        });
        let mut figures = BTreeMap::new();
        if of.permille(150) {
            figures.insert("so-vu-viec".to_owned(), of.below(400).into());
        }
        let sections = of.permille(100).then(|| self.words.sections.clone());
        let written = i64::from(of.below(3));
        Submission {
            number,
            date: Some(self.date(self.on).saturating_sub(written.days())),
            channel: Some(of.one(&self.words.channels).clone()),
            attachments: self.attachments(&mut of, 80),
            figures,
            sections: sections.unwrap_or_default(),
        }
    }

    fn evidence(&self, token: u32) -> Vec<Attachment> {
        self.attachments(&mut Chance::new(u64::from(token)), 300)
    }

    fn attachments(&self, of: &mut Chance, permille: u32) -> Vec<Attachment> {
        if !of.permille(permille) {
            return Vec::new();
        }
        let hex: String = (0..4).map(|_| format!("{:016x}", of.draw())).collect();
        vec![Attachment {
            sha256: Sha256Hex::try_from(hex).expect("64 digits"),
            media: Some(self.words.media.clone()),
            bytes: Some(20_000 + u64::from(of.below(2_000_000))),
        }]
    }
}

fn pick(lines: &[Line], word: u8) -> Line {
    lines[usize::from(word) % lines.len()].clone()
}

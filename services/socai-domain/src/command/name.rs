//! What a command is called, without writing out the rest of it.

use super::Command;
use crate::{
    account, attachment, document, evidence, group, inspection, ledger, obligation, requirement,
    task, unit, year,
};

macro_rules! names {
    ($($kind:ident $aggregate:ident::$variant:ident $name:literal,)+) => {
        impl Command {
            /// The command's name, such as `report.submit`.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind($aggregate::Command::$variant { .. }) => $name,)+
                }
            }
        }
    };
}

names! {
    Account account::Close "account.close",
    Account account::Create "account.create",
    Account account::GrantRole "account.grant_role",
    Account account::IssueToken "account.issue_token",
    Account account::NoteExport "account.note_export",
    Account account::RevokeRole "account.revoke_role",
    Account account::RevokeToken "account.revoke_token",
    Attachment attachment::Erase "attachment.erase",
    Attachment attachment::Store "attachment.store",
    Calendar year::Publish "calendar.publish",
    Document document::Correct "document.correct",
    Document document::End "document.end",
    Document document::Issue "document.issue",
    Document document::Relate "document.relate",
    Evidence evidence::Export "evidence.export",
    Group group::Change "group.change",
    Group group::Define "group.define",
    Inspection inspection::Conclude "inspection.conclude",
    Inspection inspection::Open "inspection.open",
    Inspection inspection::RecordFinding "inspection.record_finding",
    Inspection inspection::SetFollowUp "inspection.set_follow_up",
    Ledger ledger::AddLogKey "ledger.add_log_key",
    Ledger ledger::AdoptDefinition "ledger.adopt_definition",
    Ledger ledger::RetireLogKey "ledger.retire_log_key",
    Ledger ledger::SealHeads "ledger.seal_heads",
    Ledger ledger::WaiveDurability "ledger.waive_durability",
    Obligation obligation::Cancel "obligation.cancel",
    Obligation obligation::Escalate "obligation.escalate",
    Obligation obligation::Excuse "obligation.excuse",
    Obligation obligation::Explain "obligation.explain",
    Obligation obligation::Extend "obligation.extend",
    Obligation obligation::FlagLate "obligation.flag_late",
    Obligation obligation::Remind "obligation.remind",
    Obligation obligation::RequestExplanation "obligation.request_explanation",
    Obligation obligation::Reverse "obligation.reverse",
    Obligation obligation::Transfer "obligation.transfer",
    Requirement requirement::Open "period.open",
    Obligation obligation::Accept "report.accept",
    Obligation obligation::Forward "report.forward",
    Obligation obligation::Receive "report.receive",
    Obligation obligation::Return "report.return",
    Obligation obligation::Submit "report.submit",
    Requirement requirement::End "requirement.end",
    Requirement requirement::Set "requirement.set",
    Obligation obligation::Acknowledge "task.acknowledge",
    Task task::Assign "task.assign",
    Obligation obligation::Claim "task.claim",
    Obligation obligation::Confirm "task.confirm",
    Obligation obligation::Progress "task.progress",
    Obligation obligation::Refuse "task.refuse",
    Task task::SetDue "task.set_due",
    Unit unit::CedePart "unit.cede_part",
    Unit unit::Dissolve "unit.dissolve",
    Unit unit::Divide "unit.divide",
    Unit unit::Form "unit.form",
    Unit unit::Merge "unit.merge",
    Unit unit::Rename "unit.rename",
    Unit unit::Reparent "unit.reparent",
}

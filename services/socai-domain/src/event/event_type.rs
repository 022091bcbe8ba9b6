//! The types of events as a list, for whoever counts them.

use super::Event;
use crate::{
    account, attachment, document, evidence, group, inspection, ledger, obligation, requirement,
    task, unit, year,
};

macro_rules! event_types {
    ($($type:ident $aggregate:ident::$variant:ident in $kind:ident $name:literal,)+) => {
        /// The type of an event, in the order of names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum EventType {
            $(#[doc = concat!("`", $name, "`")] $type,)+
        }

        impl EventType {
            /// Every type.
            pub const ALL: &[Self] = &[$(Self::$type,)+];

            /// Its stored name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$type => $name,)+
                }
            }
        }

        impl Event {
            /// Its type.
            pub const fn event_type(&self) -> EventType {
                match self {
                    $(Self::$kind($aggregate::Event::$variant { .. }) => EventType::$type,)+
                }
            }
        }
    };
}

event_types! {
    AccountClosed account::Closed in Account "account.closed.v1",
    AccountCreated account::Created in Account "account.created.v1",
    AccountExported account::Exported in Account "account.exported.v1",
    AccountRoleGranted account::RoleGranted in Account "account.role_granted.v1",
    AccountRoleRevoked account::RoleRevoked in Account "account.role_revoked.v1",
    AccountTokenIssued account::TokenIssued in Account "account.token_issued.v1",
    AccountTokenRevoked account::TokenRevoked in Account "account.token_revoked.v1",
    AttachmentErased attachment::Erased in Attachment "attachment.erased.v1",
    AttachmentStored attachment::Stored in Attachment "attachment.stored.v1",
    CalendarPublished year::Published in Calendar "calendar.published.v1",
    DocumentCorrected document::Corrected in Document "document.corrected.v1",
    DocumentEnded document::Ended in Document "document.ended.v1",
    DocumentIssued document::Issued in Document "document.issued.v1",
    DocumentRelated document::Related in Document "document.related.v1",
    EvidenceExported evidence::Exported in Evidence "evidence.exported.v1",
    GroupChanged group::Changed in Group "group.changed.v1",
    GroupDefined group::Defined in Group "group.defined.v1",
    InspectionConcluded inspection::Concluded in Inspection "inspection.concluded.v1",
    InspectionFindingRecorded inspection::FindingRecorded in Inspection "inspection.finding_recorded.v1",
    InspectionFollowUpSet inspection::FollowUpSet in Inspection "inspection.follow_up_set.v1",
    InspectionOpened inspection::Opened in Inspection "inspection.opened.v1",
    LedgerCreated ledger::Created in Ledger "ledger.created.v1",
    LedgerDefinitionAdopted ledger::DefinitionAdopted in Ledger "ledger.definition_adopted.v1",
    LedgerDurabilityWaived ledger::DurabilityWaived in Ledger "ledger.durability_waived.v1",
    LedgerHeadsSealed ledger::HeadsSealed in Ledger "ledger.heads_sealed.v1",
    LedgerLogKeyAdded ledger::LogKeyAdded in Ledger "ledger.log_key_added.v1",
    LedgerLogKeyRetired ledger::LogKeyRetired in Ledger "ledger.log_key_retired.v1",
    ObligationCancelled obligation::Cancelled in Obligation "obligation.cancelled.v1",
    ObligationEscalated obligation::Escalated in Obligation "obligation.escalated.v1",
    ObligationExcused obligation::Excused in Obligation "obligation.excused.v1",
    ObligationExplained obligation::Explained in Obligation "obligation.explained.v1",
    ObligationExplanationRequested obligation::ExplanationRequested in Obligation "obligation.explanation_requested.v1",
    ObligationExtended obligation::Extended in Obligation "obligation.extended.v1",
    ObligationFlaggedLate obligation::FlaggedLate in Obligation "obligation.flagged_late.v1",
    ObligationReminded obligation::Reminded in Obligation "obligation.reminded.v1",
    ObligationReversed obligation::Reversed in Obligation "obligation.reversed.v1",
    ObligationTransferred obligation::Transferred in Obligation "obligation.transferred.v1",
    PeriodOpened requirement::Opened in Requirement "period.opened.v1",
    ReportAccepted obligation::Accepted in Obligation "report.accepted.v1",
    ReportForwarded obligation::Forwarded in Obligation "report.forwarded.v1",
    ReportReceived obligation::Received in Obligation "report.received.v1",
    ReportReturned obligation::Returned in Obligation "report.returned.v1",
    ReportSubmitted obligation::Submitted in Obligation "report.submitted.v1",
    RequirementEnded requirement::Ended in Requirement "requirement.ended.v1",
    RequirementSet requirement::Set in Requirement "requirement.set.v1",
    TaskAcknowledged obligation::Acknowledged in Obligation "task.acknowledged.v1",
    TaskAssigned task::Assigned in Task "task.assigned.v1",
    TaskClaimed obligation::Claimed in Obligation "task.claimed.v1",
    TaskConfirmed obligation::Confirmed in Obligation "task.confirmed.v1",
    TaskDueSet task::DueSet in Task "task.due_set.v1",
    TaskProgressed obligation::Progressed in Obligation "task.progressed.v1",
    TaskRefused obligation::Refused in Obligation "task.refused.v1",
    UnitEnded unit::Ended in Unit "unit.ended.v1",
    UnitFormed unit::Formed in Unit "unit.formed.v1",
    UnitPartCeded unit::PartCeded in Unit "unit.part_ceded.v1",
    UnitRenamed unit::Renamed in Unit "unit.renamed.v1",
    UnitReparented unit::Reparented in Unit "unit.reparented.v1",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_a_type_of_the_name_that_it_is_stored_by() {
        let known: Vec<String> = crate::schema::events().into_keys().collect();
        let names: Vec<&str> = EventType::ALL.iter().map(|known| known.name()).collect();
        assert_eq!(names, known);
        for (place, event_type) in EventType::ALL.iter().enumerate() {
            assert_eq!(*event_type as usize, place);
        }
    }
}

//! Names of what the facts enumerate.

use socai_domain::document::Relation;
use socai_domain::due::DayOff;
use socai_domain::inspection;
use socai_domain::obligation::Kind;
use socai_domain::period::Cadence;
use socai_domain::rate::Bucket;
use socai_domain::rate::ageing::Band;
use socai_domain::unit;

use super::Language;
use crate::facts::{ActKind, ExcuseKind, Lineage, Mark};

impl Language {
    pub(crate) const fn bucket(self, bucket: Bucket) -> &'static str {
        let english = match bucket {
            Bucket::OnTime => "completed on time",
            Bucket::Late => "completed late",
            Bucket::Pending => "not completed, not yet due",
            Bucket::Overdue => "not completed, overdue",
            Bucket::NoDueDate => "no due date",
            Bucket::Excused => "not counted",
        };
        self.choose(bucket.vietnamese(), english)
    }

    pub(crate) const fn band(self, band: Band) -> &'static str {
        let english = match band {
            Band::Days1To30 => "1 to 30 days",
            Band::Days31To60 => "31 to 60 days",
            Band::Days61To90 => "61 to 90 days",
            Band::Days91To120 => "91 to 120 days",
            Band::Days121To180 => "121 to 180 days",
            Band::DaysOver180 => "over 180 days",
        };
        self.choose(band.vietnamese(), english)
    }

    pub(crate) const fn relation(self, relation: Relation) -> &'static str {
        let english = match relation {
            Relation::Implements => "implements",
            Relation::Continues => "continues",
            Relation::Guides => "guides",
            Relation::Publicises => "publicises",
            Relation::ReviewsInterim => "reviews (interim)",
            Relation::ReviewsFinal => "reviews (final)",
            Relation::LinkedWith => "linked with",
            Relation::DirectedBy => "directed by",
            Relation::PlansFor => "plans for",
            Relation::BasedOn => "based on",
            Relation::Amends => "amends",
            Relation::Replaces => "replaces",
            Relation::Abolishes => "abolishes",
            Relation::Consolidates => "consolidates",
            Relation::Corrects => "corrects",
            Relation::AttachedTo => "attached to",
        };
        self.choose(relation.vietnamese(), english)
    }

    pub(crate) const fn unit_kind(self, kind: unit::Kind) -> &'static str {
        let english = match kind {
            unit::Kind::Central => "Central bodies",
            unit::Kind::PartyCommittee => "Party committees",
            unit::Kind::PartyBody => "Party bodies",
            unit::Kind::PeoplesCommittee => "People's Committees",
            unit::Kind::Department => "Departments",
            unit::Kind::District => "Districts",
            unit::Kind::Commune => "Communes and wards",
            unit::Kind::MassOrganisation => "Front and mass organisations",
            unit::Kind::PublicService => "Public-service units",
            unit::Kind::Press => "Press",
            unit::Kind::Other => "Others",
        };
        self.choose(kind.vietnamese(), english)
    }

    pub(crate) const fn obligation_kind(self, kind: Kind) -> &'static str {
        match kind {
            Kind::Task => self.choose("nhiệm vụ", "task"),
            Kind::Report => self.choose("báo cáo", "report"),
        }
    }

    pub(crate) const fn mark(self, mark: Mark) -> &'static str {
        match mark {
            Mark::OnTime => self.choose("đến hạn đều hoàn thành đúng hạn", "all due done on time"),
            Mark::Late => self.choose(
                "đến hạn đều hoàn thành, có việc quá hạn",
                "all due done, some late",
            ),
            Mark::Overdue => self.choose("có việc quá hạn chưa hoàn thành", "something overdue"),
            Mark::Pending => {
                self.choose("chưa đến hạn (số được giao)", "not yet due (number owed)")
            }
            Mark::NoDueDate => self.choose(
                "không có thời hạn (số được giao)",
                "no due date (number owed)",
            ),
            Mark::Excused => self.choose("không tính (số được giao)", "not counted (number owed)"),
        }
    }

    pub(crate) const fn act(self, act: ActKind) -> &'static str {
        match act {
            ActKind::Reminded => self.choose("Đôn đốc", "Reminders"),
            ActKind::FlaggedLate => self.choose("Cờ trễ hạn", "Late flags"),
            ActKind::Escalated => self.choose("Báo cáo cấp trên", "Escalations"),
            ActKind::ExplanationRequested => {
                self.choose("Yêu cầu giải trình", "Explanations requested")
            }
            ActKind::Explained => self.choose("Đã giải trình", "Explanations given"),
        }
    }

    pub(crate) const fn excuse(self, what: ExcuseKind) -> &'static str {
        match what {
            ExcuseKind::Excused => self.choose("miễn", "excused"),
            ExcuseKind::Cancelled => self.choose("hủy", "cancelled"),
        }
    }

    pub(crate) const fn inspection(self, kind: inspection::Kind) -> &'static str {
        match kind {
            inspection::Kind::Inspection => self.choose("Kiểm tra", "Inspection"),
            inspection::Kind::Supervision => self.choose("Giám sát", "Supervision"),
        }
    }

    pub(crate) const fn cadence(self, cadence: Cadence) -> &'static str {
        match cadence {
            Cadence::Monthly => self.choose("hằng tháng", "monthly"),
            Cadence::Quarterly => self.choose("hằng quý", "quarterly"),
            Cadence::SixMonthly => self.choose("6 tháng", "half-yearly"),
            Cadence::NineMonthly => self.choose("9 tháng", "nine months"),
            Cadence::Yearly => self.choose("hằng năm", "yearly"),
            Cadence::Once => self.choose("một lần", "once"),
            Cadence::OnRequest => self.choose("khi có yêu cầu", "on request"),
            Cadence::OnEvent => self.choose("khi phát sinh", "on an event"),
        }
    }

    pub(crate) const fn day_off(self, day_off: DayOff) -> &'static str {
        match day_off {
            DayOff::Keep => self.choose("giữ nguyên", "kept"),
            DayOff::NextWorkingDay => self.choose(
                "chuyển sang ngày làm việc tiếp theo",
                "moved to the next working day",
            ),
            DayOff::PreviousWorkingDay => self.choose(
                "chuyển về ngày làm việc trước đó",
                "moved to the working day before",
            ),
        }
    }

    pub(crate) const fn lineage(self, lineage: Lineage) -> &'static str {
        match lineage {
            Lineage::Recorded => self.choose(
                "theo đơn vị có trách nhiệm tại thời điểm phát sinh",
                "with the unit that owed it",
            ),
            Lineage::Successor => self.choose(
                "đơn vị hợp nhất toàn bộ được tính về đơn vị kế thừa",
                "wholly merged units with their successor",
            ),
        }
    }
}

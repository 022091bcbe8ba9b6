//! Inspections of units that were late: opened, with findings and tasks that follow, and concluded.

use socai_domain::id::{DocumentId, InspectionId};
use socai_domain::inspection::{self, Command, Event, Finding, Kind, Plan};
use socai_domain::period::Window;

use crate::city::{Seat, seat};
use crate::course::Course;
use crate::office::Errand;
use crate::order;
use crate::words::line;

impl Course {
    /// Opens an inspection of units that were late last.
    pub(crate) fn inspect(&mut self) {
        let mut units: Vec<Seat> = self.flagged.iter().map(|(_, owner)| *owner).collect();
        self.city.in_order(&mut units);
        units.truncate(3);
        if units.is_empty() {
            return;
        }
        let basis = self.decision(
            seat::INSPECTORS,
            "-QĐ/UBKTTU",
            "kiểm tra việc thực hiện chế độ báo cáo",
        );
        let id = InspectionId::new(&format!("kt-{:05}", self.next())).expect("letters and digits");
        let from = self.days.date((self.today - 365).max(0));
        let plan = Plan {
            kind: if self.chance.permille(700) {
                Kind::Inspection
            } else {
                Kind::Supervision
            },
            by: self.city.unit(seat::INSPECTORS).id.clone(),
            units: self.ids(&units),
            documents: self.plan.clone().into_iter().collect(),
            window: Window::new(from, self.days.date(self.today)).expect("days ascend"),
            title: line("Kiểm tra việc thực hiện nhiệm vụ được giao (mô phỏng)"),
            basis: Some(basis.clone()),
        };
        let command = Command::Open {
            inspection: id.clone(),
            plan: plan.clone(),
        };
        self.say(order::inspect(
            seat::INSPECTORS,
            &id,
            command,
            Event::Opened { plan },
        ));
        let find = Errand::Find {
            inspection: id,
            units,
            basis,
        };
        self.put_off(30, find);
    }

    /// Records one finding for each unit, with a task for those that still exist.
    pub(crate) fn find(&mut self, inspection: InspectionId, units: &[Seat], basis: &DocumentId) {
        for (number, seat) in (1..).zip(units) {
            let its = self.flagged.iter().filter(|(_, owner)| owner == seat);
            let finding = Finding {
                text: line("Chậm thực hiện nhiệm vụ, báo cáo được giao"),
                unit: self.city.unit(*seat).id.clone(),
                obligations: its.map(|(id, _)| id.clone()).take(5).collect(),
                cause: Some(line("Chưa theo dõi thời hạn thường xuyên")),
                responsibility: None,
            };
            let command = Command::RecordFinding {
                inspection: inspection.clone(),
                number,
                finding: finding.clone(),
            };
            let event = Event::FindingRecorded { number, finding };
            self.case(&inspection, command, event);
            if self.city.unit(*seat).alive(self.today) && self.has_room() {
                let task = self.follow_up(*seat, basis);
                let command = Command::SetFollowUp {
                    inspection: inspection.clone(),
                    number,
                    task: task.clone(),
                };
                self.case(&inspection, command, Event::FollowUpSet { number, task });
            }
        }
        self.put_off(20, Errand::Conclude { inspection });
    }

    pub(crate) fn conclude(&mut self, inspection: InspectionId) {
        let conclusion = line("Đã chỉ ra hạn chế và thời hạn khắc phục (mô phỏng)");
        let command = Command::Conclude {
            inspection: inspection.clone(),
            conclusion: conclusion.clone(),
            document: None,
        };
        let document = None;
        self.case(
            &inspection,
            command,
            Event::Concluded {
                conclusion,
                document,
            },
        );
    }

    fn case(&mut self, id: &InspectionId, command: Command, event: inspection::Event) {
        self.say(order::inspect(seat::INSPECTORS, id, command, event));
    }
}

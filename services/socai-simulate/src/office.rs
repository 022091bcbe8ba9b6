//! What offices do: documents in chains, tasks, and what is done on fixed days of the year.

use jiff::civil::Date;
use socai_domain::document::Relation;
use socai_domain::group::{Addressee, Expansion};
use socai_domain::id::{DocumentId, InspectionId, ObligationId, TaskId};
use socai_domain::obligation::Kind;
use socai_domain::period::Period;
use socai_domain::standing::Confirmation;
use socai_domain::task::{Assignment, Due};

use crate::city::{Seat, seat};
use crate::course::{Cast, Course};
use crate::days::Day;
use crate::life::Case;
use crate::order::{self, Issue};
use crate::render::Source;
use crate::rules::EVENTS_EACH;
use crate::words::{SUBJECTS, TASKS, line};

/// What an office has put off until its day.
#[derive(Debug, Clone)]
pub(crate) enum Errand {
    /// The next document of a chain about a subject, under the document before it.
    Chain {
        stage: Stage,
        subject: usize,
        under: Option<DocumentId>,
    },
    /// What a task's due date waited for has happened.
    SetDue { task: TaskId, by: Seat, due: Date },
    /// A document's term runs out.
    Expire { document: DocumentId, by: Seat },
    /// What was recorded of a document is put right.
    Correct { document: DocumentId, by: Seat },
    /// An inspection begins.
    Inspect,
    /// What it found is recorded.
    Find {
        inspection: InspectionId,
        units: Vec<Seat>,
        basis: DocumentId,
    },
    /// It ends.
    Conclude { inspection: InspectionId },
}

/// The documents of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Directive,
    Plan,
    Guidance,
    Letter,
}

/// A document to be issued; without a subject it is secret.
struct Paper<'a> {
    issuer: Seat,
    symbol: &'a str,
    kind: &'a str,
    about: Option<&'a str>,
}

/// A task, and who has to do with it.
struct Work<'a> {
    document: &'a DocumentId,
    assigner: Seat,
    leads: Leads,
    part_of: Option<TaskId>,
}

enum Leads {
    Units(Vec<Seat>),
    Group(usize),
}

impl Course {
    pub(crate) fn next(&mut self) -> u32 {
        self.serial += 1;
        self.serial
    }

    /// What is done on certain days of the year. Today is a working day.
    pub(crate) fn office_day(&mut self) {
        let date = self.days.date(self.today);
        let first_working = |month: Date| self.days.working_from(self.days.of(month));
        let first_of_month = first_working(date.first_of_month()) == self.today;
        let first_of_year = first_of_month && date.month() == 1;
        if first_of_year {
            self.begin_year(date.year());
        }
        if first_of_month && date.month() == 12 && date.year() < self.days.last_year {
            self.publish(date.year() + 2);
        }
        if first_of_month {
            self.open_periods();
        }
    }

    fn begin_year(&mut self, year: i16) {
        self.numbers = 0;
        let state = self.paper(&Paper {
            issuer: seat::PEOPLES_COMMITTEE,
            symbol: "/QĐ-UBND",
            kind: "Quyết định",
            about: Some("chế độ báo cáo định kỳ"),
        });
        if year == self.days.first_year {
            let party = self.paper(&Paper {
                issuer: seat::COMMITTEE,
                symbol: "-QC/TU",
                kind: "Quy chế",
                about: Some("chế độ thông tin, báo cáo trong Đảng bộ"),
            });
            self.set_rules(&state, &party);
        } else {
            self.renew_rules(&state);
        }
        self.plan = Some(state);
        let units = i32::try_from(self.city.units.len()).unwrap_or(i32::MAX);
        for _ in 0..5 + units / 300 {
            let subject = self.chance.below(12) as usize;
            let chain = Errand::Chain {
                stage: Stage::Directive,
                subject,
                under: None,
            };
            let wait = self.chance.between(5, 330);
            self.put_off(wait, chain);
        }
        for _ in 0..1 + units / 600 {
            let wait = self.chance.between(60, 240);
            self.put_off(wait, Errand::Inspect);
        }
    }

    /// Does `errand` on the first working day after so many days.
    pub(crate) fn put_off(&mut self, days: Day, errand: Errand) {
        let day = self.days.working_from(self.today + days);
        self.errands.entry(day).or_default().push(errand);
    }

    pub(crate) fn run(&mut self, errand: Errand) {
        match errand {
            Errand::Chain {
                stage,
                subject,
                under,
            } => self.chain(stage, subject, under),
            Errand::SetDue { task, by, due } => self.say(order::set_due(by, &task, due)),
            Errand::Expire { document, by } => self.say(order::expire(by, &document)),
            Errand::Correct { document, by } => {
                let subject = line("trích yếu đã đính chính (mô phỏng)");
                self.say(order::correct(by, &document, &subject));
            }
            Errand::Inspect => self.inspect(),
            Errand::Find {
                inspection,
                units,
                basis,
            } => self.find(inspection, &units, &basis),
            Errand::Conclude { inspection } => self.conclude(inspection),
        }
    }

    fn paper(&mut self, paper: &Paper<'_>) -> DocumentId {
        self.numbers += 1;
        let number = format!("{}{}", self.numbers, paper.symbol);
        let about = paper.about.map(|about| format!("Về {about} (mô phỏng)"));
        let (order, id) = order::issue(&Issue {
            by: paper.issuer,
            issuer: &self.city.unit(paper.issuer).id,
            number: &number,
            kind: paper.kind,
            date: self.days.date(self.today),
            about: about.as_deref(),
        });
        self.say(order);
        id
    }

    /// The decision by which something is done, such as a reorganisation or an inspection.
    pub(crate) fn decision(&mut self, issuer: Seat, symbol: &str, about: &str) -> DocumentId {
        self.paper(&Paper {
            issuer,
            symbol,
            kind: "Quyết định",
            about: Some(about),
        })
    }

    fn chain(&mut self, stage: Stage, subject: usize, under: Option<DocumentId>) {
        if !self.has_room() {
            return;
        }
        let (issuer, symbol, kind) = match stage {
            Stage::Directive => (seat::COMMITTEE, "-CT/TU", "Chỉ thị"),
            Stage::Plan => (seat::PEOPLES_COMMITTEE, "/KH-UBND", "Kế hoạch"),
            Stage::Guidance => (seat::PROPAGANDA, "-HD/BTGTU", "Hướng dẫn"),
            Stage::Letter => (seat::OFFICE, "/VP-TH", "Công văn"),
        };
        let about = Some(SUBJECTS[subject]);
        let id = self.paper(&Paper {
            issuer,
            symbol,
            kind,
            about,
        });
        if let Some(above) = &under {
            let relation = match stage {
                Stage::Guidance => Relation::Guides,
                Stage::Directive | Stage::Plan | Stage::Letter => Relation::Implements,
            };
            self.say(order::relate(issuer, &id, relation, above));
        }
        if self.chance.permille(100) {
            let document = id.clone();
            self.put_off(
                7,
                Errand::Correct {
                    document,
                    by: issuer,
                },
            );
        }
        self.follow(stage, subject, &id);
        self.ask_for(stage, issuer, &id);
    }

    /// What will be issued under the document.
    fn follow(&mut self, stage: Stage, subject: usize, id: &DocumentId) {
        let next: &[(Day, Stage)] = match stage {
            Stage::Directive => &[(15, Stage::Plan), (25, Stage::Guidance)],
            Stage::Plan => &[(12, Stage::Letter), (60, Stage::Letter)],
            Stage::Guidance | Stage::Letter => &[],
        };
        for (wait, stage) in next {
            let under = Some(id.clone());
            let stage = *stage;
            self.put_off(
                *wait,
                Errand::Chain {
                    stage,
                    subject,
                    under,
                },
            );
        }
        if stage == Stage::Plan {
            let (document, by) = (id.clone(), seat::PEOPLES_COMMITTEE);
            self.put_off(2 * 365, Errand::Expire { document, by });
            self.plan = Some(id.clone());
        }
    }

    /// The report or the tasks that the document asks for.
    fn ask_for(&mut self, stage: Stage, issuer: Seat, id: &DocumentId) {
        match stage {
            Stage::Directive => {
                let groups = u32::try_from(self.city.groups.len()).unwrap_or(1);
                let group = self.chance.below(groups) as usize;
                let due = self.today + self.chance.between(30, 90);
                let affordable = self.room().is_none_or(|room| {
                    room >= self.city.groups[group].seats.len() as u64 * EVENTS_EACH
                });
                if affordable {
                    self.ask_once(id, group, self.days.date(due));
                }
            }
            Stage::Plan => {
                let mut whole = None;
                for _ in 0..3 + self.chance.below(4) {
                    whole = Some(self.assign_some(id, issuer, 12, whole));
                }
            }
            Stage::Guidance => {
                if self.chance.permille(200) {
                    let secret = Paper {
                        issuer: seat::COMMITTEE_OFFICE,
                        symbol: "-CV/VPTU",
                        kind: "Công văn",
                        about: None,
                    };
                    self.paper(&secret);
                }
            }
            Stage::Letter => {
                self.assign_some(id, issuer, 8, None);
            }
        }
    }

    /// Opens what the events asked for still need by today.
    pub(crate) fn fill(&mut self) {
        while let (Some(room @ 1..), Some(plan)) = (self.room(), self.plan.clone()) {
            let groups = u32::try_from(self.city.groups.len()).unwrap_or(1);
            let group = self.chance.below(groups) as usize;
            let size = self.city.members(group, self.today).len() as u64;
            let fits = size > 0 && room > size * EVENTS_EACH;
            if fits && self.chance.permille(600) {
                self.request(group);
            } else if fits && self.chance.permille(500) {
                self.assign(&Work {
                    document: &plan,
                    assigner: seat::PEOPLES_COMMITTEE,
                    leads: Leads::Group(group),
                    part_of: None,
                });
            } else {
                let leads = u32::try_from(room / EVENTS_EACH).unwrap_or(u32::MAX);
                self.assign_some(&plan, seat::PEOPLES_COMMITTEE, leads.clamp(1, 8), None);
            }
        }
    }

    /// Assigns a task to up to `leads_max` units, chosen anywhere.
    fn assign_some(
        &mut self,
        document: &DocumentId,
        assigner: Seat,
        leads_max: u32,
        part_of: Option<TaskId>,
    ) -> TaskId {
        let all = u32::try_from(self.city.units.len()).unwrap_or(u32::MAX);
        let mut leads = Vec::new();
        let wanted = 1 + self.chance.below(leads_max) as usize;
        while leads.len() < wanted.min(3) {
            let unit = seat::LASTING + self.chance.below(all - seat::LASTING);
            if self.city.unit(unit).alive(self.today) {
                leads.push(unit);
            }
        }
        for _ in leads.len()..wanted {
            let unit = seat::LASTING + self.chance.below(all - seat::LASTING);
            leads.extend(Some(unit).filter(|unit| self.city.unit(*unit).alive(self.today)));
        }
        self.city.in_order(&mut leads);
        let leads = Leads::Units(leads);
        let part_of = part_of.filter(|_| self.chance.permille(250));
        self.assign(&Work {
            document,
            assigner,
            leads,
            part_of,
        })
    }

    fn assign(&mut self, work: &Work<'_>) -> TaskId {
        let task = TaskId::new(&format!("nv-{:06}", self.next())).expect("letters and digits");
        let (due, day, due_set) = self.due();
        let (leads, seats, expansions) = self.leads(&work.leads);
        let coordinators = self.city.unit(seat::OFFICE).id.clone();
        let title = line(self.chance.one::<&str>(&TASKS));
        let assignment = Assignment {
            document: work.document.clone(),
            title,
            leads,
            coordinators: vec![Addressee::Unit(coordinators)],
            due_text: matches!(due, Due::Period { .. }).then(|| line("Trong quý")),
            due,
            assigner: None,
            claim_is_enough: self.chance.permille(150),
            part_of: work.part_of.clone(),
            passage: None,
        };
        let confirmation = if assignment.claim_is_enough {
            Confirmation::NotRequired
        } else {
            Confirmation::Required
        };
        let owed_by = self.ids(&seats);
        self.say(order::assign(
            work.assigner,
            &task,
            assignment,
            owed_by,
            expansions,
        ));
        if let Some((on, due)) = due_set {
            let (by, due) = (work.assigner, self.days.date(due));
            let set = Errand::SetDue {
                task: task.clone(),
                by,
                due,
            };
            self.errands.entry(on).or_default().push(set);
        }
        for owner in seats {
            let case = Case {
                kind: Kind::Task,
                owner,
                opened: self.today,
                due: day,
                due_set,
                confirmation,
                eventful: true,
                via: false,
            };
            self.owe_task(&task, work.assigner, case);
        }
        task
    }

    fn owe_task(&mut self, task: &TaskId, assigner: Seat, case: Case) {
        let beats = self.script(case);
        let unit = &self.city.unit(case.owner).id;
        let cast = Cast {
            id: ObligationId::of_task(task, unit).expect("its parts are short"),
            owner: case.owner,
            source: Source {
                via: seat::OFFICE,
                to: assigner,
                assigner,
            },
        };
        self.put_down(cast, &beats, None);
    }

    /// When a task is due: as its document says, as a day, and as set later on which day.
    fn due(&mut self) -> (Due, Option<Day>, Option<(Day, Day)>) {
        match self.chance.below(100) {
            0..10 => (Due::NotStated, None, None),
            10..20 => {
                let date = self.days.date(self.today);
                let quarter = (date.month() + 2) / 3;
                let label = format!("{}-q{quarter}", date.year());
                let period: Period = label.parse().expect("a quarter of a year");
                let last = period.span().expect("a quarter has days").to();
                (Due::Period { period }, Some(self.days.of(last)), None)
            }
            20..26 => {
                let on = self
                    .days
                    .working_from(self.today + self.chance.between(10, 60));
                let due = self.days.working_from(on + self.chance.between(15, 60));
                let event = line("Sau khi kế hoạch chi tiết được phê duyệt");
                (Due::OnEvent { event }, None, Some((on, due)))
            }
            _ => {
                let day = self.today + self.chance.between(12, 75);
                let date = self.days.date(day);
                (Due::Fixed { date }, Some(day), None)
            }
        }
    }

    fn leads(&self, leads: &Leads) -> (Vec<Addressee>, Vec<Seat>, Vec<Expansion>) {
        match leads {
            Leads::Units(seats) => {
                let units = self.ids(seats).into_iter().map(Addressee::Unit);
                (units.collect(), seats.clone(), Vec::new())
            }
            Leads::Group(group) => {
                let seats = self.city.members(*group, self.today);
                let group = self.city.groups[*group].id.clone();
                let members = self.ids(&seats);
                let leads = vec![Addressee::Group(group.clone())];
                (leads, seats, vec![Expansion { group, members }])
            }
        }
    }

    /// A task that follows from a finding.
    pub(crate) fn follow_up(&mut self, unit: Seat, basis: &DocumentId) -> TaskId {
        self.assign(&Work {
            document: basis,
            assigner: seat::INSPECTORS,
            leads: Leads::Units(vec![unit]),
            part_of: None,
        })
    }
}

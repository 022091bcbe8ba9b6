//! Reporting requirements: which reports the groups owe, and the opening of their periods.

use std::collections::BTreeMap;

use jiff::civil::Date;
use socai_domain::due::{DayOff, DueRule, Times, Timing};
use socai_domain::group::{Addressee, Expansion};
use socai_domain::id::{DocumentId, ObligationId, RequirementId};
use socai_domain::line::Line;
use socai_domain::obligation::Kind;
use socai_domain::period::{Cadence, Period, Window, WindowRule};
use socai_domain::requirement::{self, Rule};
use socai_domain::standing::Confirmation;

use crate::city::{Seat, Sort, seat};
use crate::course::{Cast, Course};
use crate::life::{Case, Writer};
use crate::order::{self, Opening};
use crate::render::Source;
use crate::words::line;

/// A requirement in force.
#[derive(Debug, Clone)]
pub(crate) struct Requirement {
    pub(crate) id: RequirementId,
    pub(crate) rule: Rule,
    pub(crate) group: usize,
    source: Source,
    /// The requirement whose reports are sections of this one's.
    guest: Option<Box<Requirement>>,
    ended: bool,
}

/// The reports that every group of a sort owes, the rarest first.
fn reports(sort: Sort) -> &'static [Cadence] {
    match sort {
        Sort::Departments | Sort::Districts => &[
            Cadence::Yearly,
            Cadence::SixMonthly,
            Cadence::Quarterly,
            Cadence::Monthly,
        ],
        Sort::Communes => &[Cadence::Yearly, Cadence::SixMonthly, Cadence::Monthly],
        Sort::Party => &[Cadence::Yearly, Cadence::NineMonthly, Cadence::Quarterly],
        Sort::Services => &[Cadence::Yearly, Cadence::Quarterly],
    }
}

const fn times_a_year(cadence: Cadence) -> u64 {
    match cadence {
        Cadence::Monthly => 12,
        Cadence::Quarterly => 4,
        Cadence::SixMonthly => 2,
        Cadence::NineMonthly | Cadence::Yearly => 1,
        Cadence::Once | Cadence::OnRequest | Cadence::OnEvent => 0,
    }
}

const fn word(cadence: Cadence) -> (&'static str, &'static str) {
    match cadence {
        Cadence::Monthly => ("thang", "Báo cáo tháng"),
        Cadence::Quarterly => ("quy", "Báo cáo quý"),
        Cadence::SixMonthly => ("6-thang", "Báo cáo 6 tháng"),
        Cadence::NineMonthly => ("9-thang", "Báo cáo 9 tháng"),
        Cadence::Yearly => ("nam", "Báo cáo năm"),
        Cadence::Once => ("chuyen-de", "Báo cáo chuyên đề"),
        Cadence::OnRequest | Cadence::OnEvent => ("dot-xuat", "Báo cáo đột xuất"),
    }
}

/// Events that the report of one unit gives rise to, the opening left out.
pub(crate) const EVENTS_EACH: u64 = 5;

impl Course {
    /// Sets the rules of all groups under the two documents that order them, as many as half of the
    /// events asked for allow; and for each group the rule for reports on request.
    pub(crate) fn set_rules(&mut self, state: &DocumentId, party: &DocumentId) {
        let mut allowed = self.budget().map_or(u64::MAX, |budget| budget / 2);
        let years = u64::try_from(self.days.last_year - self.days.first_year + 1).unwrap_or(1);
        for group in 0..self.city.groups.len() {
            let of_party = self.city.groups[group].sort == Sort::Party;
            let document = if of_party { party } else { state };
            self.set_rule(group, Cadence::OnRequest, document);
            let size = self.city.groups[group].seats.len() as u64;
            for cadence in reports(self.city.groups[group].sort) {
                let cost = years * times_a_year(*cadence) * (1 + size * EVENTS_EACH);
                if cost <= allowed {
                    allowed -= cost;
                    self.set_rule(group, *cadence, document);
                }
            }
        }
    }

    fn set_rule(&mut self, group: usize, cadence: Cadence, document: &DocumentId) {
        let (id, title) = word(cadence);
        let (sort, serial) = (self.city.groups[group].sort, self.next());
        let id = requirement_id(&format!("bc-{id}-{serial}"));
        let of_party = sort == Sort::Party;
        let (window, due, day_off) = timing(cadence, sort);
        let (via, to) = if of_party {
            (seat::COMMITTEE_OFFICE, seat::COMMITTEE)
        } else {
            (seat::OFFICE, seat::PEOPLES_COMMITTEE)
        };
        // Nine-monthly reports go straight to the addressee.
        let direct = cadence == Cadence::NineMonthly;
        let rule = self.rule(&RuleOf {
            document,
            kind: match cadence {
                Cadence::OnRequest => requirement::Kind::AdHoc,
                _ => requirement::Kind::Periodic,
            },
            title,
            group,
            via: (!direct).then_some(via),
            to,
            cadence,
            window,
            due,
            day_off,
        });
        self.say(order::require(to, &id, &rule));
        let source = Source {
            via: if direct { to } else { via },
            to,
            assigner: to,
        };
        let mut set = Requirement {
            id,
            rule,
            group,
            source,
            guest: None,
            ended: false,
        };
        let hosts =
            cadence == Cadence::Yearly && matches!(sort, Sort::Departments | Sort::Communes);
        if hosts {
            set.guest = Some(Box::new(self.guest_of(&set)));
        }
        self.requirements.push(set);
    }

    /// A report that is a section of the one that `host` asks for, under the same terms.
    fn guest_of(&mut self, host: &Requirement) -> Requirement {
        let id = requirement_id(&format!("bc-long-ghep-{}", self.next()));
        let rule = Rule {
            kind: requirement::Kind::Thematic,
            title: line("Nội dung chuyên đề, lồng ghép trong báo cáo năm"),
            host: Some(host.id.clone()),
            ..host.rule.clone()
        };
        self.say(order::require(host.source.to, &id, &rule));
        Requirement {
            id,
            rule,
            ..host.clone()
        }
    }

    fn rule(&self, of: &RuleOf<'_>) -> Rule {
        let id = |seat: Seat| self.city.unit(seat).id.clone();
        let group = &self.city.groups[of.group];
        Rule {
            document: of.document.clone(),
            kind: of.kind,
            title: line(&format!("{}: {}", of.title, group.name)),
            reporters: vec![Addressee::Group(group.id.clone())],
            via: of.via.map(id),
            to: Some(Addressee::Unit(id(of.to))),
            assigner: None,
            cadence: of.cadence,
            window: of.window,
            due: of.due,
            day_off: of.day_off,
            directed_by: Vec::new(),
            host: None,
            host_report: None,
            channel: None,
            outline: Vec::new(),
            figures: Vec::new(),
            passage: None,
        }
    }

    /// In January some rules are replaced by new ones.
    pub(crate) fn renew_rules(&mut self, document: &DocumentId) {
        for at in 0..self.requirements.len() {
            let old = &self.requirements[at];
            let regular = old.rule.cadence.is_regular() && old.guest.is_none() && !old.ended;
            let of_party = old.source.to == seat::COMMITTEE;
            if !regular || of_party || !self.chance.permille(120) {
                continue;
            }
            let (id, by, group) = (old.id.clone(), old.source.to, old.group);
            let cadence = old.rule.cadence;
            self.requirements[at].ended = true;
            self.say(order::require_no_more(by, &id));
            self.set_rule(group, cadence, document);
        }
        self.requirements.retain(|requirement| !requirement.ended);
    }

    /// Opens the periods whose last month begins with today's.
    pub(crate) fn open_periods(&mut self) {
        let first = self.days.date(self.today).first_of_month();
        let month = Window::new(first, first.last_of_month()).expect("a month ascends");
        let year = Window::new(first.first_of_year(), month.to()).expect("a year ascends");
        for at in 0..self.requirements.len() {
            let periods = self.requirements[at].rule.cadence.periods_in(year);
            let ends_now =
                |period: &Period| period.span().is_some_and(|span| span.to() == month.to());
            let due_now: Vec<Period> = periods.filter(ends_now).collect();
            for period in due_now {
                let requirement = self.requirements[at].clone();
                self.open_period(&requirement, period, None, None);
            }
        }
    }

    /// Opens a report on request for a group, due some weeks from now.
    pub(crate) fn request(&mut self, group: usize) {
        let asked =
            |known: &&Requirement| known.group == group && known.rule.cadence == Cadence::OnRequest;
        let Some(requirement) = self.requirements.iter().find(asked).cloned() else {
            return;
        };
        let period = period(&format!("dot-{:06}", self.next()));
        let due = self
            .days
            .working_from(self.today + self.chance.between(8, 40));
        let due = self.days.date(due);
        let cause = line("Theo yêu cầu chỉ đạo, điều hành (mô phỏng)");
        self.open_period(&requirement, period, Some(due), Some(cause));
    }

    /// A report on one subject, asked for once by the Party committee.
    pub(crate) fn ask_once(&mut self, document: &DocumentId, group: usize, due: Date) {
        let serial = self.next();
        let rule = self.rule(&RuleOf {
            document,
            kind: requirement::Kind::Thematic,
            title: word(Cadence::Once).1,
            group,
            via: Some(seat::PROPAGANDA),
            to: seat::COMMITTEE,
            cadence: Cadence::Once,
            window: WindowRule::NotStated,
            due: DueRule::Fixed { date: due },
            day_off: DayOff::NextWorkingDay,
        });
        let id = requirement_id(&format!("bc-chuyen-de-{serial}"));
        self.say(order::require(seat::PROPAGANDA, &id, &rule));
        let source = Source {
            via: seat::PROPAGANDA,
            to: seat::COMMITTEE,
            assigner: seat::COMMITTEE,
        };
        let requirement = Requirement {
            id,
            rule,
            group,
            source,
            guest: None,
            ended: false,
        };
        self.open_period(&requirement, period("mot-lan"), None, None);
    }

    fn open_period(
        &mut self,
        requirement: &Requirement,
        period: Period,
        due: Option<Date>,
        cause: Option<Line>,
    ) {
        let seats = self.city.members(requirement.group, self.today);
        let Some(times) = self.times(&requirement.rule, &period, due) else {
            return;
        };
        if seats.is_empty() {
            return;
        }
        let day = times.due.as_ref().map(|due| self.days.of(due.due));
        let both = std::iter::once(requirement).chain(requirement.guest.as_deref());
        for asked in both {
            let expansion = Expansion {
                group: self.city.groups[asked.group].id.clone(),
                members: self.ids(&seats),
            };
            let opening = Opening {
                period: period.clone(),
                due,
                cause: cause.clone(),
                calendars: self.calendars(&times),
                times: times.clone(),
                expansion,
            };
            self.say(order::open(requirement.source.to, &asked.id, opening));
        }
        let label = period.to_string();
        for owner in seats {
            self.owe_report(requirement, &label, owner, day);
        }
    }

    fn owe_report(
        &mut self,
        requirement: &Requirement,
        period: &str,
        owner: Seat,
        due: Option<i32>,
    ) {
        let case = Case {
            kind: Kind::Report,
            owner,
            opened: self.today,
            due,
            due_set: None,
            confirmation: Confirmation::NotRequired,
            eventful: requirement.guest.is_none(),
            via: requirement.rule.via.is_some(),
        };
        let beats = self.script(case);
        let unit = &self.city.unit(owner).id;
        let id = |asked: &Requirement| {
            ObligationId::of_report(&asked.id, period, unit).expect("its parts are short")
        };
        let linked = requirement.guest.as_deref().map(|guest| {
            let writer = Writer::new(&self.days, &self.city, &mut self.chance, case);
            (id(guest), writer.linked(&beats))
        });
        let cast = Cast {
            id: id(requirement),
            owner,
            source: requirement.source,
        };
        self.put_down(cast, &beats, linked);
    }

    /// Window and due date as the decider resolves them; `None` where it would refuse the opening.
    fn times(&self, rule: &Rule, period: &Period, due: Option<Date>) -> Option<Times> {
        let timing = Timing {
            window: rule.window,
            due: due.map_or(rule.due, |date| DueRule::Fixed { date }),
            day_off: rule.day_off,
        };
        let times = timing.times(period, None, &self.days.calendar).ok()?;
        let today = self.days.date(self.today);
        let in_time = times.due.as_ref().is_none_or(|due| due.due >= today);
        in_time.then_some(times)
    }

    /// The versions of the years that the due date was found in; each year is published once.
    fn calendars(&self, times: &Times) -> BTreeMap<i16, u32> {
        let Some(due) = &times.due else {
            return BTreeMap::new();
        };
        let counted_from = times.window.map_or(due.unshifted, Window::to);
        let days = [counted_from, due.unshifted, due.due];
        days.into_iter().map(|date| (date.year(), 1)).collect()
    }
}

struct RuleOf<'a> {
    document: &'a DocumentId,
    kind: requirement::Kind,
    title: &'a str,
    group: usize,
    via: Option<Seat>,
    to: Seat,
    cadence: Cadence,
    window: WindowRule,
    due: DueRule,
    day_off: DayOff,
}

/// State organs go by 09/2019/NĐ-CP, Party bodies by what their documents say.
fn timing(cadence: Cadence, sort: Sort) -> (WindowRule, DueRule, DayOff) {
    let next = DayOff::NextWorkingDay;
    match (cadence, sort) {
        (Cadence::Once | Cadence::OnRequest | Cadence::OnEvent, _) => {
            (WindowRule::NotStated, DueRule::NotStated, DayOff::Keep)
        }
        (_, Sort::Party) => (
            WindowRule::Calendar,
            DueRule::DaysAfter { n: 10 },
            DayOff::PreviousWorkingDay,
        ),
        (Cadence::Yearly, _) => (
            WindowRule::Decree09,
            DueRule::DayOfLastMonth { day: 25 },
            next,
        ),
        (_, Sort::Departments | Sort::Districts | Sort::Communes | Sort::Services) => (
            WindowRule::Decree09,
            DueRule::WorkingDaysAfter { n: 5 },
            next,
        ),
    }
}

fn requirement_id(text: &str) -> RequirementId {
    RequirementId::new(text).expect("made of letters and digits")
}

fn period(label: &str) -> Period {
    label.parse().expect("a name of its own")
}

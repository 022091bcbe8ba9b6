"""An invented practice from the end of 2019 to 30/6/2026, across the reorganisations of 2025: yearly
reports under 25-CT/TU, quarterly ones under 37/KH-UBND (2023) and 24-CT/TU, and tasks. Every line from
here is synthetic, and new objects have ids that begin `mh-` (minh họa)."""

from datetime import date, timedelta

from . import organs
from .book import LAST_DAY, draw
from .outcomes import Outcomes, Owed
from .practice_2014 import flagged, issue, open_period, set_requirement

SBN, QHTU, UBQH = {"group": "hn-sbn"}, {"group": "hn-qhtu"}, {"group": "hn-ubqh"}
DXP, UBXP = {"group": "hn-dxp"}, {"group": "hn-ubxp"}

LAST_DAY_OF_DEPARTMENTS = organs.DEPARTMENTS_2025 - timedelta(days=1)
LAST_DAY_OF_DISTRICTS = organs.COMMUNES_2025 - timedelta(days=1)
QUARTER_ENDS = {1: (3, 31), 2: (6, 30), 3: (9, 30), 4: (12, 31)}


class Practice:
    def __init__(self, book, days, territory, seeds):
        self.outcomes, self.days = Outcomes(book, days), days
        self.territory, self.seeds = territory, seeds
        self.transfers = {}
        """By ended department: its obligations that move with it."""

    def departments(self, day):
        before = [unit for unit, _ in organs.DEPARTMENTS]
        return before if day < organs.DEPARTMENTS_2025 else organs.DEPARTMENTS_NOW

    def until(self, unit):
        if unit in organs.SUCCESSOR:
            return LAST_DAY_OF_DEPARTMENTS
        districts = self.territory.districts
        ends = any(unit in (district.unit, district.party) for district in districts)
        return LAST_DAY_OF_DISTRICTS if ends else LAST_DAY

    def owed(self, prefix, unit, opened, due, judge, superior, **more):
        return Owed(f"{prefix}_{unit}", unit, opened, due, judge, superior, until=self.until(unit), **more)

    def happen(self, owed, fate=None):
        """What a unit owes beyond its end moves to its successor, or stays behind undone."""
        outlives = owed.due <= owed.until
        if outlives or owed.unit not in organs.SUCCESSOR:
            self.outcomes.happen(owed, fate if outlives else fate or "missing")
        elif owed.unit in organs.NOT_TRANSFERRED:
            self.outcomes.happen(owed, "missing")
        else:
            self.transfers.setdefault(owed.unit, []).append(owed.id)

    def successor(self, owed):
        """What the successor owes of it from the day of the merger."""
        unit = organs.SUCCESSOR[owed.unit]
        return Owed(
            owed.id, unit, organs.DEPARTMENTS_2025, owed.due, owed.judge, owed.superior,
            is_task=owed.is_task, first=owed.first,
        )


def tell(book, days, territory, seeds):
    practice = Practice(book, days, territory, seeds)
    yearly_25ct(practice)
    cchc_2023(practice)
    quarterly_24ct(practice)
    tasks_24ct(practice)
    handover_of_districts(practice)
    inspection_of_ended_district(practice)
    return practice.transfers


def yearly_25ct(practice):
    outcomes, directive = practice.outcomes, practice.seeds.document("S0-D2")
    subject = "Báo cáo năm thực hiện Chỉ thị số 25-CT/TU (minh họa)"
    issue(outcomes.book, date(2019, 11, 4), "mh-hd-25ct-2019", "Hướng dẫn", "hn-btg", subject, [("guides", directive)])
    rule = yearly_rule([SBN, QHTU], "hn-btg", "hn-tu")
    set_requirement(outcomes, date(2019, 11, 4), "mh-bc-25ct-nam", "mh-hd-25ct-2019", rule, "hn-btg")
    for year in range(2019, 2025):
        parties = [district.party for district in practice.territory.districts]
        one_year(practice, "mh-bc-25ct-nam", year, parties, "hn-btg")
    end = {"requirement": "mh-bc-25ct-nam", "reason": "Kết thúc cấp huyện, thay bằng chế độ báo cáo của xã, phường"}
    outcomes.act("requirement.end", organs.COMMUNES_2025, end, "hn-btgdv")
    subject = "Báo cáo năm thực hiện Chỉ thị số 25-CT/TU từ năm 2025 (minh họa)"
    issue(outcomes.book, date(2025, 9, 10), "mh-hd-25ct-2025", "Hướng dẫn", "hn-btgdv", subject, [("guides", directive)])
    rule = yearly_rule([SBN, DXP], "hn-btgdv", "hn-tu")
    set_requirement(outcomes, date(2025, 9, 10), "mh-bc-25ct-nam-2025", "mh-hd-25ct-2025", rule, "hn-btgdv")
    parties = [commune.party for commune in practice.territory.communes]
    one_year(practice, "mh-bc-25ct-nam-2025", 2025, parties, "hn-btgdv")


def yearly_rule(reporters, via, to):
    return {
        "kind": "periodic",
        "title": "Báo cáo năm về cung cấp thông tin và trả lời báo chí (minh họa)",
        "reporters": reporters,
        "via": via,
        "to": {"unit": to},
        "cadence": "yearly",
        "window": {"rule": "calendar"},
        "due": {"rule": "days_after", "n": 15},
    }


def one_year(practice, id, year, parties, judge):
    opened, due = date(year, 12, 26), practice.days.on_or_after(date(year + 1, 1, 15))
    open_period(practice.outcomes, opened, id, str(year), judge)
    for unit in practice.departments(opened) + parties:
        first = date(year + 1, 1, 2)
        practice.happen(practice.owed(f"{id}_{year}", unit, opened, due, judge, "hn-btv", first=first))


def quarterly_rule(title, reporters, via, day, **more):
    """Under 09/2019/NĐ-CP: data to the 14th of the quarter's last month, due on a day of that month."""
    return {
        "kind": "periodic",
        "title": title,
        "reporters": reporters,
        "via": via,
        "to": {"unit": "hn-ubnd"},
        "cadence": "quarterly",
        "window": {"rule": "decree_09"},
        "due": {"rule": "day_of_last_month", "day": day},
        **more,
    }


def one_quarter(practice, id, year, quarter, opened, units, day):
    month, _ = QUARTER_ENDS[quarter]
    due = practice.days.on_or_after(date(year, month, day))
    period, first = f"{year}-q{quarter}", date(year, month, 15)
    open_period(practice.outcomes, opened, id, period, "hn-ubnd")
    every = [
        practice.owed(f"{id}_{period}", unit, opened, due, "hn-ubnd", "hn-btv", first=first)
        for unit in units
    ]
    for owed in every:
        practice.happen(owed)
    hand_in_together(practice, [owed for owed in every if owed.due > owed.until and owed.unit in organs.SUCCESSOR])


def hand_in_together(practice, every):
    """One report of the successor fulfils what each merged department owed."""
    moved = [owed for owed in every if owed.unit not in organs.NOT_TRANSFERRED]
    by_successor = {}
    for owed in moved:
        by_successor.setdefault(organs.SUCCESSOR[owed.unit], []).append(owed)
    for successor, all_owed in by_successor.items():
        on = practice.outcomes.day_in_time(practice.successor(all_owed[0]))
        submission = {"date": on.isoformat(), "channel": "Trục liên thông văn bản"}
        data = {"obligations": [owed.id for owed in all_owed], "submission": submission}
        practice.outcomes.act("report.submit", on, data, successor)


def cchc_2023(practice):
    outcomes, plan = practice.outcomes, practice.seeds.document("S4-D1")
    subject = "Báo cáo kết quả thông tin, tuyên truyền cải cách hành chính năm 2023 (minh họa)"
    issue(outcomes.book, date(2023, 2, 10), "mh-cv-cchc-2023", "Công văn", "hn-ubnd", subject, [("implements", plan)])
    title = "Báo cáo quý về thông tin, tuyên truyền cải cách hành chính (minh họa)"
    rule = quarterly_rule(title, [SBN, UBQH], "hn-snv", 20, host_report="Báo cáo kết quả công tác CCHC")
    set_requirement(outcomes, date(2023, 2, 10), "mh-bc-cchc-2023", "mh-cv-cchc-2023", rule, "hn-ubnd")
    units = practice.departments(date(2023, 2, 10)) + [district.unit for district in practice.territory.districts]
    for quarter, opened in [(1, date(2023, 2, 15)), (2, date(2023, 4, 4)), (3, date(2023, 7, 3)), (4, date(2023, 10, 2))]:
        one_quarter(practice, "mh-bc-cchc-2023", 2023, quarter, opened, units, 20)


def quarterly_24ct(practice):
    outcomes, directive = practice.outcomes, practice.seeds.document("S2-D2")
    book, title = outcomes.book, "Báo cáo quý thực hiện Chỉ thị số 24-CT/TU (minh họa)"
    subject = "Kế hoạch thực hiện Chỉ thị số 24-CT/TU của các cơ quan hành chính (minh họa)"
    issue(book, date(2023, 8, 28), "mh-kh-24ct-2023", "Kế hoạch", "hn-ubnd", subject, [("implements", directive)])
    id, day = "mh-bc-24ct-quy", date(2023, 8, 28)
    set_requirement(outcomes, day, id, "mh-kh-24ct-2023", quarterly_rule(title, [SBN, UBQH], "hn-snv", 25), "hn-ubnd")
    districts = [district.unit for district in practice.territory.districts]
    quarters = [(2023, 3), (2023, 4), (2024, 1), (2024, 2), (2024, 3), (2024, 4), (2025, 1), (2025, 2)]
    for year, quarter in quarters:
        opened = max(date(2023, 8, 29), practice.days.on_or_after(date(year, 3 * quarter - 2, 1)))
        units = practice.departments(opened) + districts
        one_quarter(practice, id, year, quarter, opened, units, 25)
    end = {"requirement": id, "reason": "Kết thúc cấp huyện, thay bằng chế độ báo cáo của xã, phường"}
    outcomes.act("requirement.end", organs.COMMUNES_2025, end, "hn-ubnd")
    subject = "Tiếp tục chế độ báo cáo thực hiện Chỉ thị số 24-CT/TU khi tổ chức chính quyền hai cấp (minh họa)"
    issue(book, date(2025, 7, 7), "mh-cv-24ct-2025", "Công văn", "hn-ubnd", subject, [("implements", directive)])
    id, day = "mh-bc-24ct-quy-2025", date(2025, 7, 7)
    rule = quarterly_rule(title, [SBN, UBXP], "hn-snv-2025", 25)
    set_requirement(outcomes, day, id, "mh-cv-24ct-2025", rule, "hn-ubnd")
    units = organs.DEPARTMENTS_NOW + [commune.unit for commune in practice.territory.communes]
    for year, quarter, opened in [
        (2025, 3, date(2025, 7, 8)),
        (2025, 4, date(2025, 10, 1)),
        (2026, 1, date(2026, 1, 5)),
        (2026, 2, date(2026, 4, 1)),
    ]:
        one_quarter(practice, id, year, quarter, opened, units, 25)


def assign(practice, day, id, document, title, leads, due):
    assignment = {
        "document": document,
        "title": f"{title} (minh họa)",
        "leads": leads,
        "due": {"rule": "fixed", "date": due.isoformat()},
    }
    practice.outcomes.act("task.assign", day, {"task": id, "assignment": assignment}, "hn-ubnd")


def tasks_24ct(practice):
    districts = [district.unit for district in practice.territory.districts]
    communes = [commune.unit for commune in practice.territory.communes]
    before, after = "mh-kh-24ct-2023", "mh-cv-24ct-2025"
    for id, document, title, leads, others, opened, due in [
        ("mh-nv-24ct-ke-hoach", before, "Ban hành kế hoạch thực hiện Chỉ thị số 24-CT/TU", [SBN, UBQH], districts, date(2023, 9, 5), date(2023, 10, 31)),
        ("mh-nv-24ct-quy-trinh", before, "Rà soát quy trình giải quyết công việc nội bộ", [SBN, UBQH], districts, date(2024, 3, 4), date(2024, 6, 28)),
        ("mh-nv-24ct-ra-soat", before, "Rà soát việc còn tồn đọng trước khi sắp xếp", [SBN, UBQH], districts, date(2025, 1, 20), date(2025, 4, 29)),
        ("mh-nv-24ct-phan-cong", after, "Phân công lại người theo dõi Chỉ thị số 24-CT/TU", [SBN, UBXP], communes, date(2025, 9, 8), date(2025, 10, 31)),
        ("mh-nv-24ct-tu-danh-gia", after, "Tự đánh giá việc thực hiện Chỉ thị số 24-CT/TU", [SBN, UBXP], communes, date(2026, 5, 11), date(2026, 6, 30)),
    ]:
        assign(practice, opened, id, document, title, leads, due)
        for unit in practice.departments(opened) + others:
            owed = practice.owed(id, unit, opened, due, "hn-ubnd", "hn-btv", is_task=True)
            practice.happen(owed, fate_of_task(owed))
            claim_of_successor(practice, owed)


def fate_of_task(owed):
    """The last task is due on the last day that is told: a quarter of it is open then."""
    if owed.id.startswith("mh-nv-24ct-tu-danh-gia") and draw(owed.id, "july") < 0.25:
        return "missing"
    return None


def claim_of_successor(practice, owed):
    if owed.id in practice.transfers.get(owed.unit, []):
        practice.outcomes.happen(practice.successor(owed), "on_time")


def handover_of_districts(practice):
    """A task that districts owe beyond their last day: done before it, moved to one of its communes,
    or left with the ended unit."""
    id, opened, due = "mh-nv-24ct-ban-giao", date(2025, 5, 15), date(2025, 7, 31)
    title = "Bàn giao hồ sơ, số liệu thực hiện Chỉ thị số 24-CT/TU"
    assign(practice, opened, id, "mh-kh-24ct-2023", title, [UBQH], due)
    for district in practice.territory.districts:
        owed = practice.owed(id, district.unit, opened, due, "hn-ubnd", "hn-btv", is_task=True)
        lot = draw(owed.id, "handover")
        if lot < 0.40:
            practice.outcomes.happen(owed, "on_time")
        elif lot < 0.85:
            move_to_seat(practice, district, owed)
        else:
            practice.outcomes.happen(owed, "missing")


def move_to_seat(practice, district, owed):
    day, seat = organs.COMMUNES_2025, district.seat().unit
    basis = "1656-nq-ubtvqh15_2025-06-16_ubtvqh"
    practice.outcomes.act("obligation.transfer", day, {"obligation": owed.id, "to": seat, "basis": basis}, "hn-ubnd")
    moved = Owed(owed.id, seat, day, owed.due, owed.judge, owed.superior, is_task=True)
    fate = "late" if draw(owed.id, "seat") < 0.2 else "on_time"
    practice.outcomes.happen(moved, fate)


def inspection_of_ended_district(practice):
    """An inspection in 2026 of a district that ended in 2025; not concluded on the last day told."""
    id, by, book = "mh-kt-2026", "hn-ubkt", practice.outcomes.book
    found = flagged(book, "mh-bc-24ct-quy_", "2025-06-30")
    ended = [district.unit for district in practice.territory.districts]
    unit = max(ended, key=lambda unit: (len(found.get(unit, [])), unit))
    subject = "Kiểm tra việc thực hiện Chỉ thị số 24-CT/TU trước khi kết thúc cấp huyện (minh họa)"
    directive = practice.seeds.document("S2-D2")
    issue(book, date(2026, 2, 26), "mh-qd-kt-2026", "Quyết định", by, subject, [("linked_with", directive)])
    plan = {
        "kind": "inspection",
        "by": by,
        "units": [unit],
        "documents": [directive],
        "window": {"from": "2023-08-07", "to": "2025-06-30"},
        "title": subject,
        "basis": "mh-qd-kt-2026",
    }
    practice.outcomes.act("inspection.open", date(2026, 3, 2), {"inspection": id, "plan": plan}, by)
    finding = {
        "text": "Có nghĩa vụ báo cáo quá hạn, chưa thực hiện khi đơn vị kết thúc hoạt động",
        "unit": unit,
        "obligations": found[unit],
        "cause": "Chưa lập danh mục việc còn phải làm khi bàn giao",
    }
    data = {"inspection": id, "number": 1, "finding": finding}
    practice.outcomes.act("inspection.record_finding", date(2026, 4, 20), data, by)

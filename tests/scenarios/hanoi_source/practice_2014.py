"""An invented practice under 25-CT/TU from 2014 to 31/3/2019, so that its five-year review has something
to count. Every line from here is synthetic, and new objects have ids that begin `mh-` (minh họa)."""

from datetime import date, timedelta

from .book import LAST_DAY, draw
from .organs import DEPARTMENTS, SPLIT_OF_TU_LIEM
from .outcomes import Outcomes, Owed

GUIDE, PLAN = "mh-hd-25ct-2014", "mh-kh-25ct-2014"
SBN, QHTU = {"group": "hn-sbn"}, {"group": "hn-qhtu"}

TASKS = [
    ("mh-nv-quy-che-phat-ngon", "Ban hành quy chế phát ngôn của cơ quan, đơn vị", date(2014, 2, 17), date(2014, 3, 31)),
    ("mh-nv-nguoi-phat-ngon", "Phân công và công bố người phát ngôn", date(2014, 2, 17), date(2014, 6, 30)),
    ("mh-nv-tap-huan-2016", "Tập huấn kỹ năng phát ngôn cho người được giao nhiệm vụ", date(2016, 6, 1), date(2016, 9, 30)),
    ("mh-nv-sua-quy-che-2017", "Sửa đổi quy chế phát ngôn theo Nghị định số 09/2017/NĐ-CP", date(2017, 4, 3), date(2017, 9, 29)),
    ("mh-nv-tu-kiem-tra-2018", "Tự kiểm tra việc thực hiện Chỉ thị số 25-CT/TU", date(2018, 9, 4), date(2018, 11, 30)),
    ("mh-nv-so-lieu-5-nam", "Hoàn thiện số liệu 5 năm thực hiện Chỉ thị số 25-CT/TU", date(2019, 2, 18), date(2019, 3, 31)),
]
CLAIM_IS_ENOUGH = ["mh-nv-tap-huan-2016"]


def members(territory, day):
    """Who is a department, and who a district's Party committee, on `day`."""
    districts = territory.districts if day >= SPLIT_OF_TU_LIEM else territory.before_the_split()
    return [unit for unit, _ in DEPARTMENTS] + [district.party for district in districts]


def until(territory, unit):
    ends = unit == territory.tu_liem.party
    return SPLIT_OF_TU_LIEM - timedelta(days=1) if ends else LAST_DAY


def tell(book, days, territory, seeds):
    outcomes = Outcomes(book, days)
    tell_documents(book, seeds)
    half_years(outcomes, territory)
    years(outcomes)
    requests(outcomes)
    tasks(outcomes, territory)
    undated_task(outcomes, territory)
    awaited_task(outcomes)
    inspection(outcomes, seeds)


def issue(book, day, document, kind, issuer, subject, relations):
    data = {"document": document, "type": kind, "issuer": issuer, "date": day.isoformat(), "subject": subject}
    book.add("document.issue", day, data, f"clerk-{issuer}", synthetic=True)
    for relation, to in relations:
        data = {"document": document, "relation": relation, "to": to}
        book.add("document.relate", day, data, f"clerk-{issuer}", synthetic=True)


def tell_documents(book, seeds):
    directive = seeds.document("S0-D2")
    subject = "Chế độ báo cáo thực hiện Chỉ thị số 25-CT/TU (minh họa)"
    issue(book, date(2014, 2, 10), GUIDE, "Hướng dẫn", "hn-btg", subject, [("guides", directive)])
    subject = "Tổ chức thực hiện Chỉ thị số 24-CT/TU về phát ngôn (minh họa)"
    issue(book, date(2014, 2, 14), PLAN, "Kế hoạch", "hn-btg", subject, [("implements", directive)])
    data = {
        "document": PLAN,
        "subject": "Tổ chức thực hiện Chỉ thị số 25-CT/TU về cung cấp thông tin và trả lời báo chí (minh họa)",
        "reason": "Ghi nhầm số chỉ thị trong trích yếu",
    }
    book.add("document.correct", date(2014, 3, 3), data, "clerk-hn-btg", synthetic=True)


def set_requirement(outcomes, day, id, document, rule, actor):
    rule = {"document": document, "day_off": "next_working_day", **rule}
    outcomes.act("requirement.set", day, {"requirement": id, "rule": rule}, actor)


def open_period(outcomes, day, id, period, actor, **more):
    outcomes.act("period.open", day, {"requirement": id, "period": period, **more}, actor)


def half_years(outcomes, territory):
    id, figures = "mh-bc-phat-ngon", ["so_lan_phat_ngon", "so_tin_cung_cap"]
    rule = {
        "kind": "periodic",
        "title": "Báo cáo 6 tháng về phát ngôn và cung cấp thông tin cho báo chí (minh họa)",
        "reporters": [SBN, QHTU],
        "via": "hn-btg",
        "to": {"unit": "hn-tu"},
        "cadence": "six_monthly",
        "window": {"rule": "calendar"},
        "due": {"rule": "days_after", "n": 10},
        "figures": figures,
    }
    set_requirement(outcomes, date(2014, 2, 10), id, GUIDE, rule, "hn-btg")
    for year in range(2014, 2019):
        for half, opened, ends in [(1, date(year, 6, 16), date(year, 6, 30)), (2, date(year, 12, 26), date(year, 12, 31))]:
            period, due = f"{year}-h{half}", outcomes.days.on_or_after(ends + timedelta(days=10))
            open_period(outcomes, opened, id, period, "hn-btg")
            for unit in members(territory, opened):
                first = ends + timedelta(days=1)
                owed = Owed(f"{id}_{period}_{unit}", unit, opened, due, "hn-btg", "hn-btv", first=first, figures=figures)
                outcomes.happen(owed)


def years(outcomes):
    id = "mh-bc-doan-the"
    rule = {
        "kind": "periodic",
        "title": "Báo cáo năm về tuyên truyền Chỉ thị số 25-CT/TU trong đoàn viên, hội viên (minh họa)",
        "reporters": [{"unit": "hn-mttq"}, {"group": "hn-ctxh"}],
        "via": "hn-btg",
        "cadence": "yearly",
        "window": {"rule": "calendar"},
        "due": {"rule": "days_after", "n": 15},
    }
    set_requirement(outcomes, date(2014, 2, 10), id, GUIDE, rule, "hn-btg")
    for year in range(2014, 2019):
        opened, due = date(year, 12, 26), outcomes.days.on_or_after(date(year + 1, 1, 15))
        open_period(outcomes, opened, id, str(year), "hn-btg")
        for unit in ["hn-mttq", "hn-ldld", "hn-hnd", "hn-dtn", "hn-hlhpn", "hn-hccb"]:
            outcomes.happen(Owed(f"{id}_{year}_{unit}", unit, opened, due, "hn-btg", "hn-btv", first=date(year + 1, 1, 2)))


def requests(outcomes):
    id, units = "mh-bc-dot-xuat", ["hn-sxd", "hn-sgtvt", "hn-stnmt", "hn-syt", "hn-sgddt", "hn-sct"]
    rule = {
        "kind": "ad_hoc",
        "title": "Báo cáo đột xuất về việc trả lời thông tin báo chí nêu (minh họa)",
        "reporters": [{"unit": unit} for unit in units],
        "via": "hn-btg",
        "cadence": "on_request",
        "window": {"rule": "not_stated"},
        "due": {"rule": "not_stated"},
    }
    set_requirement(outcomes, date(2014, 2, 10), id, GUIDE, rule, "hn-btg")
    for number, opened, due in [
        (1, date(2015, 5, 11), date(2015, 5, 22)),
        (2, date(2016, 10, 17), date(2016, 10, 28)),
        (3, date(2018, 3, 12), date(2018, 3, 23)),
    ]:
        period, cause = f"yeu-cau-{number}", f"Yêu cầu báo cáo đột xuất lần {number} (minh họa)"
        open_period(outcomes, opened, id, period, "hn-btg", due=due.isoformat(), cause=cause)
        for unit in units:
            outcomes.happen(Owed(f"{id}_{period}_{unit}", unit, opened, due, "hn-btg", "hn-btv"))


def assign(outcomes, day, id, document, title, due, actor, **more):
    assignment = {"document": document, "title": f"{title} (minh họa)", "leads": [SBN, QHTU], "due": due, **more}
    outcomes.act("task.assign", day, {"task": id, "assignment": assignment}, actor)


def tasks(outcomes, territory):
    for id, title, opened, due in TASKS:
        enough = id in CLAIM_IS_ENOUGH
        more = {"claim_is_enough": True} if enough else {}
        assign(outcomes, opened, id, PLAN, title, {"rule": "fixed", "date": due.isoformat()}, "hn-btg", **more)
        for unit in members(territory, opened):
            owed = Owed(
                f"{id}_{unit}", unit, opened, due, "hn-btg", "hn-btv", is_task=True, claim_is_enough=enough,
                until=until(territory, unit),
            )
            if unit == territory.tu_liem.party:
                tu_liem(outcomes, territory, owed)
            else:
                outcomes.happen(owed, fate_of_last_task(owed))


def tu_liem(outcomes, territory, owed):
    """What was done before the split stays with Từ Liêm; what was open is moved by a line that says so."""
    if owed.due < SPLIT_OF_TU_LIEM:
        outcomes.happen(owed, "on_time")
        return
    to = territory.from_tu_liem()[0].party
    outcomes.act("obligation.transfer", SPLIT_OF_TU_LIEM, {"obligation": owed.id, "to": to}, "hn-btg")
    outcomes.happen(Owed(owed.id, to, SPLIT_OF_TU_LIEM, owed.due, owed.judge, owed.superior, is_task=True), "on_time")


def fate_of_last_task(owed):
    """What is due on the last day of the review's window: a third is open then and done in April, and
    some of what was done in March is entered in April."""
    if not owed.id.startswith("mh-nv-so-lieu-5-nam"):
        return None
    lot = draw(owed.id, "april")
    if lot < 0.30:
        return "late"
    return "late_entry" if lot < 0.44 else None


def undated_task(outcomes, territory):
    id, day = "mh-nv-cong-khai", date(2014, 2, 17)
    assign(outcomes, day, id, PLAN, "Niêm yết công khai danh sách người phát ngôn", {"rule": "not_stated"}, "hn-btg")
    for unit in members(territory, day):
        if unit == territory.tu_liem.party or draw(id, unit) > 0.65:
            continue
        on = outcomes.days.after(day, 5 + int(draw(id, unit, "days") * 200))
        owed = Owed(f"{id}_{unit}", unit, day, on, "hn-btg", "hn-btv", is_task=True)
        outcomes.hand_in(owed, on)
        outcomes.judge_well(owed, on)


def awaited_task(outcomes):
    id, day, due = "mh-nv-duong-day-nong", date(2016, 5, 10), date(2016, 10, 31)
    units = ["hn-stttt", "hn-vpub", "hn-sgtvt", "hn-sxd", "hn-syt"]
    event = "Thành phố công bố đường dây nóng báo chí"
    leads = [{"unit": unit} for unit in units]
    assign(outcomes, day, id, PLAN, "Kết nối đường dây nóng báo chí", {"rule": "on_event", "event": event}, "hn-btg", leads=leads)
    outcomes.act("task.set_due", date(2016, 8, 15), {"task": id, "due": due.isoformat(), "cause": event}, "hn-btg")
    for unit in units:
        outcomes.happen(Owed(f"{id}_{unit}", unit, date(2016, 8, 16), due, "hn-btg", "hn-btv", is_task=True))


def inspection(outcomes, seeds):
    """The inspection committee looks into two units, finds what is in the ledger, and sets a task."""
    id, book, by = "mh-kt-2017", outcomes.book, "hn-ubkt"
    directive = seeds.document("S0-D2")
    found = flagged(book, "mh-bc-phat-ngon_", "2016-12-31")
    units = sorted(found, key=lambda unit: (-len(found[unit]), unit))[:2]
    subject = "Kiểm tra việc thực hiện Chỉ thị số 25-CT/TU (minh họa)"
    issue(book, date(2017, 3, 1), "mh-qd-kt-2017", "Quyết định", by, subject, [("linked_with", directive)])
    plan = {
        "kind": "inspection",
        "by": by,
        "units": units,
        "documents": [directive],
        "window": {"from": "2014-01-21", "to": "2016-12-31"},
        "title": subject,
        "basis": "mh-qd-kt-2017",
    }
    outcomes.act("inspection.open", date(2017, 3, 6), {"inspection": id, "plan": plan}, by)
    for number, unit in enumerate(units, start=1):
        finding = {
            "text": "Chưa chấp hành nghiêm chế độ báo cáo định kỳ: có kỳ không gửi hoặc gửi quá hạn",
            "unit": unit,
            "obligations": found[unit],
            "cause": "Chưa phân công rõ người theo dõi",
            "responsibility": "Tập thể lãnh đạo đơn vị trong kỳ kiểm tra",
        }
        data = {"inspection": id, "number": number, "finding": finding}
        outcomes.act("inspection.record_finding", date(2017, 4, 17 + number), data, by)
    subject = "Kết luận kiểm tra việc thực hiện Chỉ thị số 25-CT/TU (minh họa)"
    issue(book, date(2017, 5, 29), "mh-tb-kt-2017", "Thông báo", by, subject, [("linked_with", directive)])
    conclusion = "Hai đơn vị khắc phục chế độ báo cáo, báo cáo kết quả trước 31/8/2017"
    data = {"inspection": id, "conclusion": conclusion, "document": "mh-tb-kt-2017"}
    follow_up(outcomes, units)
    for number in (1, 2):
        data_of_task = {"inspection": id, "number": number, "task": "mh-nv-khac-phuc-2017"}
        outcomes.act("inspection.set_follow_up", date(2017, 5, 30), data_of_task, by)
    outcomes.act("inspection.conclude", date(2017, 5, 30), data, by)


def flagged(book, prefix, until):
    """By unit: its reports that begin with `prefix` and were flagged late by `until`."""
    flags = [line for _, line in book.lines if line["command"] == "obligation.flag_late"]
    found = {}
    for id in sorted({flag["data"]["obligation"] for flag in flags if flag["effective"] <= until}):
        if id.startswith(prefix):
            found.setdefault(id.rsplit("_", 1)[1], []).append(id)
    return found


def follow_up(outcomes, units):
    id, day, due = "mh-nv-khac-phuc-2017", date(2017, 5, 30), date(2017, 8, 31)
    leads = [{"unit": unit} for unit in units]
    assign(outcomes, day, id, "mh-tb-kt-2017", "Khắc phục hạn chế trong chế độ báo cáo", {"rule": "fixed", "date": due.isoformat()}, "hn-ubkt", leads=leads)
    for unit, fate in zip(units, ["on_time", "late"]):
        outcomes.happen(Owed(f"{id}_{unit}", unit, day, due, "hn-ubkt", "hn-btv", is_task=True), fate)

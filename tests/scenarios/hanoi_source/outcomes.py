"""What becomes of invented obligations. Every line from here is synthetic.

A unit has habits (some are exemplary, a few are weak) and an obligation has a fate; both follow from
their ids alone, so that another obligation added changes none of the others.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta

from .book import LAST_DAY, choose, draw

SPECIAL_FATES = [
    ("sent_back_in_time", 0.018),
    ("sent_back_late", 0.006),
    ("sent_back_for_good", 0.003),
    ("extended", 0.016),
    ("extended_late", 0.004),
    ("excused", 0.010),
    ("cancelled", 0.005),
    ("late_entry", 0.012),
    ("reversed", 0.003),
    ("unanswered", 0.005),
]
"""What happens apart from being on time, late or missing, and how often."""

CAUSES = [
    "Bộ phận tham mưu chậm tổng hợp số liệu của đơn vị trực thuộc",
    "Cán bộ phụ trách thay đổi, chưa bàn giao đầy đủ",
    "Nhầm thời hạn do không cập nhật văn bản hướng dẫn",
    "Hệ thống gửi nhận văn bản điện tử gián đoạn",
    "Phải chờ ý kiến của cấp ủy trước khi ký ban hành",
]
RETURN_REASONS = [
    "Thiếu phụ lục số liệu theo đề cương",
    "Số liệu chưa thống nhất với báo cáo kỳ trước",
    "Chưa nêu nguyên nhân của tồn tại, hạn chế",
    "Chưa đúng kỳ số liệu yêu cầu",
]
EXTENSION_REASONS = [
    "Phải bổ sung số liệu của đơn vị trực thuộc",
    "Trùng đợt kiểm tra của cấp trên",
    "Đang kiện toàn bộ máy",
]
EXCUSE_REASONS = [
    "Không phát sinh nội dung thuộc phạm vi báo cáo trong kỳ",
    "Đã báo cáo lồng ghép trong báo cáo chuyên đề cùng nội dung",
]
CHANNELS = ["Trục liên thông văn bản", "Hệ thống quản lý văn bản", "Bản giấy qua văn thư"]


def habit(unit):
    """How often a unit is late, and how often it does nothing."""
    rank = draw("habit", unit)
    if rank < 0.20:
        return 0.01, 0.0
    if rank < 0.86:
        return 0.01 + 0.05 * draw("late", unit), 0.004 + 0.012 * draw("missing", unit)
    return 0.16, 0.08


def is_weak(unit):
    return habit(unit)[0] > 0.1


@dataclass
class Owed:
    """One obligation, as outcomes need it."""

    id: str
    unit: str
    opened: date
    due: date
    judge: str
    superior: str
    is_task: bool = False
    first: date | None = None
    """The first day on which it can be handed in; `opened` where there is none."""
    until: date = LAST_DAY
    """The last day on which the unit can act."""
    claim_is_enough: bool = False
    figures: list = field(default_factory=list)

    def draw(self, *key):
        return draw(self.id, *key)


class Outcomes:
    def __init__(self, book, days):
        self.book, self.days = book, days

    def act(self, command, on, data, actor, at=None):
        self.book.add(command, on, data, actor=f"clerk-{actor}", at=at, synthetic=True)

    def happen(self, owed, fate=None):
        """Tells the fate of `owed`, or the one that is asked for."""
        fate = fate or self.fate(owed)
        getattr(self, fate)(owed)
        return fate

    def fate(self, owed):
        left = owed.draw("fate")
        late, missing = habit(owed.unit)
        chances = [*SPECIAL_FATES, ("late", late), ("missing", missing)]
        for fate, chance in chances:
            left -= chance
            if left < 0:
                return "missing" if fate == "unanswered" and not owed.is_task else fate
        return "on_time"

    # Fates.

    def on_time(self, owed):
        on = self.day_in_time(owed)
        if owed.is_task and owed.draw("ack") < 0.12:
            self.act("task.acknowledge", self.days.after(owed.opened, 2), {"obligation": owed.id}, owed.unit)
        if owed.is_task and owed.draw("progress") < 0.08:
            self.progress(owed, on)
        self.hand_in(owed, on)
        self.judge_well(owed, on)

    def late(self, owed):
        self.remind(owed)
        on = self.day_too_late(owed, owed.due)
        self.flag(owed, owed.due, on)
        if owed.draw("asked") < 0.5:
            self.ask_why(owed, on)
        self.hand_in(owed, on)
        self.judge_well(owed, on)

    def missing(self, owed):
        self.remind(owed)
        self.flag(owed, owed.due)
        self.ask_why(owed, date.max)
        if owed.draw("escalated") < 0.6:
            on = self.days.after(owed.due, 20)
            self.act("obligation.escalate", on, {"obligation": owed.id, "by": owed.judge, "to": owed.superior}, owed.judge)

    def sent_back_in_time(self, owed):
        self.send_back(owed, owed.due, keeps=True)

    def sent_back_late(self, owed):
        self.send_back(owed, owed.due, keeps=False)

    def sent_back_for_good(self, owed):
        on, returned = self.return_of(owed)
        self.flag(owed, max(owed.due, returned))

    def extended(self, owed):
        due = self.extend(owed)
        on = self.days.on_or_after(owed.due + timedelta(days=2))
        self.hand_in(owed, min(on, due))
        self.judge_well(owed, min(on, due))

    def extended_late(self, owed):
        due = self.extend(owed)
        on = self.day_too_late(owed, due)
        self.flag(owed, due, on)
        self.hand_in(owed, on)
        self.judge_well(owed, on)

    def excused(self, owed):
        data = {
            "obligation": owed.id,
            "by": owed.judge,
            "reason": choose(EXCUSE_REASONS, owed.id, "excuse"),
            "legal_basis": "Ý kiến đồng ý của cơ quan chủ trì theo dõi (minh họa)",
        }
        self.act("obligation.excuse", self.before_due(owed, 2), data, owed.judge)

    def cancelled(self, owed):
        reason = "Nội dung đã chuyển sang văn bản khác"
        data = {"obligation": owed.id, "by": owed.judge, "reason": reason}
        self.act("obligation.cancel", self.before_due(owed, 3), data, owed.judge)

    def late_entry(self, owed):
        """Handed in on time and entered weeks later: flagged in between."""
        on = self.day_in_time(owed)
        at = self.days.after(owed.due, 6 + int(owed.draw("entered") * 20))
        self.flag(owed, owed.due)
        self.hand_in(owed, on, at)
        if owed.is_task:
            self.judge_well(owed, at)

    def reversed(self, owed):
        """Entered for the wrong unit, undone, and handed in for real a week later."""
        mistaken = self.day_in_time(owed)
        on = self.days.after(mistaken, 8)
        if on > min(owed.until, LAST_DAY):
            self.on_time(owed)
            return
        self.hand_in(owed, mistaken)
        undone = self.days.after(mistaken, 3)
        reason = "Ghi nhầm đơn vị: văn bản đã vào sổ là của đơn vị khác"
        self.act("obligation.reverse", undone, {"obligation": owed.id, "revision": 1, "reason": reason}, owed.judge)
        self.flag(owed, max(owed.due, undone), on)
        self.hand_in(owed, on)
        self.judge_well(owed, on)

    def unanswered(self, owed):
        """A claim that the assigner never answered."""
        self.hand_in(owed, self.day_in_time(owed))
        if not owed.claim_is_enough:
            self.flag(owed, owed.due)

    # Steps.

    def hand_in(self, owed, on, at=None):
        if on > min(owed.until, LAST_DAY):
            return
        if owed.is_task:
            data = {"obligation": owed.id, "evidence": self.evidence(owed)}
            self.act("task.claim", on, data, owed.unit, at)
            return
        submission = {"date": self.signed(owed, on), "channel": choose(CHANNELS, owed.id, on)}
        if owed.figures:
            submission["figures"] = {name: int(owed.draw(name) * 40) for name in owed.figures}
        if evidence := self.evidence(owed):
            submission["attachments"] = evidence
        self.act("report.submit", on, {"obligations": [owed.id], "submission": submission}, owed.unit, at)
        if owed.draw("received") < 0.12:
            self.act("report.receive", on, {"obligation": owed.id, "by": owed.judge}, owed.judge, at)

    def signed(self, owed, on):
        return max(on - timedelta(days=int(owed.draw("signed", on) * 3)), owed.opened).isoformat()

    def evidence(self, owed):
        if owed.draw("evidence") > 0.07:
            return []
        digest = hashlib.sha256(f"minh họa {owed.id}".encode()).hexdigest()
        return [{"sha256": digest, "media": "application/pdf", "bytes": 20_000 + int(owed.draw("bytes") * 400_000)}]

    def judge_well(self, owed, on):
        """A claim needs an answer; a report stands without one, and gets one now and then."""
        if on > min(owed.until, LAST_DAY):
            return
        answered = self.days.after(on, 1 + int(owed.draw("answered") * 6))
        data = {"obligation": owed.id, "by": owed.judge}
        if not owed.is_task and owed.draw("accepted") < 0.10:
            self.act("report.accept", answered, data, owed.judge)
        if owed.is_task and not owed.claim_is_enough:
            self.act("task.confirm", answered, data, owed.judge)

    def progress(self, owed, before):
        middle = owed.opened + (before - owed.opened) / 2
        if owed.opened < middle < before:
            data = {"obligation": owed.id, "percent": 30 + 5 * int(owed.draw("percent") * 10)}
            self.act("task.progress", middle, data, owed.unit)

    def remind(self, owed):
        if owed.draw("reminded") < (0.7 if is_weak(owed.unit) else 0.3):
            data = {"obligation": owed.id, "by": owed.judge, "note": "Đôn đốc trước hạn"}
            self.act("obligation.remind", self.before_due(owed, 3), data, owed.judge)

    def flag(self, owed, open_since, before=date.max):
        """The sweep of the day after `open_since` meets it past its due date, unless it is handed in."""
        on = open_since + timedelta(days=1)
        if on <= before:
            data = {"obligation": owed.id, "on": on.isoformat()}
            self.book.add("obligation.flag_late", on, data, actor="sweep", synthetic=True)

    def ask_why(self, owed, before):
        asked = self.days.after(owed.due, 5)
        if asked > before:
            return
        answer_by = self.days.after(asked, 5)
        data = {"obligation": owed.id, "by": owed.judge, "answer_by": answer_by.isoformat()}
        self.act("obligation.request_explanation", asked, data, owed.judge)
        if owed.draw("explained") < 0.7 and answer_by <= owed.until:
            cause = choose(CAUSES, owed.id, "cause")
            self.act("obligation.explain", answer_by, {"obligation": owed.id, "cause": cause}, owed.unit)

    def extend(self, owed):
        due = self.days.on_or_after(owed.due + timedelta(days=10 + int(owed.draw("extended") * 10)))
        granted = self.before_due(owed, 2)
        data = {
            "obligation": owed.id,
            "due": due.isoformat(),
            "by": owed.judge,
            "requested": max(granted - timedelta(days=2), owed.opened).isoformat(),
            "reason": choose(EXTENSION_REASONS, owed.id, "extension"),
        }
        self.act("obligation.extend", granted, data, owed.judge)
        return due

    def return_of(self, owed):
        on = self.day_in_time(owed)
        self.hand_in(owed, on)
        returned = self.days.after(on, 2)
        again = self.days.after(returned, 5)
        command, by_when = ("task.refuse", "redo_by") if owed.is_task else ("report.return", "resubmit_by")
        data = {
            "obligation": owed.id,
            "by": owed.judge,
            "reason": choose(RETURN_REASONS, owed.id, "return"),
            by_when: again.isoformat(),
        }
        self.act(command, returned, data, owed.judge)
        return on, returned

    def send_back(self, owed, due, keeps):
        _, returned = self.return_of(owed)
        again = self.days.after(returned, 4 if keeps else 12)
        self.flag(owed, max(due, returned), again)
        self.hand_in(owed, again)
        self.judge_well(owed, again)

    # Days.

    def day_in_time(self, owed):
        first = max(owed.first or owed.opened, owed.opened)
        last = min(owed.due, owed.until)
        span = (last - first).days
        first = max(first, last - timedelta(days=min(span, 18)))
        return choose(self.days.within(first, last), owed.id, "in time")

    def day_too_late(self, owed, due):
        delay = 1 + int(24 * owed.draw("delay") ** 2)
        return self.days.after(due, delay)

    def before_due(self, owed, count):
        earlier = self.days.on_or_before(owed.due - timedelta(days=count))
        return max(earlier, owed.opened)

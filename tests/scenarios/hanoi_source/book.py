"""The lines of the scenario: gathered in any order, written in the order in which they are recorded.

A line is recorded on the day it is true from, unless it says `at`, which makes it a late entry. Lines of
one day stand in the order in which the ledger can take them: a unit before its documents, a document
before what it asks for, and that before what becomes of it.
"""

import hashlib
import json
import unicodedata
from datetime import date

LAST_DAY = date(2026, 6, 30)
"""Nothing of the scenario is recorded after this day."""

ORDER = [
    "calendar.publish",
    "unit.form",
    "document.issue",
    "document.relate",
    "unit.form with basis",
    "unit.cede_part",
    "unit.merge",
    "unit.divide",
    "unit.dissolve",
    "obligation.transfer",
    "group.define",
    "group.change",
    "requirement.end",
    "requirement.set",
    "task.assign",
    "task.set_due",
    "period.open",
    "inspection.open",
]
"""What is not named here comes last, in the order in which it was gathered."""

RANK = {name: rank for rank, name in enumerate(ORDER)}


class Book:
    """The lines so far."""

    def __init__(self):
        self.lines = []

    def add(self, command, effective, data, actor="clerk-registry", at=None, synthetic=False):
        at = max(at or effective, effective)
        if at > LAST_DAY:
            return
        based = command == "unit.form" and "basis" in data
        rank = RANK.get("unit.form with basis" if based else command, len(ORDER))
        line = {"command": command, "effective": effective.isoformat()}
        if synthetic:
            line["synthetic"] = True
        line["actor"] = actor
        line["data"] = present(data)
        self.lines.append(((at, rank, len(self.lines)), line))

    def between(self, first, last):
        """The lines recorded from `first` to `last`, in order, as NDJSON."""
        chosen = sorted((key, line) for key, line in self.lines if first <= key[0] <= last)
        return "".join(as_text(line) + "\n" for _, line in chosen)


def present(data):
    """`data` without what is not stated."""
    return {key: value for key, value in data.items() if value not in (None, [], {})}


def as_text(line):
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    return unicodedata.normalize("NFC", text)


def draw(*key):
    """A number from 0 to 1 that depends on `key` alone, the same on every machine and in every year."""
    digest = hashlib.sha256("\x1f".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def choose(options, *key):
    return options[int(draw(*key) * len(options))]


def slug(name):
    """`Ô Chợ Dừa` as `o-cho-dua`."""
    plain = unicodedata.normalize("NFD", name.replace("Đ", "D").replace("đ", "d"))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign)).lower()
    words = "".join(sign if sign.isalnum() else " " for sign in letters).split()
    return "-".join(words)

#!/usr/bin/env python3
"""Writes the Hà Nội scenario as NDJSON: `python3 tests/scenarios/generate.py [FOLDER]`.

The same bytes every time: nothing here depends on a clock, on chance or on the machine. See README.md.
"""

import sys
from datetime import date
from pathlib import Path

sys.dont_write_bytecode = True

from hanoi_source import organs, practice_2014, practice_2019  # noqa: E402
from hanoi_source.book import Book  # noqa: E402
from hanoi_source.days import Days  # noqa: E402
from hanoi_source.seeds import Seeds  # noqa: E402

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "data"

FILES = [
    ("00-opening.ndjson", date(2013, 1, 1)),
    ("10-2014-2016.ndjson", date(2014, 1, 1)),
    ("20-2017-2019.ndjson", date(2017, 1, 1)),
    ("30-2020-2024.ndjson", date(2020, 1, 1)),
    ("40-2025-first-half.ndjson", date(2025, 1, 1)),
    ("50-2025-2026.ndjson", date(2025, 7, 1)),
]
"""The files in the order in which they are loaded, each with the first day recorded in it."""


def scenario():
    book, days = Book(), Days(DATA / "vn_calendar_2014_2027.csv")
    territory = organs.Territory(
        DATA / "hanoi_126_communes.csv", DATA / "hanoi_communes_2025_succession.csv"
    )
    seeds = Seeds(DATA / "seeds")
    days.publish(book)
    organs.tell_opening(book, territory)
    organs.tell_split_of_tu_liem(book, territory)
    seeds.tell(book)
    practice_2014.tell(book, days, territory, seeds)
    transfers = practice_2019.tell(book, days, territory, seeds)
    organs.tell_party_of_2025(book)
    organs.tell_departments_of_2025(book, transfers)
    organs.tell_communes_of_2025(book, territory)
    return book


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "hanoi"
    folder.mkdir(parents=True, exist_ok=True)
    book = scenario()
    ends = [first for _, first in FILES[1:]] + [date.max]
    for (name, first), end in zip(FILES, ends):
        last = min(end, date.max)
        text = book.between(first, date.fromordinal(last.toordinal() - 1))
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""How large a machine a ledger needs: computed from figures that were measured. ops/sizing.md holds what this prints.

    ops/sizing.py                               the tables of ops/sizing.md
    ops/sizing.py --check                       whether they are what stands there
    ops/sizing.py --write                       puts them there
    ops/sizing.py --units 300 --obligations 80  one line for a city of your own

Needs Python 3 and nothing else.
"""

import argparse
import pathlib
import sys
from dataclasses import dataclass

PAGE = pathlib.Path(__file__).with_name("sizing.md")
BEGINS, ENDS = "<!-- computed by ops/sizing.py -->\n", "<!-- end -->\n"

# Measured; sizing.md says where. Bytes of one record, in each place that keeps it.
LOG_BYTES = 482
TILES_BYTES = 32
IMAGE_FILE_BYTES = 35
NATS_BYTES = 707
ROWS_BYTES = 180
# Memory of a process that keeps the image, for one record; and of any process.
MEMORY_BYTES = 99
PROCESS_BYTES = 100e6
# Series of Prometheus that are not of a unit: some 300 at the start, and 16 for each route and status that was answered.
SERIES_BESIDES = 2_000
# Records a second.
FOLD = 620_000
VERIFY = 700_000
PROJECT = 139_000
# Acts that follow from one obligation, in a simulated city.
ACTS = 5.9


@dataclass
class City:
    """A ledger: one city's."""

    name: str
    units: int
    # Obligations of one unit in one year.
    obligations: float
    years: int = 10
    # How many such ledgers.
    ledgers: int = 1

    @property
    def yearly(self):
        return self.units * self.obligations * ACTS

    @property
    def records(self):
        return self.yearly * self.years


# A unit had 258 tasks in a year where the government assigned 21,914 to some 85 ministries, agencies and provinces
# (2017), and 1,309 where Hà Nội's department of construction counted its own (2020): tests/data/published_task_figures.csv.
CITIES = [
    City("a ward or commune by itself", 20, 100),
    City("a city: 126 communes, 40 departments", 166, 258),
    City("the same, as busy as its busiest department", 166, 1_309),
    City("1,000 units", 1_000, 258),
    City("34 provinces and cities, a ledger each", 166, 258, ledgers=34),
]


def ledger_row(city):
    """What is recorded, and where one copy of it lies."""
    working_seconds = 250 * 8 * 3600
    return [
        city.name,
        f"{city.yearly:,.0f}",
        f"{city.records:,.0f}",
        f"{city.yearly / working_seconds:,.2f}",
        size(city.records * (LOG_BYTES + TILES_BYTES + IMAGE_FILE_BYTES)),
        size(city.records * NATS_BYTES * city.ledgers),
        size(city.records * ROWS_BYTES * city.ledgers),
    ]


def process_row(city):
    """What one process of a ledger needs after all years."""
    return [
        city.name,
        size(PROCESS_BYTES + city.records * MEMORY_BYTES),
        seconds(city.records / FOLD),
        seconds(city.records / VERIFY),
        seconds(city.records / PROJECT),
        f"{series(city):,}",
    ]


def series(city):
    """Series of one process that counts: of each unit twelve buckets, what it is, and two due dates; others besides."""
    return city.units * (12 + 1 + 2) + SERIES_BESIDES


def size(amount):
    return f"{amount / 1e9:,.1f} GB" if amount >= 1e9 else f"{amount / 1e6:,.0f} MB"


def seconds(amount):
    return f"{amount:,.1f} s" if amount < 10 else f"{amount:,.0f} s"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


# What the page says of the figures above, in these words.
STATED = [
    f"| {ACTS} |",
    f"{LOG_BYTES} B of log, {TILES_BYTES} B of tiles, {IMAGE_FILE_BYTES} B of snapshot",
    f"| {NATS_BYTES} B |",
    f"| {ROWS_BYTES} B |",
    f"| {MEMORY_BYTES} B a record, and {PROCESS_BYTES / 1e6:.0f} MB",
    f"and {SERIES_BESIDES:,} besides",
    f"| {FOLD:,} records/s",
    f"| {VERIFY:,} records/s",
    f"| {PROJECT:,} records/s",
    *(f"{round(city.obligations):,}" for city in CITIES[1:]),
]

LEDGER_HEAD = [
    "A ledger",
    "records a year",
    "in ten years",
    "in a second of working time",
    "disk, in a directory",
    "disk of each NATS server",
    "PostgreSQL",
]
PROCESS_HEAD = [
    "A ledger after ten years",
    "memory of a process with the image",
    "start without a snapshot",
    "`socai verify`",
    "PostgreSQL made anew",
    "series of Prometheus",
]


def tables(cities):
    return table(LEDGER_HEAD, map(ledger_row, cities)) + "\n" + table(PROCESS_HEAD, map(process_row, cities))


def arguments():
    parser = argparse.ArgumentParser(description="How large a machine a ledger needs.")
    parser.add_argument("--units", type=int)
    parser.add_argument("--obligations", type=float, default=258, help="of one unit in one year")
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


def main():
    asked = arguments()
    if asked.units:
        print(tables([City("yours", asked.units, asked.obligations, asked.years)]), end="")
        return
    computed = tables(CITIES)
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGINS)
    stands, after = rest.split(ENDS)
    if asked.write:
        PAGE.write_text(before + BEGINS + computed + ENDS + after, encoding="utf-8")
    elif asked.check:
        if stands != computed:
            sys.exit("ops/sizing.md does not hold what ops/sizing.py computes: ops/sizing.py --write")
        for figure in STATED:
            if figure not in after:
                sys.exit(f"ops/sizing.md computes with another figure than it states: {figure}")
    else:
        print(computed, end="")


if __name__ == "__main__":
    main()

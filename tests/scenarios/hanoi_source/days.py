"""Working days, read from the calendar that the ledger is given as well."""

import csv
from datetime import date, timedelta


class Days:
    def __init__(self, path):
        with open(path, encoding="utf-8", newline="") as file:
            self.rows = list(csv.DictReader(file))
        certain = [row for row in self.rows if not row["certainty"].startswith("UNCERTAIN")]
        self.worked = {row["date"]: row["kind"] == "work_saturday" for row in certain}

    def is_working(self, day):
        return self.worked.get(day.isoformat(), day.weekday() < 5)

    def on_or_after(self, day):
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def on_or_before(self, day):
        while not self.is_working(day):
            day -= timedelta(days=1)
        return day

    def after(self, day, count=1):
        """The `count`th working day after `day`."""
        for _ in range(count):
            day = self.on_or_after(day + timedelta(days=1))
        return day

    def within(self, first, last):
        """The working days from `first` to `last`; the last day alone where there is none."""
        every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return [day for day in every if self.is_working(day)] or [last]

    def publish(self, book):
        """Each year becomes known shortly before it begins.

        The schedules of 2014 and 2026 are published on the days on which they were announced; the
        others on 20/12, which is an assumption. 2027 is an estimate and known as such at the end.
        """
        announced = {2014: date(2013, 12, 18), 2026: date(2025, 12, 25), 2027: date(2026, 6, 30)}
        for year in range(2014, 2028):
            rows = [row for row in self.rows if row["date"].startswith(str(year))]
            data = {
                "year": year,
                "days": [as_day(row) for row in rows],
                "source": "Lịch nghỉ lễ, tết công bố hằng năm; nguồn ghi ở từng ngày",
            }
            book.add("calendar.publish", announced.get(year, date(year - 1, 12, 20)), data)


def as_day(row):
    doubtful = row["certainty"].startswith("UNCERTAIN")
    day = {
        "date": row["date"],
        "kind": row["kind"].rstrip("?"),
        "name": row["name"],
        "certainty": "uncertain" if doubtful else row["certainty"],
        "source": row["source"],
    }
    if row["swapped_with"]:
        day["swapped_with"] = row["swapped_with"]
    return day

"""SQL that several dashboards ask. A time range has moments; its last day is the day as of which is counted, and its days
are the window of due dates. The city of today counts the window that the metrics count."""

from panels import annotation

# The day as of which, and the window of due dates, of the time range.
DAY = "civil_day($__timeTo())"
RANGE = f"due_from => civil_day($__timeFrom()), due_to => {DAY}"

# Today, and the window that the metrics count: this calendar year, or what `[metrics] window` says. Each question that
# has COUNTED among its arguments asks FROM counted_days w.
COUNTED = "due_from => w.due_from, due_to => w.due_to"

BUCKETS = "on_time, late, pending, overdue, no_due_date, excused"

MILESTONES = [
    annotation(name, colour, f"""
        SELECT day_begins(day) AS time, left(title, 200) AS text, '{tag}' AS tags FROM milestones
         WHERE sort = '{sort}' AND day BETWEEN civil_day($__timeFrom()) AND civil_day($__timeTo()) ORDER BY day""")
    for sort, tag, name, colour in (
        ("document", "văn bản", "Văn bản giao việc", "blue"),
        ("reorganisation", "sắp xếp đơn vị", "Sắp xếp đơn vị", "purple"),
        ("regime", "chế độ báo cáo", "Thay đổi chế độ báo cáo", "orange"),
    )
]


def of_today(obligation, by="total"):
    """The rates of today over the window that the metrics count, to be asked FROM."""
    return f"counted_days w CROSS JOIN rates(today(), '{by}', of_kind => '{obligation}', {COUNTED})"


def one_rate(rate, rates):
    """A rate with its numerator and denominator, of what `rates` are asked FROM: one row."""
    return f"SELECT percent, numerator, denominator FROM {rates} WHERE rate = '{rate}'"


def by_unit(rates):
    """The headline rates of each unit, with the counts that they come from, of what `rates` are asked FROM."""
    return f"""
        SELECT r.id AS unit, r.name, u.kind,
               max(r.percent) FILTER (WHERE r.rate = 'on_time_of_due') AS on_time_of_due,
               max(r.percent) FILTER (WHERE r.rate = 'completed_of_due') AS completed_of_due,
               {", ".join(f"max(r.{name}) AS {name}" for name in BUCKETS.split(", "))}
          FROM {rates} r LEFT JOIN units u ON u.id = r.id
         GROUP BY r.id, r.name, u.kind ORDER BY on_time_of_due NULLS LAST, r.id"""

"""SQL that several dashboards ask. A time range has moments; its last day is the day as of which is counted, and its days
are the window of due dates. The city of today counts the window that the metrics count."""

from panels import annotation, parts, sql, stat

# The day as of which, and the window of due dates, of the time range.
DAY = "civil_day($__timeTo())"
RANGE = f"due_from => civil_day($__timeFrom()), due_to => {DAY}"

# The window that the metrics count: this calendar year, or what `[metrics] window` says. Whoever asks with it asks `answer`.
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


def answer(function, question):
    """What is asked FROM. The window is joined: with a subselect for an argument PostgreSQL takes the function as it is, and takes
    twice as long."""
    window = "counted_days w CROSS JOIN " if COUNTED in question else ""
    return f"{window}{function}({question})"


def totals(question):
    """Counts by bucket in one row, which is there also where nothing is counted."""
    return f"SELECT {', '.join(f'coalesce(sum({name}), 0) AS {name}' for name in BUCKETS.split(', '))} FROM {answer('counts', question)}"


def one_rate(rate, question):
    """A rate with its numerator and denominator in one row, which is there also where nothing is counted."""
    return f"""SELECT max(percent) AS percent, coalesce(max(numerator), 0) AS numerator, coalesce(max(denominator), 0) AS denominator
                 FROM {answer('rates', question)} WHERE rate = '{rate}'"""


def same_rate(title, about, name, question, *, height=7, **more):
    """A rate from SQL, with its numerator and denominator."""
    return stat(title, about, "percent", [sql(one_rate(name, question))], overrides=parts(name), height=height, decimals=2, empty="–", **more)


def by_unit(question):
    """The headline rates of each unit, the lowest first, with the counts that they come from."""
    return f"""
        SELECT r.id AS unit, r.name, u.kind, max(r.denominator) FILTER (WHERE r.rate = 'on_time_of_due') AS due_count,
               max(r.percent) FILTER (WHERE r.rate = 'on_time_of_due') AS on_time_of_due,
               max(r.percent) FILTER (WHERE r.rate = 'completed_of_due') AS completed_of_due,
               {", ".join(f"max(r.{name}) AS {name}" for name in BUCKETS.split(", "))}
          FROM {answer('rates', question)} r LEFT JOIN units u ON u.id = r.id
         GROUP BY r.id, r.name, u.kind ORDER BY on_time_of_due NULLS LAST, due_count DESC, r.id"""

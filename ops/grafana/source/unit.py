"""One unit: the window that metrics count, any window from SQL, and what is owed period by period."""

from panels import (AS_OF, DOCUMENT_LINKS, OBLIGATION, UNIT_LINKS, ask, bars, by_name, column, dashboard, link, over_time, prom, rate,
                    sql, stat, states, table)
from questions import BUCKETS, COUNTED, DAY, MILESTONES, RANGE
from words import BUCKETS as WORDS

UNIT = ask("unit", "Đơn vị", "SELECT coalesce(name, id) AS __text, id AS __value FROM units ORDER BY name, id")

# As numbers, for fields over time have numbers: the place of a bucket among the buckets.
NUMBERED = "array_position(ARRAY['on_time', 'late', 'pending', 'overdue', 'no_due_date', 'excused'], bucket)"
MAPPED = [{"type": "value", "options": {
    str(number): {"text": text, "color": colour, "index": number} for number, (text, colour) in enumerate(WORDS.values(), 1)}}]

ROWS = link("Các nghĩa vụ đằng sau",
            "/obligations?unit=${unit}&obligations=${obligation}&from=${__from:date:YYYY-MM-DD}&to=${__to:date:YYYY-MM-DD}&" + AS_OF)
PAGE = link("Mở đơn vị trong Sổ cái", "/units/${unit}?" + AS_OF)
OBLIGATION_LINK = [link("Mở trong Sổ cái", "/obligations/${__data.fields.obligation}?" + AS_OF)]
OF_UNIT = "of_unit => ${unit:sqlstring}"
WHERE = 'unit="${unit}", '

TODAY = [
    rate("Báo cáo đúng hạn trong kỳ (on_time_of_due)",
         "Reports of this unit due in the window: on time, of those whose due date has come. From metrics.",
         "on_time_of_due", "report", "on_time", of="unit", where=WHERE, links=[PAGE]),
    rate("Thực hiện nhiệm vụ trong kỳ (completed_of_due)",
         "Tasks of this unit due in the window: done, of those whose due date has come. From metrics.",
         "completed_of_due", "task", "on_time|late", of="unit", where=WHERE, links=[PAGE]),
    bars("Theo tình trạng trong kỳ",
         "Obligations of the chosen sort of this unit, due in the window, by bucket. From metrics.",
         "none", [prom('unit:socai_obligations:count{unit="${unit}", obligation="${obligation}"}', "{{bucket}}", instant=True)],
         width=6, height=5, links=[PAGE]),
    bars("Theo tình trạng trong kỳ, đọc từ PostgreSQL",
         "The same counts as the panel beside it, asked of the tables.",
         "none", [sql(f"SELECT {BUCKETS} FROM counted_days w, counts(today(), 'total', of_kind => '${{obligation}}', {OF_UNIT}, {COUNTED})")],
         width=6, height=5, links=[PAGE]),
]

WINDOW = [
    table("Sáu tỷ lệ trong khoảng thời gian",
          "Every rate of this unit with numerator and denominator: due dates within the time range, as of its end. From SQL.",
          "none", [sql(f"""SELECT rate, numerator, denominator, percent
                             FROM rates({DAY}, 'total', of_kind => '${{obligation}}', {OF_UNIT}, {RANGE})""")],
          width=10, links=[ROWS], overrides=[column("percent", unit="percent", decimals=2)]),
    by_name("Theo năm của thời hạn",
            "Obligations of this unit by the year of their due date and by bucket, within the time range, as of its end. From SQL.",
            "none", [sql(f"""SELECT id AS year, {BUCKETS}
                               FROM counts({DAY}, 'year', of_kind => '${{obligation}}', {OF_UNIT}, {RANGE})""")],
            x="year", width=14, links=[ROWS]),
    states("Báo cáo theo kỳ",
           "Each report requirement of this unit, and how the report of each period stands at the end of the time range, drawn at its due date. From SQL.",
           "none", [sql(f"""
               SELECT day_begins(r.due) AS time, q.title AS metric, max({NUMBERED}) AS value
                 FROM obligation_rows({DAY}, of_kind => 'report', {OF_UNIT}, {RANGE}) r
                 JOIN requirements q ON q.id = r.source
                WHERE r.due IS NOT NULL GROUP BY 1, 2 ORDER BY 1""", series=True)],
           history=True, mappings=MAPPED, width=24, height=9, links=[ROWS]),
    table("Chưa hoàn thành",
          "What this unit has not fulfilled at the end of the time range, the most overdue first. From SQL.",
          "none", [sql(f"""
              SELECT r.id AS obligation, coalesce(q.title, t.title) AS title, r.period, r.document, r.due, r.original_due, r.bucket,
                     greatest({DAY} - r.due, 0) AS days_overdue
                FROM obligation_rows({DAY}, {OF_UNIT}) r
                LEFT JOIN requirements q ON r.kind = 'report' AND q.id = r.source
                LEFT JOIN tasks t ON r.kind = 'task' AND t.id = r.source
               WHERE r.bucket IN ('pending', 'overdue') ORDER BY days_overdue DESC NULLS LAST, r.id LIMIT 500""")],
          width=24, height=10, links=[ROWS],
          overrides=[column("obligation", links=OBLIGATION_LINK), column("document", links=DOCUMENT_LINKS)]),
    over_time("Đôn đốc, gia hạn, cờ trễ hạn theo tháng",
              "What was done about this unit's obligations, by the month from which it is true, within the time range. From SQL.",
              "none", [sql("""
                  SELECT day_begins(month) AS time, act AS metric, sum(acts)::float8 AS value FROM acts_by_month
                   WHERE unit = ${unit:sqlstring} AND act IN ('submitted', 'reminded', 'escalated', 'extended', 'flagged_late', 'returned')
                     AND month BETWEEN civil_day($__timeFrom()) AND civil_day($__timeTo()) GROUP BY 1, 2 ORDER BY 1""", series=True)],
              drawn="bars", stacked=True, width=24, links=[PAGE]),
]

LIFE = [
    table("Đơn vị",
          "What the unit is called, its kind, what it stands under, and how long it has lived. From SQL.",
          "none", [sql("""SELECT u.id AS unit, u.name, u.kind, p.name AS parent, u.formed, u.ended, u.ended_how
                            FROM units u LEFT JOIN units p ON p.id = u.parent WHERE u.id = ${unit:sqlstring}""")],
          width=12, height=5, links=[PAGE], overrides=[column("unit", links=UNIT_LINKS)]),
    table("Tên qua các thời kỳ",
          "Each name of the unit, and the days on which it was called so. From SQL.",
          "none", [sql("""SELECT name, from_day AS formed, nullif(until_day, 'infinity') AS ended FROM unit_names
                           WHERE unit = ${unit:sqlstring} ORDER BY from_day""")],
          width=12, height=5, links=[PAGE]),
    table("Đơn vị liên quan do sắp xếp",
          "Where this unit went, and which units went into it, whole or in part. From SQL. A unit that was never reorganised is its own only row.",
          "none", [sql("""
              SELECT l.unit, u.name AS unit_name, s.name AS successor, l.on_day, l.extent FROM unit_lineage l
                JOIN units u ON u.id = l.unit JOIN units s ON s.id = l.successor
               WHERE ${unit:sqlstring} IN (l.unit, l.successor)
              UNION ALL SELECT u.id, u.name, NULL, u.formed, NULL FROM units u WHERE u.id = ${unit:sqlstring} ORDER BY 4""")],
          width=24, height=6, links=[PAGE], overrides=[column("unit_name", links=UNIT_LINKS)]),
]

DASHBOARD = dashboard(
    "socai-unit", "Đơn vị", "One unit: what it owes, how it stands, what was done about it, and where it came from.",
    [("Trong kỳ", TODAY), ("Trong khoảng thời gian", WINDOW), ("Đơn vị", LIFE)],
    variables=[UNIT, OBLIGATION], annotations=MILESTONES, since="now-1y")

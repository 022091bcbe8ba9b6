"""Several years: what a review is written from. All of it from SQL, for past periods are corrected, and metrics are not."""

from panels import AS_OF, COUNT, OBLIGATION, RATES, UNIT_LINKS, by_name, choose, column, dashboard, link, over_time, sql, stat, table
from questions import BUCKETS, DAY, MILESTONES, RANGE, by_unit, one_rate

LINEAGE = choose("lineage", "Đơn vị tính", {"recorded": "Đơn vị khi đó", "successor": "Đơn vị kế thừa"})
OF = "of_kind => '${obligation}'"
ROWS = link("Các nghĩa vụ đằng sau",
            "/obligations?obligations=${obligation}&from=${__from:date:YYYY-MM-DD}&to=${__to:date:YYYY-MM-DD}&" + AS_OF)
LINES = ", ".join(f"max(percent) FILTER (WHERE rate = '{name}') AS {name}" for name in ("on_time_of_due", "completed_of_due"))

TOTALS = [
    stat(f"{words} ({rate})", f"{about} Due dates within the time range, as of its end, counted against the due date in force. From SQL.",
         "percent", [sql(one_rate(rate, f"rates({DAY}, 'total', {OF}, {RANGE})"))], width=8, overrides=COUNT, links=[ROWS], decimals=2)
    for rate, words, about in (
        ("on_time_of_due", "Tỷ lệ đúng hạn", "Fulfilled on time, of what was due."),
        ("completed_of_due", "Tỷ lệ thực hiện", "Fulfilled, on time or late, of what was due."),
        ("overdue_of_due", "Tỷ lệ quá hạn", "Not fulfilled, of what was due."),
    )
] + [
    table("Sáu tỷ lệ",
          "Every rate with numerator and denominator, against the due date in force and against the one first given. From SQL.",
          "none", [sql(f"""
              SELECT c.rate, c.numerator, c.denominator, c.percent, o.percent AS percent_original
                FROM rates({DAY}, 'total', {OF}, {RANGE}) c
                LEFT JOIN rates({DAY}, 'total', {OF}, {RANGE}, due_mode => 'original') o ON o.rate = c.rate""")],
          width=12, links=[ROWS], overrides=[column(name, unit="percent", decimals=2) for name in ("percent", "percent_original")]),
    by_name("Theo tình trạng và năm",
            "Obligations of the chosen sort by the year of their due date and by bucket. From SQL.",
            "none", [sql(f"SELECT id AS year, {BUCKETS} FROM counts({DAY}, 'year', {OF}, {RANGE})")], x="year", links=[ROWS]),
]

TREND = [
    over_time("Tỷ lệ theo quý của thời hạn",
              "Both headline rates of each quarter of due dates, as of the end of the time range, drawn where the quarter begins. Nothing due: no point. From SQL.",
              "percent", [sql(f"""
                  SELECT day_begins(make_date(left(id, 4)::integer, right(id, 1)::integer * 3 - 2, 1)) AS time, {LINES}
                    FROM rates({DAY}, 'quarter', {OF}, {RANGE}) GROUP BY id ORDER BY 1""", series=True)],
              width=24, links=[ROWS], min=0, max=100),
    by_name("Tỷ lệ theo năm",
            "Both headline rates of each year of due dates. From SQL.",
            "percent", [sql(f"SELECT id AS year, {LINES} FROM rates({DAY}, 'year', {OF}, {RANGE}) GROUP BY id ORDER BY id")],
            x="year", stacked=False, links=[ROWS], min=0, max=100),
    over_time("Cờ trễ hạn, gia hạn, đôn đốc theo tháng",
              "What was done about obligations of the chosen sort, by the month from which it is true. From SQL.",
              "none", [sql("""
                  SELECT day_begins(month) AS time, act AS metric, sum(acts)::float8 AS value FROM acts_by_month
                   WHERE kind = '${obligation}' AND act IN ('reminded', 'escalated', 'extended', 'flagged_late')
                     AND month BETWEEN civil_day($__timeFrom()) AND civil_day($__timeTo()) GROUP BY 1, 2 ORDER BY 1""", series=True)],
              drawn="bars", stacked=True, links=[ROWS]),
]

WHO = [
    table("Nhóm đơn vị",
          "Groups by both headline rates; a unit counts for each group that it belonged to on the day on which it came to owe. Groups overlap. From SQL.",
          "none", [sql(f"""
              SELECT name, {LINES}, {", ".join(f"max({name}) AS {name}" for name in BUCKETS.split(", "))}
                FROM rates({DAY}, 'group', {OF}, {RANGE}) GROUP BY id, name ORDER BY name""")],
          width=24, height=7, links=[ROWS], overrides=RATES),
    table("Đơn vị",
          "Units by both headline rates, the lowest first. With 'Đơn vị kế thừa' what a merged unit owed counts for the one that it went into. From SQL.",
          "none", [sql(by_unit(f"rates({DAY}, 'unit', {OF}, {RANGE}, lineage => '${{lineage}}')"))],
          width=24, height=12, links=[ROWS], overrides=[*RATES, column("name", links=UNIT_LINKS)]),
    table("Sắp xếp đơn vị và thay đổi chế độ",
          "What changed within the time range: documents that ask for something, units that ended, reports that are asked for or no more. From SQL.",
          "none", [sql("""SELECT day, sort, title, document, number FROM milestones
                           WHERE day BETWEEN civil_day($__timeFrom()) AND civil_day($__timeTo()) ORDER BY day DESC, sort, title""")],
          width=24, height=10, links=[ROWS]),
]

DASHBOARD = dashboard(
    "socai-review", "Đánh giá nhiều năm", "Several years as a review counts them: due dates within the time range, as of its end.",
    [("Kết quả", TOTALS), ("Diễn biến", TREND), ("Theo đơn vị", WHO)],
    variables=[OBLIGATION, LINEAGE], annotations=MILESTONES, since="now-5y", refresh="")

"""One unit: the window that metrics count, any window from SQL, what is owed period by period, and where the unit came from."""

from panels import (AS_OF, DOCUMENT_LINKS, OBLIGATION, PERCENT, UNIT_LINKS, ask, bars, bars_by_bucket, by_name, column, dashboard, hidden,
                    link, over_time, rate, sql, states, table)
from questions import BUCKETS, COUNTED, DAY, MILESTONES, RANGE, totals
from words import BUCKETS as WORDS

# Those that owe something first, for a page begins with the first.
UNIT = ask("unit", "Đơn vị", """
    SELECT coalesce(name, id) AS __text, id AS __value FROM units u
     ORDER BY NOT EXISTS (SELECT FROM obligations_current o WHERE o.unit = u.id), name COLLATE "vi-x-icu", id""")

# As numbers, for fields over time have numbers: the place of a bucket among the buckets.
NUMBERED = "array_position(ARRAY['on_time', 'late', 'pending', 'overdue', 'no_due_date', 'excused'], bucket)"
MAPPED = [{"type": "value", "options": {
    str(number): {"text": text, "color": colour, "index": number} for number, (text, colour) in enumerate(WORDS.values(), 1)}}]

ROWS = link("Các nghĩa vụ đằng sau",
            "/obligations?unit=${unit}&obligations=${obligation}&from=${__from:date:YYYY-MM-DD}&to=${__to:date:YYYY-MM-DD}&" + AS_OF)
PAGE = link("Mở đơn vị trong Sổ cái", "/units/${unit}?" + AS_OF)
OBLIGATION_LINK = [link("Mở trong Sổ cái", "/obligations/${__data.fields.obligation}?" + AS_OF)]
OF_UNIT = "of_unit => ${unit:sqlstring}"
OF = f"of_kind => '${{obligation}}', {OF_UNIT}"
WHERE = 'unit="${unit}", '

TODAY = [
    rate("Báo cáo đúng hạn (on_time_of_due)",
         "Báo cáo của đơn vị có thời hạn trong kỳ đang tính và đã đến hạn: số hoàn thành đúng hạn trên số đã đến hạn. Nguồn: Prometheus.",
         "on_time_of_due", "report", "on_time", of="unit", where=WHERE, links=[PAGE]),
    rate("Thực hiện nhiệm vụ (completed_of_due)",
         "Nhiệm vụ của đơn vị có thời hạn trong kỳ đang tính và đã đến hạn: số đã hoàn thành trên số đã đến hạn. Nguồn: Prometheus.",
         "completed_of_due", "task", "on_time|late", of="unit", where=WHERE, links=[PAGE]),
    bars_by_bucket("Theo tình trạng trong kỳ",
                   "Nghĩa vụ thuộc loại đã chọn của đơn vị, có thời hạn trong kỳ đang tính, theo tình trạng hôm nay. Nguồn: Prometheus.",
                   "unit", 'unit="${unit}", obligation="${obligation}"', width=12, height=7, links=[PAGE]),
]

WINDOW = [
    table("Sáu tỷ lệ trong khoảng thời gian",
          "Sáu tỷ lệ của đơn vị, với tử số và mẫu số: thời hạn trong khoảng thời gian đã chọn, tính đến ngày cuối. Nguồn: PostgreSQL.",
          "none", [sql(f"SELECT rate, numerator, denominator, percent FROM rates({DAY}, 'total', {OF}, {RANGE})")],
          width=12, links=[ROWS], overrides=[column("percent", **PERCENT)], empty="Không có nghĩa vụ nào trong khoảng thời gian này"),
    by_name("Theo năm của thời hạn",
            "Nghĩa vụ của đơn vị theo năm của thời hạn và theo tình trạng, trong khoảng thời gian đã chọn, tính đến ngày cuối. Nguồn: PostgreSQL.",
            "none", [sql(f"SELECT id AS year, {BUCKETS} FROM counts({DAY}, 'year', {OF}, {RANGE})")],
            x="year", links=[ROWS], decimals=0, empty="Không có nghĩa vụ nào trong khoảng thời gian này"),
    states("Báo cáo theo kỳ",
           "Mỗi chế độ báo cáo của đơn vị, và tình trạng của báo cáo từng kỳ vào ngày cuối của khoảng thời gian; mỗi ô ở thời hạn của kỳ. Nguồn: PostgreSQL.",
           "none", [sql(f"""
               SELECT day_begins(r.due) AS time, q.title AS metric, max({NUMBERED}) AS value
                 FROM obligation_rows({DAY}, of_kind => 'report', {OF_UNIT}, {RANGE}) r
                 JOIN requirements q ON q.id = r.source
                WHERE r.due IS NOT NULL GROUP BY 1, 2 ORDER BY 1""", series=True)],
           history=True, mappings=MAPPED, width=24, height=9, links=[ROWS], empty="Không có báo cáo nào đến hạn trong khoảng thời gian này"),
    table("Chưa hoàn thành",
          "Những gì đơn vị chưa hoàn thành vào ngày cuối của khoảng thời gian, cả báo cáo và nhiệm vụ, quá hạn lâu nhất trước; nhiều nhất 500. Nguồn: PostgreSQL.",
          "none", [sql(f"""
              SELECT r.id AS obligation, coalesce(q.title, t.title) AS title, r.kind, r.period, r.due, r.original_due, r.bucket,
                     greatest({DAY} - r.due, 0) AS days_overdue, r.document
                FROM obligation_rows({DAY}, {OF_UNIT}) r
                LEFT JOIN requirements q ON r.kind = 'report' AND q.id = r.source
                LEFT JOIN tasks t ON r.kind = 'task' AND t.id = r.source
               WHERE r.bucket IN ('pending', 'overdue') ORDER BY days_overdue DESC NULLS LAST, r.id LIMIT 500""")],
          width=24, height=8, links=[ROWS], empty="Không còn gì chưa hoàn thành",
          overrides=[column("title", links=OBLIGATION_LINK), column("document", links=DOCUMENT_LINKS), *hidden("obligation")]),
    over_time("Nộp, trả lại, đôn đốc, gia hạn, cờ trễ hạn theo tháng",
              "Số việc đã ghi về nghĩa vụ của đơn vị, theo tháng có hiệu lực, trong khoảng thời gian đã chọn. Nguồn: PostgreSQL.",
              "none", [sql("""
                  SELECT day_begins(month) AS time, act AS metric, sum(acts)::float8 AS value FROM acts_by_month
                   WHERE unit = ${unit:sqlstring} AND act IN ('submitted', 'reminded', 'escalated', 'extended', 'flagged_late', 'returned')
                     AND month BETWEEN civil_day($__timeFrom()) AND civil_day($__timeTo()) GROUP BY 1, 2 ORDER BY 1""", series=True)],
              drawn="bars", stacked=True, width=24, links=[PAGE], min=0, decimals=0),
]

LIFE = [
    table("Đơn vị",
          "Tên gọi, loại, đơn vị cấp trên, ngày thành lập và kết thúc. Nguồn: PostgreSQL.",
          "none", [sql("""SELECT u.id AS unit, u.name, u.kind, p.name AS parent, u.formed, u.ended, u.ended_how
                            FROM units u LEFT JOIN units p ON p.id = u.parent WHERE u.id = ${unit:sqlstring}""")],
          width=24, height=4, links=[PAGE], overrides=[column("unit", links=UNIT_LINKS)]),
    table("Tên qua các thời kỳ",
          "Mỗi tên của đơn vị, từ ngày nào đến ngày nào. Nguồn: PostgreSQL.",
          "none", [sql("""SELECT name, from_day AS formed, nullif(until_day, 'infinity') AS ended FROM unit_names
                           WHERE unit = ${unit:sqlstring} ORDER BY from_day""")],
          width=10, height=6, links=[PAGE],
          overrides=[column("formed", displayName="Từ ngày"), column("ended", displayName="Đến ngày")]),
    table("Đơn vị liên quan do sắp xếp",
          "Đơn vị này đã nhập vào đâu, và những đơn vị nào đã nhập vào đây, toàn bộ hay một phần. Nguồn: PostgreSQL.",
          "none", [sql("""
              SELECT l.unit, u.name AS unit_name, s.name AS successor, l.on_day, l.extent FROM unit_lineage l
                JOIN units u ON u.id = l.unit JOIN units s ON s.id = l.successor
               WHERE ${unit:sqlstring} IN (l.unit, l.successor) ORDER BY l.on_day""")],
          width=14, height=6, links=[PAGE], empty="Chưa từng được sắp xếp", overrides=[column("unit_name", links=UNIT_LINKS), *hidden("unit")]),
]

SAME = [
    bars("Theo tình trạng trong kỳ, hỏi PostgreSQL", "Cùng những con số như ở trên cùng, hỏi từ các bảng.",
         "none", [sql(totals(f"today(), 'total', {OF}, {COUNTED}"))], width=12, height=7, links=[PAGE]),
]

DASHBOARD = dashboard(
    "socai-unit", "Đơn vị", "Một đơn vị: có nghĩa vụ gì, đã làm đến đâu, đã đôn đốc thế nào, và từ đâu mà có.",
    [("Trong kỳ, tính đến hôm nay", TODAY), ("Trong khoảng thời gian đã chọn", WINDOW), ("Về đơn vị", LIFE),
     ("Đối chiếu: cùng những con số, hỏi PostgreSQL", SAME)],
    variables=[UNIT, OBLIGATION], annotations=MILESTONES, since="now-1y")

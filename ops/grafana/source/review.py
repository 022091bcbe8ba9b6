"""Several years: what a review is written from. All of it from SQL, for past periods are corrected, and metrics are not."""

from panels import (AS_OF, DOCUMENT_LINKS, OBLIGATION, PERCENT, RATES, UNIT_LINKS, by_name, choose, column, dashboard, hidden, link, over_time,
                    sql, table)
from questions import BUCKETS, DAY, MILESTONES, RANGE, by_unit, same_rate

LINEAGE = choose("lineage", "Đơn vị tính", {"recorded": "Đơn vị khi đó", "successor": "Đơn vị kế thừa"})
OF = "of_kind => '${obligation}'"
ROWS = link("Các nghĩa vụ đằng sau",
            "/obligations?obligations=${obligation}&from=${__from:date:YYYY-MM-DD}&to=${__to:date:YYYY-MM-DD}&" + AS_OF)
LINES = ", ".join(f"max(percent) FILTER (WHERE rate = '{name}') AS {name}" for name in ("on_time_of_due", "completed_of_due"))
DUE = "max(denominator) FILTER (WHERE rate = 'on_time_of_due') AS due_count"
NONE = "Không có nghĩa vụ nào trong khoảng thời gian này"

TOTALS = [
    same_rate(f"{words} ({rate})",
              f"{about} Thời hạn đang có hiệu lực trong khoảng thời gian đã chọn, tính đến ngày cuối. Nguồn: PostgreSQL.",
              rate, f"{DAY}, 'total', {OF}, {RANGE}", width=8, height=5, links=[ROWS])
    for rate, words, about in (
        ("on_time_of_due", "Tỷ lệ đúng hạn", "Số hoàn thành đúng hạn trên số đã đến hạn."),
        ("completed_of_due", "Tỷ lệ thực hiện", "Số đã hoàn thành, đúng hạn hay quá hạn, trên số đã đến hạn."),
        ("overdue_of_due", "Tỷ lệ quá hạn", "Số chưa hoàn thành trên số đã đến hạn."),
    )
] + [
    table("Sáu tỷ lệ",
          "Sáu tỷ lệ với tử số và mẫu số, theo thời hạn đang có hiệu lực, và để so sánh theo thời hạn giao ban đầu. Nguồn: PostgreSQL.",
          "none", [sql(f"""
              SELECT c.rate, c.numerator, c.denominator, c.percent, o.percent AS percent_original
                FROM rates({DAY}, 'total', {OF}, {RANGE}) c
                LEFT JOIN rates({DAY}, 'total', {OF}, {RANGE}, due_mode => 'original') o ON o.rate = c.rate""")],
          width=14, height=9, links=[ROWS], empty=NONE, overrides=[column(name, **PERCENT) for name in ("percent", "percent_original")]),
    by_name("Theo tình trạng và năm",
            "Nghĩa vụ thuộc loại đã chọn theo năm của thời hạn và theo tình trạng. Nguồn: PostgreSQL.",
            "none", [sql(f"SELECT id AS year, {BUCKETS} FROM counts({DAY}, 'year', {OF}, {RANGE})")], x="year", width=10, height=9,
            links=[ROWS], decimals=0, empty=NONE),
]

TREND = [
    over_time("Tỷ lệ theo quý của thời hạn",
              "Hai tỷ lệ chính của mỗi quý, tính đến ngày cuối của khoảng thời gian, vẽ ở ngày đầu quý. Quý không có gì đến hạn thì không có điểm. Nguồn: PostgreSQL.",
              "percent", [sql(f"""
                  SELECT day_begins(make_date(left(id, 4)::integer, right(id, 1)::integer * 3 - 2, 1)) AS time, {LINES}
                    FROM rates({DAY}, 'quarter', {OF}, {RANGE}) GROUP BY id ORDER BY 1""", series=True)],
              width=24, links=[ROWS], min=0, max=100, empty=NONE),
    by_name("Tỷ lệ theo năm",
            "Hai tỷ lệ chính của mỗi năm của thời hạn; mẫu số ở bảng bên cạnh. Nguồn: PostgreSQL.",
            "percent", [sql(f"SELECT id AS year, {LINES} FROM rates({DAY}, 'year', {OF}, {RANGE}) GROUP BY id ORDER BY id")],
            x="year", stacked=False, width=10, links=[ROWS], min=0, max=100, empty=NONE),
    table("Tỷ lệ theo năm, với tử số và mẫu số",
          "Cùng hai tỷ lệ như ở biểu đồ bên cạnh với số đã đếm. Số đến hạn là mẫu số của cả hai. Nguồn: PostgreSQL.",
          "none", [sql(f"""SELECT id AS year, {DUE}, {LINES}, max(on_time) AS on_time, max(late) AS late
                             FROM rates({DAY}, 'year', {OF}, {RANGE}) GROUP BY id ORDER BY id""")],
          width=14, links=[ROWS], overrides=RATES, empty=NONE),
    over_time("Cờ trễ hạn, gia hạn, đôn đốc theo tháng",
              "Số việc đã ghi về nghĩa vụ thuộc loại đã chọn, theo tháng có hiệu lực. Nguồn: PostgreSQL.",
              "none", [sql("""
                  SELECT day_begins(month) AS time, act AS metric, sum(acts)::float8 AS value FROM acts_by_month
                   WHERE kind = '${obligation}' AND act IN ('reminded', 'escalated', 'extended', 'flagged_late')
                     AND month BETWEEN civil_day($__timeFrom()) AND civil_day($__timeTo()) GROUP BY 1, 2 ORDER BY 1""", series=True)],
              drawn="bars", stacked=True, width=24, links=[ROWS], min=0, decimals=0),
]

WHO = [
    table("Nhóm đơn vị",
          "Các nhóm với hai tỷ lệ chính; đơn vị tính cho mỗi nhóm mà nó thuộc vào ngày được giao. Các nhóm có thể trùng nhau. Nguồn: PostgreSQL.",
          "none", [sql(f"""
              SELECT name, {DUE}, {LINES}, {", ".join(f"max({name}) AS {name}" for name in BUCKETS.split(", "))}
                FROM rates({DAY}, 'group', {OF}, {RANGE}) GROUP BY id, name ORDER BY name COLLATE "vi-x-icu" """)],
          width=24, height=8, links=[ROWS], overrides=RATES, empty=NONE),
    table("Đơn vị, tỷ lệ đúng hạn thấp trước",
          "Mỗi đơn vị với hai tỷ lệ chính. Chọn 'Đơn vị kế thừa' thì nghĩa vụ của đơn vị đã sáp nhập tính cho đơn vị mà nó nhập vào. Nguồn: PostgreSQL.",
          "none", [sql(by_unit(f"{DAY}, 'unit', {OF}, {RANGE}, lineage => '${{lineage}}'"))],
          width=24, height=13, links=[ROWS], overrides=[*RATES, column("name", links=UNIT_LINKS), *hidden("unit")], empty=NONE),
    table("Văn bản giao việc, sắp xếp đơn vị, thay đổi chế độ báo cáo",
          "Những gì đã thay đổi trong khoảng thời gian. Số lượng: số văn bản, số đơn vị kết thúc, số chế độ báo cáo thêm, âm nếu bớt. Nguồn: PostgreSQL.",
          "none", [sql("""SELECT day, sort, concat(left(title, 200), CASE WHEN length(title) > 200 THEN '…' END) AS title, number, document FROM milestones
                           WHERE day BETWEEN civil_day($__timeFrom()) AND civil_day($__timeTo()) ORDER BY day DESC, sort, title""")],
          width=24, height=10, links=[ROWS], overrides=[column("document", links=DOCUMENT_LINKS)]),
]

DASHBOARD = dashboard(
    "socai-review", "Đánh giá nhiều năm", "Nhiều năm, như một cuộc sơ kết, tổng kết đếm: thời hạn trong khoảng thời gian đã chọn, tính đến ngày cuối.",
    [("Kết quả", TOTALS), ("Diễn biến", TREND), ("Theo đơn vị", WHO)],
    variables=[OBLIGATION, LINEAGE], annotations=MILESTONES, since="now-5y", refresh="")

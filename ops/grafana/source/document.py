"""One document and everything below it in its chain, as of the end of the time range."""

from panels import AS_OF, DOCUMENT_LINKS, RATES, UNIT_LINKS, ask, bars, by_name, column, dashboard, hidden, link, sql, table
from questions import BUCKETS, DAY, MILESTONES, RANGE, by_unit, same_rate, totals

# With its day, for a number is not an identity. The newest first, for a page begins with the first.
DOCUMENT = ask("document", "Văn bản", """
    SELECT concat(title, to_char(date, ', "ngày" DD/MM/YYYY'), ', ' || left(subject, 80)) AS __text, id AS __value FROM documents
     WHERE id IN (SELECT document FROM milestones WHERE sort = 'document') ORDER BY date DESC NULLS LAST, id""")

BELOW = "below_document => ${document:sqlstring}"
ROWS = link("Các nghĩa vụ đằng sau",
            "/obligations?document=${document}&from=${__from:date:YYYY-MM-DD}&to=${__to:date:YYYY-MM-DD}&" + AS_OF)
PAGE = link("Mở văn bản trong Sổ cái", "/documents/${document}?" + AS_OF)
NONE = "Không có nghĩa vụ nào trong khoảng thời gian này"

RESULTS = [
    same_rate("Báo cáo đúng hạn (on_time_of_due)",
              "Báo cáo mà văn bản này và các văn bản bên dưới yêu cầu, có thời hạn trong khoảng thời gian đã chọn và đã đến hạn: số hoàn thành đúng hạn trên số đã đến hạn. Nguồn: PostgreSQL.",
              "on_time_of_due", f"{DAY}, 'total', of_kind => 'report', {BELOW}, {RANGE}", links=[ROWS]),
    same_rate("Thực hiện nhiệm vụ (completed_of_due)",
              "Nhiệm vụ mà văn bản này và các văn bản bên dưới giao, có thời hạn trong khoảng thời gian đã chọn và đã đến hạn: số đã hoàn thành trên số đã đến hạn. Nguồn: PostgreSQL.",
              "completed_of_due", f"{DAY}, 'total', of_kind => 'task', {BELOW}, {RANGE}", links=[ROWS]),
    bars("Theo tình trạng",
         "Mọi nghĩa vụ của chuỗi văn bản theo tình trạng; mỗi nghĩa vụ thuộc đúng một tình trạng. Nguồn: PostgreSQL, cùng câu hỏi như `socai rates --document`.",
         "none", [sql(totals(f"{DAY}, 'total', {BELOW}, {RANGE}"))], width=12, height=7, links=[ROWS]),
    by_name("Theo năm của thời hạn",
            "Nghĩa vụ của chuỗi văn bản theo năm của thời hạn và theo tình trạng. Nguồn: PostgreSQL.",
            "none", [sql(f"SELECT id AS year, {BUCKETS} FROM counts({DAY}, 'year', {BELOW}, {RANGE})")],
            x="year", links=[ROWS], decimals=0, empty=NONE),
    by_name("Nhiệm vụ và báo cáo",
            "Nghĩa vụ của chuỗi văn bản theo loại và theo tình trạng. Nguồn: PostgreSQL.",
            "none", [sql(f"SELECT name, {BUCKETS} FROM counts({DAY}, 'kind', {BELOW}, {RANGE})")],
            x="name", links=[ROWS], decimals=0, empty=NONE),
]

CHAIN = [
    table("Chuỗi văn bản",
          "Văn bản này và những văn bản thực hiện nó, với những gì chính mỗi văn bản yêu cầu, theo tình trạng. Cấp 0 là văn bản này. Nguồn: PostgreSQL.",
          "none", [sql(f"""
              SELECT b.document, b.title AS document_title, d.subject, i.name AS issuer, b.date, b.steps, b.relation, {BUCKETS}
                FROM documents_below(${{document:sqlstring}}, {DAY}) b
                JOIN documents d ON d.id = b.document
                LEFT JOIN units i ON i.id = b.issuer
                LEFT JOIN counts({DAY}, 'document', {BELOW}, {RANGE}) c ON c.id = b.document
               ORDER BY b.steps, b.date, b.document""")],
          width=24, height=8, links=[PAGE], overrides=[column("document_title", links=DOCUMENT_LINKS), *hidden("document")]),
    table("Nhiệm vụ",
          "Nhiệm vụ mà chuỗi văn bản giao: bao nhiêu đơn vị phải làm, và đã làm đến đâu vào ngày cuối của khoảng thời gian. Nguồn: PostgreSQL.",
          "none", [sql(f"""
              SELECT t.title, t.owed_by, coalesce(t.due_set, t.due) AS due,
                     {", ".join(f"count(*) FILTER (WHERE r.bucket = '{name}') AS {name}" for name in BUCKETS.split(", "))}, t.document
                FROM tasks t LEFT JOIN obligation_rows({DAY}, of_kind => 'task', {BELOW}) r ON r.source = t.id
               WHERE t.document IN (SELECT document FROM documents_below(${{document:sqlstring}}, {DAY}))
               GROUP BY t.id, t.document, t.title, t.owed_by, t.due_set, t.due ORDER BY due NULLS LAST, t.id""")],
          width=24, height=8, links=[PAGE], overrides=[column("document", links=DOCUMENT_LINKS)], empty="Không giao nhiệm vụ nào"),
    table("Chế độ báo cáo",
          "Báo cáo mà chuỗi văn bản yêu cầu: định kỳ thế nào, từ ngày nào và đến ngày nào. Nguồn: PostgreSQL.",
          "none", [sql(f"""
              SELECT q.title, q.cadence, q.set_on AS on_day, q.ended, q.document FROM requirements q
               WHERE q.document IN (SELECT document FROM documents_below(${{document:sqlstring}}, {DAY}))
               ORDER BY q.set_on, q.id""")],
          width=24, height=8, links=[PAGE], overrides=[column("document", links=DOCUMENT_LINKS)], empty="Không yêu cầu báo cáo nào"),
]

UNITS = [
    table("Đơn vị, tỷ lệ đúng hạn thấp trước",
          "Mỗi đơn vị có nghĩa vụ theo chuỗi văn bản: hai tỷ lệ chính, số đến hạn là mẫu số của cả hai, và số theo tình trạng. Nguồn: PostgreSQL.",
          "none", [sql(by_unit(f"{DAY}, 'unit', {BELOW}, {RANGE}"))],
          width=24, height=13, links=[ROWS], overrides=[*RATES, column("name", links=UNIT_LINKS), *hidden("unit")], empty=NONE),
]

DASHBOARD = dashboard(
    "socai-document", "Văn bản", "Một văn bản và những văn bản bên dưới trong chuỗi: yêu cầu gì, và đã làm đến đâu.",
    [("Kết quả", RESULTS), ("Chuỗi văn bản", CHAIN), ("Đơn vị", UNITS)],
    variables=[DOCUMENT], annotations=MILESTONES, since="now-5y")

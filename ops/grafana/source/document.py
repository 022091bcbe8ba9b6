"""One document and everything below it in its chain, as of the end of the time range."""

from panels import AS_OF, COUNT, DOCUMENT_LINKS, RATES, UNIT_LINKS, ask, bars, by_name, column, dashboard, link, sql, stat, table
from questions import BUCKETS, DAY, MILESTONES, RANGE, by_unit, one_rate

DOCUMENT = ask("document", "Văn bản", """
    SELECT DISTINCT title AS __text, document AS __value FROM milestones WHERE sort = 'document' ORDER BY title, document""")

BELOW = "below_document => ${document:sqlstring}"
ROWS = link("Các nghĩa vụ đằng sau",
            "/obligations?document=${document}&from=${__from:date:YYYY-MM-DD}&to=${__to:date:YYYY-MM-DD}&" + AS_OF)
PAGE = link("Mở văn bản trong Sổ cái", "/documents/${document}?" + AS_OF)

RESULTS = [
    stat("Báo cáo đúng hạn (on_time_of_due)",
         "Reports that this document and those below it ask for: on time, of those whose due date is within the time range and has come. From SQL.",
         "percent", [sql(one_rate("on_time_of_due", f"rates({DAY}, 'total', of_kind => 'report', {BELOW}, {RANGE})"))],
         overrides=COUNT, links=[ROWS], decimals=2),
    stat("Thực hiện nhiệm vụ (completed_of_due)",
         "Tasks that this document and those below it assign: done, of those whose due date is within the time range and has come. From SQL.",
         "percent", [sql(one_rate("completed_of_due", f"rates({DAY}, 'total', of_kind => 'task', {BELOW}, {RANGE})"))],
         overrides=COUNT, links=[ROWS], decimals=2),
    bars("Theo tình trạng",
         "Every obligation of the chain by the one bucket that it is in. From SQL; the same question as `socai rates --document`.",
         "none", [sql(f"SELECT {BUCKETS} FROM counts({DAY}, 'total', {BELOW}, {RANGE})")],
         width=12, height=5, links=[ROWS]),
    by_name("Theo năm của thời hạn",
            "Obligations of the chain by the year of their due date and by bucket. From SQL.",
            "none", [sql(f"SELECT id AS year, {BUCKETS} FROM counts({DAY}, 'year', {BELOW}, {RANGE})")],
            x="year", links=[ROWS]),
    by_name("Nhiệm vụ và báo cáo",
            "Obligations of the chain by sort and by bucket. From SQL.",
            "none", [sql(f"SELECT name, {BUCKETS} FROM counts({DAY}, 'kind', {BELOW}, {RANGE})")],
            x="name", links=[ROWS]),
]

CHAIN = [
    table("Chuỗi văn bản",
          "This document and those that carry out what it asks for, with what each asks for itself, by bucket. From SQL.",
          "none", [sql(f"""
              SELECT b.document, b.title AS document_title, i.name AS issuer, b.date, b.steps, b.relation, {BUCKETS}
                FROM documents_below(${{document:sqlstring}}, {DAY}) b
                LEFT JOIN units i ON i.id = b.issuer
                LEFT JOIN counts({DAY}, 'document', {BELOW}, {RANGE}) c ON c.id = b.document
               ORDER BY b.steps, b.date, b.document""")],
          width=24, height=10, links=[PAGE], overrides=[column("document_title", links=DOCUMENT_LINKS)]),
    table("Nhiệm vụ",
          "Tasks that the chain assigns: how many units owe each, and how many have done so by the end of the time range. From SQL.",
          "none", [sql(f"""
              SELECT t.document, t.title, t.owed_by, coalesce(t.due_set, t.due) AS due,
                     {", ".join(f"count(*) FILTER (WHERE r.bucket = '{name}') AS {name}" for name in BUCKETS.split(", "))}
                FROM tasks t LEFT JOIN obligation_rows({DAY}, of_kind => 'task', {BELOW}) r ON r.source = t.id
               WHERE t.document IN (SELECT document FROM documents_below(${{document:sqlstring}}, {DAY}))
               GROUP BY t.id, t.document, t.title, t.owed_by, t.due_set, t.due ORDER BY due NULLS LAST, t.id""")],
          width=14, height=10, links=[PAGE], overrides=[column("document", links=DOCUMENT_LINKS)]),
    table("Chế độ báo cáo",
          "Reports that the chain asks for: how often, since when, and until when. From SQL.",
          "none", [sql(f"""
              SELECT q.document, q.title, q.cadence, q.set_on AS on_day, q.ended FROM requirements q
               WHERE q.document IN (SELECT document FROM documents_below(${{document:sqlstring}}, {DAY}))
               ORDER BY q.set_on, q.id""")],
          width=10, height=10, links=[PAGE], overrides=[column("document", links=DOCUMENT_LINKS)]),
]

UNITS = [
    table("Đơn vị",
          "Each unit that owes something of the chain, with both headline rates and the counts that they come from. From SQL.",
          "none", [sql(by_unit(f"rates({DAY}, 'unit', {BELOW}, {RANGE})"))],
          width=24, height=12, links=[ROWS], overrides=[*RATES, column("name", links=UNIT_LINKS)]),
]

DASHBOARD = dashboard(
    "socai-document", "Văn bản", "One document and those below it in its chain: what they ask for, and how it stands.",
    [("Kết quả", RESULTS), ("Chuỗi văn bản", CHAIN), ("Đơn vị", UNITS)],
    variables=[DOCUMENT], annotations=MILESTONES, since="now-5y")

"""The city today: the obligations of the window that is counted, as of now. Below, the same numbers asked of the tables, for they count the same."""

from panels import (OBLIGATION, RATES, UNIT_LINKS, bars, bars_by_bucket, column, dashboard, days, hidden, joined, link, over_time,
                    prom, rate, sql, table)
from questions import COUNTED, MILESTONES, answer, by_unit, same_rate, totals
from words import RATES as SIX

ROWS = link("Các nghĩa vụ đằng sau", "/obligations?obligations=${obligation}&as_of=${__to:date:YYYY-MM-DD}")
OF = "of_kind => '${obligation}'"

NOW = [
    days("Kỳ đang tính",
         "Các thời hạn mà trang này đếm, và ngày mà các con số tính đến: năm dương lịch này, hoặc kỳ mà [metrics] window đặt ra. Nguồn: PostgreSQL; Prometheus có cùng những ngày ấy.",
         "SELECT due_from AS counted_from, due_to AS counted_to, today() AS counted_as_of FROM counted_days", width=24, height=3, links=[ROWS]),
    rate("Báo cáo đúng hạn (on_time_of_due)",
         "Báo cáo có thời hạn trong kỳ đang tính và đã đến hạn: số hoàn thành đúng hạn trên số đã đến hạn. Nguồn: Prometheus. Chưa có gì đến hạn thì không có tỷ lệ.",
         "on_time_of_due", "report", "on_time", of="city", links=[ROWS]),
    rate("Thực hiện nhiệm vụ (completed_of_due)",
         "Nhiệm vụ có thời hạn trong kỳ đang tính và đã đến hạn: số đã hoàn thành, đúng hạn hay quá hạn, trên số đã đến hạn. Nguồn: Prometheus.",
         "completed_of_due", "task", "on_time|late", of="city", links=[ROWS]),
    bars_by_bucket("Nghĩa vụ theo tình trạng",
                   "Nghĩa vụ thuộc loại đã chọn, có thời hạn trong kỳ đang tính, theo tình trạng hôm nay; mỗi nghĩa vụ thuộc đúng một tình trạng. Nguồn: Prometheus.",
                   "city", 'obligation="${obligation}"', width=12, height=7, links=[ROWS]),
]

UNITS = [
    table("Đơn vị, tỷ lệ đúng hạn thấp trước",
          "Mỗi đơn vị có nghĩa vụ thuộc loại đã chọn trong kỳ đang tính: hai tỷ lệ chính, số đến hạn là mẫu số của cả hai, và số theo tình trạng. Nguồn: PostgreSQL. Chưa có gì đến hạn thì không có tỷ lệ.",
          "none", [sql(by_unit(f"today(), 'unit', {OF}, {COUNTED}"))],
          width=24, height=13, links=[ROWS], overrides=[*RATES, column("name", links=UNIT_LINKS), *hidden("unit")]),
    table("Quá hạn lâu nhất",
          "Mười lăm đơn vị có nghĩa vụ quá hạn lâu nhất mà chưa hoàn thành, trong số có thời hạn trong kỳ đang tính. Nguồn: PostgreSQL.",
          "none", [sql(f"""
              SELECT r.unit, u.name, min(r.due) AS oldest_due, today() - min(r.due) AS days_overdue, count(*) AS overdue_count
                FROM {answer('obligation_rows', f"today(), {OF}, {COUNTED}")} r JOIN units u ON u.id = r.unit
               WHERE r.bucket = 'overdue' GROUP BY r.unit, u.name ORDER BY oldest_due, overdue_count DESC, r.unit LIMIT 15""")],
          width=12, height=10, links=[ROWS], empty="Không có nghĩa vụ nào quá hạn",
          overrides=[column("name", links=UNIT_LINKS), *hidden("unit")]),
    joined(table("Theo loại đơn vị",
                 "Tỷ lệ đúng hạn (on_time_of_due) của mỗi loại đơn vị, với tử số và mẫu số. Nguồn: Prometheus. Chưa có gì đến hạn thì không có tỷ lệ.",
                 "none", [
                     prom('sum by (kind) (kind:socai_on_time_of_due:ratio{obligation="${obligation}"})', table=True),
                     prom('sum by (kind) (kind:socai_obligations:count{obligation="${obligation}", bucket="on_time"}) '
                          'and on (kind) kind:socai_obligations_due:sum{obligation="${obligation}"} > 0', table=True),
                     prom('sum by (kind) (kind:socai_obligations_due:sum{obligation="${obligation}"}) > 0', table=True),
                 ],
                 width=12, height=10, links=[ROWS], empty="Chưa có gì đến hạn", overrides=[
                     column("Value #A", displayName=SIX["on_time_of_due"], unit="percentunit", decimals=2),
                     column("Value #B", displayName="Đúng hạn"), column("Value #C", displayName="Đã đến hạn"), *hidden("Time")])),
]

TRENDS = [
    over_time("Sáu tỷ lệ của thành phố",
              "Sáu tỷ lệ của loại nghĩa vụ đã chọn, như đã tính tại mỗi thời điểm; kỳ mới thì tính lại từ đầu, như từ ngày 1 tháng 1 nếu kỳ là năm dương lịch. Nguồn: Prometheus, nên không gồm những gì được đính chính về sau.",
              "percentunit", [prom(f'city:socai_{name}:ratio{{obligation="${{obligation}}"}}', name) for name in SIX],
              links=[ROWS], min=0, max=1, height=10, empty="Chưa có gì đến hạn"),
    over_time("Cờ trễ hạn và gia hạn trong một ngày",
              "Số cờ trễ hạn đã ghi và số lần gia hạn trong 24 giờ trước mỗi thời điểm, của cả báo cáo và nhiệm vụ. Nguồn: Prometheus.",
              "none", [
                  prom("sum(max by (obligation) (increase(socai_late_flags_total[1d])))", "flagged_late"),
                  prom("sum(max by (obligation) (increase(socai_extensions_granted_total[1d])))", "extended"),
              ], links=[ROWS], min=0, height=10, decimals=0),
]

SAME = [
    same_rate("Báo cáo đúng hạn, hỏi PostgreSQL",
              "Cùng tỷ lệ như ở trên, hỏi từ các bảng. Nếu khác nhau lâu hơn độ chậm của các bảng, xem trang Toàn vẹn.",
              "on_time_of_due", f"today(), 'total', of_kind => 'report', {COUNTED}", links=[ROWS]),
    same_rate("Thực hiện nhiệm vụ, hỏi PostgreSQL", "Cùng tỷ lệ như ở trên, hỏi từ các bảng.",
              "completed_of_due", f"today(), 'total', of_kind => 'task', {COUNTED}", links=[ROWS]),
    bars("Nghĩa vụ theo tình trạng, hỏi PostgreSQL", "Cùng những con số như ở trên, hỏi từ các bảng.",
         "none", [sql(totals(f"today(), 'total', {OF}, {COUNTED}"))], width=12, height=7, links=[ROWS]),
]

DASHBOARD = dashboard(
    "socai-city", "Toàn thành phố", "Toàn thành phố hôm nay: các nghĩa vụ có thời hạn trong kỳ đang tính.",
    [("Kỳ đang tính, đến hôm nay", NOW), ("Đơn vị", UNITS), ("Diễn biến", TRENDS), ("Đối chiếu: cùng những con số, hỏi PostgreSQL", SAME)],
    variables=[OBLIGATION], annotations=MILESTONES)

"""The city today: the obligations of the window, as of now. Metrics and SQL side by side, for they count the same."""

from panels import (COUNT, OBLIGATION, RATES, UNIT_LINKS, bars, column, dashboard, joined, link, over_time, prom, rate, sql, stat,
                    table)
from questions import BUCKETS, COUNTED, MILESTONES, by_unit, of_today, one_rate

ROWS = link("Các nghĩa vụ đằng sau", "/obligations?obligations=${obligation}&as_of=${__to:date:YYYY-MM-DD}")

HEADLINES = [
    table("Kỳ đang tính",
          "The window: the due dates that the panels of this page count, and the day as of which. The calendar year, or what [metrics] window says. From SQL; the metrics have the same as socai_window_start_timestamp_seconds and socai_window_end_timestamp_seconds.",
          "none", [sql("SELECT due_from AS counted_from, due_to AS counted_to, today() AS counted_as_of FROM counted_days")], width=24, height=4, links=[ROWS]),
    rate("Tỷ lệ báo cáo đúng hạn (on_time_of_due)",
         "Reports of the window whose due date has come: on time, of all. From metrics. Nothing due: no value.",
         "on_time_of_due", "report", "on_time", of="city", links=[ROWS]),
    rate("Tỷ lệ thực hiện nhiệm vụ (completed_of_due)",
         "Tasks of the window whose due date has come: done, on time or late, of all. From metrics. Nothing due: no value.",
         "completed_of_due", "task", "on_time|late", of="city", links=[ROWS]),
    stat("Báo cáo đúng hạn, đọc từ PostgreSQL",
         "The same rate as the first panel, asked of the tables. Where it differs for longer than the projection is behind, see the dashboard Toàn vẹn.",
         "percent", [sql(one_rate("on_time_of_due", of_today("report")))],
         overrides=COUNT, links=[ROWS], decimals=2),
    stat("Thực hiện nhiệm vụ, đọc từ PostgreSQL",
         "The same rate as the second panel, asked of the tables.",
         "percent", [sql(one_rate("completed_of_due", of_today("task")))],
         overrides=COUNT, links=[ROWS], decimals=2),
]

NOW = [
    bars("Nghĩa vụ theo tình trạng",
         "Obligations of the chosen sort, due in the window, by the one bucket that each is in today. From metrics.",
         "none", [prom('city:socai_obligations:count{obligation="${obligation}"}', "{{bucket}}", instant=True)],
         width=8, links=[ROWS]),
    bars("Nghĩa vụ theo tình trạng, đọc từ PostgreSQL",
         "The same counts as the panel beside it, asked of the tables.",
         "none", [sql(f"SELECT {BUCKETS} FROM counted_days w, counts(today(), 'total', of_kind => '${{obligation}}', {COUNTED})")],
         width=8, links=[ROWS]),
    table("Theo loại đơn vị",
          "Rate on_time_of_due of each kind of unit with its numerator and denominator. From metrics.",
          "none", [
              prom('kind:socai_on_time_of_due:ratio{obligation="${obligation}"}', table=True),
              prom('kind:socai_obligations:count{obligation="${obligation}", bucket="on_time"}', table=True),
              prom('kind:socai_obligations_due:sum{obligation="${obligation}"}', table=True),
          ],
          width=8, links=[ROWS], overrides=[
              column("Value #A", displayName="Tỷ lệ", unit="percentunit", decimals=4), column("Value #B", displayName="Tử số"),
              column("Value #C", displayName="Mẫu số"), column("Time", **{"custom.hidden": True}),
              *(column(name, **{"custom.hidden": True}) for name in ("obligation", "bucket", "__name__")),
          ]),
]

UNITS = [
    table("Đơn vị, tỷ lệ thấp trước",
          "Each unit that owes something of the chosen sort in the window: both headline rates and the counts that they come from. From SQL. A unit of which nothing was due has no rate.",
          "none", [sql(by_unit(of_today("${obligation}", "unit")))],
          width=24, height=12, links=[ROWS], overrides=[*RATES, column("name", links=UNIT_LINKS)]),
    table("Quá hạn lâu nhất",
          "Of each unit the due date that passed first and is not fulfilled, as the time since. From metrics.",
          "s", [prom('topk(15, time() - max by (unit) (socai_unit_oldest_overdue_due_timestamp_seconds{obligation="${obligation}"}))',
                     table=True)],
          width=8, height=10, links=[ROWS], overrides=[
              column("Value", displayName="Cách đây"), column("Time", **{"custom.hidden": True}), column("unit", links=UNIT_LINKS)]),
    table("Hai mươi đơn vị có tỷ lệ thấp nhất",
          "The twenty units with the lowest on_time_of_due of the chosen sort, with numerator and denominator. From metrics.",
          "none", [
              prom('bottomk(20, unit:socai_on_time_of_due:ratio{obligation="${obligation}"})', table=True),
              prom('unit:socai_obligations:count{obligation="${obligation}", bucket="on_time"} and on (unit, obligation) '
                   'bottomk(20, unit:socai_on_time_of_due:ratio{obligation="${obligation}"})', table=True),
              prom('unit:socai_obligations_due:sum{obligation="${obligation}"} and on (unit, obligation) '
                   'bottomk(20, unit:socai_on_time_of_due:ratio{obligation="${obligation}"})', table=True),
          ],
          width=16, height=10, links=[ROWS], overrides=[
              column("Value #A", displayName="Tỷ lệ", unit="percentunit", decimals=4), column("Value #B", displayName="Tử số"),
              column("Value #C", displayName="Mẫu số"), column("unit", links=UNIT_LINKS), column("Time", **{"custom.hidden": True}),
              *(column(name, **{"custom.hidden": True}) for name in ("obligation", "bucket", "__name__")),
          ]),
]

TRENDS = [
    over_time("Sáu tỷ lệ của thành phố",
              "The six rates of the city as they were at each moment, of the chosen sort; where the window moves, as a calendar year does on 1 January, they begin anew. From metrics: what was corrected later is not in it.",
              "percentunit", [
                  prom(f'city:socai_{name}:ratio{{obligation="${{obligation}}"}}', name)
                  for name in ("on_time_of_due", "completed_of_due", "on_time_of_completed", "completed_of_assigned",
                               "overdue_of_due", "overdue_of_assigned")
              ], links=[ROWS], min=0, max=1),
    over_time("Cờ trễ hạn và gia hạn",
              "Late flags that were raised, and extensions that were granted, within a day before each moment. From metrics.",
              "none", [
                  prom("sum(max by (obligation) (increase(socai_late_flags_total[1d])))", "flagged_late"),
                  prom("sum(max by (obligation) (increase(socai_extensions_granted_total[1d])))", "extended"),
              ], links=[ROWS], min=0),
]

for one in (NOW[2], UNITS[2]):
    one.update(joined(one))

DASHBOARD = dashboard(
    "socai-city", "Toàn thành phố", "The city today: obligations due in the window, as of now.",
    [("Tỷ lệ trong kỳ", HEADLINES), ("Hôm nay", NOW), ("Đơn vị", UNITS), ("Diễn biến", TRENDS)],
    variables=[OBLIGATION], annotations=MILESTONES)

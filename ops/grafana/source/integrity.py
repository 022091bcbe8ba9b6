"""Whether what is recorded is sealed, cosigned, verified, backed up and counted alike from two sides."""

from panels import column, dashboard, hidden, link, over_time, prom, sql, stat, table
from questions import BUCKETS, COUNTED, answer

# Where there is no value Grafana takes the first colour. The limits are those of the alerts.
NONE_IS_WELL = [(None, "red"), (0, "green"), (1, "red")]
CHECKPOINTS = link("Các điểm kiểm tra", "/checkpoints")


def since(title, metric, about, *, name="cách đây", steps=None):
    return stat(title, about, "dtdhms", [prom(f"time() - max({metric})", name, instant=True)], width=8, height=4, links=[CHECKPOINTS], decimals=0,
                steps=steps, empty="Chưa có lần nào")


def within(hours, title, metric, about):
    """How long ago something happened that has to happen again within `hours`."""
    return since(title, metric, about, name=f"cách đây, hạn {hours} giờ", steps=[(None, "red"), (0, "green"), (hours * 3600, "red")])


AGES = [
    since("Điểm kiểm tra cuối", "socai_checkpoint_signed_timestamp_seconds",
          "Bao lâu từ khi ký điểm kiểm tra cuối; ngày d, giờ:phút:giây. Sổ không có gì mới thì điểm cuối đã cũ, mà vẫn được niêm phong."),
    within(50, "Niêm phong đầu luồng", "socai_heads_sealed_timestamp_seconds",
           "Bao lâu từ khi niêm phong đầu các luồng: mỗi ngày một lần, khi có gì mới."),
    within(26, "Rà soát quá hạn", "socai_sweep_last_success_timestamp_seconds",
           "Bao lâu từ lần rà soát cuối những thời hạn đã qua."),
    within(26, "Kiểm tra toàn bộ", "socai_verification_last_success_timestamp_seconds",
           "Bao lâu từ khi một tiến trình đọc lại mọi bản ghi và thấy sổ đúng như đã niêm phong."),
    within(26, "Sao lưu", "socai_backup_last_success_timestamp_seconds",
           "Bao lâu từ lần sao lưu cuối thành công."),
    stat("Kiểm tra thất bại", "Số lần một tiến trình đọc lại sổ và thấy khác với đã niêm phong, từ khi khởi động. Khác 0 là khẩn cấp.",
         "none", [prom("sum(socai_verification_failures_total)", "lần, phải là 0", instant=True)], width=8, height=4,
         steps=NONE_IS_WELL, links=[CHECKPOINTS], decimals=0),
]

SEALED = [
    over_time("Bản ghi chưa niêm phong",
              "Số bản ghi sau điểm kiểm tra cuối. Quá năm phút thì có cảnh báo. Nguồn: Prometheus.",
              "none", [prom("max(socai_log_position) - max(socai_checkpoint_size)", "chưa niêm phong")], min=0, decimals=0, links=[CHECKPOINTS]),
    over_time("Bản ghi chưa sao lưu",
              "Số bản ghi sau vị trí của lần sao lưu cuối. Nguồn: Prometheus.",
              "none", [prom("max(socai_log_position) - max(socai_backup_position)", "chưa sao lưu")], min=0, decimals=0, links=[CHECKPOINTS],
              empty="Chưa có lần sao lưu nào"),
    table("Nhân chứng",
          "Mỗi nhân chứng, và bao lâu từ lần ký cuối; ngày d, giờ:phút:giây. Quá hai giờ thì có cảnh báo. Nguồn: Prometheus.",
          "dtdhms", [prom("time() - max by (witness) (socai_cosignature_timestamp_seconds)", table=True)],
          links=[CHECKPOINTS], height=6, overrides=[column("Value", displayName="Ký lần cuối cách đây"), *hidden("Time")],
          empty="Không có nhân chứng nào"),
    over_time("Nhân chứng chậm",
              "Số bản ghi mà mỗi nhân chứng chưa ký. Nguồn: Prometheus.",
              "none", [prom("scalar(max(socai_log_position)) - max by (witness) (socai_cosignature_size)", "{{witness}}")],
              min=0, decimals=0, height=6, links=[CHECKPOINTS], empty="Không có nhân chứng nào"),
]

LESS = ("max by (kind, obligation, bucket) (kind:socai_obligations:count) "
        "- on (kind, obligation, bucket) max by (kind, obligation, bucket) (socai_reporting_obligations)")

SAME = [
    stat("Con số khác nhau",
         "Bao nhiêu con số mà sổ cái và PostgreSQL đếm khác nhau, theo loại đơn vị, nghĩa vụ và tình trạng, trong kỳ đang tính. Nguồn: Prometheus.",
         "none", [prom(f"count(({LESS}) != 0) or vector(0)", "khác nhau, phải là 0", instant=True),
                  prom(f"count({LESS})", "đã so sánh", instant=True)],
         width=6, steps=NONE_IS_WELL, links=[CHECKPOINTS], decimals=0, overrides=[column("đã so sánh", thresholds={
             "mode": "absolute", "steps": [{"value": None, "color": "text"}]})]),
    table("Đọc từ PostgreSQL",
          "Số nghĩa vụ của kỳ đang tính theo loại và tình trạng, hỏi từ các bảng, ở vị trí mà các bảng đã đọc đến. Nguồn: PostgreSQL.",
          "none", [sql(f"""SELECT c.name, {", ".join(f"c.{name}" for name in BUCKETS.split(", "))}, p.position, p.behind
                             FROM {answer('counts', f"today(), 'kind', {COUNTED}")} c CROSS JOIN projection p""")],
          width=18, height=5, links=[CHECKPOINTS]),
    over_time("Vị trí so sánh",
              "Vị trí mà sổ cái và PostgreSQL đã đếm đến: chỉ khi cùng vị trí thì chênh lệch mới là chênh lệch. Nguồn: Prometheus.",
              "none", [prom("max(instance:socai_counting:position)", "image"), prom("max(socai_reporting_position)", "sql")],
              links=[CHECKPOINTS], height=6, decimals=0),
    table("Nghĩa vụ quá hạn chưa có cờ trễ hạn",
          "Những gì hôm nay quá hạn, và bao nhiêu chưa có cờ cho thời hạn của nó. Lần rà soát sau sẽ ghi cờ; 0 là bình thường. Nguồn: PostgreSQL.",
          "none", [sql("""
              SELECT o.kind, count(*) AS overdue, count(*) FILTER (WHERE NOT EXISTS (
                         SELECT FROM late_flags f WHERE f.number = o.number AND f.due = o.due)) AS difference
                FROM obligations_current o WHERE o.bucket = 'overdue' GROUP BY o.kind ORDER BY o.kind""")],
          links=[CHECKPOINTS], height=6, overrides=[column("difference", displayName="Chưa có cờ")], empty="Không có gì quá hạn"),
    table("Sổ cái và PostgreSQL: chênh lệch",
          "Số đếm từ sổ cái trừ số đếm từ PostgreSQL, theo loại đơn vị, nghĩa vụ và tình trạng, trong kỳ đang tính; chênh lệch lớn trước. Khác 0 quá năm phút ở cùng vị trí thì có cảnh báo. Nguồn: Prometheus.",
          "none", [prom(f"sort_desc({LESS})", table=True)],
          links=[CHECKPOINTS], width=24, height=11, overrides=[column("Value", displayName="Chênh lệch", **{"custom.width": 120}), *hidden("Time")]),
]

DASHBOARD = dashboard(
    "socai-integrity", "Toàn vẹn", "Những gì đã ghi có được niêm phong, có nhân chứng ký, được kiểm tra, sao lưu, và đếm như nhau từ hai phía không.",
    [("Lần cuối", AGES), ("Niêm phong", SEALED), ("Cùng một con số", SAME)], since="now-24h", refresh="1m")

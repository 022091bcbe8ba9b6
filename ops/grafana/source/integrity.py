"""Whether what is recorded is sealed, cosigned, verified, backed up and counted alike from two sides."""

from panels import column, dashboard, link, over_time, prom, sql, stat, table
from questions import COUNTED

FRESH = [(None, "green"), (26 * 3600, "orange"), (50 * 3600, "red")]
CHECKPOINTS = link("Các điểm kiểm tra", "/checkpoints")


def since(title, about, metric, **more):
    return stat(title, about, "s", [prom(f"time() - max({metric})", "", instant=True)], width=4, steps=FRESH, links=[CHECKPOINTS],
                **more)


AGES = [
    since("Điểm kiểm tra cuối", "How long ago the last checkpoint was signed. A quiet ledger has an old one, and is sealed.",
          "socai_checkpoint_signed_timestamp_seconds"),
    since("Niêm phong đầu luồng", "How long ago the heads of the streams were sealed: once a day.", "socai_heads_sealed_timestamp_seconds"),
    since("Rà soát quá hạn", "How long ago a watcher last looked for passed due dates.", "socai_sweep_last_success_timestamp_seconds"),
    since("Kiểm tra toàn bộ", "How long ago a process read every record again and found the ledger as it was sealed.",
          "socai_verification_last_success_timestamp_seconds"),
    since("Sao lưu", "How long ago the last backup succeeded.", "socai_backup_last_success_timestamp_seconds"),
    stat("Kiểm tra thất bại", "How often a process read the ledger again and found something else than was sealed, since it was started. Anything but 0 is urgent.",
         "none", [prom("sum(socai_verification_failures_total)", "", instant=True)], width=4,
         steps=[(None, "green"), (1, "red")], links=[CHECKPOINTS]),
]

SEALED = [
    over_time("Bản ghi chưa niêm phong",
              "Records after the last checkpoint. Those older than five minutes raise an alert.",
              "none", [prom("max(socai_log_position) - max(socai_checkpoint_size)", "unsealed")], min=0, links=[CHECKPOINTS]),
    over_time("Bản ghi chưa sao lưu",
              "Records after the position of the last backup.",
              "none", [prom("max(socai_log_position) - max(socai_backup_position)", "without a backup")], min=0, links=[CHECKPOINTS]),
    table("Nhân chứng",
          "Each witness, and how long ago it cosigned last. Two hours raise an alert.",
          "s", [prom("time() - max by (witness) (socai_cosignature_timestamp_seconds)", table=True)],
          links=[CHECKPOINTS], overrides=[column("Value", displayName="Cách đây"), column("Time", **{"custom.hidden": True})]),
    over_time("Nhân chứng chậm",
              "Records that each witness has not cosigned yet.",
              "none", [prom("scalar(max(socai_log_position)) - max by (witness) (socai_cosignature_size)", "{{witness}}")],
              min=0, links=[CHECKPOINTS]),
]

SAME = [
    table("Sổ cái và PostgreSQL: chênh lệch",
          "What the image counts less what SQL counts, by kind of unit, sort and bucket, in the window. Other than 0 for longer than five minutes at one position raises an alert.",
          "none", [prom("max by (kind, obligation, bucket) (kind:socai_obligations:count) "
                        "- on (kind, obligation, bucket) max by (kind, obligation, bucket) (socai_reporting_obligations)", table=True)],
          links=[CHECKPOINTS], height=10,
          overrides=[column("Value", displayName="Chênh lệch"), column("Time", **{"custom.hidden": True})]),
    table("Đọc từ PostgreSQL",
          "The counts of the window by sort, asked of the tables now. From SQL.",
          "none", [sql(f"""SELECT c.name, c.on_time, c.late, c.pending, c.overdue, c.no_due_date, c.excused, p.position, p.behind
                             FROM counted_days w, counts(today(), 'kind', {COUNTED}) c, projection p""")],
          links=[CHECKPOINTS], height=5),
    over_time("Vị trí so sánh",
              "The positions at which the image and SQL were counted: only where they are the same is a difference one.",
              "none", [prom("max(instance:socai_counting:position)", "image"), prom("max(socai_reporting_position)", "sql")],
              links=[CHECKPOINTS], height=5),
    table("Cờ trễ hạn so với nghĩa vụ quá hạn",
          "What is overdue today and has no late flag of its due date. A sweep flags it. From SQL; a count of 0 is as it should be.",
          "none", [sql("""
              SELECT o.kind, count(*) AS overdue, count(*) FILTER (WHERE NOT EXISTS (
                         SELECT FROM late_flags f WHERE f.number = o.number AND f.due = o.due)) AS difference
                FROM obligations_current o WHERE o.bucket = 'overdue' GROUP BY o.kind ORDER BY o.kind""")],
          links=[CHECKPOINTS], height=5, overrides=[column("difference", displayName="Chưa có cờ")]),
]

DASHBOARD = dashboard(
    "socai-integrity", "Toàn vẹn", "Whether what is recorded is sealed, cosigned, verified, backed up, and counted alike from two sides.",
    [("Lần cuối", AGES), ("Niêm phong", SEALED), ("Cùng một con số", SAME)], since="now-24h", refresh="1m")

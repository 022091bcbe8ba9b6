"""Whether the processes do what they are for, and how long they take."""

from panels import dashboard, column, joined, over_time, prom, sql, stat, states, table

STATE_MAP = [{"type": "value", "options": {
    str(number): {"text": text, "color": colour, "index": number}
    for number, (text, colour) in enumerate((("đang làm việc", "green"), ("dự phòng", "blue"), ("khởi động", "yellow"),
                                              ("đang thử lại", "orange"), ("đã dừng", "red")))}}]

# One number for the state that a role is in: the series of that state is 1 and the others are 0.
STATE = " or ".join(
    f'(max by (instance, role) (socai_role_state{{state="{state}"}} == 1) * {number})'
    for number, state in enumerate(("working", "standing_by", "starting", "trying", "stopped")))

INTERVAL = "[$__rate_interval]"


def quantiles(metric, by):
    return [prom(f"histogram_quantile({q}, sum by ({by}, le) (rate({metric}_bucket{INTERVAL})))",
                 f"p{int(q * 100)} " + " ".join(f"{{{{{label}}}}}" for label in by.split(", ")), exemplar=True) for q in (0.5, 0.99)]


ROLES = [
    states("Vai trò",
           "The state of each role in each process. Stopped waits for a person: /status of that process says why. From metrics.",
           "none", [prom(STATE, "{{role}} {{instance}}")], mappings=STATE_MAP, width=16, height=9),
    table("Phiên bản và khởi động",
          "Which program each process is, and how long ago it was started. From metrics.",
          "none", [prom("socai_build_info", table=True),
                   prom('time() - process_start_time_seconds{job="socai"}', table=True)],
          width=8, height=9, overrides=[
              column("Value #A", **{"custom.hidden": True}), column("Value #B", displayName="Chạy được", unit="s"),
              *(column(name, **{"custom.hidden": True}) for name in ("Time", "job", "__name__"))]),
    over_time("Vị trí trong sổ",
              "Where the ledger ends, and how far each role of each process is. From metrics.",
              "none", [prom("max(socai_log_position)", "log"), prom("socai_role_position", "{{role}} {{instance}}"),
                       prom("max(socai_projection_position)", "PostgreSQL")], width=12),
    over_time("Chậm so với sổ",
              "Records that each role, and PostgreSQL, have not come to yet. From metrics.",
              "none", [prom("scalar(max(socai_log_position)) - socai_role_position", "{{role}} {{instance}}"),
                       prom("max(socai_log_position) - max(socai_projection_position)", "PostgreSQL")], width=12, min=0),
    table("Bảng trong PostgreSQL",
          "The position at which every answer from SQL is true, and what the projector says of itself. From SQL.",
          "none", [sql("SELECT position, behind, written_at, state, parked_at FROM projection")], width=24, height=4),
]

RECORDING = [
    over_time("Ghi sổ theo kết quả",
              "Appends a second, by what they came to. Refused and conflict are answers of a ledger that is well; failed and unknown raise an alert.",
              "ops", [prom(f"sum by (outcome) (rate(socai_append_duration_seconds_count{INTERVAL}))", "{{outcome}}")], min=0),
    over_time("Thời gian ghi sổ",
              "How long an append takes until it is durable: the half, and all but one in a hundred. Exemplars have the request's id.",
              "s", quantiles("socai_append_duration_seconds", "outcome"), min=0),
    over_time("Sự kiện theo loại",
              "Events that were recorded within an hour before each moment, by type. From metrics; those of which there are none are left out.",
              "none", [prom("max by (type) (increase(socai_events_total[1h])) > 0 or max by (type) (socai_events_total) * 0", "{{type}}")],
              width=24, min=0),
]

ANSWERING = [
    over_time("Trả lời HTTP theo trạng thái",
              "Answers a second by class of status. 5xx are the api's own; above one in a hundred an alert fires.",
              "reqps", [prom(f"sum by (status) (rate(socai_http_request_duration_seconds_count{INTERVAL}))", "{{status}}")],
              stacked=True, min=0),
    over_time("Thời gian trả lời HTTP",
              "How long an answer takes, by route: the half, and all but one in a hundred. Exemplars have the request's id.",
              "s", quantiles("socai_http_request_duration_seconds", "route"), min=0),
    over_time("Trả lời gRPC",
              "Calls a second by code. A process without calls shows 0.",
              "reqps", [prom(f"sum by (code) (rate(socai_grpc_request_duration_seconds_count{INTERVAL})) or on () vector(0)", "{{code}}")], min=0),
    over_time("Đang mở, đang chờ",
              "Connections, jobs by state, and hashes of passwords that wait for a core. From metrics.",
              "none", [prom("sum(socai_connections)", "connections"), prom("sum by (state) (socai_jobs)", "jobs {{state}}"),
                       prom("sum(socai_password_hashes_waiting)", "hashes")], min=0),
]

MACHINES = [
    stat("Dung lượng sổ", "Bytes that the ledger takes in its store, by the process that says so. From metrics.",
         "bytes", [prom("max(socai_store_bytes)", "store", instant=True)], width=4),
    over_time("Đĩa còn trống",
              "The part of each disk that is free. Below one twentieth an alert fires, and before, if it will be full within four days.",
              "percentunit", [prom("socai_disk_free_bytes / socai_disk_size_bytes", "{{directory}} {{instance}}")],
              width=10, min=0, max=1),
    over_time("Bộ nhớ", "Memory that each process has resident. From metrics.",
              "bytes", [prom('process_resident_memory_bytes{job="socai"}', "{{instance}}")], width=10, min=0),
    over_time("CPU", "Cores that each process keeps busy. From metrics.",
              "none", [prom(f'rate(process_cpu_seconds_total{{job="socai"}}{INTERVAL})', "{{instance}}")], width=12, min=0),
    over_time("Tệp đang mở", "Descriptors that each process has open, of those that it may. From metrics.",
              "percentunit", [prom('process_open_fds{job="socai"} / process_max_fds{job="socai"}', "{{instance}}")], width=12, min=0),
]

ROLES[1] = joined(ROLES[1])

DASHBOARD = dashboard(
    "socai-operations", "Vận hành", "Whether the processes do what they are for, and how long they take.",
    [("Vai trò", ROLES), ("Ghi sổ", RECORDING), ("Trả lời", ANSWERING), ("Máy", MACHINES)], since="now-6h", refresh="30s")

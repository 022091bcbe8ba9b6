"""Whether the processes do what they are for, and how long they take."""

from panels import MANY, coloured, column, dashboard, hidden, joined, over_time, prom, sql, stat, states, table

STATE_MAP = [{"type": "value", "options": {
    str(number): {"text": text, "color": colour, "index": number}
    for number, (text, colour) in enumerate((("đang làm việc", "green"), ("dự phòng", "blue"), ("khởi động", "yellow"),
                                              ("đang thử lại", "orange"), ("đã dừng", "red")))}}]

# One number for the state that a role is in: the series of that state is 1 and the others are 0.
STATE = " or ".join(
    f'(max by (instance, role) (socai_role_state{{state="{state}"}} == 1) * {number})'
    for number, state in enumerate(("working", "standing_by", "starting", "trying", "stopped")))

INTERVAL = "[$__rate_interval]"


def quantile(q, metric, by):
    """How long all but a part take. Where there was nothing to measure there is no value."""
    return f"histogram_quantile({q}, sum by ({by}) (rate({metric}_bucket{INTERVAL}))) >= 0"


ROLES = [
    states("Vai trò",
           "Trạng thái của mỗi vai trò trong mỗi tiến trình. Đã dừng là chờ người: /status của tiến trình cho biết vì sao. Nguồn: Prometheus.",
           "none", [prom(STATE, "{{role}} {{instance}}")], mappings=STATE_MAP, width=16, height=9),
    joined(table("Phiên bản và khởi động",
                 "Mỗi tiến trình là phiên bản nào, và đã chạy bao lâu; ngày d, giờ:phút:giây. Nguồn: Prometheus.",
                 "dtdhms", [prom("max by (instance, version) (socai_build_info)", table=True),
                            prom('time() - max by (instance) (process_start_time_seconds{job="socai"})', table=True)],
                 width=8, height=9, overrides=[column("Value #B", displayName="Chạy được"), *hidden("Time", "Value #A")])),
    over_time("Vị trí trong sổ",
              "Sổ dài đến đâu, và mỗi vai trò của mỗi tiến trình đã đọc đến đâu. Nguồn: Prometheus.",
              "none", [prom("max(socai_log_position)", "Sổ cái"), prom("socai_role_position", "{{role}} {{instance}}"),
                       prom("max(socai_projection_position)", "PostgreSQL")], decimals=0),
    over_time("Chậm so với sổ",
              "Số bản ghi mà mỗi vai trò, và PostgreSQL, chưa đọc đến. Nguồn: Prometheus.",
              "none", [prom("scalar(max(socai_log_position)) - socai_role_position", "{{role}} {{instance}}"),
                       prom("max(socai_log_position) - max(socai_projection_position)", "PostgreSQL")], min=0, decimals=0),
    table("Bảng trong PostgreSQL",
          "Mọi câu trả lời từ SQL đúng ở vị trí này; và tiến trình ghi bảng đang ở trạng thái nào. Nguồn: PostgreSQL.",
          "none", [sql("SELECT position, behind, written_at, state, parked_at FROM projection")], width=24, height=4),
]

RECORDING = [
    over_time("Ghi sổ theo kết quả",
              "Số lần ghi trong một giây, theo kết quả. Từ chối (refused) và xung đột (conflict) là câu trả lời của một sổ bình thường; thất bại (failed) và không rõ (unknown) thì có cảnh báo. Nguồn: Prometheus.",
              "ops", [prom(f"sum by (outcome) (rate(socai_append_duration_seconds_count{INTERVAL}))", "{{outcome}}")], min=0,
              overrides=coloured(recorded="green", refused="blue", conflict="purple", failed="dark-red", unknown="orange")),
    over_time("Thời gian ghi sổ",
              "Một lần ghi mất bao lâu cho đến khi bền vững: một nửa số lần (p50), và 99 trong 100 lần (p99). Điểm mẫu có mã của yêu cầu. Nguồn: Prometheus.",
              "s", [prom(quantile(q, "socai_append_duration_seconds", "outcome, le"), f"p{int(q * 100)} {{{{outcome}}}}", exemplar=True)
                    for q in (0.5, 0.99)], min=0, empty="Không có lần ghi nào"),
    over_time("Sự kiện theo loại",
              "Số sự kiện đã ghi trong một giờ trước mỗi thời điểm, theo loại; loại không có gì thì không vẽ. Nguồn: Prometheus.",
              "none", [prom("max by (type) (increase(socai_events_total[1h])) > 0", "{{type}}")],
              width=24, min=0, decimals=0, legend=MANY, empty="Không có sự kiện nào"),
]

ANSWERING = [
    over_time("Trả lời HTTP theo trạng thái",
              "Số câu trả lời trong một giây theo nhóm trạng thái. 5xx là lỗi của api; quá một trong một trăm thì có cảnh báo. Nguồn: Prometheus.",
              "reqps", [prom(f"sum by (status) (rate(socai_http_request_duration_seconds_count{INTERVAL}))", "{{status}}")],
              overrides=coloured(**{"2xx": "green", "3xx": "blue", "4xx": "yellow", "5xx": "dark-red"}), stacked=True, min=0, width=8, empty="Không có lời gọi nào"),
    over_time("Thời gian trả lời HTTP",
              "Một câu trả lời mất bao lâu: một nửa số lần (p50) của tất cả, và 99 trong 100 lần (p99) của mười đường dẫn chậm nhất. Điểm mẫu có mã của yêu cầu. Nguồn: Prometheus.",
              "s", [prom(quantile(0.5, "socai_http_request_duration_seconds", "le"), "p50 tất cả"),
                    prom(f"topk(10, {quantile(0.99, 'socai_http_request_duration_seconds', 'route, le')})", "p99 {{route}}", exemplar=True)],
              min=0, width=16, legend=MANY, empty="Không có lời gọi nào"),
    over_time("Trả lời gRPC",
              "Số lời gọi trong một giây theo mã. Không có lời gọi nào thì là 0. Nguồn: Prometheus.",
              "reqps", [prom(f"sum by (code) (rate(socai_grpc_request_duration_seconds_count{INTERVAL})) "
                             'or label_replace(vector(0), "code", "không có lời gọi", "", "")', "{{code}}")], min=0),
    over_time("Đang mở, đang chờ",
              "Kết nối đang mở, công việc theo trạng thái, và mật khẩu đang chờ được băm. Nguồn: Prometheus.",
              "none", [prom("sum(socai_connections)", "kết nối"), prom("sum by (state) (socai_jobs)", "công việc {{state}}"),
                       prom("sum(socai_password_hashes_waiting)", "mật khẩu chờ băm")], min=0, decimals=0),
]

MACHINES = [
    stat("Dung lượng sổ", "Sổ chiếm bao nhiêu trong kho của nó. Nguồn: Prometheus.",
         "bytes", [prom("max(socai_store_bytes)", "Sổ cái", instant=True)], width=4, height=8),
    over_time("Đĩa còn trống",
              "Phần còn trống của mỗi đĩa. Dưới một phần hai mươi, hoặc sẽ đầy trong bốn ngày, thì có cảnh báo. Nguồn: Prometheus.",
              "percentunit", [prom("socai_disk_free_bytes / socai_disk_size_bytes", "{{directory}} {{instance}}")],
              width=10, min=0, max=1),
    over_time("Bộ nhớ", "Bộ nhớ mà mỗi tiến trình đang dùng. Nguồn: Prometheus.",
              "bytes", [prom('process_resident_memory_bytes{job="socai"}', "{{instance}}")], width=10, min=0),
    over_time("CPU (số lõi)", "Số lõi mà mỗi tiến trình làm bận. Nguồn: Prometheus.",
              "none", [prom(f'rate(process_cpu_seconds_total{{job="socai"}}{INTERVAL})', "{{instance}}")], min=0),
    over_time("Tệp đang mở, trên số được phép", "Số tệp mỗi tiến trình đang mở, trên số được phép. Nguồn: Prometheus.",
              "percentunit", [prom('process_open_fds{job="socai"} / process_max_fds{job="socai"}', "{{instance}}")], min=0),
]

DASHBOARD = dashboard(
    "socai-operations", "Vận hành", "Các tiến trình có làm việc của chúng không, và mất bao lâu.",
    [("Vai trò", ROLES), ("Ghi sổ", RECORDING), ("Trả lời", ANSWERING), ("Máy", MACHINES)], since="now-6h", refresh="30s")

"""The words of the dashboards, in Vietnamese, by the names that columns and labels have."""

# Where an obligation falls, with the colour that it has everywhere.
BUCKETS = {
    "on_time": ("Hoàn thành đúng hạn", "green"),
    "late": ("Hoàn thành quá hạn", "yellow"),
    "pending": ("Chưa hoàn thành, trong hạn", "blue"),
    "overdue": ("Chưa hoàn thành, quá hạn", "dark-red"),
    "no_due_date": ("Không có thời hạn", "#8E8E8E"),
    "excused": ("Không tính", "purple"),
}

# The six rates: what each is called, and its id, as with every rate.
RATES = {
    "completed_of_due": "Tỷ lệ thực hiện (completed_of_due)",
    "on_time_of_due": "Tỷ lệ đúng hạn (on_time_of_due)",
    "on_time_of_completed": "Tỷ lệ đúng hạn trên số đã hoàn thành (on_time_of_completed)",
    "completed_of_assigned": "Tỷ lệ hoàn thành trên tổng số được giao (completed_of_assigned)",
    "overdue_of_due": "Tỷ lệ quá hạn trên số đến hạn (overdue_of_due)",
    "overdue_of_assigned": "Tỷ lệ quá hạn trên tổng số được giao (overdue_of_assigned)",
}

# The colour that a series has everywhere: good is green, bad is red, and other things are neither.
COLOURS = {
    **{name: colour for name, (_, colour) in BUCKETS.items()},
    "on_time_of_due": "green", "on_time_of_completed": "light-green", "completed_of_due": "orange", "completed_of_assigned": "light-orange",
    "overdue_of_due": "dark-red", "overdue_of_assigned": "light-red",
    "submitted": "green", "returned": "yellow", "reminded": "orange", "escalated": "purple", "extended": "blue", "flagged_late": "dark-red",
}

# What is counted above the line of a rate of which that is told apart.
COUNTED = {"on_time_of_due": "Đúng hạn", "completed_of_due": "Hoàn thành", "overdue_of_due": "Quá hạn"}

# Columns of tables, and series.
NAMES = {
    **{name: text for name, (text, _) in BUCKETS.items()},
    **RATES,
    "name": "Tên",
    "title": "Tên",
    "kind": "Loại",
    "unit": "Mã đơn vị",
    "unit_name": "Đơn vị",
    "parent": "Đơn vị cấp trên",
    "formed": "Thành lập",
    "ended": "Kết thúc",
    "ended_how": "Kết thúc do",
    "successor": "Đơn vị kế thừa",
    "extent": "Phạm vi",
    "on_day": "Từ ngày",
    "document": "Mã văn bản",
    "document_title": "Văn bản",
    "subject": "Trích yếu",
    "issuer": "Cơ quan ban hành",
    "date": "Ngày ban hành",
    "steps": "Cấp",
    "relation": "Quan hệ",
    "obligation": "Nghĩa vụ",
    "period": "Kỳ",
    "due": "Thời hạn",
    "oldest_due": "Quá hạn từ",
    "overdue_count": "Số quá hạn",
    "counted_from": "Thời hạn từ ngày",
    "counted_to": "Thời hạn đến ngày",
    "counted_as_of": "Tính đến ngày",
    "original_due": "Thời hạn ban đầu",
    "days_overdue": "Số ngày quá hạn",
    "bucket": "Tình trạng",
    "numerator": "Tử số",
    "denominator": "Mẫu số",
    "percent": "Tỷ lệ",
    "percent_original": "Tỷ lệ theo hạn ban đầu",
    "rate": "Tỷ lệ (mã)",
    "due_count": "Số đến hạn",
    "owed_by": "Số đơn vị",
    "cadence": "Định kỳ",
    "year": "Năm",
    "month": "Tháng",
    "number": "Số lượng",
    "witness": "Nhân chứng",
    "position": "Vị trí",
    "behind": "Chậm (bản ghi)",
    "written_at": "Ghi lần cuối",
    "state": "Trạng thái",
    "day": "Ngày",
    "sort": "Loại",
    "report": "Báo cáo",
    "task": "Nhiệm vụ",
    "flagged_late": "Cờ trễ hạn",
    "reminded": "Đôn đốc",
    "escalated": "Báo cáo cấp trên",
    "extended": "Gia hạn",
    "submitted": "Nộp",
    "returned": "Trả lại",
    "version": "Phiên bản",
    "instance": "Tiến trình",
    "role": "Vai trò",
    "route": "Đường dẫn",
    "difference": "Chênh lệch",
    "image": "Sổ cái",
    "sql": "PostgreSQL",
    "parked_at": "Dừng ở bản ghi",
}

# Columns whose values are days.
DAYS = {"formed", "ended", "on_day", "date", "due", "original_due", "day", "oldest_due", "counted_from", "counted_to", "counted_as_of"}

# Columns that one looks for something in. They are as wide as there is room, and else take several lines.
FLEXIBLE = {"name", "title", "document_title", "subject", "unit_name", "successor", "issuer", "parent"}

# How wide the others are in a table.
WIDTHS = {
    **dict.fromkeys(DAYS, 115), "on_time": 110, "late": 110, "pending": 135, "overdue": 135, "no_due_date": 115, "excused": 90,
    "on_time_of_due": 150, "completed_of_due": 150, "percent": 95, "percent_original": 130, "numerator": 95, "denominator": 95,
    "due_count": 80, "overdue_count": 90, "days_overdue": 100, "owed_by": 90, "number": 90, "position": 110, "behind": 130,
    "difference": 120, "kind": 150, "obligation": 130, "rate": 465, "unit": 170, "document": 220, "steps": 60, "relation": 120,
    "cadence": 120, "extent": 90, "sort": 200, "period": 110, "ended_how": 140, "state": 140,
}

# What codes in a column are called.
KINDS = {
    "central": "Cơ quan trung ương",
    "party_committee": "Cấp ủy",
    "party_body": "Cơ quan của Đảng",
    "peoples_committee": "Ủy ban nhân dân",
    "department": "Sở, ban, ngành",
    "district": "Quận, huyện, thị xã",
    "commune": "Xã, phường",
    "mass_organisation": "Mặt trận và đoàn thể",
    "public_service": "Đơn vị sự nghiệp",
    "press": "Cơ quan báo chí",
    "other": "Khác",
}
OBLIGATIONS = {"report": "Báo cáo", "task": "Nhiệm vụ"}
VALUES = {
    "kind": KINDS | OBLIGATIONS,
    "obligation": OBLIGATIONS,
    "bucket": {name: text for name, (text, _) in BUCKETS.items()},
    "rate": RATES,
    "relation": {
        "implements": "thực hiện", "continues": "tiếp tục thực hiện", "guides": "hướng dẫn", "publicises": "tuyên truyền",
        "reviews_interim": "sơ kết", "reviews_final": "tổng kết", "linked_with": "gắn với", "directed_by": "theo chỉ đạo tại",
        "plans_for": "kế hoạch cho", "based_on": "căn cứ", "amends": "sửa đổi, bổ sung", "replaces": "thay thế", "abolishes": "bãi bỏ",
        "consolidates": "hợp nhất", "corrects": "đính chính", "attached_to": "ban hành kèm theo",
    },
    "cadence": {
        "monthly": "hằng tháng", "quarterly": "hằng quý", "six_monthly": "6 tháng", "nine_monthly": "9 tháng", "yearly": "hằng năm",
        "once": "một lần", "on_event": "khi phát sinh", "on_request": "khi có yêu cầu",
    },
    "ended_how": {"merged": "sáp nhập", "divided": "chia, tách", "dissolved": "giải thể, kết thúc hoạt động"},
    "extent": {"whole": "toàn bộ", "part": "một phần"},
    "sort": {"document": "Văn bản giao việc", "reorganisation": "Sắp xếp đơn vị", "regime": "Thay đổi chế độ báo cáo"},
    "state": {"running": "đang chạy"},
}

//! The words of the page, in Vietnamese and English.

use jiff::civil::Date;
use jiff::{Timestamp, tz};

/// The same in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Both {
    pub(super) vi: &'static str,
    pub(super) en: &'static str,
}

pub(super) const fn both(vi: &'static str, en: &'static str) -> Both {
    Both { vi, en }
}

/// What events are called. Whoever adds an event adds a line; without one the page shows the event's own name.
const EVENTS: &[(&str, Both)] = &[
    ("ledger.created.v1", both("Lập sổ cái", "Ledger created")),
    (
        "ledger.definition_adopted.v1",
        both("Áp dụng cách tính", "Definition adopted"),
    ),
    (
        "ledger.durability_waived.v1",
        both("Chấp nhận máy chủ không ghi đồng bộ", "Durability waived"),
    ),
    (
        "ledger.log_key_added.v1",
        both("Thêm khóa ký điểm chốt", "Log key added"),
    ),
    (
        "ledger.log_key_retired.v1",
        both("Ngừng dùng khóa ký điểm chốt", "Log key retired"),
    ),
    (
        "ledger.heads_sealed.v1",
        both(
            "Chốt bản ghi cuối của mọi chuỗi",
            "Heads of all streams sealed",
        ),
    ),
    (
        "evidence.exported.v1",
        both("Xuất gói bằng chứng", "Evidence exported"),
    ),
    ("unit.formed.v1", both("Thành lập đơn vị", "Unit formed")),
    ("unit.renamed.v1", both("Đổi tên đơn vị", "Unit renamed")),
    (
        "unit.reparented.v1",
        both("Chuyển đơn vị cấp trên", "Unit moved under another"),
    ),
    (
        "unit.ended.v1",
        both("Đơn vị kết thúc hoạt động", "Unit ended"),
    ),
    (
        "unit.part_ceded.v1",
        both("Chuyển giao một phần đơn vị", "Part of the unit ceded"),
    ),
    ("group.defined.v1", both("Lập nhóm đơn vị", "Group defined")),
    (
        "group.changed.v1",
        both("Thay đổi nhóm đơn vị", "Group changed"),
    ),
    (
        "calendar.published.v1",
        both("Công bố lịch làm việc", "Working calendar published"),
    ),
    (
        "document.issued.v1",
        both("Ban hành văn bản", "Document issued"),
    ),
    (
        "document.related.v1",
        both(
            "Ghi quan hệ giữa các văn bản",
            "Relation between documents recorded",
        ),
    ),
    (
        "document.ended.v1",
        both("Văn bản hết hiệu lực", "Document ended"),
    ),
    (
        "document.corrected.v1",
        both("Đính chính văn bản", "Document corrected"),
    ),
    (
        "requirement.set.v1",
        both("Đặt yêu cầu báo cáo", "Reporting requirement set"),
    ),
    (
        "requirement.ended.v1",
        both("Chấm dứt yêu cầu báo cáo", "Reporting requirement ended"),
    ),
    (
        "period.opened.v1",
        both("Mở kỳ báo cáo", "Reporting period opened"),
    ),
    ("task.assigned.v1", both("Giao nhiệm vụ", "Task assigned")),
    ("task.due_set.v1", both("Ấn định thời hạn", "Due date set")),
    (
        "task.acknowledged.v1",
        both("Xác nhận đã nhận nhiệm vụ", "Task acknowledged"),
    ),
    (
        "task.progressed.v1",
        both("Báo cáo tiến độ", "Progress reported"),
    ),
    (
        "task.claimed.v1",
        both("Báo hoàn thành", "Completion claimed"),
    ),
    (
        "task.confirmed.v1",
        both("Xác nhận hoàn thành", "Completion confirmed"),
    ),
    (
        "task.refused.v1",
        both("Không công nhận hoàn thành", "Completion not accepted"),
    ),
    (
        "report.submitted.v1",
        both("Nộp báo cáo", "Report submitted"),
    ),
    (
        "report.received.v1",
        both("Tiếp nhận báo cáo", "Report received"),
    ),
    (
        "report.forwarded.v1",
        both("Chuyển tiếp báo cáo", "Report forwarded"),
    ),
    (
        "report.returned.v1",
        both("Trả lại báo cáo", "Report returned"),
    ),
    (
        "report.accepted.v1",
        both("Chấp nhận báo cáo", "Report accepted"),
    ),
    (
        "obligation.extended.v1",
        both("Gia hạn", "Due date extended"),
    ),
    ("obligation.excused.v1", both("Miễn thực hiện", "Excused")),
    ("obligation.cancelled.v1", both("Hủy yêu cầu", "Cancelled")),
    (
        "obligation.transferred.v1",
        both("Chuyển đơn vị thực hiện", "Transferred to another unit"),
    ),
    ("obligation.reminded.v1", both("Đôn đốc", "Reminded")),
    (
        "obligation.flagged_late.v1",
        both("Gắn cờ trễ hạn", "Flagged late"),
    ),
    (
        "obligation.escalated.v1",
        both("Báo cáo cấp trên", "Escalated"),
    ),
    (
        "obligation.explanation_requested.v1",
        both("Yêu cầu giải trình", "Explanation requested"),
    ),
    ("obligation.explained.v1", both("Giải trình", "Explained")),
    (
        "obligation.reversed.v1",
        both("Hủy bỏ ghi nhận trước đó", "Earlier act reversed"),
    ),
    (
        "inspection.opened.v1",
        both("Mở cuộc kiểm tra", "Inspection opened"),
    ),
    (
        "inspection.finding_recorded.v1",
        both("Ghi phát hiện qua kiểm tra", "Finding recorded"),
    ),
    (
        "inspection.follow_up_set.v1",
        both("Đặt yêu cầu khắc phục", "Follow-up set"),
    ),
    (
        "inspection.concluded.v1",
        both("Kết thúc cuộc kiểm tra", "Inspection concluded"),
    ),
    (
        "attachment.stored.v1",
        both("Lưu tệp đính kèm", "Attachment stored"),
    ),
    (
        "attachment.erased.v1",
        both("Xóa tệp đính kèm", "Attachment erased"),
    ),
    (
        "account.created.v1",
        both("Tạo tài khoản", "Account created"),
    ),
    (
        "account.role_granted.v1",
        both("Giao vai trò", "Role granted"),
    ),
    (
        "account.role_revoked.v1",
        both("Thu hồi vai trò", "Role revoked"),
    ),
    (
        "account.token_issued.v1",
        both("Cấp mã truy cập", "Token issued"),
    ),
    (
        "account.token_revoked.v1",
        both("Thu hồi mã truy cập", "Token revoked"),
    ),
    (
        "account.closed.v1",
        both("Đóng tài khoản", "Account closed"),
    ),
    (
        "account.exported.v1",
        both("Trích xuất dữ liệu", "Data taken out"),
    ),
];

/// What members of events are called.
const MEMBERS: &[(&str, Both)] = &[
    ("answer_by", both("trả lời trước", "answer by")),
    ("assigner", both("cơ quan giao", "assigner")),
    ("because", both("vì", "because")),
    (
        "claim_is_enough",
        both("báo hoàn thành là đủ", "a claim is enough"),
    ),
    ("extent", both("phạm vi", "extent")),
    ("group", both("nhóm", "group")),
    ("how", both("hình thức", "how")),
    ("attachments", both("tệp đính kèm", "attachments")),
    ("basis", both("căn cứ", "basis")),
    ("by", both("đơn vị", "by")),
    ("cadence", both("định kỳ", "cadence")),
    ("cause", both("nguyên nhân", "cause")),
    (
        "certainty",
        both("độ chắc chắn của lịch", "certainty of the calendar"),
    ),
    ("channel", both("kênh gửi", "channel")),
    ("code", both("mã", "code")),
    ("confirmation", both("cách công nhận", "confirmation")),
    ("coordinators", both("đơn vị phối hợp", "coordinators")),
    ("date", both("ngày", "date")),
    ("day_off", both("ngày nghỉ", "day off")),
    ("definition", both("cách tính", "definition")),
    ("document", both("văn bản", "document")),
    ("due", both("thời hạn", "due")),
    ("evidence", both("minh chứng", "evidence")),
    ("figures", both("số liệu", "figures")),
    ("from", both("từ", "from")),
    ("inspection", both("cuộc kiểm tra", "inspection")),
    ("issuer", both("cơ quan ban hành", "issuer")),
    ("key", both("khóa", "key")),
    ("kind", both("loại", "kind")),
    ("leads", both("đơn vị chủ trì", "leads")),
    ("legal_basis", both("căn cứ pháp lý", "legal basis")),
    ("log_key", both("khóa ký điểm chốt", "log key")),
    ("rule", both("quy định", "rule")),
    ("media", both("dạng tệp", "media type")),
    ("members", both("thành viên", "members")),
    ("name", both("tên", "name")),
    ("note", both("ghi chú", "note")),
    ("number", both("số, ký hiệu", "number")),
    ("of", both("về", "of")),
    ("origin", both("sổ cái của", "origin")),
    ("owed_by", both("đơn vị thực hiện", "owed by")),
    ("parent", both("đơn vị cấp trên", "parent")),
    ("percent", both("phần trăm", "percent")),
    ("period", both("kỳ", "period")),
    ("reason", both("lý do", "reason")),
    ("records", both("số bản ghi", "records")),
    ("redo_by", both("làm lại trước", "redo by")),
    ("relation", both("quan hệ", "relation")),
    ("reporters", both("đơn vị báo cáo", "reporters")),
    ("requested", both("ngày đề nghị", "requested on")),
    ("resubmit_by", both("nộp lại trước", "resubmit by")),
    ("revision", both("lần ghi", "revision")),
    ("root", both("gốc", "root")),
    ("sections", both("mục", "sections")),
    ("simulated_clock", both("giờ mô phỏng", "simulated clock")),
    ("size", both("đến vị trí", "size")),
    ("streams", both("số chuỗi", "streams")),
    ("subject", both("trích yếu", "subject")),
    ("submission", both("báo cáo nộp", "submission")),
    ("title", both("tên", "title")),
    ("to", both("đến", "to")),
    ("type", both("loại", "type")),
    ("unit", both("đơn vị", "unit")),
    ("valid_to", both("còn giá trị đến cỡ", "valid to size")),
    ("via", both("qua", "via")),
    ("times", both("thời gian", "times")),
    ("assignment", both("nhiệm vụ giao", "assignment")),
    ("bytes", both("số byte", "bytes")),
    ("unshifted", both("trước khi chuyển", "before the shift")),
    ("shifted_because", both("chuyển vì", "shifted because")),
    ("successors", both("đơn vị kế thừa", "successors")),
    ("window", both("khoảng dữ liệu", "data window")),
    ("about", both("về", "about")),
    ("expires", both("hết hạn", "expires")),
    ("export", both("lần trích xuất", "export")),
    ("hash", both("giá trị băm", "hash")),
    ("position", both("đến vị trí", "up to position")),
    ("role", both("vai trò", "role")),
    ("token", both("mã truy cập", "token")),
    ("what", both("nội dung trích xuất", "what was taken out")),
];

/// What the values of members that choose among a few are called.
const VALUES: &[(&str, Both)] = &[
    ("after_days", both("sau số ngày", "after days")),
    ("dissolved", both("giải thể", "dissolved")),
    ("divided", both("chia, tách", "divided")),
    ("fixed", both("ngày cố định", "a fixed day")),
    (
        "listed",
        both("ngày nghỉ đã công bố", "a published day off"),
    ),
    ("merged", both("hợp nhất, sáp nhập", "merged")),
    ("not_stated", both("không nêu", "not stated")),
    ("part", both("một phần", "in part")),
    ("weekend", both("ngày nghỉ cuối tuần", "a weekend")),
    ("whole", both("toàn bộ", "whole")),
    ("abolishes", both("bãi bỏ", "abolishes")),
    ("ad_hoc", both("đột xuất", "ad hoc")),
    ("amends", both("sửa đổi, bổ sung", "amends")),
    ("attached_to", both("ban hành kèm theo", "attached to")),
    ("based_on", both("căn cứ", "based on")),
    ("central", both("cơ quan trung ương", "central body")),
    ("certain", both("chắc chắn", "certain")),
    ("commune", both("xã, phường", "commune")),
    ("consolidates", both("hợp nhất", "consolidates")),
    ("continues", both("tiếp tục thực hiện", "continues")),
    ("corrects", both("đính chính", "corrects")),
    ("department", both("sở, ban, ngành", "department")),
    ("directed_by", both("theo chỉ đạo tại", "directed by")),
    ("district", both("quận, huyện, thị xã", "district")),
    ("estimated", both("ước tính", "estimated")),
    ("guides", both("hướng dẫn", "guides")),
    ("implements", both("thực hiện", "implements")),
    ("keep", both("giữ nguyên", "kept")),
    ("linked_with", both("gắn với", "linked with")),
    (
        "mass_organisation",
        both("Mặt trận và đoàn thể", "mass organisation"),
    ),
    ("monthly", both("hằng tháng", "monthly")),
    (
        "next_working_day",
        both(
            "chuyển sang ngày làm việc tiếp theo",
            "moved to the next working day",
        ),
    ),
    ("nine_monthly", both("9 tháng", "nine months")),
    ("not_required", both("không cần xác nhận", "not required")),
    ("on_event", both("khi phát sinh", "on an event")),
    ("on_request", both("khi có yêu cầu", "on request")),
    ("once", both("một lần", "once")),
    ("other", both("khác", "other")),
    ("party_body", both("cơ quan của Đảng", "Party body")),
    ("party_committee", both("cấp ủy", "Party committee")),
    (
        "peoples_committee",
        both("ủy ban nhân dân", "People's Committee"),
    ),
    ("periodic", both("định kỳ", "periodic")),
    ("plans_for", both("kế hoạch cho", "plans for")),
    ("press", both("cơ quan báo chí", "press")),
    (
        "previous_working_day",
        both(
            "chuyển về ngày làm việc trước đó",
            "moved to the working day before",
        ),
    ),
    (
        "public_service",
        both("đơn vị sự nghiệp", "public-service unit"),
    ),
    ("publicises", both("tuyên truyền", "publicises")),
    ("quarterly", both("hằng quý", "quarterly")),
    ("replaces", both("thay thế", "replaces")),
    ("required", both("cần xác nhận", "required")),
    ("reviews_final", both("tổng kết", "reviews (final)")),
    ("reviews_interim", both("sơ kết", "reviews (interim)")),
    ("rotation", both("thay định kỳ", "rotation")),
    ("six_monthly", both("6 tháng", "half-yearly")),
    ("stolen", both("bị lộ", "stolen")),
    ("thematic", both("chuyên đề", "thematic")),
    ("uncertain", both("chưa chắc chắn", "uncertain")),
    ("yearly", both("hằng năm", "yearly")),
];

/// Members whose value is one of [`VALUES`].
const CHOSEN: &[&str] = &[
    "because",
    "extent",
    "how",
    "rule",
    "cadence",
    "certainty",
    "confirmation",
    "day_off",
    "kind",
    "reason",
    "relation",
];

/// What `value` of the member `name` is called.
pub(super) fn value(name: &str, value: &str) -> Option<Both> {
    CHOSEN.contains(&name).then(|| find(VALUES, value))?
}

/// What an event of this type is called.
pub(super) fn event(event_type: &str) -> Option<Both> {
    find(EVENTS, event_type)
}

/// What a member of an event is called.
pub(super) fn member(name: &str) -> Option<Both> {
    find(MEMBERS, name)
}

fn find(table: &[(&str, Both)], name: &str) -> Option<Both> {
    let found = table.iter().find(|(key, _)| *key == name);
    found.map(|(_, both)| *both)
}

/// A day, as it is written in Việt Nam.
pub(super) fn day(day: Date) -> String {
    day.strftime("%d/%m/%Y").to_string()
}

/// A moment, on clocks in Việt Nam.
pub(super) fn moment(at: Timestamp) -> String {
    let hanoi = tz::Offset::from_seconds(7 * 60 * 60).expect("seven hours are an offset");
    let there = hanoi.to_datetime(at);
    there.strftime("%d/%m/%Y %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_stands_once_and_in_both_languages() {
        for table in [EVENTS, MEMBERS, VALUES] {
            let names: std::collections::BTreeSet<_> = table.iter().map(|(name, _)| name).collect();
            assert_eq!(names.len(), table.len());
            assert!(
                table
                    .iter()
                    .all(|(_, both)| !both.vi.is_empty() && !both.en.is_empty())
            );
        }
    }
}

//! The table: a name, the Vietnamese, the English. `{}` is a gap that a value fills, in this order.

macro_rules! words {
    ($($name:ident = $vietnamese:literal | $english:literal;)+) => {
        /// The words of one language.
        pub(crate) struct Words {
            $(pub(crate) $name: &'static str,)+
        }

        pub(super) const VIETNAMESE: Words = Words { $($name: $vietnamese,)+ };
        pub(super) const ENGLISH: Words = Words { $($name: $english,)+ };

        #[cfg(test)]
        impl Words {
            pub(super) fn rows(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
                [$((stringify!($name), self.$name),)+].into_iter()
            }
        }
    };
}

words! {
    // The head of the document.
    report = "BÁO CÁO" | "REPORT";
    number_prompt = "[… cần bổ sung: số, ký hiệu]" | "[… to be completed: number and symbol]";
    date_prompt = "[… cần bổ sung: địa danh], ngày … tháng … năm …" | "[… to be completed: place], day … month … year …";
    issuer_prompt = "[… cần bổ sung: cơ quan báo cáo]" | "[… to be completed: reporting body]";
    abstract_years = "sơ kết {} năm thực hiện {}" | "{}-year review of the implementation of {}";
    abstract_short = "kết quả thực hiện {}" | "results of the implementation of {}";
    numbered = "{} số {}" | "{} No. {}";
    dated = "ngày {}" | "of {}";
    of_issuer = "của {}" | "by {}";
    secret = "(văn bản mật, đăng ký riêng)" | "(secret document, registered elsewhere)";
    synthetic_banner = "DỮ LIỆU MINH HỌA" | "DEMONSTRATION DATA";
    synthetic_note = "Báo cáo này có {} bản ghi minh họa trong tổng số {} bản ghi, không phải số liệu thật và không được sử dụng làm căn cứ đánh giá." | "{} of the {} records behind this report are made up for demonstration; they are not real figures and no judgement may rest on them.";
    draft_note = "Số liệu trong báo cáo được tính từ sổ cái. Những chỗ đánh dấu “cần bổ sung” do cơ quan báo cáo viết." | "All figures are computed from the ledger. Places marked “to be completed” are for the reporting body to write.";
    prompt = "[… cần bổ sung: {}]" | "[… to be completed: {}]";
    basis = "Mốc số liệu" | "What the figures cover";
    window_row = "Kỳ số liệu (theo thời hạn)" | "Window (by due date)";
    window_value = "từ ngày {} đến hết ngày {}" | "from {} to {} inclusive";
    as_of_row = "Tính đến hết ngày" | "As of the end of";
    known_row = "Theo sổ tại vị trí" | "As known at position";
    known_value = "{} (ghi sổ lúc {})" | "{} (recorded at {})";
    known_empty = "0 (sổ chưa có bản ghi)" | "0 (the ledger is empty)";
    definition_row = "Phiên bản định nghĩa" | "Definition";
    due_row = "Thời hạn dùng để tính" | "Due date counted against";
    due_current = "thời hạn đang có hiệu lực (đã tính gia hạn)" | "the one in force, extensions included";
    due_original = "thời hạn ban đầu (không tính gia hạn)" | "the original one, whatever extensions followed";
    lineage_row = "Cách tính đơn vị" | "Counted with";
    footer = "Định nghĩa {} · kỳ {} – {} · tính đến {} · vị trí {}" | "Definition {} · window {} – {} · as of {} · position {}";

    // Part one.
    part_one = "Phần thứ nhất – KẾT QUẢ THỰC HIỆN" | "Part one – RESULTS";
    part_one_years = "Phần thứ nhất – KẾT QUẢ {} NĂM THỰC HIỆN" | "Part one – RESULTS OF {} YEARS";
    one_i = "I- Đặc điểm tình hình" | "I. The situation";
    situation = "Báo cáo bao gồm {} đơn vị có trách nhiệm thực hiện, theo {} văn bản (văn bản được sơ kết và {} văn bản triển khai)." | "This report covers {} units with obligations under {} documents (the document under review and {} documents below it).";
    situation_kinds = "Cơ cấu đơn vị: {}." | "Units by kind: {}.";
    situation_changes = "Trong kỳ có {} thay đổi về tổ chức của các đơn vị (Phụ lục 4)." | "Units changed {} times in the window (Annex 4).";
    situation_prompt = "đặc điểm tình hình, thuận lợi, khó khăn" | "the situation, what helped and what hindered";
    one_ii = "II- Công tác lãnh đạo, chỉ đạo, phổ biến, quán triệt; văn bản đã ban hành" | "II. Leadership, dissemination, documents issued";
    issued = "Đã ban hành {} văn bản triển khai; danh mục tại Phụ lục 1." | "{} documents were issued below it; see Annex 1.";
    issued_by_relation = "Theo quan hệ với văn bản cấp trên: {}." | "By relation to the document above: {}.";
    issued_none = "Sổ chưa ghi nhận văn bản triển khai nào." | "The ledger holds no document below it.";
    dissemination_prompt = "hình thức, số cuộc, số lượt người được phổ biến, quán triệt" | "how, how often and to how many it was made known";
    one_iii = "III- Nhận thức, vai trò, trách nhiệm và công tác phối hợp" | "III. Awareness, responsibility, coordination";
    oversight = "Trong kỳ sổ ghi nhận: {} lượt đôn đốc; {} cờ trễ hạn; {} lượt báo cáo cấp trên; {} lượt yêu cầu giải trình, {} lượt đã giải trình; {} cuộc kiểm tra, giám sát (Phụ lục 5)." | "In the window the ledger holds: {} reminders; {} late flags; {} escalations; {} requests for explanation and {} explanations; {} inspections (Annex 5).";
    awareness_prompt = "đánh giá nhận thức, vai trò, trách nhiệm và công tác phối hợp của cấp ủy, chính quyền, ngành, đoàn thể" | "how committees, governments, sectors and organisations saw and met their responsibility";
    one_iv = "IV- Kết quả thực hiện" | "IV. Results";
    one_iv_tasks = "1. Thực hiện nhiệm vụ" | "1. Tasks";
    tasks_sentence = "Trong kỳ, các đơn vị được giao {} lượt nhiệm vụ: hoàn thành đúng hạn {}; hoàn thành quá hạn {}; chưa hoàn thành, trong hạn {}; chưa hoàn thành, quá hạn {}; không có thời hạn {} (đã xong {}); không tính {}." | "Units were assigned {} task obligations: completed on time {}; completed late {}; not completed, not yet due {}; not completed, overdue {}; without due date {} (done {}); not counted {}.";
    tasks_rate = "Tỷ lệ thực hiện: {}. Tỷ lệ đúng hạn: {}." | "Implementation rate: {}. On-time rate: {}.";
    tasks_none = "Trong kỳ không có nhiệm vụ nào." | "There were no tasks in the window.";
    one_iv_reports = "2. Chấp hành chế độ báo cáo" | "2. Reports";
    reports_sentence = "Trong kỳ, các đơn vị phải gửi {} lượt báo cáo: đúng hạn {}; chậm {}; chưa gửi, trong hạn {}; chưa gửi, quá hạn {}; không có thời hạn {} (đã gửi {}); không tính {}." | "Units owed {} reports: on time {}; late {}; not sent, not yet due {}; not sent, overdue {}; without due date {} (sent {}); not counted {}.";
    reports_rate = "Tỷ lệ đúng hạn: {}. Tỷ lệ thực hiện: {}." | "On-time rate: {}. Implementation rate: {}.";
    reports_none = "Trong kỳ không có báo cáo nào phải gửi." | "No reports were owed in the window.";
    by_task = "Kết quả theo từng nhiệm vụ" | "Results by task";
    by_requirement = "Kết quả theo từng yêu cầu báo cáo" | "Results by reporting requirement";
    results_prompt = "kết quả nổi bật về nội dung; mô hình, cách làm hiệu quả" | "what was achieved in substance; what worked well";
    one_v = "V- Đánh giá chung" | "V. Assessment";
    strengths = "1. Ưu điểm" | "1. Strengths";
    strengths_tasks = "{} đơn vị hoàn thành toàn bộ nhiệm vụ đến hạn, trên tổng số {} đơn vị có nhiệm vụ đến hạn." | "{} units completed every task that was due, of {} units that had tasks due.";
    strengths_reports = "{} đơn vị gửi đúng hạn toàn bộ báo cáo đến hạn, trên tổng số {} đơn vị có báo cáo đến hạn." | "{} units sent every report on time that was due, of {} units that had reports due.";
    strengths_prompt = "ưu điểm và nguyên nhân của ưu điểm" | "strengths and their reasons";
    shortcomings = "2. Tồn tại, hạn chế" | "2. Shortcomings";
    shortcomings_sentence = "Còn {} lượt nhiệm vụ và {} lượt báo cáo quá hạn chưa hoàn thành; trong đó {} đã quá hạn trên 30 ngày." | "{} tasks and {} reports are overdue; {} of these by more than 30 days.";
    shortcomings_none = "Không còn nhiệm vụ, báo cáo nào quá hạn chưa hoàn thành." | "Nothing is overdue.";
    shortcomings_undated = "{} lượt giao không có thời hạn nên không đánh giá được đúng hạn hay quá hạn (Phụ lục 6)." | "{} obligations have no due date, so that nothing can be said of their timeliness (Annex 6).";
    shortcomings_prompt = "tồn tại, hạn chế; khó khăn, vướng mắc" | "shortcomings and difficulties";
    causes = "3. Nguyên nhân" | "3. Causes";
    causes_recorded = "Nguyên nhân do các đơn vị đã giải trình, ghi trong sổ: {} lượt (Phụ lục 5)." | "Causes that units gave and the ledger holds: {} (Annex 5).";
    causes_prompt = "nguyên nhân khách quan, nguyên nhân chủ quan; trách nhiệm" | "causes outside and inside one's power; responsibility";
    one_vi = "VI- Bài học kinh nghiệm" | "VI. Lessons";
    lessons_prompt = "bài học kinh nghiệm" | "lessons learned";
    part_two = "Phần thứ hai – PHƯƠNG HƯỚNG, NHIỆM VỤ, GIẢI PHÁP" | "Part two – DIRECTION, TASKS, MEASURES";
    carried_over = "Chuyển sang kỳ sau: {} lượt nhiệm vụ và {} lượt báo cáo chưa hoàn thành (trong hạn và quá hạn)." | "Carried over: {} tasks and {} reports not completed (not yet due and overdue).";
    challenges_prompt = "khó khăn, thách thức trong thời gian tới" | "difficulties and challenges ahead";
    measures_prompt = "phương hướng, nhiệm vụ, giải pháp nâng cao chất lượng, hiệu quả" | "direction, tasks and measures for better results";
    part_three = "Phần thứ ba – KIẾN NGHỊ, ĐỀ XUẤT" | "Part three – PROPOSALS";
    proposals_prompt = "kiến nghị, đề xuất" | "proposals";
    recipients = "Nơi nhận:" | "To:";
    recipients_prompt = "nơi nhận" | "recipients";
    signature_prompt = "thẩm quyền ký, chức vụ, chữ ký, họ và tên" | "authority, title, signature and name";

    // Tables of counts.
    no_column = "TT" | "No.";
    rank_column = "Hạng" | "Rank";
    unit_column = "Đơn vị" | "Unit";
    period_column = "Kỳ" | "Period";
    task_column = "Nhiệm vụ" | "Task";
    requirement_column = "Yêu cầu báo cáo" | "Requirement";
    assigned_column = "Được giao" | "Assigned";
    owed_column = "Phải gửi" | "Owed";
    done_columns = "Đã hoàn thành" | "Completed";
    undone_columns = "Chưa hoàn thành" | "Not completed";
    sent_columns = "Đã gửi" | "Sent";
    unsent_columns = "Chưa gửi" | "Not sent";
    on_time_column = "đúng hạn" | "on time";
    late_column = "quá hạn" | "late";
    late_report_column = "chậm" | "late";
    pending_column = "trong hạn" | "not yet due";
    overdue_column = "quá hạn" | "overdue";
    undated_column = "Không thời hạn" | "No due date";
    excused_column = "Không tính" | "Not counted";
    chart_column = "Biểu đồ" | "Chart";
    total_row = "Tổng cộng" | "Total";
    ended_unit = "(kết thúc từ {})" | "(ended {})";
    asked_by = "theo {}" | "by {}";
    nothing_due = "không có nhiệm vụ đến hạn" | "nothing was due";
    dash_note = "Dấu “–” ở cột tỷ lệ: không có nhiệm vụ đến hạn (0/0), không phải 0 % hay 100 %." | "A dash for a rate: nothing was due (0/0), which is neither 0 % nor 100 %.";

    // Charts.
    legend = "Chú giải" | "Legend";
    chart_years = "{} theo năm và kết quả" | "{} by year and result";
    chart_years_desc = "Mỗi năm một thanh; độ dài là số lượt, các đoạn là kết quả theo thứ tự chú giải. Số liệu đầy đủ ở bảng theo năm." | "A bar a year; its length is the number of obligations, its parts are results in the order of the legend. The table by year has the figures.";
    chart_quarters = "{} theo quý" | "{} by quarter";
    chart_quarters_desc = "Mỗi quý một cột, từ 0 đến 100 %. Dấu gạch là quý không có nhiệm vụ đến hạn. Số liệu đầy đủ ở bảng theo quý." | "A column a quarter, from 0 to 100 %. A dash is a quarter in which nothing was due. The table by quarter has the figures.";
    chart_ageing = "Số lượt quá hạn chưa hoàn thành theo số ngày quá hạn" | "Overdue obligations by days overdue";
    chart_ageing_desc = "Mỗi nhóm ngày hai thanh: nhiệm vụ và báo cáo, kèm số lượt." | "Two bars a band, tasks and reports, each with its number.";
    tasks_title = "Nhiệm vụ" | "Tasks";
    reports_title = "Báo cáo" | "Reports";

    // Annexes.
    annex_one = "Phụ lục 1. Danh mục văn bản chỉ đạo, triển khai" | "Annex 1. Documents";
    document_column = "Số, ký hiệu" | "Number";
    date_column = "Ngày" | "Date";
    issuer_column = "Cơ quan ban hành" | "Issuer";
    subject_column = "Trích yếu" | "Subject";
    relation_column = "Quan hệ" | "Relation";
    reviewed = "văn bản được sơ kết" | "under review";
    annex_two = "Phụ lục 2. Tình hình thực hiện nhiệm vụ theo đơn vị" | "Annex 2. Tasks by unit";
    annex_two_league = "Nhiệm vụ theo đơn vị, xếp theo tỷ lệ thực hiện" | "Tasks by unit, by implementation rate";
    annex_two_missed = "Nhiệm vụ hoàn thành quá hạn và chưa hoàn thành quá hạn" | "Tasks completed late or overdue";
    annex_three = "Phụ lục 3. Tình hình chấp hành chế độ báo cáo theo đơn vị và theo kỳ" | "Annex 3. Reports by unit and period";
    annex_three_league = "Báo cáo theo đơn vị, xếp theo tỷ lệ đúng hạn" | "Reports by unit, by on-time rate";
    annex_three_missed = "Báo cáo gửi chậm và chưa gửi quá hạn" | "Reports sent late or overdue";
    tasks_by_year = "Nhiệm vụ theo năm" | "Tasks by year";
    reports_by_year = "Báo cáo theo năm" | "Reports by year";
    tasks_by_quarter = "Nhiệm vụ theo quý" | "Tasks by quarter";
    reports_by_quarter = "Báo cáo theo quý" | "Reports by quarter";
    matrix = "Bảng đơn vị theo quý, {} – {} (cả nhiệm vụ và báo cáo)" | "Units by quarter, {} – {} (tasks and reports)";
    matrix_note = "Ô ghi dấu và số đúng hạn trên số đến hạn (on_time_of_due). Ô trống: không có gì được giao." | "A cell has a sign, and on time over due (on_time_of_due). An empty cell: nothing was owed.";
    item_column = "Nội dung" | "What was owed";
    due_column = "Thời hạn" | "Due";
    original_due = "(ban đầu: {})" | "(originally {})";
    done_column = "Ngày hoàn thành" | "Completed";
    days_column = "Số ngày chậm" | "Days late";
    events_column = "Sự kiện" | "Events";
    not_done = "chưa hoàn thành" | "not completed";
    annex_four = "Phụ lục 4. Thay đổi đơn vị trong kỳ" | "Annex 4. Changes of units";
    change_column = "Thay đổi" | "Change";
    into_column = "Đơn vị mới" | "Successor";
    basis_column = "Văn bản" | "Document";
    changes_none = "Sổ không ghi nhận thay đổi đơn vị nào trong kỳ." | "The ledger holds no change of a unit in the window.";
    formed = "thành lập" | "formed";
    renamed = "đổi tên" | "renamed";
    reparented = "chuyển cơ quan quản lý" | "moved";
    part_ceded = "chuyển một phần" | "part transferred";
    merged = "hợp nhất, sáp nhập" | "merged";
    divided = "chia" | "divided";
    dissolved = "giải thể, kết thúc hoạt động" | "dissolved";
    heir_part = "(một phần)" | "(part)";
    annex_five = "Phụ lục 5. Kiểm tra, giám sát, đôn đốc, xử lý" | "Annex 5. Inspection, reminders, follow-up";
    inspections = "Kiểm tra, giám sát" | "Inspections";
    inspections_none = "Sổ không ghi nhận cuộc kiểm tra, giám sát nào." | "The ledger holds no inspection.";
    inspection_column = "Cuộc" | "Case";
    by_column = "Cơ quan" | "By";
    inspected_column = "Đơn vị được kiểm tra, giám sát" | "Inspected";
    opened_column = "Bắt đầu" | "Opened";
    concluded_column = "Kết luận" | "Concluded";
    findings = "Phát hiện qua kiểm tra, giám sát" | "Findings";
    finding_column = "Nội dung phát hiện" | "Finding";
    cause_column = "Nguyên nhân, trách nhiệm" | "Cause, responsibility";
    follow_up_column = "Nhiệm vụ tiếp theo" | "Follow-up";
    acts_by_unit = "Đôn đốc, cờ trễ hạn, giải trình theo đơn vị (số lượt)" | "Reminders, flags, explanations by unit (number)";
    acts_none = "Sổ không ghi nhận đôn đốc, cờ trễ hạn hay giải trình nào." | "The ledger holds no reminder, flag or explanation.";
    explanations = "Giải trình của các đơn vị" | "Explanations given";
    explanation_column = "Nguyên nhân được nêu" | "Cause given";
    extensions = "Gia hạn" | "Extensions";
    extensions_none = "Không có gia hạn nào." | "There were no extensions.";
    old_due_column = "Thời hạn cũ" | "Old due date";
    new_due_column = "Thời hạn mới" | "New due date";
    granted_column = "Cơ quan cho gia hạn, ngày" | "Granted by, on";
    requested_column = "Đề nghị ngày" | "Asked on";
    in_time_column = "Đề nghị trước hạn" | "Asked in time";
    reason_column = "Lý do" | "Reason";
    yes = "có" | "yes";
    no = "không" | "no";
    excuses = "Miễn, hủy (không tính)" | "Excused and cancelled";
    excuses_none = "Không có trường hợp nào được miễn hoặc hủy." | "Nothing was excused or cancelled.";
    excuse_column = "Hình thức" | "How";
    decided_column = "Cơ quan quyết định, ngày" | "Decided by, on";
    legal_column = "Căn cứ" | "Legal basis";
    flags = "Đối chiếu cờ trễ hạn với kết quả" | "Flags compared with results";
    flags_sentence = "Có {} lượt đã qua thời hạn mà chưa hoàn thành vào thời hạn đó (quá hạn và chậm), trong đó {} lượt có cờ trễ hạn, {} lượt chưa có cờ; {} cờ thuộc các lượt nay không còn quá hạn hoặc chậm. Cờ trễ hạn không ảnh hưởng đến kết quả tính." | "{} obligations passed their due date unfulfilled (late and overdue): {} of them are flagged, {} are not; {} flags belong to obligations that are neither late nor overdue by now. Flags do not change any count.";
    unflagged = "Chưa có cờ: {}" | "Not flagged: {}";
    flagged_otherwise = "Có cờ nhưng nay không còn quá hạn hoặc chậm: {}" | "Flagged, neither late nor overdue now: {}";
    and_more = "… và {} trường hợp khác (đầy đủ trong tệp số liệu)" | "… and {} more (all in the data file)";
    annex_six = "Phụ lục 6. Ghi chú phương pháp" | "Annex 6. Method";
    formulas = "Công thức" | "Formulas";
    rate_column = "Tỷ lệ" | "Rate";
    rate_id_column = "Mã" | "Id";
    formula_column = "Công thức" | "Formula";
    buckets = "Các kết quả dùng để đếm" | "What is counted";
    buckets_note = "Mỗi lượt nhiệm vụ, báo cáo thuộc đúng một kết quả vào cuối ngày chốt số liệu. Đến hạn đúng ngày chốt vẫn là trong hạn. Số đếm là số gốc; tỷ lệ được tính từ số đếm, làm tròn hai chữ số." | "At the end of the as-of day each obligation has exactly one result. What is due that day is not yet overdue. Counts are the record; rates follow from them, with two decimals.";
    rules = "Quy tắc kỳ số liệu và thời hạn" | "Rules of windows and due dates";
    rules_none = "Không có yêu cầu báo cáo nào." | "There are no reporting requirements.";
    cadence_column = "Kỳ báo cáo" | "How often";
    window_rule_column = "Kỳ số liệu" | "Data window";
    due_rule_column = "Thời hạn" | "Due";
    day_off_column = "Gặp ngày nghỉ" | "On a day off";
    calendars = "Lịch ngày làm việc đã công bố trong sổ" | "Working-day calendars in the ledger";
    calendars_none = "Sổ chưa có lịch ngày làm việc nào cho các năm trong kỳ." | "The ledger has no calendar for the years of the window.";
    year_column = "Năm" | "Year";
    version_column = "Phiên bản" | "Version";
    listed_days_column = "Số ngày nghỉ, làm bù được liệt kê" | "Days listed";
    source_column = "Nguồn" | "Source";
    window_decree = "theo Điều 12 Nghị định 09/2019/NĐ-CP" | "Decree 09/2019/NĐ-CP, Article 12";
    window_calendar = "theo lịch của kỳ" | "the calendar days of the period";
    window_stated = "nêu khi mở kỳ báo cáo" | "stated when a period is opened";
    not_stated = "văn bản không nêu" | "not stated";
    due_day = "ngày {} của tháng cuối kỳ" | "day {} of the last month of the period";
    due_days = "{} ngày sau khi kết thúc kỳ số liệu" | "{} days after the data window";
    due_working_days = "{} ngày làm việc sau khi kết thúc kỳ số liệu" | "{} working days after the data window";
    data_notes = "Ghi chú về số liệu" | "Notes on the data";
    note_synthetic = "Số liệu có {} bản ghi minh họa trên tổng số {} bản ghi." | "{} of {} records are made up for demonstration.";
    note_real = "Không có bản ghi minh họa trong {} bản ghi." | "None of the {} records is made up.";
    note_clock = "Thời điểm ghi sổ do mô phỏng tạo ra, không phải đồng hồ thật." | "Recorded times come from a simulation, not from a clock.";
    note_back_dated = "{} sự kiện được ghi sổ sau khi xảy ra hơn {} ngày." | "{} events were recorded more than {} days after they happened.";
    note_corrected = "{} sự kiện đính chính hoặc đảo bản ghi trước." | "{} events correct or reverse an earlier record.";
    back_dated = "Sự kiện ghi sổ muộn" | "Events recorded late";
    corrections = "Đính chính, đảo bản ghi" | "Corrections and reversals";
    position_column = "Vị trí" | "Position";
    event_column = "Loại sự kiện" | "Event";
    stream_column = "Đối tượng" | "About";
    effective_column = "Ngày xảy ra" | "Happened";
    recorded_column = "Ghi sổ" | "Recorded";
    lag_column = "Số ngày" | "Days";
    undated = "Nhiệm vụ, báo cáo không có thời hạn" | "Obligations without due date";
    undated_none = "Không có nhiệm vụ, báo cáo nào thiếu thời hạn." | "Every obligation has a due date.";
    since_column = "Giao từ ngày" | "Since";
    age_column = "Số ngày" | "Days";
    integrity = "Toàn vẹn số liệu" | "Integrity";
    integrity_sentence = "Số liệu lấy từ sổ “{}” đến vị trí {}. Lập lại báo cáo tại vị trí này cho kết quả giống từng byte." | "The figures come from ledger “{}” up to position {}. Generated again at that position, this report is the same to the byte.";
    integrity_root = "Gốc cây Merkle tại vị trí này: {}" | "Merkle root at that position: {}";
    integrity_unsealed = "Sổ chưa được niêm phong tại vị trí này (chưa có gốc cây Merkle)." | "The ledger is not sealed at that position (no Merkle root yet).";
}

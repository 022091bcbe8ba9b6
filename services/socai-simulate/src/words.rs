//! The words that a simulation uses, in Vietnamese. Everything says of itself that it is simulated.

use socai_domain::line::Line;

/// A line of text that is known to be one.
pub(crate) fn line(text: &str) -> Line {
    Line::new(text).expect("the texts of a simulation are short and plain")
}

fn lines(texts: &[&str]) -> Vec<Line> {
    texts.iter().map(|text| line(text)).collect()
}

/// The lines that stand in many records, made once.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) returned: Vec<Line>,
    pub(crate) refused: Vec<Line>,
    pub(crate) extended: Vec<Line>,
    pub(crate) excused: Vec<Line>,
    pub(crate) legal_basis: Line,
    pub(crate) cancelled: Vec<Line>,
    pub(crate) causes: Vec<Line>,
    pub(crate) notes: Vec<Line>,
    pub(crate) reversed: Line,
    pub(crate) channels: Vec<Line>,
    pub(crate) sections: Vec<Line>,
    pub(crate) media: Line,
}

impl Words {
    pub(crate) fn new() -> Self {
        Self {
            returned: lines(&[
                "Thiếu phụ lục số liệu",
                "Số liệu chưa khớp với kỳ trước",
                "Chưa đúng đề cương",
                "Thiếu phần đánh giá nguyên nhân",
            ]),
            refused: lines(&[
                "Chưa có minh chứng kết quả",
                "Mới hoàn thành một phần nhiệm vụ",
                "Sản phẩm chưa được phê duyệt",
            ]),
            extended: lines(&[
                "Chờ ý kiến của cơ quan phối hợp",
                "Chờ hướng dẫn của cấp trên",
                "Khối lượng rà soát lớn",
            ]),
            excused: lines(&[
                "Ảnh hưởng của thiên tai",
                "Nhiệm vụ đã được giao cho cơ quan khác theo quy định mới",
            ]),
            legal_basis: line("Quy chế làm việc của Ủy ban nhân dân thành phố (mô phỏng)"),
            cancelled: lines(&[
                "Nội dung đã được lồng ghép vào báo cáo khác",
                "Không còn phù hợp với tình hình thực tế",
                "Đơn vị kết thúc hoạt động",
            ]),
            causes: lines(&[
                "Thiếu nhân sự theo dõi",
                "Cơ sở gửi số liệu chậm",
                "Nhiệm vụ liên quan nhiều cơ quan",
                "Chờ văn bản hướng dẫn",
                "Sai sót khi theo dõi thời hạn",
            ]),
            notes: lines(&[
                "Đang tổng hợp ý kiến",
                "Đã có dự thảo",
                "Đang trình phê duyệt",
                "Đã triển khai ở cơ sở",
            ]),
            reversed: line("Ghi nhầm đơn vị"),
            channels: lines(&["Trục liên thông văn bản", "Bản giấy", "Thư điện tử công vụ"]),
            sections: lines(&[
                "Tình hình chung",
                "Kết quả thực hiện",
                "Tồn tại, hạn chế",
                "Phương hướng, nhiệm vụ",
            ]),
            media: line("application/pdf"),
        }
    }
}

/// Departments, in the order in which a city has them.
pub(crate) const DEPARTMENTS: [&str; 24] = [
    "Nội vụ",
    "Tài chính",
    "Kế hoạch và Đầu tư",
    "Xây dựng",
    "Giao thông vận tải",
    "Công Thương",
    "Nông nghiệp và Phát triển nông thôn",
    "Tài nguyên và Môi trường",
    "Giáo dục và Đào tạo",
    "Y tế",
    "Văn hóa và Thể thao",
    "Du lịch",
    "Lao động - Thương binh và Xã hội",
    "Tư pháp",
    "Thông tin và Truyền thông",
    "Khoa học và Công nghệ",
    "Quy hoạch - Kiến trúc",
    "Ngoại vụ",
    "Thanh tra",
    "Dân tộc",
    "Phòng cháy và Chữa cháy",
    "Chuyển đổi số",
    "Thống kê",
    "Thủy lợi",
];

/// Syllables that names of places are made of.
pub(crate) const FIRST: [&str; 20] = [
    "An", "Bình", "Cẩm", "Đông", "Gia", "Hòa", "Hưng", "Khánh", "Long", "Minh", "Nam", "Phú",
    "Phước", "Quảng", "Tân", "Thanh", "Thạch", "Vĩnh", "Xuân", "Yên",
];

/// Syllables that names of places end in.
pub(crate) const SECOND: [&str; 20] = [
    "Bắc", "Châu", "Đức", "Giang", "Hải", "Hà", "Khê", "Lạc", "Lâm", "Lộc", "Mỹ", "Nghĩa", "Ninh",
    "Phong", "Sơn", "Thành", "Thịnh", "Thủy", "Tiến", "Trung",
];

/// What directives are about.
pub(crate) const SUBJECTS: [&str; 12] = [
    "bảo đảm trật tự, an toàn giao thông",
    "nâng cao chất lượng giải quyết thủ tục hành chính",
    "bảo vệ môi trường và xử lý rác thải",
    "chuyển đổi số trong cơ quan nhà nước",
    "phòng, chống thiên tai và tìm kiếm cứu nạn",
    "đẩy nhanh giải ngân vốn đầu tư công",
    "quản lý trật tự xây dựng đô thị",
    "thực hành tiết kiệm, chống lãng phí",
    "phòng, chống tham nhũng, tiêu cực",
    "chăm lo an sinh xã hội và giảm nghèo",
    "bảo đảm an toàn thực phẩm",
    "phòng cháy, chữa cháy và cứu nạn, cứu hộ",
];

/// What tasks ask for.
pub(crate) const TASKS: [&str; 10] = [
    "Xây dựng kế hoạch triển khai",
    "Rà soát, báo cáo các điểm tồn tại",
    "Tham mưu ban hành quy chế phối hợp",
    "Tổ chức tuyên truyền trên địa bàn",
    "Kiểm tra việc thực hiện ở cơ sở",
    "Hoàn thành cơ sở dữ liệu chuyên ngành",
    "Xử lý dứt điểm kiến nghị của cử tri",
    "Tổ chức tập huấn nghiệp vụ",
    "Đề xuất danh mục đầu tư",
    "Công khai kết quả giải quyết",
];

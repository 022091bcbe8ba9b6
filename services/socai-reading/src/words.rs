//! The words that reading knows: types of documents, organs, provinces, noise, function words.
//!
//! All of it is general vocabulary of administration. Matching is on whole words; tables marked
//! *folded* are compared with folded text.

/// Types of documents as they are written before a number, longest first where one begins another.
pub(crate) const TYPES: &[&str] = &[
    "Thông tư liên tịch",
    "Nghị quyết liên tịch",
    "Báo cáo thẩm định",
    "Văn bản hợp nhất",
    "Bản thỏa thuận",
    "Bản ghi nhớ",
    "Giấy ủy quyền",
    "Giấy giới thiệu",
    "Giấy mời",
    "Phiếu chuyển",
    "Phiếu gửi",
    "Phiếu báo",
    "Công điện",
    "Công văn",
    "Chỉ thị",
    "Chiến lược",
    "Chương trình",
    "Đề án",
    "Dự án",
    "Biên bản",
    "Báo cáo",
    "Bộ luật",
    "Hiến pháp",
    "Hợp đồng",
    "Hướng dẫn",
    "Kế hoạch",
    "Kết luận",
    "Lệnh",
    "Luật",
    "Nghị định",
    "Nghị quyết",
    "Pháp lệnh",
    "Phương án",
    "Quy chế",
    "Quy định",
    "Quy hoạch",
    "Quyết định",
    "Sao lục",
    "Tờ trình",
    "Thông báo kết luận",
    "Thông báo",
    "Thông cáo",
    "Thông tri",
    "Thông tư",
    "Văn bản",
];

/// Types that say nothing about the type.
pub(crate) const GENERIC_TYPES: &[&str] = &["Văn bản"];

/// Types that are cited by what they are about, without a number.
///
/// Reports are not among them: a report without a number is one that is owed. Neither are projects
/// and contracts, which are works more often than documents.
pub(crate) const NAMED_TYPES: &[&str] = &[
    "Bộ luật",
    "Chỉ thị",
    "Chiến lược",
    "Chương trình",
    "Đề án",
    "Hiến pháp",
    "Hướng dẫn",
    "Kế hoạch",
    "Kết luận",
    "Luật",
    "Nghị định",
    "Nghị quyết",
    "Pháp lệnh",
    "Phương án",
    "Quy chế",
    "Quy định",
    "Quy hoạch",
    "Quyết định",
    "Thông tư",
];

/// Types that are cited by who issued them: "theo hướng dẫn của …".
///
/// "Theo quy định của …" is absent: it means the rules in general.
pub(crate) const OWNED_TYPES: &[&str] = &[
    "hướng dẫn",
    "kế hoạch",
    "kết luận",
    "chỉ thị",
    "công văn",
    "thông báo",
    "đề án",
    "quy chế",
    "nghị quyết",
    "chương trình hành động",
];

/// Plans of plans: what a Kế hoạch about them does is to plan for them.
pub(crate) const PLANNED_TYPES: &[&str] =
    &["Đề án", "Chương trình", "Chiến lược", "Dự án", "Quy hoạch"];

/// Whether more of the organ's name may follow its head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Head {
    /// The head is a full name; only a place or a term may follow.
    Whole,
    /// The head opens a name: "Sở Giáo dục và Đào tạo".
    Open,
}

/// Heads of organs' names, lower-case; a longer one stands before the one it begins with.
pub(crate) const HEADS: &[(&str, Head)] = &[
    ("ủy ban thường vụ quốc hội", Head::Whole),
    ("ủy ban mặt trận tổ quốc việt nam", Head::Whole),
    ("ủy ban mặt trận tổ quốc", Head::Whole),
    ("mặt trận tổ quốc việt nam", Head::Whole),
    ("mặt trận tổ quốc", Head::Whole),
    ("ủy ban nhân dân", Head::Whole),
    ("uỷ ban nhân dân", Head::Whole),
    ("hội đồng nhân dân", Head::Whole),
    ("ban chấp hành trung ương đảng", Head::Whole),
    ("ban chấp hành trung ương", Head::Whole),
    ("ban chấp hành", Head::Open),
    ("ban thường vụ", Head::Open),
    ("ban cán sự đảng", Head::Open),
    ("ban bí thư trung ương đảng", Head::Whole),
    ("ban bí thư", Head::Whole),
    ("bộ chính trị", Head::Whole),
    ("thủ tướng chính phủ", Head::Whole),
    ("thủ tướng", Head::Whole),
    ("văn phòng chính phủ", Head::Whole),
    ("văn phòng trung ương đảng", Head::Whole),
    ("thanh tra chính phủ", Head::Whole),
    ("chính phủ", Head::Whole),
    ("chủ tịch nước", Head::Whole),
    ("quốc hội", Head::Whole),
    ("trung ương đảng", Head::Whole),
    ("trung ương", Head::Whole),
    ("thành ủy", Head::Whole),
    ("thành uỷ", Head::Whole),
    ("tỉnh ủy", Head::Whole),
    ("tỉnh uỷ", Head::Whole),
    ("quận ủy", Head::Whole),
    ("huyện ủy", Head::Whole),
    ("thị ủy", Head::Whole),
    ("đảng đoàn", Head::Open),
    ("đảng ủy", Head::Open),
    ("đảng uỷ", Head::Open),
    ("đảng bộ", Head::Open),
    ("chi bộ", Head::Open),
    ("ubnd", Head::Whole),
    ("hđnd", Head::Whole),
    ("ubmttq", Head::Whole),
    ("mttq", Head::Whole),
    ("bảo hiểm xã hội", Head::Whole),
    ("kho bạc nhà nước", Head::Whole),
    ("ngân hàng nhà nước", Head::Whole),
    ("kiểm toán nhà nước", Head::Whole),
    ("tòa án nhân dân", Head::Open),
    ("viện kiểm sát nhân dân", Head::Open),
    ("tổng liên đoàn", Head::Open),
    ("liên đoàn", Head::Open),
    ("tổng cục", Head::Open),
    ("chi cục", Head::Open),
    ("công an", Head::Whole),
    ("bộ chỉ huy", Head::Open),
    ("bộ tư lệnh", Head::Open),
    ("văn phòng", Head::Open),
    ("thanh tra", Head::Open),
    ("hội đồng", Head::Open),
    ("ủy ban", Head::Open),
    ("trung tâm", Head::Open),
    ("tỉnh đoàn", Head::Whole),
    ("thành đoàn", Head::Whole),
    ("học viện", Head::Open),
    ("trường", Head::Open),
    ("phòng", Head::Open),
    ("viện", Head::Open),
    ("cục", Head::Open),
    ("hội", Head::Open),
    ("tổ", Head::Open),
    ("ban", Head::Open),
    ("sở", Head::Open),
    ("bộ", Head::Open),
    ("vụ", Head::Open),
];

/// Offices whose holder issues documents: "Chủ tịch UBND tỉnh". They come before an organ's name.
pub(crate) const OFFICES: &[&str] = &[
    "phó chủ tịch",
    "chủ tịch",
    "phó thủ tướng",
    "thứ trưởng",
    "bộ trưởng",
    "phó giám đốc",
    "giám đốc",
    "chánh văn phòng",
    "phó chánh văn phòng",
    "cục trưởng",
    "phó bí thư thường trực",
    "phó bí thư",
    "bí thư",
    "trưởng ban",
    "phó trưởng ban",
    "chánh thanh tra",
    "tổng giám đốc",
    "hiệu trưởng",
];

/// Words that place an organ, whatever their case.
pub(crate) const LEVELS: &[&str] = &[
    "thành phố",
    "tp.",
    "tp",
    "tỉnh",
    "quận",
    "huyện",
    "thị xã",
    "thị trấn",
    "phường",
    "xã",
    "đặc khu",
    "khu vực",
];

/// The provinces and centrally run cities before and after 1 July 2025, and the country.
pub(crate) const PLACES: &[&str] = &[
    "An Giang",
    "Bà Rịa - Vũng Tàu",
    "Bà Rịa-Vũng Tàu",
    "Bắc Giang",
    "Bắc Kạn",
    "Bạc Liêu",
    "Bắc Ninh",
    "Bến Tre",
    "Bình Định",
    "Bình Dương",
    "Bình Phước",
    "Bình Thuận",
    "Cà Mau",
    "Cần Thơ",
    "Cao Bằng",
    "Đà Nẵng",
    "Đắk Lắk",
    "Đắk Nông",
    "Điện Biên",
    "Đồng Nai",
    "Đồng Tháp",
    "Gia Lai",
    "Hà Giang",
    "Hà Nam",
    "Hà Nội",
    "Hà Tĩnh",
    "Hải Dương",
    "Hải Phòng",
    "Hậu Giang",
    "Hòa Bình",
    "Hưng Yên",
    "Khánh Hòa",
    "Kiên Giang",
    "Kon Tum",
    "Lai Châu",
    "Lâm Đồng",
    "Lạng Sơn",
    "Lào Cai",
    "Long An",
    "Nam Định",
    "Nghệ An",
    "Ninh Bình",
    "Ninh Thuận",
    "Phú Thọ",
    "Phú Yên",
    "Quảng Bình",
    "Quảng Nam",
    "Quảng Ngãi",
    "Quảng Ninh",
    "Quảng Trị",
    "Sóc Trăng",
    "Sơn La",
    "Tây Ninh",
    "Thái Bình",
    "Thái Nguyên",
    "Thanh Hóa",
    "Thừa Thiên Huế",
    "Thừa Thiên - Huế",
    "Huế",
    "Tiền Giang",
    "Hồ Chí Minh",
    "Trà Vinh",
    "Tuyên Quang",
    "Vĩnh Long",
    "Vĩnh Phúc",
    "Yên Bái",
    "Việt Nam",
];

/// What ends an organ's name, or the name of a document: the first syllable of function words and
/// of the verbs that follow a subject.
pub(crate) const STOPS: &[&str] = &[
    "ban", "báo", "bãi", "bao", "bị", "bởi", "cần", "chỉ", "cho", "chủ", "có", "công", "của",
    "cũng", "đã", "đang", "đánh", "đề", "để", "đến", "đó", "do", "đồng", "được", "gồm", "giao",
    "gửi", "họp", "hướng", "kể", "kèm", "khi", "khẳng", "kiểm", "ký", "là", "làm", "lần", "mà",
    "năm", "nêu", "ngày", "nhằm", "nhấn", "như", "nhưng", "này", "ở", "phải", "phê", "phối",
    "quán", "quy", "quyết", "ra", "rà", "sau", "sẽ", "số", "sửa", "tại", "tập", "tham", "thành",
    "thay", "theo", "thì", "thông", "thực", "tiếp", "tổ", "tới", "trên", "triển", "trình", "trong",
    "trước", "từ", "và", "vào", "về", "với", "vừa", "xây", "xem", "yêu", "nghiêm",
];

/// What ends the name of a document cited without a number.
pub(crate) const NAME_STOPS: &[&str] = &[
    "bao", "bởi", "cần", "có", "của", "đã", "đang", "đảm", "bảo", "để", "đến", "đó", "do", "được",
    "gồm", "kèm", "khi", "là", "lần", "mà", "mới", "nêu", "nhằm", "này", "phải", "sau", "sẽ",
    "tại", "theo", "thì", "trên", "trong", "trước", "từ", "vào", "với", "ngày",
];

/// Verbs that make a type of document their subject: "Kế hoạch yêu cầu …" cites nothing.
pub(crate) const PREDICATES: &[&str] = &[
    "yêu cầu",
    "đề ra",
    "nêu",
    "xác định",
    "quy định",
    "giao",
    "đặt",
    "chỉ rõ",
    "nhấn mạnh",
    "đề nghị",
    "hướng dẫn",
    "tập trung",
    "cũng",
    "còn",
    "phấn đấu",
    "đưa",
    "ban hành",
    "khẳng định",
    "chỉ đạo",
];

/// Verbs after "và" that begin the next act, not more of a name.
pub(crate) const NEXT_ACTS: &[&str] = &[
    "tổ", "triển", "thực", "xây", "báo", "chỉ", "đôn", "theo", "gửi", "yêu", "đề", "phối", "giao",
    "ban",
];

/// Folded beginnings of lines after which nothing belongs to the text.
const TAIL_OPENERS: &[&str] = &[
    "cac bai moi dang",
    "cac bai da dang",
    "cac bai viet khac",
    "bai viet lien quan",
    "bai lien quan",
    "tin lien quan",
    "tin bai lien quan",
    "cac tin khac",
    "tin khac",
    "tin cung chuyen muc",
    "tin moi hon",
    "tin cu hon",
    "cac tin da dua",
    "tin da dua",
    "van ban lien quan",
    "viet binh luan",
    "gui binh luan",
    "y kien ban doc",
    "y kien binh luan",
];

/// Folded beginnings of lines about the publisher.
const FOOTERS: &[&str] = &[
    "cong thong tin",
    "trang thong tin dien tu",
    "tru so",
    "dia chi",
    "dien thoai",
    "dt:",
    "tel",
    "fax",
    "email",
    "e-mail",
    "website",
    "chi dao truc tiep",
    "chiu trach nhiem",
    "tong bien tap",
    "giay phep",
    "ban quyen",
    "ghi ro nguon",
    "ho ten:",
    "ho va ten:",
    "so dien thoai:",
    "tieu de:(*)",
    "noi dung:(*)",
    "ma xac nhan",
    "bai viet xem",
    "tra loi",
    "tu khoa",
    "tags",
    "chia se",
    "nguon:",
    "luot xem",
    "xem them:",
    "doc them:",
    "©",
];

/// The longest line that opens a list of other articles; a sentence may begin with the same words.
const OPENER_CHARS_MAX: usize = 40;

/// Whether everything from the folded `line` on is noise.
pub(crate) fn opens_tail(line: &str) -> bool {
    let comments = line
        .strip_suffix(" comments")
        .or(line.strip_suffix(" comment"));
    let counted = comments.is_some_and(|count| count.bytes().all(|digit| digit.is_ascii_digit()));
    let listed = TAIL_OPENERS.iter().any(|opener| line.starts_with(opener));
    counted || listed && line.len() <= OPENER_CHARS_MAX
}

/// Whether the folded `line` is about the publisher.
pub(crate) fn is_footer(line: &str) -> bool {
    FOOTERS.iter().any(|footer| line.starts_with(footer))
}

/// Whether a line that ends with `word` goes on in the next.
pub(crate) fn wants_more(word: &str) -> bool {
    const WANTING: &[&str] = &[
        "của", "và", "về", "số", "ngày", "tháng", "năm", "tại", "theo", "với", "các", "cho",
        "việc", "trong",
    ];
    WANTING.contains(&word.to_lowercase().as_str())
}

/// Whether `line` begins what always stands on a line of its own.
pub(crate) fn opens_clause(line: &str) -> bool {
    const OPENERS: &[&str] = &[
        "Căn cứ",
        "Theo đề nghị",
        "Xét đề nghị",
        "Kính gửi",
        "Điều ",
        "QUYẾT ĐỊNH",
        "Số:",
        "Số ",
    ];
    OPENERS.iter().any(|opener| line.starts_with(opener))
}

/// Whether the dot after `word` belongs to it.
pub(crate) fn ends_with_a_dot(word: &str) -> bool {
    const DOTTED: &[&str] = &[
        "TP", "Tp", "tp", "Q", "P", "H", "TX", "TS", "ThS", "PGS", "GS", "TT", "Đ/c", "đ/c", "BS",
        "KS",
    ];
    DOTTED.contains(&word.trim_start_matches(['(', '“', '"']))
}

/// The type that a wording stands for: the notice of a conclusion is a notice.
pub(crate) fn plain_type(written: &'static str) -> &'static str {
    if written == "Thông báo kết luận" {
        "Thông báo"
    } else {
        written
    }
}

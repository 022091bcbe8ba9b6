//! The words that say how documents relate: cues, what may stand between a cue and a citation, and
//! what goes before one.

use std::sync::LazyLock;

use regex::Regex;

use crate::RelationKind;
use crate::citation::last;

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of ours")
}

/// Which document a cue speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attach {
    /// The document before it, if the cue is in its description.
    Noun,
    /// Always the one that the text is: "gắn với" qualifies the act, not the document before it.
    Text,
}

#[derive(Debug)]
pub(super) struct Cue {
    pub(super) kind: RelationKind,
    pub(super) attach: Attach,
    /// The cited document acts on the other one: "được thay thế bởi".
    pub(super) reversed: bool,
    ends_with: Regex,
}

/// The cues; a longer one stands before the one it ends with.
static CUES: LazyLock<Vec<Cue>> = LazyLock::new(|| {
    use Attach::{Noun, Text};
    use RelationKind as Is;
    let rows = [
        (
            Is::ReviewsInterim,
            Noun,
            false,
            r"sơ kết\b[^.;:()/]{0,60}?(?:thực hiện|triển khai|thi hành)",
        ),
        (Is::ReviewsInterim, Noun, false, r"sơ kết"),
        (
            Is::ReviewsFinal,
            Noun,
            false,
            r"tổng kết\b[^.;:()/]{0,60}?(?:thực hiện|triển khai|thi hành)",
        ),
        (Is::ReviewsFinal, Noun, false, r"tổng kết"),
        (
            Is::Continues,
            Noun,
            false,
            r"tiếp tục\b[^.;:(),]{0,30}?(?:thực hiện|triển khai)",
        ),
        (
            Is::LinkedWith,
            Text,
            false,
            r"gắn(?: liền| kết)? với(?: việc)?(?:[^.;:(),]{0,25}? thực hiện)?",
        ),
        (
            Is::DirectedBy,
            Text,
            false,
            r"(?:theo|thực hiện)(?: sự| ý kiến| tinh thần)? chỉ đạo(?: của [^.;:()]{1,120}?)? tại",
        ),
        (
            Is::BasedOn,
            Text,
            false,
            r"(?:theo đề nghị|xét đề nghị|xét)(?: của [^.;:()]{1,120}?)?(?: tại)?",
        ),
        (Is::BasedOn, Text, false, r"(?:căn cứ|trên cơ sở)(?: vào)?"),
        (
            Is::Replaces,
            Noun,
            true,
            r"(?:được|bị) thay thế (?:bởi|bằng)",
        ),
        (
            Is::Amends,
            Noun,
            true,
            r"(?:được|bị) sửa đổi(?:, bổ sung)?[^.;:()]{0,30}?(?:bởi|tại|theo|bằng)",
        ),
        (
            Is::Abolishes,
            Noun,
            true,
            r"(?:được|bị) bãi bỏ (?:bởi|bằng|tại|theo)",
        ),
        (Is::Replaces, Noun, false, r"thay thế(?: cho)?"),
        (
            Is::Abolishes,
            Noun,
            false,
            r"(?:bãi bỏ|hủy bỏ|huỷ bỏ)(?: toàn bộ| một phần)?",
        ),
        (
            Is::Amends,
            Noun,
            false,
            r"(?:sửa đổi(?:,? (?:và )?bổ sung)?|bổ sung|điều chỉnh)(?: một số (?:điều|nội dung)| nội dung)?",
        ),
        (Is::Consolidates, Noun, false, r"hợp nhất"),
        (
            Is::Corrects,
            Noun,
            false,
            r"đính chính(?: một số)?(?: sai sót| lỗi)?",
        ),
        (Is::AttachedTo, Noun, false, r"kèm theo"),
        (
            Is::Guides,
            Noun,
            false,
            r"hướng dẫn(?: chi tiết)?(?: việc)?(?: tổ chức| triển khai| thi hành| thực hiện| áp dụng)*",
        ),
        (
            Is::Publicises,
            Noun,
            false,
            r"(?:tuyên truyền|truyền thông|phổ biến)(?: về)?",
        ),
        (
            Is::Implements,
            Noun,
            false,
            r"(?:thực hiện|triển khai|thi hành|cụ thể hóa|cụ thể hoá)",
        ),
    ];
    let cue = |(kind, attach, reversed, words)| Cue {
        kind,
        attach,
        reversed,
        ends_with: pattern(&format!(r"(?i)\b(?:{})$", str::replace(words, " ", r"\s+"))),
    };
    rows.map(cue).into()
});

/// The longest cue with what it encloses, in bytes.
const CUE_REACH: usize = 500;

/// Any cue at all: most citations have none, and one pattern tells so.
static ANY: LazyLock<Regex> = LazyLock::new(|| {
    let all: Vec<&str> = CUES.iter().map(|cue| cue.ends_with.as_str()).collect();
    pattern(&all.join("|"))
});

/// The cue that `left` ends with, and where it starts.
pub(super) fn matching(left: &str) -> Option<(&'static Cue, usize)> {
    let near = last(left, CUE_REACH);
    let start = left.len() - near.len();
    if !ANY.is_match(near) {
        return None;
    }
    CUES.iter()
        .find_map(|cue| Some((cue, start + cue.ends_with.find(near)?.start())))
}

/// Words between a cue and the citation that change nothing.
static FILLER: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?ix)(?:^|[\s,])(?:
            có\s+hiệu\s+quả | hiệu\s+quả | nghiêm\s+túc | nghiêm | tốt | đúng | đầy\s+đủ | kịp\s+thời | đồng\s+bộ |
            quyết\s+liệt | sâu\s+rộng | toàn\s+diện | thắng\s+lợi | các | những | nội\s+dung | quy\s+định | tại | của |
            một\s+số | (?:điểm|khoản|điều|mục|phần|phụ\s+lục|chương)\s+[\dIVXa-zđ]{1,4} | điều | tinh\s+thần |
            và | , | việc | tại\s+các | nêu | bản | toàn\s+văn | cho
        )$",
    )
});

/// The longest "và của … tại", in bytes.
const JOINT_REACH: usize = 250;

/// Whether a citation after `left` goes on with a list.
pub(super) fn is_listed(left: &str) -> bool {
    let bare = left.trim_end();
    let plain = bare.ends_with([',', ';']) || bare.ends_with("và");
    plain || LISTED.is_match(last(left, JOINT_REACH))
}

/// The longest filler, in bytes.
const FILLER_REACH: usize = 60;

/// Where the filler that `left` ends with starts.
pub(super) fn filler(left: &str) -> Option<usize> {
    let near = last(left, FILLER_REACH);
    Some(left.len() - near.len() + FILLER.find(near)?.start())
}

/// What "thực hiện" follows where it tells of a result and orders nothing.
pub(super) static TELLING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:kết quả|tình hình|đánh giá|báo cáo|kiểm tra|giám sát|hiệu quả|chất lượng|hạn chế|quá trình|đạt được)(?:\s+[^\s,;.]+){0,6}\s*$",
    )
});

/// What joins a citation to the list before it.
static LISTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|[\s)])?(?:[,;]|\bvà|\bhoặc|\bcùng|\bcùng với|\bvới)(?:\s+(?:các|của\s+[^.;:()]{1,100}?\s+tại))?\s*$",
    )
});

/// What takes up the acts of another document: "đưa … vào".
pub(super) static TAKEN_UP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:đưa|lồng ghép|bổ sung|tích hợp|cụ thể hóa)\b[^.;]{0,40}?\bvào\s+(?:các\s+)?$",
    )
});

/// How a description of a document begins.
pub(super) static DESCRIBING: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\s*$|^[\s,]*(?:về|v/v|quy định|hướng dẫn|ban hành|được ban hành|để|nhằm|phê duyệt|công bố)\b|^\s*[“\x22]|^\s+[\p{Ll}]+",
    )
});

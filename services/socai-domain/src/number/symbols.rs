//! The symbols of the types of documents: State, by Decree 30/2020/NĐ-CP (Annex III) and what
//! older and legal documents use; Party, by the rules of the Party's central office.

/// A type of document and its symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeSymbol {
    /// In its canonical case.
    pub code: &'static str,
    /// In Vietnamese.
    pub name: &'static str,
}

const fn row(code: &'static str, name: &'static str) -> TypeSymbol {
    TypeSymbol { code, name }
}

/// A letter; in Party numbers a symbol like any other, in State numbers never written.
pub(super) const LETTER: TypeSymbol = row("CV", "Công văn");

/// Types of Party documents. A symbol that stands in two rows is ambiguous.
const PARTY: &[TypeSymbol] = &[
    row("NQ", "Nghị quyết"),
    row("QĐ", "Quyết định"),
    row("QĐ", "Quy định"),
    row("CT", "Chỉ thị"),
    row("KL", "Kết luận"),
    row("KH", "Kế hoạch"),
    row("CTr", "Chương trình"),
    row("QC", "Quy chế"),
    row("TT", "Thông tri"),
    row("HD", "Hướng dẫn"),
    row("TB", "Thông báo"),
    row("TC", "Thông cáo"),
    row("BC", "Báo cáo"),
    row("TTr", "Tờ trình"),
    row("ĐA", "Đề án"),
    row("PA", "Phương án"),
    LETTER,
    row("BB", "Biên bản"),
    row("BS", "Bản sao"),
];

/// Types of State documents whose number has no year.
const STATE: &[TypeSymbol] = &[
    row("NQ", "Nghị quyết (cá biệt)"),
    row("QĐ", "Quyết định (cá biệt)"),
    row("CT", "Chỉ thị"),
    row("QC", "Quy chế"),
    row("QyĐ", "Quy định"),
    row("TC", "Thông cáo"),
    row("TB", "Thông báo"),
    row("HD", "Hướng dẫn"),
    row("CTr", "Chương trình"),
    row("KH", "Kế hoạch"),
    row("PA", "Phương án"),
    row("ĐA", "Đề án"),
    row("DA", "Dự án"),
    row("BC", "Báo cáo"),
    row("BCTĐ", "Báo cáo thẩm định"),
    row("BB", "Biên bản"),
    row("TTr", "Tờ trình"),
    row("HĐ", "Hợp đồng"),
    row("CĐ", "Công điện"),
    row("BGN", "Bản ghi nhớ"),
    row("BTT", "Bản thỏa thuận"),
    row("GUQ", "Giấy ủy quyền"),
    row("GM", "Giấy mời"),
    row("GGT", "Giấy giới thiệu"),
    row("GNP", "Giấy nghỉ phép"),
    row("PG", "Phiếu gửi"),
    row("PC", "Phiếu chuyển"),
    row("PB", "Phiếu báo"),
    row("SY", "Bản sao y"),
    row("TrS", "Bản trích sao"),
    row("SL", "Bản sao lục"),
    row("KL", "Kết luận"),
    row("HNVB", "Văn bản hợp nhất"),
    row("VBHN", "Văn bản hợp nhất"),
];

/// Types of legal normative documents, whose number has the year.
const LEGAL: &[TypeSymbol] = &[
    row("NĐ", "Nghị định"),
    row("NQ", "Nghị quyết (QPPL)"),
    row("QĐ", "Quyết định (QPPL)"),
    row("TT", "Thông tư"),
    row("TTLT", "Thông tư liên tịch"),
    row("NQLT", "Nghị quyết liên tịch"),
    row("CT", "Chỉ thị (QPPL)"),
    row("PL", "Pháp lệnh"),
    row("L", "Luật"),
];

/// What the National Assembly and its Standing Committee number by year and term alone.
const ASSEMBLY: &[TypeSymbol] = &[row("L", "Luật"), row("NQ", "Nghị quyết (QPPL)")];
const ASSEMBLY_COMMITTEE: &[TypeSymbol] = &[row("PL", "Pháp lệnh"), row("NQ", "Nghị quyết (QPPL)")];

/// Type symbols that some organs also have as their own: `4567/CT-TTHT` may be a directive, or a
/// letter of a tax department (Cục Thuế).
const ALSO_ORGANS: &[&str] = &["CT", "PC", "PG", "PB", "TC", "HĐ", "DA", "SL", "SY"];

/// Issuers of directives, with whom `CT` is a directive beyond doubt.
const DIRECTIVE_ISSUERS: &[&str] = &["TTg", "UBND"];

/// The types of Party documents.
pub fn party_types() -> &'static [TypeSymbol] {
    PARTY
}

/// The types of State documents whose number has no year.
pub fn state_types() -> &'static [TypeSymbol] {
    STATE
}

pub(super) fn party(symbol: &str) -> Vec<TypeSymbol> {
    named(PARTY, symbol)
}

pub(super) fn state(symbol: &str) -> Vec<TypeSymbol> {
    named(STATE, symbol)
}

pub(super) fn legal(symbol: &str) -> Vec<TypeSymbol> {
    named(LEGAL, symbol)
}

/// The types that `organ` issues under a number with year and term only.
pub(super) fn of_the_assembly(organ: &str) -> &'static [TypeSymbol] {
    match organ.trim_end_matches(|sign: char| sign.is_ascii_digit()) {
        bare if bare.len() == organ.len() => &[],
        "QH" => ASSEMBLY,
        "UBTVQH" => ASSEMBLY_COMMITTEE,
        _ => &[],
    }
}

/// Whether `symbol` before `issuer` may be an organ, and the document a letter.
pub(super) fn may_be_an_organ(symbol: &str, issuer: &str) -> bool {
    ALSO_ORGANS.contains(&symbol) && !(symbol == "CT" && DIRECTIVE_ISSUERS.contains(&issuer))
}

/// The rows whose symbol is `symbol`, whatever its case.
fn named(table: &[TypeSymbol], symbol: &str) -> Vec<TypeSymbol> {
    let wanted = symbol.to_lowercase();
    table
        .iter()
        .filter(|row| row.code.to_lowercase() == wanted)
        .copied()
        .collect()
}

//! What was asked, at the top of the page; what it is proven by, at its end.

use socai_domain::evidence::Of;

use super::markup::Markup;
use super::story::Story;
use super::words::{self, Both, both};
use crate::bundle::Bundle;

pub(super) fn write(m: &mut Markup, bundle: &Bundle, story: &Story<'_>) {
    m.wrap("header", &[], |m| {
        m.leaf("p", &[("class", "origin")], &bundle.manifest.origin);
        m.wrap("h1", &[], |m| {
            two(m, both("Gói bằng chứng", "Evidence bundle"))
        });
        m.wrap("p", &[("class", "of")], |m| subject(m, bundle, story));
    });
    if is_not_real(story) {
        m.wrap("p", &[("class", "unreal")], |m| {
            two(
                m,
                both(
                    "DỮ LIỆU MÔ PHỎNG – không phải bằng chứng",
                    "Simulated data – not evidence",
                ),
            );
        });
    }
    m.wrap("p", &[("class", "warning")], |m| two(m, both(
        "Trang này để đọc; tự nó không chứng minh điều gì. Hãy kiểm tra gói theo VERIFY.md bằng khóa nhận từ nguồn khác.",
        "This page is for reading; by itself it proves nothing. Check the bundle as VERIFY.md says, with keys that reached you another way.",
    )));
    m.wrap("table", &[("class", "facts")], |m| {
        m.wrap("tbody", &[], |m| facts(m, bundle, story));
    });
}

fn subject(m: &mut Markup, bundle: &Bundle, story: &Story<'_>) {
    let (what, category, id) = match &bundle.manifest.query.of {
        Of::Unit(id) => (both("Đơn vị", "Unit"), "unit", id.to_string()),
        Of::Document(id) => (both("Văn bản", "Document"), "document", id.to_string()),
        Of::Obligation(id) => (both("Nghĩa vụ", "Obligation"), "obligation", id.to_string()),
    };
    two(m, what);
    if let Some(title) = story.titles.get(&format!("{category}.{id}")) {
        m.leaf("b", &[], title);
    }
    m.leaf("code", &[], &id);
}

fn facts(m: &mut Markup, bundle: &Bundle, story: &Story<'_>) {
    let manifest = &bundle.manifest;
    let query = &manifest.query;
    let window = format!("{} – {}", words::day(query.from), words::day(query.to));
    fact(
        m,
        both("Thời hạn trong khoảng", "Due dates asked for"),
        &window,
    );
    let streams = || manifest.streams.iter();
    let is_obligation = |stream: &str| stream.starts_with("obligation.");
    let obligations = streams().filter(|head| is_obligation(&head.stream)).count();
    fact(m, both("Nghĩa vụ", "Obligations"), &obligations.to_string());
    fact(
        m,
        both("Bản ghi được hỏi", "Records asked for"),
        &manifest.selected.len().to_string(),
    );
    let sealed = by_record(&bundle.heads.size.to_string(), bundle.heads.position);
    fact(
        m,
        both(
            "Đã chốt bản ghi cuối của mọi chuỗi, đến vị trí",
            "Heads of all streams sealed, up to position",
        ),
        &sealed,
    );
    let export = story.streams.values().flatten().chain(&story.others);
    let mut export = export.filter(|(position, _)| *position == manifest.export);
    let at = export
        .next()
        .map(|(_, envelope)| words::moment(envelope.recorded_time));
    let exported = by_record(&at.unwrap_or_default(), manifest.export);
    fact(m, both("Xuất lúc", "Exported, UTC+7"), &exported);
    fact(
        m,
        both(
            "Cỡ sổ cái tại điểm chốt",
            "Size of the ledger at the checkpoint",
        ),
        &manifest.size.to_string(),
    );
}

fn by_record(what: &str, position: u64) -> String {
    format!("{what} – bản ghi / record {position}")
}

fn fact(m: &mut Markup, what: Both, value: &str) {
    m.wrap("tr", &[], |m| {
        m.wrap("th", &[], |m| two(m, what));
        m.leaf("td", &[], value);
    });
}

/// Whether the ledger or a record says that nothing of it happened.
fn is_not_real(story: &Story<'_>) -> bool {
    let mut told = story.streams.values().flatten().chain(&story.others);
    let simulated = r#""simulated_clock":true"#;
    told.any(|(_, envelope)| {
        envelope.synthetic
            || (envelope.event_type == "ledger.created.v1" && envelope.data.contains(simulated))
    })
}

pub(super) fn write_proof(m: &mut Markup, bundle: &Bundle) {
    heading(m, "4", both("Điểm chốt", "The checkpoint"));
    line(
        m,
        both(
            "Mọi bản ghi trong gói được chứng minh là nằm trong cây có gốc dưới đây. Dòng bắt đầu bằng “—” là chữ ký: của sổ cái, và của bên làm chứng nếu có.",
            "Every record of the bundle is proven to be in the tree of this root. Lines that begin with “—” are signatures: of the log, and of witnesses where there are any.",
        ),
    );
    if let Some(top) = bundle.notes.last() {
        m.leaf("pre", &[], &top.note.to_string());
    }
}

/// A numbered heading.
pub(super) fn heading(m: &mut Markup, number: &str, what: Both) {
    m.wrap("h2", &[], |m| {
        m.text(&format!("{number}. "));
        two(m, what);
    });
}

/// A sentence.
pub(super) fn line(m: &mut Markup, what: Both) {
    m.wrap("p", &[], |m| two(m, what));
}

/// The Vietnamese, and the English smaller beside it.
pub(super) fn two(m: &mut Markup, what: Both) {
    m.text(what.vi);
    m.leaf("span", &[("class", "en"), ("lang", "en")], what.en);
}

//! What a person reads in a bundle: one page, in Vietnamese and English, and how to check it.
//!
//! The page is made from the rest of the bundle alone, so that a verifier makes it again and compares. It is
//! printable, runs no script and fetches nothing. Deliberately absent: judgement. The page shows what the records say;
//! whether they are proven is for the verifier.

mod details;
mod head;
mod markup;
mod story;
mod words;

use markup::Markup;

use crate::bundle::Bundle;

/// The version of the page and of the instructions. Whoever changes a byte of either gives it a new number, so that
/// bundles made before are still told from altered ones.
pub const VERSION: u32 = 1;

/// How to check a bundle, and what to trust.
pub const INSTRUCTIONS: &str = include_str!("page/VERIFY.md");

const SHEET: &str = include_str!("page/page.css");

/// The page. The same bundle gives the same bytes.
#[must_use]
pub fn index(bundle: &Bundle) -> String {
    let mut m = Markup::page();
    m.wrap("html", &[("lang", "vi")], |m| {
        m.wrap("head", &[], |m| {
            m.void("meta", &[("charset", "utf-8")]);
            m.void(
                "meta",
                &[("name", "viewport"), ("content", "width=device-width")],
            );
            let title = format!(
                "Gói bằng chứng – Evidence bundle – {}",
                bundle.manifest.origin
            );
            m.leaf("title", &[], &title);
            m.style(SHEET);
        });
        m.wrap("body", &[], |m| {
            m.wrap("main", &[], |m| body(m, bundle));
        });
    });
    m.finish()
}

fn body(m: &mut Markup, bundle: &Bundle) {
    let told = story::read(bundle);
    head::write(m, bundle, &told);
    story::write(m, bundle, &told);
    head::write_proof(m, bundle);
}

//! The page and the instructions are those that the rest of the bundle gives: whoever reads only them is not misled.

use crate::bundle::Bundle;
use crate::finding::Finding;
use crate::{names, page};

pub(super) fn check(bundle: &Bundle, findings: &mut Vec<Finding>) {
    let version = bundle.manifest.index;
    if version != page::VERSION {
        findings.push(Finding::PageUnknown { version });
        return;
    }
    if bundle.page != page::index(bundle).into_bytes() {
        findings.push(Finding::PageAltered { name: names::PAGE });
    }
    if bundle.instructions != page::INSTRUCTIONS.as_bytes() {
        findings.push(Finding::PageAltered {
            name: names::INSTRUCTIONS,
        });
    }
}

//! How a bundle that was written is shown.

use socai_operations::works::evidence::Written;

use crate::arguments::Format;
use crate::output::{self, Cells, figures, words};

/// Shows it, as asked.
///
/// # Errors
///
/// Where standard output cannot be written.
pub(super) fn show(format: Format, written: &Written) -> anyhow::Result<()> {
    match format {
        Format::Json => println!("{}", serde_json::to_string(written)?),
        Format::Csv => output::show(format, None, std::slice::from_ref(written), || {
            cells(written)
        })?,
        Format::Table => tell(written),
    }
    Ok(())
}

fn cells(written: &Written) -> Cells {
    Cells {
        columns: vec![
            words("evidence"),
            words("out"),
            words("sha256"),
            figures("size"),
            words("root"),
            figures("records"),
            words("cosigned by"),
        ],
        rows: vec![vec![
            written.evidence.clone(),
            written.out.clone(),
            written.sha256.clone(),
            written.size.to_string(),
            written.root.clone(),
            written.records.to_string(),
            written.cosigned_by.join(", "),
        ]],
        empty: "",
    }
}

fn tell(written: &Written) {
    println!("{}", written.out);
    println!("sha256      {}", written.sha256);
    println!(
        "records     {}, of {} streams; and {} since the heads were sealed",
        written.records, written.streams, written.tail
    );
    println!(
        "export      {} at position {}",
        written.evidence, written.export
    );
    println!("checkpoint  {}, size {}", written.origin, written.size);
    println!("root        {}", written.root);
    match &written.cosigned_by[..] {
        [] => println!(
            "cosigned    by nobody: only the operator vouches that there is no other history"
        ),
        some => println!("cosigned    by {}", some.join(", ")),
    }
}

//! `socai review`: the five-year review as facts and as a page.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use socai_operations::works::review;

use crate::arguments::Review;
use crate::data_dir;
use crate::named::told;

pub(crate) async fn run(asked: &Review) -> anyhow::Result<ExitCode> {
    for path in write(asked).await? {
        println!("{}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes the review, and answers the files in the order asked for.
///
/// # Errors
///
/// Where the ledger cannot be read, the document is not in it, or the folder cannot be written.
pub(crate) async fn write(asked: &Review) -> anyhow::Result<Vec<PathBuf>> {
    let looking = data_dir::look(&asked.data.dir, asked.review.known_at).await?;
    let written = review::write(&looking.image, &*looking.store, &asked.review).await;
    let written = written.map_err(told)?;
    fs::create_dir_all(&asked.out)
        .with_context(|| format!("cannot make {}", asked.out.display()))?;
    let put = |(name, text): (&str, String)| {
        let path = asked.out.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    };
    written.into_iter().map(put).collect()
}

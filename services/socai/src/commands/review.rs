//! `socai review`: the five-year review as facts and as a page.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use socai_app::review::{ReviewRequest, gather};
use socai_domain::standing::DueMode;
use socai_ledger::query::Lineage;

use crate::arguments::{Language, Review, ReviewFormat};
use crate::{data_dir, named};

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
    if asked.from > asked.to {
        bail!(
            "--from {} --to {}: the window ends before it begins",
            asked.from,
            asked.to
        );
    }
    let looking = data_dir::look(&asked.data.dir, asked.known_at).await?;
    let document = named::document(&looking.image, &asked.document)?;
    let request = ReviewRequest {
        document,
        from: asked.from,
        to: asked.to,
        as_of: asked.as_of,
        due: DueMode::Current,
        lineage: Lineage::Recorded,
    };
    let facts = gather(&looking.image, &*looking.store, &request).await?;
    fs::create_dir_all(&asked.out)
        .with_context(|| format!("cannot make {}", asked.out.display()))?;
    let form = |format: &ReviewFormat| match format {
        ReviewFormat::Json => put(
            &asked.out,
            "review.json",
            &socai_review::render_json(&facts),
        ),
        ReviewFormat::Html => put(
            &asked.out,
            "review.html",
            &socai_review::render_html(&facts, language(asked.lang)),
        ),
    };
    asked.formats.iter().map(form).collect()
}

fn put(dir: &Path, name: &str, text: &str) -> anyhow::Result<PathBuf> {
    let path = dir.join(name);
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

const fn language(language: Language) -> socai_review::Language {
    match language {
        Language::Vi => socai_review::Language::Vietnamese,
        Language::En => socai_review::Language::English,
    }
}

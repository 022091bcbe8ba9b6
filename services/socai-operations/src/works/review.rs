//! The review of a document's implementation: facts, and a page that prints.

use std::sync::Arc;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socai_app::review::{ReviewRequest, gather};
use socai_domain::standing::DueMode;
use socai_ledger::image::Image;
use socai_ledger::query::Lineage;
use socai_store::EventStore;

use super::aside;
use crate::jobs::Desk;
use crate::known_at::KnownAt;
use crate::questions::named;
use crate::trouble::Trouble;

/// The review of a document over a window.
#[derive(Debug, Clone, Args, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[group(skip)]
pub struct Review {
    /// The document under review, by id or number; everything issued under it counts
    #[arg(long, value_name = "ID|NUMBER")]
    pub document: String,
    /// The first due date that counts
    #[arg(long, value_name = "DAY")]
    pub from: Date,
    /// The last due date that counts
    #[arg(long, value_name = "DAY")]
    pub to: Date,
    /// The day at whose end is counted
    #[arg(long, value_name = "DAY")]
    pub as_of: Date,
    /// Only what the ledger held at this position or time
    #[arg(long, value_name = "POSITION|TIME")]
    pub known_at: Option<KnownAt>,
    /// Which forms to write
    #[arg(long, value_enum, value_delimiter = ',', default_value = "json,html")]
    #[serde(default = "every_form")]
    pub formats: Vec<Form>,
    /// The page's language
    #[arg(long, value_enum, default_value_t)]
    #[serde(default)]
    pub lang: Language,
}

/// A form of the review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// The facts, by schemas/review.schema.json
    Json,
    /// One page that prints on A4
    Html,
}

/// A language of the review.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Tiếng Việt
    #[default]
    Vi,
    /// English
    En,
}

fn every_form() -> Vec<Form> {
    vec![Form::Json, Form::Html]
}

impl Form {
    /// What its file is called.
    pub const fn file(self) -> &'static str {
        match self {
            Self::Json => "review.json",
            Self::Html => "review.html",
        }
    }
}

impl From<Language> for socai_review::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::Vi => Self::Vietnamese,
            Language::En => Self::English,
        }
    }
}

impl Review {
    /// Whether it can be asked, of the ledger as it is now.
    ///
    /// # Errors
    ///
    /// Where the window ends before it begins, or there is no such document.
    pub fn check(&self, image: &Image) -> Result<(), Trouble> {
        self.request(image).map(|_| ())
    }

    fn request(&self, image: &Image) -> Result<ReviewRequest, Trouble> {
        if self.from > self.to {
            let sentence = format!("{}: the window ends before it begins", self.to);
            return Err(Trouble::parameter("to", sentence));
        }
        Ok(ReviewRequest {
            document: named::document(image, &self.document)?,
            from: self.from,
            to: self.to,
            as_of: self.as_of,
            due: DueMode::Current,
            lineage: Lineage::Recorded,
        })
    }
}

/// The review in each of the forms asked for, in their order.
///
/// # Errors
///
/// [`Trouble`].
pub async fn write(
    image: &Image,
    store: &dyn EventStore,
    asked: &Review,
) -> Result<Vec<(&'static str, String)>, Trouble> {
    let facts = gather(image, store, &asked.request(image)?).await?;
    let text = |form: &Form| match form {
        Form::Json => socai_review::render_json(&facts),
        Form::Html => socai_review::render_html(&facts, asked.lang.into()),
    };
    let forms = asked.formats.iter();
    Ok(forms.map(|form| (form.file(), text(form))).collect())
}

/// The same as a job, whose files are the forms. `image` is that of the position asked for.
///
/// # Errors
///
/// [`Trouble`].
pub async fn job(
    desk: Desk,
    image: Arc<Image>,
    store: Arc<dyn EventStore>,
    asked: Review,
) -> Result<(), Trouble> {
    desk.step("gathering");
    let written = aside(async move { write(&image, &*store, &asked).await }).await?;
    for (name, text) in written {
        desk.put(name, text.into_bytes()).await?;
    }
    Ok(())
}

//! In which form an answer is wanted: `?format=`, or else what the client accepts.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

use crate::problem::{Fault, Problem};

/// A form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Csv,
    Xlsx,
}

impl Form {
    /// Every form, the one first that is answered where the client does not mind.
    pub(crate) const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Xlsx];

    /// As `?format=` names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// Its media type.
    pub(crate) const fn media(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// The form that is asked for by name.
    ///
    /// # Errors
    ///
    /// Where no form has that name.
    pub(crate) fn named(name: &str) -> Result<Self, Problem> {
        let form = Self::ALL.into_iter().find(|form| form.name() == name);
        form.ok_or_else(|| {
            let told = "expected json, csv or xlsx";
            Fault::BadParameter.said(told).at("format")
        })
    }

    /// The form that the client likes best.
    ///
    /// # Errors
    ///
    /// Where it accepts none.
    pub(crate) fn accepted(headers: &HeaderMap) -> Result<Self, Problem> {
        let lines = headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|line| line.to_str().ok());
        let ranges: Vec<(&str, f32)> = lines.flat_map(|line| line.split(',')).map(range).collect();
        if ranges.is_empty() {
            return Ok(Self::Json);
        }
        let liked = Self::ALL.map(|form| (form, liking(form, &ranges)));
        // Of those that it likes as well, the first.
        let best = liked.into_iter().rev().max_by(|a, b| a.1.total_cmp(&b.1));
        best.filter(|(_, liking)| *liking > 0.0)
            .map(|(form, _)| form)
            .ok_or_else(|| {
                let media = Self::ALL.map(|form| essence(form.media())).join(", ");
                Fault::NotAcceptable
                    .said(format!("answers are {media}"))
                    .at("accept")
            })
    }
}

fn essence(media: &str) -> &str {
    media.split(';').next().unwrap_or(media).trim()
}

/// A range of media types, and how much it is liked.
fn range(text: &str) -> (&str, f32) {
    let weight = text
        .split(';')
        .skip(1)
        .find_map(|part| part.trim().strip_prefix("q="));
    let weight = weight.map_or(Ok(1.0), str::parse);
    (essence(text), weight.unwrap_or(0.0))
}

/// How much a form is liked: by the range that says most of it.
fn liking(form: Form, ranges: &[(&str, f32)]) -> f32 {
    let media = essence(form.media());
    let (kind, _) = media.split_once('/').unwrap_or((media, ""));
    let of = |range: &str| {
        let found = ranges
            .iter()
            .find(|(named, _)| named.eq_ignore_ascii_case(range));
        found.map(|(_, weight)| *weight)
    };
    of(media)
        .or_else(|| of(&format!("{kind}/*")))
        .or_else(|| of("*/*"))
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(accept: &str) -> Option<Form> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().unwrap());
        Form::accepted(&headers).ok()
    }

    #[test]
    fn the_form_that_the_client_likes_best_is_answered() {
        let xlsx = Form::Xlsx.media();
        assert_eq!(Form::accepted(&HeaderMap::new()), Ok(Form::Json));
        assert_eq!(accepted("*/*"), Some(Form::Json));
        assert_eq!(accepted("text/html, */*;q=0.1"), Some(Form::Json));
        assert_eq!(accepted("text/*"), Some(Form::Csv));
        assert_eq!(
            accepted("application/json;q=0.5, text/csv"),
            Some(Form::Csv)
        );
        assert_eq!(accepted(&format!("{xlsx}, */*;q=0.5")), Some(Form::Xlsx));
        assert_eq!(accepted("*/*, application/json;q=0"), Some(Form::Csv));
        assert_eq!(accepted("image/png"), None);
    }
}

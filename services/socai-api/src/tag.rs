//! An entity tag: what an answer depends on, in a few signs.
//!
//! An answer is a function of the ledger up to its position, the address with its query, the form, the day, the
//! program and who asks (what they may see follows from the ledger at that position). So the tag is made from these
//! without the answer, and whoever shows it was allowed to see what it stands for.

use axum::http::{HeaderValue, Uri};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use socai_domain::id::AccountId;
use socai_domain::origin::VIETNAM;

use crate::forms::Form;

/// An entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag(String);

impl Tag {
    /// The tag of what is answered to `account` at `uri` today, at `position`.
    pub(crate) fn of(account: &AccountId, uri: &Uri, form: Form, position: u64) -> Self {
        let today = VIETNAM.to_datetime(Timestamp::now()).date();
        let program = env!("CARGO_PKG_VERSION");
        let form = form.name();
        let hash = Sha256::digest(format!("{account}\n{uri}\n{form}\n{today}\n{program}"));
        let few: String = hash
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self(format!("\"{position}-{few}\""))
    }

    /// Whether the client says that it knows it.
    pub(crate) fn is_in(&self, if_none_match: Option<&HeaderValue>) -> bool {
        let known = if_none_match
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let mut tags = known.split(',').map(str::trim);
        tags.any(|tag| tag.strip_prefix("W/").unwrap_or(tag) == self.0)
    }

    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::try_from(&self.0).expect("figures and letters are plain text")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_another_ones_for_everything_that_an_answer_depends_on() {
        let (ana, ben) = (
            AccountId::new("ana").unwrap(),
            AccountId::new("ben").unwrap(),
        );
        let (units, rates): (Uri, Uri) =
            ("/v1/units".parse().unwrap(), "/v1/rates".parse().unwrap());
        let tag = Tag::of(&ana, &units, Form::Json, 7);
        assert_eq!(tag, Tag::of(&ana, &units, Form::Json, 7));
        let others = [
            Tag::of(&ben, &units, Form::Json, 7),
            Tag::of(&ana, &rates, Form::Json, 7),
            Tag::of(&ana, &units, Form::Csv, 7),
            Tag::of(&ana, &units, Form::Json, 8),
        ];
        assert!(others.iter().all(|other| *other != tag));
    }

    #[test]
    fn a_client_may_know_several() {
        let tag = Tag("\"7-ab\"".to_owned());
        let knows = |text: &'static str| tag.is_in(Some(&HeaderValue::from_static(text)));
        assert!(knows("\"7-ab\"") && knows("\"6-ab\", W/\"7-ab\""));
        assert!(!knows("\"7-a\"") && !knows("*") && !tag.is_in(None));
    }
}

//! How the domain says no: a stable code, a sentence, and what it is about.

use std::fmt;

/// The ledger says no; nothing went wrong and nothing is recorded.
///
/// Made from an aggregate's own refusal. `code` is part of the API and never changes once released;
/// the sentence is for people and may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What clients match on, such as `obligation.not_open`.
    pub code: &'static str,
    /// What was wrong, as a sentence.
    pub sentence: &'static str,
    /// The id or value that it is about, where the command names several.
    pub about: Option<String>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence)?;
        self.about
            .as_ref()
            .map_or(Ok(()), |about| write!(f, ": {about}"))
    }
}

impl std::error::Error for Refused {}

/// Declares an aggregate's refusals, in the order in which its rules apply.
macro_rules! refusals {
    ($prefix:literal { $($(#[$doc:meta])* $name:ident = $code:literal, $sentence:literal;)+ }) => {
        /// Why the ledger says no, in the order in which the rules apply. Nothing is recorded.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Refusal {
            $($(#[$doc])* $name,)+
        }

        impl Refusal {
            /// Every refusal, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code that clients match on.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($prefix, ".", $code),)+
                }
            }

            /// The sentence for people.
            pub const fn sentence(self) -> &'static str {
                match self {
                    $(Self::$name => $sentence,)+
                }
            }

            /// The refusal with the id or value that it is about.
            pub fn about(self, what: impl std::fmt::Display) -> $crate::refusal::Refused {
                $crate::refusal::Refused { about: Some(what.to_string()), ..self.into() }
            }
        }

        impl From<Refusal> for $crate::refusal::Refused {
            fn from(refusal: Refusal) -> Self {
                Self { code: refusal.code(), sentence: refusal.sentence(), about: None }
            }
        }
    };
}
pub(crate) use refusals;

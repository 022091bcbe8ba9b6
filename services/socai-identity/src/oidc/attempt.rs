//! An attempt to log in, as the browser's cookie holds it: `KEY.BEGUN.TO`.
//!
//! KEY is 256 random bits. State, nonce and verifier are hashes of the whole cookie, each with a word of its own, so that
//! none tells another, none has to be kept, and a cookie of which a character was changed is that of another attempt.
//! Whoever makes up a cookie has begun an attempt of their own, and gets nothing by it: the provider has no code for it.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// How long a person may take to log in at the provider.
pub const LASTS: SignedDuration = SignedDuration::from_mins(10);

/// Characters of the longest path that a browser may want to go to.
const PATH_MAX: usize = 1_024;

pub(super) struct Attempt {
    cookie: String,
    to: LocalPath,
}

impl Attempt {
    pub(super) fn new(to: LocalPath, now: Timestamp) -> Self {
        let mut key = [0; 32];
        getrandom::fill(&mut key).expect("the system gives random bytes");
        let parts = [
            BASE64.encode(key),
            now.as_second().to_string(),
            BASE64.encode(&to.0),
        ];
        let cookie = parts.join(".");
        Self { cookie, to }
    }

    /// The attempt of a cookie; none where it is no cookie of ours, or too old.
    pub(super) fn parse(cookie: &str, now: Timestamp) -> Option<Self> {
        let mut parts = cookie.split('.');
        let (key, begun, to) = (parts.next()?, parts.next()?, parts.next()?);
        let begun = Timestamp::from_second(begun.parse().ok()?).ok()?;
        let to = String::from_utf8(BASE64.decode(to).ok()?).ok()?;
        let whole = parts.next().is_none() && BASE64.decode(key).is_ok_and(|key| key.len() == 32);
        let age = now.duration_since(begun).abs();
        (whole && age < LASTS).then_some(Self {
            cookie: cookie.to_owned(),
            to: to.parse().ok()?,
        })
    }

    pub(super) fn state(&self) -> String {
        self.derived("state")
    }

    pub(super) fn nonce(&self) -> String {
        self.derived("nonce")
    }

    pub(super) fn verifier(&self) -> String {
        self.derived("verifier")
    }

    fn derived(&self, word: &str) -> String {
        BASE64.encode(Sha256::digest(format!("{word}\n{}", self.cookie)))
    }

    pub(super) fn into_cookie(self) -> String {
        self.cookie
    }

    pub(super) fn into_to(self) -> LocalPath {
        self.to
    }
}

/// A path on this server, with its query: nothing that leads a browser elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPath(String);

/// A text is no [`LocalPath`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a path of this server, such as /units/ubnd-huyen-x, of at most {PATH_MAX} characters"
)]
pub struct NotLocal;

impl LocalPath {
    /// The front page.
    pub fn root() -> Self {
        Self("/".to_owned())
    }
}

impl FromStr for LocalPath {
    type Err = NotLocal;

    fn from_str(text: &str) -> Result<Self, NotLocal> {
        // `//host` is another server, and browsers read a backslash as a slash.
        let local = text.starts_with('/') && !text.starts_with("//");
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        let fits = text.len() <= PATH_MAX && text.bytes().all(plain);
        (local && fits)
            .then(|| Self(text.to_owned()))
            .ok_or(NotLocal)
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn only_a_path_of_this_server_is_one() {
        for text in ["/", "/units/a?as_of=2019-03-31&x=%2F%2F", "/a//b#c"] {
            assert_eq!(text.parse::<LocalPath>().unwrap().to_string(), text);
        }
        let long = format!("/{}", "a".repeat(PATH_MAX));
        let elsewhere = [
            "",
            "units",
            "//evil.example",
            "/\\evil.example",
            "/a\\b",
            "https://evil.example/",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: a=b",
            "/\t/evil.example",
            "/á",
            &long,
        ];
        for text in elsewhere {
            assert_eq!(text.parse::<LocalPath>(), Err(NotLocal), "{text:?}");
        }
    }

    #[test]
    fn a_cookie_reads_back_for_ten_minutes_and_is_another_one_when_a_character_is_changed() {
        let attempt = Attempt::new("/units/a".parse().unwrap(), at(1_000));
        let state = attempt.state();
        let cookie = attempt.into_cookie();
        let read = Attempt::parse(&cookie, at(1_599)).unwrap();
        assert_eq!(read.state(), state);
        assert_eq!(read.into_to().to_string(), "/units/a");
        assert!(Attempt::parse(&cookie, at(1_600)).is_none());
        assert!(
            Attempt::parse(&cookie, at(399)).is_none(),
            "begun in the future"
        );
        let later = cookie.replacen(".1000.", ".1001.", 1);
        assert_ne!(Attempt::parse(&later, at(1_001)).unwrap().state(), state);
    }

    #[test]
    fn what_is_derived_tells_nothing_else() {
        let attempt = Attempt::new(LocalPath::root(), at(1_000));
        let derived = [attempt.state(), attempt.nonce(), attempt.verifier()];
        assert!(derived.iter().all(|text| text.len() == 43));
        assert!(derived[0] != derived[1] && derived[1] != derived[2] && derived[0] != derived[2]);
        let other = Attempt::new(LocalPath::root(), at(1_000));
        assert_ne!(other.state(), derived[0]);
    }

    #[test]
    fn what_is_no_cookie_of_ours_is_no_attempt() {
        let key = BASE64.encode([7; 32]);
        let good = format!("{key}.1000.Lw");
        assert!(Attempt::parse(&good, at(1_000)).is_some());
        let elsewhere = BASE64.encode("//evil.example");
        let bad = [
            String::new(),
            key.clone(),
            format!("{key}.1000"),
            format!("{key}.1000.Lw.Lw"),
            format!("{key}.soon.Lw"),
            format!("{}.1000.Lw", BASE64.encode([7; 31])),
            format!("{key}.1000.{elsewhere}"),
            format!("{key}.{}.Lw", i64::MAX),
        ];
        for cookie in bad {
            assert!(Attempt::parse(&cookie, at(1_000)).is_none(), "{cookie}");
        }
    }
}

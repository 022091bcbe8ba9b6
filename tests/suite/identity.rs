//! Who it is that asks: tokens, passwords and sessions, over the accounts of a ledger and credentials in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use socai_domain::account::{Account, Token};
use socai_domain::id::{AccountId, Sha256Hex, TokenId};
use socai_domain::registry::Registry;
use socai_identity::{
    Accounts, By, Denied, Identity, LogInError, NewToken, Opened, SetPasswordError, Settings,
    new_token,
};
use socai_store::Credentials;
use socai_store_memory::MemoryCredentials;

const PASSWORD: &str = "sáu con ngựa và một cái ghế";
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// The accounts of a ledger that goes on.
#[derive(Default)]
struct Log(Mutex<Registry>);

impl Accounts for Log {
    fn is_open(&self, account: &AccountId) -> bool {
        self.0.lock().unwrap().is_open(account)
    }

    fn of_token(&self, hash: &Sha256Hex) -> Option<(AccountId, TokenId, Token)> {
        self.0.lock().unwrap().of_token(hash)
    }
}

impl Log {
    fn change(&self, account: &str, change: impl FnOnce(&mut Account)) {
        let mut registry = self.0.lock().unwrap();
        let account = registry.accounts.entry(id(account)).or_insert(Account {
            unit: None,
            created: date(2026, 1, 1),
            roles: BTreeSet::new(),
            tokens: BTreeMap::new(),
            closed: None,
            exports: BTreeMap::new(),
        });
        change(account);
    }

    fn issue(&self, account: &str, token: &str, new: &NewToken, expires: Timestamp) {
        let token: TokenId = token.parse().unwrap();
        let hash = new.hash.clone();
        let whose = (id(account), token.clone());
        self.0.lock().unwrap().tokens.insert(hash.clone(), whose);
        self.change(account, |account| {
            let issued = date(2026, 1, 1);
            let revoked = None;
            account.tokens.insert(
                token,
                Token {
                    hash,
                    issued,
                    expires,
                    revoked,
                },
            );
        });
    }
}

/// A ledger with the open accounts `an` and `ba`, of which `an` has a password.
struct House {
    log: Arc<Log>,
    credentials: Arc<MemoryCredentials>,
    identity: Identity,
}

impl House {
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        let (log, credentials) = (Arc::<Log>::default(), Arc::<MemoryCredentials>::default());
        for account in ["an", "ba"] {
            log.change(account, |_| ());
        }
        let identity = Identity::new(credentials.clone(), log.clone(), settings);
        identity.set_password(&id("an"), PASSWORD).await.unwrap();
        Self {
            log,
            credentials,
            identity,
        }
    }

    async fn log_in(&self, account: &str, password: &str) -> Result<Opened, LogInError> {
        let from = address("192.0.2.1");
        self.identity.log_in(account, password, from, at(0)).await
    }

    async fn is_denied(&self, cookie: &str, second: i64) -> Denied {
        let asked = self.identity.by_session(cookie, at(second)).await;
        asked.expect_err("it is over")
    }
}

fn id(text: &str) -> AccountId {
    text.parse().unwrap()
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

#[track_caller]
fn is_wrong(logged_in: Result<Opened, LogInError>) {
    let error = logged_in.expect_err("wrong");
    assert!(matches!(error, LogInError::Wrong), "{error:?}");
}

#[tokio::test]
async fn a_token_stands_for_its_account_until_it_expires() {
    let (house, token) = (House::new().await, new_token());
    house.log.issue("ba", "may", &token, at(HOUR));
    let principal = house.identity.by_token(&token.text, at(HOUR - 1)).unwrap();
    assert_eq!(principal.account, id("ba"));
    assert_eq!(principal.by, By::Token("may".parse().unwrap()));
    let denied = house.identity.by_token(&token.text, at(HOUR)).unwrap_err();
    assert!(matches!(denied, Denied::Expired), "{denied:?}");
}

#[tokio::test]
async fn a_revoked_token_and_one_of_a_closed_account_stand_for_nobody() {
    let (house, token) = (House::new().await, new_token());
    house.log.issue("ba", "may", &token, at(HOUR));
    house.log.change("ba", |account| {
        let may: TokenId = "may".parse().unwrap();
        account.tokens.get_mut(&may).unwrap().revoked = Some(date(2026, 2, 1));
    });
    let denied = house.identity.by_token(&token.text, at(0)).unwrap_err();
    assert!(matches!(denied, Denied::Revoked), "{denied:?}");
    house.log.change("ba", |account| {
        account.closed = Some(date(2026, 2, 2));
    });
    let denied = house.identity.by_token(&token.text, at(0)).unwrap_err();
    assert!(matches!(denied, Denied::Closed), "{denied:?}");
}

#[tokio::test]
async fn what_only_looks_like_a_token_stands_for_nobody() {
    let (house, token) = (House::new().await, new_token());
    house.log.issue("ba", "may", &token, at(HOUR));
    let text = token.text.as_str();
    let hash = token.hash.to_string();
    let shortened = &text[..text.len() - 1];
    for shown in [
        "",
        "socai_",
        shortened,
        &format!("{text}A"),
        &format!(" {text}"),
        &text.to_uppercase(),
        &text["socai_".len()..],
        &hash,
        &new_token().text,
        &format!("socai_{}", "ế".repeat(43)),
    ] {
        let denied = house.identity.by_token(shown, at(0)).unwrap_err();
        assert!(matches!(denied, Denied::Unknown), "{shown:?}: {denied:?}");
    }
}

#[test]
fn a_token_is_49_characters_never_twice_the_same_and_not_in_what_is_logged() {
    let tokens: BTreeSet<String> = (0..100).map(|_| new_token().text).collect();
    assert_eq!(tokens.len(), 100);
    assert!(tokens.iter().all(|text| text.len() == 49));
    let token = new_token();
    assert!(!format!("{token:?}").contains(&token.text["socai_".len()..]));
}

#[tokio::test]
async fn whoever_knows_the_password_is_logged_in() {
    let house = House::new().await;
    let opened = house.log_in("an", PASSWORD).await.unwrap();
    let asked = house.identity.by_session(&opened.cookie, at(1)).await;
    let (principal, session) = asked.unwrap();
    assert_eq!(principal.account, id("an"));
    assert_eq!(principal.by, By::Session);
    assert_eq!(session.expires, opened.expires);
    assert!(session.confirms(&opened.csrf));
    for other in ["", &opened.cookie, &opened.csrf[1..], "ế"] {
        assert!(!session.confirms(other), "{other}");
    }
    let again = house.log_in("an", PASSWORD).await.unwrap();
    assert_ne!(again.cookie, opened.cookie);
    assert!(!session.confirms(&again.csrf), "it is of another session");
    let logged = format!("{opened:?} {session:?}");
    assert!(!logged.contains(&opened.cookie) && !logged.contains(&opened.csrf));
}

#[tokio::test]
async fn a_wrong_password_no_password_and_no_account_get_one_answer() {
    let house = House::new().await;
    let long = "a".repeat(100_000);
    for (account, password) in [
        ("an", "sáu con ngựa và một cái bàn"),
        ("an", ""),
        ("an", &long),
        ("ba", PASSWORD),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("An", PASSWORD),
        ("an\n", PASSWORD),
        (&long, PASSWORD),
    ] {
        is_wrong(house.log_in(account, password).await);
    }
    house.log.change("an", |account| {
        account.closed = Some(date(2026, 2, 2));
    });
    is_wrong(house.log_in("an", PASSWORD).await);
}

#[tokio::test]
async fn an_account_that_is_not_there_takes_as_long_as_a_wrong_password() {
    let house = House::new().await;
    let mut quickest = [Duration::MAX; 2];
    for _ in 0..4 {
        for (account, quickest) in ["an", "nobody"].into_iter().zip(&mut quickest) {
            let begin = Instant::now();
            is_wrong(house.log_in(account, "wrong").await);
            *quickest = begin.elapsed().min(*quickest);
        }
    }
    let [known, unknown] = quickest;
    assert!(
        unknown > known / 2 && known > unknown / 2,
        "{known:?} {unknown:?}"
    );
}

#[tokio::test]
async fn the_same_letters_from_another_keyboard_are_the_same_password() {
    let house = House::new().await;
    let composed = "Quyết định số mười lăm";
    let decomposed = "Quye\u{302}\u{301}t đi\u{323}nh so\u{302}\u{301} mươ\u{300}i lăm";
    assert_ne!(composed, decomposed);
    house
        .identity
        .set_password(&id("an"), decomposed)
        .await
        .unwrap();
    house.log_in("an", composed).await.unwrap();
    house.log_in("an", decomposed).await.unwrap();
    is_wrong(house.log_in("an", "Quyet dinh so muoi lam").await);
}

#[tokio::test]
async fn a_password_has_fifteen_characters_and_an_open_account() {
    let house = House::new().await;
    let set = async |account: &str, password: &str| {
        let set = house.identity.set_password(&id(account), password).await;
        set.unwrap_err()
    };
    for (password, expected) in [
        ("", "at least 15"),
        ("mười bốn chữ ạ", "at least 15"),
        (&"a".repeat(1_025), "at most 1024"),
    ] {
        let error = set("an", password).await.to_string();
        assert!(error.contains(expected), "{password:?}: {error}");
    }
    let error = set("nobody", PASSWORD).await;
    assert!(
        matches!(error, SetPasswordError::NoAccount { .. }),
        "{error:?}"
    );
    assert_eq!(house.credentials.person("nobody").await.unwrap(), None);
    house.log_in("an", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_password_is_kept_as_argon2id_with_its_parameters_and_a_salt_of_its_own() {
    let house = House::new().await;
    house
        .identity
        .set_password(&id("ba"), PASSWORD)
        .await
        .unwrap();
    let kept = async |account: &str| {
        let person = house.credentials.person(account).await.unwrap();
        person.unwrap().password.unwrap()
    };
    let (an, ba) = (kept("an").await, kept("ba").await);
    assert!(an.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert_ne!(an, ba);
    assert_eq!(format!("{an:?}"), "PasswordHash(hidden)");
}

#[tokio::test]
async fn another_password_ends_the_one_before_and_every_session() {
    let house = House::new().await;
    let opened = house.log_in("an", PASSWORD).await.unwrap();
    let other = "bảy con ngựa và một cái ghế";
    house.identity.set_password(&id("an"), other).await.unwrap();
    let denied = house.is_denied(&opened.cookie, 1).await;
    assert!(matches!(denied, Denied::Unknown), "{denied:?}");
    is_wrong(house.log_in("an", PASSWORD).await);
    house.log_in("an", other).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_logs_in_while_the_password_changes_is_logged_in_by_the_new_one_alone() {
    let house = Arc::new(House::new().await);
    let mut password = PASSWORD.to_owned();
    for round in 0..20 {
        let next = format!("mật khẩu thứ {round} của An");
        let changing = {
            let (house, next) = (house.clone(), next.clone());
            tokio::spawn(async move { house.identity.set_password(&id("an"), &next).await })
        };
        let from = address(&format!("192.0.2.{round}"));
        let by_the_one_before = house.identity.log_in("an", &password, from, at(0)).await;
        changing.await.unwrap().unwrap();
        if let Ok(opened) = by_the_one_before {
            let denied = house.is_denied(&opened.cookie, 1).await;
            assert!(matches!(denied, Denied::Unknown), "{denied:?}");
        }
        password = next;
    }
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends() {
    let house = House::new().await;
    let opened = house.log_in("an", PASSWORD).await.unwrap();
    let denied = house.is_denied(&opened.cookie, 30 * MINUTE).await;
    assert!(matches!(denied, Denied::Expired), "{denied:?}");
}

#[tokio::test]
async fn a_session_that_is_used_lasts_and_ends_after_a_working_day_all_the_same() {
    let house = House::new().await;
    let opened = house.log_in("an", PASSWORD).await.unwrap();
    assert_eq!(opened.expires, at(12 * HOUR));
    for second in (0..12 * HOUR).step_by(29 * 60) {
        let asked = house.identity.by_session(&opened.cookie, at(second)).await;
        asked.unwrap_or_else(|denied| panic!("after {second} s: {denied:?}"));
    }
    let denied = house.is_denied(&opened.cookie, 12 * HOUR).await;
    assert!(matches!(denied, Denied::Expired), "{denied:?}");
}

#[tokio::test]
async fn a_session_that_was_ended_or_never_was_is_nobodys() {
    let house = House::new().await;
    let opened = house.log_in("an", PASSWORD).await.unwrap();
    let other = house.log_in("an", PASSWORD).await.unwrap();
    house.identity.log_out(&opened.cookie).await.unwrap();
    for cookie in [&opened.cookie, "", "socai", &other.csrf] {
        let denied = house.is_denied(cookie, 1).await;
        assert!(matches!(denied, Denied::Unknown), "{cookie:?}: {denied:?}");
    }
    let asked = house.identity.by_session(&other.cookie, at(1)).await;
    asked.unwrap();
}

#[tokio::test]
async fn closing_an_account_in_the_log_ends_its_sessions_at_once() {
    let house = House::new().await;
    let opened = house.log_in("an", PASSWORD).await.unwrap();
    house.log.change("an", |account| {
        account.closed = Some(date(2026, 2, 2));
    });
    let denied = house.is_denied(&opened.cookie, 1).await;
    assert!(matches!(denied, Denied::Closed), "{denied:?}");
}

#[tokio::test]
async fn a_sweep_leaves_nothing_of_sessions_that_are_over() {
    let house = House::new().await;
    let opened = house.log_in("an", PASSWORD).await.unwrap();
    assert_eq!(house.identity.sweep(at(MINUTE)).await.unwrap(), 0);
    assert_eq!(house.identity.sweep(at(30 * MINUTE)).await.unwrap(), 1);
    let denied = house.is_denied(&opened.cookie, 1).await;
    assert!(matches!(denied, Denied::Unknown), "{denied:?}");
}

#[tokio::test]
async fn whoever_guesses_waits_and_does_not_keep_the_account_from_its_owner() {
    let house = House::new().await;
    for _ in 0..5 {
        is_wrong(house.log_in("an", "wrong").await);
    }
    let error = house.log_in("an", PASSWORD).await.unwrap_err();
    let LogInError::TooMany { wait } = error else {
        panic!("{error:?}");
    };
    assert_eq!(wait, SignedDuration::from_secs(30));
    let elsewhere = address("198.51.100.7");
    let own = house.identity.log_in("an", PASSWORD, elsewhere, at(0));
    own.await.unwrap();
    let later = house
        .identity
        .log_in("an", PASSWORD, address("192.0.2.1"), at(30));
    later.await.unwrap();
}

#[tokio::test]
async fn accounts_that_are_not_there_are_throttled_like_others() {
    let house = House::new().await;
    for _ in 0..5 {
        is_wrong(house.log_in("nobody", "wrong").await);
    }
    let error = house.log_in("nobody", "wrong").await.unwrap_err();
    assert!(matches!(error, LogInError::TooMany { .. }), "{error:?}");
}

#[tokio::test]
async fn who_finds_no_place_to_wait_for_a_hash_is_told_to_come_again() {
    let settings = Settings {
        password_hashes_max: 1,
        password_waiting_max: 1,
        ..Settings::default()
    };
    let house = House::with(settings).await;
    let (first, second, third) = tokio::join!(
        house.log_in("an", PASSWORD),
        house.log_in("an", PASSWORD),
        house.log_in("an", PASSWORD),
    );
    first.unwrap();
    second.unwrap();
    let error = third.unwrap_err();
    assert!(matches!(error, LogInError::TooMany { .. }), "{error:?}");
    house.log_in("an", PASSWORD).await.unwrap();
}

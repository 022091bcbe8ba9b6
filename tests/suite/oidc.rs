//! Single sign-on against a real provider: who is let in, and every answer that nobody is let in by.

use std::net::TcpListener;

use jiff::{SignedDuration, Timestamp};
use socai_identity::oidc::{Answer, Begun, LocalPath, OidcError, Provider, Settings, Vouched};
use ureq::tls::TlsConfig;

use crate::servers::oidc::{self as server, Browser};

/// Where browsers are sent back to. Nobody answers there: the test reads the address.
const REDIRECT: &str = "http://127.0.0.1:1/v1/oidc/callback";

fn settings(server: &server::Provider) -> Settings {
    Settings {
        issuer: server.issuer.clone(),
        client_id: "socai".to_owned(),
        client_secret_file: server.secret("socai"),
        redirect_url: REDIRECT.to_owned(),
        account_claim: Some("preferred_username".to_owned()),
        scopes: vec!["profile".to_owned()],
        ca_file: "/nowhere".into(),
    }
}

fn provider(settings: &Settings) -> Provider {
    Provider::new(settings, TlsConfig::default()).unwrap()
}

/// A server, and this ledger as its client.
fn both() -> (server::Provider, Provider) {
    let server = server::Provider::start(REDIRECT);
    let provider = provider(&settings(&server));
    (server, provider)
}

async fn begin(provider: &Provider) -> Begun {
    let to: LocalPath = "/units/ubnd-huyen-ba-vi".parse().unwrap();
    provider.begin(to, Timestamp::now()).await.unwrap()
}

/// Logs in as `an` at `address`, and reads what the browser brings back.
fn come_back(server: &server::Provider, address: &str) -> Answer {
    let back = Browser::default().log_in_at(&server.issuer, address, "an");
    let query = back.strip_prefix(REDIRECT).unwrap().strip_prefix('?');
    let pairs = query.unwrap().split('&').map(|pair| {
        let (name, value) = pair.split_once('=').unwrap();
        (name, value.replace("%3A", ":").replace("%2F", "/"))
    });
    let mut answer = Answer {
        state: String::new(),
        code: None,
        error: None,
        iss: None,
    };
    for (name, value) in pairs {
        match name {
            "state" => answer.state = value,
            "code" => answer.code = Some(value),
            "error" => answer.error = Some(value),
            "iss" => answer.iss = Some(value),
            _ => {}
        }
    }
    answer
}

/// The whole of a log-in, as `server` and `provider` are.
async fn log_in(server: &server::Provider, provider: &Provider) -> Result<Vouched, OidcError> {
    let begun = begin(provider).await;
    let answer = come_back(server, &begun.address);
    provider
        .finish(&begun.cookie, answer, Timestamp::now())
        .await
}

/// The error with what stands behind it, as the log tells it.
fn told(error: &OidcError) -> String {
    let source = std::error::Error::source(error);
    source.map_or(error.to_string(), |source| format!("{error}: {source}"))
}

#[tokio::test]
async fn who_logs_in_at_the_provider_is_vouched_for() {
    let (server, provider) = both();
    let begun = begin(&provider).await;
    let address = begun.address.clone();
    for part in [
        "response_type=code&",
        "client_id=socai&",
        "code_challenge_method=S256",
        "scope=openid+profile",
    ] {
        assert!(address.contains(part), "{part} in {address}");
    }
    let answer = come_back(&server, &address);
    assert_eq!(answer.iss.as_ref(), Some(&server.issuer));
    let vouched = provider
        .finish(&begun.cookie, answer, Timestamp::now())
        .await
        .unwrap();
    assert_eq!(vouched.issuer, server.issuer);
    assert_eq!(vouched.subject, "an");
    assert_eq!(vouched.claim.as_deref(), Some("an"));
    assert_eq!(vouched.to.to_string(), "/units/ubnd-huyen-ba-vi");
}

#[tokio::test]
async fn an_answer_counts_only_in_the_browser_that_asked_and_only_for_a_while() {
    let (server, provider) = both();
    let (ours, theirs) = (begin(&provider).await, begin(&provider).await);
    let answer = come_back(&server, &ours.address);
    let now = Timestamp::now();
    let another_state = Answer {
        state: "of-my-own".to_owned(),
        ..answer.clone()
    };
    let late = now + SignedDuration::from_mins(10);
    let ladder = [
        (theirs.cookie.as_str(), answer.clone(), now),
        ("", answer.clone(), now),
        (&ours.cookie, another_state, now),
        (&ours.cookie, answer.clone(), late),
    ];
    for (rung, (cookie, answer, now)) in ladder.into_iter().enumerate() {
        let error = provider.finish(cookie, answer, now).await.unwrap_err();
        assert!(matches!(error, OidcError::BeginAnew), "{rung}: {error:?}");
    }
    let vouched = provider.finish(&ours.cookie, answer, now).await;
    assert_eq!(vouched.unwrap().subject, "an");
}

#[tokio::test]
async fn a_code_is_good_once() {
    let (server, provider) = both();
    let begun = begin(&provider).await;
    let answer = come_back(&server, &begun.address);
    let now = Timestamp::now();
    let first = provider.finish(&begun.cookie, answer.clone(), now).await;
    assert_eq!(first.unwrap().subject, "an");
    let again = provider.finish(&begun.cookie, answer, now).await;
    assert!(matches!(again, Err(OidcError::BeginAnew)), "{again:?}");
}

/// Whoever steals a code has no verifier for it: the provider compares it with the challenge of the begin.
#[tokio::test]
async fn a_code_is_good_only_for_the_attempt_that_asked_for_it() {
    let (server, provider) = both();
    let (ours, theirs) = (begin(&provider).await, begin(&provider).await);
    let stolen = come_back(&server, &ours.address).code;
    let injected = Answer {
        code: stolen,
        ..come_back(&server, &theirs.address)
    };
    let error = provider
        .finish(&theirs.cookie, injected, Timestamp::now())
        .await;
    assert!(matches!(error, Err(OidcError::BeginAnew)), "{error:?}");
}

#[tokio::test]
async fn an_id_token_that_is_not_as_it_should_be_lets_nobody_in() {
    let (server, provider) = both();
    let lies = [
        ("audience", "Invalid audiences"),
        ("issuer", "Invalid issuer"),
        ("nonce", "Invalid nonce"),
        ("expired", "Expired"),
        ("early", "issued in the future"),
        ("unsigned", ""),
        ("secret", "Signature verification failed"),
        ("stranger", "has not published"),
    ];
    for (lie, expected) in lies {
        server.lie(lie);
        let error = log_in(&server, &provider).await.unwrap_err();
        assert!(
            matches!(error, OidcError::Unreliable(_)),
            "{lie}: {error:?}"
        );
        let told = told(&error);
        assert!(told.contains(expected), "{lie}: {told}");
    }
    assert_eq!(log_in(&server, &provider).await.unwrap().subject, "an");
}

#[tokio::test]
async fn a_token_is_expired_by_our_clock_but_for_a_minute() {
    let (server, provider) = both();
    let begun = begin(&provider).await;
    let answer = come_back(&server, &begun.address);
    let late = Timestamp::now() + SignedDuration::from_mins(7);
    let error = provider.finish(&begun.cookie, answer, late).await;
    assert!(told(&error.unwrap_err()).contains("Expired"));
    let begun = begin(&provider).await;
    let answer = come_back(&server, &begun.address);
    let barely = Timestamp::now() + SignedDuration::from_secs(330);
    let vouched = provider.finish(&begun.cookie, answer, barely).await;
    assert_eq!(vouched.unwrap().subject, "an");
}

#[tokio::test]
async fn another_provider_cannot_answer_in_its_place() {
    let (server, provider) = both();
    let begun = begin(&provider).await;
    let answer = Answer {
        iss: Some("https://elsewhere.example.vn".to_owned()),
        ..come_back(&server, &begun.address)
    };
    let error = provider
        .finish(&begun.cookie, answer, Timestamp::now())
        .await;
    assert!(matches!(error, Err(OidcError::Unreliable(_))), "{error:?}");
}

#[tokio::test]
async fn who_declines_is_told_so() {
    let (_server, provider) = both();
    let begun = begin(&provider).await;
    let state = begun.address.split_once("&state=").unwrap().1;
    let declined = Answer {
        state: state.split('&').next().unwrap().to_owned(),
        code: None,
        error: Some("access_denied".to_owned()),
        iss: None,
    };
    let error = provider
        .finish(&begun.cookie, declined, Timestamp::now())
        .await;
    assert!(
        matches!(&error, Err(OidcError::Declined { code }) if code == "access_denied"),
        "{error:?}"
    );
}

/// The provider's new key is of another algorithm, too; what is known of it is an hour old at most.
#[tokio::test]
async fn a_provider_may_change_its_keys_at_any_time() {
    let (server, provider) = both();
    assert_eq!(log_in(&server, &provider).await.unwrap().subject, "an");
    for _ in 0..2 {
        server.change_keys();
        assert_eq!(log_in(&server, &provider).await.unwrap().subject, "an");
    }
}

#[tokio::test]
async fn while_the_provider_is_down_nobody_waits_for_it_and_later_it_is_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "s").unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let provider = provider(&Settings {
        issuer,
        client_id: "socai".to_owned(),
        client_secret_file: secret,
        redirect_url: REDIRECT.to_owned(),
        account_claim: None,
        scopes: Vec::new(),
        ca_file: "/nowhere".into(),
    });
    let now = Timestamp::now();
    let later = now + SignedDuration::from_secs(5);
    for (now, asked) in [(now, true), (now, false), (later, true)] {
        let error = provider.begin(LocalPath::root(), now).await.unwrap_err();
        assert!(matches!(error, OidcError::Unavailable(_)), "{error:?}");
        assert_eq!(!told(&error).contains("a moment ago"), asked, "{error:?}");
    }
}

#[tokio::test]
async fn a_provider_that_goes_away_in_the_middle_is_not_there() {
    let (mut server, provider) = both();
    let begun = begin(&provider).await;
    let answer = come_back(&server, &begun.address);
    server.stop();
    let error = provider
        .finish(&begun.cookie, answer, Timestamp::now())
        .await;
    assert!(matches!(error, Err(OidcError::Unavailable(_))), "{error:?}");
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_the_end_nor_one_that_never_comes_waited_for() {
    let (server, provider) = both();
    for how in ["large", "silent"] {
        server.lie(how);
        let error = log_in(&server, &provider).await;
        assert!(
            matches!(error, Err(OidcError::Unavailable(_))),
            "{how}: {error:?}"
        );
    }
}

#[tokio::test]
async fn a_wrong_secret_is_for_a_person_to_mend() {
    let (server, _) = both();
    let provider = provider(&Settings {
        client_secret_file: server.secret("other"),
        ..settings(&server)
    });
    let error = log_in(&server, &provider).await.unwrap_err();
    assert!(matches!(error, OidcError::Unreliable(_)), "{error:?}");
    assert!(told(&error).contains("invalid_client"), "{error:?}");
}

#[tokio::test]
async fn settings_that_cannot_be_meant_are_refused_with_their_field() {
    let (server, _) = both();
    let good = settings(&server);
    let empty = server.secret("empty");
    std::fs::write(&empty, "\n").unwrap();
    let ladder = [
        (
            "issuer",
            Settings {
                issuer: "login".to_owned(),
                ..good.clone()
            },
        ),
        (
            "issuer",
            Settings {
                issuer: "http://login.example.vn".to_owned(),
                ..good.clone()
            },
        ),
        (
            "redirect_url",
            Settings {
                redirect_url: "http://socai.example.vn/v1/oidc/callback".to_owned(),
                ..good.clone()
            },
        ),
        (
            "client_secret_file",
            Settings {
                client_secret_file: server.secret("absent"),
                ..good.clone()
            },
        ),
        (
            "client_secret_file",
            Settings {
                client_secret_file: empty,
                ..good
            },
        ),
    ];
    for (field, settings) in ladder {
        let error = Provider::new(&settings, TlsConfig::default()).err();
        let error = error.unwrap().to_string();
        assert!(error.starts_with(field), "{error}");
    }
}

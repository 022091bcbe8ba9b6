//! What a witness remembers, and that it signs nothing where it cannot know what it signed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;
use std::time::{Duration, Instant};

use socai_app::witness::name_of;
use socai_tlog::{KeyKind, SigningKey};

use super::{Log, Witness, cosigns, post};
use crate::socai::socai;

const ORIGIN: &str = "example.com/log";

/// Kills in a run; the long form makes the campaign that a witness is released on.
fn rounds() -> usize {
    if std::env::var_os("SOCAI_LONG").is_some() {
        200
    } else {
        15
    }
}

/// Two operators who fork their log and kill the witness at any moment do not get two roots of one size out of it.
#[test]
fn a_witness_killed_between_requests_never_cosigns_two_roots_at_a_size() {
    let histories = [
        Log::new(ORIGIN, 400, "leaf"),
        Log::new(ORIGIN, 400, "other"),
    ];
    let witness = Witness::knowing(histories[0].verifier());
    let mut cosigned: BTreeMap<usize, usize> = BTreeMap::new();
    for round in 0..rounds() {
        let serving = witness.serve();
        let address = serving.address.clone();
        let last = witness.last().map_or(0, |(size, _)| size);
        let killer = thread::spawn(move || {
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_millis(3 * round as u64 % 40) {
                thread::yield_now();
            }
            drop(serving);
        });
        let got = race(&address, &histories, last);
        killer.join().unwrap();
        for (size, history, answer) in got {
            let checkpoint = histories[history].checkpoint(size);
            assert!(cosigns(&answer, &checkpoint, &witness.key));
            let before = cosigned.insert(size, history);
            assert!(
                before.is_none_or(|before| before == history),
                "two roots at size {size}"
            );
        }
        let kept = witness.last().map_or(0, |(size, _)| size);
        let largest = cosigned.keys().max().map_or(0, |size| *size as u64);
        assert!(
            kept >= largest,
            "{largest} was handed out, and {kept} is kept"
        );
    }
    let used: Vec<usize> = cosigned.into_values().collect();
    assert!(
        used.windows(2).all(|pair| pair[0] == pair[1]),
        "one history was cosigned"
    );
}

/// Both histories ask for the next sizes, until nobody answers. What was handed out: size, whose, and the answer.
fn race(address: &str, histories: &[Log; 2], last: u64) -> Vec<(usize, usize, String)> {
    thread::scope(|scope| {
        let asking = [0, 1].map(|history| {
            scope.spawn(move || {
                let mut got = Vec::new();
                let mut old = last;
                for size in usize::try_from(last).unwrap() + 1..=400 {
                    let Some(answered) = post(address, &histories[history].request(old, size))
                    else {
                        return got;
                    };
                    match answered.status {
                        200 => {
                            got.push((size, history, answered.body));
                            old = size as u64;
                        }
                        409 => old = answered.body.trim().parse().unwrap(),
                        _ => {}
                    }
                    if old > size as u64 {
                        return got;
                    }
                }
                got
            })
        });
        asking.map(|asked| asked.join().unwrap()).concat()
    })
}

#[test]
fn a_witness_that_stopped_goes_on_from_what_it_kept() {
    let log = Log::new(ORIGIN, 9, "leaf");
    let witness = Witness::knowing(log.verifier());
    assert_eq!(witness.last(), None);
    for (old, size) in [(0, 3), (3, 7)] {
        assert_eq!(witness.serve().post(&log.request(old, size)).status, 200);
        assert_eq!(
            witness.last(),
            Some((size as u64, log.checkpoint(size).root.to_string()))
        );
    }
    assert_eq!(witness.sign(&log.request(7, 9)).code, 0);
    assert_eq!(witness.serve().post(&log.request(7, 9)).body, "9\n");
}

#[test]
fn a_witness_whose_state_is_damaged_or_gone_does_not_sign() {
    let log = Log::new(ORIGIN, 9, "leaf");
    let witness = Witness::knowing(log.verifier());
    assert_eq!(witness.sign(&log.request(0, 3)).code, 0);
    let state = witness.dir().join("registers").join(name_of(ORIGIN));
    let whole = fs::read_to_string(&state).unwrap();
    let forged = whole.replace("\n3\n", "\n2\n");
    let damages = [
        ("", "is damaged"),
        ("3\n", "is damaged"),
        ("nonsense", "is damaged"),
        (&*forged, "invalid signature"),
        (&whole[..whole.len() - 1], "a note is"),
    ];
    for (damaged, why) in damages {
        fs::write(&state, damaged).unwrap();
        for act in ["sign", "serve", "status"] {
            let ran = witness.run(act, &[], &log.request(3, 9));
            assert_eq!(ran.code, 1, "{act} {ran:?}");
            assert!(ran.err.contains(why), "{act} {damaged:?} {ran:?}");
            assert!(ran.out.is_empty(), "{ran:?}");
        }
    }
    fs::remove_file(&state).unwrap();
    let ran = witness.sign(&log.request(0, 9));
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.contains("missing") && ran.err.contains("signs no more"),
        "{ran:?}"
    );

    fs::write(&state, whole).unwrap();
    assert_eq!(witness.sign(&log.request(3, 9)).code, 0);
}

#[test]
fn one_process_signs_at_a_time_and_the_other_is_told_who() {
    let log = Log::new(ORIGIN, 3, "leaf");
    let witness = Witness::knowing(log.verifier());
    let serving = witness.serve();
    let id = serving.process.id().to_string();
    for (act, arguments) in [
        ("sign", vec![]),
        ("trust", vec![log.verifier().to_string()]),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let ran = witness.run(act, &arguments, &log.request(0, 3));
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("in use by socai witness serve"), "{ran:?}");
        assert!(ran.err.contains(&id), "{ran:?}");
    }
    assert_eq!(witness.last(), None, "looking is allowed");
    drop(serving);
    assert_eq!(witness.sign(&log.request(0, 3)).code, 0);
}

#[test]
fn another_key_of_a_log_is_taken_only_when_the_log_rotated_it() {
    let log = Log::new(ORIGIN, 9, "leaf");
    let witness = Witness::knowing(log.verifier());
    let next = SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, [9; 32]).unwrap();
    assert_eq!(witness.sign(&log.request(0, 3)).code, 0);

    let refused = witness.trust(next.verifier_key(), &[]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("--rotated"), "{refused:?}");
    let by_next = log.request_by(&next, 3, 5);
    assert!(witness.sign(&by_next).err.contains("invalid signature"));

    assert_eq!(witness.trust(next.verifier_key(), &["--rotated"]).code, 0);
    assert_eq!(witness.sign(&by_next).code, 0);
    assert_eq!(
        witness.sign(&log.request(5, 7)).code,
        0,
        "the key before counts as well"
    );
    let known = witness.trust(next.verifier_key(), &[]);
    assert!(
        known.code == 0 && known.out.contains("was known"),
        "{known:?}"
    );
    assert_eq!(witness.last().unwrap().0, 7, "no key makes it forget");
}

#[test]
fn a_stolen_key_gets_nothing_cosigned_once_it_is_distrusted_and_the_log_goes_on() {
    let log = Log::new(ORIGIN, 9, "leaf");
    let forged = Log::new(ORIGIN, 9, "forged");
    let witness = Witness::knowing(log.verifier());
    let next = SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, [9; 32]).unwrap();
    let stolen = log.verifier().to_string();
    assert_eq!(witness.sign(&log.request(0, 3)).code, 0);
    let unknown = witness.run("distrust", &[&next.verifier_key().to_string()], b"");
    assert!(
        unknown.code == 1 && unknown.err.contains("was not told of"),
        "{unknown:?}"
    );

    let distrusted = witness.run("distrust", &[&stolen], b"");
    assert!(
        distrusted.code == 0 && distrusted.out.contains("--rotated"),
        "{distrusted:?}"
    );
    for request in [
        log.request(3, 5),
        forged.request(0, 5),
        forged.request(3, 5),
    ] {
        let refused = witness.sign(&request);
        assert!(
            refused.code == 1 && refused.err.contains("distrusted"),
            "{refused:?}"
        );
    }
    for options in [&[][..], &["--rotated"]] {
        let refused = witness.trust(log.verifier(), options);
        assert!(
            refused.code == 1 && refused.err.contains("is distrusted here"),
            "{refused:?}"
        );
    }

    assert_eq!(witness.trust(next.verifier_key(), &[]).code, 1);
    assert_eq!(witness.trust(next.verifier_key(), &["--rotated"]).code, 0);
    assert!(
        witness
            .sign(&log.request(3, 5))
            .err
            .contains("invalid signature")
    );
    assert_eq!(witness.last().unwrap().0, 3, "what was cosigned stays");
    assert_eq!(witness.sign(&forged.request_by(&next, 3, 5)).code, 1);
    assert_eq!(witness.sign(&log.request_by(&next, 3, 5)).code, 0);
    let again = witness.run("distrust", &[&stolen], b"");
    assert!(again.code == 0 && again.out.contains("before"), "{again:?}");
}

#[test]
fn the_private_key_is_for_its_user_alone() {
    let witness = Witness::new();
    let key = witness.dir().join("witness.key");
    let mode = fs::metadata(&key).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(&key).unwrap();
    let private: SigningKey = text.trim().parse().unwrap();
    assert_eq!(private.verifier_key(), &witness.key);

    let again = witness.run("init", &["--name", "w"], b"");
    assert_eq!(again.code, 1);
    assert!(again.err.contains("a witness in"), "{again:?}");
    assert_eq!(fs::read_to_string(&key).unwrap(), text);

    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = witness.sign(b"");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("chmod 600"), "{ran:?}");
    assert!(!ran.err.contains(text.trim()), "{ran:?}");
}

#[test]
fn what_is_typed_wrongly_gets_a_sentence() {
    let witness = Witness::new();
    let own = witness.key.to_string();
    let nowhere = socai(&["witness", "sign", "/nowhere"], b"");
    let cases = [
        (witness.run("trust", &["nonsense"], b""), "verifier key"),
        (witness.run("trust", &[&own], b""), "0x04"),
        (nowhere, "socai witness init"),
        (
            socai(&["witness", "init", "/proc/w", "--name", "a b"], b""),
            "--name",
        ),
    ];
    for (ran, sentence) in cases {
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains(sentence), "{ran:?}");
    }
}

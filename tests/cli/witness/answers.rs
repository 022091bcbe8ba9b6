//! What a witness answers, over HTTP and by file.

use serde_json::Value;
use socai_app::witness::name_of;
use socai_tlog::cosignature::cosigned_at;
use socai_tlog::{Checkpoint, KeyKind, Note, VerifierKey};

use super::{Log, Witness, cosigns};

/// What Sunlight's witness is asked in its own tests: the log's key, and requests in their order.
fn published() -> (VerifierKey, Vec<Value>) {
    let file = include_str!("../../data/transparency/witness/add-checkpoint.json");
    let mut file: Value = serde_json::from_str(file).unwrap();
    let hex = file["log_ed25519_pubkey_hex"].as_str().unwrap();
    let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    let public = std::array::from_fn(byte);
    let origin = file["log_origin"].as_str().unwrap();
    let key = VerifierKey::new(origin, KeyKind::Ed25519, public).unwrap();
    let cases = file["cases"].as_array_mut().unwrap();
    assert_eq!(cases.len(), 11);
    (key, std::mem::take(cases))
}

/// The witness of those tests has another name.
fn expected(case: &Value) -> String {
    let text = case["wantBodyContains"].as_str().unwrap();
    text.replace("example.com/witness", "witness.example/committee")
}

#[test]
fn every_published_request_is_answered_as_published_over_http() {
    let (log, cases) = published();
    let witness = Witness::knowing(&log);
    let serving = witness.serve();
    for case in cases {
        let name = &case["name"];
        let answered = serving.post(case["body"].as_str().unwrap().as_bytes());
        assert_eq!(answered.status, case["wantStatus"], "{name}: {answered:?}");
        assert!(
            answered.body.contains(&expected(&case)),
            "{name}: {answered:?}"
        );
        let states_size = answered.head.contains("content-type: text/x.tlog.size");
        assert_eq!(states_size, answered.status == 409, "{name}: {answered:?}");
    }
    let kept = serving.get(&format!("/{}/checkpoint", name_of(log.name())));
    assert_eq!(kept.status, 200);
    let kept = Note::parse(kept.body.as_bytes()).unwrap();
    assert_eq!(Checkpoint::parse(&kept.text).unwrap().size, 5);
    assert!(cosigned_at(&kept, &witness.key).unwrap().is_some());
    assert_eq!(kept.verified_by([&log]).unwrap().len(), 1);
    assert_eq!(serving.get("/healthz").body, "ok");
}

#[test]
fn every_published_request_is_answered_the_same_by_file() {
    let (log, cases) = published();
    let witness = Witness::knowing(&log);
    for case in cases {
        let name = &case["name"];
        let ran = witness.sign(case["body"].as_str().unwrap().as_bytes());
        let is_cosigned = case["wantStatus"] == 200;
        assert_eq!(ran.code, i32::from(!is_cosigned), "{name}: {ran:?}");
        let (said, silent) = if is_cosigned {
            (&ran.out, &ran.err)
        } else {
            (&ran.err, &ran.out)
        };
        assert!(silent.is_empty(), "{name}: {ran:?}");
        let size = expected(&case).trim().parse::<u64>();
        let sentence = size.map_or(expected(&case), |size| format!("size {size}"));
        assert!(said.contains(&sentence), "{name}: {ran:?}");
    }
}

#[test]
fn two_logs_are_two_histories() {
    let one = Log::new("example.com/one", 9, "leaf");
    let other = Log::new("example.com/other", 9, "leaf");
    let witness = Witness::knowing(one.verifier());
    assert_eq!(witness.trust(other.verifier(), &[]).code, 0);
    let serving = witness.serve();
    for log in [&one, &other] {
        let nothing = serving.get(&format!("/{}/checkpoint", name_of(log.verifier().name())));
        assert_eq!(nothing.status, 404);
    }
    for (log, old, size) in [(&one, 0, 3), (&other, 0, 7), (&one, 3, 9), (&other, 7, 8)] {
        let answered = serving.post(&log.request(old, size));
        assert_eq!(answered.status, 200, "{answered:?}");
        assert!(cosigns(&answered.body, &log.checkpoint(size), &witness.key));
    }
    assert_eq!(serving.post(&one.request(8, 9)).body, "9\n");
    assert_eq!(serving.post(&other.request(9, 9)).body, "8\n");
}

#[test]
fn of_many_requests_at_once_for_one_size_one_is_cosigned() {
    let log = Log::new("example.com/log", 40, "leaf");
    let witness = Witness::knowing(log.verifier());
    let serving = witness.serve();
    assert_eq!(serving.post(&log.request(0, 4)).status, 200);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let (log, serving) = (&log, &serving);
        let asked =
            (5..=40).map(|size| scope.spawn(move || serving.post(&log.request(4, size)).status));
        let asked: Vec<_> = asked.collect();
        asked
            .into_iter()
            .map(|asked| asked.join().unwrap())
            .collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    assert!(
        statuses.iter().all(|status| [200, 409].contains(status)),
        "{statuses:?}"
    );
}

#[test]
fn what_is_no_request_is_refused_with_a_sentence_and_changes_nothing() {
    let log = Log::new("example.com/log", 4, "leaf");
    let witness = Witness::knowing(log.verifier());
    let serving = witness.serve();
    assert_eq!(serving.post(&log.request(0, 4)).status, 200);
    for (body, status) in [
        (Vec::new(), 400),
        (b"\xff\xfe\n\n\0".to_vec(), 400),
        (vec![b'a'; 64 << 10], 400),
        (vec![b'a'; (64 << 10) + 1], 413),
    ] {
        let answered = serving.post(&body);
        assert_eq!(answered.status, status, "{answered:?}");
        assert!(
            answered.body.ends_with('\n') && answered.body.len() > 20,
            "{answered:?}"
        );
    }
    assert_eq!(serving.get("/add-checkpoint").status, 405);
    assert_eq!(serving.get("/0/checkpoint").status, 404);
    drop(serving);
    assert_eq!(
        witness.last(),
        Some((4, log.checkpoint(4).root.to_string()))
    );
}

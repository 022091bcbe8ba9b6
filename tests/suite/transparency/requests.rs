//! What Sunlight's witness is asked in its own tests, and how it answers, in order.

use std::fs;

use serde::Deserialize;
use socai_tlog::cosignature::cosign;
use socai_tlog::witness::{Refusal, decide};
use socai_tlog::{AddCheckpoint, Checkpoint, Hash, KeyKind, Note, SigningKey, VerifierKey};

use super::data;

#[derive(Deserialize)]
struct Asked {
    log_origin: String,
    log_ed25519_pubkey_hex: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: String,
    body: String,
    want_status: u16,
    want_body_contains: String,
}

/// A witness in memory: the log that it knows, its own key, and what it cosigned last.
struct Witness {
    log: VerifierKey,
    key: SigningKey,
    last: Option<(u64, Hash)>,
}

impl Witness {
    fn answer(&mut self, body: &str) -> (u16, String) {
        let request = AddCheckpoint::parse(body.as_bytes());
        let decided = request.and_then(|request| {
            let logs = [self.log.clone()];
            decide(&request, &logs, self.last).map(|checkpoint| (checkpoint, request.checkpoint))
        });
        match decided {
            Ok((checkpoint, note)) => (200, self.cosigned(&checkpoint, &note)),
            Err(refusal) => (refusal.status(), body_of(&refusal)),
        }
    }

    fn cosigned(&mut self, checkpoint: &Checkpoint, note: &Note) -> String {
        self.last = Some((checkpoint.size, checkpoint.root));
        let signature = cosign(&note.text, &self.key, 1_700_000_000);
        let verified = self.key.verifier_key().verify(&note.text, &signature);
        assert_eq!(verified, Ok(Some(1_700_000_000)));
        format!("{signature}\n")
    }
}

fn body_of(refusal: &Refusal) -> String {
    let size = refusal.cosigned_size().map(|size| format!("{size}\n"));
    size.unwrap_or_else(|| refusal.to_string())
}

fn public(hex: &str) -> [u8; 32] {
    let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
    std::array::from_fn(byte)
}

#[test]
fn every_published_request_is_answered_as_published_in_order() {
    let file = fs::read(data("witness/add-checkpoint.json")).unwrap();
    let asked: Asked = serde_json::from_slice(&file).unwrap();
    assert_eq!(asked.cases.len(), 11);
    let public = public(&asked.log_ed25519_pubkey_hex);
    let mut witness = Witness {
        log: VerifierKey::new(&asked.log_origin, KeyKind::Ed25519, public).unwrap(),
        key: SigningKey::from_seed("example.com/witness", KeyKind::CosignatureV1, [7; 32]).unwrap(),
        last: None,
    };
    for case in asked.cases {
        let (status, body) = witness.answer(&case.body);
        assert_eq!(status, case.want_status, "{}: {body}", case.name);
        assert!(
            body.contains(&case.want_body_contains),
            "{}: {body}",
            case.name
        );
    }
}

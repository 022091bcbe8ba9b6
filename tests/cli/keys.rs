//! Log keys on the command line: made with the ledger, kept from others, rotated with overlap, retired, lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::socai::{FOUNDED, Ledger, Ran, socai};

const UNIT: &str = r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"a","name":"Sở","kind":"department"}}"#;

fn keys(ledger: &Ledger) -> Vec<Value> {
    let ran = ledger.run(&["key", "list", "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.json()[0].as_array().unwrap().clone()
}

/// How many keys signed the last checkpoint, and how large it is.
fn last_signed(ledger: &Ledger) -> (usize, u64) {
    let ran = ledger.run(&["checkpoints", "--last", "1", "--format", "json"]);
    let last = &ran.json()[0][0];
    let signers = last["signed_by"].as_array().unwrap().len();
    (signers, last["size"].as_u64().unwrap())
}

fn done(ran: Ran) -> Ran {
    assert_eq!(ran.code, 0, "{ran:?}");
    ran
}

fn refused(ran: &Ran, sentence: &str) {
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains(sentence), "{ran:?}");
}

#[test]
fn a_new_ledger_has_a_key_and_prints_what_is_handed_over() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("so-cai");
    let dir = dir.to_str().unwrap();
    let made = done(socai(&["init", dir, "--origin", "hanoi"], b""));
    let verifier = made.out.lines().find(|line| line.contains("socai/hanoi+"));
    let verifier = verifier.unwrap().trim();
    let created = done(socai(&["export", "--data", dir], b"")).json();
    assert_eq!(created[0]["data"]["log_key"], verifier);
    assert!(!created[0].to_string().contains("PRIVATE"));

    let file = home.path().join("so-cai/keys/log.key");
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    assert!(
        fs::read_to_string(&file)
            .unwrap()
            .starts_with("PRIVATE+KEY+socai/hanoi+")
    );
    assert!(!made.out.contains("PRIVATE"), "{made:?}");
}

#[test]
fn a_log_may_be_called_otherwise_and_its_key_be_elsewhere() {
    let home = tempfile::tempdir().unwrap();
    let (dir, file) = (home.path().join("so-cai"), home.path().join("elsewhere"));
    let (dir, file) = (dir.to_str().unwrap(), file.to_str().unwrap());
    let named = ["--log-origin", "example.vn/so-cai", "--key", file];
    let init = ["init", dir, "--origin", "hanoi"];
    done(socai(&[&init[..], &named].concat(), b""));
    let created = done(socai(&["export", "--data", dir], b"")).json();
    let key = created[0]["data"]["log_key"].as_str().unwrap();
    assert!(key.starts_with("example.vn/so-cai+"), "{key}");
    let data = ["record", "-", "--data", dir, "--key", file];
    let ran = done(socai(&data, UNIT.as_bytes()));
    assert_eq!(ran.err, "", "it is sealed with the key that is elsewhere");
}

#[test]
fn a_key_is_never_written_over_and_no_ledger_is_made_without_one() {
    let home = tempfile::tempdir().unwrap();
    let (dir, file) = (home.path().join("so-cai"), home.path().join("log.key"));
    fs::write(&file, "another ledger's").unwrap();
    let (dir, file) = (dir.to_str().unwrap(), file.to_str().unwrap());
    let init = ["init", dir, "--origin", "hanoi", "--key", file];
    refused(
        &socai(&init, b""),
        "is there already: a key belongs to one ledger",
    );
    assert_eq!(fs::read_to_string(file).unwrap(), "another ledger's");
    fs::remove_file(file).unwrap();
    done(socai(&init, b""));

    let config = home.path().join("city.toml");
    let nats = "[nats]\nservers = [\"nats://127.0.0.1:1\"]\nstream = \"L\"\nprefix = \"l\"\n[serve]\nstate = \"s\"";
    fs::write(&config, nats).unwrap();
    let config = config.to_str().unwrap();
    let unnamed = socai(&["init", config, "--origin", "hanoi"], b"");
    refused(&unnamed, "sealer.key names no file");
}

#[test]
fn a_key_that_everybody_can_read_signs_nothing() {
    let ledger = Ledger::new();
    let file = ledger.dir().join("keys/log.key");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let ran = done(ledger.run_with(&["record", "-"], UNIT.as_bytes()));
    let said = "everybody on this machine can read or change it";
    assert!(ran.err.contains(said), "{ran:?}");
    refused(&ledger.run(&["seal"]), said);
    assert!(ran.out.contains("1 recorded"), "{ran:?}");
    assert_eq!(last_signed(&ledger).1, FOUNDED);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    done(ledger.run(&["seal"]));
    assert_eq!(last_signed(&ledger), (1, FOUNDED + 1));
}

#[test]
fn a_rotation_overlaps_until_the_other_key_is_retired() {
    let ledger = Ledger::new();
    done(ledger.run(&["key", "rotate"]));
    assert_eq!(last_signed(&ledger), (2, FOUNDED + 1));
    let both = keys(&ledger);
    assert_eq!(both.len(), 2);
    assert!(
        both.iter()
            .all(|key| key["at_hand"] == true && key["valid_to"].is_null())
    );

    let old = both[0]["key"].as_str().unwrap();
    let retire = |size: &str| {
        ledger.run(&[
            "key",
            "retire",
            old,
            "--valid-to",
            size,
            "--reason",
            "rotation",
        ])
    };
    refused(&retire("6"), "--valid-to 6: the ledger ends at position 5");
    let needed = "entry 1 of the checkpoints, of size 4, is signed by this key alone";
    refused(&retire("0"), needed);
    done(retire("5"));
    assert_eq!(last_signed(&ledger), (1, FOUNDED + 2));
    let row = &keys(&ledger)[0];
    assert_eq!(
        (&row["valid_to"], &row["reason"]),
        (&5.into(), &"rotation".into())
    );
    assert!(done(retire("5")).out.contains("says so already"));

    let last = both[1]["key"].as_str().unwrap();
    let no = ledger.run(&[
        "key",
        "retire",
        last,
        "--valid-to",
        "6",
        "--reason",
        "rotation",
    ]);
    refused(&no, "[ledger.last_key]");
    done(ledger.run(&[
        "key",
        "retire",
        last,
        "--valid-to",
        "5",
        "--reason",
        "stolen",
    ]));
    done(ledger.run(&["key", "rotate"]));
    assert_eq!(last_signed(&ledger), (1, FOUNDED + 4));
    refused(
        &ledger.run(&["key", "make"]),
        "socai key rotate makes a further one",
    );
}

#[test]
fn a_key_that_is_made_in_another_file_signs_beside_the_one_in_the_directory() {
    let ledger = Ledger::new();
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("other.key");
    let file = file.to_str().unwrap();
    let ran = done(ledger.run(&["key", "rotate", "--key", file]));
    assert!(
        ran.out.contains("and with every other key in force"),
        "{ran:?}"
    );
    assert_eq!(last_signed(&ledger), (2, FOUNDED + 1));

    let old = ledger.dir().join("keys/log.key");
    fs::rename(&old, home.path().join("away")).unwrap();
    let third = home.path().join("third.key");
    let third = third.to_str().unwrap();
    let ran = done(ledger.run(&["key", "rotate", "--key", third]));
    assert!(ran.out.contains("NOT with socai/hanoi+"), "{ran:?}");
    assert_eq!(last_signed(&ledger), (1, FOUNDED + 2));
}

/// What the ledger names is public; whether a private half is here is not for everybody to see.
#[test]
fn keys_are_listed_for_whoever_may_not_open_the_private_ones() {
    let ledger = Ledger::new();
    let file = ledger.dir().join("keys/log.key");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(keys(&ledger)[0]["at_hand"].is_null());
    let ran = done(ledger.run(&["key", "list"]));
    assert!(ran.out.contains('?'), "{ran:?}");
    assert!(ran.err.contains("keys/log.key"), "{ran:?}");
}

/// A ledger that was made by an earlier program names no key: it records as before, and is sealed from its first on.
#[test]
fn a_ledger_without_a_key_is_given_its_first() {
    let ledger = Ledger::made_without_a_key();
    let ran = done(ledger.run_with(&["record", "-"], UNIT.as_bytes()));
    assert!(ran.err.contains("recorded, not sealed"), "{ran:?}");
    refused(
        &ledger.run(&["key", "rotate"]),
        "socai key make makes its first",
    );
    assert_eq!(keys(&ledger).len(), 0);
    done(ledger.run(&["key", "make"]));
    assert_eq!(last_signed(&ledger), (1, 3));
    assert!(
        keys(&ledger)[0]["key"]
            .as_str()
            .unwrap()
            .starts_with("socai/hanoi+")
    );
}

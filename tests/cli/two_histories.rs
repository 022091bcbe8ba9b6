//! Two histories of one ledger: a backup that was restored and gone on from, or a thief with a copy and the log's
//! private key. The data directory cannot tell, for it holds together. The witnesses tell, and so do two who compare.

use std::path::Path;

use crate::inspected::{Inspected, done, judged, verify};
use crate::socai::socai;

/// What is recorded instead of what was.
const INSTEAD: [&str; 2] = [
    r#"{"command":"report.submit","effective":"2024-07-01","data":{"obligations":["r_2024-h1_a"]}}"#,
    r#"{"command":"unit.rename","effective":"2024-07-02","data":{"unit":"a","name":"Sở khác"}}"#,
];
const AND_ON: &str =
    r#"{"command":"unit.rename","effective":"2024-07-03","data":{"unit":"b","name":"Sở nữa"}}"#;

fn go_on_from(dir: &Path, lines: &[&str]) {
    let record = ["record", "-", "--data", dir.to_str().unwrap()];
    let ran = socai(&record, lines.join("\n").as_bytes());
    assert_eq!(ran.code, 0, "{ran:?}");
}

/// How many records are sealed in `dir`.
fn size(dir: &Path) -> u64 {
    let records = done(&["export", "--data", dir.to_str().unwrap()]);
    records.lines().count() as u64
}

#[test]
fn a_restored_backup_holds_together_and_no_witness_cosigns_it() {
    let world = Inspected::new();
    let restored = world.copy_of_the_backup();
    let [witness, _] = &world.witnesses;
    done(&["verify", restored.to_str().unwrap()]);
    // Nobody but the log vouches for what was recorded since.
    go_on_from(&restored, &[AND_ON]);
    let policy = world.policy("ca-hai").display().to_string();
    let vouched = verify(&[restored.to_str().unwrap(), "--policy", &policy]);
    let up_to = "11 records are covered by a checkpoint that the policy believes";
    vouched.says((0, up_to), "socai verify DIR --policy");
    let size = size(world.ledger.dir());
    let words = format!("the checkpoint cosigned last for this log has size {size}");
    // However it goes on.
    for lines in [&INSTEAD[..1], &INSTEAD[1..]] {
        go_on_from(&restored, lines);
        let asked = witness.asked(&restored, None);
        asked.rejects(&words, "a restored backup");
    }
}

/// Whoever tells the witness the size that it knows cannot prove that this history continues that one.
#[test]
fn a_history_of_a_thief_is_no_continuation_of_what_was_cosigned() {
    let world = Inspected::new();
    let (fork, _) = world.forked(&INSTEAD);
    let [witness, _] = &world.witnesses;
    let known = size(world.ledger.dir());
    assert_eq!(size(&fork), known);
    let split = witness.asked(&fork, Some(known));
    split.rejects(
        "at size 15: its history was forked",
        "two histories of one size",
    );

    go_on_from(&fork, &[AND_ON]);
    let longer = witness.asked(&fork, Some(known));
    longer.rejects("invalid consistency proof", "a longer history");
}

#[test]
fn what_a_thief_hands_out_lacks_the_quorum_and_does_not_fit_what_others_hold() {
    let world = Inspected::new();
    let (_, forged) = world.forked(&INSTEAD);
    let told = judged(&world, &forged);
    let alone = "only the log vouches that there is no other history";
    told.socai.says((2, alone), "socai");
    told.python.says((2, "uncosigned"), "verify.py");
    let few = "0 cosignatures, and 2 are asked for";
    told.go.rejects(few, "Go");
    told.scales.rejects(few, "tlog-scales");

    let [one, other] = [("that.zip", &world.bundle), ("gia.zip", &forged)]
        .map(|(name, zip)| world.file(name, zip).display().to_string());
    let policy = world.policy("none").display().to_string();
    let together = verify(&[&one, &other, "--policy", &policy]);
    together.rejects("a split view", "both together");
}

//! `kill -9` of the real binary while it records: whatever it acknowledged is there afterwards, and
//! of a command with several events there is all or nothing.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::socai::{BINARY, Ledger, OBLIGATIONS};

/// Kills in a run; the long form makes the campaign that the ledger is released on.
fn rounds() -> u64 {
    if std::env::var_os("SOCAI_LONG").is_some() {
        400
    } else {
        40
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014), so that a failing round can be run again.
pub(crate) fn random(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Two units come to be and are merged: the merger is one command with two events.
fn triple(name: &str) -> String {
    let form = |unit: &str| {
        format!(
            r#"{{"command":"unit.form","effective":"2024-01-01","data":{{"unit":"{unit}","name":"{unit}","kind":"other"}}}}"#
        )
    };
    let (x, y) = (format!("x-{name}"), format!("y-{name}"));
    let merge = format!(
        r#"{{"command":"unit.merge","effective":"2024-02-01","data":{{"units":["{x}","{y}"],"into":"c"}}}}"#
    );
    format!("{}\n{}\n{merge}\n", form(&x), form(&y))
}

fn recording(ledger: &Ledger) -> Child {
    Command::new(BINARY)
        .args([
            "record",
            "-",
            "--format",
            "json",
            "--data",
            ledger.dir().to_str().unwrap(),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Feeds a recording process, kills it after `pause` from its first acknowledgement, and answers
/// what it acknowledged: event ids by position.
fn killed_while_recording(ledger: &Ledger, round: u64, pause: Duration) -> BTreeMap<u64, String> {
    let mut child = recording(ledger);
    let mut stdin = child.stdin.take().unwrap();
    let feeder = thread::spawn(move || {
        let mut fed = |n: u64| {
            stdin
                .write_all(triple(&format!("{round}-{n}")).as_bytes())
                .is_ok()
        };
        (0..).take_while(|n| fed(*n)).count()
    });
    let (told, first) = mpsc::channel();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let reader = thread::spawn(move || {
        let mut all = BTreeMap::new();
        // The last line may be cut by the kill: what was not told whole was not acknowledged.
        for line in stdout.lines().map_while(Result::ok) {
            let Ok(report) = serde_json::from_str::<serde_json::Value>(&line) else {
                break;
            };
            let ids = report["ids"].as_array().unwrap().iter();
            let positions = report["positions"].as_array().unwrap().iter();
            all.extend(
                positions
                    .zip(ids)
                    .map(|(p, id)| (p.as_u64().unwrap(), id.as_str().unwrap().to_owned())),
            );
            let _ = told.send(());
        }
        all
    });
    first
        .recv_timeout(Duration::from_secs(60))
        .expect("the process records something");
    // The moment of the kill is the test's input: it falls anywhere within the work.
    let begun = Instant::now();
    while begun.elapsed() < pause {
        thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    feeder.join().unwrap();
    reader.join().unwrap()
}

struct Stored {
    id: String,
    command: String,
    event: String,
}

/// The records from position `from` on.
fn stored(ledger: &Ledger, from: u64) -> Vec<Stored> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let read = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        Stored {
            id: text(&record["id"]),
            command: text(&record["correlationid"]),
            event: text(&record["type"]),
        }
    };
    let ran = ledger.run(&["export", "--from", &from.to_string()]);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out.lines().map(read).collect()
}

#[test]
fn nothing_acknowledged_is_lost_and_no_half_command_is_seen() {
    let mut seed = std::env::var("SOCAI_SEED").map_or(20_261_123, |seed| seed.parse().unwrap());
    println!("seed {seed}");
    let mut acknowledged = 0;
    for first in (0..rounds()).step_by(KILLS_OF_ONE_LEDGER) {
        acknowledged += kills_of_one_ledger(first, &mut seed);
    }
    println!(
        "{} kills, {acknowledged} events acknowledged, none lost",
        rounds()
    );
}

/// Kills on one ledger: few, since opening it takes longer the more it holds.
const KILLS_OF_ONE_LEDGER: usize = 8;

fn kills_of_one_ledger(first: u64, seed: &mut u64) -> usize {
    let ledger = Ledger::new();
    assert_eq!(ledger.record(OBLIGATIONS).code, 0);
    let (mut acknowledged, mut whole) = (BTreeMap::new(), 1);
    for round in first..first + KILLS_OF_ONE_LEDGER as u64 {
        let pause = Duration::from_micros(random(seed) % 20_000);
        acknowledged.extend(killed_while_recording(&ledger, round, pause));
        whole += check(&stored(&ledger, whole), whole, &acknowledged, round);
    }
    check(&stored(&ledger, 1), 1, &acknowledged, first);
    let verified = crate::socai::socai(&["verify", ledger.dir().to_str().unwrap()], b"");
    assert_eq!(verified.code, 0, "{verified:?}");
    acknowledged.len()
}

/// Holds what is stored from position `from` on against what was acknowledged; answers how much is
/// stored.
fn check(stored: &[Stored], from: u64, acknowledged: &BTreeMap<u64, String>, round: u64) -> u64 {
    for (position, id) in acknowledged.range(from..) {
        let there = usize::try_from(position - from)
            .ok()
            .and_then(|index| stored.get(index));
        assert_eq!(
            there.map(|s| &s.id),
            Some(id),
            "round {round}: position {position} is lost"
        );
    }
    let mut ended: BTreeMap<&str, u32> = BTreeMap::new();
    for merger in stored
        .iter()
        .filter(|record| record.event == "unit.ended.v1")
    {
        *ended.entry(&merger.command).or_default() += 1;
    }
    assert!(
        ended.values().all(|events| *events == 2),
        "round {round}: half a merger"
    );
    stored.len() as u64
}

//! Backups at rest: what is in them, what a second run brings, and what `socai restore` refuses.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use socai_credentials_redb::FileCredentials;
use socai_store::Credentials;

use crate::crash::random;
use crate::inspected::{copy, now};
use crate::socai::{BINARY, Ledger, Ran, socai};
use crate::tampered::{place, rewrite};

const CONTENT: &[u8] = b"b\xc3\xa1o c\xc3\xa1o s\xc3\xa1u th\xc3\xa1ng\x00\xff";
const NAME: &str = "Nguyễn Thị Hòa";
const CLAIM: &str =
    r#"{"command":"task.claim","effective":"2024-06-28","data":{"obligation":"t_a"}}"#;
const SUBMIT: &str = r#"{"command":"report.submit","effective":"2024-07-19","data":{"obligations":["r_2024-h1_a"]}}"#;

/// A ledger with two attachments and a person, and its backup.
struct Backed {
    ledger: Ledger,
    backup: PathBuf,
    attachments: [String; 2],
}

impl Backed {
    fn new() -> Self {
        let ledger = Ledger::with_obligations();
        let attachments = [0, 1].map(|_| store(&ledger));
        let named = ledger.run(&["account", "name", "operator", NAME]);
        assert_eq!(named.code, 0, "{named:?}");
        let backup = ledger.dir().with_file_name("ban-sao");
        let backed = Self {
            ledger,
            backup,
            attachments,
        };
        backed.run();
        backed
    }

    fn try_run(&self) -> Ran {
        let to = self.backup.to_str().unwrap();
        self.ledger.run(&["backup", "--to", to, "--format", "json"])
    }

    #[track_caller]
    fn run(&self) -> Value {
        let ran = self.try_run();
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json().remove(0)
    }

    /// A copy of the backup, to be spoilt.
    fn copy(&self, name: &str) -> PathBuf {
        let place = self.backup.with_file_name(name);
        copy(&self.backup, &place);
        place
    }

    fn target(&self, name: &str) -> PathBuf {
        self.backup.with_file_name(name)
    }
}

fn store(ledger: &Ledger) -> String {
    let arguments = [
        "attach",
        "store",
        "-",
        "--media",
        "application/pdf",
        "--obligation",
        "t_a",
    ];
    let ran = ledger.run_with(&arguments, CONTENT);
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out.trim().to_owned()
}

/// What the operator is called by what is known of persons in `dir`.
fn name_in(dir: &Path) -> Option<String> {
    let known = FileCredentials::open(&dir.join("credentials.redb")).unwrap();
    now(known.person("operator")).unwrap()?.name
}

fn blob(dir: &Path, address: &str) -> PathBuf {
    let (folder, name) = address.split_at(2);
    dir.join("blobs").join(folder).join(name)
}

fn restore(from: &Path, to: &Path, more: &[&str]) -> Ran {
    let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
    socai(
        &[&["restore", "--from", from, "--to", to], more].concat(),
        b"",
    )
}

#[track_caller]
fn refused(ran: &Ran, words: &str) {
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains(words), "{words}: {ran:?}");
}

fn record(ledger: &Ledger, line: &str) {
    let ran = ledger.record(line);
    assert_eq!(ran.code, 0, "{ran:?}");
}

fn export(dir: &Path) -> String {
    socai(&["export", "--data", dir.to_str().unwrap()], b"").out
}

/// Flips a bit in the middle of a file.
fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_backup_is_a_ledger_to_look_at_and_has_everything_but_the_private_key() {
    let backed = Backed::new();
    let dir = backed.backup.to_str().unwrap();
    let verified = socai(&["verify", dir], b"");
    assert_eq!(verified.code, 0, "{verified:?}");
    assert_eq!(export(&backed.backup), backed.ledger.export());
    let audited = socai(&["attach", "audit", "--data", dir, "--format", "json"], b"");
    assert_eq!(audited.code, 0, "{audited:?}");
    assert_eq!(name_in(&backed.backup).as_deref(), Some(NAME));
    assert!(!backed.backup.join("keys").exists());
    let mode = fs::metadata(&backed.backup).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_second_run_brings_what_is_new_and_a_third_nothing() {
    let backed = Backed::new();
    record(&backed.ledger, CLAIM);
    let stored = store(&backed.ledger);
    let second = backed.run();
    assert_eq!(
        (&second["brought"], &second["attachments_brought"]),
        (&2.into(), &1.into())
    );
    assert!(blob(&backed.backup, &stored).exists());
    let third = backed.run();
    assert_eq!(
        (&third["brought"], &third["checkpoints_brought"]),
        (&0.into(), &0.into())
    );
    assert_eq!(third["attachments_there"], 3);
    assert_eq!(third["root"], second["root"]);
}

#[test]
fn what_is_erased_and_who_is_forgotten_go_from_the_backup_with_the_next_run() {
    let backed = Backed::new();
    let erased = &backed.attachments[0];
    let why = ["--reason", "gửi nhầm", "--by-unit", "c"];
    let ran = backed
        .ledger
        .run(&[&["attach", "erase", erased][..], &why].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let forgot = backed.ledger.run(&["account", "forget", "operator"]);
    assert_eq!(forgot.code, 0, "{forgot:?}");
    assert!(blob(&backed.backup, erased).exists());
    let report = backed.run();
    assert_eq!(
        (&report["attachments_removed"], &report["persons"]),
        (&1.into(), &0.into())
    );
    assert!(!blob(&backed.backup, erased).exists());
    let kept = fs::read(backed.backup.join("credentials.redb")).unwrap();
    let name = NAME.as_bytes();
    assert!(!kept.windows(name.len()).any(|window| window == name));
}

/// `account forget` leaves a file that does not know them; a file that is gone was lost.
#[test]
fn who_was_known_stays_in_the_backup_where_the_ledgers_own_file_of_persons_is_gone() {
    let backed = Backed::new();
    assert_eq!(backed.run()["persons_of_an_earlier_run"], false);
    fs::remove_file(backed.ledger.dir().join("credentials.redb")).unwrap();
    let report = backed.run();
    assert_eq!(
        (&report["persons"], &report["persons_of_an_earlier_run"]),
        (&1.into(), &true.into())
    );
    assert_eq!(name_in(&backed.backup).as_deref(), Some(NAME));
    let to = backed.backup.to_str().unwrap();
    let said = backed.ledger.run(&["backup", "--to", to]).out;
    assert!(said.contains("those of an earlier run are kept"), "{said}");
    let restored = restore(&backed.backup, &backed.target("kho"), &[]);
    assert_eq!(restored.code, 0, "{restored:?}");
    assert_eq!(
        name_in(&backed.target("kho")).as_deref(),
        Some(NAME),
        "restored"
    );
    // Where it is meant, they go.
    fs::remove_file(backed.backup.join("credentials.redb")).unwrap();
    let report = backed.run();
    assert_eq!(
        (&report["persons"], &report["persons_of_an_earlier_run"]),
        (&Value::Null, &false.into())
    );
    assert!(!backed.backup.join("credentials.redb").exists());
}

#[test]
fn a_run_that_was_cut_off_leaves_what_was_proven_and_the_next_one_goes_on() {
    let backed = Backed::new();
    let proven = fs::read(backed.backup.join("sealed")).unwrap();
    record(&backed.ledger, CLAIM);
    // As where it ended after its records were brought: nothing but the log has moved.
    let before = backed.copy("truoc");
    backed.run();
    fs::remove_dir_all(before.join("log")).unwrap();
    copy(&backed.backup.join("log"), &before.join("log"));
    assert_eq!(fs::read(before.join("sealed")).unwrap(), proven);

    let to = backed.target("kho");
    refused(
        &restore(&before, &to, &[]),
        "up to which it was proven: a run was cut off",
    );
    assert!(!to.exists());
    let left = restore(&before, &to, &["--unsealed", "leave"]);
    assert_eq!(left.code, 0, "{left:?}");
    assert!(backed.ledger.export().starts_with(&export(&to)));
    let taken = restore(&before, &backed.target("kho-2"), &["--unsealed", "take"]);
    assert_eq!(taken.code, 0, "{taken:?}");
    assert_eq!(export(&backed.target("kho-2")), backed.ledger.export());

    let again = backed
        .ledger
        .run(&["backup", "--to", before.to_str().unwrap()]);
    assert_eq!(again.code, 0, "{again:?}");
    let restored = restore(&before, &backed.target("kho-3"), &[]);
    assert_eq!(restored.code, 0, "{restored:?}");
}

#[test]
fn what_is_restored_is_the_ledger_with_its_attachments_and_persons() {
    let backed = Backed::new();
    let to = backed.target("kho");
    let key = backed.ledger.run(&["key", "list", "--format", "json"]);
    let key = key.json().remove(0)[0]["key"].as_str().unwrap().to_owned();
    let ran = restore(&backed.backup, &to, &["--key", &key]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(
        ran.out.contains("what was recorded after position"),
        "{ran:?}"
    );
    assert_eq!(export(&to), backed.ledger.export());
    let dir = to.to_str().unwrap();
    for arguments in [&["verify", dir][..], &["attach", "audit", "--data", dir]] {
        let ran = socai(arguments, b"");
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    assert_eq!(name_in(&to).as_deref(), Some(NAME));
    // Whoever has the private key may go on.
    copy(&backed.ledger.dir().join("keys"), &to.join("keys"));
    let recorded = socai(&["record", "-", "--data", dir], CLAIM.as_bytes());
    assert_eq!(
        (recorded.code, recorded.err.as_str()),
        (0, ""),
        "{recorded:?}"
    );
    assert_eq!(socai(&["verify", dir], b"").code, 0);
}

/// A way to spoil a backup, and words of the sentence that refuses it.
struct Way {
    name: &'static str,
    spoil: fn(&Backed, &Path),
    words: &'static str,
}

const WAYS: &[Way] = &[
    Way {
        name: "a flipped bit in a segment",
        spoil: |_, dir| flip_record(dir),
        words: "checksum",
    },
    Way {
        name: "an edited record, with every checksum right",
        spoil: |_, dir| {
            rewrite(dir, |records| {
                let last = place(records, "report.submitted.v1");
                records[last] = records[last].replace("2024-07-19", "2024-07-18");
            })
        },
        words: "is not the one that was sealed there",
    },
    Way {
        name: "a removed segment",
        spoil: |_, dir| fs::remove_file(dir.join("log/00000000000000000001.seg")).unwrap(),
        words: "the log has no segments",
    },
    Way {
        name: "a truncated segment",
        spoil: |_, dir| {
            let file = fs::File::options();
            let file = file
                .clone()
                .write(true)
                .open(dir.join("log/00000000000000000001.seg"));
            file.unwrap().set_len(2_000).unwrap();
        },
        words: "it had reached position",
    },
    Way {
        name: "an older log",
        spoil: |_, dir| {
            let older = dir.with_file_name("cu-hon");
            fs::remove_dir_all(dir.join("log")).unwrap();
            copy(&older.join("log"), &dir.join("log"));
            fs::remove_file(dir.join("reached")).unwrap();
        },
        words: "records were dropped from its end, or an older copy was restored",
    },
    Way {
        name: "a swapped attachment",
        spoil: |backed, dir| {
            let [one, other] = &backed.attachments;
            fs::copy(blob(dir, one), blob(dir, other)).unwrap();
        },
        words: "is damaged: it is not what was stored",
    },
    Way {
        name: "a missing attachment",
        spoil: |backed, dir| fs::remove_file(blob(dir, &backed.attachments[0])).unwrap(),
        words: "in the backup is missing",
    },
    Way {
        name: "an older checkpoint",
        spoil: |_, dir| {
            let older = dir.with_file_name("cu-hon");
            for file in ["checkpoint", "checkpoints"] {
                fs::copy(older.join("tlog").join(file), dir.join("tlog").join(file)).unwrap();
            }
        },
        words: "it was sealed at position",
    },
    Way {
        name: "the checkpoints of another ledger",
        spoil: |_, dir| {
            let other = Ledger::with_obligations();
            fs::remove_dir_all(dir.join("tlog")).unwrap();
            copy(&other.dir().join("tlog"), &dir.join("tlog"));
        },
        words: "no key that the ledger names",
    },
    Way {
        name: "no mark",
        spoil: |_, dir| fs::remove_file(dir.join("sealed")).unwrap(),
        words: "nothing says up to where the backup was proven",
    },
    Way {
        name: "an older mark",
        spoil: |_, dir| {
            let older = dir.with_file_name("cu-hon");
            fs::copy(older.join("sealed"), dir.join("sealed")).unwrap();
        },
        words: "up to which it was proven: a run was cut off",
    },
    Way {
        name: "a mark of another root",
        spoil: |_, dir| {
            let text = fs::read_to_string(dir.join("sealed")).unwrap();
            let (rest, _) = text.split_once("root ").unwrap();
            let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
            fs::write(dir.join("sealed"), format!("{rest}root {root}\n")).unwrap();
        },
        words: "and its checkpoints do not",
    },
    Way {
        name: "no checkpoints",
        spoil: |_, dir| fs::remove_dir_all(dir.join("tlog")).unwrap(),
        words: "none are kept",
    },
    Way {
        name: "the log of another ledger",
        spoil: |_, dir| {
            let other = Ledger::with_obligations();
            fs::remove_dir_all(dir.join("log")).unwrap();
            copy(&other.dir().join("log"), &dir.join("log"));
        },
        words: "no key that the ledger names",
    },
    Way {
        name: "a flipped bit in a tile",
        spoil: |_, dir| {
            let tiles = fs::read_dir(dir.join("tlog/tile/0/000.p")).unwrap();
            tiles.for_each(|tile| flip(&tile.unwrap().path()));
        },
        words: "is not what the records come to",
    },
    Way {
        name: "a newer form",
        spoil: |_, dir| fs::write(dir.join("manifest.json"), r#"{"format":2,"parts":[]}"#).unwrap(),
        words: "is of format 2, and this program knows formats up to 1",
    },
    Way {
        name: "a manifest of another ledger",
        spoil: |_, dir| {
            let text = fs::read_to_string(dir.join("manifest.json")).unwrap();
            let mut manifest: Value = serde_json::from_str(&text).unwrap();
            manifest["ledger"] = "019d2f3a-9c1e-7b22-8a55-0d6f3f1c9e01".into();
            fs::write(dir.join("manifest.json"), manifest.to_string()).unwrap();
        },
        words: "the backup says that it is of the ledger 019d2f3a",
    },
    Way {
        name: "no manifest",
        spoil: |_, dir| fs::remove_file(dir.join("manifest.json")).unwrap(),
        words: "is no backup as socai backup makes them",
    },
    Way {
        name: "damaged persons",
        spoil: |_, dir| fs::write(dir.join("credentials.redb"), b"redb?").unwrap(),
        words: "what is known of persons is not restored",
    },
];

fn flip_record(dir: &Path) {
    let path = dir.join("log/00000000000000000001.seg");
    let mut bytes = fs::read(&path).unwrap();
    let wanted = b"2024-06-30";
    let place = bytes
        .windows(wanted.len())
        .position(|window| window == wanted);
    bytes[place.unwrap()] ^= 1;
    fs::write(&path, bytes).unwrap();
}

#[test]
fn each_way_to_spoil_a_backup_is_refused_with_a_sentence() {
    let backed = Backed::new();
    backed.copy("cu-hon");
    record(&backed.ledger, CLAIM);
    record(&backed.ledger, SUBMIT);
    backed.run();
    for (number, way) in WAYS.iter().enumerate() {
        let dir = backed.copy(&format!("hong-{number}"));
        (way.spoil)(&backed, &dir);
        let to = backed.target(&format!("kho-{number}"));
        let ran = restore(&dir, &to, &[]);
        assert_eq!(ran.code, 1, "{}: {ran:?}", way.name);
        assert!(ran.err.contains(way.words), "{}: {ran:?}", way.name);
        assert!(
            !to.join("log").exists(),
            "{}: nothing is restored",
            way.name
        );
    }
}

#[test]
fn a_key_on_paper_tells_a_backup_of_another_ledger() {
    let backed = Backed::new();
    let other = Ledger::new().run(&["key", "list", "--format", "json"]);
    let other = other.json().remove(0)[0]["key"]
        .as_str()
        .unwrap()
        .to_owned();
    let ran = restore(&backed.backup, &backed.target("kho"), &["--key", &other]);
    refused(&ran, "and not by the key that --key names");
}

#[test]
fn a_place_that_is_not_empty_is_refused_and_stays_as_it_is() {
    let backed = Backed::new();
    let ledger = backed.ledger.dir();
    refused(
        &restore(&backed.backup, ledger, &[]),
        "is not empty, and nothing was changed",
    );
    refused(
        &restore(&backed.backup, &backed.backup, &[]),
        "is not empty",
    );
    let before = backed.ledger.export();
    let itself = backed
        .ledger
        .run(&["backup", "--to", ledger.to_str().unwrap()]);
    refused(&itself, "is not empty, and nothing was changed");
    assert_eq!(backed.ledger.export(), before);
    let other = Ledger::new();
    let mixed = other.run(&["backup", "--to", backed.backup.to_str().unwrap()]);
    refused(&mixed, "is a backup of the ledger");
    backed.run();
}

#[test]
fn nothing_is_recorded_into_a_backup_or_into_half_a_restore() {
    let backed = Backed::new();
    let dir = backed.backup.to_str().unwrap();
    let record = socai(&["record", "-", "--data", dir], CLAIM.as_bytes());
    refused(&record, "is a backup, and nothing is recorded into it");
    refused(&socai(&["serve", "--data", dir], b""), "is a backup");
    let ledger = backed.ledger.dir().to_str().unwrap();
    refused(
        &socai(&["migrate", "--from", ledger, "--to", dir], b""),
        "is a backup",
    );
    let half = backed.target("nua-chung");
    copy(backed.ledger.dir(), &half);
    fs::write(half.join("restoring"), b"").unwrap();
    let dir = half.to_str().unwrap();
    for arguments in [
        &["record", "-", "--data", dir][..],
        &["units", "--data", dir],
    ] {
        refused(
            &socai(arguments, CLAIM.as_bytes()),
            "what a restore left that was cut off",
        );
    }
    refused(
        &restore(&backed.backup, &half, &[]),
        "what a restore left that was cut off",
    );
}

#[test]
fn a_ledger_that_was_put_back_is_not_backed_up_over_what_the_backup_has() {
    let backed = Backed::new();
    let older = backed.target("cu");
    copy(backed.ledger.dir(), &older);
    record(&backed.ledger, CLAIM);
    backed.run();
    let before = export(&backed.backup);
    let to = backed.backup.to_str().unwrap();
    let data = older.to_str().unwrap();
    // It is behind, and then another history goes on from there.
    let behind = socai(&["backup", "--data", data, "--to", to], b"");
    refused(
        &behind,
        "the ledger never signed what the copy was proven by",
    );
    let recorded = socai(&["record", "-", "--data", data], SUBMIT.as_bytes());
    assert_eq!(recorded.code, 0, "{recorded:?}");
    let forked = socai(&["backup", "--data", data, "--to", to], b"");
    refused(
        &forked,
        "the ledger never signed what the copy was proven by",
    );
    assert_eq!(export(&backed.backup), before);
}

#[test]
fn a_backup_that_was_spoilt_is_not_brought_on() {
    let backed = Backed::new();
    let older = backed.copy("cu-hon");
    record(&backed.ledger, SUBMIT);
    backed.run();
    let edited = backed.copy("sua");
    rewrite(&edited, |records| {
        let last = place(records, "report.submitted.v1");
        records[last] = records[last].replace("2024-07-19", "2024-07-18");
    });
    let shorter = backed.copy("ngan");
    fs::remove_dir_all(shorter.join("log")).unwrap();
    copy(&older.join("log"), &shorter.join("log"));
    flip_record(&backed.backup);
    record(&backed.ledger, CLAIM);
    for (dir, words) in [
        (&edited, "the copy is damaged: it was proven up to position"),
        (
            &shorter,
            "the copy is damaged: it was proven up to position",
        ),
        (&backed.backup, "checksum"),
    ] {
        let before = fs::read(dir.join("sealed")).unwrap();
        let to = dir.to_str().unwrap();
        refused(&backed.ledger.run(&["backup", "--to", to]), words);
        assert_eq!(fs::read(dir.join("sealed")).unwrap(), before);
    }
}

#[test]
fn a_ledger_that_is_not_what_was_sealed_does_not_pass_for_a_backup() {
    let backed = Backed::new();
    record(&backed.ledger, SUBMIT);
    let proven = fs::read(backed.backup.join("sealed")).unwrap();
    rewrite(backed.ledger.dir(), |records| {
        let last = place(records, "report.submitted.v1");
        records[last] = records[last].replace("2024-07-19", "2024-07-18");
    });
    refused(
        &backed.try_run(),
        "the copy does not agree with the checkpoint of",
    );
    assert_eq!(fs::read(backed.backup.join("sealed")).unwrap(), proven);
}

/// Kills of a run; the long form makes the campaign that a release is made on.
fn kills() -> u64 {
    if std::env::var_os("SOCAI_LONG").is_some() {
        200
    } else {
        12
    }
}

#[test]
fn killed_at_any_moment_a_run_leaves_the_backup_that_was_proven_before() {
    let backed = Backed::new();
    let (mut seed, mut proven) = (20_261_127, backed.run());
    for round in 0..kills() {
        let erased = store(&backed.ledger);
        store(&backed.ledger);
        let why = ["--reason", "gửi nhầm", "--by-unit", "c"];
        let erase = backed
            .ledger
            .run(&[&["attach", "erase", &erased][..], &why].concat());
        assert_eq!(erase.code, 0, "{erase:?}");
        let moment = Moment::of(round, &mut seed);
        moment.kill(&backed);
        let to = backed.target(&format!("kho-{round}"));
        let more = ["--unsealed", "leave", "--format", "json"];
        let restored = restore(&backed.backup, &to, &more);
        assert_eq!(restored.code, 0, "round {round}, {moment:?}: {restored:?}");
        let position = restored.json()[0]["position"].as_u64();
        assert!(position >= proven["position"].as_u64(), "round {round}");
        fs::remove_dir_all(to).unwrap();
        if round % 4 == 3 {
            proven = backed.run();
            let verified = socai(&["verify", backed.backup.to_str().unwrap()], b"");
            assert_eq!(verified.code, 0, "round {round}: {verified:?}");
        }
    }
}

/// When a run is ended as a power cut would.
#[derive(Debug)]
enum Moment {
    /// Anywhere within the work.
    After(Duration),
    /// As soon as this file of the backup is another one.
    Written(&'static str),
}

impl Moment {
    fn of(round: u64, seed: &mut u64) -> Self {
        match round % 4 {
            0 => Self::Written("sealed"),
            1 => Self::Written("tlog/checkpoints"),
            2 => Self::Written("manifest.json"),
            _ => Self::After(Duration::from_micros(random(seed) % 150_000)),
        }
    }

    fn kill(&self, backed: &Backed) {
        let before = self.look(backed);
        let mut process = Command::new(BINARY)
            .args(["backup", "--data", backed.ledger.dir().to_str().unwrap()])
            .args(["--to", backed.backup.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while process.try_wait().unwrap().is_none() && !self.has_come(backed, begun, &before) {
            std::thread::yield_now();
        }
        // It may have ended by itself.
        let _ = process.kill();
        process.wait().unwrap();
    }

    fn look(&self, backed: &Backed) -> Vec<u8> {
        match self {
            Self::After(_) => Vec::new(),
            Self::Written(file) => fs::read(backed.backup.join(file)).unwrap(),
        }
    }

    fn has_come(&self, backed: &Backed, begun: Instant, before: &[u8]) -> bool {
        match self {
            Self::After(pause) => begun.elapsed() >= *pause,
            Self::Written(_) => self.look(backed) != before,
        }
    }
}

#[test]
fn a_ledger_that_was_never_sealed_is_not_backed_up_and_it_is_said_why() {
    let ledger = Ledger::made_without_a_key();
    let to = ledger.dir().with_file_name("ban-sao");
    let ran = ledger.run(&["backup", "--to", to.to_str().unwrap()]);
    refused(&ran, "nothing was ever sealed");
}

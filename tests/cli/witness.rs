//! A witness as the committee runs it, and a ledger that is cosigned by one.

mod answers;
mod ledger;
mod state;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use socai_tlog::{
    AddCheckpoint, Checkpoint, Hash, KeyKind, Signature, SigningKey, VerifierKey, consistency_in,
    root_of,
};
use tempfile::TempDir;

use crate::socai::{BINARY, Ran, socai};

/// A witness in a directory of its own.
struct Witness {
    home: TempDir,
    key: VerifierKey,
}

impl Witness {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("witness");
        let made = socai(
            &[
                "witness",
                "init",
                dir.to_str().unwrap(),
                "--name",
                "witness.example/committee",
            ],
            b"",
        );
        assert_eq!(made.code, 0, "{made:?}");
        let key = made.out.trim().parse().unwrap();
        Self { home, key }
    }

    /// A new one that knows the log with this key.
    fn knowing(log: &VerifierKey) -> Self {
        let witness = Self::new();
        let told = witness.trust(log, &[]);
        assert_eq!(told.code, 0, "{told:?}");
        witness
    }

    fn dir(&self) -> PathBuf {
        self.home.path().join("witness")
    }

    fn run(&self, act: &str, arguments: &[&str], input: &[u8]) -> Ran {
        let dir = self.dir();
        let own = ["witness", act, dir.to_str().unwrap()];
        socai(&[&own, arguments].concat(), input)
    }

    fn trust(&self, log: &VerifierKey, options: &[&str]) -> Ran {
        let key = log.to_string();
        self.run("trust", &[&[key.as_str()], options].concat(), b"")
    }

    fn sign(&self, request: &[u8]) -> Ran {
        self.run("sign", &[], request)
    }

    /// What it says of the only log that it knows: size and root.
    fn last(&self) -> Option<(u64, String)> {
        let ran = self.run("status", &["--format", "json"], b"");
        assert_eq!(ran.code, 0, "{ran:?}");
        let row = &ran.json()[0][0];
        let root = row["root"].as_str()?.to_owned();
        Some((row["size"].as_u64()?, root))
    }

    fn serve(&self) -> Serving {
        Serving::start(&["witness", "serve", self.dir().to_str().unwrap()])
    }
}

/// A process that answers over HTTP.
struct Serving {
    process: Child,
    address: String,
}

/// What it answers.
#[derive(Debug)]
struct Answered {
    status: u16,
    head: String,
    body: String,
}

impl Serving {
    fn start(arguments: &[&str]) -> Self {
        let mut process = Command::new(BINARY)
            .args(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let listening = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, rest) = line.split_once("listening address=")?;
            rest.split(' ').next().map(str::to_owned)
        });
        // Whoever writes to a log that nobody reads would be ended by it.
        std::thread::spawn(move || lines.for_each(drop));
        let address = listening.expect("it says where it listens");
        Self { process, address }
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn get(&self, path: &str) -> Answered {
        let request = format!("GET {path} HTTP/1.1\r\nHost: w\r\nConnection: close\r\n\r\n");
        ask(&self.address, request.as_bytes()).unwrap()
    }

    fn post(&self, body: &[u8]) -> Answered {
        post(&self.address, body).unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Asks whoever listens there to cosign; `None` where there is no whole answer.
fn post(address: &str, body: &[u8]) -> Option<Answered> {
    let head = format!(
        "POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    ask(address, &[head.as_bytes(), body].concat())
}

fn ask(address: &str, request: &[u8]) -> Option<Answered> {
    let mut stream = TcpStream::connect(address).ok()?;
    // One that answers before it has read everything closes its side.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.to_ascii_lowercase();
    let length = length
        .split("content-length: ")
        .nth(1)?
        .lines()
        .next()?
        .trim()
        .parse();
    (length == Ok(body.len())).then(|| Answered {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

/// A log of the tests, without a ledger.
struct Log {
    key: SigningKey,
    leaves: Vec<Hash>,
}

impl Log {
    /// With `size` leaves of this kind; logs of two kinds have different histories.
    fn new(origin: &str, size: usize, kind: &str) -> Self {
        let leaf = |n| Hash::of_leaf(format!("{kind} {n}").as_bytes());
        Self {
            key: SigningKey::from_seed(origin, KeyKind::Ed25519, [1; 32]).unwrap(),
            leaves: (0..size).map(leaf).collect(),
        }
    }

    fn verifier(&self) -> &VerifierKey {
        self.key.verifier_key()
    }

    fn checkpoint(&self, size: usize) -> Checkpoint {
        Checkpoint {
            origin: self.verifier().name().to_owned(),
            size: size as u64,
            root: root_of(&self.leaves[..size]),
            extensions: Vec::new(),
        }
    }

    /// A request to cosign `size`, after `old`.
    fn request(&self, old: u64, size: usize) -> Vec<u8> {
        self.request_by(&self.key, old, size)
    }

    fn request_by(&self, key: &SigningKey, old: u64, size: usize) -> Vec<u8> {
        let proof = if old == 0 {
            None
        } else {
            consistency_in(&self.leaves[..size], old)
        };
        let request = AddCheckpoint {
            old,
            proof: proof.unwrap_or_default(),
            checkpoint: self.checkpoint(size).sign(&[key]),
        };
        request.to_string().into_bytes()
    }
}

/// Whether `answer` is this witness's cosignature of the checkpoint.
fn cosigns(answer: &str, checkpoint: &Checkpoint, key: &VerifierKey) -> bool {
    let lines = Signature::parse_lines(answer.as_bytes()).unwrap_or_default();
    lines.len() == 1 && key.verify(&checkpoint.text(), &lines[0]).is_ok()
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(copied.unwrap().success());
}

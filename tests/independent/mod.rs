//! Verifiers that share no code with this project, run as programs: Go's own packages for signed notes and tiled
//! logs, tlog-scales from PyPI, and `ops/verify/verify.py`. `ops/test` installs what they need.
#![allow(dead_code, reason = "each program of tests uses a part of it")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs, process};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/independent");
const VERIFY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ops/verify/verify.py");
/// Where Debian puts the sources of Go libraries.
const GO_LIBRARIES: &str = "/usr/share/gocode";

/// What a verifier says, and its exit status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) code: i32,
    pub(crate) said: String,
}

impl Verdict {
    /// Whether it says this: an exit status, and words among others.
    pub(crate) fn is(&self, (code, words): (i32, &str)) -> bool {
        self.code == code && self.said.contains(words)
    }

    #[track_caller]
    pub(crate) fn says(&self, expected: (i32, &str), story: &str) {
        assert!(self.is(expected), "{story}: {expected:?}, not {self:?}");
    }

    #[track_caller]
    pub(crate) fn accepts(&self, story: &str) {
        self.says((0, ""), story);
    }

    /// It says no, in these words.
    #[track_caller]
    pub(crate) fn rejects(&self, words: &str, story: &str) {
        self.says((1, words), story);
    }
}

/// What is checked of a log: DIR holds `checkpoint` and `tile/`, the records are one a line.
pub(crate) struct Log {
    pub(crate) dir: PathBuf,
    pub(crate) records: PathBuf,
    /// Files of older checkpoints.
    pub(crate) older: Vec<PathBuf>,
    /// The log's key, then those of witnesses.
    pub(crate) keys: Vec<String>,
    /// How many witnesses must have signed.
    pub(crate) cosignatures: usize,
}

impl Log {
    pub(crate) fn by_go(&self) -> Verdict {
        let mut go = go("tiles", &self.dir, &self.keys, self.cosignatures);
        verdict(go.arg("-records").arg(&self.records).args(&self.older))
    }

    pub(crate) fn by_scales(&self) -> Verdict {
        let mut scales = scales("tiles", &self.dir, &self.keys, self.cosignatures);
        scales.arg("--records").arg(&self.records);
        for older in &self.older {
            scales.arg("--older").arg(older);
        }
        verdict(&mut scales)
    }
}

/// What is checked of an unzipped bundle: every checkpoint, and every record against the top one.
pub(crate) struct Bundle {
    pub(crate) dir: PathBuf,
    pub(crate) keys: Vec<String>,
    pub(crate) cosignatures: usize,
}

impl Bundle {
    pub(crate) fn by_go(&self) -> Verdict {
        verdict(&mut go("bundle", &self.dir, &self.keys, self.cosignatures))
    }

    pub(crate) fn by_scales(&self) -> Verdict {
        verdict(&mut scales(
            "bundle",
            &self.dir,
            &self.keys,
            self.cosignatures,
        ))
    }
}

/// `ops/verify/verify.py`, as an inspector runs it.
pub(crate) fn verify_py(bundle: &Path, policy: Option<&Path>) -> Verdict {
    verdict(python().arg(VERIFY).arg(bundle).args(policy))
}

/// What `tlog-tiles gen-proof` of tlog-scales writes.
pub(crate) fn proof_by_scales(dir: &Path, index: u64) -> Verdict {
    let mut command = Command::new(tools().join("tlog-scales/bin/tlog-tiles"));
    verdict(command.arg("gen-proof").arg(dir).arg(index.to_string()))
}

/// A Python file of this folder.
pub(crate) fn script(name: &str) -> Command {
    let mut command = python();
    command.arg(Path::new(FOLDER).join(name));
    command
}

/// The client of `grpc_client.py`, with the packages that `ops/grpc.txt` pins.
pub(crate) fn grpc_client() -> Command {
    let mut client = Command::new(tools().join("grpc/bin/python"));
    client
        .arg("-B")
        .arg(Path::new(FOLDER).join("grpc_client.py"));
    client
}

/// Runs `command`.
#[track_caller]
pub(crate) fn verdict(command: &mut Command) -> Verdict {
    let ran = command.output();
    let ran = ran.unwrap_or_else(|error| {
        panic!("{command:?}: {error}; ./ops/test installs what is missing")
    });
    let said = [ran.stdout, ran.stderr].concat();
    Verdict {
        code: ran.status.code().unwrap_or(-1),
        said: String::from_utf8_lossy(&said).into_owned(),
    }
}

/// Python that leaves no compiled files beside what it runs.
fn python() -> Command {
    let mut command = Command::new("python3");
    command.arg("-B");
    command
}

fn go(what: &str, dir: &Path, keys: &[String], cosignatures: usize) -> Command {
    let mut command = Command::new(built_go());
    command.arg(what).arg("-dir").arg(dir);
    command.args(["-cosignatures", &cosignatures.to_string()]);
    command.args(keys.iter().flat_map(|key| ["-key", key]));
    command
}

fn scales(what: &str, dir: &Path, keys: &[String], cosignatures: usize) -> Command {
    let mut command = Command::new(tools().join("tlog-scales/bin/python"));
    command.arg("-B").arg(Path::new(FOLDER).join("scales.py"));
    command.arg(what).arg(dir).args(keys);
    command.args(["--cosignatures", &cosignatures.to_string()]);
    command
}

/// The program in `go/`, built once a process and put in its place whole: others may be running it.
fn built_go() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let place = env::current_exe().unwrap();
        let place = place.with_file_name("independent-go");
        let draft = place.with_extension(process::id().to_string());
        let mut command = Command::new("go");
        command.env("GO111MODULE", "off").env("GOFLAGS", "");
        command.env("GOPATH", GO_LIBRARIES);
        command.env("GOCACHE", tools().join("go"));
        command.current_dir(Path::new(FOLDER).join("go"));
        let built = verdict(command.arg("build").arg("-o").arg(&draft));
        built.accepts("go build");
        fs::rename(&draft, &place).unwrap();
        place
    })
}

/// Where `ops/test` installs tools.
fn tools() -> PathBuf {
    let tools = env::var_os("SOCAI_TOOLS").map(PathBuf::from);
    let cached = env::home_dir().map(|home| home.join(".cache/socai/tools"));
    let mut places = tools.into_iter().chain(cached);
    let found = places.find(|place| place.join("tlog-scales").is_dir());
    found.expect("tlog-scales is installed by ./ops/test, in $SOCAI_TOOLS")
}

//! One nats-server that syncs every write, in a directory of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

pub(super) struct Server {
    child: Child,
    home: TempDir,
    pub(super) address: String,
}

impl Server {
    /// Starts a server on a free port, which it says in its log.
    pub(super) fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().display();
        let config = format!(
            "listen: \"127.0.0.1:-1\"\njetstream {{ store_dir: \"{dir}/js\", sync_interval: always }}\n"
        );
        std::fs::write(home.path().join("conf"), config).unwrap();
        let mut server = Command::new(program());
        let server = server.arg("-c").arg(home.path().join("conf"));
        let mut child = server.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let (mut address, mut told) = (None, Vec::new());
        while !told
            .iter()
            .any(|line: &String| line.ends_with("Server is ready"))
        {
            let line = log
                .next()
                .unwrap_or_else(|| panic!("it ended: {told:#?}"))
                .unwrap();
            let heard = line.split_once("client connections on ");
            address = address.or(heard.map(|(_, address)| address.to_owned()));
            told.push(line);
        }
        std::thread::spawn(move || log.count());
        Self {
            child,
            home,
            address: address.unwrap(),
        }
    }

    /// Where it keeps what it is told.
    pub(super) fn dir(&self) -> &Path {
        self.home.path()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn program() -> PathBuf {
    let from =
        |name: &str, below: &str| std::env::var_os(name).map(|dir| PathBuf::from(dir).join(below));
    let tools = [
        from("SOCAI_TOOLS", "bin"),
        from("HOME", ".cache/socai/tools/bin"),
    ];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = tools
        .into_iter()
        .flatten()
        .chain(std::env::split_paths(&path));
    let found = dirs
        .map(|dir| dir.join("nats-server"))
        .find(|file| file.is_file());
    found.expect("there is no nats-server: run ./ops/test, which installs it")
}

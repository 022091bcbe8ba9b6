//! nats-server, alone or as a cluster of three, started from the very files in `ops/nats`.
#![allow(dead_code, reason = "each program of tests uses a part of it")]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const CONFIGURATION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ops/nats");
const START: Duration = Duration::from_secs(20);

/// Passwords of the users in `ops/nats/accounts.conf`. They guard nothing but this test.
const PASSWORDS: [(&str, &str); 4] = [
    ("SOCAI_NATS_GATEWAY_PASSWORD", "of-the-gateway"),
    ("SOCAI_NATS_READER_PASSWORD", "of-a-reader"),
    ("SOCAI_NATS_SYSTEM_PASSWORD", "of-the-system"),
    ("SOCAI_NATS_CLUSTER_PASSWORD", "of-the-routes"),
];

/// Where a server's configuration comes from.
pub(crate) enum Configuration {
    /// `ops/nats/server.conf`, as it is shipped.
    Shipped,
    /// A text of the test's own. `{port}` and `{store}` stand for what is chosen at the start.
    Own(String),
}

/// One server. It ends, and its directory goes, with this value.
pub(crate) struct Server {
    pub(crate) name: String,
    dir: TempDir,
    port: u16,
    environment: Vec<(String, String)>,
    file: PathBuf,
    process: Option<Child>,
}

impl Server {
    /// A server alone, from `ops/nats/server.conf`.
    pub(crate) fn start() -> Self {
        Self::configured(Configuration::Shipped)
    }

    pub(crate) fn configured(configuration: Configuration) -> Self {
        let mut server = Self::prepare("n1", configuration);
        server.run();
        server.wait_until_ready();
        server
    }

    fn prepare(name: &str, configuration: Configuration) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = free_port();
        let listen = format!("127.0.0.1:{port}");
        let store = dir.path().join("store").display().to_string();
        let file = match configuration {
            Configuration::Shipped => Path::new(CONFIGURATION).join("server.conf"),
            Configuration::Own(text) => {
                let text = text.replace("{port}", &port.to_string());
                let file = dir.path().join("own.conf");
                fs::write(&file, text.replace("{store}", &store)).unwrap();
                file
            }
        };
        for (variable, password) in PASSWORDS {
            fs::write(dir.path().join(variable), password).unwrap();
        }
        let own = [
            ("SOCAI_NATS_NAME", name),
            ("SOCAI_NATS_LISTEN", &listen),
            ("SOCAI_NATS_STORE", &store),
        ];
        let environment = own.into_iter().chain(PASSWORDS);
        let environment = environment.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let environment = environment.collect();
        let name = name.to_owned();
        Self {
            name,
            dir,
            port,
            environment,
            file,
            process: None,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The file that holds the password of `user`.
    pub(crate) fn password(&self, user: &str) -> PathBuf {
        let variable = match user {
            "gateway" => "SOCAI_NATS_GATEWAY_PASSWORD",
            "reader" => "SOCAI_NATS_READER_PASSWORD",
            "auditor" => "SOCAI_NATS_SYSTEM_PASSWORD",
            other => panic!("{other} is not in ops/nats/accounts.conf"),
        };
        self.dir.path().join(variable)
    }

    /// Where the server keeps its streams.
    pub(crate) fn store(&self) -> PathBuf {
        self.dir.path().join("store")
    }

    fn run(&mut self) {
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.log())
            .unwrap();
        let process = Command::new(program())
            .arg("-c")
            .arg(&self.file)
            .envs(self.environment.clone())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        self.process = Some(process.unwrap());
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    /// Waits until it takes clients and its JetStream answers.
    fn wait_until_ready(&mut self) {
        let deadline = Instant::now() + START;
        while !self.greets() {
            let ended = self
                .process
                .as_mut()
                .and_then(|process| process.try_wait().unwrap());
            if ended.is_some() || Instant::now() > deadline {
                panic!(
                    "nats-server {} did not start:\n{}",
                    self.name,
                    self.log_tail()
                );
            }
            pause();
        }
    }

    fn greets(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) else {
            return false;
        };
        stream
            .set_read_timeout(Some(Duration::from_secs(1)))
            .unwrap();
        let mut info = [0; 4];
        stream.read_exact(&mut info).is_ok() && &info == b"INFO" && stream.write_all(b"").is_ok()
    }

    fn log_tail(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Replaces `from` by `to` in a configuration of the test's own; it holds from the next start on.
    pub(crate) fn reconfigure(&self, from: &str, to: &str) {
        let text = fs::read_to_string(&self.file).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(&self.file, text.replace(from, to)).unwrap();
    }

    /// Ends it as a power cut would end a process.
    pub(crate) fn kill9(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Ends it as an operator would.
    pub(crate) fn stop(&mut self) {
        self.signal("TERM");
        if let Some(mut process) = self.process.take() {
            process.wait().unwrap();
        }
    }

    pub(crate) fn restart(&mut self) {
        self.kill9();
        self.start_again();
    }

    /// Starts it again where those who know its address do not find it, and says where it was.
    pub(crate) fn on_another_port(&mut self) -> u16 {
        let port = std::mem::replace(&mut self.port, free_port());
        self.listen();
        self.start_again();
        port
    }

    /// Starts it again where it was.
    pub(crate) fn back_on(&mut self, port: u16) {
        self.port = port;
        self.listen();
        self.start_again();
    }

    fn listen(&mut self) {
        let listen = format!("127.0.0.1:{}", self.port);
        self.environment
            .push(("SOCAI_NATS_LISTEN".to_owned(), listen));
    }

    pub(crate) fn start_again(&mut self) {
        self.run();
        self.wait_until_ready();
    }

    /// Stops it where it stands; to others it is silent. A thread that runs on another core hears of it a moment
    /// later, and could answer meanwhile: it is waited for.
    pub(crate) fn pause(&self) {
        self.signal("STOP");
        let Some(process) = &self.process else { return };
        let begun = Instant::now();
        while !stands_still(process.id()) {
            assert!(begun.elapsed() < START, "it does not stop");
            pause();
        }
    }

    pub(crate) fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let Some(process) = &self.process else {
            return;
        };
        let status = Command::new("kill")
            .arg(format!("-{signal}"))
            .arg(process.id().to_string())
            .status();
        assert!(status.unwrap().success(), "kill -{signal}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("nats-server {}:\n{}", self.name, self.log_tail());
        }
        self.kill9();
    }
}

/// Three servers that keep everything together, from `ops/nats/cluster/node.conf`.
pub(crate) struct Cluster {
    pub(crate) servers: Vec<Server>,
}

impl Cluster {
    pub(crate) fn start() -> Self {
        let routes: Vec<u16> = (0..3).map(|_| free_port()).collect();
        let file = Path::new(CONFIGURATION).join("cluster/node.conf");
        let servers = (0..3).map(|number| {
            let name = format!("n{}", number + 1);
            let mut server = Server::prepare(&name, Configuration::Shipped);
            server.file.clone_from(&file);
            let listen = format!("127.0.0.1:{}", routes[number]);
            let listen = ("SOCAI_NATS_CLUSTER_LISTEN".to_owned(), listen);
            server.environment.push(listen);
            for (other, port) in routes.iter().enumerate() {
                let route = format!("nats://routes:of-the-routes@127.0.0.1:{port}");
                let variable = format!("SOCAI_NATS_ROUTE_{}", other + 1);
                server.environment.push((variable, route));
            }
            server.run();
            server
        });
        let mut cluster = Self {
            servers: servers.collect(),
        };
        for server in &mut cluster.servers {
            server.wait_until_ready();
        }
        cluster
    }

    pub(crate) fn urls(&self) -> Vec<String> {
        self.servers.iter().map(Server::url).collect()
    }

    pub(crate) fn server(&mut self, name: &str) -> &mut Server {
        let mut servers = self.servers.iter_mut();
        servers.find(|server| server.name == name).unwrap()
    }
}

/// A port that nobody has now. Nobody else is given it for a while, so it is still free in a moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Whether every thread of `process` is stopped.
fn stands_still(process: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    threads.flatten().all(|thread| {
        let told = std::fs::read_to_string(thread.path().join("status"));
        told.is_ok_and(|told| told.contains("State:\tT"))
    })
}

/// Between two looks at something that is about to be there.
fn pause() {
    std::thread::park_timeout(Duration::from_millis(10));
}

fn program() -> PathBuf {
    let tools = std::env::var_os("SOCAI_TOOLS").map(PathBuf::from);
    let cached = std::env::home_dir().map(|home| home.join(".cache/socai/tools"));
    let places = tools
        .into_iter()
        .chain(cached)
        .map(|place| place.join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places = places.chain(std::env::split_paths(&path));
    let found = places.find_map(|place| {
        let program = place.join("nats-server");
        program.is_file().then_some(program)
    });
    found.expect("nats-server is not installed: run ./ops/test, which installs it")
}

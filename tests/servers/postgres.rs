//! PostgreSQL for one test: a server of its own on a free port and a Unix socket, with the settings and
//! roles of `ops/postgres`, ended with its value.
//!
//! A server takes a second to start: `initdb` ran once on this machine and is copied.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use socai_view_postgres::{Settings, SslMode};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

const ROLES: &str = include_str!("../../ops/postgres/roles.sql");
const SETTINGS: &str = include_str!("../../ops/postgres/postgresql.conf");

/// How long a server may take to start, on a machine with a lot else to do.
const START: Duration = Duration::from_secs(60);

/// What a server with TLS is asked for as.
const TLS_HOST: &str = "localhost";

/// A running server with the database `socai`.
pub(crate) struct Postgres {
    folder: TempDir,
    port: u16,
    server: Option<Child>,
}

impl Postgres {
    /// Starts a server, and makes the roles.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("socai-pg-")
            .tempdir_in("/tmp")
            .unwrap();
        let data = folder.path().join("data");
        copy(&template(), &data);
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut postgres = Self {
            folder,
            port,
            server: None,
        };
        own(postgres.folder.path());
        configure(&data);
        postgres.restart().await;
        let root = postgres.client("postgres", "postgres").await;
        root.batch_execute("CREATE DATABASE socai").await.unwrap();
        let root = postgres.client("postgres", "socai").await;
        root.batch_execute(ROLES).await.unwrap();
        postgres
    }

    /// Starts the server again, after [`kill`](Self::kill).
    pub(crate) async fn restart(&mut self) {
        assert!(self.server.is_none(), "it runs");
        let data = self.folder.path().join("data");
        // What a killed server leaves names a process that is not there.
        drop(fs::remove_file(data.join("postmaster.pid")));
        let log = fs::File::create(self.log()).unwrap();
        let mut command = Command::new(program("postgres"));
        command
            .arg("-D")
            .arg(&data)
            .args(["-p", &self.port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .arg("-c")
            .arg(format!("unix_socket_directories={}", self.socket()))
            .args([
                "-c",
                "shared_buffers=64MB",
                "-c",
                "log_min_messages=warning",
            ])
            .stdout(Stdio::null())
            .stderr(log);
        as_postgres(&mut command);
        self.server = Some(command.spawn().unwrap());
        let deadline = Instant::now() + START;
        while self.connect("postgres", "postgres").await.is_err() {
            if Instant::now() > deadline || self.has_ended() {
                panic!("PostgreSQL does not start:\n{}", tail(&self.log()));
            }
            tokio::task::yield_now().await;
            std::thread::yield_now();
        }
    }

    /// Ends the server and all it started as a power failure would.
    pub(crate) fn kill(&mut self) {
        let mut server = self.server.take().expect("it runs");
        let started = children(server.id());
        server.kill().unwrap();
        server.wait().unwrap();
        // They notice that their parent is gone only once they have something to do.
        started
            .into_iter()
            .for_each(|process| signal(process, "-KILL"));
    }

    /// Settings with which the view reaches it.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            host: self.socket(),
            port: self.port,
            retry_delay_ms_min: 10,
            retry_delay_ms_max: 200,
            standby_poll_ms: 50,
            ..Settings::default()
        }
    }

    /// Settings with which the view reaches it over TCP, where every role has a password of its own: that of
    /// `settings_with_passwords`, in a file named for the role.
    pub(crate) async fn settings_with_passwords(&mut self) -> Settings {
        let folder = self.folder.path().to_owned();
        let root = self.session("postgres").await;
        for role in ["socai_owner", "socai_projector", "grafana_reader"] {
            let set = format!("ALTER ROLE {role} PASSWORD 'of-{role}'");
            root.batch_execute(&set).await.unwrap();
            fs::write(folder.join(role), format!("of-{role}\n")).unwrap();
        }
        let rules = "local all postgres trust\nhost all all all scram-sha-256\n";
        fs::write(folder.join("data/pg_hba.conf"), rules).unwrap();
        root.batch_execute("SELECT pg_reload_conf()").await.unwrap();
        let file = |role: &str| Some(folder.join(role));
        Settings {
            host: "127.0.0.1".to_owned(),
            password_file: file("socai_projector"),
            owner_password_file: file("socai_owner"),
            reader_password_file: file("grafana_reader"),
            ..self.settings()
        }
    }

    /// Settings with which the view reaches it over TLS, by the certificate of who signed the server's. It
    /// takes no other connection over TCP then.
    pub(crate) async fn settings_with_tls(&mut self) -> Settings {
        let folder = self.folder.path().to_owned();
        certify(&folder);
        let data = folder.join("data");
        fs::write(
            data.join("pg_hba.conf"),
            "local all all trust\nhostssl all all all trust\n",
        )
        .unwrap();
        let path = data.join("postgresql.conf");
        let own = fs::read_to_string(&path).unwrap();
        let (certificate, key) = (folder.join("server.pem"), folder.join("server.key"));
        let tls = format!(
            "ssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'\n",
            certificate.display(),
            key.display()
        );
        fs::write(path, own + &tls).unwrap();
        self.kill();
        self.restart().await;
        Settings {
            host: TLS_HOST.to_owned(),
            sslmode: SslMode::VerifyFull,
            ca_file: Some(folder.join("ca.pem")),
            ..self.settings()
        }
    }

    /// The port on 127.0.0.1.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A session of `user` in the database `socai`.
    pub(crate) async fn session(&self, user: &str) -> Client {
        self.client(user, "socai").await
    }

    async fn client(&self, user: &str, database: &str) -> Client {
        self.connect(user, database).await.unwrap()
    }

    async fn connect(&self, user: &str, database: &str) -> Result<Client, tokio_postgres::Error> {
        let socket = self.socket();
        let (client, connection) = tokio_postgres::Config::new()
            .host(&socket)
            .port(self.port)
            .user(user)
            .dbname(database)
            .connect(NoTls)
            .await?;
        tokio::spawn(connection);
        Ok(client)
    }

    fn socket(&self) -> String {
        self.folder.path().to_str().unwrap().to_owned()
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn has_ended(&mut self) -> bool {
        let server = self.server.as_mut().expect("it was started");
        server.try_wait().unwrap().is_some()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let Some(mut server) = self.server.take() else {
            return;
        };
        // At once, and its processes with it.
        signal(server.id(), "-QUIT");
        drop(server.wait());
    }
}

fn signal(process: u32, signal: &str) {
    let sent = Command::new("kill")
        .args([signal, &process.to_string()])
        .stderr(Stdio::null())
        .status();
    drop(sent);
}

fn children(parent: u32) -> Vec<u32> {
    let text = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    let text = text.unwrap_or_default();
    text.split_whitespace()
        .filter_map(|id| id.parse().ok())
        .collect()
}

/// A folder that initdb made, once for this machine.
fn template() -> PathBuf {
    let version = Command::new(program("postgres"))
        .arg("--version")
        .output()
        .unwrap();
    let version: String = String::from_utf8_lossy(&version.stdout)
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let ready = PathBuf::from(format!("/tmp/socai-initdb-{version}-{}", user()));
    if !ready.exists() {
        let making = tempfile::Builder::new()
            .prefix("socai-initdb-")
            .tempdir_in("/tmp")
            .unwrap();
        own(making.path());
        init(&making.path().join("data"));
        // Whoever comes second throws its own away.
        drop(fs::rename(making.path().join("data"), &ready));
    }
    ready
}

fn init(data: &Path) {
    let mut command = Command::new(program("initdb"));
    command.arg("-D").arg(data).args([
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]);
    as_postgres(&mut command);
    let made = command.output().unwrap();
    assert!(
        made.status.success(),
        "initdb: {}",
        String::from_utf8_lossy(&made.stderr)
    );
}

/// Makes an authority and a certificate of the server that it signed.
fn certify(folder: &Path) {
    let script = format!(
        "set -e; openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.pem; \
         openssl req -newkey rsa:2048 -nodes -subj /CN={TLS_HOST} -keyout server.key -out server.csr; \
         printf 'subjectAltName=DNS:{TLS_HOST}' > names; \
         openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -days 2 -extfile names -out server.pem"
    );
    let made = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "openssl: {}",
        String::from_utf8_lossy(&made.stderr)
    );
    own(&folder.join("server.key"));
    own(&folder.join("server.pem"));
}

fn configure(data: &Path) {
    let path = data.join("postgresql.conf");
    let own = fs::read_to_string(&path).unwrap();
    fs::write(path, format!("{own}\n{SETTINGS}")).unwrap();
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(copied.unwrap().success(), "cp -a {}", from.display());
}

/// Where this process is root, the server runs as the user `postgres`: it refuses to be root.
fn as_postgres(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    if let Some((uid, gid)) = server_user() {
        command.uid(uid).gid(gid);
    }
    command.current_dir("/tmp");
}

/// Gives what is in `folder` to whom the server runs as.
fn own(folder: &Path) {
    if let Some((uid, gid)) = server_user() {
        std::os::unix::fs::chown(folder, Some(uid), Some(gid)).unwrap();
    }
}

/// Whom this process runs as.
fn user() -> u32 {
    fs::metadata("/proc/self").unwrap().uid()
}

fn server_user() -> Option<(u32, u32)> {
    if user() != 0 {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let user = users.lines().find(|line| line.starts_with("postgres:"));
    let user = user.expect("the user postgres is here: run ./ops/test, which installs it");
    let mut ids = user.split(':').skip(2).map(|id| id.parse().unwrap());
    Some((ids.next().unwrap(), ids.next().unwrap()))
}

/// A program of PostgreSQL.
fn program(name: &str) -> PathBuf {
    let tools = std::env::var_os("SOCAI_TOOLS").map(PathBuf::from);
    let cached = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/socai/tools"));
    let ours = [tools, cached]
        .into_iter()
        .flatten()
        .map(|folder| folder.join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let debian = debian.map(|entry| entry.unwrap().path().join("bin"));
    let folders = ours.chain(std::env::split_paths(&path)).chain(debian);
    folders
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .unwrap_or_else(|| {
            panic!("{name} of PostgreSQL is missing: run ./ops/test, which installs it")
        })
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(30).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

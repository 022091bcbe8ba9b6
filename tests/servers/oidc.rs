//! An OpenID provider (`tests/servers/oidc/server.js`), and a browser in which a person logs in there.
#![allow(dead_code, reason = "each program of tests uses a part of it")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use ureq::http::header::{COOKIE, LOCATION, SET_COOKIE};
use ureq::http::{Request, Response};
use ureq::{Agent, Body};

const SCRIPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/servers/oidc/server.js"
);

/// A provider with the client `socai`, and another one called `other`. It ends with this value.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    folder: TempDir,
    process: Child,
}

impl Provider {
    /// A provider that sends browsers back to `redirect_url`.
    pub(crate) fn start(redirect_url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let mut process = Command::new("node")
            .arg(SCRIPT)
            .arg(modules())
            .arg(redirect_url)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("node is not installed: run ./ops/test, which installs it");
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        let issuer = lines.find(|line| line.starts_with("http://"));
        let issuer = issuer.unwrap_or_else(|| {
            panic!(
                "the provider did not start:\n{}",
                read(&folder.path().join("log"))
            )
        });
        for client in ["socai", "other"] {
            let secret = format!("of-the-client-{client}\n");
            std::fs::write(folder.path().join(client), secret).unwrap();
        }
        Self {
            issuer,
            folder,
            process,
        }
    }

    /// The file with the secret of `client`.
    pub(crate) fn secret(&self, client: &str) -> PathBuf {
        self.folder.path().join(client)
    }

    /// It signs with another key from now on, of another kind, and publishes only that one.
    pub(crate) fn change_keys(&self) {
        self.told("/test/keys");
    }

    /// Its next ID token is not what it should be: see `server.js`.
    pub(crate) fn lie(&self, how: &str) {
        self.told(&format!("/test/lie?as={how}"));
    }

    fn told(&self, path: &str) {
        let told = agent().post(format!("{}{path}", self.issuer)).send_empty();
        assert!(told.unwrap().status().is_success(), "{path}");
    }

    pub(crate) fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A browser: it keeps cookies, those of each host and port for itself, and follows where it is sent.
#[derive(Default)]
pub(crate) struct Browser {
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

impl Browser {
    /// Goes to `address` at a provider, logs in there as `login`, and answers the address that it is sent back to.
    pub(crate) fn log_in_at(&mut self, issuer: &str, address: &str, login: &str) -> String {
        let mut here = address.to_owned();
        loop {
            let mut page = self.get(&here);
            if page.status().is_redirection() {
                here = location(&page, &here);
                if !here.starts_with(issuer) {
                    return here;
                }
                continue;
            }
            let text = page.body_mut().read_to_string().unwrap();
            let (_, form) = text.split_once("<form").expect("a page to log in on");
            let action = form.split('"').find(|part| part.starts_with(issuer));
            let action = action.unwrap_or_else(|| panic!("no form in {text}"));
            let filled = format!("prompt=login&login={login}&password=whatever");
            here = location(&self.post(action, &filled), action);
        }
    }

    pub(crate) fn get(&mut self, address: &str) -> Response<Body> {
        let request = Request::get(address).header(COOKIE, self.cookies_for(address));
        let answer = agent().run(request.body(()).unwrap()).unwrap();
        self.keep(address, &answer);
        answer
    }

    fn post(&mut self, address: &str, form: &str) -> Response<Body> {
        let request = Request::post(address)
            .header(COOKIE, self.cookies_for(address))
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = agent().run(request.body(form).unwrap()).unwrap();
        self.keep(address, &answer);
        answer
    }

    /// Takes a cookie, `name=value`, that somebody slips into it for `address`.
    pub(crate) fn take(&mut self, address: &str, cookie: &str) {
        let (name, value) = cookie.split_once('=').unwrap();
        let cookies = self.cookies.entry(host(address).to_owned()).or_default();
        cookies.insert(name.to_owned(), value.to_owned());
    }

    /// The cookies that it sends to `address`, paths disregarded.
    pub(crate) fn cookies_for(&self, address: &str) -> String {
        let cookies = self.cookies.get(host(address)).into_iter().flatten();
        let cookies: Vec<String> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        cookies.join("; ")
    }

    fn keep(&mut self, address: &str, answer: &Response<Body>) {
        let cookies = self.cookies.entry(host(address).to_owned()).or_default();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match value {
                "" => cookies.remove(name),
                value => cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
    }
}

fn agent() -> Agent {
    let config = Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)));
    config.build().into()
}

fn host(address: &str) -> &str {
    address.split('/').nth(2).unwrap()
}

/// Where `answer`, which came from `address`, sends the browser.
fn location(answer: &Response<Body>, address: &str) -> String {
    let location = answer
        .headers()
        .get(LOCATION)
        .map(|to| to.to_str().unwrap());
    let location = location.unwrap_or_else(|| panic!("{} from {address}", answer.status()));
    match location.strip_prefix('/') {
        Some(path) => format!("http://{}/{path}", host(address)),
        None => location.to_owned(),
    }
}

fn read(log: &Path) -> String {
    std::fs::read_to_string(log).unwrap_or_default()
}

/// Where `npm ci` put the provider.
fn modules() -> PathBuf {
    let tools = std::env::var_os("SOCAI_TOOLS").map(PathBuf::from);
    let cached = std::env::home_dir().map(|home| home.join(".cache/socai/tools"));
    let mut places = tools
        .into_iter()
        .chain(cached)
        .map(|place| place.join("oidc"));
    let found = places.find(|place| place.join("node_modules/oidc-provider").is_dir());
    found.expect("oidc-provider is not installed: run ./ops/test, which installs it")
}

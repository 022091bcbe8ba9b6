//! A program that asks over HTTP: as a well-behaved one does, or byte for byte.

#![allow(dead_code, reason = "each program of tests uses a part of it")]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderMap, Method, Request};

use crate::accounts::Person;

/// Longer than the server takes for anything that it answers at all.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes of an answer, at most: more is a fault of the server.
const BYTES_MAX: u64 = 64 << 20;

/// A program with a connection that it keeps, and whose token it shows.
#[derive(Clone)]
pub(crate) struct Client {
    agent: Agent,
    address: SocketAddr,
    token: Option<String>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Client {
    /// One that shows the token of `person`.
    pub(crate) fn of(address: SocketAddr, person: &Person) -> Self {
        Self::with(address, Some(&person.token))
    }

    /// One that shows `token`, or nothing.
    pub(crate) fn with(address: SocketAddr, token: Option<&str>) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(PATIENCE))
            .build();
        Self {
            agent: config.into(),
            address,
            token: token.map(str::to_owned),
        }
    }

    /// Asks for `path`.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], b"")
    }

    /// Asks for `path` in one of its forms, or with other headers.
    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask(Method::GET, path, headers, b"")
    }

    /// Sends JSON.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let json = [("content-type", "application/json")];
        self.ask(Method::POST, path, &json, body.to_string().as_bytes())
    }

    /// Sends no body.
    pub(crate) fn post_nothing(&self, path: &str) -> Answer {
        self.ask(Method::POST, path, &[], b"")
    }

    /// Sends bytes.
    pub(crate) fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let answered = self.try_ask(method, path, headers, body);
        answered.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// As [`ask`](Self::ask), where the server may end the connection while it is still sent to.
    pub(crate) fn try_ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, ureq::Error> {
        let uri = format!("http://{}{path}", self.address);
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answered = if body.is_empty() {
            self.agent.run(request.body(()).unwrap())
        } else {
            self.agent.run(request.body(body).unwrap())
        };
        let (parts, mut body) = answered?.into_parts();
        let body = body.with_config().limit(BYTES_MAX).read_to_vec()?;
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    }
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        let read = serde_json::from_slice(&self.body);
        read.unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }

    /// A header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// A problem as text, without what tells each from every other: the id of its request.
    #[track_caller]
    pub(crate) fn said(&self) -> String {
        let mut problem = self.problem();
        problem.as_object_mut().unwrap().remove("request_id");
        problem.to_string()
    }

    /// The code of a problem document.
    pub(crate) fn code(&self) -> String {
        let problem = self.problem();
        problem["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The problem document that every refusal and error is.
    #[track_caller]
    pub(crate) fn problem(&self) -> Value {
        let kind = self.header("content-type");
        assert_eq!(
            kind,
            "application/problem+json",
            "{} {}",
            self.status,
            self.text()
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        problem
    }

    /// Itself, once its status is what was expected.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }
}

/// Sends `bytes` as they are and reads until the other side ends the connection. Says what came.
pub(crate) fn bytes(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    // A server that has answered may end the connection while it is still spoken to.
    let _ = stream.write_all(bytes);
    rest(&mut stream)
}

/// What comes until the other side ends the connection.
pub(crate) fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the connection stays open: {error}"),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of an answer that was read byte for byte; 0 where none came.
pub(crate) fn status_of(answer: &str) -> u16 {
    let status = answer.split(' ').nth(1);
    status.and_then(|status| status.parse().ok()).unwrap_or(0)
}

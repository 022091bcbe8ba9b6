//! Clients that cost little: HTTP/1.1 written and read by hand over connections that are kept, all on one thread.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::latency::Latencies;
use crate::{CLIENTS, offices};

/// After so many submissions a client looks at what became of the last.
const SUBMISSIONS_A_READ: usize = 10;

/// What all clients did.
pub(crate) struct Done {
    pub(crate) acknowledged: Vec<Acknowledged>,
    pub(crate) submissions: Latencies,
    pub(crate) reads: Latencies,
}

/// A submission that the server said is recorded.
#[derive(Debug)]
pub(crate) struct Acknowledged {
    pub(crate) clerk: usize,
    pub(crate) obligation: String,
    pub(crate) position: u64,
    pub(crate) event: Uuid,
}

/// What one client did.
#[derive(Default)]
struct Own {
    acknowledged: Vec<Acknowledged>,
    submissions: Vec<Duration>,
    reads: Vec<Duration>,
}

/// Lets all clients work at once for as long as it `lasts`.
pub(crate) fn work(server: SocketAddr, lasts: Duration) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let begun = Instant::now();
        let mut working = JoinSet::new();
        for clerk in 0..CLIENTS {
            working.spawn(client(server, clerk, begun + lasts));
        }
        let (mut all, mut submissions, mut reads) = (Vec::new(), Vec::new(), Vec::new());
        for own in working.join_all().await {
            all.extend(own.acknowledged);
            submissions.extend(own.submissions);
            reads.extend(own.reads);
        }
        let took = begun.elapsed();
        Done {
            acknowledged: all,
            submissions: Latencies::new(submissions, took),
            reads: Latencies::new(reads, took),
        }
    })
}

async fn client(server: SocketAddr, clerk: usize, until: Instant) -> Own {
    let mut wire = Wire::connect(server, &offices::clerk(clerk).token).await;
    let (mut own, mut owed) = (Own::default(), offices::owed(clerk));
    while Instant::now() < until {
        let obligation = owed.next().expect("there is always one more");
        let begun = Instant::now();
        let told = wire.submit(&obligation).await;
        own.submissions.push(begun.elapsed());
        own.acknowledged
            .push(acknowledged(clerk, &obligation, &told));
        if own.submissions.len().is_multiple_of(SUBMISSIONS_A_READ) {
            let begun = Instant::now();
            wire.look_at(&obligation).await;
            own.reads.push(begun.elapsed());
        }
    }
    own
}

fn acknowledged(clerk: usize, obligation: &str, told: &[u8]) -> Acknowledged {
    let told: Value = serde_json::from_slice(told).unwrap();
    assert_eq!(told["outcome"], "recorded", "{obligation}: {told}");
    assert_eq!(
        told["positions"].as_array().map(Vec::len),
        Some(1),
        "{told}"
    );
    Acknowledged {
        clerk,
        obligation: obligation.to_owned(),
        position: told["positions"][0].as_u64().unwrap(),
        event: told["ids"][0].as_str().unwrap().parse().unwrap(),
    }
}

/// A connection that is kept.
struct Wire {
    stream: BufReader<TcpStream>,
    token: String,
    head: Vec<u8>,
    body: Vec<u8>,
}

impl Wire {
    async fn connect(server: SocketAddr, token: &str) -> Self {
        let stream = TcpStream::connect(server).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream: BufReader::new(stream),
            token: token.to_owned(),
            head: Vec::new(),
            body: Vec::new(),
        }
    }

    async fn submit(&mut self, obligation: &str) -> Vec<u8> {
        let body = format!(
            r#"{{"effective":"2024-07-01","data":{{"obligations":["{obligation}"],"submission":{{"number":"17/BC-UBND","date":"2024-06-30","channel":"trục liên thông"}}}}}}"#
        );
        let request = format!(
            "POST /v1/commands/report.submit HTTP/1.1\r\nhost: socai\r\nauthorization: Bearer {}\r\n\
             idempotency-key: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.token,
            Uuid::now_v7(),
            body.len(),
        );
        self.ask(&request).await
    }

    async fn look_at(&mut self, obligation: &str) {
        let request = format!(
            "GET /v1/history?obligation={obligation} HTTP/1.1\r\nhost: socai\r\nauthorization: Bearer {}\r\n\r\n",
            self.token
        );
        let told: Value = serde_json::from_slice(&self.ask(&request).await).unwrap();
        // What was acknowledged is seen by whoever asks afterwards.
        let told_of = told["rows"].to_string().contains("report.submitted");
        assert!(told_of, "{obligation}: {told}");
    }

    /// Sends a request and reads the answer, which has to be good.
    async fn ask(&mut self, request: &str) -> Vec<u8> {
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.head.clear();
        while !self.head.ends_with(b"\r\n\r\n") {
            let read = self.stream.read_until(b'\n', &mut self.head).await.unwrap();
            assert_ne!(read, 0, "the server ended the connection");
        }
        let head = String::from_utf8_lossy(&self.head).to_ascii_lowercase();
        let length = head.split("content-length:").nth(1);
        let length = length.and_then(|rest| rest.lines().next()?.trim().parse().ok());
        self.body
            .resize(length.expect("an answer says how long it is"), 0);
        self.stream.read_exact(&mut self.body).await.unwrap();
        let good = head.starts_with("http/1.1 200") || head.starts_with("http/1.1 201");
        assert!(good, "{head}{}", String::from_utf8_lossy(&self.body));
        std::mem::take(&mut self.body)
    }
}

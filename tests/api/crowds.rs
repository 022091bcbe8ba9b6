//! Those who take up room without asking for anything: half of a body, a connection that is silent, an answer that is not
//! taken. Each has a part of what there is; others are answered, and the process ends when it is asked to.

use std::cell::Cell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use serde_json::json;
use ureq::http::Method;

use crate::accounts::Person;
use crate::client::{Client, rest, status_of};
use crate::server::{Home, PATIENCE, Server};
use crate::stage::Stage;
use crate::town::{Town, progress};

/// Nobody is let go for being slow.
const PATIENT: &str = "header_seconds = 600\nbody_seconds = 600\nanswer_seconds = 600\n";

/// The longest body of commands.
const LONGEST: usize = 16 << 20;

/// A file that no buffer on the way to a client holds.
const LARGE: usize = 24 << 20;

const COMMANDS: (&str, &str) = ("/v1/commands", "application/x-ndjson");
const BUNDLE: (&str, &str) = ("/v1/verify/bundle", "application/zip");

fn filing(obligation: &str) -> String {
    format!("/v1/attachments?media=application/pdf&obligation={obligation}")
}

/// The town, served as `config` says after its table `[serve]`.
fn served(config: &str) -> Stage {
    let town = Town::new();
    let home = Home::with(&town.lines());
    home.configure(config);
    let server = Server::start(&home.config());
    Stage { town, server, home }
}

/// A connection over which `request` was sent.
fn sent(stage: &Stage, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(stage.server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

fn head_of(person: &Person, method: &str, path: &str, more: &str) -> String {
    let token = &person.token;
    format!(
        "{method} {path} HTTP/1.1\r\nhost: socai\r\nauthorization: Bearer {token}\r\n{more}\r\n"
    )
}

/// A request whose body is announced and not sent. It is waited for: the server says to go on.
fn half_sent(stage: &Stage, who: &Person, to: (&str, &str), announced: usize) -> TcpStream {
    let (path, media) = to;
    let more =
        format!("content-type: {media}\r\ncontent-length: {announced}\r\nexpect: 100-continue\r\n");
    let mut stream = sent(stage, &head_of(who, "POST", path, &more));
    let said = head(&mut stream);
    assert!(said.contains(" 100 "), "{path}: {said}");
    stream
}

/// The head of an answer; what came, where the connection ended before.
fn head(stream: &mut TcpStream) -> String {
    let (mut said, mut byte) = (Vec::new(), [0]);
    while !said.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        said.push(byte[0]);
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// The status of a question that is sent as a body.
fn asked(client: &Client) -> u16 {
    client
        .post("/v1/read", &json!({"text": "số 12-CT/TU"}))
        .status
}

#[test]
fn half_sent_bodies_of_one_account_leave_room_for_the_others() {
    let stage = Stage::limited(PATIENT);
    let (own, other) = (&stage.town.reporter, &stage.town.beside);
    let halves = [
        half_sent(&stage, own, COMMANDS, LONGEST),
        half_sent(&stage, own, COMMANDS, LONGEST),
    ];
    let client = stage.client(own);
    let refused = client.post("/v1/commands/task.progress", &progress(1));
    assert_eq!(refused.expect(429).code(), "request.too_many");
    assert_eq!(asked(&stage.client(other)), 200);
    drop(halves);
    stage
        .server
        .until("its room is free", || asked(&client) == 200);
}

#[test]
fn bodies_take_no_more_memory_than_was_said() {
    let stage = Stage::limited(&format!("{PATIENT}bodies_bytes_max = {}\n", 2 * LONGEST));
    let (own, other) = (&stage.town.reporter, &stage.town.beside);
    let halves = [
        half_sent(&stage, own, COMMANDS, LONGEST),
        half_sent(&stage, own, COMMANDS, LONGEST),
    ];
    let client = stage.client(other);
    let refused = client.post("/v1/read", &json!({"text": ""})).expect(503);
    assert_eq!(refused.code(), "answer.unavailable");
    assert_eq!(refused.header("retry-after"), "1");
    drop(halves);
    stage
        .server
        .until("there is room", || asked(&client) == 200);
}

/// Nothing of the body is sent, and it would be waited for.
#[test]
fn whoever_may_record_nothing_is_refused_before_a_body_is_read() {
    let stage = Stage::limited(PATIENT);
    for (path, media) in [COMMANDS, ("/v1/commands/task.progress", "application/json")] {
        let more = format!("content-type: {media}\r\ncontent-length: 1000000\r\n");
        let mut stream = sent(&stage, &head_of(&stage.town.witness, "POST", path, &more));
        assert_eq!(status_of(&head(&mut stream)), 403, "{path}");
    }
}

/// Chunks announce nothing, and are counted as they arrive.
#[test]
fn a_body_without_a_length_takes_up_what_arrives() {
    let stage = Stage::limited(&format!("{PATIENT}bodies_bytes_max = {}\n", 2 * LONGEST));
    let (own, other) = (&stage.town.reporter, &stage.town.beside);
    let _half = half_sent(&stage, own, COMMANDS, LONGEST);
    let _quarter = half_sent(&stage, own, COMMANDS, LONGEST - 1000);
    let chunked = "content-type: application/json\r\ntransfer-encoding: chunked\r\n";
    let request = head_of(other, "POST", "/v1/read", chunked);
    let mut small = sent(&stage, &format!("{request}1f4\r\n{}\r\n", " ".repeat(500)));
    small
        .write_all(format!("3e8\r\n{}\r\n", " ".repeat(1000)).as_bytes())
        .unwrap();
    assert_eq!(status_of(&head(&mut small)), 503);
}

#[test]
fn uploads_that_do_not_arrive_keep_no_place_of_others() {
    let stage = Stage::limited(PATIENT);
    let town = &stage.town;
    let slow = [
        (&town.reporter, filing("t_a")),
        (&town.beside, filing("t_b")),
        (&town.registrar, filing("t_a")),
        (&town.monitor, filing("t_b")),
        (&town.inspector, filing("t_a")),
    ];
    let mut halves = Vec::new();
    for (who, path) in &slow {
        let to = (path.as_str(), "application/octet-stream");
        halves.push(half_sent(&stage, who, to, 100_000));
        halves.push(half_sent(&stage, who, to, 100_000));
    }
    let stored = |who: &Person, path: &str| {
        let media = [("content-type", "application/octet-stream")];
        stage.client(who).ask(Method::POST, path, &media, b"%PDF")
    };
    stored(&town.stranger, &filing("tx_x")).expect(201);
    stored(&town.reporter, &filing("t_a")).expect(201);
}

#[test]
fn one_account_listens_no_more_than_eight_times_at_once() {
    let stage = Stage::new();
    let listens = |who: &Person| {
        let mut stream = sent(&stage, &head_of(who, "GET", "/v1/events", ""));
        (status_of(&head(&mut stream)), stream)
    };
    let own: Vec<_> = (0..9).map(|_| listens(&stage.town.reporter)).collect();
    let statuses: Vec<u16> = own.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 200, 429]);
    assert_eq!(listens(&stage.town.beside).0, 200);
}

#[test]
fn a_file_that_is_not_taken_keeps_a_part_of_the_memory() {
    let stage = Stage::limited(&format!("bodies_bytes_max = {}\n", 2 * LONGEST));
    let (own, other) = (&stage.town.reporter, &stage.town.inspector);
    let client = stage.client(own);
    let media = [("content-type", "application/octet-stream")];
    let stored = client.ask(Method::POST, &filing("t_a"), &media, &vec![7; LARGE]);
    let stored = stored.expect(201).json();
    let path = format!("/v1/attachments/{}", stored["attachment"].as_str().unwrap());
    let mut slow = sent(&stage, &head_of(own, "GET", &path, ""));
    assert_eq!(status_of(&head(&mut slow)), 200);
    assert_eq!(client.get(&path).expect(429).code(), "request.too_many");
    stage.client(other).get(&path).expect(503);
    drop(slow);
    let taken = Cell::new(None);
    stage.server.until("there is room", || {
        let answer = client.get(&path);
        let is_there = answer.status == 200;
        taken.set(Some(answer));
        is_there
    });
    assert_eq!(taken.take().unwrap().body, vec![7; LARGE]);
}

#[test]
fn a_bundle_waits_in_the_folder_of_the_process_and_one_of_each_account() {
    let stage = Stage::limited(PATIENT);
    let (own, other) = (&stage.town.witness, &stage.town.inspector);
    let _half = half_sent(&stage, own, BUNDLE, 1 << 20);
    let jobs = stage.home.ledger().join("jobs");
    let open = stage.server.open_files();
    let nameless = |file: &&std::path::PathBuf| file.starts_with(&jobs) && !file.exists();
    assert!(open.iter().any(|file| nameless(&file)), "{open:?}");
    let judged = |who: &Person| {
        let zip = [("content-type", "application/zip")];
        stage.client(who).ask(Method::POST, BUNDLE.0, &zip, b"PK")
    };
    assert_eq!(judged(own).expect(429).code(), "request.too_many");
    judged(other).expect(200);
}

/// Whether a new connection is served. It is kept, where it is.
fn comes(stage: &Stage) -> Option<TcpStream> {
    let mut stream = sent(stage, "GET /healthz HTTP/1.1\r\nhost: socai\r\n\r\n");
    match status_of(&head(&mut stream)) {
        0 => None,
        status => {
            assert_eq!(status, 200);
            Some(stream)
        }
    }
}

#[test]
fn an_address_has_so_many_connections_and_the_next_is_closed() {
    let config = format!("[api]\n{PATIENT}connections_per_address = 8\n");
    let stage = served(&config);
    // The one that waited until it was ready may still be ending.
    stage
        .server
        .until("eight are served", || crowd_of(&stage, 8).is_some());
    let mut crowd = Vec::new();
    while let Some(stream) = comes(&stage) {
        crowd.push(stream);
        assert!(crowd.len() <= 8, "a ninth is served");
    }
    crowd.pop();
    stage
        .server
        .until("another one has the place", || comes(&stage).is_some());
}

fn crowd_of(stage: &Stage, count: usize) -> Option<Vec<TcpStream>> {
    (0..count).map(|_| comes(stage)).collect()
}

#[test]
fn a_proxy_of_ones_own_has_as_many_connections_as_it_likes() {
    let config = "[api]\nconnections_per_address = 8\nproxies = [\"127.0.0.1\"]\n";
    assert!(crowd_of(&served(config), 20).is_some());
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// `GET /healthz`, as the headers of stream 1.
const ASKS: &[u8] = b"\0\0\x13\x01\x05\0\0\0\x01\x82\x86\x04\x08/healthz\x01\x05socai";

/// Frames of HTTP/2 until the other side ends the connection: their types. Each PING and SETTINGS is answered.
fn spoken(stream: &mut TcpStream) -> Vec<u8> {
    let (begun, mut types) = (Instant::now(), Vec::new());
    let mut frame = [0; 9];
    while stream.read_exact(&mut frame).is_ok() {
        assert!(begun.elapsed() < PATIENCE, "it stays open: {types:?}");
        let length = usize::from(frame[1]) << 8 | usize::from(frame[2]);
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).unwrap();
        types.push(frame[3]);
        if matches!(frame[3], 4 | 6) && frame[4] & 1 == 0 {
            let said: &[u8] = if frame[3] == 6 { &payload } else { &[] };
            let length = u8::try_from(said.len()).unwrap();
            let answer = [&[0, 0, length, frame[3], 1, 0, 0, 0, 0], said].concat();
            // Where it ends the connection at this moment the next read says so.
            let _ = stream.write_all(&answer);
        }
    }
    types
}

#[test]
fn a_connection_of_http_2_that_asks_nothing_ends_however_well_it_is() {
    let stage = Stage::limited("header_seconds = 1\n");
    let connected = |bytes: &[u8]| {
        let mut stream = sent(&stage, "");
        stream.write_all(bytes).unwrap();
        stream
    };
    let types = spoken(&mut connected(PREFACE));
    assert!(types.contains(&7), "it was told: {types:?}");
    let types = spoken(&mut connected(&[PREFACE, ASKS].concat()));
    assert!(types.contains(&1), "it was answered: {types:?}");
}

#[test]
fn strangers_behind_an_address_keep_nobody_from_logging_in() {
    let stage = served("[api]\nstrangers_per_minute = 2\n");
    let client = Client::with(stage.server.address(), None);
    stage
        .server
        .until("too many ask", || client.get("/openapi.json").status == 429);
    let wrong = json!({"account": "nobody", "password": "không phải mật khẩu"});
    client.post("/v1/session", &wrong).expect(401);
}

#[test]
fn a_process_that_stops_does_not_wait_for_the_rest_of_a_body() {
    let stage = served(&format!("grace_seconds = 600\n[api]\n{PATIENT}"));
    let mut half = half_sent(&stage, &stage.town.reporter, COMMANDS, LONGEST);
    let Stage { server, home, .. } = stage;
    server.stop();
    let answer = rest(&mut half);
    assert_eq!(status_of(&answer), 503, "{answer}");
    assert!(answer.contains("answer.unavailable"), "{answer}");
    Server::start(&home.config()).stop();
}

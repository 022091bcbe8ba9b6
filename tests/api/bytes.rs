//! Bytes that no program of good will sends: what is answered to them, and that the server goes on.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::client::{bytes, rest, status_of};
use crate::stage::Stage;
use crate::town::progress;

/// One second where others get ten: so that whoever is slow is found out within a test.
const HASTY: &str = "header_seconds = 1\nbody_seconds = 1\n";

/// Longer than a hasty server waits, and much shorter than for ever.
const SOON: Duration = Duration::from_secs(20);

fn head(stage: &Stage, more: &str) -> String {
    let token = &stage.town.reporter.token;
    format!(
        "POST /v1/commands/task.progress HTTP/1.1\r\nhost: socai\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\ncontent-type: application/json\r\n{more}"
    )
}

/// The server answers others as if nothing had been.
fn goes_on(stage: &Stage, number: u32) {
    let clerk = stage.client(&stage.town.reporter);
    clerk
        .post("/v1/commands/task.progress", &progress(number))
        .expect(200);
}

#[test]
fn what_is_no_request_is_refused_and_the_server_goes_on() {
    let stage = Stage::limited(HASTY);
    let before = stage.records();
    let body = progress(0).to_string();
    let length = body.len();
    let long = "x".repeat(1 << 20);
    let many: String = (0..2_000).map(|at| format!("x-{at}: y\r\n")).collect();
    let chunked = "transfer-encoding: chunked\r\n";
    let requests = [
        ("nothing", String::new()),
        ("a line end", "\r\n".to_owned()),
        ("words", "xin chào\r\n\r\n".to_owned()),
        (
            "a TLS greeting",
            "\u{16}\u{3}\u{1}\0\u{5}\u{1}\0\0\u{1}\u{3}\u{3}".to_owned(),
        ),
        ("HTTP/0.9", "GET /v1/rates\r\n\r\n".to_owned()),
        (
            "HTTP/9.9",
            "GET /v1/rates HTTP/9.9\r\nhost: s\r\n\r\n".to_owned(),
        ),
        (
            "a method of no letters",
            "(){}; GET / HTTP/1.1\r\nhost: s\r\n\r\n".to_owned(),
        ),
        (
            "a long address",
            format!("GET /{long} HTTP/1.1\r\nhost: s\r\n\r\n"),
        ),
        (
            "a long header",
            format!("GET /v1/rates HTTP/1.1\r\nhost: s\r\nx: {long}\r\n\r\n"),
        ),
        (
            "a header without end",
            format!("GET /v1/rates HTTP/1.1\r\nhost: s\r\nx: {long}"),
        ),
        (
            "many headers",
            format!("GET /v1/rates HTTP/1.1\r\nhost: s\r\n{many}\r\n"),
        ),
        (
            "a folded header",
            "GET /v1/rates HTTP/1.1\r\nhost: s\r\nx: y\r\n z\r\n\r\n".to_owned(),
        ),
        (
            "a NUL in a header",
            "GET /v1/rates HTTP/1.1\r\nhost: s\r\nx: y\0z\r\n\r\n".to_owned(),
        ),
        (
            "two lengths",
            head(
                &stage,
                &format!("content-length: {length}\r\ncontent-length: 5\r\n\r\n{body}"),
            ),
        ),
        (
            "a length below zero",
            head(&stage, &format!("content-length: -1\r\n\r\n{body}")),
        ),
        (
            "a length of letters",
            head(&stage, &format!("content-length: ten\r\n\r\n{body}")),
        ),
        (
            "a length with a sign",
            head(&stage, &format!("content-length: +{length}\r\n\r\n{body}")),
        ),
        (
            "a length without end",
            head(
                &stage,
                &format!("content-length: 99999999999999999999999\r\n\r\n{body}"),
            ),
        ),
        (
            "an unknown coding",
            head(
                &stage,
                &format!("transfer-encoding: xchunked\r\n\r\n{body}"),
            ),
        ),
        (
            "chunked before the last",
            head(
                &stage,
                &format!("transfer-encoding: chunked, identity\r\n\r\n{body}"),
            ),
        ),
        (
            "a chunk of no number",
            head(&stage, &format!("{chunked}\r\nxyz\r\n{body}\r\n0\r\n\r\n")),
        ),
        (
            "a chunk without end",
            head(
                &stage,
                &format!("{chunked}\r\nffffffffffffffff1\r\n{body}\r\n0\r\n\r\n"),
            ),
        ),
        (
            "a chunk below zero",
            head(&stage, &format!("{chunked}\r\n-5\r\n{body}\r\n0\r\n\r\n")),
        ),
        (
            "a chunk longer than said",
            head(&stage, &format!("{chunked}\r\n5\r\n{body}\r\n0\r\n\r\n")),
        ),
        (
            "a chunk's extension without end",
            head(&stage, &format!("{chunked}\r\n5;{long}")),
        ),
        (
            "trailers without end",
            head(
                &stage,
                &format!("{chunked}\r\n2\r\n{{}}\r\n0\r\n{many}{many}{many}"),
            ),
        ),
        (
            "a body that is not whole",
            head(
                &stage,
                &format!("content-length: {}\r\n\r\n{body}", length + 9),
            ),
        ),
        (
            "HTTP/2 and then words",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nxin chào, xin chào, xin chào".to_owned(),
        ),
    ];
    for (at, (what, request)) in requests.iter().enumerate() {
        let begun = Instant::now();
        let answer = bytes(stage.server.address(), request.as_bytes());
        let status = status_of(&answer);
        assert!(status < 500, "{what}: {answer}");
        assert!(!(200..400).contains(&status), "{what}: {answer}");
        assert!(
            begun.elapsed() < SOON,
            "{what}: it took {:?}",
            begun.elapsed()
        );
        goes_on(&stage, u32::try_from(at).unwrap() + 1);
    }
    assert_eq!(stage.records(), before + requests.len());
}

/// HTTP/2 lets a connection be that nothing is asked over, and not for ever.
#[test]
fn long_a_connection_that_asks_nothing_ends() {
    let stage = Stage::limited(HASTY);
    let begins = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    let begun = Instant::now();
    bytes(stage.server.address(), begins.as_bytes());
    println!("let go after {:?}", begun.elapsed());
    goes_on(&stage, 1);
}

/// Of a request with a length and chunks another server may see the end elsewhere: then a second request could
/// hide within the first.
#[test]
fn a_request_of_two_lengths_smuggles_nothing() {
    let stage = Stage::limited(HASTY);
    let before = stage.records();
    let token = &stage.town.reporter.token;
    let hidden = progress(1).to_string();
    let hidden = format!(
        "POST /v1/commands/task.progress HTTP/1.1\r\nhost: socai\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{hidden}",
        hidden.len()
    );
    let length = hidden.len() + 5;
    for codings in [
        "chunked",
        "chunked, chunked",
        "identity",
        "\x0bchunked",
        "gzip, chunked",
    ] {
        let request = format!(
            "POST /v1/commands/task.progress HTTP/1.1\r\nhost: socai\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\ntransfer-encoding: {codings}\r\n\r\n\
             0\r\n\r\n{hidden}"
        );
        let answer = bytes(stage.server.address(), request.as_bytes());
        let statuses = answer.matches("HTTP/1.1 ").count();
        assert!(statuses <= 1, "{codings}: {statuses} answers: {answer}");
        assert!(
            !(200..400).contains(&status_of(&answer)),
            "{codings}: {answer}"
        );
    }
    assert_eq!(stage.records(), before);
}

#[test]
fn requests_that_are_sent_together_are_answered_in_their_order() {
    let stage = Stage::new();
    let token = &stage.town.reporter.token;
    let one = |number: u32, close: &str| {
        let body = progress(number).to_string();
        format!(
            "POST /v1/commands/task.progress HTTP/1.1\r\nhost: socai\r\nauthorization: Bearer {token}\r\n{close}\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let together: String = (0..100)
        .map(|number| {
            one(
                number,
                if number == 99 {
                    "connection: close\r\n"
                } else {
                    ""
                },
            )
        })
        .collect();
    let answers = bytes(stage.server.address(), together.as_bytes());
    let positions = answers.split("\"positions\":[").skip(1);
    let positions: Vec<u64> = positions
        .map(|rest| rest.split(']').next().unwrap().parse().unwrap())
        .collect();
    assert_eq!(positions.len(), 100, "{answers}");
    assert!(positions.is_sorted(), "{positions:?}");
}

#[test]
fn whoever_is_slow_is_told_and_let_go() {
    let stage = Stage::limited(HASTY);
    let before = stage.records();
    let body = progress(0).to_string();
    let parts = [
        (
            "a head that never ends",
            "GET /v1/rates HTTP/1.1\r\nhost: s\r\n".to_owned(),
        ),
        (
            "a body that never comes",
            head(&stage, &format!("content-length: {}\r\n\r\n", body.len())),
        ),
        (
            "a body that stops",
            head(
                &stage,
                &format!("content-length: {}\r\n\r\n{}", body.len(), &body[..9]),
            ),
        ),
        (
            "chunks that stop",
            head(&stage, "transfer-encoding: chunked\r\n\r\n2\r\n{\"\r\n"),
        ),
    ];
    for (what, part) in &parts {
        let mut stream = TcpStream::connect(stage.server.address()).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream.write_all(part.as_bytes()).unwrap();
        let answer = rest(&mut stream);
        assert!(matches!(status_of(&answer), 0 | 408), "{what}: {answer}");
    }
    assert_eq!(stage.records(), before);
    goes_on(&stage, 1);
}

/// A byte now and then keeps nobody's connection open for longer.
#[test]
fn a_byte_now_and_then_is_slow_as_well() {
    let stage = Stage::limited(HASTY);
    for start in [
        "GET /v1/rates HTTP/1.1\r\nhost: s\r\nx: ".to_owned(),
        head(&stage, "content-length: 100000\r\n\r\n{"),
    ] {
        let mut stream = TcpStream::connect(stage.server.address()).unwrap();
        stream.write_all(start.as_bytes()).unwrap();
        let begun = Instant::now();
        while stream.write_all(b" ").is_ok() {
            assert!(begun.elapsed() < SOON, "{start}: it is still listened to");
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }
    goes_on(&stage, 1);
}

#[test]
fn a_body_that_is_too_long_is_refused_before_it_is_read() {
    let stage = Stage::limited("commands_bytes_max = 100000\n");
    let before = stage.records();
    let said = |(path, kind): (&str, &str), length: &str| {
        let token = &stage.town.reporter.token;
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: socai\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             content-type: {kind}\r\n{length}"
        );
        bytes(stage.server.address(), request.as_bytes())
    };
    let one = ("/v1/commands/task.progress", "application/json");
    let many = ("/v1/commands", "application/x-ndjson");
    for to in [one, many] {
        let path = to.0;
        let announced = said(to, "content-length: 9999999999\r\n\r\n{");
        assert_eq!(status_of(&announced), 413, "{path}: {announced}");
        let filling = format!("8000\r\n{}\r\n", " ".repeat(0x8000)).repeat(600);
        let sent = said(
            to,
            &format!("transfer-encoding: chunked\r\n\r\n{filling}0\r\n\r\n"),
        );
        // Whoever goes on sending may see the connection end before the answer.
        assert!(matches!(status_of(&sent), 413 | 0), "{path}: {sent}");
    }
    assert_eq!(stage.records(), before);
    goes_on(&stage, 1);
}

/// Connections beyond the limit wait; they do not take the others' places, and memory stays where it was.
#[test]
fn too_many_connections_do_not_shut_out_whoever_is_there() {
    let stage = Stage::limited("connections_max = 20\nheader_seconds = 2\n");
    let clerk = stage.client(&stage.town.reporter);
    clerk
        .post("/v1/commands/task.progress", &progress(1))
        .expect(200);
    let crowd: Vec<TcpStream> = (0..200)
        .filter_map(|_| TcpStream::connect(stage.server.address()).ok())
        .collect();
    // Its own connection is kept, and served.
    clerk
        .post("/v1/commands/task.progress", &progress(2))
        .expect(200);
    // Whoever says nothing is let go, so that even a newcomer behind the crowd gets a turn.
    goes_on(&stage, 3);
    drop(crowd);
    goes_on(&stage, 4);
}

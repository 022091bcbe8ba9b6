//! What a process has too little of, while it is taken: connections, and turns to hash passwords. It says so, and whoever
//! asks whether it lives is answered.

use std::net::TcpStream;
use std::thread;

use serde_json::json;

use crate::client::Client;
use crate::server::{Home, Server};
use crate::town::Town;

/// Everybody's places for connections.
const PLACES: usize = 8;

/// The town, served as `api` and `more` say, with an address for Prometheus.
fn served(api: &str, more: &str) -> (Server, Client, Home) {
    let home = Home::with(&Town::new().lines());
    home.configure(&format!(
        "[api]\n{api}[metrics]\nlisten = \"127.0.0.1:0\"\n{more}"
    ));
    let server = Server::start(&home.config());
    let scraped = Client::with(server.scraped_at(), None);
    (server, scraped, home)
}

fn told(scraped: &Client, gauge: &str) -> u64 {
    let text = scraped.get("/metrics").expect(200).text();
    let line = text.lines().find_map(|line| line.strip_prefix(gauge));
    line.expect("it is told").trim().parse().unwrap()
}

#[test]
fn a_process_whose_connections_are_all_taken_says_so_and_that_it_lives() {
    let (server, scraped, _home) = served(
        &format!("connections_max = {PLACES}\nheader_seconds = 600\n"),
        "",
    );
    server.until("nobody is connected", || {
        told(&scraped, "socai_connections ") == 0
    });
    let connect = || TcpStream::connect(server.address()).unwrap();
    let held: Vec<TcpStream> = (0..PLACES).map(|_| connect()).collect();
    server.until("all places are taken", || {
        told(&scraped, "socai_connections ") == PLACES as u64
    });
    // One more waits, and is not counted.
    let waiting = connect();
    for path in ["/healthz", "/readyz"] {
        scraped.get(path).expect(200);
    }
    assert_eq!(told(&scraped, "socai_connections "), PLACES as u64);
    drop((held, waiting));
    server.until("everybody is gone", || {
        told(&scraped, "socai_connections ") == 0
    });
    Client::with(server.address(), None)
        .get("/healthz")
        .expect(200);
    server.stop();
}

#[test]
fn passwords_that_wait_to_be_hashed_are_told_and_none_when_all_are_done() {
    const WAITING: &str = "socai_password_hashes_waiting ";
    let (server, scraped, _home) = served("", "[identity]\npassword_hashes_max = 1\n");
    assert_eq!(told(&scraped, WAITING), 0);
    let guess = |number: usize| {
        let body = json!({"account": format!("ai-do-{number}"), "password": "sai"});
        Client::with(server.address(), None).post("/v1/session", &body)
    };
    thread::scope(|scope| {
        let guesses: Vec<_> = (0..16)
            .map(|number| scope.spawn(move || guess(number)))
            .collect();
        server.until("somebody waits", || told(&scraped, WAITING) > 0);
        for answer in guesses {
            let status = answer.join().unwrap().status;
            assert!([401, 429].contains(&status), "{status}");
        }
    });
    server.until("nobody waits", || told(&scraped, WAITING) == 0);
    server.stop();
}

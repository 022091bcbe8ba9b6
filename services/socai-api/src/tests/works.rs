//! Works, asked without a network: by whom, of what, and what comes back.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use socai_store::Position;
use socai_tlog::{Checkpoint, Hash, KeyKind, SigningKey, root_of};
use tower::ServiceExt;

use super::town::{Town, operator, town};
use crate::proxies::Peer;

pub(super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answered {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Town {
    pub(super) fn request(&self, who: &str, method: Method, path: &str) -> http::request::Builder {
        let local: IpAddr = [127, 0, 0, 1].into();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .extension(Peer(local));
        match self.tokens.iter().find(|(account, _)| *account == who) {
            Some((_, token)) => request.header("authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answered {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = answer.into_parts();
        Answered {
            status: head.status,
            headers: head.headers,
            body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        }
    }

    pub(super) async fn get(&self, who: &str, path: &str) -> Answered {
        let request = self.request(who, Method::GET, path);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn head(&self, who: &str, path: &str) -> Answered {
        let request = self.request(who, Method::HEAD, path);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(
        &self,
        who: &str,
        path: &str,
        media: &str,
        body: impl Into<Body>,
    ) -> Answered {
        let request = self
            .request(who, Method::POST, path)
            .header("content-type", media);
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(super) async fn ask(&self, who: &str, path: &str, body: Value) -> Answered {
        self.post(who, path, "application/json", body.to_string())
            .await
    }

    /// The id of a job that is begun, and done.
    async fn done(&self, who: &str, begun: &Answered) -> String {
        assert_eq!(
            begun.status,
            StatusCode::ACCEPTED,
            "{:?}",
            String::from_utf8_lossy(&begun.body)
        );
        let at = begun.headers["location"].to_str().unwrap().to_owned();
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let standing = self.get(who, &at).await.json();
            match standing["state"].as_str().unwrap() {
                "done" => return at,
                "waiting" | "running" => assert!(Instant::now() < deadline, "{standing}"),
                _ => panic!("{standing}"),
            }
            tokio::task::yield_now().await;
        }
    }

    /// Signs a checkpoint over everything there is.
    async fn seal(&self) {
        let sources = &self.works.sources;
        let all = sources
            .store
            .read_all(Position(0), 1_000.try_into().unwrap())
            .await;
        let leaves: Vec<Hash> = all
            .unwrap()
            .iter()
            .map(|it| Hash::of_leaf(&it.bytes))
            .collect();
        let checkpoint = Checkpoint {
            origin: "socai/hanoi".to_owned(),
            size: leaves.len() as u64,
            root: root_of(&leaves),
            extensions: Vec::new(),
        };
        let key = SigningKey::from_seed("socai/hanoi", KeyKind::Ed25519, [7; 32]).unwrap();
        let note = checkpoint.sign(&[&key]).to_string();
        let entries = sources.checkpoints.len().await.unwrap();
        sources
            .checkpoints
            .append(entries, note.into())
            .await
            .unwrap();
    }

    fn position(&self) -> u64 {
        self.works.live.image().position().0
    }

    async fn stored(&self, who: &str, query: &str) -> Answered {
        let path = format!("/v1/attachments?media=text/html&{query}");
        let script = "<script>alert(1)</script>";
        self.post(who, &path, "application/octet-stream", script)
            .await
    }

    /// What was recorded last.
    async fn last(&self) -> Value {
        let store = &self.works.sources.store;
        let last = store
            .read_all_backwards(None, 1.try_into().unwrap())
            .await
            .unwrap();
        serde_json::from_slice(&last[0].bytes).unwrap()
    }
}

#[tokio::test]
async fn a_file_is_for_whoever_may_see_whom_it_is_about_and_comes_back_as_bytes_to_keep() {
    let town = town().await;
    let stored = town.stored("so-a", "obligation=t_a").await;
    assert_eq!(stored.status, StatusCode::CREATED, "{:?}", stored.json());
    let address = stored.json()["attachment"].as_str().unwrap().to_owned();
    let at = format!("/v1/attachments/{address}");
    let own = town.get("so-a", &at).await;
    assert_eq!(
        (own.status, &own.body[..8]),
        (StatusCode::OK, &b"<script>"[..])
    );
    for (header, value) in [
        ("content-type", "application/octet-stream"),
        ("x-content-type-options", "nosniff"),
        (
            "content-disposition",
            &*format!("attachment; filename=\"{address}\""),
        ),
    ] {
        assert_eq!(own.headers[header], value);
    }
    let before = town.position();
    for (who, status) in [
        ("so-b", StatusCode::NOT_FOUND),
        ("doan", StatusCode::FORBIDDEN),
        ("nobody", StatusCode::UNAUTHORIZED),
        ("van-thu", StatusCode::OK),
    ] {
        assert_eq!(town.get(who, &at).await.status, status, "{who}");
        assert_eq!(town.head(who, &at).await.status, status, "{who}");
    }
    assert_eq!(town.head("thanh-tra", &at).await.status, StatusCode::OK);
    assert_eq!(town.position(), before, "nothing is handed out by HEAD");
    assert_eq!(town.get("thanh-tra", &at).await.status, StatusCode::OK);
    let looked = town.last().await;
    assert_eq!(looked["type"], "account.exported.v1");
    assert_eq!(
        looked["data"]["what"]["about"],
        format!("attachment.{address}")
    );
    let unknown = format!("/v1/attachments/{}", "0".repeat(64));
    for nowhere in [&*unknown, "/v1/attachments/..%2F..%2Fetc%2Fpasswd"] {
        assert_eq!(
            town.get("thanh-tra", nowhere).await.status,
            StatusCode::NOT_FOUND
        );
    }
}

#[tokio::test]
async fn nobody_stores_or_erases_beyond_its_reach() {
    let town = town().await;
    let before = town.position();
    let foreign = town.stored("so-b", "obligation=t_a").await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    for (query, status) in [
        ("obligation=t_a&inspection=i", StatusCode::BAD_REQUEST),
        ("obligation=t_a&actor=van-thu", StatusCode::BAD_REQUEST),
        ("document=99-XX", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(
            town.stored("van-thu", query).await.status,
            status,
            "{query}"
        );
    }
    assert_eq!(town.position(), before);
    let large = vec![0; socai_store::blob::BLOB_BYTES_MAX + 1];
    let path = "/v1/attachments?media=image/png&obligation=t_a";
    let sent = town
        .post("so-a", path, "application/octet-stream", large)
        .await;
    assert_eq!(sent.status, StatusCode::PAYLOAD_TOO_LARGE);

    let stored = town.stored("so-a", "obligation=t_a").await.json();
    let erasure = format!(
        "/v1/attachments/{}/erasure",
        stored["attachment"].as_str().unwrap()
    );
    let why = json!({"reason": "gửi nhầm", "by_unit": "c"});
    assert_eq!(
        town.ask("so-a", &erasure, why.clone()).await.status,
        StatusCode::FORBIDDEN
    );
    let erased = town.ask("van-thu", &erasure, why).await;
    assert_eq!(erased.json(), json!({"position": town.position()}));
    let gone = town.get("so-a", erasure.trim_end_matches("/erasure")).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.json()["detail"].as_str().unwrap().contains("erased"));
    let audit = town
        .ask("van-thu", "/v1/attachment-audits", json!(null))
        .await;
    let at = town.done("van-thu", &audit).await;
    let found = town.get("van-thu", &format!("{at}/files/audit.json")).await;
    assert_eq!(found.json(), json!([]));
}

#[tokio::test]
async fn a_review_is_a_job_of_whoever_may_see_everything() {
    let town = town().await;
    let asked = json!({"document": "12-CT/TU", "from": "2024-01-01", "to": "2024-12-31", "as_of": "2024-07-01"});
    let own = town.ask("so-a", "/v1/reviews", asked.clone()).await;
    assert_eq!(
        (own.status, own.json()["code"].clone()),
        (StatusCode::FORBIDDEN, "permission.no_role".into())
    );
    let begun = town.ask("van-thu", "/v1/reviews", asked).await;
    let at = town.done("van-thu", &begun).await;
    let page = town
        .get("van-thu", &format!("{at}/files/review.html"))
        .await;
    assert!(String::from_utf8(page.body).unwrap().starts_with("<!"));
    assert_eq!(page.headers["content-type"], "application/octet-stream");
    for (who, status) in [
        ("so-a", StatusCode::NOT_FOUND),
        ("thanh-tra", StatusCode::OK),
    ] {
        assert_eq!(town.get(who, &at).await.status, status, "{who}");
    }
    for nowhere in ["/files/..%2F..%2Fjobs", "/files/other.html"] {
        let file = town.get("van-thu", &format!("{at}{nowhere}")).await;
        assert_eq!(file.status, StatusCode::NOT_FOUND, "{nowhere}");
    }
    for (body, status) in [
        (
            json!({"document": "d", "from": "2024-01-02", "to": "2024-01-01", "as_of": "2024-07-01"}),
            StatusCode::BAD_REQUEST,
        ),
        (
            json!({"document": "x", "from": "2024-01-01", "to": "2024-01-01", "as_of": "2024-07-01"}),
            StatusCode::NOT_FOUND,
        ),
        (
            json!({"document": "d", "recordedtime": "2024-01-01"}),
            StatusCode::BAD_REQUEST,
        ),
    ] {
        assert_eq!(
            town.ask("van-thu", "/v1/reviews", body).await.status,
            status
        );
    }
}

#[tokio::test]
async fn evidence_is_recorded_once_for_one_key_and_proves_what_it_shows() {
    let town = town().await;
    let asked = json!({"unit": "a", "from": "2024-01-01", "to": "2024-12-31", "wait": 20});
    assert_eq!(
        town.ask("van-thu", "/v1/evidence", asked.clone())
            .await
            .status,
        StatusCode::FORBIDDEN
    );
    let before = town.position();
    let begin = || {
        let request = town
            .request("thanh-tra", Method::POST, "/v1/evidence")
            .header("content-type", "application/json")
            .header("idempotency-key", "k-1");
        town.send(request.body(Body::from(asked.to_string())).unwrap())
    };
    let begun = begin().await;
    let mut followed = town.works.live.followed();
    let recorded = followed.wait_for(|now| now.position.0 == before + 2);
    recorded.await.unwrap();
    town.seal().await;
    let at = town.done("thanh-tra", &begun).await;
    assert_eq!(begin().await.json()["id"], begun.json()["id"]);
    assert_eq!(town.position(), before + 2);
    let exported = town.last().await;
    assert_eq!(
        (&exported["type"], &exported["actor"]),
        (&"evidence.exported.v1".into(), &"thanh-tra".into())
    );
    let zip = town
        .get("thanh-tra", &format!("{at}/files/evidence.zip"))
        .await
        .body;
    let judged = town
        .post("doan", "/v1/verify/bundle", "application/zip", zip)
        .await
        .json();
    assert_eq!(judged["outcome"], "incomplete", "no policy: {judged}");
    assert_eq!(judged["bundles"][0]["about"]["of"], json!(["unit", "a"]));
}

#[tokio::test]
async fn what_is_no_bundle_is_said_to_be_none_and_what_is_too_large_is_not_taken() {
    let town = town().await;
    let path = "/v1/verify/bundle";
    let judged = town
        .post("doan", path, "application/zip", "not a zip")
        .await;
    assert_eq!(
        judged.json()["bundles"][0]["findings"][0]["code"],
        "bundle.archive"
    );
    let large = vec![0; 64 * 1024 * 1024 + 1];
    let sent = town.post("doan", path, "application/zip", large).await;
    assert_eq!(sent.status, StatusCode::PAYLOAD_TOO_LARGE);
    let sent = town.post("doan", path, "text/plain", "x").await;
    assert_eq!(sent.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let sent = town
        .post("doan", "/v1/verify/bundle?policy=x", "application/zip", "x")
        .await;
    assert_eq!(
        (sent.status, &sent.json()["where"]),
        (StatusCode::BAD_REQUEST, &"policy".into())
    );
}

#[tokio::test]
async fn hashes_are_for_everybody_and_records_for_whoever_may_take_them_out() {
    let town = town().await;
    assert_eq!(
        town.get("nobody", "/checkpoint").await.status,
        StatusCode::NOT_FOUND
    );
    town.seal().await;
    let checkpoint = town.get("nobody", "/checkpoint").await;
    assert!(checkpoint.body.starts_with(b"socai/hanoi\n"));
    let size = town.position();
    let hashes = town.get("nobody", &format!("/tile/0/000.p/{size}")).await;
    assert_eq!(hashes.body.len() as u64, size * 32);
    assert!(
        hashes.headers["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
    assert_eq!(
        town.get("nobody", "/tile/0/..%2f..%2fx").await.status,
        StatusCode::NOT_FOUND
    );

    let entries = format!("/tile/entries/000.p/{size}");
    assert_eq!(
        town.get("nobody", &entries).await.status,
        StatusCode::UNAUTHORIZED
    );
    for path in [&*entries, "/v1/records"] {
        let before = town.position();
        for (who, status) in [
            ("van-thu", StatusCode::FORBIDDEN),
            ("thanh-tra", StatusCode::OK),
        ] {
            let head = town.head(who, path).await;
            assert_eq!((head.status, head.body.len()), (status, 0), "{path}");
        }
        assert_eq!(
            town.get("van-thu", path).await.status,
            StatusCode::FORBIDDEN
        );
        assert_eq!(town.position(), before);
        assert_eq!(town.get("thanh-tra", path).await.status, StatusCode::OK);
        let noted = town.last().await;
        assert_eq!(noted["type"], "account.exported.v1");
        assert_eq!(noted["data"]["what"]["of"], "records");
        assert_eq!(noted["data"]["what"]["records"], before);
    }
    let from = town.get("thanh-tra", "/v1/records?from=3").await;
    let first = from.body.split(|byte| *byte == b'\n').next().unwrap();
    let receipt = town.get("doan", "/v1/receipts/3").await;
    let sent = json!({"receipt": String::from_utf8(receipt.body).unwrap(), "record": String::from_utf8(first.to_vec()).unwrap()});
    let judged = town.ask("doan", "/v1/verify/receipt", sent).await.json();
    assert_eq!(
        (&judged["outcome"], &judged["position"]),
        (&"incomplete".into(), &3.into())
    );
    for (position, status) in [
        ("0", StatusCode::NOT_FOUND),
        ("x", StatusCode::NOT_FOUND),
        ("999", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(
            town.get("doan", &format!("/v1/receipts/{position}"))
                .await
                .status,
            status
        );
    }
}

/// The next frame of a body, as text; nothing where it has ended.
async fn frame(body: &mut Body) -> Option<String> {
    let frame = tokio::time::timeout(Duration::from_secs(20), body.frame());
    let frame = frame.await.unwrap()?.unwrap().into_data().unwrap();
    Some(String::from_utf8(frame.to_vec()).unwrap())
}

#[tokio::test]
async fn updates_are_told_within_sight_and_end_with_the_token() {
    let town = town().await;
    let request = town
        .request("so-a", Method::GET, "/v1/events")
        .header("last-event-id", "0");
    let answer = town
        .router
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await;
    let (head, mut body) = answer.unwrap().into_parts();
    assert_eq!(head.headers["content-type"], "text/event-stream");
    let mut told = String::new();
    while !told.contains("caught_up") {
        told += &frame(&mut body).await.unwrap();
    }
    assert!(
        told.contains(r#""subject":"task.t""#) && !told.contains("task.s"),
        "{told}"
    );
    assert!(
        told.contains("unit.a") && !told.contains("unit.b") && !told.contains("account."),
        "{told}"
    );
    let revoked = r#"{"command":"account.revoke_token","effective":"2024-03-01","data":{"account":"so-a","token":"first"}}"#;
    let renamed =
        r#"{"command":"unit.rename","effective":"2024-03-01","data":{"unit":"a","name":"Sở A"}}"#;
    for line in [revoked, renamed] {
        let request = socai_app::request::parse(line.as_bytes()).unwrap();
        town.works
            .live
            .execute(&request, &operator())
            .await
            .unwrap();
    }
    while let Some(said) = frame(&mut body).await {
        assert!(!said.contains("unit.renamed"), "{said}");
    }
    let bad = town
        .request("so-b", Method::GET, "/v1/events")
        .header("last-event-id", "x");
    let bad = town.send(bad.body(Body::empty()).unwrap()).await;
    assert_eq!(
        (bad.status, &bad.json()["where"]),
        (StatusCode::BAD_REQUEST, &"last-event-id".into())
    );
    let beyond = town.get("so-b", "/v1/events?after=9999").await;
    assert_eq!(beyond.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_sweep_flags_what_is_overdue_once_by_the_right_of_whoever_asks() {
    let town = town().await;
    let before = town.position();
    let on = |day: &str| json!({"on": day});
    for (who, body, status) in [
        ("so-a", on("2024-07-01"), StatusCode::FORBIDDEN),
        ("van-thu", on("2024-06-30"), StatusCode::FORBIDDEN),
        ("theo-doi", on("2999-01-01"), StatusCode::BAD_REQUEST),
        (
            "theo-doi",
            json!({"on": "2024-07-01", "actor": "van-thu"}),
            StatusCode::BAD_REQUEST,
        ),
    ] {
        let refused = town.ask(who, "/v1/sweeps", body).await;
        assert_eq!(refused.status, status, "{}", refused.json());
    }
    let early = town.ask("theo-doi", "/v1/sweeps", on("2024-06-30")).await;
    assert_eq!(early.json()["rows"], json!([]));
    assert_eq!(town.position(), before);

    let swept = town.ask("theo-doi", "/v1/sweeps", on("2024-07-01")).await;
    let (first, second) = (before + 1, before + 2);
    let told = json!({
        "position": second, "known_at": second, "as_of": "2024-07-01", "definition": "v1",
        "rows": [{"obligation": "s_b", "position": first}, {"obligation": "t_a", "position": second}]
    });
    assert_eq!((swept.status, swept.json()), (StatusCode::OK, told));
    assert_eq!(town.last().await["actor"], "theo-doi");
    let again = town.ask("theo-doi", "/v1/sweeps", on("2024-07-01")).await;
    assert_eq!(again.json()["rows"], json!([]));
    assert_eq!(town.position(), second);
}

#[tokio::test]
async fn what_is_asked_of_a_text_is_posted() {
    let town = town().await;
    let read = town
        .ask("so-a", "/v1/read", json!({"text": "Số 12-CT/TU"}))
        .await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.json());
    assert!(read.json()["rows"].is_array());
    let got = town.get("so-a", "/v1/read").await;
    assert_eq!(got.status, StatusCode::METHOD_NOT_ALLOWED);
}

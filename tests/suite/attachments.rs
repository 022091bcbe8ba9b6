//! Attachments, over a ledger and a keeper of blobs: whatever a crash leaves between the two, nothing is
//! handed out that was ordered to be erased, and an audit tells what is amiss.

use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use socai_app::attachments::{
    self, Audit, EraseError, FetchError, Filing, Finding, ORPHAN_KEPT, StoreError,
};
use socai_app::ledger::{Founding, Ledger};
use socai_app::live::Live;
use socai_app::records::RecordError;
use socai_app::request;
use socai_domain::attachment::{About, Erasure, OrderedBy};
use socai_domain::id::{AccountId, ObligationId, Sha256Hex, UnitId};
use socai_domain::line::Line;
use socai_domain::origin::Origin;
use socai_domain::subject::Subject;
use socai_ledger::image::Image;
use socai_ledger::timeline::Reach;
use socai_store::blob::{
    BlobAddress, BlobStore, EraseError as BlobEraseError, GetError, Kept, ListError, PutError,
    Salted,
};
use socai_store_memory::{MemoryBlobs, MemoryStore};
use uuid::Uuid;

const DAY: jiff::civil::Date = jiff::civil::date(2024, 3, 1);

const LINES: &str = r#"{"command":"unit.form","effective":"2014-01-01","data":{"unit":"a","name":"Sở Nội vụ","kind":"department"}}
{"command":"document.issue","effective":"2024-01-15","data":{"document":"d","number":"12-CT/TU","type":"Chỉ thị","issuer":"a","date":"2024-01-15"}}
{"command":"task.assign","effective":"2024-01-15","data":{"task":"t","assignment":{"document":"d","title":"Rà soát","leads":[{"unit":"a"}],"due":{"rule":"fixed","date":"2024-06-30"}}}}"#;

fn origin() -> Origin {
    Origin {
        actor: AccountId::new("clerk").unwrap(),
        at: "2024-07-01T00:00:00Z".parse().unwrap(),
    }
}

/// A ledger with a unit, a document and an obligation.
async fn ledger() -> Ledger {
    let founding = Founding {
        origin: Line::new("hanoi").unwrap(),
        claims_stand_after_days: None,
        simulated_clock: false,
        log_key: None,
        id: Uuid::nil(),
    };
    let store = Arc::new(MemoryStore::default());
    let mut ledger = Ledger::found(store, &founding, &origin()).await.unwrap();
    let read = |line: &str| (request::parse(line.as_bytes()).unwrap(), origin());
    let asked: Vec<_> = LINES.lines().map(read).collect();
    ledger.record(&asked).await.unwrap();
    ledger
}

fn filing(obligation: &str) -> Filing {
    Filing {
        media: "application/pdf".parse().unwrap(),
        about: Some(About::Obligation(ObligationId::new(obligation).unwrap())),
        effective: DAY,
        synthetic: false,
        id: None,
    }
}

fn because(reason: &str) -> Erasure {
    Erasure {
        reason: Line::new(reason).unwrap(),
        legal_basis: None,
        ordered_by: OrderedBy::Unit(UnitId::new("a").unwrap()),
    }
}

async fn store(ledger: &mut Ledger, blobs: &dyn BlobStore) -> (BlobAddress, Sha256Hex) {
    let content = Bytes::from_static(b"content");
    let stored = attachments::store(ledger, blobs, content, filing("t_a"), &origin()).await;
    let (address, _) = stored.unwrap();
    (address, address.to_string().parse().unwrap())
}

async fn erase(
    ledger: &mut Ledger,
    blobs: &dyn BlobStore,
    attachment: &Sha256Hex,
    reason: &str,
) -> Result<bool, EraseError> {
    let (why, origin) = (because(reason), origin());
    let erased = attachments::erase(ledger, blobs, attachment, why, DAY, &origin).await?;
    Ok(erased.is_some())
}

async fn fetch(
    ledger: &Ledger,
    blobs: &dyn BlobStore,
    attachment: &Sha256Hex,
) -> Result<Bytes, FetchError> {
    let address = attachments::find(ledger.image(), attachment)?;
    attachments::fetch(blobs, &address).await
}

async fn audit(ledger: &Ledger, blobs: &dyn BlobStore) -> Audit {
    let known = &ledger.image().registry().attachments;
    attachments::audit(known, blobs).await.unwrap()
}

async fn findings(ledger: &Ledger, blobs: &dyn BlobStore) -> Vec<(BlobAddress, Finding)> {
    audit(ledger, blobs).await.findings
}

#[tokio::test]
async fn what_is_stored_is_fetched_until_it_is_erased() {
    let (mut ledger, blobs) = (ledger().await, MemoryBlobs::default());
    let (address, id) = store(&mut ledger, &blobs).await;
    let fetched = fetch(&ledger, &blobs, &id).await;
    assert_eq!(fetched.unwrap(), "content");
    assert_eq!(findings(&ledger, &blobs).await, []);

    assert!(erase(&mut ledger, &blobs, &id, "gửi nhầm").await.unwrap());
    let fetched = fetch(&ledger, &blobs, &id).await;
    let error = fetched.unwrap_err().to_string();
    assert_eq!(
        error,
        "the attachment was erased on 2024-03-01, because: gửi nhầm"
    );
    let got = blobs.get(&address).await;
    assert!(matches!(got, Err(GetError::NotThere { .. })), "{got:?}");
    assert_eq!(findings(&ledger, &blobs).await, []);
}

#[tokio::test]
async fn what_is_not_in_the_ledger_is_not_fetched() {
    let (ledger, blobs) = (ledger().await, MemoryBlobs::default());
    let orphan = blobs.put("content".into()).await.unwrap();
    let id = orphan.to_string().parse().unwrap();
    let fetched = fetch(&ledger, &blobs, &id).await;
    assert!(
        matches!(fetched, Err(FetchError::Unknown { .. })),
        "{fetched:?}"
    );
}

#[tokio::test]
async fn a_refused_file_is_not_kept() {
    let (mut ledger, blobs) = (ledger().await, MemoryBlobs::default());
    let content = Bytes::from_static(b"content");
    let stored = attachments::store(&mut ledger, &blobs, content, filing("x"), &origin()).await;
    let Err(StoreError::Record(RecordError::Refused(refused))) = stored else {
        panic!("{stored:?}");
    };
    assert_eq!(refused.code, "attachment.unknown_subject");
    assert_eq!(findings(&ledger, &blobs).await, []);
}

/// The history of an obligation has what was shown for it, and what became of that.
#[tokio::test]
async fn history_tells_of_a_file_and_of_its_erasure() {
    let (mut ledger, blobs) = (ledger().await, MemoryBlobs::default());
    let (_, id) = store(&mut ledger, &blobs).await;
    erase(&mut ledger, &blobs, &id, "gửi nhầm").await.unwrap();
    for subject in ["obligation.t_a".to_owned(), format!("attachment.{id}")] {
        let subject = Subject::parse(&subject).unwrap();
        let positions = ledger.image().positions_of(&subject, Reach::Alone);
        let positions: Vec<u64> = positions.iter().map(|position| position.0).collect();
        assert!(positions.ends_with(&[5, 6]), "{subject}: {positions:?}");
    }
}

/// Killed after the bytes were put and before the event was recorded.
#[tokio::test]
async fn an_orphan_is_reported_and_goes_after_a_day() {
    let (mut ledger, blobs) = (ledger().await, MemoryBlobs::default());
    let (kept, _) = store(&mut ledger, &blobs).await;
    let orphan = blobs.put("content".into()).await.unwrap();
    let audit = audit(&ledger, &blobs).await;
    let [(address, Finding::Orphan(since))] = audit.findings[..] else {
        panic!("{audit:?}");
    };
    assert_eq!((address, audit.attachments, audit.good), (orphan, 1, 1));

    let removed = attachments::mend(&audit, &blobs, since + ORPHAN_KEPT).await;
    assert_eq!(removed.unwrap(), []);
    let later = since + ORPHAN_KEPT + SignedDuration::from_secs(1);
    let removed = attachments::mend(&audit, &blobs, later).await;
    assert_eq!(removed.unwrap(), [orphan]);
    assert_eq!(findings(&ledger, &blobs).await, []);
    assert_eq!(blobs.get(&kept).await.unwrap(), "content");
}

#[tokio::test]
async fn a_lost_blob_is_reported_and_nothing_is_removed_for_it() {
    let (mut ledger, blobs) = (ledger().await, MemoryBlobs::default());
    let (address, id) = store(&mut ledger, &blobs).await;
    blobs.erase(&address).await.unwrap();
    let audit = audit(&ledger, &blobs).await;
    assert_eq!(audit.findings, [(address, Finding::Lost)]);
    let mended = attachments::mend(&audit, &blobs, Timestamp::MAX).await;
    assert_eq!(mended.unwrap(), []);
    let fetched = fetch(&ledger, &blobs, &id).await;
    assert!(
        matches!(fetched, Err(FetchError::Lost { .. })),
        "{fetched:?}"
    );
}

/// A keeper that is away when it is told to erase: the event is there, the bytes are too.
struct CannotErase<'a>(&'a MemoryBlobs);

#[async_trait]
impl BlobStore for CannotErase<'_> {
    async fn keep(&self, salted: Salted) -> Result<(), PutError> {
        self.0.keep(salted).await
    }
    async fn kept(&self, address: &BlobAddress) -> Result<Salted, GetError> {
        self.0.kept(address).await
    }
    async fn erase(&self, _: &BlobAddress) -> Result<(), BlobEraseError> {
        Err(BlobEraseError("away".into()))
    }
    async fn list(
        &self,
        after: Option<BlobAddress>,
        limit: NonZeroU32,
    ) -> Result<Vec<Kept>, ListError> {
        self.0.list(after, limit).await
    }
}

/// A ledger that says of a blob that it is erased, and a keeper that has it.
async fn cut_short() -> (Ledger, MemoryBlobs, BlobAddress, Sha256Hex) {
    let (mut ledger, blobs) = (ledger().await, MemoryBlobs::default());
    let (address, id) = store(&mut ledger, &blobs).await;
    let away = CannotErase(&blobs);
    let erased = erase(&mut ledger, &away, &id, "gửi nhầm").await;
    assert!(matches!(erased, Err(EraseError::Blob(_))), "{erased:?}");
    assert_eq!(
        findings(&ledger, &blobs).await,
        [(address, Finding::NotYetErased)]
    );
    (ledger, blobs, address, id)
}

/// The order of erasing: it is recorded first, so what may still be there is not handed out.
#[tokio::test]
async fn what_is_erased_on_paper_is_not_handed_out() {
    let (ledger, blobs, address, id) = cut_short().await;
    assert!(blobs.get(&address).await.is_ok());
    let fetched = fetch(&ledger, &blobs, &id).await;
    assert!(
        matches!(fetched, Err(FetchError::Erased { .. })),
        "{fetched:?}"
    );
}

#[tokio::test]
async fn erasing_again_completes_what_was_cut_short() {
    let (mut ledger, blobs, _, id) = cut_short().await;
    assert!(!erase(&mut ledger, &blobs, &id, "gửi nhầm").await.unwrap());
    assert_eq!(findings(&ledger, &blobs).await, []);
}

/// Refused, because the first reason stands; and complete all the same.
#[tokio::test]
async fn erasing_again_for_another_reason_is_refused_and_completes_it_as_well() {
    let (mut ledger, blobs, _, id) = cut_short().await;
    let erased = erase(&mut ledger, &blobs, &id, "khác").await;
    let Err(EraseError::Record(RecordError::Refused(refused))) = erased else {
        panic!("{erased:?}");
    };
    assert_eq!(refused.code, "attachment.already_erased");
    assert_eq!(findings(&ledger, &blobs).await, []);
}

#[tokio::test]
async fn mending_completes_what_was_cut_short_at_once() {
    let (ledger, blobs, address, _) = cut_short().await;
    let audit = audit(&ledger, &blobs).await;
    let removed = attachments::mend(&audit, &blobs, Timestamp::MIN).await;
    assert_eq!(removed.unwrap(), [address]);
    assert_eq!(findings(&ledger, &blobs).await, []);
}

#[tokio::test]
async fn what_the_ledger_does_not_know_is_not_erased() {
    let (mut ledger, blobs) = (ledger().await, MemoryBlobs::default());
    let orphan = blobs.put("content".into()).await.unwrap();
    let id = orphan.to_string().parse().unwrap();
    let erased = erase(&mut ledger, &blobs, &id, "gửi nhầm").await;
    assert!(
        matches!(erased, Err(EraseError::Record(RecordError::Refused(_)))),
        "{erased:?}"
    );
    assert!(blobs.get(&orphan).await.is_ok());
}

/// As a serving process does: many record, and the image follows the store.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_live_ledger_stores_and_erases_as_well() {
    let (ledger, blobs) = (ledger().await, MemoryBlobs::default());
    let live = Live::start(ledger.store().clone(), ledger.image().clone());
    let live = live.await.unwrap();
    let content = Bytes::from_static(b"content");
    let stored = attachments::store(&mut &live, &blobs, content, filing("t_a"), &origin()).await;
    let (address, position) = stored.unwrap();
    assert_eq!(position.0, 5);
    let id = address.to_string().parse().unwrap();
    let found = attachments::find(&live.image(), &id).unwrap();
    assert_eq!(attachments::fetch(&blobs, &found).await.unwrap(), "content");
    let why = because("gửi nhầm");
    let erased = attachments::erase(&mut &live, &blobs, &id, why, DAY, &origin()).await;
    assert_eq!(erased.unwrap().map(|position| position.0), Some(6));
    let found = attachments::find(&live.image(), &id);
    assert!(matches!(found, Err(FetchError::Erased { .. })), "{found:?}");

    let content = Bytes::from_static(b"content");
    let stored = attachments::store(&mut &live, &blobs, content, filing("x"), &origin()).await;
    assert!(
        matches!(stored, Err(StoreError::Record(RecordError::Refused(_)))),
        "{stored:?}"
    );
    let known = live.image().registry().attachments.clone();
    let audit = attachments::audit(&known, &blobs).await.unwrap();
    assert_eq!((audit.attachments, audit.good), (1, 1), "{audit:?}");
}

/// A snapshot tells of attachments and of a waiver what the records tell.
#[tokio::test]
async fn a_snapshot_keeps_attachments_and_waivers() {
    let (mut ledger, blobs) = (ledger().await, MemoryBlobs::default());
    let (_, id) = store(&mut ledger, &blobs).await;
    store(&mut ledger, &blobs).await;
    erase(&mut ledger, &blobs, &id, "gửi nhầm").await.unwrap();
    let line = r#"{"command":"ledger.waive_durability","effective":"2024-03-01","data":{"reason":"thử nghiệm","servers":["n1"]}}"#;
    let waiver = request::parse(line.as_bytes()).unwrap();
    ledger.record(&[(waiver, origin())]).await.unwrap();

    let mut bytes = Vec::new();
    ledger.image().write_snapshot(&mut bytes).unwrap();
    let read = Image::read_snapshot(&*bytes).unwrap();
    assert_eq!(read.registry(), ledger.image().registry());
    assert_eq!(read.registry().attachments.len(), 2);
    assert!(read.registry().ledger.waiver.is_some());
    let folded = Ledger::load(ledger.store().clone()).await.unwrap();
    assert_eq!(folded.image().registry(), read.registry());
}

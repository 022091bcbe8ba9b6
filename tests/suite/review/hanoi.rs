//! Reviews of the Hà Nội scenario, gathered from a ledger that was loaded with it.

use std::fs;
use std::sync::Arc;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use serde_json::Value;
use socai_app::ledger::{Founding, Ledger, Outcome, fold_until, sweep};
use socai_app::request;
use socai_app::review::{ReviewError, ReviewRequest, facts, gather, positions, read};
use socai_domain::id::{AccountId, DocumentId};
use socai_domain::line::Line;
use socai_domain::origin::{Origin, VIETNAM};
use socai_domain::rate::Bucket;
use socai_domain::standing::DueMode;
use socai_ledger::query::Query;
use socai_ledger::{Image, Lineage};
use socai_review::facts::ActKind;
use socai_review::{Language, disagreements, render_html, render_json, schema};
use socai_store::Position;
use socai_store_memory::MemoryStore;
use uuid::Uuid;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios/hanoi");

/// The scenario in a ledger of its own, its lines recorded at eight in the morning of their days.
pub(crate) async fn loaded() -> Ledger {
    let mut names: Vec<_> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.sort();
    let founding = Founding {
        id: Uuid::from_u128(1),
        origin: Line::new("hanoi").unwrap(),
        claims_stand_after_days: None,
        simulated_clock: true,
        log_key: None,
    };
    let store = Arc::new(MemoryStore::default());
    let first = origin("operator", date(2013, 12, 1));
    let mut ledger = Ledger::found(store, &founding, &first).await.unwrap();
    let (mut clock, mut asked) = (Date::MIN, Vec::new());
    for name in names {
        for line in fs::read_to_string(name).unwrap().lines() {
            let request = request::parse(line.as_bytes()).unwrap();
            clock = clock.max(request.effective);
            let actor = request.actor.clone().unwrap();
            asked.push((request, origin(actor.as_str(), clock)));
        }
    }
    let batch = ledger.record(&asked).await.unwrap();
    for ((request, _), outcome) in asked.iter().zip(&batch.outcomes) {
        assert!(
            matches!(outcome, Outcome::Recorded(_)),
            "{request:?}: {outcome:?}"
        );
    }
    ledger
}

fn origin(actor: &str, day: Date) -> Origin {
    let at = day
        .at(8, 0, 0, 0)
        .to_zoned(TimeZone::fixed(VIETNAM))
        .unwrap();
    Origin {
        actor: AccountId::new(actor).unwrap(),
        at: at.timestamp(),
    }
}

/// The five-year review of the directive of 2014.
pub(super) fn five_years(image: &Image) -> ReviewRequest {
    let numbered = |number: &str| {
        let mut documents = image.registry().documents.iter();
        let found = documents.find(|(_, known)| {
            known
                .number
                .as_ref()
                .is_some_and(|own| own.as_str() == number)
        });
        found.unwrap().0.clone()
    };
    ReviewRequest {
        document: numbered("25-CT/TU"),
        from: date(2014, 1, 21),
        to: date(2019, 3, 31),
        as_of: date(2019, 6, 30),
        due: DueMode::Current,
        lineage: Lineage::Recorded,
    }
}

/// Rates, lists, names and notes of a real history agree, and fit the schema.
#[tokio::test]
async fn a_history_has_a_review_that_agrees() {
    let ledger = loaded().await;
    let image = ledger.image();
    let request = five_years(image);
    let facts = gather(image, &**ledger.store(), &request).await.unwrap();
    assert_eq!(disagreements(&facts), Vec::<String>::new());
    let value: Value = serde_json::from_str(&render_json(&facts)).unwrap();
    assert!(jsonschema::is_valid(&schema(), &value));

    let query = Query {
        due_from: Some(request.from),
        due_to: Some(request.to),
        document: Some(request.document.clone()),
        ..Query::as_of(request.as_of)
    };
    let rows = image.obligations(&query);
    let totals = &facts.counted.totals;
    for bucket in Bucket::ALL {
        let rows = rows.iter().filter(|row| row.bucket == bucket).count() as u64;
        let counted = totals.tasks.counts.get(bucket) + totals.reports.counts.get(bucket);
        assert_eq!(counted, rows, "{bucket}");
    }
    let reminders: u64 = rows.iter().map(|row| u64::from(row.reminders)).sum();
    let acts = facts
        .acts
        .iter()
        .filter(|act| act.what == ActKind::Reminded)
        .count() as u64;
    assert_eq!(acts, reminders);
    let extended: usize = rows.iter().map(|row| row.extensions as usize).sum();
    assert_eq!(facts.extensions.len(), extended);
    assert_eq!(
        facts.excuses.len() as u64,
        totals.tasks.counts.excused + totals.reports.counts.excused
    );

    assert!(facts.issuer.unwrap().is_party());
    assert!(totals.reports.counts.total() > 100 && totals.tasks.counts.total() > 50);
    assert!(facts.notes.synthetic > 0 && facts.notes.simulated_clock);
    assert!(facts.chain.iter().all(|below| !below.path.is_empty()));
}

#[tokio::test]
async fn the_same_position_gives_the_same_bytes() {
    let ledger = loaded().await;
    let request = five_years(ledger.image());
    let store = &**ledger.store();
    let once = gather(ledger.image(), store, &request).await.unwrap();

    let folded = fold_until(store, Image::new(), None).await.unwrap();
    let again = gather(&folded, store, &request).await.unwrap();
    assert_eq!(render_json(&once), render_json(&again));
    for language in [Language::Vietnamese, Language::English] {
        assert_eq!(render_html(&once, language), render_html(&again, language));
    }
}

/// What is recorded later changes no review of an earlier position, and may change one of a later.
#[tokio::test]
async fn a_review_is_known_at_its_position() {
    let mut ledger = loaded().await;
    let before = ledger.image().clone();
    let request = five_years(&before);
    let once = gather(&before, &**ledger.store(), &request).await.unwrap();

    let flags: Vec<_> = sweep(ledger.image(), request.as_of)
        .into_iter()
        .map(|flag| (flag, origin("sweep", date(2026, 7, 1))))
        .collect();
    let batch = ledger.record(&flags).await.unwrap();
    assert!(batch.trouble.is_none());

    let prefix = fold_until(&**ledger.store(), Image::new(), Some(before.position()))
        .await
        .unwrap();
    let again = gather(&prefix, &**ledger.store(), &request).await.unwrap();
    assert_eq!(render_json(&once), render_json(&again));
    let later = gather(ledger.image(), &**ledger.store(), &request)
        .await
        .unwrap();
    assert_eq!(
        later.counted.totals, once.counted.totals,
        "no bucket depends on a flag"
    );
    assert!(later.ledger.position >= once.ledger.position);
}

/// Lists have the sums of their tables for any document, window, as-of day, due date and lineage.
#[tokio::test]
async fn reviews_of_any_document_agree() {
    let ledger = loaded().await;
    let (image, store) = (ledger.image(), &**ledger.store());
    let windows = [
        (date(2014, 1, 21), date(2019, 3, 31), date(2019, 3, 31)),
        (date(2018, 1, 1), date(2026, 12, 31), date(2025, 7, 15)),
        (date(2030, 1, 1), date(2030, 12, 31), date(2030, 12, 31)),
    ];
    let modes = [
        (DueMode::Current, Lineage::Recorded),
        (DueMode::Original, Lineage::Recorded),
        (DueMode::Current, Lineage::Successor),
    ];
    let mut owed = 0;
    for (turn, document) in image.registry().documents.keys().enumerate() {
        for (from, to, as_of) in windows {
            let (due, lineage) = modes[turn % modes.len()];
            let document = document.clone();
            let request = ReviewRequest {
                document,
                from,
                to,
                as_of,
                due,
                lineage,
            };
            let facts = gather(image, store, &request).await.unwrap();
            assert_eq!(disagreements(&facts), Vec::<String>::new(), "{request:?}");
            owed += u64::from(facts.counted.totals.reports.counts.total() > 0);
        }
    }
    assert!(owed > 10, "{owed}");
}

#[tokio::test]
async fn what_cannot_be_reviewed_is_said() {
    let ledger = loaded().await;
    let image = ledger.image();
    let request = five_years(image);

    let stranger = DocumentId::new("van-ban-khac").unwrap();
    let unknown = ReviewRequest {
        document: stranger.clone(),
        ..request.clone()
    };
    let error = positions(image, &unknown).unwrap_err();
    assert!(matches!(error, ReviewError::UnknownDocument(document) if document == stranger));

    let reversed = ReviewRequest {
        from: request.to,
        to: request.from,
        ..request.clone()
    };
    let error = positions(image, &reversed).unwrap_err();
    assert!(matches!(error, ReviewError::WindowReversed { .. }));

    let wanted = positions(image, &request).unwrap();
    let mut words = read(&**ledger.store(), &wanted).await.unwrap();
    assert_eq!(words.keys().copied().collect::<Vec<Position>>(), wanted);
    let lost = wanted[wanted.len() / 2];
    words.remove(&lost);
    let error = facts(image, &words, &request).unwrap_err();
    assert!(matches!(error, ReviewError::NotRead(position) if position == lost));
}

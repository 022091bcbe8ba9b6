//! What a sealer noted outside the checkpoints, and what it refuses by it: a ledger that is rolled back together with
//! its checkpoints, checkpoints that are gone, and whatever an alarm was raised about.

use bytes::Bytes;
use socai_store::{Mark, Marks};

use super::*;

/// What was kept of `ledger` on its servers, as it is now. What its sealer noted is not among it.
async fn copied(ledger: &Ledger) -> Ledger {
    let copy = Ledger {
        store: MemoryStore::default(),
        checkpoints: MemoryCheckpoints::default(),
        ..ledger.clone()
    };
    for (position, recorded) in ledger.records().await.into_iter().enumerate() {
        let (stream, revision) = match position {
            0 => ("ledger.main", Revision::NONE),
            later => ("copy.all", Revision(later as u64 - 1)),
        };
        let event = NewEvent {
            id: Uuid::now_v7(),
            bytes: recorded.bytes,
        };
        let stream = StreamId::parse(stream).unwrap();
        let append = Append::to(stream, revision, vec![event]);
        copy.store.append(append).await.unwrap();
    }
    for (entries, (_, note)) in (0..).zip(ledger.signed().await) {
        let note = Bytes::from(note.to_string());
        copy.checkpoints.append(entries, note).await.unwrap();
    }
    copy
}

async fn seal(ledger: &Ledger) -> Result<Ended, SealError> {
    to_the_end(&mut ledger.sealer()).await
}

async fn refusal(ledger: &Ledger) -> String {
    let before = ledger.checkpoints.len().await.unwrap();
    let refused = seal(ledger).await.unwrap_err();
    assert!(!refused.is_passing(), "{refused}");
    assert_eq!(ledger.checkpoints.len().await.unwrap(), before);
    refused.to_string()
}

#[tokio::test]
async fn a_ledger_rolled_back_with_its_checkpoints_is_refused_and_the_tiles_stay_as_evidence() {
    for size in [5, 300, 600] {
        let ledger = Ledger::new().await;
        ledger.record(size - 1).await;
        seal(&ledger).await.unwrap();
        let older = copied(&ledger).await;
        ledger.record(1).await;
        seal(&ledger).await.unwrap();
        let mark = ledger.marks.mark().await.unwrap();

        let said = refusal(&older).await;
        let ends = format!("sealed up to position {}", size + 1);
        assert!(said.contains(&ends), "{said}");
        older.record(2).await;
        let lost = format!("the record at position {} has leaf hash", size + 1);
        for _ in 0..2 {
            let said = refusal(&older).await;
            assert!(said.contains(&lost), "{said}");
        }
        assert_eq!(ledger.marks.mark().await.unwrap(), mark);
        // Nor do tiles that were removed make it another ledger's.
        let without = Ledger {
            tiles: MemoryTiles::default(),
            ..older
        };
        let said = refusal(&without).await;
        let other = format!("up to position {} its root is", size + 1);
        assert!(said.contains(&other), "{said}");
    }
}

#[tokio::test]
async fn a_fork_that_another_signed_meanwhile_is_refused() {
    let ledger = Ledger::new().await;
    ledger.record(300).await;
    seal(&ledger).await.unwrap();
    let older = copied(&ledger).await;
    ledger.record(1).await;
    seal(&ledger).await.unwrap();

    older.record(500).await;
    let another = older.one_of_many("another", &Calls::default());
    let mut another = another;
    level(another.step(at(0)).await.unwrap());
    let tiles = MemoryTiles::default();
    let said = refusal(&Ledger { tiles, ..older }).await;
    assert!(said.contains("up to position 302 its root is"), "{said}");
}

#[tokio::test]
async fn what_was_noted_and_never_added_is_signed_after_a_crash() {
    for size in [1, 300] {
        let ledger = Ledger::new().await;
        ledger.record(size - 1).await;
        let tree = tiles_of(&ledger.leaves().await);
        let mark = Mark {
            entries: 0,
            size,
            root: tree.root(size).unwrap(),
        };
        ledger.marks.keep(mark).await.unwrap();
        ledger.record(3).await;
        ledger.assert_goes_on("noted, not added").await;
    }
}

#[tokio::test]
async fn checkpoints_that_are_gone_are_missed_until_a_person_begins_anew() {
    let ledger = Ledger::new().await;
    seal(&ledger).await.unwrap();
    let older = copied(&ledger).await;
    ledger.record(1).await;
    seal(&ledger).await.unwrap();
    for (checkpoints, kept) in [(MemoryCheckpoints::default(), 0), (older.checkpoints, 1)] {
        let gone = Ledger {
            checkpoints,
            ..ledger.clone()
        };
        let said = refusal(&gone).await;
        let words = format!(
            "2 records were sealed, with 2 entries, and {kept} are kept; socai seal --anew"
        );
        assert!(said.contains(&words), "{said}");
        let marks = MemoryMarks::default();
        marks
            .keep(ledger.marks.mark().await.unwrap().unwrap())
            .await
            .unwrap();
        let asked = Ledger { marks, ..gone };
        to_the_end(&mut asked.sealer().anew()).await.unwrap();
        asked.assert_goes_on("anew").await;
    }
}

#[tokio::test]
async fn exported_evidence_tells_that_there_were_checkpoints() {
    let ledger = Ledger::new().await;
    seal(&ledger).await.unwrap();
    let position = ledger.say("evidence.exported.v1", "{}").await;
    seal(&ledger).await.unwrap();
    let gone = Ledger {
        checkpoints: MemoryCheckpoints::default(),
        marks: MemoryMarks::default(),
        ..ledger
    };
    let said = refusal(&gone).await;
    let words = format!("exported at position {position}, and no entry is kept");
    assert!(said.contains(&words), "{said}");
    to_the_end(&mut gone.sealer().anew()).await.unwrap();
    gone.assert_goes_on("anew").await;
}

#[tokio::test]
async fn nothing_is_signed_while_an_alarm_stands() {
    let ledger = Ledger::new().await;
    let mut sealer = ledger.sealer();
    level(sealer.step(at(0)).await.unwrap());
    ledger.marks.raise("two histories").await.unwrap();
    ledger.marks.raise("another").await.unwrap();
    ledger.record(1).await;
    let refused = sealer.step(at(1)).await.unwrap_err().to_string();
    for said in [refused, refusal(&ledger).await] {
        assert!(
            said.ends_with("removed the alarm in memory: two histories"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_sealer_that_asks_first_signs_nothing_before_and_asks_once() {
    let ledger = Ledger::new().await;
    let mut sealer = ledger.sealer().asking_first();
    let first = level(sealer.step(at(0)).await.unwrap());
    ledger.record(1).await;
    for second in 1..3 {
        let asking = sealer.step(at(second)).await.unwrap();
        assert_eq!(asking, Standing::Asking(Box::new(first.clone())));
    }
    sealer.may_sign();
    assert_eq!(level(sealer.step(at(3)).await.unwrap()).size, 2);
    ledger.record(1).await;
    sealer.look_again();
    assert_eq!(level(sealer.step(at(4)).await.unwrap()).size, 3);
}

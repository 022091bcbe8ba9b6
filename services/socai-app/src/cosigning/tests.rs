use std::num::NonZeroU32;
use std::sync::Mutex;

use bytes::Bytes;
use socai_store_memory::{MemoryCheckpoints, MemoryRegister, MemoryTiles};
use socai_tlog::cosignature::{cosign, cosigned_at};
use socai_tlog::{Checkpoint, Edge, Hash, KeyKind, SigningKey};

use super::*;
use crate::witness::{self, Log, WitnessError, tell_of};

const ORIGIN: &str = "socai/hanoi";
const NOW: i64 = 1_700_000_000;

fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, [1; 32]).unwrap()
}

fn witness_key(seed: u8) -> SigningKey {
    let name = format!("witness.example/{seed}");
    SigningKey::from_seed(&name, KeyKind::CosignatureV1, [seed; 32]).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(NOW + seconds).unwrap()
}

/// The use case behind the port, without a network; with a clock of its own.
struct Near {
    witness: witness::Witness,
    clock: Mutex<i64>,
}

#[async_trait]
impl Witness for Near {
    async fn add_checkpoint(&self, request: &AddCheckpoint) -> Result<Vec<Signature>, AskError> {
        let now = u64::try_from(*self.clock.lock().unwrap()).unwrap();
        let request = request.to_string();
        match self.witness.add_checkpoint(request.as_bytes(), now).await {
            Ok(line) => Ok(vec![line]),
            Err(WitnessError::Refused(refusal)) => Err(match refusal.cosigned_size() {
                Some(size) => AskError::Behind { size },
                None => AskError::Refused {
                    status: refusal.status(),
                    sentence: refusal.to_string(),
                },
            }),
            Err(other) => Err(AskError::Unavailable(other.into())),
        }
    }
}

/// A witness that answers what the test says.
struct Fixed(fn() -> Result<Vec<Signature>, AskError>);

#[async_trait]
impl Witness for Fixed {
    async fn add_checkpoint(&self, _: &AddCheckpoint) -> Result<Vec<Signature>, AskError> {
        (self.0)()
    }
}

async fn near(seed: u8) -> Arc<Near> {
    let last = Arc::new(MemoryRegister::default());
    tell_of(&*last).await.unwrap();
    let keys = vec![log_key().verifier_key().clone()];
    let logs = vec![Log {
        origin: log_key().verifier_key().name().to_owned(),
        keys,
        distrusted: Vec::new(),
        last,
    }];
    let witness = witness::Witness::open(witness_key(seed), logs).await;
    Arc::new(Near {
        witness: witness.unwrap(),
        clock: Mutex::new(NOW),
    })
}

fn cosigner(seed: u8, witness: Arc<dyn Witness>) -> Cosigner {
    let key = witness_key(seed).verifier_key().clone();
    Cosigner { key, witness }
}

/// A ledger as far as it is sealed.
#[derive(Default)]
struct Ledger {
    tiles: Arc<MemoryTiles>,
    checkpoints: Arc<MemoryCheckpoints>,
    edge: Edge,
}

impl Ledger {
    /// Grows to `size` with leaves of this `kind`, and seals.
    async fn sealed(&mut self, size: u64, kind: &str) -> Sealed {
        while self.edge.size() < size {
            let leaf = format!("{kind} {}", self.edge.size());
            self.edge.push(Hash::of_leaf(leaf.as_bytes()));
        }
        let mut tiles = self.edge.take_full();
        tiles.extend(self.edge.partial());
        self.tiles.write(tiles).await.unwrap();
        let root = self.edge.root();
        let checkpoint = Checkpoint {
            origin: ORIGIN.to_owned(),
            size,
            root,
            extensions: Vec::new(),
        };
        let note = checkpoint.sign(&[&log_key()]);
        let entries = self.checkpoints.len().await.unwrap();
        let added = self
            .checkpoints
            .append(entries, Bytes::from(note.to_string()));
        let entry = added.await.unwrap();
        Sealed {
            entry,
            size,
            root,
            note,
        }
    }

    fn asking(&self, cosigners: Vec<Cosigner>) -> Cosigning {
        let renew_after = SignedDuration::from_mins(15);
        Cosigning::new(
            self.tiles.clone(),
            self.checkpoints.clone(),
            cosigners,
            renew_after,
        )
    }

    async fn last(&self) -> Note {
        let (_, last) = self.checkpoints.last().await.unwrap().unwrap();
        Note::parse(&last).unwrap()
    }
}

fn alarm(collected: Result<Collected, CosignError>) -> Alarm {
    match collected.unwrap_err() {
        CosignError::Alarm(alarm) => alarm,
        other => panic!("{other}"),
    }
}

fn why(collected: &Collected) -> &str {
    match &collected.answers[0].1 {
        Answer::Nothing { why } => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_witnesses_sign_is_kept_with_the_checkpoint() {
    let mut ledger = Ledger::default();
    let mut asking = ledger.asking(vec![cosigner(2, near(2).await), cosigner(3, near(3).await)]);
    for size in [3, 300, 70_000] {
        let sealed = ledger.sealed(size, "leaf").await;
        let collected = asking.collect(&sealed, at(0)).await.unwrap();
        assert_eq!(ledger.last().await, collected.note);
        for seed in [2, 3] {
            let key = witness_key(seed).verifier_key().clone();
            assert!(cosigned_at(&collected.note, &key).unwrap().is_some());
            let last = last_cosigned_by(&*ledger.checkpoints, &key).await.unwrap();
            assert_eq!(last, size);
        }
    }
}

#[tokio::test]
async fn a_checkpoint_is_cosigned_again_when_it_has_grown_old() {
    let mut ledger = Ledger::default();
    let witness = near(2).await;
    let mut asking = ledger.asking(vec![cosigner(2, witness.clone())]);
    let sealed = ledger.sealed(3, "leaf").await;
    let first = asking.collect(&sealed, at(0)).await.unwrap();
    let soon = asking.collect(&sealed, at(60)).await.unwrap();
    assert!(matches!(soon.answers[0].1, Answer::Standing));
    assert_eq!((soon.entry, &soon.note), (None, &first.note));

    *witness.clock.lock().unwrap() = NOW + 1_000;
    let later = asking.collect(&sealed, at(1_000)).await.unwrap();
    let key = witness_key(2).verifier_key().clone();
    assert_eq!(cosigned_at(&later.note, &key), Ok(Some(1_700_001_000)));
    assert_eq!(
        later.note.signatures.len(),
        2,
        "the log's and the later one"
    );
    assert_eq!(
        ledger.checkpoints.len().await.unwrap(),
        3,
        "the earlier one stands in its entry"
    );
}

#[tokio::test]
async fn a_process_that_knows_nothing_asks_from_where_the_witness_is() {
    let mut ledger = Ledger::default();
    let witness = near(2).await;
    let sealed = ledger.sealed(3, "leaf").await;
    ledger
        .asking(vec![cosigner(2, witness.clone())])
        .collect(&sealed, at(0))
        .await
        .unwrap();
    // The answer of a second size was lost: the witness is further than the checkpoints tell.
    let sealed = ledger.sealed(9, "leaf").await;
    let lost = request(&*ledger.tiles, &sealed.note, 9, 3).await.unwrap();
    witness.add_checkpoint(&lost).await.unwrap();

    for size in [9, 20] {
        let sealed = ledger.sealed(size, "leaf").await;
        let mut asking = ledger.asking(vec![cosigner(2, witness.clone())]);
        let collected = asking.collect(&sealed, at(0)).await.unwrap();
        assert!(
            matches!(collected.answers[0].1, Answer::Cosigned { .. }),
            "{collected:?}"
        );
    }
}

#[tokio::test]
async fn a_witness_that_does_not_answer_keeps_nobody_from_the_others_signatures() {
    let mut ledger = Ledger::default();
    let silent = Fixed(|| Err(AskError::Unavailable("no route to host".into())));
    let mut asking = ledger.asking(vec![
        cosigner(2, Arc::new(silent)),
        cosigner(3, near(3).await),
    ]);
    let sealed = ledger.sealed(3, "leaf").await;
    let collected = asking.collect(&sealed, at(0)).await.unwrap();
    assert_eq!(why(&collected), "it is unavailable: no route to host");
    assert!(matches!(collected.answers[1].1, Answer::Cosigned { .. }));
    assert!(collected.entry.is_some());
}

#[tokio::test]
async fn a_ledger_that_was_rolled_back_is_told_so() {
    let mut ledger = Ledger::default();
    let witness = near(2).await;
    let sealed = ledger.sealed(9, "leaf").await;
    ledger
        .asking(vec![cosigner(2, witness.clone())])
        .collect(&sealed, at(0))
        .await
        .unwrap();

    let mut restored = Ledger::default();
    let sealed = restored.sealed(5, "leaf").await;
    let asked = restored
        .asking(vec![cosigner(2, witness)])
        .collect(&sealed, at(0))
        .await;
    let witness = witness_key(2).verifier_key().label();
    let expected = Alarm::RolledBack {
        witness,
        cosigned: 9,
        size: 5,
    };
    assert_eq!(alarm(asked), expected);
    assert_eq!(restored.checkpoints.len().await.unwrap(), 1);
}

#[tokio::test]
async fn a_second_history_is_told_from_a_ledger_that_goes_on() {
    let witness = near(2).await;
    let mut ledger = Ledger::default();
    let sealed = ledger.sealed(5, "leaf").await;
    ledger
        .asking(vec![cosigner(2, witness.clone())])
        .collect(&sealed, at(0))
        .await
        .unwrap();

    let label = witness_key(2).verifier_key().label();
    let mut forked = Ledger::default();
    let sealed = forked.sealed(5, "other").await;
    let asked = forked
        .asking(vec![cosigner(2, witness.clone())])
        .collect(&sealed, at(0))
        .await;
    let expected = Alarm::Forked {
        witness: label,
        size: 5,
    };
    assert_eq!(alarm(asked), expected);

    let sealed = forked.sealed(8, "other").await;
    let asked = forked
        .asking(vec![cosigner(2, witness)])
        .collect(&sealed, at(0))
        .await;
    let alarm = alarm(asked);
    assert!(
        matches!(
            alarm,
            Alarm::NotContinued {
                old: 5,
                size: 8,
                ..
            }
        ),
        "{alarm}"
    );
}

#[tokio::test]
async fn a_round_that_was_overtaken_by_another_is_no_alarm() {
    let mut ledger = Ledger::default();
    let witness = near(2).await;
    let early = ledger.sealed(5, "leaf").await;
    let mut slow = ledger.asking(vec![cosigner(2, witness.clone())]);
    let late = ledger.sealed(9, "leaf").await;
    ledger
        .asking(vec![cosigner(2, witness)])
        .collect(&late, at(0))
        .await
        .unwrap();
    for _ in 0..2 {
        let collected = slow.collect(&early, at(0)).await.unwrap();
        assert_eq!(
            why(&collected),
            "another round has got it to 9 records meanwhile"
        );
    }
}

#[tokio::test]
async fn an_answer_that_is_no_cosignature_of_this_checkpoint_is_not_kept() {
    fn of_another() -> Result<Vec<Signature>, AskError> {
        Ok(vec![cosign(
            "another\n",
            &witness_key(2),
            NOW.unsigned_abs(),
        )])
    }
    fn by_another() -> Result<Vec<Signature>, AskError> {
        Ok(vec![cosign(
            "another\n",
            &witness_key(3),
            NOW.unsigned_abs(),
        )])
    }
    fn small() -> Result<Vec<Signature>, AskError> {
        Err(AskError::Behind { size: 1 })
    }
    let refused: fn() -> Result<Vec<Signature>, AskError> = || {
        let sentence = format!("no\n\u{1b}[2J{}", "x".repeat(10_000));
        Err(AskError::Refused {
            status: 404,
            sentence,
        })
    };
    let mut ledger = Ledger::default();
    let sealed = ledger.sealed(3, "leaf").await;
    let cases = [
        (
            of_another as fn() -> _,
            "invalid signature in the name of key",
        ),
        (by_another, "no line by its key"),
        (small, "cosigned size 1 last"),
        (refused, "refuses with status 404: no  [2Jxxx"),
    ];
    for (answer, expected) in cases {
        let mut asking = ledger.asking(vec![cosigner(2, Arc::new(Fixed(answer)))]);
        let collected = asking.collect(&sealed, at(0)).await.unwrap();
        assert!(why(&collected).contains(expected), "{}", why(&collected));
        assert!(why(&collected).len() < 300);
        assert_eq!(collected.entry, None);
    }
}

#[tokio::test]
async fn a_witness_whose_clock_is_wrong_is_not_believed() {
    let mut ledger = Ledger::default();
    let mut asking = ledger.asking(vec![cosigner(2, near(2).await)]);
    let sealed = ledger.sealed(3, "leaf").await;
    for apart in [-601, 601] {
        let collected = asking.collect(&sealed, at(apart)).await.unwrap();
        assert!(
            why(&collected).contains("the clock here says"),
            "{}",
            why(&collected)
        );
    }
    let collected = asking.collect(&sealed, at(600)).await.unwrap();
    assert!(collected.entry.is_some());
}

#[tokio::test]
async fn a_cosignature_that_comes_late_is_kept_with_its_checkpoint_and_hides_no_larger_one() {
    let mut ledger = Ledger::default();
    let early = ledger.sealed(5, "leaf").await;
    let mut asking = ledger.asking(vec![cosigner(3, near(3).await)]);
    asking.collect(&early, at(0)).await.unwrap();
    let late = ledger.sealed(9, "leaf").await;

    let key = witness_key(2).verifier_key().clone();
    let line = cosign(&early.note.text, &witness_key(2), 77);
    let accepted = accept(&*ledger.checkpoints, &key, line.clone(), at(0))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (accepted.size, accepted.at, accepted.entry),
        (5, 77, Some(4))
    );
    let entry = ledger.checkpoints.read(3, NonZeroU32::MIN).await.unwrap();
    let entry = Note::parse(&entry[0]).unwrap();
    assert_eq!(entry.signatures.len(), 3, "the log's and both witnesses'");
    assert_eq!(ledger.last().await.text, late.note.text);

    let again = accept(&*ledger.checkpoints, &key, line, at(0))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(again.entry, None);
    let foreign = cosign("another\n1\n", &witness_key(2), 77);
    assert_eq!(
        accept(&*ledger.checkpoints, &key, foreign, at(0))
            .await
            .unwrap(),
        None
    );
}

#[tokio::test]
async fn a_cosignature_from_a_time_that_has_not_come_is_not_kept() {
    let mut ledger = Ledger::default();
    let sealed = ledger.sealed(5, "leaf").await;
    let key = witness_key(2).verifier_key().clone();
    let seconds = u64::try_from(NOW).unwrap();
    for (ahead, is_kept) in [(601, false), (1 << 50, false), (600, true)] {
        let line = cosign(&sealed.note.text, &witness_key(2), seconds + ahead);
        let accepted = accept(&*ledger.checkpoints, &key, line, at(0)).await;
        assert_eq!(accepted.is_ok(), is_kept, "{ahead}: {accepted:?}");
        let entries = ledger.checkpoints.len().await.unwrap();
        assert_eq!(entries, 1 + u64::from(is_kept));
    }
}

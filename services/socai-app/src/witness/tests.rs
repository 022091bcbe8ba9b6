use async_trait::async_trait;
use bytes::Bytes;
use socai_store::{Held, RegisterError};
use socai_store_memory::MemoryRegister;
use socai_tlog::cosignature::cosigned_at;
use socai_tlog::{Checkpoint, Hash, KeyKind, consistency_in, root_of};

use super::*;

const ORIGIN: &str = "example.com/log";

fn log_key(origin: &str) -> SigningKey {
    SigningKey::from_seed(origin, KeyKind::Ed25519, [1; 32]).unwrap()
}

fn own_key() -> SigningKey {
    SigningKey::from_seed("witness.example", KeyKind::CosignatureV1, [2; 32]).unwrap()
}

fn leaves(size: u64) -> Vec<Hash> {
    (0..size)
        .map(|leaf| Hash::of_leaf(&leaf.to_be_bytes()))
        .collect()
}

/// A request of a log whose history is `leaves`.
fn request_of(origin: &str, old: u64, leaves: &[Hash]) -> Vec<u8> {
    let checkpoint = Checkpoint {
        origin: origin.to_owned(),
        size: leaves.len() as u64,
        root: root_of(leaves),
        extensions: Vec::new(),
    };
    let proof = if old == 0 {
        None
    } else {
        consistency_in(leaves, old)
    };
    let request = AddCheckpoint {
        old,
        proof: proof.unwrap_or_default(),
        checkpoint: checkpoint.sign(&[&log_key(origin)]),
    };
    request.to_string().into_bytes()
}

fn request(old: u64, size: u64) -> Vec<u8> {
    request_of(ORIGIN, old, &leaves(size))
}

async fn knowing(register: Arc<dyn Register>) -> Result<Witness, WitnessError> {
    let keys = vec![log_key(ORIGIN).verifier_key().clone()];
    let log = Log {
        origin: ORIGIN.to_owned(),
        keys,
        distrusted: Vec::new(),
        last: register,
    };
    Witness::open(own_key(), vec![log]).await
}

async fn told() -> Arc<MemoryRegister> {
    let register = Arc::new(MemoryRegister::default());
    tell_of(&*register).await.unwrap();
    register
}

fn status(refused: Result<Signature, WitnessError>) -> u16 {
    match refused.unwrap_err() {
        WitnessError::Refused(refusal) => refusal.status(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_log_that_goes_on_is_cosigned_and_what_was_cosigned_is_kept() {
    let register = told().await;
    let witness = knowing(register.clone()).await.unwrap();
    assert_eq!(witness.checkpoint_of(&name_of(ORIGIN)).await.unwrap(), None);
    for (old, size, now) in [(0, 3, 100), (3, 3, 200), (3, 11, 300)] {
        let signature = witness
            .add_checkpoint(&request(old, size), now)
            .await
            .unwrap();
        let again = knowing(register.clone()).await.unwrap();
        let name = name_of(ORIGIN).to_ascii_uppercase();
        let kept = again.checkpoint_of(&name).await.unwrap().unwrap();
        assert!(kept.signatures.contains(&signature));
        assert_eq!(cosigned_at(&kept, witness.verifier_key()), Ok(Some(now)));
    }
    let all = witness.cosigned().await.unwrap();
    let last = all[0].1.as_ref().unwrap();
    assert_eq!(
        (&*all[0].0, last.checkpoint.size, last.at),
        (ORIGIN, 11, 300)
    );
}

#[tokio::test]
async fn a_clock_that_was_set_back_does_not_make_cosignatures_earlier() {
    let witness = knowing(told().await).await.unwrap();
    witness.add_checkpoint(&request(0, 3), 900).await.unwrap();
    let signature = witness.add_checkpoint(&request(3, 4), 300).await.unwrap();
    assert_eq!(signature.bytes[..8], 900_u64.to_be_bytes());
}

#[tokio::test]
async fn a_time_far_from_now_is_not_vouched_for() {
    let witness = knowing(told().await).await.unwrap();
    witness.add_checkpoint(&request(0, 3), 9_000).await.unwrap();
    let refused = witness.add_checkpoint(&request(3, 4), 8_399).await;
    let said = refused.unwrap_err().to_string();
    assert!(
        said.contains("the clock of this witness says 8399"),
        "{said}"
    );
    assert_eq!(
        witness.cosigned().await.unwrap()[0]
            .1
            .as_ref()
            .unwrap()
            .checkpoint
            .size,
        3
    );
    assert!(witness.add_checkpoint(&request(3, 4), 8_400).await.is_ok());
}

/// Its signature is worth nothing any more, what it signed is not forgotten, and another key goes on from there.
#[tokio::test]
async fn a_log_whose_key_is_distrusted_is_cosigned_by_its_next_key_from_where_it_was() {
    let register = told().await;
    let witness = knowing(register.clone()).await.unwrap();
    witness.add_checkpoint(&request(0, 3), 1).await.unwrap();
    let next = SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, [9; 32]).unwrap();
    let believing = async |keys: Vec<VerifierKey>| {
        let log = Log {
            origin: ORIGIN.to_owned(),
            keys,
            distrusted: vec![log_key(ORIGIN).verifier_key().clone()],
            last: register.clone(),
        };
        Witness::open(own_key(), vec![log]).await.unwrap()
    };
    let alone = believing(Vec::new()).await;
    let refused = alone.add_checkpoint(&request(3, 4), 2).await.unwrap_err();
    assert!(refused.to_string().contains("is distrusted"), "{refused}");

    let rotated = believing(vec![next.verifier_key().clone()]).await;
    assert_eq!(status(rotated.add_checkpoint(&request(3, 4), 2).await), 403);
    let mut by_next = AddCheckpoint::parse(&request(3, 4)).unwrap();
    let checkpoint = Checkpoint::parse(&by_next.checkpoint.text).unwrap();
    by_next.checkpoint = checkpoint.sign(&[&next]);
    by_next.old = 0;
    let forgetting = by_next.to_string().into_bytes();
    assert_eq!(status(rotated.add_checkpoint(&forgetting, 2).await), 409);
    by_next.old = 3;
    let going_on = by_next.to_string().into_bytes();
    assert!(rotated.add_checkpoint(&going_on, 2).await.is_ok());
}

#[tokio::test]
async fn of_two_histories_of_one_size_one_is_cosigned() {
    let witness = knowing(told().await).await.unwrap();
    witness.add_checkpoint(&request(0, 3), 1).await.unwrap();
    let mut other = leaves(3);
    other[1] = Hash::of_leaf(b"another");
    assert_eq!(
        status(
            witness
                .add_checkpoint(&request_of(ORIGIN, 3, &other), 2)
                .await
        ),
        409
    );
    assert_eq!(
        status(
            witness
                .add_checkpoint(&request_of(ORIGIN, 0, &other), 2)
                .await
        ),
        409
    );
    other.push(Hash::OF_NOTHING);
    assert_eq!(
        status(
            witness
                .add_checkpoint(&request_of(ORIGIN, 3, &other), 2)
                .await
        ),
        422
    );
    assert_eq!(
        status(
            witness
                .add_checkpoint(&request_of("example.com/other", 0, &other), 2)
                .await
        ),
        404
    );
}

/// A register that forgets to say whether it kept the value, or does not keep it.
struct Unsure {
    inner: MemoryRegister,
    keeps: Keeps,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    Everything,
    Nothing,
}

#[async_trait]
impl Register for Unsure {
    async fn read(&self) -> Result<Option<Held>, RegisterError> {
        self.inner.read().await
    }

    async fn swap(&self, expected: Option<u64>, value: Bytes) -> Result<u64, SwapError> {
        if self.keeps == Keeps::Everything {
            self.inner.swap(expected, value).await?;
        }
        Err(SwapError::Unknown("no answer".into()))
    }
}

#[tokio::test]
async fn what_may_not_have_been_kept_is_not_handed_out() {
    for (keeps, size_after) in [(Keeps::Everything, Some(3)), (Keeps::Nothing, None)] {
        let inner = MemoryRegister::default();
        tell_of(&inner).await.unwrap();
        let witness = knowing(Arc::new(Unsure { inner, keeps })).await.unwrap();
        let answer = witness.add_checkpoint(&request(0, 3), 1).await;
        assert!(matches!(answer, Err(WitnessError::Unavailable(_))));
        let all = witness.cosigned().await.unwrap();
        let size = all[0].1.as_ref().map(|last| last.checkpoint.size);
        assert_eq!(size, size_after);
    }
}

#[tokio::test]
async fn a_witness_that_lost_or_damaged_what_it_kept_signs_no_more() {
    let lost = knowing(Arc::new(MemoryRegister::default())).await;
    assert!(matches!(lost, Err(WitnessError::Damaged { .. })));

    let register = told().await;
    let witness = knowing(register.clone()).await.unwrap();
    witness.add_checkpoint(&request(0, 3), 1).await.unwrap();
    let held = register.read().await.unwrap().unwrap();
    let text = String::from_utf8(held.value.to_vec()).unwrap();
    let foreign = text.replace(ORIGIN, "example.com/other");
    let uncosigned = text
        .lines()
        .take(5)
        .fold(String::new(), |text, line| text + line + "\n");
    let mut version = held.version;
    for damaged in [
        text.replace("\n3\n", "\n2\n"),
        foreign,
        uncosigned,
        "\0".to_owned(),
        String::new(),
    ] {
        let value = Bytes::from(damaged.clone());
        version = register.swap(Some(version), value).await.unwrap();
        let answer = witness.add_checkpoint(&request(3, 4), 2).await;
        assert!(
            matches!(answer, Err(WitnessError::Damaged { .. })),
            "{damaged}"
        );
        assert!(knowing(register.clone()).await.is_err(), "{damaged}");
    }
}

#[tokio::test]
async fn of_many_requests_at_once_each_continues_what_another_left() {
    let witness = Arc::new(knowing(told().await).await.unwrap());
    let asked = (1..=20).map(|size| {
        let witness = witness.clone();
        tokio::spawn(async move {
            witness
                .add_checkpoint(&request(0, size), size)
                .await
                .is_ok()
        })
    });
    let answers = futures_util::future::join_all(asked.collect::<Vec<_>>()).await;
    let cosigned = answers
        .into_iter()
        .filter(|answer| *answer.as_ref().unwrap());
    assert_eq!(cosigned.count(), 1);
}

#[tokio::test]
async fn telling_of_a_log_again_forgets_nothing() {
    let register = told().await;
    let witness = knowing(register.clone()).await.unwrap();
    witness.add_checkpoint(&request(0, 3), 1).await.unwrap();
    tell_of(&*register).await.unwrap();
    assert_eq!(status(witness.add_checkpoint(&request(0, 4), 2).await), 409);
}

#[tokio::test]
async fn lines_that_cannot_be_kept_are_refused() {
    let witness = knowing(told().await).await.unwrap();
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size: 1,
        root: root_of(&leaves(1)),
        extensions: vec!["x".repeat(5_000)],
    };
    let checkpoint = checkpoint.sign(&[&log_key(ORIGIN)]);
    let asked = AddCheckpoint {
        old: 0,
        proof: Vec::new(),
        checkpoint,
    };
    let answer = witness
        .add_checkpoint(asked.to_string().as_bytes(), 1)
        .await;
    assert!(matches!(answer, Err(WitnessError::TooLong { .. })));
}

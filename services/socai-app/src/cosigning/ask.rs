//! One witness, asked once, and from another size if it says so.

use jiff::{SignedDuration, Timestamp};
use socai_store::{CheckpointLog, TileStore};
use socai_tlog::cosignature::cosigned_at;
use socai_tlog::witness::AddCheckpoint;
use socai_tlog::{Hash, Note, Signature, Tiles, VerifierKey, tiles_for_consistency};

use super::{Alarm, Answer, AskError, Asked, CLOCKS_APART_MAX, CosignError, collected};

/// Characters kept of what a witness says.
const SENTENCE_CHARS_MAX: usize = 200;

/// What a round is about.
pub(super) struct Round<'a> {
    pub(super) tiles: &'a dyn TileStore,
    pub(super) checkpoints: &'a dyn CheckpointLog,
    pub(super) renew_after: SignedDuration,
    pub(super) size: u64,
    pub(super) note: &'a Note,
    pub(super) now: Timestamp,
}

/// An answer, and the line to keep.
type Told = (Answer, Option<Signature>);

/// The request for a cosignature of `checkpoint`, which is of `size`, by a witness that cosigned `old` last.
///
/// # Errors
///
/// Where the tiles do not give the proof.
pub async fn request(
    tiles: &dyn TileStore,
    checkpoint: &Note,
    size: u64,
    old: u64,
) -> Result<AddCheckpoint, CosignError> {
    let proof = if old == 0 || old == size {
        Vec::new()
    } else {
        proof(tiles, old, size).await?
    };
    // The log's keys have its name. Whoever else signed is of no use to the witness.
    let origin = checkpoint.text.lines().next().unwrap_or_default();
    let mut checkpoint = checkpoint.clone();
    checkpoint.signatures.retain(|line| line.name == origin);
    Ok(AddCheckpoint {
        old,
        proof,
        checkpoint,
    })
}

async fn proof(store: &dyn TileStore, old: u64, size: u64) -> Result<Vec<Hash>, CosignError> {
    let mut tiles = Tiles::default();
    for tile in tiles_for_consistency(old, size) {
        if let Some(hashes) = store.read(&tile).await? {
            // What was read for this name has its length; where two disagree, the proof does not verify.
            let _ = tiles.insert(tile, hashes);
        }
    }
    tiles.consistency(old, size).map_err(CosignError::NoProof)
}

impl Round<'_> {
    /// Asks one witness, unless it has cosigned this checkpoint lately.
    pub(super) async fn ask(&self, asked: &mut Asked) -> Result<Told, CosignError> {
        let key = &asked.cosigner.key;
        if self.is_fresh(key) {
            return Ok((Answer::Standing, None));
        }
        let mut old = asked.last.unwrap_or(0);
        if old > self.size {
            return self.further(key, old).await;
        }
        let mut asks = 0;
        loop {
            asks += 1;
            let request = request(self.tiles, self.note, self.size, old).await?;
            match asked.cosigner.witness.add_checkpoint(&request).await {
                Ok(lines) => {
                    let told = self.verified(key, lines);
                    if told.1.is_some() {
                        asked.last = Some(self.size);
                    }
                    return Ok(told);
                }
                Err(AskError::Behind { size }) if size > self.size => {
                    return self.further(key, size).await;
                }
                Err(AskError::Behind { size }) if size == old && size == self.size => {
                    let witness = key.label();
                    return Err(Alarm::Forked { witness, size }.into());
                }
                Err(AskError::Behind { size }) if size != old && asks == 1 => {
                    (old, asked.last) = (size, Some(size));
                }
                Err(AskError::Refused {
                    status: 422,
                    sentence,
                }) => {
                    return Err(self.not_continued(key, old, &sentence).into());
                }
                Err(
                    error @ (AskError::Behind { .. }
                    | AskError::Refused { .. }
                    | AskError::Unavailable(_)),
                ) => {
                    return Ok(nothing(&error));
                }
            }
        }
    }

    /// Whether it has cosigned this checkpoint, and not so long ago that a later time is worth asking for.
    fn is_fresh(&self, key: &VerifierKey) -> bool {
        let at = cosigned_at(self.note, key).ok().flatten();
        let at = at.and_then(collected::time_of);
        at.is_some_and(|at| self.now.duration_since(at) < self.renew_after)
    }

    /// A witness is at `cosigned`, and this round at less. Either the ledger has grown since the round began, or it
    /// has shrunk.
    async fn further(&self, key: &VerifierKey, cosigned: u64) -> Result<Told, CosignError> {
        let size = collected::largest(self.checkpoints).await?;
        if size >= cosigned {
            let why = format!("another round has got it to {cosigned} records meanwhile");
            return Ok((Answer::Nothing { why }, None));
        }
        let witness = key.label();
        Err(Alarm::RolledBack {
            witness,
            cosigned,
            size,
        }
        .into())
    }

    fn not_continued(&self, key: &VerifierKey, old: u64, sentence: &str) -> Alarm {
        Alarm::NotContinued {
            witness: key.label(),
            old,
            size: self.size,
            sentence: printable(sentence),
        }
    }

    /// The line that is this witness's over this checkpoint, if it is and states a sane time.
    fn verified(&self, key: &VerifierKey, lines: Vec<Signature>) -> Told {
        let why = |why: String| (Answer::Nothing { why }, None);
        let Some(line) = lines.into_iter().find(|line| key.is_named_by(line)) else {
            return why("its answer holds no line by its key".to_owned());
        };
        let at = match key.verify(&self.note.text, &line) {
            Ok(at) => at.unwrap_or_default(),
            Err(bad) => return why(format!("{bad}, in its answer")),
        };
        let apart = collected::time_of(at).map(|at| at.duration_since(self.now).abs());
        match apart {
            Some(apart) if apart <= CLOCKS_APART_MAX => (Answer::Cosigned { at }, Some(line)),
            Some(_) | None => why(format!(
                "it cosigned as of {at} seconds since 1970, and the clock here says {}: one of the two is wrong",
                self.now.as_second()
            )),
        }
    }
}

fn nothing(error: &AskError) -> Told {
    let source = std::error::Error::source(error).map(|source| format!(": {source}"));
    let why = printable(&format!("{error}{}", source.unwrap_or_default()));
    (Answer::Nothing { why }, None)
}

/// What somebody else wrote, short and in one line.
fn printable(text: &str) -> String {
    let plain = text
        .trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c });
    plain.take(SENTENCE_CHARS_MAX).collect()
}

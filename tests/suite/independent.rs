//! What others wrote accepts what our rooms make, and rejects it once it is altered: our tiles, checkpoints,
//! cosignatures and proof files before Go's packages and tlog-scales; and what a person makes by hand, after the
//! page of the format, before the verifier in Python.
//!
//! Whole ledgers and their bundles are put before them in `tests/cli`.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};

use socai_store::{CheckpointLog, TileStore};
use socai_tlog::{Checkpoint, Edge, Hash, KeyKind, Note, ProofFile, SigningKey, Tiles};
use socai_tlog::{cosignature::cosign, tiles_for_inclusion};
use socai_tlog_directory::{DirectoryCheckpoints, DirectoryTiles};
use tempfile::TempDir;

use crate::verifiers::{Bundle, Log, proof_by_scales, script, verdict, verify_py};

const ORIGIN: &str = "socai/thu";
/// Whatever they are, they are the same in every run.
const COSIGNED: u64 = 1_704_067_200;
/// Sizes at which a tree changes its shape: of tiles, and of a level.
const SIZES: [u64; 7] = [1, 2, 255, 256, 257, 511, 65_537];

/// A log that was sealed a few times on the way, in a directory of its own.
struct Sealed {
    home: TempDir,
    story: String,
    leaves: Vec<Hash>,
    older: Vec<PathBuf>,
    log: SigningKey,
    witness: SigningKey,
}

impl Sealed {
    /// `size` records that nobody has seen before.
    async fn at_random(size: u64) -> Self {
        let seed = RandomState::new().build_hasher().finish();
        let home = tempfile::tempdir().unwrap();
        let records: Vec<String> = (0..size)
            .map(|index| format!(r#"{{"seed":{seed},"index":{index}}}"#))
            .collect();
        fs::write(home.path().join("records"), records.join("\n") + "\n").unwrap();
        let key = |name, kind, salt: u64| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&(seed ^ salt).to_le_bytes());
            SigningKey::from_seed(name, kind, bytes).unwrap()
        };
        let mut sealed = Self {
            home,
            story: format!("seed {seed}, size {size}"),
            leaves: records
                .iter()
                .map(|one| Hash::of_leaf(one.as_bytes()))
                .collect(),
            older: Vec::new(),
            log: key(ORIGIN, KeyKind::Ed25519, 0),
            witness: key("lam-chung/mot", KeyKind::CosignatureV1, 1),
        };
        let mut ends = [1 + seed % size, 1 + (seed >> 20) % size, size];
        ends.sort_unstable();
        sealed.seal(&ends).await;
        sealed
    }

    /// Keeps the tiles, and signs at each of `ends`, as the sealer does.
    async fn seal(&mut self, ends: &[u64]) {
        let tiles = DirectoryTiles::new(self.home.path());
        let checkpoints = DirectoryCheckpoints::open(self.home.path()).unwrap();
        let mut edge = Edge::default();
        for (entry, &end) in (0..).zip(ends) {
            let from = usize::try_from(edge.size()).unwrap();
            edge.extend(
                self.leaves[from..usize::try_from(end).unwrap()]
                    .iter()
                    .copied(),
            );
            tiles
                .write([edge.take_full(), edge.partial()].concat())
                .await
                .unwrap();
            let note = self.signed(end, edge.root()).to_string();
            let file = self.home.path().join(format!("checkpoint.{entry}"));
            fs::write(&file, &note).unwrap();
            self.older.push(file);
            checkpoints.append(entry, note.into()).await.unwrap();
        }
    }

    fn signed(&self, size: u64, root: Hash) -> Note {
        let (origin, extensions) = (ORIGIN.to_owned(), Vec::new());
        let checkpoint = Checkpoint {
            origin,
            size,
            root,
            extensions,
        };
        let mut note = checkpoint.sign(&[&self.log]);
        note.add(cosign(&note.text, &self.witness, COSIGNED));
        note
    }

    fn dir(&self) -> PathBuf {
        self.home.path().join(socai_tlog_directory::FOLDER)
    }

    fn records(&self) -> PathBuf {
        self.home.path().join("records")
    }

    /// What is put before the others.
    fn shown(&self) -> Log {
        let keys = [&self.log, &self.witness].map(|key| key.verifier_key().to_string());
        Log {
            dir: self.dir(),
            records: self.records(),
            older: self.older.clone(),
            keys: keys.to_vec(),
            cosignatures: 1,
        }
    }

    #[track_caller]
    fn is_accepted(&self) {
        self.shown().by_go().accepts(&format!("Go, {}", self.story));
        let story = format!("tlog-scales, {}", self.story);
        self.shown().by_scales().accepts(&story);
    }

    /// Both say no, each in its words.
    #[track_caller]
    fn is_rejected(&self, change: &str, [go, scales]: [&str; 2]) {
        let story = format!("{change}, {}", self.story);
        self.shown().by_go().rejects(go, &format!("Go, {story}"));
        let by_scales = self.shown().by_scales();
        by_scales.rejects(scales, &format!("tlog-scales, {story}"));
    }

    /// The proof file of a record, from the tiles as they are kept.
    async fn proof(&self, index: u64) -> String {
        let size = self.leaves.len() as u64;
        let kept = DirectoryTiles::new(self.home.path());
        let mut tiles = Tiles::default();
        for tile in tiles_for_inclusion(index, size) {
            tiles
                .insert(tile, kept.read(&tile).await.unwrap().unwrap())
                .unwrap();
        }
        let checkpoint = fs::read(self.dir().join("checkpoint")).unwrap();
        let proof = ProofFile {
            extra: None,
            index,
            hashes: tiles.inclusion(index, size).unwrap(),
            checkpoint: Note::parse(&checkpoint).unwrap(),
        };
        proof.to_string()
    }
}

#[tokio::test]
async fn go_and_tlog_scales_accept_a_log_of_any_size() {
    let any = 1 + RandomState::new().build_hasher().finish() % 3_000;
    for size in SIZES.into_iter().chain([any]) {
        Sealed::at_random(size).await.is_accepted();
    }
}

#[tokio::test]
async fn tlog_scales_makes_the_same_proof_files() {
    let sealed = Sealed::at_random(700).await;
    for index in [0, 1, 255, 256, 511, 512, 698, 699] {
        let theirs = proof_by_scales(&sealed.dir(), index);
        theirs.accepts(&sealed.story);
        assert_eq!(
            sealed.proof(index).await,
            theirs.said,
            "{index}, {}",
            sealed.story
        );
    }
}

/// Flips a bit in the middle of a file.
fn edit(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn both_reject_a_log_once_it_is_altered() {
    let altered = Sealed::at_random(300).await;
    edit(&altered.records());
    altered.is_rejected("an edited record", ["record 1", "InclusionProofInvalid"]);

    let altered = Sealed::at_random(300).await;
    let records = fs::read_to_string(altered.records()).unwrap();
    let (kept, _) = records.trim_end().rsplit_once('\n').unwrap();
    fs::write(altered.records(), kept).unwrap();
    altered.is_rejected(
        "a dropped last record",
        ["300 records, and 299", "300 records, and 299"],
    );

    let altered = Sealed::at_random(300).await;
    edit(&altered.dir().join("tile/0/000"));
    altered.is_rejected(
        "an edited tile",
        ["invalid transparency proof", "InclusionProofInvalid"],
    );

    let altered = Sealed::at_random(300).await;
    let checkpoint = altered.dir().join("checkpoint");
    let note = fs::read_to_string(&checkpoint).unwrap();
    fs::write(&checkpoint, note.replace("\n300\n", "\n299\n")).unwrap();
    altered.is_rejected("a smaller size", ["invalid signature", "InvalidSignature"]);
}

#[tokio::test]
async fn both_reject_a_checkpoint_of_another_history_of_the_same_log() {
    let mut forked = Sealed::at_random(300).await;
    let other = forked
        .signed(120, Hash::of_leaf(b"another history"))
        .to_string();
    let file = forked.home.path().join("checkpoint.other");
    fs::write(&file, other).unwrap();
    forked.older.push(file);
    forked.is_rejected(
        "a fork",
        ["invalid transparency proof", "ConsistencyProofInvalid"],
    );
}

#[tokio::test]
async fn both_miss_a_cosignature_that_is_asked_for() {
    let sealed = Sealed::at_random(20).await;
    let checkpoint = sealed.dir().join("checkpoint");
    let note = fs::read_to_string(&checkpoint).unwrap();
    let (kept, _) = note.trim_end().rsplit_once('\n').unwrap();
    fs::write(&checkpoint, format!("{kept}\n")).unwrap();
    sealed.is_rejected(
        "a removed cosignature",
        ["0 cosignatures, and 1", "0 cosignatures, and 1"],
    );
}

/// A bundle that no program of ours made, to check the checkers by.
#[test]
fn a_bundle_made_by_hand_is_valid_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let (zip, policy) = (
        folder.path().join("bundle.zip"),
        folder.path().join("policy"),
    );
    verdict(script("hand_made.py").arg(folder.path())).accepts("hand_made.py");
    verify_py(&zip, Some(&policy)).accepts("verify.py");
    let keys = fs::read_to_string(folder.path().join("keys")).unwrap();
    let keys: Vec<String> = keys.lines().map(String::from).collect();
    let dir = folder.path().join("unzipped");
    zip::ZipArchive::new(fs::File::open(&zip).unwrap())
        .unwrap()
        .extract(&dir)
        .unwrap();
    let bundle = Bundle {
        dir,
        keys,
        cosignatures: 2,
    };
    bundle.by_go().accepts("Go");
    bundle.by_scales().accepts("tlog-scales");
}

#[test]
fn the_verifier_in_python_holds_its_own_tests() {
    verdict(&mut script("test_verify.py")).accepts("tests/independent/test_verify.py");
}

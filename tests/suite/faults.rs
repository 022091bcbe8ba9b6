//! What is kept in files on a disk that fails: at every step, in every way. Here the segment log.
//!
//! A short history is written again and again; each time another step of another
//! kind goes wrong. Afterwards the ledger is opened again, and three questions
//! are asked. Is everything there that was acknowledged? Is there no half of an
//! append, and nothing of one that was refused? Does the next attempt succeed?

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use socai_store::{
    Append, AppendError, EventStore, NewEvent, Position, Revision, StreamAppend, StreamId,
};
use socai_store_segment::{Identity, OpenError, Options, SegmentStore};
use tokio::runtime::Runtime;
use uuid::Uuid;

use disk::{FAULTS, Fault, FaultyDisk, Keeps};

mod disk;
mod tlog;

const KEEPS: [Keeps; 6] = [
    Keeps::Nothing,
    Keeps::Everything,
    Keeps::Some(1),
    Keeps::Some(2),
    Keeps::Some(3),
    Keeps::Some(4),
];

/// Small, so that a short history seals segments and makes room often.
const SMALL: Options = Options {
    segment_bytes: 2_000,
    allocate_bytes: 1_024,
    group_bytes: 8_000,
};

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

fn dir() -> &'static Path {
    Path::new("/ledger")
}

fn identity() -> Identity {
    Identity::new(Uuid::from_u128(0x19d2_f3a9_c1e7), "hanoi").unwrap()
}

/// Opens the ledger, or makes it where an attempt to make it came to nothing.
fn open_or_create(disk: &FaultyDisk) -> Result<SegmentStore, OpenError> {
    match SegmentStore::open_on(Arc::new(disk.clone()), dir(), SMALL) {
        Err(OpenError::NoLedger { .. }) => {
            SegmentStore::create_on(Arc::new(disk.clone()), dir(), &identity(), SMALL)
        }
        other => other,
    }
}

/// An event whose bytes tell its number, longer than a sector now and then, and as
/// long as the event whose number is 900 higher.
fn event(number: u64) -> NewEvent {
    let padding = "x".repeat((number as usize * 397) % 900);
    let bytes = Bytes::from(format!(
        "{{\"event\":{number:>4},\"padding\":\"{padding}\"}}"
    ));
    NewEvent {
        id: Uuid::from_u128(u128::from(number) + 1),
        bytes,
    }
}

fn write(stream: u64, expected: u64, numbers: std::ops::Range<u64>) -> StreamAppend {
    StreamAppend {
        stream: StreamId::new("unit", &stream.to_string()).unwrap(),
        expected: Revision(expected),
        events: numbers.map(event).collect(),
    }
}

fn append(writes: Vec<StreamAppend>) -> Append {
    Append {
        writes,
        guards: Vec::new(),
    }
}

/// What is asked for, one after the other. Each stands on the one before it, by
/// the stream that they all write.
fn history() -> Vec<Append> {
    vec![
        append(vec![write(0, 0, 0..1)]),
        append(vec![write(0, 1, 1..3), write(1, 0, 3..5)]),
        append(vec![write(0, 3, 5..6)]),
        append(vec![write(0, 4, 6..9)]),
        append(vec![write(2, 0, 9..10), write(0, 7, 10..12)]),
        append(vec![write(0, 9, 12..13)]),
    ]
}

fn event_bytes(append: &Append) -> Vec<Bytes> {
    let events = append.writes.iter().flat_map(|write| &write.events);
    events.map(|event| event.bytes.clone()).collect()
}

/// Fails with a text that can be read: events are long.
#[track_caller]
fn assert_same(expected: &[Bytes], found: &[Bytes], story: &str) {
    let heads = |all: &[Bytes]| {
        let head = |bytes: &Bytes| String::from_utf8_lossy(&bytes[..13]).into_owned();
        all.iter().map(head).collect::<Vec<_>>()
    };
    assert!(
        expected == found,
        "{story}: {:?} instead of {:?}",
        heads(found),
        heads(expected)
    );
}

fn all_bytes(store: &SegmentStore) -> Vec<Bytes> {
    let chunks = store.scan(Position::ZERO).map(|chunk| chunk.unwrap());
    chunks
        .flat_map(|chunk| chunk.recorded().map(|it| it.bytes).collect::<Vec<_>>())
        .collect()
}

/// What became of an append, as far as its caller was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Recorded,
    Nothing,
    Unknown,
    NotAsked,
}

fn ask(runtime: &Runtime, store: &SegmentStore, asked: &Append) -> Told {
    match runtime.block_on(store.append(asked.clone())) {
        Ok(_) => Told::Recorded,
        Err(AppendError::Unknown(_)) => Told::Unknown,
        // Without the append before it, this one stands on nothing.
        Err(AppendError::Unavailable(_) | AppendError::Conflict { .. }) => Told::Nothing,
        Err(other) => panic!("{other:?}"),
    }
}

/// Writes the history, opening the ledger anew in the middle of it, and says what
/// it was told. After a step has failed it asks on as long as it can.
fn write_history(runtime: &Runtime, disk: &FaultyDisk) -> Vec<Told> {
    let history = history();
    let mut told = vec![Told::NotAsked; history.len()];
    let (first, second) = (0..history.len()).partition::<Vec<_>, _>(|at| at * 2 < history.len());
    for part in [first, second] {
        let Ok(store) = open_or_create(disk) else {
            return told;
        };
        for at in part {
            told[at] = ask(runtime, &store, &history[at]);
        }
    }
    told
}

/// Asks the questions of this file about what is on `disk`.
fn assert_right(runtime: &Runtime, disk: &FaultyDisk, told: &[Told], story: &str) {
    let store = open_or_create(disk).unwrap_or_else(|error| panic!("{story}: {error:?}"));
    assert_whole(&all_bytes(&store), told, story);
    assert_goes_on(runtime, &store, story);
    drop(store);
    // And what was mended stays so, with nothing else.
    let again = open_or_create(&disk.crash(Keeps::Nothing)).unwrap();
    let everything: Vec<Bytes> = history().iter().flat_map(event_bytes).collect();
    assert_same(&everything, &all_bytes(&again), story);
}

/// Every acknowledged append is there, none refused, none by half.
fn assert_whole(found: &[Bytes], told: &[Told], story: &str) {
    let mut rest = found;
    for (asked, told) in history().iter().zip(told) {
        let bytes = event_bytes(asked);
        let is_there = rest.starts_with(&bytes);
        match told {
            Told::Recorded => assert!(is_there, "{story}: an acknowledged append is lost"),
            Told::Nothing | Told::NotAsked => {
                assert!(!is_there, "{story}: an append is there that was refused");
            }
            Told::Unknown => {}
        }
        rest = if is_there { &rest[bytes.len()..] } else { rest };
    }
    assert!(
        rest.is_empty(),
        "{story}: there is something that nobody appended, or half of it"
    );
}

/// Asked again from the beginning, everything is recorded, in its place.
fn assert_goes_on(runtime: &Runtime, store: &SegmentStore, story: &str) {
    let mut next = 1;
    for asked in history() {
        let count = asked.event_count() as u64;
        let given = runtime.block_on(store.append(asked));
        let given = given.unwrap_or_else(|error| panic!("{story}: {error:?}"));
        let expected: Vec<_> = (next..next + count).map(Position).collect();
        assert_eq!(expected, given, "{story}");
        next += count;
    }
}

/// Runs `check` with `fault` at step 0, 1, 2 … until the history has no such step.
fn at_every_step(fault: Fault, mut check: impl FnMut(&FaultyDisk, &[Told], &str)) {
    let runtime = runtime();
    for step in 0.. {
        let disk = FaultyDisk::default();
        disk.plan(step, fault);
        let told = write_history(&runtime, &disk);
        let was_reached = disk.heal();
        check(
            &disk,
            &told,
            &format!("{fault:?} at step {step}, told {told:?}"),
        );
        if !was_reached {
            assert!(
                step > 60,
                "the history has fewer steps than it should: {step}"
            );
            return;
        }
    }
}

/// The faults of a disk that can be believed: what it says is synced is synced.
fn honest_faults() -> impl Iterator<Item = Fault> {
    FAULTS
        .into_iter()
        .filter(|fault| *fault != Fault::SyncsNothing)
}

#[test]
fn whatever_step_fails_the_ledger_is_right_and_goes_on() {
    let runtime = runtime();
    for fault in honest_faults().filter(|fault| *fault != Fault::Dies) {
        at_every_step(fault, |disk, told, story| {
            assert_right(&runtime, disk, told, story)
        });
    }
}

#[test]
fn whatever_step_fails_a_crash_afterwards_loses_nothing() {
    let runtime = runtime();
    for fault in honest_faults() {
        at_every_step(fault, |disk, told, story| {
            for keeps in KEEPS {
                let story = format!("{story}, then a crash that keeps {keeps:?}");
                assert_right(&runtime, &disk.crash(keeps), told, &story);
            }
        });
    }
}

/// Where a disk says that it has synced and has not, nobody can keep a promise.
/// But what is found afterwards is whole appends in order, or said to be damaged.
#[test]
fn a_disk_that_lies_about_a_sync_leaves_no_half_append() {
    at_every_step(Fault::SyncsNothing, |disk, told, story| {
        for keeps in KEEPS {
            let story = format!("{story}, then a crash that keeps {keeps:?}");
            match open_or_create(&disk.crash(keeps)) {
                Ok(store) => {
                    let forgiving: Vec<_> = told.iter().map(|_| Told::Unknown).collect();
                    assert_whole(&all_bytes(&store), &forgiving, &story);
                }
                Err(error) => assert!(matches!(error, OpenError::Damaged(_)), "{story}: {error:?}"),
            }
        }
    });
}

#[test]
fn recovery_may_fail_or_die_at_any_step_itself() {
    let runtime = runtime();
    let (torn, told) = torn_ledger(&runtime);
    for fault in honest_faults() {
        for step in 0.. {
            let disk = torn.crash(Keeps::Everything);
            disk.plan(step, fault);
            let opened = open_or_create(&disk).map(drop);
            let was_reached = disk.heal();
            let story = format!("{fault:?} at step {step} of recovery: {opened:?}");
            if !was_reached {
                assert!(opened.is_ok() && step > 10, "{story}");
                break;
            }
            for keeps in KEEPS {
                assert_right(&runtime, &disk.crash(keeps), &told, &story);
            }
        }
    }
}

/// A ledger whose last append was torn by a crash, after segments were sealed.
fn torn_ledger(runtime: &Runtime) -> (FaultyDisk, Vec<Told>) {
    for step in (0..200).rev() {
        let disk = FaultyDisk::default();
        disk.plan(step, Fault::Dies);
        let told = write_history(runtime, &disk);
        if !disk.heal() || told[4] != Told::Recorded || told[5] != Told::Unknown {
            continue;
        }
        for seed in 0..50 {
            let torn = disk.crash(Keeps::Some(seed));
            let store = open_or_create(&torn.crash(Keeps::Everything)).unwrap();
            if all_bytes(&store).len() == 12 {
                return (torn, told);
            }
        }
    }
    panic!("no step of the history is the write of its last append");
}

#[test]
fn a_full_disk_refuses_and_service_resumes_when_there_is_room() {
    let runtime = runtime();
    let (disk, history) = (FaultyDisk::default(), history());
    let store = open_or_create(&disk).unwrap();
    disk.plan(0, Fault::FillsUp);
    let mut refused = 0;
    for asked in &history {
        match runtime.block_on(store.append(asked.clone())) {
            Ok(_) => {}
            Err(AppendError::Unavailable(source)) => {
                assert!(source.to_string().contains("no storage space"), "{source}");
                refused += 1;
                break;
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(1, refused);
    disk.heal();
    // The same store, not opened anew.
    assert_goes_on(&runtime, &store, "with room again");
}

#[test]
fn after_a_failed_sync_the_log_takes_no_more_and_says_so() {
    let runtime = runtime();
    let disk = FaultyDisk::default();
    let store = open_or_create(&disk).unwrap();
    let [first, second, third] = [0, 1, 2].map(|at| append(vec![write(at, 0, at..at + 1)]));
    runtime.block_on(store.append(first.clone())).unwrap();
    // The second append writes, and then syncs.
    disk.plan(1, Fault::Fails);
    let error = runtime.block_on(store.append(second)).unwrap_err();
    assert!(matches!(error, AppendError::Unknown(_)), "{error:?}");
    disk.heal();
    match runtime.block_on(store.append(third)).unwrap_err() {
        AppendError::Unavailable(source) => {
            assert!(source.to_string().contains("stopped"), "{source}")
        }
        other => panic!("{other:?}"),
    }
    // What is durable is served, also to whoever asks again; what is not is not.
    assert_eq!(
        vec![Position(1)],
        runtime.block_on(store.append(first)).unwrap()
    );
    assert_eq!(Position(1), store.last_position());
}

#[test]
fn a_disk_that_cannot_be_written_is_named_as_such() {
    let disk = FaultyDisk::default();
    drop(open_or_create(&disk).unwrap());
    disk.write_protect();
    let error = open_or_create(&disk).err().unwrap();
    assert!(matches!(error, OpenError::NotWritable { .. }), "{error:?}");
    assert!(
        error.to_string().contains("can be opened for reading only"),
        "{error}"
    );
}

/// Appends `group` so that it is written as one, behind an append that is synced.
fn write_group(disk: &FaultyDisk, store: &SegmentStore, first: Append, group: Vec<Append>) {
    disk.shut_gate();
    let mut waiting = vec![poll_once(store, first)];
    disk.await_gate();
    waiting.extend(group.into_iter().map(|asked| poll_once(store, asked)));
    disk.open_gate();
    for answer in waiting {
        runtime().block_on(answer).unwrap();
    }
}

type Answer<'a> =
    std::pin::Pin<Box<dyn Future<Output = Result<Vec<Position>, AppendError>> + Send + 'a>>;

/// Puts `asked` in the queue, without waiting for an answer.
fn poll_once(store: &SegmentStore, asked: Append) -> Answer<'_> {
    let mut answer = store.append(asked);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(answer.as_mut().poll(&mut context).is_pending());
    answer
}

/// Of a group that was torn, frames may be whole behind one that is not. They
/// were never acknowledged, so that is no damage, and they never come to light.
#[test]
fn a_torn_group_is_no_damage_and_its_leftovers_never_come_to_light() {
    let one = |at: u64| append(vec![write(at, 0, at..at + 1)]);
    let runtime = runtime();
    let mut had_leftovers = 0;
    for seed in 0..300 {
        let story = format!("seed {seed}");
        let crashed = torn_group(seed, one);
        let open = |disk: &FaultyDisk| {
            let store = SegmentStore::open_on(Arc::new(disk.clone()), dir(), GROUPED);
            store.unwrap_or_else(|error| panic!("{story}: {error:?}"))
        };
        let store = open(&crashed);
        let found = all_bytes(&store);
        let count = found.len() as u64;
        let expected: Vec<_> = (0..count).map(|at| event(at).bytes).collect();
        assert_same(&expected, &found, &story);
        assert!(count >= 2, "{story}: an acknowledged append is lost");
        had_leftovers += usize::from(count < 9);

        // It fills the place of the first torn one to the byte, so that whatever
        // was left behind that one would follow.
        let instead = append(vec![write(count, 0, count + 900..count + 901)]);
        runtime.block_on(store.append(instead)).unwrap();
        drop(store);
        let store = open(&crashed.crash(Keeps::Nothing));
        let expected = [expected, vec![event(count + 900).bytes]].concat();
        assert_same(&expected, &all_bytes(&store), &story);
    }
    assert!(had_leftovers > 200);
}

/// One segment, and so little room ahead that leftovers are not overwritten by it.
const GROUPED: Options = Options {
    segment_bytes: 100_000,
    allocate_bytes: 512,
    group_bytes: 8_000,
};

/// A ledger with two acknowledged appends and a group of seven more, in whose
/// write the machine stopped.
fn torn_group(seed: u64, one: impl Fn(u64) -> Append) -> FaultyDisk {
    let disk = FaultyDisk::default();
    let roomy = Options {
        allocate_bytes: 16_384,
        ..GROUPED
    };
    let store = SegmentStore::create_on(Arc::new(disk.clone()), dir(), &identity(), roomy);
    let store = store.unwrap();
    runtime().block_on(store.append(one(0))).unwrap();
    // Steps: write and sync of the second append, write of the group, its sync.
    disk.plan(3, Fault::Dies);
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        write_group(&disk, &store, one(1), (2..9).map(one).collect());
    }));
    assert!(result.is_err() && disk.heal());
    drop(store);
    disk.crash(Keeps::Some(seed))
}

/// One thing that happens to a ledger.
#[derive(Debug, Clone)]
enum Happens {
    Append {
        stream: u64,
        also: Option<u64>,
        count: u64,
    },
    AskAgain {
        index: prop::sample::Index,
    },
    Reopen,
    Crash {
        seed: u64,
    },
    Fault {
        step: usize,
        fault: Fault,
    },
}

fn happens() -> impl Strategy<Value = Happens> {
    let faults = prop::sample::select(honest_faults().collect::<Vec<_>>());
    prop_oneof![
        8 => (0..4_u64, prop::option::of(4..6_u64), 1..4_u64)
            .prop_map(|(stream, also, count)| Happens::Append { stream, also, count }),
        2 => any::<prop::sample::Index>().prop_map(|index| Happens::AskAgain { index }),
        1 => Just(Happens::Reopen),
        2 => any::<u64>().prop_map(|seed| Happens::Crash { seed }),
        2 => (0..12_usize, faults).prop_map(|(step, fault)| Happens::Fault { step, fault }),
    ]
}

/// What must be true, kept beside the ledger.
#[derive(Default)]
struct Model {
    recorded: Vec<Append>,
    /// Asked for last, and neither known to be recorded nor known not to be.
    unknown: Option<Append>,
    next_event: u64,
}

impl Model {
    fn revision(&self, stream: &StreamId) -> u64 {
        let writes = self.recorded.iter().flat_map(|append| &append.writes);
        let counts = writes.filter(|write| write.stream == *stream);
        counts.map(|write| write.events.len() as u64).sum()
    }

    fn next(&mut self, stream: u64, also: Option<u64>, count: u64) -> Append {
        let mut writes = Vec::new();
        for stream in std::iter::once(stream).chain(also) {
            let events = self.next_event..self.next_event + count;
            self.next_event += count;
            let mut write = write(stream, 0, events);
            write.expected = Revision(self.revision(&write.stream));
            writes.push(write);
        }
        append(writes)
    }

    fn bytes(&self) -> Vec<Bytes> {
        self.recorded.iter().flat_map(event_bytes).collect()
    }

    /// Settles what was unknown by what is found.
    fn settle(&mut self, found: &[Bytes]) {
        if let Some(unknown) = self.unknown.take()
            && found.len() > self.bytes().len()
        {
            self.recorded.push(unknown);
        }
        assert_same(&self.bytes(), found, "opened anew");
    }
}

struct Run {
    runtime: Runtime,
    disk: FaultyDisk,
    store: Option<SegmentStore>,
    model: Model,
}

impl Run {
    fn happen(&mut self, what: Happens) {
        match what {
            Happens::Append {
                stream,
                also,
                count,
            } => {
                let asked = self.model.next(stream, also, count);
                self.ask(asked);
            }
            Happens::AskAgain { index } if !self.model.recorded.is_empty() => {
                let asked = index.get(&self.model.recorded).clone();
                if let Some(store) = &self.store {
                    let given = self.runtime.block_on(store.append(asked));
                    assert!(given.is_ok(), "{given:?}");
                }
            }
            Happens::AskAgain { .. } => {}
            Happens::Reopen => {
                self.store = None;
                self.disk.heal();
                self.disk = self.disk.crash(Keeps::Everything);
                self.open();
            }
            Happens::Crash { seed } => {
                self.store = None;
                self.disk = self.disk.crash(Keeps::Some(seed));
                self.open();
            }
            Happens::Fault { step, fault } => self.disk.plan(step, fault),
        }
    }

    fn ask(&mut self, asked: Append) {
        let Some(store) = &self.store else { return };
        match ask(&self.runtime, store, &asked) {
            Told::Recorded => self.model.recorded.push(asked),
            Told::Unknown => {
                // Nothing follows before it is settled: the ledger is opened anew.
                self.model.unknown = Some(asked);
                self.store = None;
                self.disk.heal();
            }
            Told::Nothing | Told::NotAsked => {}
        }
    }

    fn open(&mut self) {
        let store = open_or_create(&self.disk).unwrap();
        self.model.settle(&all_bytes(&store));
        self.store = Some(store);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_with_crashes_and_faults_agrees_with_the_model(
        history in prop::collection::vec(happens(), 1..60)
    ) {
        let disk = FaultyDisk::default();
        let mut run = Run { runtime: runtime(), disk, store: None, model: Model::default() };
        run.open();
        history.into_iter().for_each(|what| run.happen(what));
        run.happen(Happens::Crash { seed: 7 });
    }
}

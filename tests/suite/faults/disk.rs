//! A disk that does at a chosen step what disks do, and can be crashed.
//!
//! It keeps apart what was written and what was synced. A crash keeps what was
//! synced, and of the rest what chance wants: whole sectors of a write, in any
//! combination, and a prefix of the changes to a directory.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use socai_store_segment::disk::{Disk, DiskFile};

mod folders;

const SECTOR_BYTES: usize = 512;

/// What happens at the chosen step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It fails, and has no effect.
    Fails,
    /// It fails, and has its effect all the same.
    FailsAfterItTookEffect,
    /// It takes effect in part if it is a write, and fails.
    FailsHalfway,
    /// If it is a sync it succeeds, and nothing is durable.
    SyncsNothing,
    /// From here on there is no room.
    FillsUp,
    /// The machine stops: it takes effect in memory, and nothing after it does.
    Dies,
}

pub(super) const FAULTS: [Fault; 6] = [
    Fault::Fails,
    Fault::FailsAfterItTookEffect,
    Fault::FailsHalfway,
    Fault::SyncsNothing,
    Fault::FillsUp,
    Fault::Dies,
];

/// What a crash keeps of what was not synced.
#[derive(Debug, Clone, Copy)]
pub(super) enum Keeps {
    Nothing,
    Everything,
    /// A part, by this seed.
    Some(u64),
}

#[derive(Clone, Default)]
pub(super) struct FaultyDisk {
    state: Arc<Mutex<State>>,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct State {
    files: Vec<Content>,
    /// Names, as they are and as they are durable.
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    /// Changes of names that are not durable yet, in order.
    name_changes: Vec<(PathBuf, Option<usize>)>,
    /// Folders that were made, and are names as well: what is in one that is lost is lost with it.
    folders: BTreeSet<PathBuf>,
    steps: usize,
    plan: Option<(usize, Fault)>,
    is_full: bool,
    is_dead: bool,
    is_read_only: bool,
    /// Whether the step under way is a sync that lies.
    syncs_nothing: bool,
}

#[derive(Default, Clone)]
struct Content {
    now: Vec<u8>,
    durable: Vec<u8>,
    changes: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    SetLen(usize),
}

/// Keeps syncs waiting while it is shut.
#[derive(Default)]
struct Gate {
    state: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl FaultyDisk {
    /// Does `fault` at step `at`, counted from here.
    pub(super) fn plan(&self, at: usize, fault: Fault) {
        let mut state = self.lock();
        (state.steps, state.plan) = (0, Some((at, fault)));
    }

    /// Does no more, has room, and says whether the planned step was reached.
    pub(super) fn heal(&self) -> bool {
        let mut state = self.lock();
        state.is_full = false;
        let planned = state.plan.take();
        planned.is_some_and(|(at, _)| state.steps > at)
    }

    /// Lets nothing be changed from here on.
    pub(super) fn write_protect(&self) {
        self.lock().is_read_only = true;
    }

    /// What a machine finds that starts after this one has stopped.
    pub(super) fn crash(&self, keeps: Keeps) -> Self {
        let state = self.lock();
        let mut chance = Chance(keeps);
        let mut names = state.durable_names.clone();
        for (name, file) in state.name_changes.iter().take_while(|_| chance.keeps()) {
            set_name(&mut names, name, *file);
        }
        state.drop_lost_folders(&mut names);
        let files = state
            .files
            .iter()
            .map(|file| file.after_crash(&mut chance))
            .collect();
        let durable_names = names.clone();
        let after = State {
            files,
            names,
            durable_names,
            folders: state.folders.clone(),
            ..State::default()
        };
        Self {
            state: Arc::new(Mutex::new(after)),
            gate: Arc::default(),
        }
    }

    pub(super) fn shut_gate(&self) {
        self.gate.state.lock().unwrap().0 = true;
    }

    pub(super) fn open_gate(&self) {
        self.gate.state.lock().unwrap().0 = false;
        self.gate.changed.notify_all();
    }

    /// Waits until a sync waits at the gate.
    pub(super) fn await_gate(&self) {
        let mut state = self.gate.state.lock().unwrap();
        while state.1 == 0 {
            state = self.gate.changed.wait(state).unwrap();
        }
    }

    fn create_file(&self, path: &Path) -> io::Result<FaultyFile> {
        let file = self.step(
            Kind::Grow,
            |_| (),
            |state| {
                state.files.push(Content::default());
                let file = state.files.len() - 1;
                state.change_name(path, Some(file));
                Ok(file)
            },
        )?;
        let disk = self.clone();
        Ok(FaultyFile { disk, file })
    }

    fn open_file(&self, path: &Path) -> io::Result<FaultyFile> {
        let file = self.step(Kind::Read, |_| (), |state| state.find(path))?;
        let disk = self.clone();
        Ok(FaultyFile { disk, file })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Counts a step, and does it as planned: `halfway` is what is done where a
    /// write fails in the middle.
    fn step<T>(
        &self,
        kind: Kind,
        halfway: impl FnOnce(&mut State),
        whole: impl FnOnce(&mut State) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut state = self.lock();
        let fault = state
            .plan
            .filter(|(at, _)| *at == state.steps)
            .map(|(_, fault)| fault);
        state.steps += 1;
        if state.is_dead {
            return Err(ErrorKind::Other.into());
        }
        if state.is_read_only && kind != Kind::Read {
            return Err(ErrorKind::ReadOnlyFilesystem.into());
        }
        let failed = || Err(io::Error::other("the disk failed"));
        match fault {
            Some(Fault::Fails) => return failed(),
            Some(Fault::FailsAfterItTookEffect) => return whole(&mut state).and_then(|_| failed()),
            Some(Fault::FailsHalfway) => {
                halfway(&mut state);
                return failed();
            }
            Some(Fault::FillsUp) => state.is_full = true,
            Some(Fault::Dies) => {
                state.is_dead = true;
                // A sync under way has synced nothing for certain.
                return if kind == Kind::Sync {
                    failed()
                } else {
                    whole(&mut state).and_then(|_| failed())
                };
            }
            Some(Fault::SyncsNothing) | None => {}
        }
        state.syncs_nothing = fault == Some(Fault::SyncsNothing);
        if state.is_full && kind == Kind::Grow {
            halfway(&mut state);
            return Err(ErrorKind::StorageFull.into());
        }
        whole(&mut state)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Read,
    /// Needs room.
    Grow,
    Change,
    Sync,
}

fn set_name(names: &mut BTreeMap<PathBuf, usize>, name: &Path, file: Option<usize>) {
    match file {
        Some(file) => names.insert(name.to_owned(), file),
        None => names.remove(name),
    };
}

impl State {
    fn change_name(&mut self, name: &Path, file: Option<usize>) {
        set_name(&mut self.names, name, file);
        self.name_changes.push((name.to_owned(), file));
    }

    fn find(&self, path: &Path) -> io::Result<usize> {
        self.names
            .get(path)
            .copied()
            .ok_or_else(|| ErrorKind::NotFound.into())
    }
}

impl Content {
    fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.changes.push(change);
    }

    fn after_crash(&self, chance: &mut Chance) -> Self {
        let mut left = self.durable.clone();
        for change in &self.changes {
            for part in change.sectors() {
                if chance.keeps() {
                    part.apply(&mut left);
                }
            }
        }
        Self {
            now: left.clone(),
            durable: left,
            changes: Vec::new(),
        }
    }
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::SetLen(size) => bytes.resize(*size, 0),
            Self::Write {
                offset,
                bytes: written,
            } => {
                let end = offset + written.len();
                bytes.resize(bytes.len().max(end), 0);
                bytes[*offset..end].copy_from_slice(written);
            }
        }
    }

    /// The parts of it that a disk writes whole.
    fn sectors(&self) -> Vec<Self> {
        let Self::Write { offset, bytes } = self else {
            return vec![self.clone()];
        };
        let (mut parts, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            let offset = offset + at;
            let size = (SECTOR_BYTES - offset % SECTOR_BYTES).min(bytes.len() - at);
            parts.push(Self::Write {
                offset,
                bytes: bytes[at..at + size].to_vec(),
            });
            at += size;
        }
        parts
    }
}

struct Chance(Keeps);

impl Chance {
    fn keeps(&mut self) -> bool {
        match &mut self.0 {
            Keeps::Nothing => false,
            Keeps::Everything => true,
            Keeps::Some(seed) => {
                // SplitMix64.
                *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mixed = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                (mixed ^ (mixed >> 31)) & 1 == 0
            }
        }
    }
}

impl Disk for FaultyDisk {
    fn create_dir(&self, _: &Path) -> io::Result<()> {
        self.step(Kind::Change, |_| (), |_| Ok(()))
    }

    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        let name = |path: &PathBuf| path.strip_prefix(dir).ok()?.to_str().map(str::to_owned);
        self.step(
            Kind::Read,
            |_| (),
            |state| Ok(state.names.keys().filter_map(name).collect()),
        )
    }

    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(self.create_file(path)?))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Ok(Arc::new(self.open_file(path)?))
    }

    fn open_read_only(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        Disk::open(self, path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(
            Kind::Change,
            |_| (),
            |state| {
                let file = state.find(from)?;
                state.change_name(to, Some(file));
                state.change_name(from, None);
                Ok(())
            },
        )
    }

    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        self.step(
            Kind::Sync,
            |_| (),
            |state| {
                if !state.syncs_nothing {
                    state.durable_names = state.names.clone();
                    state.name_changes.clear();
                }
                Ok(())
            },
        )
    }

    fn lock(&self, _: &Path) -> io::Result<Box<dyn Any + Send + Sync>> {
        self.step(Kind::Change, |_| (), |_| Ok(()))?;
        Ok(Box::new(()))
    }
}

struct FaultyFile {
    disk: FaultyDisk,
    file: usize,
}

impl DiskFile for FaultyFile {
    fn size(&self) -> io::Result<u64> {
        let size = |state: &mut State| Ok(state.files[self.file].now.len() as u64);
        self.disk.step(Kind::Read, |_| (), size)
    }

    fn read_at(&self, into: &mut [u8], offset: u64) -> io::Result<usize> {
        self.disk.step(
            Kind::Read,
            |_| (),
            |state| {
                let now = &state.files[self.file].now;
                let from = usize::try_from(offset).unwrap().min(now.len());
                let count = into.len().min(now.len() - from);
                into[..count].copy_from_slice(&now[from..from + count]);
                Ok(count)
            },
        )
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let offset = usize::try_from(offset).unwrap();
        let file = self.file;
        let part = |bytes: &[u8]| Change::Write {
            offset,
            bytes: bytes.to_vec(),
        };
        let grows = self.disk.lock().files[file].now.len() < offset + bytes.len();
        self.disk.step(
            if grows { Kind::Grow } else { Kind::Change },
            |state| state.files[file].change(part(&bytes[..bytes.len() / 2])),
            |state| {
                state.files[file].change(part(bytes));
                Ok(())
            },
        )
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        let size = usize::try_from(bytes).unwrap();
        self.disk.step(
            Kind::Change,
            |_| (),
            |state| {
                state.files[self.file].change(Change::SetLen(size));
                Ok(())
            },
        )
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut gate = self.disk.gate.state.lock().unwrap();
        gate.1 += 1;
        self.disk.gate.changed.notify_all();
        while gate.0 {
            gate = self.disk.gate.changed.wait(gate).unwrap();
        }
        gate.1 -= 1;
        drop(gate);
        self.disk.step(
            Kind::Sync,
            |_| (),
            |state| {
                if !state.syncs_nothing {
                    let file = &mut state.files[self.file];
                    file.durable.clone_from(&file.now);
                    file.changes.clear();
                }
                Ok(())
            },
        )
    }
}

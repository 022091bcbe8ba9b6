//! The one thread that writes: everything queued becomes one write and one sync.
//!
//! What a crash leaves, step by step:
//!
//! | After | There is |
//! |---|---|
//! | room was made | zeros behind the last frame |
//! | the write | none, some or all of the group, none of it acknowledged |
//! | the sync | all of the group; who asks again is told the same positions |
//! | a segment was cut to its frames | the last segment, without room |
//! | the next was renamed into place | both, or only the former |

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};

use socai_store::{Append, AppendError, Position};
use tokio::sync::{oneshot, watch};

use crate::Options;
use crate::decision::{Decision, Group};
use crate::disk::Disk;
use crate::frame::Frame;
use crate::identity;
use crate::index::Index;
use crate::segment::{self, HEADER_BYTES, Segment};
use crate::sidecar;
use socai_store::Identity;

pub(crate) type Answer = Result<Vec<Position>, AppendError>;

/// An append that waits for its turn.
pub(crate) struct Request {
    pub(crate) append: Append,
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// The appends that wait.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    requests: VecDeque<Request>,
    closed: bool,
}

impl Queue {
    pub(crate) fn push(&self, request: Request) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.requests.push_back(request);
        if waiting.requests.len() == 1 {
            self.changed.notify_one();
        }
    }

    /// Lets the writer end once it has written what waits.
    pub(crate) fn close(&self) {
        self.waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .closed = true;
        self.changed.notify_one();
    }

    /// Everything that waits, or nothing once the queue is closed and empty.
    fn take(&self) -> VecDeque<Request> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while waiting.requests.is_empty() && !waiting.closed {
            waiting = self
                .changed
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::take(&mut waiting.requests)
    }
}

/// Why nothing is written any more, or not now.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("the log has stopped, because {0}; close it, verify the ledger, open it again")]
    Stopped(String),
    #[error("{0}")]
    Refused(String),
}

pub(crate) struct Writer {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) log: PathBuf,
    pub(crate) identity: Identity,
    pub(crate) options: Options,
    pub(crate) index: Arc<RwLock<Index>>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) head: watch::Sender<Position>,
    pub(crate) segment: Arc<Segment>,
    /// Where the next frame goes.
    pub(crate) tail: u64,
    /// How long the file is; zeros from the tail on.
    pub(crate) allocated: u64,
    /// Whether the segment has been sealed, and the next must come before any frame.
    pub(crate) sealed: bool,
    pub(crate) stopped: Option<String>,
}

impl Writer {
    pub(crate) fn run(mut self) {
        loop {
            let mut requests = self.queue.take();
            if requests.is_empty() {
                return;
            }
            while !requests.is_empty() {
                self.write_group(&mut requests);
            }
        }
    }

    /// Decides, writes and answers as many of `requests` as make one group.
    fn write_group(&mut self, requests: &mut VecDeque<Request>) {
        let (decided, group) = self.decide(requests);
        let outcome = match (&self.stopped, group.frames().is_empty()) {
            (_, true) => Ok(()),
            (Some(reason), false) => Err(Failed::Before(Trouble::Stopped(reason.clone()))),
            (None, false) => self.write(group.frames()),
        };
        if outcome.is_ok() && !group.frames().is_empty() {
            self.publish(group.frames());
        }
        for (decision, answer) in decided {
            // Nobody waits where a client has gone; its events stay.
            let _ = answer.send(answered(decision, &outcome));
        }
    }

    fn decide(
        &self,
        requests: &mut VecDeque<Request>,
    ) -> (Vec<(Decision, oneshot::Sender<Answer>)>, Group) {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let mut group = Group::new(index.head(), identity::salt(&self.identity));
        let mut decided = Vec::with_capacity(requests.len());
        while group.frames().len() < self.options.group_bytes
            && let Some(Request { append, answer }) = requests.pop_front()
        {
            decided.push((group.decide(&index, &append), answer));
        }
        (decided, group)
    }

    /// Writes `frames` and makes them durable.
    fn write(&mut self, frames: &[u8]) -> Result<(), Failed> {
        self.make_room(frames.len() as u64)?;
        if let Err(error) = self.segment.file.write_at(frames, self.tail) {
            return Err(self.wipe(error));
        }
        if let Err(error) = self.segment.file.sync_data() {
            return Err(self.stop("a sync failed", &error));
        }
        self.tail += frames.len() as u64;
        Ok(())
    }

    /// Lets readers see what has become durable.
    fn publish(&mut self, frames: &[u8]) {
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        let mut at = 0;
        while at < frames.len() {
            let frame = Frame::over_own(&frames[at..]);
            let offset = self.tail - (frames.len() - at) as u64;
            index
                .push_frame(offset, frame)
                .expect("revisions were compared before writing");
            at += frame.header.frame_bytes();
        }
        let head = Position(index.head());
        drop(index);
        self.head.send_replace(head);
    }

    /// Makes sure that the next `bytes` replace zeros of the file.
    ///
    /// A sync of bytes that were there already need not touch the file's
    /// metadata, and a full disk shows itself before anything is written.
    fn make_room(&mut self, bytes: u64) -> Result<(), Failed> {
        let full = self.tail > HEADER_BYTES && self.tail + bytes > self.options.segment_bytes;
        if self.sealed || full {
            self.next_segment()?;
        }
        let needed = self.tail + bytes;
        if needed <= self.allocated {
            return Ok(());
        }
        let ample = needed.next_multiple_of(self.options.allocate_bytes);
        let allocate = self.allocate(ample).or_else(|_| self.allocate(needed));
        allocate.map_err(|error| refused("there is no room for more", &error))
    }

    fn allocate(&mut self, to: u64) -> io::Result<()> {
        static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];
        while self.allocated < to {
            let step = (to - self.allocated).min(ZEROS.len() as u64);
            self.segment
                .file
                .write_at(&ZEROS[..step as usize], self.allocated)?;
            self.allocated += step;
        }
        Ok(())
    }

    /// Seals the segment and begins the next one.
    fn next_segment(&mut self) -> Result<(), Failed> {
        // From here on this segment takes no more frames, whatever fails: the
        // next may be in place already, and its name says where it begins.
        self.sealed = true;
        self.allocated = self.tail;
        let cut = self.segment.file.set_len(self.tail);
        cut.map_err(|error| refused("the segment cannot be sealed", &error))?;
        let synced = self.segment.file.sync_data();
        synced.map_err(|error| self.stop("a sync failed", &error))?;
        let first = self
            .index
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .head()
            + 1;
        let next = self.create_segment(first)?;
        self.seal_index(&next);
        (self.segment, self.sealed) = (next, false);
        (self.tail, self.allocated) = (HEADER_BYTES, HEADER_BYTES);
        Ok(())
    }

    fn create_segment(&mut self, first: u64) -> Result<Arc<Segment>, Failed> {
        let name = segment::name(first);
        let (path, draft) = (self.log.join(&name), self.log.join("segment.tmp"));
        let header = segment::encode_header(&self.identity, first);
        let refused = |error| refused("no segment can be created", &error);
        let file = self.disk.create(&draft).map_err(refused)?;
        file.write_at(&header, 0).map_err(refused)?;
        file.sync_data()
            .map_err(|error| self.stop("a sync failed", &error))?;
        self.disk.rename(&draft, &path).map_err(refused)?;
        let synced = self.disk.sync_dir(&self.log);
        synced.map_err(|error| self.stop("a sync failed", &error))?;
        Ok(Arc::new(Segment {
            name,
            first,
            salt: identity::salt(&self.identity),
            file,
        }))
    }

    fn seal_index(&self, next: &Arc<Segment>) {
        // A sidecar saves time and no more, so a log that has none is as good.
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let _ = sidecar::write(self.disk.as_ref(), &self.log, &index);
        drop(index);
        self.index
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .begin_segment(next.clone());
    }

    /// Takes back a write that failed: a frame of it that reached the disk must
    /// not come to light behind later frames.
    fn wipe(&mut self, error: io::Error) -> Failed {
        self.allocated = self.tail;
        if let Err(second) = self.segment.file.set_len(self.tail) {
            return self.stop("a failed write could not be taken back", &second);
        }
        if let Err(second) = self.segment.file.sync_data() {
            return self.stop("a sync failed", &second);
        }
        refused("the write failed", &error)
    }

    /// After a failed sync nobody knows what is durable, and asking again would
    /// be answered with yes: the kernel forgets what it could not write.
    fn stop(&mut self, why: &str, error: &io::Error) -> Failed {
        let reason = format!("{why} ({error})");
        self.stopped = Some(reason.clone());
        Failed::After(Trouble::Stopped(reason))
    }
}

/// Why a group was not made durable.
enum Failed {
    /// None of it will ever be there.
    Before(Trouble),
    /// Any of it may be there.
    After(Trouble),
}

fn refused(what: &str, error: &io::Error) -> Failed {
    Failed::Before(Trouble::Refused(format!("{what}: {error}")))
}

/// What an append is told when its group has been written or not.
///
/// A decision that leaned on events of the same group fell with them.
fn answered(decision: Decision, outcome: &Result<(), Failed>) -> Answer {
    let answer = match decision {
        Decision::Settled(answer) => return answer,
        Decision::Awaits(answer) => answer,
    };
    match outcome {
        Ok(()) => answer,
        Err(Failed::Before(trouble)) => Err(AppendError::Unavailable(trouble.clone().into())),
        Err(Failed::After(trouble)) => Err(AppendError::Unknown(trouble.clone().into())),
    }
}

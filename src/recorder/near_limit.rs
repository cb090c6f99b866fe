//! The heap at its limit: what is done inside V8's call, and the background thread's watch over when it may be done at all.

use super::config::Config;
use crate::capture::under_way;
use crate::os;
use crate::v8::{HeapStatistics, Isolate, NearHeapLimit, NearHeapLimitGuard, NearHeapLimitListener, Visit, Visitor};
use crossbeam_channel::{Receiver, Sender, bounded};
use serde_json::{Value, json};
use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::Thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The reason of a capture made at the limit, and the name of its event.
pub const NEAR_HEAP_LIMIT: &str = "near-heap-limit";

/// The line of a moment is never longer: ten numbers of at most twenty digits and their names.
const LINE: usize = 512;

/// Where there is to be no capture after all, V8 still asks nobody else at this call, and would end the process without asking Node. Node's own callback
/// gives as much to a worker that it ends.
const GIVE_WAY_BYTES: u64 = 16 << 20;

/// Looking for room is a dozen small reads.
const ROOM_ASKED_EVERY: Duration = Duration::from_secs(1);

/// The figures of the moment at which V8 asked.
#[derive(Clone, Copy, Debug)]
pub struct NearLimit {
    pub at: Instant,
    pub timestamp_ms: u64,
    pub heap: HeapStatistics,
    /// What the limit is from now on.
    pub raised_to: u64,
    /// Whether it was raised for a capture.
    pub captures: bool,
}

impl NearLimit {
    pub fn document(&self) -> Value {
        json!({
            "timestamp": self.timestamp_ms,
            "heapUsedBytes": self.heap.used(),
            "heapTotalBytes": self.heap.total(),
            "heapLimitBytes": self.heap.limit(),
            "raisedToBytes": self.raised_to,
            "externalBytes": self.heap.external(),
            "mallocedBytes": self.heap.malloced(),
            "raisedForCapture": self.captures,
        })
    }

    /// The same as a line of JSON. Allocates nothing.
    fn write(&self, line: &mut Cursor<&mut [u8]>, pid: u32, thread_id: u32) -> std::io::Result<()> {
        let Self { timestamp_ms, heap, raised_to, captures, .. } = self;
        writeln!(
            line,
            "{{\"v\":1,\"kind\":\"nearLimit\",\"atMs\":{timestamp_ms},\"pid\":{pid},\"threadId\":{thread_id},\
             \"heapUsedBytes\":{},\"heapTotalBytes\":{},\"heapLimitBytes\":{},\"raisedToBytes\":{raised_to},\
             \"externalBytes\":{},\"mallocedBytes\":{},\"raisedForCapture\":{captures}}}",
            heap.used(),
            heap.total(),
            heap.limit(),
            heap.external(),
            heap.malloced()
        )
    }
}

/// The isolate's side: a line to disk, a figure for the background thread, and the answer.
pub struct LimitListener {
    may_capture: AtomicBool,
    /// A capture is expected to fit into what memory and disk there are.
    has_room: AtomicBool,
    /// Called, and the background thread does not know it yet: no arming until it does.
    unseen: AtomicBool,
    headroom: u64,
    pid: u32,
    thread_id: u32,
    /// Opened at the call, since a journal that has become long is replaced by a shorter one.
    journal: PathBuf,
    background: OnceLock<Thread>,
    moments: Sender<NearLimit>,
}

impl LimitListener {
    /// On the isolate's thread. Acquire pairs with the release in `LimitWatch::moment`: whoever sees `unseen` taken back there sees
    /// `may_capture` taken back as well, so that no visit asked for before a call arms for a second one.
    fn wants_arming(&self) -> bool {
        !self.unseen.load(Ordering::Acquire) && self.may_capture.load(Ordering::Relaxed)
    }

    /// One line by one write. It is in the kernel's hands then, and outlives this process. Opening by a path of ordinary length allocates nothing.
    fn tell_journal(&self, moment: &NearLimit) -> std::io::Result<()> {
        let mut bytes = [0; LINE];
        let mut line = Cursor::new(&mut bytes[..]);
        moment.write(&mut line, self.pid, self.thread_id)?;
        let length = line.position() as usize;
        os::append_whole(&os::open_own(&self.journal, true)?, &bytes[..length])
    }
}

impl NearHeapLimitListener for LimitListener {
    fn near(&self, heap: HeapStatistics, young_bytes: u64) -> u64 {
        // Relaxed: nothing else is read by its value.
        let captures =
            self.may_capture.load(Ordering::Relaxed) && self.has_room.load(Ordering::Relaxed) && !under_way();
        let more = if captures { self.headroom.max(young_bytes) } else { GIVE_WAY_BYTES };
        let timestamp_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        let moment = NearLimit {
            at: Instant::now(),
            timestamp_ms,
            heap,
            raised_to: heap.limit().saturating_add(more),
            captures,
        };
        // Read on this thread, by the visit that arms.
        self.unseen.store(true, Ordering::Relaxed);
        // A full disk, or whatever else keeps the line out, must not keep us.
        let _ = self.tell_journal(&moment);
        // One slot for one call between two armings. Nobody sleeps on this channel, so this takes no lock; waking a parked thread is
        // one exchange and at most one system call.
        let _ = self.moments.try_send(moment);
        if let Some(background) = self.background.get() {
            background.unpark();
        }
        more
    }
}

/// The background thread's side: arms and disarms.
pub struct LimitWatch {
    callback: Arc<NearHeapLimit<LimitListener>>,
    /// Makes the callback armed or not, as `may_capture` says.
    adjust: Arc<Visit>,
    asked_for: Option<bool>,
    /// Takes the headroom back that is of no use.
    take_back: Arc<Visit>,
    moments: Receiver<NearLimit>,
    /// The lowest limit seen: a limit above it is one that somebody has raised.
    initial_limit: Option<u64>,
    raised: bool,
    room_asked: Option<Instant>,
    last_call: Option<Instant>,
}

impl LimitWatch {
    /// Both ends of one environment's watch: the guard stays on the isolate's thread. `None` where V8 does not offer it.
    pub fn new(isolate: Isolate, config: &Config) -> Option<(Self, NearHeapLimitGuard<LimitListener>)> {
        let (sender, moments) = bounded(1);
        let callback = NearHeapLimit::new(
            isolate,
            LimitListener {
                may_capture: AtomicBool::new(false),
                has_room: AtomicBool::new(true),
                unseen: AtomicBool::new(false),
                headroom: config.capture.headroom_bytes,
                pid: std::process::id(),
                thread_id: config.thread_id,
                journal: os::kept_file(&config.dir, "journal"),
                background: OnceLock::new(),
                moments: sender,
            },
        )?;
        let adjusted = Arc::clone(&callback);
        let adjust =
            Visit::new(move |_| if adjusted.listener().wants_arming() { adjusted.arm() } else { adjusted.disarm() });
        let raised = Arc::clone(&callback);
        let take_back = Visit::new(move |_| raised.take_back());
        let guard = NearHeapLimitGuard(Arc::clone(&callback));
        let watch = Self {
            callback,
            adjust,
            asked_for: None,
            take_back,
            moments,
            initial_limit: None,
            raised: false,
            room_asked: None,
            last_call: None,
        };
        Some((watch, guard))
    }

    /// The thread that is to be woken: the calling one.
    pub fn wake_this_thread(&self) {
        let _ = self.callback.listener().background.set(std::thread::current());
    }

    /// What a tick does on the isolate's thread before it reads the figures: puts the limit back where it can.
    pub fn restore(&self) -> impl Fn() + Send + Sync + use<> {
        let callback = Arc::clone(&self.callback);
        move || callback.restore_limit()
    }

    /// What a worker does once it has been forked. Node ends it at its limit, but gives it no more than 16 MiB to end in; a heap that has grown on, and its young
    /// generation with it, may not get by with that, and then V8 ends the whole process.
    pub fn after_fork(&self) -> Arc<dyn Fn() + Send + Sync> {
        let callback = Arc::clone(&self.callback);
        Arc::new(move || callback.take_back())
    }

    /// The same for a worker that is not going to be forked.
    pub fn take_back(&self, visitor: &Visitor) {
        visitor.ask(&self.take_back);
    }

    /// The call that has come, if one has. Until a later sample says otherwise the limit counts as raised.
    pub fn moment(&mut self) -> Option<NearLimit> {
        let moment = self.moments.try_recv().ok()?;
        (self.asked_for, self.raised, self.last_call) = (None, true, Some(moment.at));
        let listener = self.callback.listener();
        listener.may_capture.store(false, Ordering::Relaxed);
        listener.unseen.store(false, Ordering::Release);
        Some(moment)
    }

    /// A sample's heap limit. `has_room` is asked now and then. A visit that found another recorder's callback in its place is asked for again.
    pub fn observe(&mut self, at: Instant, limit: u64, has_room: impl FnOnce() -> bool) {
        if self.room_asked.is_none_or(|asked| at.saturating_duration_since(asked) >= ROOM_ASKED_EVERY) {
            self.room_asked = Some(at);
            self.callback.listener().has_room.store(has_room(), Ordering::Relaxed);
        }
        if self.last_call.is_some_and(|call| at <= call) {
            return;
        }
        let initial = self.initial_limit.map_or(limit, |initial| initial.min(limit));
        self.initial_limit = Some(initial);
        self.raised = limit > initial;
        if self.asked_for == Some(true) && !self.callback.is_armed() {
            self.asked_for = None;
        }
    }

    /// Whether the limit is above what it was.
    pub fn is_raised(&self) -> bool {
        self.raised
    }

    /// Whether an automatic capture could be made at this moment. Armed is the callback only while it could, and the limit is what it was.
    pub fn allow(&mut self, captures: bool, visitor: &Visitor) {
        let wanted = captures && !self.raised;
        self.callback.listener().may_capture.store(wanted, Ordering::Relaxed);
        if self.asked_for.unwrap_or(false) != wanted {
            self.asked_for = Some(wanted);
            visitor.ask(&self.adjust);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_moment_is_json_and_fits_whatever_its_figures_are() {
        let heap = HeapStatistics::from_named(|_| u64::MAX);
        let moment =
            NearLimit { at: Instant::now(), timestamp_ms: u64::MAX, heap, raised_to: u64::MAX, captures: true };
        let mut bytes = [0; LINE];
        let mut line = Cursor::new(&mut bytes[..]);
        moment.write(&mut line, u32::MAX, u32::MAX).unwrap();
        let length = line.position() as usize;
        let read: Value = serde_json::from_slice(&bytes[..length]).unwrap();
        assert_eq!(bytes[length - 1], b'\n');
        assert_eq!(read["kind"], "nearLimit");
        for (name, value) in moment.document().as_object().unwrap() {
            let name = if name == "timestamp" { "atMs" } else { name };
            assert_eq!(&read[name], value, "{name}");
        }
    }
}

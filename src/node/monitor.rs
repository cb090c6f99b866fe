//! The recorder of one environment, as a class of JavaScript.

use super::error::{Result, error, internal};
use crate::capture::Format;
use crate::recorder::{Config, Ending, Interest, Message, Recorder};
use crate::v8::{GcKind, HeapStatistics};
use napi::bindgen_prelude::{Function, Object};
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi::{CleanupEnvHook, Env};
use napi_derive::napi;
use serde_json::Value;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Shared with the environment's clean-up hook, on the same thread.
type Shared = Rc<RefCell<Option<Recorder>>>;

#[napi]
pub struct Monitor {
    recorder: Shared,
    hook: Option<CleanupEnvHook<Shared>>,
}

#[napi]
impl Monitor {
    /// Starts recording. `options` is the JSON of complete options. `wake` is called when something waits to be drained; it does not keep the process alive.
    #[napi(constructor)]
    pub fn new(env: Env, options: String, #[napi(ts_arg_type = "() => void")] wake: Function<(), ()>) -> Result<Self> {
        let config: Config = serde_json::from_str(&options)
            .map_err(|problem| error("ERR_LEAKHUNT_INVALID_OPTION", format!("options: {problem}")))?;
        let is_main_thread = config.is_main_thread;
        // A queue of one: a second ring before the first is answered says nothing new. Something that waits is seen by the ring that is pending.
        let bell = wake
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .callee_handled::<false>()
            .max_queue_size::<1>()
            .build_callback(|_| Ok(()))
            .map_err(internal)?;
        let ring = move || {
            // Refused when a ring is pending already, or when the environment is closing: in both cases there is nothing to add.
            let _status = bell.call((), ThreadsafeFunctionCallMode::NonBlocking);
        };
        let recorder = Recorder::start(config, Arc::new(ring)).map_err(|problem| {
            error("ERR_LEAKHUNT_THREAD", format!("the background thread could not be started: {problem}"))
        })?;
        let recorder: Shared = Rc::new(RefCell::new(Some(recorder)));
        // Added after the threadsafe function, hence run before its own hook: the threads are joined while the bell can still be rung.
        let hook = env
            .add_env_cleanup_hook(Rc::clone(&recorder), move |recorder| end(&recorder, is_main_thread))
            .map_err(internal)?;
        Ok(Self { recorder, hook: Some(hook) })
    }

    /// Does what the background thread asked of this thread, and returns the events that wait, oldest first.
    #[napi(ts_return_type = "Array<Record<string, unknown> & { type: string }>")]
    pub fn drain(&self) -> Vec<Value> {
        let events = self.recorder.borrow_mut().as_mut().map(Recorder::answer_doorbell).unwrap_or_default();
        events.iter().map(|event| event.document()).collect()
    }

    /// Bit 0: `sample` events are wanted; bit 1: `gc` events.
    #[napi]
    pub fn set_interest(&self, bits: u32) {
        self.tell(Message::Interest(Interest::from_bits(bits)));
    }

    /// Asks for a snapshot, or for one from the heap's pages with V8's own beside it; the outcome is an event `snapshot` or `skipped` with this id.
    #[napi]
    pub fn snapshot(
        &self,
        id: u32,
        reason: String,
        redact: bool,
        #[napi(ts_arg_type = "'heapsnapshot' | 'lhgraph' | null")] format: Option<String>,
        beside_v8: bool,
    ) -> Result<()> {
        let format = format.map(|name| {
            let known = Format::ALL.into_iter().find(|format| format.name() == name);
            known.ok_or_else(|| error("ERR_LEAKHUNT_INVALID_OPTION", format!("format: '{name}' is none")))
        });
        let format = format.transpose()?;
        if self.recorder.borrow().is_none() {
            return Err(error("ERR_LEAKHUNT_STOPPED", "leakhunt was stopped"));
        }
        if self.tell(Message::Snapshot { id, reason, redact, format, beside_v8 }) {
            Ok(())
        } else {
            Err(error("ERR_LEAKHUNT_CAPTURE_BUSY", "too many captures are waiting to be started"))
        }
    }

    /// Asks for a census with so many classes; the outcome is an event `census` or `skipped` with this id.
    #[napi]
    pub fn census(&self, id: u32, max_classes: u32) -> Result<()> {
        if self.recorder.borrow().is_none() {
            return Err(error("ERR_LEAKHUNT_STOPPED", "leakhunt was stopped"));
        }
        if self.tell(Message::Census { id, max_classes: max_classes as usize }) {
            Ok(())
        } else {
            Err(error("ERR_LEAKHUNT_CAPTURE_BUSY", "too many captures are waiting to be started"))
        }
    }

    /// JavaScript has written the in-process snapshot it was asked for by an event `inline`, in `pauseMs`, or could not.
    #[napi]
    pub fn inline_done(&self, pause_ms: f64, problem: Option<String>) {
        if let Some(recorder) = self.recorder.borrow_mut().as_mut() {
            recorder.inline_done(problem.map_or(Ok(pause_ms.max(0.0)), Err));
        }
    }

    /// JavaScript's function has delivered the file it was asked to by an event `deliver`, or could not.
    #[napi]
    pub fn deliver_done(&self, problem: Option<String>) {
        if let Some(recorder) = self.recorder.borrow_mut().as_mut() {
            recorder.deliver_done(problem.map_or(Ok(()), Err));
        }
    }

    /// The JavaScript way of a sample: the object of `v8.getHeapStatistics()`.
    #[napi]
    pub fn record_tick(&self, #[napi(ts_arg_type = "object")] statistics: Object) {
        let heap = HeapStatistics::from_named(|name| statistics.get::<f64>(name).ok().flatten().unwrap_or(0.0) as u64);
        if let Some(recorder) = self.recorder.borrow().as_ref() {
            recorder.push_tick(heap);
        }
    }

    /// The JavaScript way of a collection: `kind` and `duration` of an entry of `PerformanceObserver('gc')`.
    #[napi]
    pub fn record_gc(&self, kind_bits: u32, duration_ms: f64) {
        let pause = Duration::try_from_secs_f64(duration_ms / 1e3).unwrap_or_default();
        if let Some(recorder) = self.recorder.borrow().as_ref() {
            recorder.push_gc(GcKind::from_bits(kind_bits), pause);
        }
    }

    /// Ends the recording: unhooks V8, ends and reaps a capture child, joins the thread. Idempotent.
    #[napi]
    pub fn stop(&mut self, env: Env) -> Result<()> {
        // Dropping it stops it.
        let recorder = self.recorder.borrow_mut().take();
        drop(recorder);
        match self.hook.take() {
            Some(hook) => env.remove_env_cleanup_hook(hook).map_err(internal),
            None => Ok(()),
        }
    }

    fn tell(&self, message: Message) -> bool {
        self.recorder.borrow().as_ref().is_some_and(|recorder| recorder.tell(message))
    }
}

/// The environment goes. With the main one goes the process.
fn end(recorder: &Shared, is_main_thread: bool) {
    if let Some(mut recorder) = recorder.borrow_mut().take() {
        recorder.stop_with(if is_main_thread { Ending::Process } else { Ending::Isolate });
    }
}

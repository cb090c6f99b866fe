//! Reading and judging snapshots, off the main thread: promises that keep their error's code, report progress and can be aborted.

use crate::convert;
use crate::hunt::retainers::Held;
use crate::hunt::verdict::Verdict;
use crate::hunt::{Aborted, FileProgress, Files, HuntError, diff, hunt, retainers};
use crate::os;
use crate::report::text;
use napi::bindgen_prelude::{AsyncTask, FnArgs, Function, FunctionRef, JsObjectValue, Object, ObjectRef};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status, Task};
use napi_derive::napi;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

/// How far the reading of `file` has come, in its own bytes.
#[napi(object)]
pub struct AnalysisProgress {
    pub file: String,
    pub done: f64,
    pub total: f64,
}

/// Progress may be late or lost when the main thread is busy, and must not keep the process alive: weak, with a short queue.
type Tell = ThreadsafeFunction<AnalysisProgress, (), AnalysisProgress, Status, false, true, 16>;
type OnProgress<'a> = Function<'a, AnalysisProgress, ()>;
type Failure = napi::Error<String>;

#[napi(ts_return_type = "Promise<string>")]
pub fn analyze(
    env: &Env,
    paths: Vec<String>,
    on_progress: Option<OnProgress<'_>>,
    signal: Option<Object<'_>>,
) -> napi::Result<AsyncTask<Job>> {
    let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    job(env, on_progress, signal, move |aborted, tell| json(&hunt(&mut Files::new(&paths, aborted.clone(), tell)?)?))
}

#[napi(ts_return_type = "Promise<string>")]
pub fn diff(
    env: &Env,
    before: String,
    after: String,
    on_progress: Option<OnProgress<'_>>,
    signal: Option<Object<'_>>,
) -> napi::Result<AsyncTask<Job>> {
    job(env, on_progress, signal, move |aborted, tell| {
        json(&diff::diff_files(before.as_ref(), after.as_ref(), aborted, tell)?)
    })
}

#[napi(ts_return_type = "Promise<string>")]
pub fn retainers(
    env: &Env,
    file: String,
    selector: String,
    on_progress: Option<OnProgress<'_>>,
    signal: Option<Object<'_>>,
) -> napi::Result<AsyncTask<Job>> {
    job(env, on_progress, signal, move |aborted, tell| {
        json(&retainers::retainers_in_file(file.as_ref(), &selector, aborted, tell)?)
    })
}

#[napi(ts_return_type = "Promise<string>")]
pub fn unpack(
    env: &Env,
    file: String,
    out: String,
    on_progress: Option<OnProgress<'_>>,
    signal: Option<Object<'_>>,
) -> napi::Result<AsyncTask<Job>> {
    job(env, on_progress, signal, move |aborted, tell| {
        json(&convert::unpack::unpack(file.as_ref(), out.as_ref(), aborted, tell)?)
    })
}

#[napi(ts_return_type = "Promise<string>")]
pub fn redact(
    env: &Env,
    file: String,
    out: String,
    on_progress: Option<OnProgress<'_>>,
    signal: Option<Object<'_>>,
) -> napi::Result<AsyncTask<Job>> {
    job(env, on_progress, signal, move |aborted, tell| {
        json(&convert::redact::redact(file.as_ref(), out.as_ref(), aborted, tell)?)
    })
}

/// For the process in which an unattended hunt is analysed: the kernel ends it when `parent`, who has started it, is gone.
#[napi]
pub fn end_with(parent: u32) -> super::error::Result<()> {
    os::end_with(parent)
        .map_err(|problem| super::error::error("ERR_LEAKHUNT_STOPPED", format!("the app has ended: {problem}")))
}

#[napi]
pub fn verdict_text(document: String, columns: u32, color: bool) -> Result<String, Failure> {
    Ok(text::verdict(&parse::<Verdict>(&document)?, columns as usize, color))
}

#[napi]
pub fn diff_text(document: String, columns: u32, color: bool) -> Result<String, Failure> {
    Ok(text::diff(&parse::<diff::Diff>(&document)?, columns as usize, color))
}

#[napi]
pub fn retainers_text(document: String, columns: u32, color: bool) -> Result<String, Failure> {
    Ok(text::retainers(&parse::<Held>(&document)?, columns as usize, color))
}

fn parse<T: DeserializeOwned>(document: &str) -> Result<T, Failure> {
    serde_json::from_str(document).map_err(|error| {
        Failure::new("ERR_LEAKHUNT_DOCUMENT".to_string(), format!("the document cannot be read: {error}"))
    })
}

fn json<T: Serialize>(document: &T) -> Result<String, HuntError> {
    Ok(serde_json::to_string(document).expect("our documents have only text, numbers, lists and string keys"))
}

type Work = dyn FnOnce(&Aborted, &mut dyn FnMut(FileProgress<'_>)) -> Result<String, HuntError> + Send;

/// One piece of work for a thread of libuv's pool.
pub struct Job {
    work: Option<Box<Work>>,
    aborted: Aborted,
    tell: Option<Tell>,
    listening: Option<Listening>,
    failure: Option<Failure>,
}

fn job(
    env: &Env,
    on_progress: Option<OnProgress<'_>>,
    signal: Option<Object<'_>>,
    work: impl FnOnce(&Aborted, &mut dyn FnMut(FileProgress<'_>)) -> Result<String, HuntError> + Send + 'static,
) -> napi::Result<AsyncTask<Job>> {
    let aborted = Aborted::default();
    let tell =
        on_progress.map(|f| f.build_threadsafe_function().weak::<true>().max_queue_size::<16>().build()).transpose()?;
    let listening = signal.map(|signal| Listening::to(env, &signal, aborted.clone())).transpose()?;
    Ok(AsyncTask::new(Job { work: Some(Box::new(work)), aborted, tell, listening, failure: None }))
}

impl Task for Job {
    type Output = String;
    type JsValue = String;

    fn compute(&mut self) -> napi::Result<String> {
        let work = self.work.take().expect("libuv runs a work once");
        let tell = self.tell.take();
        let mut forward = |p: FileProgress<'_>| {
            let progress =
                AnalysisProgress { file: p.file.display().to_string(), done: p.done as f64, total: p.total as f64 };
            if let Some(tell) = &tell {
                tell.call(progress, ThreadsafeFunctionCallMode::NonBlocking);
            }
        };
        // A panic must not cross into libuv; the state that it leaves behind is dropped with the job.
        let outcome = catch_unwind(AssertUnwindSafe(|| work(&self.aborted, &mut forward)));
        let failure = match outcome {
            Ok(Ok(document)) => return Ok(document),
            Ok(Err(error)) => Failure::new(error.code().to_string(), error.to_string()),
            Err(_) => Failure::new("ERR_LEAKHUNT_INTERNAL".to_string(), "the analysis failed by a fault of its own"),
        };
        let reason = failure.reason.clone();
        self.failure = Some(failure);
        Err(napi::Error::from_reason(reason))
    }

    fn resolve(&mut self, _env: Env, document: String) -> napi::Result<String> {
        Ok(document)
    }

    /// An error that comes out of `compute` has a status of N-API for its code; ours is put in its place.
    fn reject(&mut self, env: Env, error: napi::Error) -> napi::Result<String> {
        match self.failure.take() {
            Some(failure) => Err(napi::Error::from(napi::JsError::from(failure).into_unknown(env))),
            None => Err(error),
        }
    }

    fn finally(self, env: Env) -> napi::Result<()> {
        self.listening.map_or(Ok(()), |listening| listening.stop(&env))
    }
}

/// A listener on an `AbortSignal`, taken off again when the work is done: a signal may live as long as the process.
struct Listening {
    signal: ObjectRef<false>,
    listener: FunctionRef<(), ()>,
}

type ChangeListener<'a> = Function<'a, FnArgs<(&'static str, Function<'a, (), ()>)>, ()>;

impl Listening {
    fn to(env: &Env, signal: &Object<'_>, aborted: Aborted) -> napi::Result<Self> {
        if signal.get_named_property::<bool>("aborted")? {
            aborted.set();
        }
        let listener: Function<'_, (), ()> = env.create_function_from_closure("abort", move |_| {
            aborted.set();
            Ok(())
        })?;
        let add: ChangeListener<'_> = signal.get_named_property("addEventListener")?;
        add.apply(*signal, ("abort", listener).into())?;
        Ok(Listening { signal: signal.create_ref()?, listener: listener.create_ref()? })
    }

    fn stop(self, env: &Env) -> napi::Result<()> {
        let signal = self.signal.get_value(env)?;
        let remove: ChangeListener<'_> = signal.get_named_property("removeEventListener")?;
        let listener = self.listener.borrow_back(env)?;
        remove.apply(signal, ("abort", listener).into())?;
        self.signal.unref(env)
    }
}

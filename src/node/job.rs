//! One piece of work for a thread of libuv's pool, as a promise that keeps its error's code, reports progress and can be aborted.

use crate::hunt::{Aborted, FileProgress, HuntError};
use crate::inspect::InspectError;
use napi::bindgen_prelude::{
    AsyncTask, FnArgs, Function, FunctionRef, JsObjectValue, Object, ObjectRef, ToNapiValue, TypeName,
};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status, Task};
use napi_derive::napi;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How far the reading of `file` has come, in its own bytes.
#[napi(object)]
pub struct AnalysisProgress {
    pub file: String,
    pub done: f64,
    pub total: f64,
}

/// Progress may be late or lost when the main thread is busy, and must not keep the process alive: weak, with a short queue.
type Tell = ThreadsafeFunction<AnalysisProgress, (), AnalysisProgress, Status, false, true, 16>;
pub type OnProgress<'a> = Function<'a, AnalysisProgress, ()>;
pub type Failure = napi::Error<String>;

/// An error with a stable code.
pub trait Coded: Display {
    fn code(&self) -> &'static str;
}

impl Coded for HuntError {
    fn code(&self) -> &'static str {
        HuntError::code(self)
    }
}

impl Coded for InspectError {
    fn code(&self) -> &'static str {
        InspectError::code(self)
    }
}

type Work<T> = dyn FnOnce(&Aborted, &mut dyn FnMut(FileProgress<'_>)) -> Result<T, Failure> + Send;

pub struct Job<T> {
    work: Option<Box<Work<T>>>,
    aborted: Aborted,
    tell: Option<Tell>,
    listening: Option<Listening>,
    failure: Option<Failure>,
}

pub fn job<T: Send + 'static, E: Coded>(
    env: &Env,
    on_progress: Option<OnProgress<'_>>,
    signal: Option<Object<'_>>,
    work: impl FnOnce(&Aborted, &mut dyn FnMut(FileProgress<'_>)) -> Result<T, E> + Send + 'static,
) -> napi::Result<AsyncTask<Job<T>>>
where
    Job<T>: Task,
{
    let aborted = Aborted::default();
    let tell =
        on_progress.map(|f| f.build_threadsafe_function().weak::<true>().max_queue_size::<16>().build()).transpose()?;
    let listening = signal.map(|signal| Listening::to(env, &signal, aborted.clone())).transpose()?;
    let work: Box<Work<T>> = Box::new(move |aborted, tell| {
        work(aborted, tell).map_err(|error| Failure::new(error.code().to_string(), error.to_string()))
    });
    Ok(AsyncTask::new(Job { work: Some(work), aborted, tell, listening, failure: None }))
}

impl<T: ToNapiValue + TypeName + Send + 'static> Task for Job<T> {
    type Output = T;
    type JsValue = T;

    fn compute(&mut self) -> napi::Result<T> {
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
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(failure)) => failure,
            Err(_) => Failure::new("ERR_LEAKHUNT_INTERNAL".to_string(), "the analysis failed by a fault of its own"),
        };
        let reason = failure.reason.clone();
        self.failure = Some(failure);
        Err(napi::Error::from_reason(reason))
    }

    fn resolve(&mut self, _env: Env, answer: T) -> napi::Result<T> {
        Ok(answer)
    }

    /// An error that comes out of `compute` has a status of N-API for its code; ours is put in its place.
    fn reject(&mut self, env: Env, error: napi::Error) -> napi::Result<T> {
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

//! Reading and judging snapshots, off the main thread.

use super::job::{Failure, Job, OnProgress, job};
use crate::capture::{counts_beside, moment_beside};
use crate::convert;
use crate::hunt::retainers::Held;
use crate::hunt::verdict::Verdict;
use crate::hunt::{Accepted, Files, HuntError, diff, hunt, retainers};
use crate::os;
use crate::report::text;
use crate::sources::Maps;
use napi::Env;
use napi::bindgen_prelude::{AsyncTask, Object};
use napi_derive::napi;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::PathBuf;

/// `accepted` is a JSON array of leaks that do not count.
#[napi(ts_return_type = "Promise<string>")]
pub fn analyze(
    env: &Env,
    paths: Vec<String>,
    accepted: String,
    source_maps: bool,
    on_progress: Option<OnProgress<'_>>,
    signal: Option<Object<'_>>,
) -> napi::Result<AsyncTask<Job<String>>> {
    let paths: Vec<PathBuf> = paths.into_iter().map(PathBuf::from).collect();
    let accepted: Vec<Accepted> =
        parse(&accepted).map_err(|failure| napi::Error::from_reason(failure.reason.clone()))?;
    job(env, on_progress, signal, move |aborted, tell| {
        let mut verdict = hunt(&mut Files::new(&paths, aborted.clone(), tell, moment_beside)?, &accepted)?;
        if let Some(last) = paths.last() {
            verdict.tell_counts(&counts_beside(last));
        }
        if source_maps {
            verdict.tell_origins(&Maps::default().origins(&verdict.locations(), aborted));
        }
        json(&verdict)
    })
}

#[napi(ts_return_type = "Promise<string>")]
pub fn diff(
    env: &Env,
    before: String,
    after: String,
    on_progress: Option<OnProgress<'_>>,
    signal: Option<Object<'_>>,
) -> napi::Result<AsyncTask<Job<String>>> {
    job(env, on_progress, signal, move |aborted, tell| {
        json(&diff::diff_files(before.as_ref(), after.as_ref(), aborted, tell)?)
    })
}

#[napi(ts_return_type = "Promise<string>")]
pub fn retainers(
    env: &Env,
    file: String,
    selector: String,
    source_maps: bool,
    on_progress: Option<OnProgress<'_>>,
    signal: Option<Object<'_>>,
) -> napi::Result<AsyncTask<Job<String>>> {
    job(env, on_progress, signal, move |aborted, tell| {
        let mut held = retainers::retainers_in_file(file.as_ref(), &selector, aborted, tell)?;
        if source_maps {
            Maps::default().follow(held.locations(), aborted);
        }
        json(&held)
    })
}

#[napi(ts_return_type = "Promise<string>")]
pub fn unpack(
    env: &Env,
    file: String,
    out: String,
    on_progress: Option<OnProgress<'_>>,
    signal: Option<Object<'_>>,
) -> napi::Result<AsyncTask<Job<String>>> {
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
) -> napi::Result<AsyncTask<Job<String>>> {
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

pub(super) fn parse<T: DeserializeOwned>(document: &str) -> Result<T, Failure> {
    serde_json::from_str(document).map_err(|error| {
        Failure::new("ERR_LEAKHUNT_DOCUMENT".to_string(), format!("the document cannot be read: {error}"))
    })
}

fn json<T: Serialize>(document: &T) -> Result<String, HuntError> {
    Ok(serde_json::to_string(document).expect("our documents have only text, numbers, lists and string keys"))
}

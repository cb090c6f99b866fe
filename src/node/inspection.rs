//! A snapshot that stays open, as a class of JavaScript: the graph lies in native memory, and each question is a task of its own.

use super::analysis::parse;
use super::error::{Result, error};
use super::job::{Failure, Job, OnProgress, job};
use crate::hunt::{FileProgress, HuntError};
use crate::inspect::{self, Answer, InspectError, Question};
use crate::report::text;
use crate::sources::Maps;
use napi::Env;
use napi::bindgen_prelude::{AsyncTask, Object};
use napi_derive::napi;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;

/// None once closed. A question that is being answered keeps the graph until it is done.
#[napi]
pub struct Inspection {
    open: Option<Arc<inspect::Inspection>>,
    /// Those that have been read, unless none are to be followed.
    maps: Option<Arc<Mutex<Maps>>>,
}

#[napi]
impl Inspection {
    /// Answers a question, both as JSON.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn ask(&self, env: &Env, question: String, signal: Option<Object<'_>>) -> Result<AsyncTask<Job<String>>> {
        let Some(open) = self.open.clone() else {
            return Err(error("ERR_LEAKHUNT_CLOSED", "the snapshot was closed, and answers no more questions"));
        };
        let maps = self.maps.clone();
        let answer = move |aborted: &_, _: &mut dyn FnMut(FileProgress<'_>)| {
            let mut answer = open.ask(Question::from_json(&question)?, aborted)?;
            if let Some(maps) = maps {
                maps.lock().follow(answer.locations(), aborted);
            }
            Ok::<String, InspectError>(
                serde_json::to_string(&answer).expect("answers have only text, numbers and lists"),
            )
        };
        job(env, None, signal, answer).map_err(super::error::internal)
    }

    /// Gives the memory back.
    #[napi]
    pub fn close(&mut self) {
        self.open = None;
    }
}

/// Reads a snapshot and keeps it.
#[napi(ts_return_type = "Promise<Inspection>")]
pub fn inspect(
    env: &Env,
    file: String,
    source_maps: bool,
    on_progress: Option<OnProgress<'_>>,
    signal: Option<Object<'_>>,
) -> napi::Result<AsyncTask<Job<Inspection>>> {
    let file = PathBuf::from(file);
    job(env, on_progress, signal, move |aborted, tell| {
        let open = Some(Arc::new(inspect::Inspection::open(&file, aborted, tell)?));
        Ok::<_, HuntError>(Inspection { open, maps: source_maps.then(Arc::default) })
    })
}

#[napi]
pub fn answer_text(document: String, columns: u32, color: bool) -> std::result::Result<String, Failure> {
    Ok(text::answer(&parse::<Answer>(&document)?, columns as usize, color))
}

//! Reading files of censuses, off the main thread.

use super::analysis::parse;
use super::job::{Coded, Failure, Job, job};
use crate::os::open_regular;
use crate::pages::{Gathered, HistoryError, Series};
use crate::report::text;
use napi::Env;
use napi::bindgen_prelude::AsyncTask;
use napi_derive::napi;
use std::io::BufReader;
use std::path::PathBuf;

/// A file that could not be read, by name.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
struct Unread {
    path: PathBuf,
    source: HistoryError,
}

impl Coded for Unread {
    fn code(&self) -> &'static str {
        self.source.code()
    }
}

/// All censuses of some files, as a JSON document.
#[napi(ts_return_type = "Promise<string>")]
pub fn read_censuses(env: &Env, paths: Vec<String>) -> napi::Result<AsyncTask<Job<String>>> {
    job(env, None, None, move |_, _| -> Result<String, Unread> {
        let mut gathered = Gathered::default();
        for path in paths.into_iter().map(PathBuf::from) {
            let read = open_regular(&path)
                .map_err(HistoryError::from)
                .and_then(|(file, _)| gathered.read(&path.display().to_string(), BufReader::new(file)));
            read.map_err(|source| Unread { path, source })?;
        }
        Ok(document(&gathered.into_series()))
    })
}

fn document(series: &Series) -> String {
    serde_json::to_string(series).expect("it has only text, numbers and lists")
}

/// One census that a recorder has told at its control socket, as the document that `read_censuses` makes of files.
#[napi]
pub fn census_series(census: String) -> Result<String, Failure> {
    let mut gathered = Gathered::default();
    gathered.add(parse(&census)?);
    Ok(document(&gathered.into_series()))
}

#[napi]
pub fn census_text(document: String, diff: bool, columns: u32, color: bool) -> Result<String, Failure> {
    Ok(text::census(&parse::<Series>(&document)?, diff, columns as usize, color))
}

//! The in-process way: V8 writes the snapshot on the JavaScript thread, through `v8.writeHeapSnapshot`, and the app stands still
//! for that long. It needs nothing of V8 but what every Node has, and node ids join from one such snapshot to the next.

use super::artifact::{Artifact, Partial};
use super::attempt::OpenAttempt;
use super::board::{Board, Phase};
use super::budget::Budget;
use super::calibration::Work;
use super::failure::Failure;
use super::format::Format;
use super::job::{Engine, InlineRequest, Job};
use super::passage::WriteError;
use super::quiet::{heap_used, is_stopped};
use super::sidecar::Circumstances;
use super::writer::{Ending, SnapshotWriter};
use crate::os::disk::create_private;
use crate::redact::Salt;
use crate::v8::SnapshotOutput;
use crossbeam_channel::{Receiver, bounded};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::{Duration, SystemTime};

pub fn capture(job: &Job, attempt: &OpenAttempt, stop: &Receiver<()>) -> Result<Artifact, Failure> {
    let budget = Budget::open(job, Work::V8, heap_used(job, stop)?);
    budget.admit()?;
    attempt.declare()?;
    let paths = job.naming.next(Format::Heapsnapshot);
    let guard = Partial(&paths);
    let dir_error = |error| Failure::Directory { dir: job.naming.dir.clone(), error };
    let raw = create_nameless(&paths.raw_partial()).map_err(dir_error)?;
    let output = create_private(&paths.snapshot_partial).map_err(dir_error)?;
    let sidecar = create_private(&paths.sidecar_partial).map_err(dir_error)?;
    let taken_at = SystemTime::now();
    let (answer, answered) = bounded(1);
    (job.ask_inline)(InlineRequest { path: format!("/proc/self/fd/{}", raw.as_raw_fd()), answer });
    let answer = crossbeam_channel::select! {
        recv(answered) -> answer => answer.map_err(|_| Failure::Stopped)?,
        recv(stop) -> _ => return Err(Failure::Stopped),
    };
    let pause_ms = answer.map_err(Failure::Inline)?;
    let board = Board::default();
    board.set_pause(Duration::from_secs_f64(pause_ms / 1e3));
    let redaction = job.redact.then(Salt::of_process);
    let mut writer = SnapshotWriter::new(output, job.config.zstd_level, redaction, &board).map_err(inline)?;
    copy(raw, &mut writer, stop).map_err(inline)?;
    if is_stopped(stop) {
        return Err(Failure::Stopped);
    }
    writer
        .finish(Ending {
            files: &paths.for_child(),
            dir: paths.dir(),
            snapshot_name: paths.snapshot_name(),
            sidecar,
            circumstances: &Circumstances { predicted_bytes: budget.expected().memory, ..job.circumstances.clone() },
            mode: "inline",
            engine: Engine::V8,
            format: Format::Heapsnapshot,
            heap: None,
            taken_at,
        })
        .map_err(|error| match error {
            WriteError::Io(error) => inline(error),
            WriteError::Redaction(error) => Failure::Redaction { reason: error.to_string() },
            WriteError::Pages(why) | WriteError::Sum(why) => Failure::Pages(why),
        })?;
    debug_assert_eq!(board.phase(), Phase::Done);
    guard.keep();
    budget.learn(&board);
    Ok(Artifact {
        path: paths.snapshot.clone(),
        sidecar: paths.sidecar.clone(),
        v8: None,
        mode: "inline",
        engine: Engine::V8,
        format: Format::Heapsnapshot,
        redacted: job.redact,
        pause_ms,
        pause_parts: None,
        left_out_bytes: 0,
        duration_ms: 0.0,
        bytes: board.bytes(),
        raw_bytes: board.raw_bytes(),
        nodes: board.nodes(),
        attempts: 1,
        visits: 1,
        child_peak_resident_bytes: 0,
        child_private_bytes: 0,
        predicted_bytes: budget.expected().memory,
        heap_used_bytes: budget.expected().heap_used,
        journalled: false,
    })
}

fn inline(error: io::Error) -> Failure {
    Failure::Inline(error.to_string())
}

/// V8 writes raw text, several times the size of the finished file. It gets no name: nobody can put another file in its place, and nothing is left of it
/// however this process ends. It is reached through its descriptor.
fn create_nameless(path: &Path) -> io::Result<File> {
    let file = create_private(path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

fn copy(mut from: File, writer: &mut SnapshotWriter<'_>, stop: &Receiver<()>) -> io::Result<()> {
    from.rewind()?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = from.read(&mut buffer)?;
        // A refused chunk is reported by `finish`.
        if length == 0 || is_stopped(stop) || !writer.write(&buffer[..length]) {
            return Ok(());
        }
    }
}

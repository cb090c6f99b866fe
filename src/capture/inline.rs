//! The in-process way: V8 writes the snapshot on the JavaScript thread, through `v8.writeHeapSnapshot`, and the app stands still
//! for that long. It needs nothing of V8 but what every Node has, and node ids join from one such snapshot to the next.

use super::artifact::{Artifact, Partial};
use super::board::{Board, Phase};
use super::failure::Failure;
use super::job::{InlineRequest, Job};
use super::quiet::is_stopped;
use super::writer::{Ending, SnapshotWriter};
use crate::os::disk::create_private;
use crate::v8::SnapshotOutput;
use crossbeam_channel::{Receiver, bounded};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, SystemTime};

pub fn capture(job: &Job, stop: &Receiver<()>) -> Result<Artifact, Failure> {
    let paths = job.naming.next();
    let guard = Partial(&paths);
    let raw = paths.raw_partial();
    let dir_error = |error| Failure::Directory { dir: job.naming.dir.clone(), error };
    drop(create_private(&raw).map_err(dir_error)?);
    let output = create_private(&paths.snapshot_partial).map_err(dir_error)?;
    let sidecar = create_private(&paths.sidecar_partial).map_err(dir_error)?;
    let taken_at = SystemTime::now();
    let (answer, answered) = bounded(1);
    (job.ask_inline)(InlineRequest { path: raw.clone(), answer });
    let answer = crossbeam_channel::select! {
        recv(answered) -> answer => answer.map_err(|_| Failure::Stopped)?,
        recv(stop) -> _ => return Err(Failure::Stopped),
    };
    let pause_ms = answer.map_err(Failure::Inline)?;
    let board = Board::default();
    board.set_pause(Duration::from_secs_f64(pause_ms / 1e3));
    let failed = |error: io::Error| Failure::Inline(error.to_string());
    let mut writer = SnapshotWriter::new(output, job.config.zstd_level, &board).map_err(failed)?;
    copy(&raw, &mut writer, stop).map_err(failed)?;
    if is_stopped(stop) {
        return Err(Failure::Stopped);
    }
    writer
        .finish(Ending {
            files: &paths.for_child(),
            dir: paths.dir(),
            snapshot_name: paths.snapshot_name(),
            sidecar,
            circumstances: &job.circumstances,
            mode: "inline",
            heap: None,
            taken_at,
        })
        .map_err(failed)?;
    debug_assert_eq!(board.phase(), Phase::Done);
    drop(std::fs::remove_file(&raw));
    guard.keep();
    Ok(Artifact {
        path: paths.snapshot.clone(),
        sidecar: paths.sidecar.clone(),
        mode: "inline",
        pause_ms,
        duration_ms: 0.0,
        bytes: board.bytes(),
        raw_bytes: board.raw_bytes(),
        nodes: board.nodes(),
        attempts: 1,
        child_peak_resident_bytes: 0,
    })
}

fn copy(from: &Path, writer: &mut SnapshotWriter<'_>, stop: &Receiver<()>) -> io::Result<()> {
    let mut file = File::open(from)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = file.read(&mut buffer)?;
        // A refused chunk is reported by `finish`.
        if length == 0 || is_stopped(stop) || !writer.write(&buffer[..length]) {
            return Ok(());
        }
    }
}

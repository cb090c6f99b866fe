//! A program started by a background thread: in a process group of its own, without a shell, with a bound on its time and on what is kept of its output.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What is kept of its output: the end, where the reason usually is.
const TAIL: usize = 400;
const LOOK: Duration = Duration::from_millis(20);

pub struct Order {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    /// The whole environment. This process's own is not looked at: JavaScript may be changing it on another thread.
    pub environment: Vec<(OsString, OsString)>,
    pub timeout: Duration,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Ran {
    Well,
    /// What it said last is in the words.
    Badly(String),
    /// `stopped` said so; nothing of it is left.
    Stopped,
}

/// Where `name` is found in `path`, as a shell would. With a slash in it, it is a path already.
pub fn find_program(name: &str, path: &str) -> Option<PathBuf> {
    let is_program = |file: &Path| {
        file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    };
    let named = Path::new(name);
    if name.contains('/') {
        return is_program(named).then(|| named.to_owned());
    }
    std::env::split_paths(path).map(|dir| dir.join(named)).find(|file| file.is_absolute() && is_program(file))
}

/// Runs it to its end, to its timeout, or until `stopped`, which is asked every some milliseconds.
pub fn run(order: &Order, stopped: impl Fn(Duration) -> bool) -> io::Result<Ran> {
    let (output, theirs) = io::pipe()?;
    set_nonblocking(&output)?;
    let mut child = Command::new(&order.program)
        .args(&order.arguments)
        .env_clear()
        .envs(order.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(theirs.try_clone()?)
        .stderr(theirs)
        .process_group(0)
        .spawn()?;
    let mut output = File::from(OwnedFd::from(output));
    let mut tail = Vec::new();
    let start = Instant::now();
    let ended = loop {
        read_tail(&mut output, &mut tail);
        if let Some(status) = child.try_wait()? {
            break Ok(status);
        }
        let late = start.elapsed() >= order.timeout;
        if late || stopped(LOOK) {
            // Those it has started are in its group.
            kill_group(child.id());
            child.wait()?;
            break Err(late);
        }
    };
    read_tail(&mut output, &mut tail);
    Ok(match ended {
        Ok(status) if status.success() => Ran::Well,
        Ok(status) => Ran::Badly(format!("{}{}", words_of(status), said(&tail))),
        Err(true) => Ran::Badly(format!("it was still running after {} ms{}", order.timeout.as_millis(), said(&tail))),
        Err(false) => Ran::Stopped,
    })
}

fn set_nonblocking(file: &impl AsRawFd) -> io::Result<()> {
    // SAFETY: an open descriptor of ours; its other end keeps its own flags.
    let done = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What waits in the pipe, which is as much as a pipe holds: a program that never stops talking is not listened to for ever.
fn read_tail(output: &mut File, tail: &mut Vec<u8>) {
    const READS: usize = 64;
    let mut chunk = [0; 16 << 10];
    for _ in 0..READS {
        let Ok(length @ 1..) = output.read(&mut chunk) else { return };
        tail.extend_from_slice(&chunk[..length]);
        tail.drain(..tail.len().saturating_sub(TAIL));
    }
}

fn kill_group(pid: u32) {
    // SAFETY: the group of a child that has not been reaped yet, so its number is nobody else's.
    unsafe { libc::kill(-pid.cast_signed(), libc::SIGKILL) };
}

fn words_of(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("it ended with code {code}"),
        (None, Some(signal)) => format!("it was ended by signal {signal}"),
        (None, None) => "it ended nobody knows how".to_owned(),
    }
}

fn said(tail: &[u8]) -> String {
    let text: String =
        String::from_utf8_lossy(tail).trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.is_empty() { text } else { format!(", and said: {text}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn shell(script: &str, timeout: Duration) -> Order {
        Order {
            program: find_program("sh", "/nonexistent:/bin:/usr/bin").unwrap(),
            arguments: ["-c", script, "sh", "one argument"].map(OsString::from).into(),
            environment: vec![("GIVEN".into(), "value".into())],
            timeout,
        }
    }

    fn never(look: Duration) -> bool {
        std::thread::sleep(look);
        false
    }

    #[test]
    fn a_program_gets_its_arguments_its_environment_and_nothing_to_read() {
        let script = r#"test "$1" = "one argument" && test "$GIVEN" = value && test -z "$HOME" && ! read line"#;
        assert_eq!(run(&shell(script, Duration::from_secs(60)), never).unwrap(), Ran::Well);
    }

    #[test]
    fn the_end_of_what_it_said_is_in_the_words() {
        let script = "i=0; while [ $i -lt 20000 ]; do echo noise; i=$((i+1)); done; echo no such bucket >&2; exit 3";
        let Ran::Badly(words) = run(&shell(script, Duration::from_secs(60)), never).unwrap() else { panic!() };
        assert!(words.starts_with("it ended with code 3") && words.ends_with("no such bucket"), "{words}");
        assert!(words.len() < TAIL + 100);
    }

    #[test]
    fn at_its_timeout_it_is_ended_with_those_it_has_started() {
        let dir = tempfile::tempdir().unwrap();
        let pid = dir.path().join("pid");
        let script = format!("sleep 1000 & echo $! > {}; wait", pid.display());
        let Ran::Badly(words) = run(&shell(&script, Duration::from_millis(300)), never).unwrap() else { panic!() };
        assert!(words.contains("still running after 300 ms"), "{words}");
        let inner = std::fs::read_to_string(pid).unwrap();
        let stat = || std::fs::read_to_string(format!("/proc/{}/stat", inner.trim()));
        // A zombie until whoever inherits it looks.
        while stat().is_ok_and(|stat| !stat.contains(") Z")) {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_stop_ends_it_and_leaves_no_zombie() {
        let looks = AtomicU32::new(0);
        let stop = |look| {
            never(look);
            looks.fetch_add(1, Ordering::Relaxed) > 2
        };
        assert_eq!(run(&shell("sleep 1000", Duration::from_secs(60)), stop).unwrap(), Ran::Stopped);
    }

    #[test]
    fn a_program_that_is_nowhere_is_not_found() {
        assert_eq!(find_program("no-such-program", "/bin:/usr/bin"), None);
        assert_eq!(find_program("/etc/passwd", ""), None, "a file that is no program");
    }
}

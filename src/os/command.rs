//! A program started by a background thread: in a process group of its own, without a shell, with a bound on its time and on what is kept of its output.

use super::last_in_line::put_last;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, PipeReader, Read};
use std::ops::ControlFlow;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What is kept of its words: the end, where the reason usually is.
const TAIL: usize = 400;
const LOOK: Duration = Duration::from_millis(20);

pub struct Order {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    /// The whole environment. This process's own is not looked at: JavaScript may be changing it on another thread.
    pub environment: Vec<(OsString, OsString)>,
    pub timeout: Duration,
    /// For a program of leakhunt's own.
    pub errand: Option<Errand>,
}

/// A program that is to be in nobody's way, and whose standard output is an answer.
#[derive(Clone, Copy, Debug)]
pub struct Errand {
    /// See [`put_last`].
    pub nice: i32,
    /// One that talks longer is ended.
    pub answer_at_most: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub enum Ran {
    /// With its answer, if it was to give one.
    Well(Vec<u8>),
    /// What it said last is in the words.
    Badly(String),
    /// The watch said so; nothing of it is left.
    Stopped,
}

/// Why the watch ends a program.
#[derive(Debug, PartialEq, Eq)]
pub enum Halt {
    Stopped,
    /// A part of a sentence, after "it".
    Because(String),
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

/// Runs it to its end, to its timeout, or until `watch` breaks. That is asked every some milliseconds, told the pid, and waits as long as it is told.
pub fn run(order: &Order, mut watch: impl FnMut(u32, Duration) -> ControlFlow<Halt>) -> io::Result<Ran> {
    let (words, their_words) = io::pipe()?;
    let (answer, their_answer) = match order.errand {
        Some(_) => io::pipe().map(|(ours, theirs)| (Some(ours), theirs))?,
        None => (None, their_words.try_clone()?),
    };
    let mut child = Command::new(&order.program)
        .args(&order.arguments)
        .env_clear()
        .envs(order.environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(their_answer)
        .stderr(their_words)
        .process_group(0)
        .spawn()?;
    if let Some(errand) = order.errand {
        put_last(child.id(), errand.nice);
    }
    let mut heard = Heard::new(words, answer)?;
    let start = Instant::now();
    let ended = loop {
        heard.listen();
        if let Some(status) = child.try_wait()? {
            break Ok(status);
        }
        let halt = if start.elapsed() >= order.timeout {
            Halt::Because(format!("was still running after {} ms", order.timeout.as_millis()))
        } else if order.errand.is_some_and(|errand| heard.answer.len() > errand.answer_at_most) {
            Halt::Because(format!("had answered {} bytes, more than it may", heard.answer.len()))
        } else {
            match watch(child.id(), LOOK) {
                ControlFlow::Continue(()) => continue,
                ControlFlow::Break(halt) => halt,
            }
        };
        // Those it has started are in its group.
        kill_group(child.id());
        child.wait()?;
        break Err(halt);
    };
    heard.listen();
    let said = said(&heard.tail);
    Ok(match ended {
        Ok(status) if status.success() => Ran::Well(heard.answer),
        Ok(status) => Ran::Badly(format!("{}{said}", words_of(status))),
        Err(Halt::Because(why)) => Ran::Badly(format!("it {why}{said}")),
        Err(Halt::Stopped) => Ran::Stopped,
    })
}

/// What has come out of it by now.
struct Heard {
    words: File,
    tail: Vec<u8>,
    pipe: Option<File>,
    answer: Vec<u8>,
}

impl Heard {
    fn new(words: PipeReader, answer: Option<PipeReader>) -> io::Result<Self> {
        let file = |pipe: PipeReader| {
            set_nonblocking(&pipe)?;
            io::Result::Ok(File::from(OwnedFd::from(pipe)))
        };
        Ok(Self { words: file(words)?, tail: Vec::new(), pipe: answer.map(file).transpose()?, answer: Vec::new() })
    }

    fn listen(&mut self) {
        drain(&mut self.words, |chunk| {
            self.tail.extend_from_slice(chunk);
            self.tail.drain(..self.tail.len().saturating_sub(TAIL));
        });
        if let Some(pipe) = &mut self.pipe {
            drain(pipe, |chunk| self.answer.extend_from_slice(chunk));
        }
    }
}

fn set_nonblocking(file: &impl AsRawFd) -> io::Result<()> {
    // SAFETY: an open descriptor of ours; its other end keeps its own flags.
    let done = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What waits in the pipe, which is as much as a pipe holds: a program that never stops talking is not listened to for ever.
fn drain(pipe: &mut File, mut take: impl FnMut(&[u8])) {
    const READS: usize = 64;
    let mut chunk = [0; 16 << 10];
    for _ in 0..READS {
        let Ok(length @ 1..) = pipe.read(&mut chunk) else { return };
        take(&chunk[..length]);
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
            errand: None,
        }
    }

    fn errand(script: &str, answer_at_most: usize) -> Order {
        Order { errand: Some(Errand { nice: 19, answer_at_most }), ..shell(script, Duration::from_secs(60)) }
    }

    fn never(_pid: u32, look: Duration) -> ControlFlow<Halt> {
        std::thread::sleep(look);
        ControlFlow::Continue(())
    }

    #[test]
    fn a_program_gets_its_arguments_its_environment_and_nothing_to_read() {
        let script = r#"test "$1" = "one argument" && test "$GIVEN" = value && test -z "$HOME" && ! read line"#;
        assert_eq!(run(&shell(script, Duration::from_secs(60)), never).unwrap(), Ran::Well(Vec::new()));
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
        let stop = |pid, look| {
            never(pid, look)?;
            if looks.fetch_add(1, Ordering::Relaxed) > 2 {
                ControlFlow::Break(Halt::Stopped)
            } else {
                ControlFlow::Continue(())
            }
        };
        assert_eq!(run(&shell("sleep 1000", Duration::from_secs(60)), stop).unwrap(), Ran::Stopped);
    }

    #[test]
    fn an_errand_answers_and_what_it_says_besides_is_no_answer() {
        let script = "echo words >&2; i=0; while [ $i -lt 20000 ]; do echo answer; i=$((i+1)); done";
        let Ran::Well(answer) = run(&errand(script, 1 << 20), never).unwrap() else { panic!() };
        assert_eq!(answer.len(), 20000 * "answer\n".len());
        let Ran::Badly(words) = run(&errand("echo half; echo no such file >&2; exit 2", 100), never).unwrap() else {
            panic!()
        };
        assert_eq!(words, "it ended with code 2, and said: no such file");
    }

    #[test]
    fn an_errand_comes_last_and_without_end_it_is_ended() {
        // The priority is set once it runs.
        let script = "until [ $(cut -d' ' -f19 /proc/self/stat) = 19 ]; do :; done; cat /proc/self/oom_score_adj; yes";
        let Ran::Badly(words) = run(&errand(script, 1 << 20), never).unwrap() else { panic!() };
        assert!(words.contains("more than it may"), "{words}");
    }

    #[test]
    fn the_watch_ends_it_with_a_reason() {
        let because = |_, _| ControlFlow::Break(Halt::Because("took too much".to_owned()));
        assert_eq!(run(&errand("sleep 1000", 1), because).unwrap(), Ran::Badly("it took too much".to_owned()));
    }

    #[test]
    fn a_program_that_is_nowhere_is_not_found() {
        assert_eq!(find_program("no-such-program", "/bin:/usr/bin"), None);
        assert_eq!(find_program("/etc/passwd", ""), None, "a file that is no program");
    }
}

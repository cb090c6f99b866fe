//! Which threads are V8's workers, and whether they sleep.
//!
//! A fork copies one thread. If a worker is marking or sweeping at that moment, the child waits for work that nobody will finish.

use super::proc_text::read_text;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

/// V8's worker threads of this process, each by its open `/proc/self/task/<tid>/stat`: a check then costs one read a thread, about
/// two microseconds, and is fit for the main thread.
pub struct V8Workers {
    stats: Vec<File>,
}

impl V8Workers {
    /// Finds them. `pool_size` is Node's `--v8-pool-size`, needed where the threads carry no names of their own (Node 20 and 22).
    pub fn find(pool_size: usize) -> io::Result<Self> {
        let mut threads = Vec::new();
        for task in fs::read_dir("/proc/self/task")? {
            let Ok(tid) = task?.file_name().into_string() else { continue };
            match read_text(format!("/proc/self/task/{tid}/comm")) {
                Ok(name) => threads.push((tid, name.trim_end().to_owned())),
                // It has ended meanwhile, so it was none of V8's, which live as long as the process.
                Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::ESRCH)) => {}
                // With a name missing, the wrong threads would be taken for V8's.
                Err(error) => return Err(error),
            }
        }
        let stats = choose(&threads, pool_size)
            .into_iter()
            .map(|tid| File::open(format!("/proc/self/task/{tid}/stat")))
            .collect::<io::Result<_>>()?;
        Ok(Self { stats })
    }

    /// True if every worker is in state `S`: waiting, and with nothing to do, since V8's workers wait for nothing else.
    pub fn are_asleep(&self) -> bool {
        self.stats.iter().all(|stat| {
            let mut text = [0u8; 128];
            stat.read_at(&mut text, 0).is_ok_and(|length| state(&text[..length]) == Some(b'S'))
        })
    }
}

/// The task list is in the order of creation: the main thread, the scheduler of delayed tasks, then V8's workers, then libuv's and all others.
fn choose(threads: &[(String, String)], pool_size: usize) -> Vec<&str> {
    let named: Vec<&str> =
        threads.iter().filter(|(_, name)| name.ends_with("V8Worker")).map(|(tid, _)| tid.as_str()).collect();
    if named.is_empty() { threads.iter().skip(2).take(pool_size).map(|(tid, _)| tid.as_str()).collect() } else { named }
}

/// The third field of `/proc/<pid>/stat`; the second is the name in parentheses, which may hold anything.
fn state(stat: &[u8]) -> Option<u8> {
    let end_of_name = stat.iter().rposition(|byte| *byte == b')')?;
    stat.get(end_of_name + 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threads(names: &[&str]) -> Vec<(String, String)> {
        names.iter().enumerate().map(|(tid, name)| (tid.to_string(), (*name).to_owned())).collect()
    }

    #[test]
    fn workers_are_known_by_name_where_they_have_one() {
        let all = threads(&["node", "DelayedTaskSche", "node-V8Worker", "node-V8Worker", "libuv-worker"]);
        assert_eq!(choose(&all, 4), ["2", "3"]);
    }

    #[test]
    fn nameless_workers_are_the_first_after_the_scheduler() {
        let all = threads(&["node", "node", "node", "node", "node", "node", "node"]);
        assert_eq!(choose(&all, 4), ["2", "3", "4", "5"]);
    }

    #[test]
    fn the_state_follows_the_last_parenthesis() {
        assert_eq!(state(b"12 (a) R (x)) S 1 2 3"), Some(b'S'));
        assert_eq!(state(b"12 (node) R 1 2 3"), Some(b'R'));
        assert_eq!(state(b""), None);
    }

    #[test]
    fn a_thread_that_waits_is_asleep_and_one_that_spins_is_not() {
        let spinning = std::sync::atomic::AtomicBool::new(true);
        std::thread::scope(|scope| {
            let (send, receive) = std::sync::mpsc::channel();
            let spinning = &spinning;
            scope.spawn(move || {
                send.send(own_stat()).unwrap();
                while spinning.load(std::sync::atomic::Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
            let busy = V8Workers { stats: vec![receive.recv().unwrap()] };
            assert!(!busy.are_asleep());
            spinning.store(false, std::sync::atomic::Ordering::Relaxed);
        });
    }

    fn own_stat() -> File {
        File::open("/proc/thread-self/stat").unwrap()
    }
}

//! Which process, machine and boot this is, for records that outlive all three.

use super::proc_text::read_text;
use std::sync::OnceLock;
use std::time::Duration;

/// 64 random bits, as hexadecimal digits.
pub fn random_id() -> String {
    let mut bytes = [0u8; 8];
    // SAFETY: a buffer of that length; so few bytes come at once or not at all.
    let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    if got != bytes.len() as isize {
        // No such call (a strict sandbox): what differs between processes has to do.
        let nanoseconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        bytes = (nanoseconds.as_nanos() as u64 ^ (u64::from(std::process::id()) << 48)).to_ne_bytes();
    }
    format!("{:016x}", u64::from_ne_bytes(bytes))
}

/// The same for the whole life of this process, and different for every other one.
pub fn run_id() -> &'static str {
    static RUN: OnceLock<String> = OnceLock::new();
    RUN.get_or_init(random_id)
}

/// When this process was started, in the kernel's ticks since boot: with its number it is told from all others of this boot. `None` where `/proc` does not say.
pub fn started_ticks() -> Option<u64> {
    const AFTER_NAME: usize = 19;
    let stat = read_text("/proc/self/stat").ok()?;
    // The name stands in parentheses, and may hold anything.
    stat.rsplit_once(')')?.1.split_whitespace().nth(AFTER_NAME)?.parse().ok()
}

/// The machine's name; in a container that is the container's.
pub fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().chars().take(64).collect()
}

/// Which boot of which machine this is; `None` where Linux does not say.
pub fn boot_id() -> Option<&'static str> {
    static BOOT: OnceLock<Option<String>> = OnceLock::new();
    BOOT.get_or_init(|| {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(id.trim().chars().take(64).collect())
    })
    .as_deref()
}

/// Time since then, sleep included: it goes on whatever happens to the wall clock.
pub fn since_boot() -> Option<Duration> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a buffer of the struct's own size.
    let done = unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &raw mut time) };
    (done == 0).then(|| Duration::new(time.tv_sec.max(0) as u64, u32::try_from(time.tv_nsec).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_and_the_runs_own_stays() {
        assert_ne!(random_id(), random_id());
        assert_eq!(run_id(), run_id());
        assert_eq!(run_id().len(), 16);
    }

    #[test]
    fn this_process_was_started_since_boot() {
        let ticks = started_ticks().unwrap();
        // A hundred in each second, on every Linux that Node runs on.
        assert!(ticks > 0 && u128::from(ticks) <= since_boot().unwrap().as_millis() / 10);
        assert_eq!(started_ticks(), Some(ticks));
    }

    #[test]
    fn this_boot_has_a_name_and_its_clock_goes_on() {
        assert!(boot_id().is_some_and(|id| id.len() >= 32));
        let before = since_boot().unwrap();
        std::thread::sleep(Duration::from_millis(2));
        assert!(since_boot().unwrap() > before);
    }
}

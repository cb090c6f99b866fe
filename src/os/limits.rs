//! What `setrlimit` allows this process and the children that inherit it.

use super::memory::field_bytes;
use super::proc_text::read_text;
use std::fs;

/// A soft limit, and what is used of it. Bytes, or a number of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    pub limit: u64,
    pub used: u64,
}

/// Each is `None` where it does not bind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessLimits {
    /// `RLIMIT_AS`: everything that is mapped, used or not.
    pub address_space: Option<Limit>,
    /// `RLIMIT_DATA`: what is mapped private and writable.
    pub data: Option<Limit>,
    /// `RLIMIT_FSIZE`: the largest file that may be written; `used` is 0.
    pub file_size: Option<Limit>,
    /// `RLIMIT_NOFILE`. A child inherits what is used of it.
    pub descriptors: Option<Limit>,
    /// `RLIMIT_NPROC`: processes and threads of this user, as far as `/proc` shows them.
    pub tasks: Option<Limit>,
    /// Private and writable, whether limited or not: what a fork promises once more.
    pub data_used: u64,
}

/// Two bits of `CapEff`: with either of them `RLIMIT_NPROC` does not bind (setrlimit(2)).
const CAP_SYS_ADMIN: u64 = 1 << 21;
const CAP_SYS_RESOURCE: u64 = 1 << 24;

/// A few small reads; where the number of tasks is bounded and near its bound, a walk through `/proc`. For a background thread.
pub fn process_limits() -> ProcessLimits {
    let status = read_text("/proc/self/status").unwrap_or_default();
    let bytes = |field| field_bytes(&status, field).unwrap_or(0);
    let (mapped, data_used) = (bytes("VmSize"), bytes("VmData"));
    let within = |resource, used| soft_limit(resource).map(|limit| Limit { limit, used });
    ProcessLimits {
        address_space: within(libc::RLIMIT_AS, mapped),
        data: within(libc::RLIMIT_DATA, data_used),
        file_size: within(libc::RLIMIT_FSIZE, 0),
        descriptors: soft_limit(libc::RLIMIT_NOFILE).map(|limit| Limit { limit, used: open_descriptors(limit) }),
        tasks: tasks_of_user(&status),
        data_used,
    }
}

/// How many are open; where none is left for looking, all of them.
fn open_descriptors(limit: u64) -> u64 {
    match fs::read_dir("/proc/self/fd") {
        // The listing's own is among them, and gone again.
        Ok(list) => list.count().saturating_sub(1) as u64,
        Err(error) if error.raw_os_error() == Some(libc::EMFILE) => limit,
        Err(_) => 0,
    }
}

fn soft_limit(resource: libc::__rlimit_resource_t) -> Option<u64> {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: fills the struct it is given.
    let known = unsafe { libc::getrlimit(resource, &raw mut limit) } == 0;
    (known && limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur)
}

fn tasks_of_user(status: &str) -> Option<Limit> {
    let limit = soft_limit(libc::RLIMIT_NPROC)?;
    let capabilities = u64::from_str_radix(field(status, "CapEff")?, 16).ok()?;
    if capabilities & (CAP_SYS_ADMIN | CAP_SYS_RESOURCE) != 0 {
        return None;
    }
    // All tasks of the machine together: where those are fewer, nobody need be counted.
    let load = fs::read_to_string("/proc/loadavg").ok()?;
    let all: u64 = load.split(' ').nth(3)?.split_once('/')?.1.parse().ok()?;
    if all < limit {
        return Some(Limit { limit, used: all });
    }
    let user = real_user(status)?;
    let used = fs::read_dir("/proc")
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        // `self` and `thread-self` are there as well, and are this process once more.
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
        .filter_map(|pid| read_text(format!("/proc/{pid}/status")).ok())
        .filter(|status| real_user(status) == Some(user))
        .filter_map(|status| field(&status, "Threads")?.parse::<u64>().ok())
        .sum();
    Some(Limit { limit, used })
}

fn real_user(status: &str) -> Option<u32> {
    field(status, "Uid")?.split('\t').next()?.parse().ok()
}

fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_status_are_read() {
        let status = "Name:\tnode\nUid:\t1000\t1001\t1000\t1000\nThreads:\t11\nCapEff:\t00000000a80425fb\n";
        assert_eq!((real_user(status), field(status, "Threads")), (Some(1000), Some("11")));
        assert_eq!(field(status, "CapEff"), Some("00000000a80425fb"));
    }

    #[test]
    fn this_process_uses_descriptors_and_memory() {
        let limits = process_limits();
        assert!(limits.data_used > 0);
        if let Some(descriptors) = limits.descriptors {
            assert!(descriptors.used >= 3 && descriptors.used < descriptors.limit);
        }
    }
}

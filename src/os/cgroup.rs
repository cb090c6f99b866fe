//! The memory cgroup that this process lives in: version 1, version 2, or both mounted side by side.
//!
//! A limit may sit on any ancestor, so the way up from the process's own group is walked and the lowest limit counts, with that
//! group's use. Inside a container the mount shows the container's group as its root, and paths that lead out of it are cut.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// Version 1 writes "no limit" as the largest multiple of a page below 2^63; anything near it is none.
const NO_LIMIT: u64 = 1 << 62;

/// Bytes of the tightest limit, and what counts against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CgroupMemory {
    pub limit: u64,
    pub used: u64,
}

/// Where this process's group is, found once at start: a process is not moved between groups in practice.
#[derive(Clone, Debug)]
pub struct Cgroup {
    /// The process's own group first, then its ancestors up to the mount.
    groups: Vec<PathBuf>,
    limit_file: &'static str,
    used_file: &'static str,
}

impl Cgroup {
    /// The group of the calling process; `None` where no memory controller is mounted.
    pub fn find() -> Option<Self> {
        let memberships = fs::read_to_string("/proc/self/cgroup").ok()?;
        let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
        Self::locate(&memberships, &mounts, |dir| {
            dir.join("memory.max").exists() || dir.join("memory.current").exists()
        })
    }

    fn locate(memberships: &str, mounts: &str, is_v2_group: impl Fn(&Path) -> bool) -> Option<Self> {
        let (mount, group) = controller_v1(memberships, mounts)
            .map(|found| (found, false))
            .or_else(|| controller_v2(memberships, mounts).map(|found| (found, true)))?;
        let ((point, path), v2) = (mount, group);
        let mut groups: Vec<PathBuf> = path.ancestors().map(|part| point.join(part)).collect();
        if v2 {
            groups.retain(|dir| is_v2_group(dir));
        }
        let (limit_file, used_file) =
            if v2 { ("memory.max", "memory.current") } else { ("memory.limit_in_bytes", "memory.usage_in_bytes") };
        Some(Self { groups, limit_file, used_file })
    }

    /// Two small reads for each ancestor; `None` where nothing limits this process.
    pub fn memory(&self) -> Option<CgroupMemory> {
        let number = |path: PathBuf| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
        self.groups
            .iter()
            .filter_map(|dir| {
                let limit = number(dir.join(self.limit_file)).filter(|limit| *limit < NO_LIMIT)?;
                Some(CgroupMemory { limit, used: number(dir.join(self.used_file))? })
            })
            .min_by_key(|memory| memory.limit)
    }
}

/// The mount point of version 1's memory controller and the group's path below it.
fn controller_v1(memberships: &str, mounts: &str) -> Option<(PathBuf, PathBuf)> {
    let path = memberships.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':');
        let controllers = parts.nth(1)?;
        let path = parts.next()?;
        controllers.split(',').any(|name| name == "memory").then_some(path)
    })?;
    let mount = mounts
        .lines()
        .filter_map(Mount::parse)
        .find(|mount| mount.kind == "cgroup" && mount.super_options.split(',').any(|option| option == "memory"))?;
    Some((PathBuf::from(mount.point), below(path, mount.root)))
}

fn controller_v2(memberships: &str, mounts: &str) -> Option<(PathBuf, PathBuf)> {
    let path = memberships.lines().find_map(|line| line.strip_prefix("0::"))?;
    let mount = mounts.lines().filter_map(Mount::parse).find(|mount| mount.kind == "cgroup2")?;
    Some((PathBuf::from(mount.point), below(path, mount.root)))
}

/// `path` as seen from a mount that shows `root` of the hierarchy; an unreachable path becomes the mount itself.
fn below(path: &str, root: &str) -> PathBuf {
    let path = Path::new(path);
    let relative = path.strip_prefix(root).unwrap_or(Path::new(""));
    if relative.components().all(|part| matches!(part, Component::Normal(_))) {
        relative.to_owned()
    } else {
        PathBuf::new()
    }
}

/// A line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)).
struct Mount<'a> {
    root: &'a str,
    point: &'a str,
    kind: &'a str,
    super_options: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (left, right) = line.split_once(" - ")?;
        let mut left = left.split(' ').skip(3);
        let mut right = right.split(' ');
        Some(Self { root: left.next()?, point: left.next()?, kind: right.next()?, super_options: right.nth(1)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V1: &str = "36 31 0:33 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";
    const V2: &str = "41 31 0:38 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw\n";

    #[test]
    fn version_2_is_walked_up_to_the_mount() {
        let found = Cgroup::locate("0::/a/b\n", V2, |_| true).unwrap();
        let expected = ["/sys/fs/cgroup/a/b", "/sys/fs/cgroup/a", "/sys/fs/cgroup/"].map(PathBuf::from);
        assert_eq!(found.groups, expected);
        assert_eq!(found.limit_file, "memory.max");
    }

    #[test]
    fn with_both_versions_mounted_the_one_with_the_memory_controller_counts() {
        let found = Cgroup::locate("4:memory:/a\n0::/\n", &format!("{V2}{V1}"), |_| true).unwrap();
        assert_eq!(found.groups[0], PathBuf::from("/sys/fs/cgroup/memory/a"));
        assert_eq!(found.limit_file, "memory.limit_in_bytes");
    }

    #[test]
    fn a_container_that_sees_its_own_group_as_root_is_found_at_the_mount() {
        let mounts = "36 31 0:33 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
        let found = Cgroup::locate("4:memory:/docker/abc\n", mounts, |_| true).unwrap();
        assert_eq!(found.groups, [PathBuf::from("/sys/fs/cgroup/memory/")]);
        let outside = Cgroup::locate("0::/../other\n", V2, |_| true).unwrap();
        assert_eq!(outside.groups, [PathBuf::from("/sys/fs/cgroup/")]);
    }

    #[test]
    fn the_lowest_limit_of_all_ancestors_counts() {
        let top = tempfile::tempdir().unwrap();
        let own = top.path().join("pod");
        fs::create_dir(&own).unwrap();
        for (dir, limit, used) in [(top.path(), "9223372036854771712", "900"), (own.as_path(), "1000", "600")] {
            fs::write(dir.join("memory.max"), limit).unwrap();
            fs::write(dir.join("memory.current"), used).unwrap();
        }
        let group = |groups: Vec<PathBuf>| Cgroup { groups, limit_file: "memory.max", used_file: "memory.current" };
        let both = group(vec![own.clone(), top.path().to_owned()]);
        assert_eq!(both.memory(), Some(CgroupMemory { limit: 1000, used: 600 }));
        assert_eq!(group(vec![top.path().to_owned()]).memory(), None, "a limit near 2^63 is none");
    }
}

//! Which directories are the groups of a controller for this process.

use crate::os::proc_text::read_text;
use std::path::{Component, Path, PathBuf};

/// The process's own group first, then its ancestors up to the mount. A process is not moved between groups in practice.
#[derive(Clone, Debug)]
pub struct Groups {
    pub dirs: Vec<PathBuf>,
    pub version_2: bool,
}

impl Groups {
    /// The groups of `controller` (`memory`, `pids`); `None` where it is not mounted.
    pub fn of(controller: &str) -> Option<Self> {
        let memberships = read_text("/proc/self/cgroup").ok()?;
        let mounts = read_text("/proc/self/mountinfo").ok()?;
        let files = [format!("{controller}.max"), format!("{controller}.current")];
        let is_version_2_group = |dir: &Path| files.iter().any(|file| dir.join(file).exists());
        Self::locate(controller, &memberships, &mounts, is_version_2_group)
    }

    fn locate(
        controller: &str,
        memberships: &str,
        mounts: &str,
        is_version_2_group: impl Fn(&Path) -> bool,
    ) -> Option<Self> {
        let ((point, path), version_2) = version_1(controller, memberships, mounts)
            .map(|found| (found, false))
            .or_else(|| version_2(memberships, mounts).map(|found| (found, true)))?;
        let mut dirs: Vec<PathBuf> = path.ancestors().map(|part| point.join(part)).collect();
        if version_2 {
            dirs.retain(|dir| is_version_2_group(dir));
        }
        Some(Self { dirs, version_2 })
    }
}

/// The mount point of a version 1 controller and the group's path below it.
fn version_1(controller: &str, memberships: &str, mounts: &str) -> Option<(PathBuf, PathBuf)> {
    let path = memberships.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':');
        let controllers = parts.nth(1)?;
        let path = parts.next()?;
        controllers.split(',').any(|name| name == controller).then_some(path)
    })?;
    let mount = mounts
        .lines()
        .filter_map(Mount::parse)
        .find(|mount| mount.kind == "cgroup" && mount.super_options.split(',').any(|option| option == controller))?;
    Some((PathBuf::from(mount.point), below(path, mount.root)))
}

fn version_2(memberships: &str, mounts: &str) -> Option<(PathBuf, PathBuf)> {
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

    const MEMORY: &str = "36 31 0:33 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";
    const PIDS: &str = "37 31 0:34 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids\n";
    const VERSION_2: &str = "41 31 0:38 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw\n";
    const HYBRID: &str = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:4 - cgroup2 cgroup2 rw\n";

    fn locate(controller: &str, memberships: &str, mounts: &str) -> Option<Groups> {
        Groups::locate(controller, memberships, mounts, |_| true)
    }

    #[test]
    fn version_2_is_walked_up_to_the_mount() {
        let found = locate("memory", "0::/a/b\n", VERSION_2).unwrap();
        assert_eq!(found.dirs, ["/sys/fs/cgroup/a/b", "/sys/fs/cgroup/a", "/sys/fs/cgroup/"].map(PathBuf::from));
        assert!(found.version_2);
    }

    #[test]
    fn with_both_versions_mounted_the_one_with_the_controller_counts() {
        let memberships = "5:pids:/p\n4:memory:/a\n0::/u\n";
        let mounts = format!("{HYBRID}{MEMORY}{PIDS}");
        let memory = locate("memory", memberships, &mounts).unwrap();
        assert_eq!((memory.dirs[0].as_path(), memory.version_2), (Path::new("/sys/fs/cgroup/memory/a"), false));
        let pids = locate("pids", memberships, &mounts).unwrap();
        assert_eq!((pids.dirs[0].as_path(), pids.version_2), (Path::new("/sys/fs/cgroup/pids/p"), false));
        // A controller that version 1 has not bound is version 2's.
        let unbound = locate("pids", "4:memory:/a\n0::/u\n", &mounts).unwrap();
        assert_eq!((unbound.dirs[0].as_path(), unbound.version_2), (Path::new("/sys/fs/cgroup/unified/u"), true));
    }

    #[test]
    fn a_container_that_sees_its_own_group_as_root_is_found_at_the_mount() {
        let mounts = "36 31 0:33 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
        let found = locate("memory", "4:memory:/docker/abc\n", mounts).unwrap();
        assert_eq!(found.dirs, [PathBuf::from("/sys/fs/cgroup/memory/")]);
        let outside = locate("memory", "0::/../other\n", VERSION_2).unwrap();
        assert_eq!(outside.dirs, [PathBuf::from("/sys/fs/cgroup/")]);
    }

    #[test]
    fn no_mount_no_groups() {
        assert!(locate("memory", "0::/\n", PIDS).is_none());
    }
}

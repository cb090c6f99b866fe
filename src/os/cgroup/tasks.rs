//! Limits on the number of processes and threads (`pids.max`).

use super::groups::Groups;
use super::number;
use std::fs::File;
use std::path::PathBuf;

/// One group that bounds the number of tasks. A thread is a task, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskLevel {
    pub group: PathBuf,
    pub limit: u64,
    pub used: u64,
}

/// Every such limit on the way up from the calling process's group; the names are the same in both versions.
pub fn task_levels() -> Vec<TaskLevel> {
    Groups::of("pids").map(|groups| levels(groups.dirs)).unwrap_or_default()
}

fn levels(dirs: Vec<PathBuf>) -> Vec<TaskLevel> {
    dirs.into_iter()
        .filter_map(|group| {
            let read = |name: &str| File::open(group.join(name)).ok().as_ref().and_then(number);
            let (limit, used) = (read("pids.max")?, read("pids.current")?);
            Some(TaskLevel { group, limit, used })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_without_a_bound_is_none() {
        let top = tempfile::tempdir().unwrap();
        let (own, above) = (top.path().join("own"), top.path().join("above"));
        for (dir, max) in [(&own, "12\n"), (&above, "max\n")] {
            std::fs::create_dir(dir).unwrap();
            std::fs::write(dir.join("pids.max"), max).unwrap();
            std::fs::write(dir.join("pids.current"), "11\n").unwrap();
        }
        assert_eq!(levels(vec![own.clone(), above]), [TaskLevel { group: own, limit: 12, used: 11 }]);
    }
}

//! Limits on memory, with what is used of them.

use super::groups::Groups;
use super::number;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Version 1 writes "no limit" as the largest multiple of a page below 2^63; anything near it is none.
const NO_LIMIT: u64 = 1 << 62;

/// Longer than any `memory.stat`: the kernel hands it out whole.
const STAT_BYTES: usize = 16 << 10;

/// Bytes of the tightest limit, and what counts against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CgroupMemory {
    pub limit: u64,
    pub used: u64,
}

/// What happens at a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryLimit {
    /// The kernel ends a process (`memory.max`, `memory.limit_in_bytes`).
    Hard,
    /// The kernel slows everything in the group down (`memory.high`).
    Throttle,
    /// As `Hard`, with what has been swapped out counted in (version 1's `memory.memsw.limit_in_bytes`).
    WithSwap,
}

/// One limit of one group, at one moment. Bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryLevel {
    pub group: PathBuf,
    pub kind: MemoryLimit,
    pub limit: u64,
    pub used: u64,
    /// Page cache that nobody has looked at lately: the kernel takes it back before it ends anybody.
    pub reclaimable: u64,
    /// Whether the kernel ends every process of a group at once: a child that it ends takes the app along (`memory.oom.group`).
    pub ends_all: bool,
}

impl MemoryLevel {
    /// In use, and not to be had back by dropping page cache.
    pub fn held(&self) -> u64 {
        self.used.saturating_sub(self.reclaimable)
    }

    pub fn left(&self) -> u64 {
        self.limit.saturating_sub(self.held())
    }
}

/// The memory groups of the calling process, found once.
#[derive(Clone, Debug)]
pub struct Cgroup {
    groups: Groups,
}

/// The names of one kind of limit in one version: the limit, what is used of it, and how `memory.stat` calls the reclaimable part with that of all groups below.
struct Names {
    kind: MemoryLimit,
    limit: &'static str,
    used: &'static str,
    reclaimable: &'static str,
}

const VERSION_1: [Names; 2] = [
    Names {
        kind: MemoryLimit::Hard,
        limit: "memory.limit_in_bytes",
        used: "memory.usage_in_bytes",
        reclaimable: "total_inactive_file",
    },
    Names {
        kind: MemoryLimit::WithSwap,
        limit: "memory.memsw.limit_in_bytes",
        used: "memory.memsw.usage_in_bytes",
        reclaimable: "total_inactive_file",
    },
];

const VERSION_2: [Names; 2] = [
    Names { kind: MemoryLimit::Hard, limit: "memory.max", used: "memory.current", reclaimable: "inactive_file" },
    Names { kind: MemoryLimit::Throttle, limit: "memory.high", used: "memory.current", reclaimable: "inactive_file" },
];

impl Cgroup {
    /// `None` where no memory controller is mounted.
    pub fn find() -> Option<Self> {
        Groups::of("memory").map(|groups| Self { groups })
    }

    /// The lowest hard limit on the way up, and that group's use. Two small reads for each ancestor; `None` where nothing limits this process.
    pub fn memory(&self) -> Option<CgroupMemory> {
        let hard = &self.names()[0];
        let number = |path: PathBuf| File::open(path).ok().as_ref().and_then(number);
        self.groups
            .dirs
            .iter()
            .filter_map(|dir| {
                let limit = number(dir.join(hard.limit)).filter(|limit| *limit < NO_LIMIT)?;
                Some(CgroupMemory { limit, used: number(dir.join(hard.used))? })
            })
            .min_by_key(|memory| memory.limit)
    }

    /// Every limit that is set on the way up, each with its files held open, to be read again and again.
    pub fn gauges(&self) -> Vec<MemoryGauge> {
        // The kernel ends all of the topmost group that has the mark and holds the victim. The child dies where the app is.
        let ends_all = self
            .groups
            .dirs
            .iter()
            .any(|dir| File::open(dir.join("memory.oom.group")).ok().as_ref().and_then(number) == Some(1));
        let open = |dir: &Path, names: &'static Names| MemoryGauge::open(dir, names, ends_all);
        self.groups.dirs.iter().flat_map(|dir| self.names().iter().filter_map(move |names| open(dir, names))).collect()
    }

    fn names(&self) -> &'static [Names; 2] {
        if self.groups.version_2 { &VERSION_2 } else { &VERSION_1 }
    }
}

/// One limit of one group. A reading costs two small reads, and a third where the page cache decides.
pub struct MemoryGauge {
    group: PathBuf,
    names: &'static Names,
    limit: File,
    used: File,
    stat: Option<File>,
    ends_all: bool,
}

impl MemoryGauge {
    fn open(dir: &Path, names: &'static Names, ends_all: bool) -> Option<Self> {
        let open = |name: &str| File::open(dir.join(name)).ok();
        let gauge = Self {
            group: dir.to_owned(),
            limit: open(names.limit)?,
            used: open(names.used)?,
            stat: open("memory.stat"),
            names,
            ends_all,
        };
        gauge.limit().is_some().then_some(gauge)
    }

    fn limit(&self) -> Option<u64> {
        number(&self.limit).filter(|limit| *limit < NO_LIMIT)
    }

    /// The limit as it is now; `None` once it is gone.
    pub fn read(&self) -> Option<MemoryLevel> {
        self.read_unless_left(|_limit| u64::MAX)
    }

    /// The same, but page cache is only asked for where less than what is enough with such a limit is left without it: that answer takes the kernel longer.
    pub fn read_unless_left(&self, enough: impl Fn(u64) -> u64) -> Option<MemoryLevel> {
        let (limit, used) = (self.limit()?, number(&self.used)?);
        let reclaimable = if limit.saturating_sub(used) >= enough(limit) { 0 } else { self.reclaimable().min(used) };
        Some(MemoryLevel {
            group: self.group.clone(),
            kind: self.names.kind,
            limit,
            used,
            reclaimable,
            ends_all: self.ends_all,
        })
    }

    fn reclaimable(&self) -> u64 {
        let mut text = [0u8; STAT_BYTES];
        let length = self.stat.as_ref().and_then(|stat| stat.read_at(&mut text, 0).ok()).unwrap_or(0);
        let text = std::str::from_utf8(&text[..length]).unwrap_or_default();
        let value = |line: &str| line.strip_prefix(self.names.reclaimable)?.trim().parse().ok();
        text.lines().find_map(value).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn group(top: &Path, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let dir = top.join(name);
        fs::create_dir_all(&dir).unwrap();
        for (file, text) in files {
            fs::write(dir.join(file), format!("{text}\n")).unwrap();
        }
        dir
    }

    fn cgroup(dirs: Vec<PathBuf>, version_2: bool) -> Cgroup {
        Cgroup { groups: Groups { dirs, version_2 } }
    }

    fn levels(cgroup: &Cgroup) -> Vec<MemoryLevel> {
        cgroup.gauges().iter().filter_map(MemoryGauge::read).collect()
    }

    #[test]
    fn the_lowest_limit_of_all_ancestors_counts() {
        let top = tempfile::tempdir().unwrap();
        let above = group(top.path(), "top", &[("memory.max", "9223372036854771712"), ("memory.current", "900")]);
        let own = group(top.path(), "pod", &[("memory.max", "1000"), ("memory.current", "600")]);
        let both = cgroup(vec![own, above.clone()], true);
        assert_eq!(both.memory(), Some(CgroupMemory { limit: 1000, used: 600 }));
        assert_eq!(cgroup(vec![above], true).memory(), None, "a limit near 2^63 is none");
    }

    #[test]
    fn version_2_has_a_hard_limit_and_one_that_slows_down_and_inactive_pages_are_not_held() {
        let top = tempfile::tempdir().unwrap();
        let stat = "anon 500\nfile 300\ninactive_anon 7\nactive_file 50\ninactive_file 250";
        let files = [
            ("memory.max", "2000"),
            ("memory.high", "1500"),
            ("memory.current", "800"),
            ("memory.stat", stat),
            ("memory.oom.group", "1"),
        ];
        let own = group(top.path(), "own", &files);
        let above = group(top.path(), "above", &[("memory.max", "max"), ("memory.current", "5000")]);
        let found = levels(&cgroup(vec![own.clone(), above], true));
        let level =
            |kind, limit| MemoryLevel { group: own.clone(), kind, limit, used: 800, reclaimable: 250, ends_all: true };
        assert_eq!(found, [level(MemoryLimit::Hard, 2000), level(MemoryLimit::Throttle, 1500)]);
        assert_eq!((found[0].held(), found[0].left(), found[1].left()), (550, 1450, 950));
    }

    #[test]
    fn version_1_counts_the_pages_of_the_groups_below_and_what_is_swapped_out() {
        let top = tempfile::tempdir().unwrap();
        let files = [
            ("memory.limit_in_bytes", "1000"),
            ("memory.usage_in_bytes", "700"),
            ("memory.memsw.limit_in_bytes", "1200"),
            ("memory.memsw.usage_in_bytes", "1100"),
            ("memory.stat", "inactive_file 1\nhierarchical_memory_limit 1000\ntotal_inactive_file 100"),
        ];
        let found = levels(&cgroup(vec![group(top.path(), "own", &files)], false));
        let told: Vec<_> = found.iter().map(|level| (level.kind, level.left(), level.ends_all)).collect();
        assert_eq!(told, [(MemoryLimit::Hard, 400, false), (MemoryLimit::WithSwap, 200, false)]);
    }

    #[test]
    fn page_cache_is_asked_for_only_where_it_decides_and_a_limit_may_change() {
        let top = tempfile::tempdir().unwrap();
        let files = [("memory.max", "1000"), ("memory.current", "600"), ("memory.stat", "inactive_file 200")];
        let own = group(top.path(), "own", &files);
        let gauge = cgroup(vec![own.clone()], true).gauges().pop().unwrap();
        assert_eq!(gauge.read_unless_left(|_| 400).unwrap().left(), 400);
        assert_eq!(gauge.read_unless_left(|_| 401).unwrap().left(), 600);
        fs::write(own.join("memory.max"), "700\n").unwrap();
        assert_eq!(gauge.read().unwrap().left(), 300);
        fs::write(own.join("memory.max"), "max\n").unwrap();
        assert_eq!(gauge.read(), None);
    }
}

use super::*;
use crate::capture::calibration::{Calibration, Work};
use crate::os::cgroup::MemoryLimit;
use crate::os::machine::Commit;

const MB: u64 = 1_000_000;
const GB: u64 = 1000 * MB;

/// A heap of 100 MB: 1,200 MB of memory and a file of 60 MB by default.
fn expected() -> Prediction {
    Calibration::new(Work::V8).predict(100 * MB)
}

fn terms() -> Terms {
    Terms { forks: true, reserve_bytes: Some(100 * MB), max_memory_bytes: None, min_free_disk_bytes: 0 }
}

fn level(limit: u64, used: u64, reclaimable: u64) -> MemoryLevel {
    MemoryLevel { group: PathBuf::from("/cg/pod"), kind: MemoryLimit::Hard, limit, used, reclaimable, ends_all: false }
}

fn groups(memory: Vec<MemoryLevel>) -> Surroundings {
    Surroundings { memory, ..Surroundings::default() }
}

fn refusal(terms: &Terms, around: &Surroundings) -> Shortage {
    *judge(&expected(), terms, around).expect_err("there is no room")
}

fn limit(limit: u64, used: u64) -> Option<Limit> {
    Some(Limit { limit, used })
}

#[test]
fn where_nothing_limits_everything_fits() {
    assert_eq!(judge(&expected(), &terms(), &Surroundings::default()), Ok(()));
}

#[test]
fn a_cgroup_has_room_for_exactly_what_is_left_without_the_reserve() {
    // 1,200 needed, 300 held, 100 kept.
    assert_eq!(judge(&expected(), &terms(), &groups(vec![level(1600 * MB, 400 * MB, 100 * MB)])), Ok(()));
    let shortage = refusal(&terms(), &groups(vec![level(1600 * MB - 1, 400 * MB, 100 * MB)]));
    assert_eq!(
        (shortage.left(), shortage.held, shortage.place.code()),
        (1200 * MB - 1, 300 * MB, "ERR_LEAKHUNT_NO_ROOM")
    );
}

#[test]
fn a_refusal_names_the_numbers_the_place_and_what_to_do() {
    let shortage = refusal(&terms(), &groups(vec![level(1024 * MB, 400 * MB, 20 * MB)]));
    assert_eq!(
        shortage.to_string(),
        "the capture child is expected to take 1,200 MB (12.0 for each of the 100 MB of heap in use, the default until one has been \
         measured), and the memory cgroup /cg/pod has 544 MB for it: 380 of 1,024 MB are in use and 100 MB are kept for the app; \
         raise the limit to about 1,690 MB, or capture earlier (thresholds.heapUsedBytes of at most 45 MB)"
    );
    let figures = shortage.figures();
    assert_eq!(figures["limitedBy"], "cgroup");
    assert_eq!(figures["path"], "/cg/pod");
    assert_eq!(figures["leftBytes"], 544 * MB);
    assert_eq!(figures["advisedLimitBytes"], 1690 * MB);
    assert_eq!(figures["predictedFrom"], "default");
    // The advice is true: with that limit it fits, and with that heap.
    assert_eq!(judge(&expected(), &terms(), &groups(vec![level(1690 * MB, 400 * MB, 20 * MB)])), Ok(()));
    let earlier = Calibration::new(Work::V8).predict(figures["advisedHeapUsedBytes"].as_u64().unwrap());
    assert_eq!(judge(&earlier, &terms(), &groups(vec![level(1024 * MB, 400 * MB, 20 * MB)])), Ok(()));
}

#[test]
fn the_limit_that_is_advised_keeps_more_for_the_app_as_it_would_then() {
    let terms = Terms { reserve_bytes: None, ..terms() };
    for used in [100, 1000, 2000, 8000] {
        let advised =
            refusal(&terms, &groups(vec![level(GB, used * MB, 0)])).figures()["advisedLimitBytes"].as_u64().unwrap();
        assert_eq!(judge(&expected(), &terms, &groups(vec![level(advised, used * MB, 0)])), Ok(()), "{used}");
    }
}

#[test]
fn of_many_groups_the_tightest_counts_and_not_the_lowest_limit() {
    let mut roomy = level(1800 * MB, 100 * MB, 0);
    roomy.group = PathBuf::from("/cg/pod/own");
    let crowded = level(4 * GB, 3900 * MB, 0);
    assert_eq!(refusal(&terms(), &groups(vec![roomy, crowded])).limit, 4 * GB);
}

#[test]
fn the_reserve_is_a_part_of_the_limit_within_bounds_and_double_where_the_app_would_die_with_its_child() {
    let terms = Terms { reserve_bytes: None, ..terms() };
    let reserves = [100 * MB, GB, 64 * GB].map(|limit| terms.reserve(limit, false));
    assert_eq!(reserves, [32 << 20, GB / 16, 256 << 20]);
    assert_eq!(terms.reserve(GB, true), GB / 8);
    let mut level = level(1400 * MB, 100 * MB, 0);
    assert_eq!(judge(&expected(), &terms, &groups(vec![level.clone()])), Ok(()));
    level.ends_all = true;
    let shortage = refusal(&terms, &groups(vec![level]));
    assert!(shortage.to_string().contains("/cg/pod, where the kernel ends all processes at once has"), "{shortage}");
}

#[test]
fn a_soft_limit_and_one_with_swap_count_as_well() {
    for (kind, key) in [(MemoryLimit::Throttle, "cgroup-high"), (MemoryLimit::WithSwap, "cgroup-swap")] {
        let soft = MemoryLevel { kind, ..level(GB, 0, 0) };
        assert_eq!(refusal(&terms(), &groups(vec![level(9 * GB, 0, 0), soft])).figures()["limitedBy"], key);
    }
}

#[test]
fn files_in_memory_take_from_the_same_room() {
    let mut around = groups(vec![level(1301 * MB, 0, 0)]);
    assert_eq!(judge(&expected(), &terms(), &around), Ok(()));
    around.disk_is_memory = true;
    assert_eq!(refusal(&terms(), &around).needed, 1260 * MB);
}

#[test]
fn the_machine_counts_without_any_cgroup() {
    let machine = |available, commit| Surroundings {
        machine: Some(MachineMemory { total: 8 * GB, available, commit }),
        limits: ProcessLimits { data_used: 2 * GB, ..ProcessLimits::default() },
        ..Surroundings::default()
    };
    assert_eq!(judge(&expected(), &terms(), &machine(1300 * MB, None)), Ok(()));
    let shortage = refusal(&terms(), &machine(1299 * MB, None));
    assert_eq!((shortage.place.clone(), shortage.left()), (Place::Machine, 1199 * MB));
    // A strict kernel promises what the fork copies as well: 2,000 and 1,200 MB.
    let strict = |promised| machine(6 * GB, Some(Commit { limit: 4 * GB, promised }));
    assert_eq!(judge(&expected(), &terms(), &strict(800 * MB)), Ok(()));
    let shortage = refusal(&terms(), &strict(801 * MB));
    assert_eq!((shortage.place.clone(), shortage.needed), (Place::Commit, 3200 * MB));
    assert!(shortage.to_string().contains("vm.overcommit_memory=2"), "{shortage}");
    let inline = Terms { forks: false, ..terms() };
    assert_eq!(judge(&expected(), &inline, &strict(801 * MB)), Ok(()), "nothing is forked");
}

#[test]
fn each_limit_of_the_process_has_its_own_words() {
    type Set = fn(&mut ProcessLimits);
    let cases: [(Set, &str, &str); 5] = [
        (
            |limits| limits.address_space = limit(2 * GB, GB),
            "RLIMIT_AS",
            "ulimit -v) has 1,000 MB for it: 1,000 of 2,000",
        ),
        (|limits| limits.data = limit(2 * GB, GB), "RLIMIT_DATA", "ulimit -d"),
        (
            |limits| limits.file_size = limit(40 * MB, 0),
            "RLIMIT_FSIZE",
            "take 60 MB, and RLIMIT_FSIZE (ulimit -f) allows 40 MB",
        ),
        (
            |limits| limits.descriptors = limit(64, 60),
            "RLIMIT_NOFILE",
            "needs 8 more descriptors, and RLIMIT_NOFILE (ulimit -n) has 4 of 64 left",
        ),
        (
            |limits| limits.tasks = limit(30, 30),
            "RLIMIT_NPROC",
            "needs 1 more processes and threads, and RLIMIT_NPROC (ulimit -u) has 0 of 30",
        ),
    ];
    for (set, key, words) in cases {
        let mut around = Surroundings::default();
        set(&mut around.limits);
        let shortage = refusal(&terms(), &around);
        assert_eq!(
            (shortage.figures()["limitedBy"].as_str(), shortage.place.code()),
            (Some(key), "ERR_LEAKHUNT_LIMITED")
        );
        assert!(shortage.to_string().contains(words), "{shortage}");
    }
}

#[test]
fn a_bound_on_tasks_holds_for_a_fork_alone() {
    let around = Surroundings {
        tasks: vec![
            TaskLevel { group: PathBuf::from("/pids/own"), limit: 20, used: 19 },
            TaskLevel { group: PathBuf::from("/pids"), limit: 50, used: 50 },
        ],
        ..Surroundings::default()
    };
    let shortage = refusal(&terms(), &around);
    assert_eq!(shortage.figures()["path"], "/pids");
    assert_eq!(shortage.figures()["limit"], 50, "a number of tasks has no unit");
    assert_eq!(judge(&expected(), &Terms { forks: false, ..terms() }, &around), Ok(()));
}

#[test]
fn the_disk_has_to_hold_the_file_and_what_must_stay_free() {
    let disk = |free_bytes, free_inodes| Surroundings {
        dir: PathBuf::from("/d"),
        disk: Some(DiskRoom { free_bytes, free_inodes }),
        ..Surroundings::default()
    };
    let terms = Terms { min_free_disk_bytes: 500 * MB, ..terms() };
    assert_eq!(judge(&expected(), &terms, &disk(560 * MB, Some(2))), Ok(()));
    let shortage = refusal(&terms, &disk(559 * MB, None));
    assert_eq!(shortage.place.code(), "ERR_LEAKHUNT_DISK_FULL");
    assert!(
        shortage
            .to_string()
            .starts_with("the snapshot is expected to take 60 MB, and the file system of /d has 559 MB free, of which")
    );
    assert_eq!(refusal(&terms, &disk(560 * MB, Some(1))).figures()["limitedBy"], "inodes");
    // The in-process way has V8's text beside the file: 250 MB.
    let inline = Terms { forks: false, ..terms };
    assert_eq!(refusal(&inline, &disk(809 * MB, None)).needed, 310 * MB);
}

#[test]
fn the_users_own_bound_comes_first() {
    let shortage = refusal(&Terms { max_memory_bytes: Some(600 * MB), ..terms() }, &groups(vec![level(GB, 0, 0)]));
    assert_eq!(shortage.place, Place::MaxMemory);
    assert!(shortage.to_string().contains("capture.maxMemoryBytes allows 600 MB"), "{shortage}");
}

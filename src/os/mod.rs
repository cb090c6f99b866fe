//! The only place that names Linux: `/proc`, cgroups, memory maps, threads' states, fork.

mod at_exit;
mod atfork;
mod blocks;
pub mod cgroup;
mod child;
mod child_files;
pub mod command;
mod confine;
mod descriptors;
pub mod disk;
mod elf;
mod exhaustion;
mod fork;
mod got;
mod heap_memory;
mod identity;
mod last_in_line;
pub mod limits;
mod local_time;
mod lock;
pub mod machine;
mod mappings;
pub mod memory;
mod own_file;
mod own_memory;
mod private_socket;
mod proc_text;
mod regular_file;
mod scratch;
mod shared;
mod threads;
mod unix_stream;

pub use at_exit::AtExit;
pub use atfork::fork_handlers;
pub use child::{ChildKeeps, ChildSetup, confine_child, end_child, end_child_early, enter_child};
pub use child_files::ChildFiles;
pub use exhaustion::is_exhaustion;
pub use fork::{Child, Ended, Exit, ForkParts, fork_child};
pub use heap_memory::HeapMemory;
pub use identity::{boot_id, host_name, random_id, run_id, since_boot};
pub use last_in_line::end_with;
pub use local_time::{LocalTime, local_time};
pub use lock::{FileLock, Taken};
pub use mappings::{ForkMap, Leave, ScanError};
pub use own_file::{append_whole, kept_file, open_own, own_file_bytes, user};
pub use private_socket::PrivateSocket;
pub use regular_file::open_regular;
pub use scratch::Scratch;
pub use shared::SharedPage;
pub use threads::V8Workers;
pub use unix_stream::{Await, peer_user, send, wait};

/// Why a forked capture cannot be tried on this platform; `None` where the method has been proven by the tests of this project.
pub fn fork_unsupported() -> Option<&'static str> {
    if !cfg!(target_os = "linux") {
        Some("forked capture needs Linux")
    } else if !cfg!(target_arch = "x86_64") {
        Some("forked capture is proven on x86-64 only")
    } else if !cfg!(target_env = "gnu") {
        Some("forked capture is proven with glibc only")
    } else {
        None
    }
}

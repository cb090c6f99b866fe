//! A Unix socket that its owner alone can reach: in a directory of its own, 0700, bound through the descriptor of that directory.
//!
//! So no link leads elsewhere, whatever others do to the path, and the path may be longer than the 107 bytes that an address has room for. Whoever asks opens the directory likewise:
//! by its path, or as `/proc/<pid>/fd/<n>`, which needs no path at all and leads into the mount namespace of the process.

use super::identity::started_ticks;
use super::own_file::{refused, user};
use parking_lot::Mutex;
use std::ffi::{CStr, CString};
use std::fs::{File, Metadata, Permissions};
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Once;

/// Between the making of the directory and the socket's name in it, another process that ends may remove it, which is empty; and one that starts the socket that is not listened on yet.
const TRIES: u32 = 10;
/// Names that are looked at for sockets of the dead.
const MOST_NAMES: usize = 4096;

/// Bound and listening, never blocking. Dropped, it removes its name, and the directory if nobody else has a socket there; so does `exit`, which drops nothing.
#[derive(Debug)]
pub struct PrivateSocket {
    /// Dropped first: it has the number of the directory's descriptor.
    _removal: Removal,
    listener: UnixListener,
    path: PathBuf,
    home: Home,
    name: String,
}

impl PrivateSocket {
    /// In the directory `path`, which is made if it must.
    pub fn bind(path: &Path) -> io::Result<Self> {
        let mut tries = 1;
        loop {
            match Self::try_bind(path) {
                Err(error) if error.kind() == ErrorKind::NotFound && tries < TRIES => tries += 1,
                result => return result,
            }
        }
    }

    fn try_bind(path: &Path) -> io::Result<Self> {
        let home = Home::open(path)?;
        home.sweep();
        let name = own_name();
        if std::fs::symlink_metadata(home.at(&name)).is_ok() {
            return Err(refused(&format!("has {name} in it already")));
        }
        // Another process that tidies up must not take it for dead before it is listened on: so it gets its name last.
        let partial = home.at(&format!("{name}.partial"));
        let _ = std::fs::remove_file(&partial);
        let listener = UnixListener::bind(&partial)?;
        std::fs::set_permissions(&partial, Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        std::fs::rename(&partial, home.at(&name))?;
        let removal = Removal::of(&home, &name, path)?;
        Ok(Self { _removal: removal, listener, path: path.to_owned(), home, name })
    }

    /// The next one who wants to be heard, if there is one.
    pub fn accept(&self) -> io::Result<UnixStream> {
        let (stream, _) = self.listener.accept()?;
        stream.set_nonblocking(true)?;
        Ok(stream)
    }

    pub fn path(&self) -> PathBuf {
        self.path.join(&self.name)
    }
}

impl AsFd for PrivateSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

impl Drop for PrivateSocket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(self.home.at(&self.name));
        // Refused while there is something in it.
        let _ = std::fs::remove_dir(&self.path);
    }
}

/// The directory, held open.
#[derive(Debug)]
struct Home(File);

impl Home {
    fn open(path: &Path) -> io::Result<Self> {
        match std::fs::DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let found = std::fs::symlink_metadata(path)?;
        if let Some(reason) = why_not_own(&found) {
            return Err(refused(&reason));
        }
        let file = File::options().read(true).custom_flags(libc::O_DIRECTORY | libc::O_NOFOLLOW).open(path)?;
        // It may be another one by now.
        let metadata = file.metadata()?;
        if let Some(reason) = why_not_own(&metadata) {
            return Err(refused(&reason));
        }
        // Kubernetes opens what lies in a volume to a group, whenever it is mounted.
        if metadata.permissions().mode() & 0o7777 != 0o700 {
            file.set_permissions(Permissions::from_mode(0o700))?;
        }
        Ok(Self(file))
    }

    fn at(&self, name: &str) -> PathBuf {
        format!("/proc/self/fd/{}/{name}", self.0.as_raw_fd()).into()
    }

    /// Removes the sockets of processes that were killed: nobody listens on them.
    fn sweep(&self) {
        let names = std::fs::read_dir(self.at("")).into_iter().flatten().take(MOST_NAMES);
        for name in names.filter_map(|entry| entry.ok()?.file_name().into_string().ok()) {
            let place = self.at(&name);
            let is_ours = std::fs::symlink_metadata(&place)
                .is_ok_and(|metadata| metadata.file_type().is_socket() && metadata.uid() == user());
            if is_name(&name) && is_ours && is_dead(&place) {
                let _ = std::fs::remove_file(place);
            }
        }
    }
}

/// Never waits: a queue that is full is an error of another kind.
fn is_dead(place: &Path) -> bool {
    let Ok(probe) = super::unix_stream::probe(place) else { return false };
    probe == Some(libc::ECONNREFUSED)
}

fn why_not_own(metadata: &Metadata) -> Option<String> {
    let user = user();
    if metadata.file_type().is_symlink() {
        Some("is a symbolic link".to_owned())
    } else if !metadata.is_dir() {
        Some("is not a directory".to_owned())
    } else if metadata.uid() != user {
        Some(format!("belongs to user {}, and this process runs as user {user}", metadata.uid()))
    } else {
        None
    }
}

/// `<pid>.<its start in ticks since boot>.sock`: a number is given to another process one day, and each container has a process 1.
fn own_name() -> String {
    format!("{}.{}.sock", std::process::id(), started_ticks().unwrap_or(0))
}

fn is_name(name: &str) -> bool {
    let mut parts = name.split('.');
    let mut number =
        || parts.next().is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    number()
        && number()
        && parts.next() == Some("sock")
        && matches!(parts.next(), None | Some("partial"))
        && parts.next().is_none()
}

/// What `exit` removes, by system calls alone. One for the process.
#[derive(Debug)]
struct Removal(());

struct Remains {
    /// A forked child that ends by `exit` must not take away what is its parent's.
    owner: u32,
    home: RawFd,
    name: CString,
    path: CString,
}

static REMAINS: Mutex<Option<Remains>> = Mutex::new(None);

impl Removal {
    fn of(home: &Home, name: &str, path: &Path) -> io::Result<Self> {
        static REGISTERED: Once = Once::new();
        let remains = Remains {
            owner: std::process::id(),
            home: home.0.as_raw_fd(),
            name: CString::new(name)?,
            path: CString::new(path.as_os_str().as_bytes())?,
        };
        REGISTERED.call_once(|| {
            // SAFETY: a function of this library; should the library be unloaded, the C library calls it then and never again.
            let _refused = unsafe { libc::atexit(remove_remains) };
        });
        *REMAINS.lock() = Some(remains);
        Ok(Self(()))
    }
}

impl Drop for Removal {
    fn drop(&mut self) {
        REMAINS.lock().take();
    }
}

extern "C" fn remove_remains() {
    // Held by another thread means that it is being removed at this moment.
    let Some(Remains { owner, home, name, path }) = REMAINS.try_lock().and_then(|mut remains| remains.take()) else {
        return;
    };
    if owner == std::process::id() {
        remove(home, &name, &path);
    }
}

fn remove(home: RawFd, name: &CStr, path: &CStr) {
    // SAFETY: an open descriptor, since its owner takes the remains away before it closes it, and NUL-terminated names.
    unsafe {
        libc::unlinkat(home, name.as_ptr(), 0);
        libc::rmdir(path.as_ptr());
    }
}

#[cfg(test)]
#[path = "private_socket_tests.rs"]
mod tests;

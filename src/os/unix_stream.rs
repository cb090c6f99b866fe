//! What the standard library does not have of Unix sockets: who is at the other end, writing without a signal, asking without waiting, and waiting for several at once.

use std::io;
use std::mem::{offset_of, size_of};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// The user who connected, as the kernel knows him, in this process's numbers.
pub fn peer_user(stream: &UnixStream) -> io::Result<u32> {
    let mut peer = libc::ucred { pid: 0, uid: u32::MAX, gid: u32::MAX };
    let mut length = size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: an open socket, and a buffer of the length that is told.
    let done = unsafe {
        libc::getsockopt(
            stream.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut peer).cast(),
            &raw mut length,
        )
    };
    if done == 0 { Ok(peer.uid) } else { Err(io::Error::last_os_error()) }
}

/// Writes what there is room for. Without `SIGPIPE`, which may be the app's to hear.
pub fn send(stream: &UnixStream, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: an open socket, and bytes that live as long as the call.
    let sent = unsafe {
        libc::send(stream.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT)
    };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

/// Connects and lets go again, without waiting. `None` if somebody listens there; else the number of the kernel's answer.
pub fn probe(path: &Path) -> io::Result<Option<i32>> {
    // SAFETY: an address is plain numbers, of which zeros are good ones.
    let mut address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    let bytes = path.as_os_str().as_bytes();
    if bytes.len() >= address.sun_path.len() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    for (to, from) in address.sun_path.iter_mut().zip(bytes) {
        *to = from.cast_signed();
    }
    let length = offset_of!(libc::sockaddr_un, sun_path) + bytes.len() + 1;
    // SAFETY: no memory is involved.
    let socket =
        unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC, 0) };
    if socket < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: a new descriptor, which nobody else has.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    // SAFETY: an open socket, and an address of the length that is told.
    let connected =
        unsafe { libc::connect(socket.as_raw_fd(), (&raw const address).cast(), length as libc::socklen_t) };
    Ok(if connected == 0 { None } else { io::Error::last_os_error().raw_os_error() })
}

/// What is awaited of a descriptor. That the other side is gone is seen in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Await {
    Input,
    Room,
    Nothing,
}

/// Waits until one of them has what is awaited, or its other side is gone, or the time is over. Answers for each in turn.
pub fn wait(on: &[(BorrowedFd<'_>, Await)], longest: Option<Duration>) -> io::Result<Vec<bool>> {
    let events = |awaited| match awaited {
        Await::Input => libc::POLLIN,
        Await::Room => libc::POLLOUT,
        Await::Nothing => 0,
    };
    let poll = |(fd, awaited): &(BorrowedFd<'_>, Await)| libc::pollfd {
        fd: fd.as_raw_fd(),
        events: events(*awaited),
        revents: 0,
    };
    let mut polled: Vec<libc::pollfd> = on.iter().map(poll).collect();
    // Rounded up: a wait that is over too early is one more turn, time and again.
    let milliseconds =
        longest.map_or(-1, |longest| longest.as_micros().div_ceil(1000).try_into().unwrap_or(libc::c_int::MAX));
    // SAFETY: a list of the length that is told; its descriptors are borrowed and so open.
    let found = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, milliseconds) };
    if found < 0 {
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(polled.iter().map(|each| found > 0 && each.revents != 0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    #[test]
    fn the_peer_is_this_user() {
        let (one, _other) = UnixStream::pair().unwrap();
        assert_eq!(peer_user(&one).unwrap(), crate::os::user());
    }

    #[test]
    fn what_there_is_no_room_for_is_not_written_and_a_peer_that_is_gone_is_an_error() {
        let (one, other) = UnixStream::pair().unwrap();
        let large = vec![7; 64 << 20];
        let sent = send(&one, &large).unwrap();
        assert!(0 < sent && sent < large.len(), "{sent}");
        assert_eq!(send(&one, &large).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(other);
        assert_eq!(send(&one, &large).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn waiting_tells_input_room_and_the_end_apart() {
        let (one, other) = UnixStream::pair().unwrap();
        let now = Some(Duration::ZERO);
        let asks = |stream: &UnixStream| {
            [Await::Input, Await::Room, Await::Nothing]
                .map(|awaited| wait(&[(stream.as_fd(), awaited)], now).unwrap()[0])
        };
        assert_eq!(asks(&one), [false, true, false]);
        assert_eq!(send(&other, b"x").unwrap(), 1);
        assert_eq!(asks(&one), [true, true, false]);
        // Half-closed it still awaits an answer.
        other.shutdown(std::net::Shutdown::Write).unwrap();
        assert!(!asks(&one)[2]);
        drop(other);
        assert!(asks(&one)[2]);
    }
}

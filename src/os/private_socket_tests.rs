use super::*;
use std::io::{Read, Write};
use std::os::unix::fs::symlink;

fn names(dir: &Path) -> Vec<String> {
    std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The removal at `exit` is one for the process, and tests share it: they bind one after the other.
static ONE: Mutex<()> = Mutex::new(());

#[test]
fn it_is_made_for_its_owner_alone_answers_and_leaves_nothing() {
    let _one = ONE.lock();
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("control");
    let socket = PrivateSocket::bind(&home).unwrap();
    let mode = |path: &Path| std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&home), mode(&socket.path())), (0o700, 0o600));
    assert_eq!(names(&home), [own_name()]);
    let mut client = UnixStream::connect(socket.path()).unwrap();
    let mut served = socket.accept().unwrap();
    assert_eq!(socket.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
    client.write_all(b"hi").unwrap();
    let mut heard = [0; 2];
    served.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"hi");
    drop(socket);
    assert!(!home.exists());
}

#[test]
fn a_path_of_any_length_will_do() {
    let _one = ONE.lock();
    let dir = tempfile::tempdir().unwrap();
    let deep = (0..20).fold(dir.path().to_owned(), |path, _| path.join("a-directory-with-a-long-name"));
    std::fs::create_dir_all(&deep).unwrap();
    let socket = PrivateSocket::bind(&deep.join("control")).unwrap();
    assert!(socket.path().as_os_str().len() > 500);
    assert_eq!(super::super::unix_stream::probe(&socket.home.at(&socket.name)).unwrap(), None);
}

#[test]
fn sockets_of_the_dead_are_removed_and_nothing_else() {
    let _one = ONE.lock();
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("control");
    std::fs::create_dir(&home).unwrap();
    let listener = UnixListener::bind(home.join("2.7.sock")).unwrap();
    drop(UnixListener::bind(home.join("1.7.sock")).unwrap());
    drop(UnixListener::bind(home.join("other.sock")).unwrap());
    std::fs::write(home.join("3.7.sock"), "a file").unwrap();
    symlink("1.7.sock", home.join("4.7.sock")).unwrap();
    let socket = PrivateSocket::bind(&home).unwrap();
    let mut left = names(&home);
    left.retain(|name| *name != socket.name);
    left.sort();
    assert_eq!(left, ["2.7.sock", "3.7.sock", "4.7.sock", "other.sock"]);
    drop((socket, listener));
    assert!(home.exists(), "it is not empty");
}

#[test]
fn what_somebody_could_have_planted_is_refused_in_words() {
    let _one = ONE.lock();
    let dir = tempfile::tempdir().unwrap();
    let refusal = |path: &Path| PrivateSocket::bind(path).unwrap_err().to_string();
    let (link, file, elsewhere) = (dir.path().join("link"), dir.path().join("file"), dir.path().join("elsewhere"));
    std::fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, &link).unwrap();
    std::fs::write(&file, "").unwrap();
    assert!(refusal(&link).contains("is a symbolic link"));
    assert!(refusal(&file).contains("is not a directory"));
    assert_eq!(names(&elsewhere), [""; 0]);
    symlink("/nowhere", elsewhere.join(own_name())).unwrap();
    assert!(refusal(&elsewhere).contains("in it already"));
    // A directory of ours that was opened to others is closed again.
    assert_eq!(std::fs::symlink_metadata(&elsewhere).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn names_are_those_of_processes() {
    for good in ["1.2.sock", "4194304.987654321.sock", "1.2.sock.partial"] {
        assert!(is_name(good), "{good}");
    }
    for bad in ["", "1.sock", "a.2.sock", "1..sock", "1.2.sock.", "1.2.3.sock", "1.2.sock.partial.x", "-1.2.sock"] {
        assert!(!is_name(bad), "{bad}");
    }
    assert!(is_name(&own_name()));
}

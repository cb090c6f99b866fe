//! The files of a capture child: given their names when they are whole, and gone if the child goes early.

use super::confine::publish;
use std::ffi::CString;
use std::io;

/// The files that the child may give names to and remove. The strings are never moved: the confinement knows them by their addresses.
#[derive(Clone, Debug)]
pub struct ChildFiles {
    /// While they grow; they go if the child goes early.
    pub unfinished: Vec<CString>,
    /// Their names when they are whole.
    pub finished: Vec<CString>,
}

impl ChildFiles {
    /// Gives the files their names, all of them or none.
    pub fn publish(&self) -> io::Result<()> {
        for (index, (unfinished, finished)) in self.unfinished.iter().zip(&self.finished).enumerate() {
            if let Err(error) = publish(unfinished, finished) {
                remove(&self.finished[..index]);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Fit for a signal handler.
    pub(super) fn remove_unfinished(&self) {
        remove(&self.unfinished);
    }
}

fn remove(paths: &[CString]) {
    for path in paths {
        // SAFETY: a NUL-terminated path that is borrowed for the call.
        unsafe { libc::unlink(path.as_ptr()) };
    }
}

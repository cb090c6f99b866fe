//! The file that is being written: under another name until it is whole.

use super::Written;
use crate::hunt::HuntError;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

pub fn at(path: &Path) -> impl FnOnce(io::Error) -> HuntError + '_ {
    move |source| HuntError::Io { path: path.to_path_buf(), source }
}

fn partial_name(output: &Path) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(".partial");
    name.into()
}

/// The unfinished output: gone when it is dropped before it was published.
pub struct Partial {
    path: PathBuf,
    file: File,
    published: bool,
}

impl Partial {
    pub fn create(output: &Path) -> Result<Self, HuntError> {
        // Told before the work and not after it; what appears meanwhile is seen when the file gets its name.
        if output.symlink_metadata().is_ok() {
            return Err(HuntError::Exists { path: output.to_path_buf() });
        }
        let path = partial_name(output);
        // `create_new`: another one on its way to the same place is not disturbed, and no link is followed.
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(at(&path))?;
        Ok(Partial { path, file, published: false })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the text goes. It writes as it is told to, so that errors are seen at once.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// A hard link and not a rename: a rename would replace a file that has appeared meanwhile. Where links cannot be had, rename.
    pub fn publish(mut self, output: &Path) -> Result<Written, HuntError> {
        self.file.sync_all().map_err(at(&self.path))?;
        let bytes = self.file.metadata().map_err(at(&self.path))?.len();
        match std::fs::hard_link(&self.path, output) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(HuntError::Exists { path: output.to_path_buf() });
            }
            Err(_) => {
                std::fs::rename(&self.path, output).map_err(at(output))?;
                self.published = true;
            }
        }
        if let Some(dir) = output.parent().filter(|dir| !dir.as_os_str().is_empty()).or(Some(Path::new("."))) {
            // The name is as lasting as the text only when the directory is on the disk too; a file system that cannot do that is no reason to fail.
            let _ = File::open(dir).and_then(|dir| dir.sync_all());
        }
        Ok(Written { path: output.display().to_string(), bytes })
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.published {
            // Nobody is left to tell, and the answer is the same.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

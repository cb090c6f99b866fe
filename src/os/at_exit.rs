//! Last words of a process that ends by `exit`: Node's `process.exit()` runs no clean-up hook and joins no thread.

use super::own_file::append_whole;
use parking_lot::Mutex;
use std::fs::File;
use std::sync::{Arc, Once};

/// One line for the process: captures come one after the other.
static WORDS: Mutex<Option<(Arc<File>, Vec<u8>)>> = Mutex::new(None);

/// While this lives, `exit` writes the words, by one `write` on the thread that ends the process. A process that is killed writes nothing.
pub struct AtExit(());

impl AtExit {
    pub fn write(file: Arc<File>, words: Vec<u8>) -> Self {
        static REGISTERED: Once = Once::new();
        REGISTERED.call_once(|| {
            // SAFETY: a function of this library; should the library be unloaded, the C library calls it then and never again.
            let _refused = unsafe { libc::atexit(speak) };
        });
        *WORDS.lock() = Some((file, words));
        Self(())
    }
}

impl Drop for AtExit {
    fn drop(&mut self) {
        WORDS.lock().take();
    }
}

extern "C" fn speak() {
    // Held by another thread means that the words are being taken back: the attempt is over.
    if let Some((file, words)) = WORDS.try_lock().and_then(|mut words| words.take()) {
        let _ = append_whole(&file, &words);
    }
}

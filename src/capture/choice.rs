//! Which engine makes a snapshot: the pages are read where that is known to come out right, and V8's generator serves otherwise.
//!
//! Every heap has objects in it whose looks are known ([`crate::pages::check_graph`]), and what V8 says is in use is held against what was found ([`super::reading`]). The first time that
//! the objects are otherwise, or that the child crashes over it, this process reads no pages any more. A sum that is off is tried again first, and costs no more than one snapshot from
//! the pages.

use super::calibration::Work;
use super::failure::Failure;
use super::job::Engine;
use super::reading;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// Why the pages of this process are read no more.
static DISPROVED: OnceLock<String> = OnceLock::new();
/// Set when somebody has been told that V8's generator serves instead.
static SAID: AtomicBool = AtomicBool::new(false);

/// Why the heap of this process cannot be read from its pages, as far as is known now.
pub fn unsupported() -> Option<String> {
    reading::unsupported().or_else(|| DISPROVED.get().cloned())
}

/// Whether a child's failure says that the pages of this process come out wrong: then they are read no more.
pub fn believe_no_more(failure: &Failure) -> bool {
    let why = match failure {
        Failure::Pages(why) => why.clone(),
        Failure::Crashes { .. } => failure.to_string(),
        _ => return false,
    };
    // The first reason stands.
    let _ = DISPROVED.set(why);
    true
}

/// The engine that a wish for `engine` gets now: never [`Engine::Auto`].
pub fn choose(engine: Engine) -> Engine {
    match engine {
        Engine::Auto if unsupported().is_none() => Engine::Pages,
        Engine::Auto => Engine::V8,
        wished => wished,
    }
}

/// The failure to tell of where V8's generator serves although the pages would have been read; `None` if one has been told of.
pub fn fallback(why: Option<String>) -> Option<Failure> {
    let why = why?;
    // Relaxed: it guards nothing, and twice would do no harm.
    (!SAID.swap(true, Ordering::Relaxed)).then_some(Failure::Fallback(why))
}

impl Engine {
    pub fn work(self) -> Work {
        if self == Self::V8 { Work::V8 } else { Work::Pages }
    }
}

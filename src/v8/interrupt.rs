//! `Isolate::RequestInterrupt`: have something done on the isolate's thread while JavaScript runs.

use super::Isolate;
use super::symbols::{RawIsolate, symbols};
use std::ffi::c_void;
use std::sync::Arc;

/// Work for the isolate's thread, run between two instructions of JavaScript. It must not call JavaScript or N-API.
pub trait Interrupt: Send + Sync {
    fn run(&self, isolate: Isolate);
}

impl Isolate {
    /// Asks V8 to run `work` soon; callable from any thread. Answers `false` where this V8 does not offer it.
    ///
    /// V8 keeps the request until JavaScript runs again and cannot be told to forget it: an isolate that ends first leaks one
    /// reference to `work`. Callers keep at most one request pending, so that is one small allocation for each ended worker.
    pub fn request_interrupt<I: Interrupt>(self, work: Arc<I>) -> bool {
        let Some(request) = symbols().request_interrupt else { return false };
        // SAFETY: V8 documents this function as callable from any thread; the isolate is alive, since its environment's clean-up
        // hook joins the threads that call this. The reference moves into `data` and `on_interrupt` takes it back exactly once.
        unsafe { request(self.raw(), on_interrupt::<I>, Arc::into_raw(work).cast_mut().cast::<c_void>()) };
        true
    }
}

unsafe extern "C" fn on_interrupt<I: Interrupt>(isolate: RawIsolate, data: *mut c_void) {
    // SAFETY: `data` is the reference that `request_interrupt` gave away; V8 calls each request once.
    let work = unsafe { Arc::from_raw(data.cast_const().cast::<I>()) };
    if let Some(isolate) = Isolate::from_callback(isolate) {
        work.run(isolate);
    }
}

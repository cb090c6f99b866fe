//! What the background thread does for the control socket: it takes wishes on the way of those of code, and says what came of them.

use super::Background;
use super::captures::{Asker, Wish};
use crate::capture::{Counted, Failure, Product};
use crate::pages::history::Entry;
use crate::recorder::control::{About, Captured, Control, Order};
use crate::recorder::event::{Event, pause_parts};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

impl Background {
    pub(super) fn open_control(&self) -> Option<Control> {
        let config = &self.ends.config;
        let about = About {
            thread_id: config.thread_id,
            since_ms: now_ms(),
            dir: config.dir.display().to_string(),
            program: config.program.clone(),
            versions: config.versions.clone(),
        };
        config.control.then(|| Control::open(about, &config.dir, self.say()))
    }

    pub(super) fn obey_control(&mut self) {
        while let Some((order, ticket)) = self.control.as_ref().and_then(Control::next) {
            // What has been recorded up to the wish belongs into its sidecar.
            self.look();
            let asker = Asker::Socket(ticket);
            self.capture_or_tell(match order {
                Order::Snapshot { reason } => {
                    Wish::Asked { asker, reason, redact: self.ends.config.redact, format: None, beside_v8: false }
                }
                Order::Census { max_classes } => Wish::Census { asker: Some(asker), max_classes },
            });
        }
    }

    /// For `ps`.
    pub(super) fn note_capture(&self, wish: &Wish, result: &Result<Product, Failure>) {
        let Some(control) = &self.control else { return };
        let path = match result {
            Ok(Product::Snapshot(artifact)) => Some(artifact.path.display().to_string()),
            Ok(Product::Census(_)) | Err(_) => None,
        };
        control.desk().captured(Captured {
            kind: if matches!(wish, Wish::Census { .. }) { "census" } else { "snapshot" },
            reason: wish.reason(),
            timestamp_ms: now_ms(),
            path,
            code: result.as_ref().err().map(Failure::code),
        });
    }

    /// An event, as the one who asked for it is told.
    pub(super) fn told_at_socket(&self, event: &Event) -> Value {
        let mut document = event.document();
        if let Value::Object(fields) = &mut document {
            fields.remove("type");
            fields.remove("id");
            fields.insert("pid".to_owned(), std::process::id().into());
            fields.insert("threadId".to_owned(), self.ends.config.thread_id.into());
        }
        document
    }
}

/// `path` is the file that it was appended to, where there is one.
pub(super) fn census_at_socket(entry: &Entry, counted: &Counted, path: Option<&Path>) -> Value {
    json!({
        "census": entry,
        "path": path.map(Path::to_string_lossy),
        "pauseMs": counted.pause_ms,
        "pauseParts": pause_parts(counted.pause_parts),
        "durationMs": counted.duration_ms,
        "attempts": counted.attempts,
        "visits": counted.visits,
        "childPrivateBytes": counted.child_private_bytes,
        "predictedBytes": counted.predicted_bytes,
    })
}

pub(super) fn refusal(failure: &Failure) -> Value {
    json!({ "code": failure.code(), "message": failure.to_string(), "figures": failure.figures() })
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

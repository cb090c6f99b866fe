//! Connections, requests and streams that are opened and never closed.

use super::{Finding, Scene, named};
use crate::hunt::verdict::Cause;

const CLASSES: &[&str] = &[
    "Socket",
    "TLSSocket",
    "Server",
    "Agent",
    "ClientRequest",
    "IncomingMessage",
    "ServerResponse",
    "OutgoingMessage",
    "HTTPParser",
    "TCP",
    "Pipe",
    "TLSWrap",
    "UDP",
    "Http2Session",
    "Http2Stream",
    "ServerHttp2Session",
    "ClientHttp2Session",
    "ServerHttp2Stream",
    "ClientHttp2Stream",
    "ReadStream",
    "WriteStream",
    "FileHandle",
    "ChildProcess",
    "WebSocket",
    "Duplex",
    "Client",
    "Pool",
];

pub fn rule(scene: &Scene<'_>) -> Option<Finding> {
    let is_connection =
        |class: &str| CLASSES.contains(&class) || class.starts_with("Node / TCP") || class.starts_with("Node / Pipe");
    // Only what piles up itself: a record that happens to refer to its request is a matter of whoever keeps the record.
    if !is_connection(scene.class) && !is_connection(scene.root) {
        return None;
    }
    let holder = scene.holder();
    Some(Finding {
        cause: Cause::Connection,
        hypothesis: format!(
            "{} objects are opened and never closed or let go; {} keeps them",
            scene.class,
            named(&holder)
        ),
        would_refute: format!(
            "the number of {} follows the number of open connections and falls back when clients leave",
            scene.class
        ),
        holder,
    })
}

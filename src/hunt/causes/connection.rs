//! Connections, requests and streams that are opened and never closed.

use super::{Finding, Scene, holder_of, named, text};
use crate::heap::{EdgeType, Graph, NodeIdx, NodeType};
use crate::hunt::carrier;
use crate::hunt::role;
use crate::hunt::verdict::{Cause, Connection, Details};

/// What people open and close, and what `details.connection.what` calls it.
const CLASSES: &[(&str, &str)] = &[
    ("Socket", "socket"),
    ("TLSSocket", "tls"),
    ("Server", "server"),
    ("Agent", "agent"),
    ("ClientRequest", "http-request"),
    ("IncomingMessage", "http-request"),
    ("ServerResponse", "http-request"),
    ("OutgoingMessage", "http-request"),
    ("HTTPParser", "http-request"),
    ("TCP", "socket"),
    ("Pipe", "socket"),
    ("TLSWrap", "tls"),
    ("UDP", "datagram"),
    ("Http2Session", "http2"),
    ("Http2Stream", "http2"),
    ("ServerHttp2Session", "http2"),
    ("ClientHttp2Session", "http2"),
    ("ServerHttp2Stream", "http2"),
    ("ClientHttp2Stream", "http2"),
    ("ReadStream", "file"),
    ("WriteStream", "file"),
    ("FileHandle", "file"),
    ("ChildProcess", "process"),
    ("WebSocket", "websocket"),
    ("Duplex", "stream"),
    ("Client", "client"),
    ("Pool", "client"),
];

/// What holds a connection by its nature, and does not say why it is still there.
const MACHINERY: &[&str] = &[
    "TCP",
    "Pipe",
    "TLSWrap",
    "HTTPParser",
    "ReadableState",
    "WritableState",
    "HTTPServerAsyncResource",
    "HTTPClientAsyncResource",
    "TickObject",
    "AsyncContextFrame",
];

pub fn rule(scene: &Scene<'_>) -> Option<Finding> {
    // Only what piles up itself: a record that happens to refer to its request is a matter of whoever keeps the record.
    let what = what(scene.class).or_else(|| what(carrier::base(scene.root)))?;
    let connection = describe(scene.graph, scene.instance, what);
    let of_node = |class: &str| MACHINERY.contains(&class) || CLASSES.iter().any(|&(own, _)| own == class);
    // The agent that opened it; else whoever the program has told to keep it; else the server that accepted it.
    let agent = agent_of(scene.graph, scene.instance);
    let own = || scene.held_by(scene.instance, of_node).filter(|holder| holder.name.is_some());
    let holder = match agent.map(|agent| holder_of(scene, agent)).or_else(own) {
        Some(holder) => holder,
        None => {
            server_of(scene.graph, scene.instance).map_or_else(|| scene.holder(), |server| holder_of(scene, server))
        }
    };
    let (opened, by) = match &*connection.side {
        "server" => ("are accepted", "nobody ends them"),
        "agent" => ("are opened through an HTTP agent", "nobody ends them"),
        _ => ("are opened", "nobody closes them"),
    };
    let unanswered = match (connection.unanswered, &*connection.side) {
        (true, "server") => "; each has a request in it that was never answered",
        (true, _) => "; each waits for an answer that never comes",
        _ => "",
    };
    let peer = connection.remote.as_deref().map(|remote| format!(" (one of them with {remote})")).unwrap_or_default();
    Some(Finding {
        cause: Cause::Connection,
        kind: match (&*connection.side, connection.unanswered) {
            ("server", true) => "unanswered-request",
            ("server", false) => "server-connection",
            ("agent", _) => "agent-connection",
            ("client", _) => "client-connection",
            _ => "handle",
        },
        hypothesis: format!(
            "{} objects{peer} {opened} and {by}{unanswered}; {} keeps them",
            scene.class,
            named(&holder)
        ),
        would_refute: format!(
            "the number of {} follows the number of open connections and falls back when clients leave",
            scene.class
        ),
        holder,
        details: Details { connection: Some(connection), ..Details::default() },
    })
}

/// Whether people would call this a connection.
pub fn is_connection(class: &str) -> bool {
    what(class).is_some()
}

fn what(class: &str) -> Option<&'static str> {
    let known = CLASSES.iter().find(|&&(own, _)| own == class).map(|&(_, what)| what);
    known.or_else(|| (class.starts_with("Node / TCP") || class.starts_with("Node / Pipe")).then_some("socket"))
}

/// Which side opened it, who is at the other end, whether somebody waits: from the properties of Node's own classes.
fn describe(graph: &Graph, instance: NodeIdx, what: &str) -> Connection {
    let socket = socket_of(graph, instance).unwrap_or(instance);
    let of_socket = |name: &str| object(graph, socket, name);
    let message = of_socket("_httpMessage");
    let request = request_of(graph, instance);
    let side = if server_of(graph, instance).is_some() {
        "server"
    } else if agent_of(graph, instance).is_some() {
        "agent"
    } else if matches!(what, "socket" | "tls" | "http-request" | "http2" | "websocket" | "client") {
        "client"
    } else {
        ""
    };
    Connection {
        side: side.to_string(),
        what: what.to_string(),
        remote: remote(graph, socket).or_else(|| request.and_then(|request| string(graph, request, "host"))),
        unanswered: message.is_some_and(|message| matches!(graph.name(message), "ClientRequest" | "ServerResponse")),
    }
}

fn request_of(graph: &Graph, instance: NodeIdx) -> Option<NodeIdx> {
    let message = socket_of(graph, instance).and_then(|socket| object(graph, socket, "_httpMessage"));
    [Some(instance), message].into_iter().flatten().find(|&node| graph.name(node) == "ClientRequest")
}

fn agent_of(graph: &Graph, instance: NodeIdx) -> Option<NodeIdx> {
    request_of(graph, instance).and_then(|request| object(graph, request, "agent"))
}

fn server_of(graph: &Graph, instance: NodeIdx) -> Option<NodeIdx> {
    let socket = socket_of(graph, instance)?;
    object(graph, socket, "server").or_else(|| object(graph, socket, "_server"))
}

fn socket_of(graph: &Graph, instance: NodeIdx) -> Option<NodeIdx> {
    let is_socket = |&node: &NodeIdx| matches!(graph.name(node), "Socket" | "TLSSocket");
    let by = |name: &str| object(graph, instance, name).filter(is_socket);
    Some(instance).filter(is_socket).or_else(|| by("socket")).or_else(|| by("_socket")).or_else(|| {
        let owner = graph.edges(instance).find(|edge| {
            edge.kind == EdgeType::Property && role::edge_label(edge.kind, edge.name).contains("owner_symbol")
        });
        owner.map(|edge| edge.to).filter(is_socket)
    })
}

/// `address:port` where the program has asked for it; else the name that was connected to.
fn remote(graph: &Graph, socket: NodeIdx) -> Option<String> {
    let asked = object(graph, socket, "_peername").and_then(|peer| string(graph, peer, "address"));
    asked.or_else(|| string(graph, socket, "_host"))
}

fn object(graph: &Graph, of: NodeIdx, name: &str) -> Option<NodeIdx> {
    graph.target(of, EdgeType::Property, name).filter(|&node| graph.node_type(node) == NodeType::Object)
}

fn string(graph: &Graph, of: NodeIdx, name: &str) -> Option<String> {
    graph.target(of, EdgeType::Property, name).and_then(|node| text(graph, node)).map(str::to_string)
}

//! Each cause in heaps as V8 and Node lay them out, and what only looks like it.

use crate::heap::{EdgeType, NodeIdx, NodeType};
use crate::hunt::heaps::{Program, judge};
use crate::hunt::verdict::{Answer, Cause, Suspect, Verdict};

fn suspect(verdict: &Verdict) -> &Suspect {
    assert_eq!(verdict.verdict, Answer::Leak, "{verdict:#?}");
    &verdict.suspects[0]
}

fn told(s: &Suspect) -> (&str, Cause, &str, &str, Option<&str>) {
    (&s.class, s.cause, &s.kind, &s.holder.class, s.holder.name.as_deref())
}

/// A closure of `name` over a scope of its own with a `Session` in it.
fn closure(p: &mut Program, name: &str, line: u32) -> NodeIdx {
    let scope = p.context();
    let session = p.object("Session");
    p.heap.edge(scope, EdgeType::Context, format!("session{line}").as_str(), session);
    p.function(name, line, scope)
}

fn list(p: &mut Program, of: NodeIdx, edge: &str, n: usize) -> (NodeIdx, NodeIdx) {
    let array = p.property(of, edge, "Array");
    let store = p.store(array, "elements", n);
    (array, store)
}

#[test]
fn a_property_events_without_an_emitter_around_it_is_a_list_of_functions() {
    let verdict = judge(&[0, 300, 600], |p, n| {
        let calendar = p.variable("calendar", "Calendar");
        let prototype = p.property(calendar, "__proto__", "Object");
        p.property(prototype, "__proto__", "Object");
        let (array, store) = list(p, calendar, "_events", n);
        for i in 0..n {
            let event = closure(p, "remind", 30);
            p.push(array, store, i, event);
        }
    });
    let s = suspect(&verdict);
    assert_eq!(told(s), ("Session", Cause::Closure, "function", "Array", Some("_events")));
}

#[test]
fn observers_are_listeners_under_a_name_of_their_own() {
    let verdict = judge(&[0, 300, 600], |p, n| {
        let subject = p.variable("prices", "Subject");
        let (array, store) = list(p, subject, "observers", n);
        for i in 0..n {
            let subscriber = p.object("SafeSubscriber");
            let next = closure(p, "onPrice", 30);
            p.heap.edge(subscriber, EdgeType::Property, "next", next);
            p.push(array, store, i, subscriber);
        }
    });
    let s = suspect(&verdict);
    assert_eq!((s.cause, s.kind.as_str(), s.holder.class.as_str()), (Cause::Listener, "observer-list", "Subject"));
    let records = judge(&[0, 300, 600], |p, n| {
        let telescope = p.variable("telescope", "Telescope");
        let (array, store) = list(p, telescope, "observers", n);
        for i in 0..n {
            let person = p.object("Person");
            p.push(array, store, i, person);
        }
    });
    assert_eq!(suspect(&records).cause, Cause::Collection, "people in a list of that name are no listeners");
}

/// Node's lists of timers, as they hang in an object by their delay.
fn timers(p: &mut Program, n: usize, delay: u32, repeats: bool, line: u32) {
    let lists = p.variable(&format!("timerListMap{delay}"), "Object");
    let list = p.object("TimersList");
    p.heap.edge(lists, EdgeType::Element, delay, list);
    let null = p.heap.node(NodeType::Hidden, "null", 28);
    let mut last = list;
    for _ in 0..n {
        let timeout = p.object("Timeout");
        let tick = closure(p, "", line);
        p.heap.edge(timeout, EdgeType::Property, "_onTimeout", tick);
        p.heap.edge(timeout, EdgeType::Property, "_destroyed", null);
        if !repeats {
            p.heap.edge(timeout, EdgeType::Property, "_repeat", null);
        }
        p.heap.edge(last, EdgeType::Property, "_idleNext", timeout);
        p.heap.edge(timeout, EdgeType::Property, "_idlePrev", last);
        last = timeout;
    }
    p.heap.edge(last, EdgeType::Property, "_idleNext", list);
    p.heap.edge(list, EdgeType::Property, "_idlePrev", last);
}

#[test]
fn intervals_and_timeouts_are_told_apart_and_so_are_their_functions() {
    let verdict = judge(&[0, 300, 600], |p, n| {
        timers(p, 2 * n, 1500, true, 20);
        timers(p, n, 3_600_000, false, 40);
    });
    let of = |s: &Suspect| (s.kind.clone(), s.details.delay_ms, s.details.function.as_ref().map(|f| f.line));
    assert_eq!(of(suspect(&verdict)), ("interval".to_string(), Some(1500), Some(20)));
    assert_eq!(of(&verdict.suspects[1]), ("timeout".to_string(), Some(3_600_000), Some(40)));
    assert!(suspect(&verdict).hypothesis.contains("every 1.5 s"), "{}", suspect(&verdict).hypothesis);
}

#[test]
fn a_promise_that_never_settles_is_told_by_the_function_that_waits() {
    let waiting = |settled: bool| {
        judge(&[0, 300, 600], |p, n| {
            let (scope, main) = (p.scope, p.function("load", 70, p.scope));
            let _ = scope;
            let promises = p.variable("pending", "Array");
            let store = p.store(promises, "elements", n);
            for i in 0..n {
                let promise = p.object("Promise");
                p.push(promises, store, i, promise);
                if settled {
                    let result = p.object("Result");
                    p.heap.edge(promise, EdgeType::Internal, "reactions_or_result", result);
                    continue;
                }
                let reaction = p.heap.node(NodeType::Hidden, "system / PromiseReaction", 32);
                p.heap.edge(promise, EdgeType::Internal, "reactions_or_result", reaction);
                let scope = p.context();
                let await_ = p.heap.node(NodeType::Closure, "", 64);
                p.heap.edge(await_, EdgeType::Internal, "context", scope);
                p.heap.edge(reaction, EdgeType::Hidden, 1, await_);
                let state = p.object("Generator");
                p.heap.edge(scope, EdgeType::Internal, "extension", state);
                p.heap.edge(state, EdgeType::Internal, "function", main);
                let registers = p.heap.node(NodeType::Array, "", 40);
                p.heap.edge(state, EdgeType::Internal, "parameters_and_registers", registers);
                let result = p.object("Result");
                p.heap.edge(registers, EdgeType::Internal, "0", result);
            }
        })
    };
    let verdict = waiting(false);
    let s = suspect(&verdict);
    assert_eq!(told(s), ("Result", Cause::Collection, "async-function", "Array", Some("pending")));
    assert!(s.hypothesis.contains("async function load"), "{}", s.hypothesis);
    assert_eq!(s.location.as_ref().map(|l| l.line), Some(70));
    let verdict = waiting(true);
    assert_eq!(told(suspect(&verdict)), ("Result", Cause::Collection, "array", "Array", Some("pending")));
}

#[test]
fn a_weak_map_is_told_with_whoever_keeps_its_keys() {
    let verdict = judge(&[0, 300, 600], |p, n| {
        let map = p.variable("meta", "WeakMap");
        let table = p.store(map, "table", 2 * n);
        let id = p.id_of(table);
        let keys = p.variable("connections", "Object");
        // Keys that are there from the start; what grows is what the map has for them.
        let keys: Vec<_> = (0..600).map(|i| p.property(keys, &format!("k{i}"), "Object")).collect();
        for (i, &key) in keys.iter().enumerate().take(n) {
            let value = p.object("Statistics");
            let edge = format!("{i} / part of key (Object @1) -> value (Statistics @3) pair in WeakMap (table @{id})");
            p.heap.edge(key, EdgeType::Internal, edge.as_str(), value);
            p.heap.edge(table, EdgeType::Internal, edge.as_str(), value);
        }
    });
    let s = verdict.suspects.iter().find(|s| s.class == "Statistics" || s.kind == "weak-map");
    assert!(s.is_some_and(|s| s.kind == "weak-map" && s.holder.name.as_deref() == Some("meta")), "{verdict:#?}");
}

#[test]
fn connections_know_their_side_and_who_waits() {
    let verdict = judge(&[0, 300, 600], |p, n| {
        let server = p.variable("api", "Server");
        for i in 0..n {
            let handle = p.object("TCP");
            p.heap.edge(p.heap.root(), EdgeType::Internal, format!("{i} / handle").as_str(), handle);
            let socket = p.object("Socket");
            p.heap.edge(handle, EdgeType::Property, "<symbol owner_symbol>", socket);
            p.heap.edge(socket, EdgeType::Property, "server", server);
            let response = p.property(socket, "_httpMessage", "ServerResponse");
            p.heap.edge(response, EdgeType::Property, "socket", socket);
        }
    });
    let s = suspect(&verdict);
    assert_eq!(told(s), ("Socket", Cause::Connection, "unanswered-request", "Server", Some("api")));
    let connection = s.details.connection.as_ref().expect("a connection has details");
    assert_eq!((connection.side.as_str(), connection.unanswered), ("server", true));
}

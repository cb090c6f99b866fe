//! Leaks of each kind, in heaps as V8 lays them out: who is named, why, held by whom, at which line.

use super::heaps::{Program, judge};
use super::verdict::{Answer, Cause, Suspect, Verdict};
use crate::heap::{EdgeType, NodeIdx, NodeType};

fn only_suspect(verdict: &Verdict) -> &Suspect {
    assert_eq!(verdict.verdict, Answer::Leak, "{verdict:#?}");
    let [suspect] = &verdict.suspects[..] else { panic!("{verdict:#?}") };
    assert_eq!(suspect.rank, 1);
    suspect
}

fn told(s: &Suspect) -> (&str, Cause, &str, Option<&str>) {
    (&s.class, s.cause, &s.holder.class, s.holder.name.as_deref())
}

#[test]
fn an_array_of_records_is_told_by_the_record_and_not_by_its_dates_and_text() {
    let verdict = judge(&[50, 3000, 6000], |p, n| p.records("logs", "RequestLog", n));
    let s = only_suspect(&verdict);
    assert_eq!(told(s), ("RequestLog", Cause::Collection, "Array", Some("logs")));
    assert_eq!(s.counts, [50, 3000, 6000]);
    assert_eq!(s.growth_per_snapshot, 2975);
    // A record, its date and its text.
    assert_eq!(s.retained_bytes, [50, 3000, 6000].map(|n| n * (32 + 32 + 24)));
    assert_eq!(s.grows_with[0].class, "Date");
    assert!(
        verdict.summary.contains("RequestLog")
            && verdict.summary.contains("Date")
            && verdict.summary.contains("server.js:12")
    );
    let location = s.location.as_ref().expect("the handler closes over the array");
    assert_eq!(
        (location.function.as_str(), location.script.as_str(), location.line, location.column),
        ("handler", "/app/server.js", 12, 5)
    );
}

#[test]
fn the_path_goes_through_names_and_ends_at_a_root() {
    let verdict = judge(&[50, 3000, 6000], |p, n| p.records("logs", "RequestLog", n));
    let path = &only_suspect(&verdict).path;
    let classes: Vec<&str> = path.iter().map(|step| step.class.as_str()).collect();
    assert_eq!(
        classes,
        ["Array", "Context of handler", "function handler", "Object", "Server", "(GC roots: Global handles)"]
    );
    let edges: Vec<&str> = path[1..5].iter().map(|step| step.edge.as_str()).collect();
    assert_eq!(edges, ["logs", "context", "request", "_events"]);
    assert_eq!((path[0].edge_type.as_str(), path[1].edge_type.as_str()), ("element", "context"));
}

#[test]
fn a_map_is_named_through_its_table() {
    let verdict = judge(&[0, 500, 1000], |p, n| {
        let map = p.variable("cache", "Map");
        let table = p.store(map, "table", 2 * n);
        for i in 0..n {
            let entry = p.object("CachedResponse");
            p.text(entry, "body");
            p.heap.edge(table, EdgeType::Internal, (2 * i).to_string().as_str(), entry);
        }
    });
    assert_eq!(told(only_suspect(&verdict)), ("CachedResponse", Cause::Collection, "Map", Some("cache")));
}

#[test]
fn an_object_used_as_a_map_is_one_place() {
    let verdict = judge(&[20, 420, 720], |p, n| {
        let sessions = p.variable("sessions", "Object");
        for i in 0..n {
            p.property(sessions, &format!("user-{i}"), "Session");
        }
    });
    let s = only_suspect(&verdict);
    assert_eq!(told(s), ("Session", Cause::Collection, "Object", Some("sessions")));
    // With twenty keys it does not look like a map yet.
    assert_eq!(s.counts, [20, 420, 720]);
}

#[test]
fn listeners_are_told_by_what_they_keep() {
    let verdict = judge(&[0, 1000, 2000], |p, n| {
        let bus = p.variable("bus", "EventEmitter");
        let events = p.property(bus, "_events", "Object");
        let list = p.property(events, "tick", "Array");
        let store = p.store(list, "elements", n);
        for i in 0..n {
            let scope = p.context();
            let session = p.object("LeakedSession");
            p.heap.edge(scope, EdgeType::Context, "session", session);
            let listener = p.function("onTick", 53, scope);
            p.push(list, store, i, listener);
        }
    });
    let s = only_suspect(&verdict);
    assert_eq!(told(s), ("LeakedSession", Cause::Listener, "EventEmitter", Some("bus")));
    assert_eq!(s.location.as_ref().map(|l| (l.function.as_str(), l.line)), Some(("onTick", 53)));
    assert!(s.hypothesis.contains("`tick`"), "{}", s.hypothesis);
    assert_eq!((s.kind.as_str(), s.details.event.as_deref()), ("event-emitter", Some("tick")));
    let captured: Vec<_> = s.details.captured.iter().map(|c| (c.variable.as_str(), c.class.as_str())).collect();
    assert_eq!(captured, [("session", "LeakedSession")]);
    assert_eq!((verdict.unnamed_functions.leaking_closures, verdict.unnamed_functions.unnamed), (2000, 0));
}

#[test]
fn timers_are_told_by_what_they_keep() {
    let verdict = judge(&[5, 1005, 2005], |p, n| {
        // A ring of neighbours, as Node's lists of timers are.
        let list = p.variable("list", "TimersList");
        let mut last = list;
        for _ in 0..n {
            let timeout = p.object("Timeout");
            let scope = p.context();
            let state = p.object("PollerState");
            p.heap.edge(scope, EdgeType::Context, "state", state);
            let tick = p.function("pollTick", 55, scope);
            p.heap.edge(timeout, EdgeType::Property, "_onTimeout", tick);
            p.heap.edge(last, EdgeType::Property, "_idleNext", timeout);
            p.heap.edge(timeout, EdgeType::Property, "_idlePrev", last);
            last = timeout;
        }
        p.heap.edge(last, EdgeType::Property, "_idleNext", list);
        p.heap.edge(list, EdgeType::Property, "_idlePrev", last);
    });
    let s = only_suspect(&verdict);
    assert_eq!((s.class.as_str(), s.cause), ("PollerState", Cause::Timer));
    assert_eq!(s.location.as_ref().map(|l| l.line), Some(55));
    assert!(s.path.len() < 12, "{:#?}", s.path);
}

#[test]
fn functions_that_pile_up_are_closures_and_anonymous_ones_are_counted() {
    let verdict = judge(&[10, 510, 1010], |p, n| {
        let array = p.variable("callbacks", "Array");
        let store = p.store(array, "elements", n);
        for i in 0..n {
            let scope = p.context();
            let callback = p.function("", 20, scope);
            p.push(array, store, i, callback);
        }
    });
    let s = only_suspect(&verdict);
    assert_eq!(told(s), ("function (anonymous at server.js:20:5)", Cause::Closure, "Array", Some("callbacks")));
    let unnamed = &verdict.unnamed_functions;
    assert_eq!((unnamed.leaking_closures, unnamed.unnamed, unnamed.locations[0].line), (1010, 1010, 20));
    assert_eq!(unnamed.functions[0].name, "anonymous at server.js:20:5");
}

#[test]
fn a_plain_object_is_known_by_its_properties() {
    let verdict = judge(&[50, 3000, 6000], |p, n| p.records("logs", "Object", n));
    assert_eq!(told(only_suspect(&verdict)), ("Object {at, url}", Cause::Collection, "Array", Some("logs")));
}

#[test]
fn two_holders_do_not_hide_a_leak() {
    let verdict = judge(&[20, 1020, 2020], |p, n| {
        let (all, by_id) = (p.variable("all", "Array"), p.variable("byId", "Map"));
        let (store, table) = (p.store(all, "elements", n), p.store(by_id, "table", n));
        for i in 0..n {
            let session = p.object("Session");
            p.property(session, "started", "Date");
            p.push(all, store, i, session);
            p.heap.edge(table, EdgeType::Internal, i.to_string().as_str(), session);
        }
    });
    let s = only_suspect(&verdict);
    assert_eq!((s.class.as_str(), s.cause), ("Session", Cause::Collection));
    assert_eq!(s.grows_with[0].class, "Date");
}

#[test]
fn a_linked_list_retains_each_of_its_members_once() {
    let verdict = judge(&[100, 1100, 2100], |p, n| {
        let mut last = p.variable("head", "Entry");
        for _ in 1..n {
            last = p.property(last, "next", "Entry");
        }
    });
    let s = only_suspect(&verdict);
    assert_eq!((s.class.as_str(), s.holder.name.as_deref()), ("Entry", Some("head")));
    assert_eq!(s.retained_bytes[2], 2099 * 32);
}

#[test]
fn numbers_and_text_without_objects_of_their_own_are_told_by_what_holds_them() {
    let verdict = judge(&[1000, 200_000, 400_000], |p, n| {
        let array = p.variable("samples", "Array");
        p.store(array, "elements", n);
    });
    let s = only_suspect(&verdict);
    assert_eq!(told(s), ("Array", Cause::Collection, "Array", Some("samples")));
    assert_eq!(s.counts, [1, 1, 1]);
    let verdict = judge(&[50, 1050, 2050], |p, n| {
        let set = p.variable("seen", "Set");
        let table = p.store(set, "table", n);
        for i in 0..n {
            let text = p.heap.node(NodeType::String, &format!("user-{i}"), 32);
            p.heap.edge(table, EdgeType::Internal, i.to_string().as_str(), text);
        }
    });
    assert_eq!(told(only_suspect(&verdict)), ("(string)", Cause::Collection, "Set", Some("seen")));
}

#[test]
fn an_array_that_swells_with_the_leak_is_its_holder_and_no_second_leak() {
    // 200,000 slots are more than a mebibyte by themselves.
    let verdict = judge(&[10, 100_000, 200_000], |p, n| p.records("logs", "RequestLog", n));
    assert_eq!(only_suspect(&verdict).class, "RequestLog");
}

#[test]
fn a_few_large_things_are_a_leak_too() {
    let verdict = judge(&[1, 11, 21], |p, n| {
        let array = p.variable("frames", "Array");
        let store = p.store(array, "elements", n);
        for i in 0..n {
            let buffer = p.object("Buffer");
            let memory = p.property(buffer, "buffer", "ArrayBuffer");
            let bytes = p.heap.node(NodeType::Native, "system / JSArrayBufferData", 600 << 10);
            p.heap.edge(memory, EdgeType::Internal, "backing_store", bytes);
            p.push(array, store, i, buffer);
        }
    });
    assert_eq!(told(only_suspect(&verdict)), ("Buffer", Cause::Collection, "Array", Some("frames")));
}

#[test]
fn connections_are_told_apart_from_records_that_refer_to_one() {
    let sockets = judge(&[100, 300, 500], |p, n| {
        let set = p.variable("clients", "Set");
        let table = p.store(set, "table", n);
        for i in 0..n {
            let socket = p.object("Socket");
            p.heap.edge(table, EdgeType::Internal, i.to_string().as_str(), socket);
        }
    });
    assert_eq!(told(only_suspect(&sockets)), ("Socket", Cause::Connection, "Set", Some("clients")));
    let records = judge(&[100, 300, 500], |p, n| {
        let array = p.variable("logs", "Array");
        let store = p.store(array, "elements", n);
        for i in 0..n {
            let record = p.object("RequestLog");
            p.property(record, "socket", "Socket");
            p.push(array, store, i, record);
        }
    });
    assert_eq!(told(only_suspect(&records)), ("RequestLog", Cause::Collection, "Array", Some("logs")));
}

#[test]
fn the_larger_of_two_leaks_is_first_and_both_keep_their_fingerprints() {
    let both = |p: &mut Program, n: usize| {
        p.records("small", "Small", n);
        p.records("large", "Large", 3 * n);
    };
    let (a, b) = (judge(&[50, 550, 1050], both), judge(&[500, 5000, 20_000], both));
    let names = |v: &Verdict| v.suspects.iter().map(|s| (s.rank, s.class.clone())).collect::<Vec<_>>();
    assert_eq!(names(&a), [(1, "Large".to_string()), (2, "Small".to_string())]);
    let prints = |v: &Verdict| v.suspects.iter().map(|s| s.fingerprint.clone()).collect::<Vec<_>>();
    assert_eq!(prints(&a), prints(&b));
    assert_ne!(prints(&a)[0], prints(&a)[1]);
}

#[test]
fn what_holds_the_scope_may_differ_from_one_snapshot_to_the_next() {
    let verdict = judge(&[50, 3000, 6000], |p, n| {
        p.records("logs", "RequestLog", n);
        if n == 3000 {
            // Under load a request in flight closes over the module too, and the handler no longer dominates its scope.
            let request = p.property(NodeIdx(0), "inFlight", "IncomingMessage");
            let next = p.function("next", 30, p.scope);
            p.heap.edge(request, EdgeType::Property, "next", next);
        }
    });
    assert_eq!(only_suspect(&verdict).counts, [50, 3000, 6000]);
}

//! Small programs' heaps for tests: a server with a module scope, and whatever a test hangs into it.

use super::verdict::Verdict;
use super::{Graphs, hunt};
use crate::heap::{EdgeType, Graph, GraphBuilder, NodeIdx, NodeType};
use std::collections::HashMap;

/// One snapshot in the making.
///
/// ```text
/// (GC roots) > (Global handles) > Server ._events > Object .request > handler() > scope > the program's variables
/// ```
pub struct Program {
    pub heap: GraphBuilder,
    script: NodeIdx,
    /// The scope of the module `server.js`.
    pub scope: NodeIdx,
    first_id: u64,
    /// What all closures of one source function share.
    sources: HashMap<(String, u32), NodeIdx>,
}

impl Program {
    /// `first_id` stands for the process: V8 counts on in one process and starts again in a forked child.
    pub fn new(first_id: u64) -> Self {
        Self::of_script("/app/server.js", first_id)
    }

    pub fn of_script(name: &str, first_id: u64) -> Self {
        let mut heap = GraphBuilder::new();
        let roots = heap.node(NodeType::Synthetic, "(GC roots)", 0);
        let handles = heap.node(NodeType::Synthetic, "(Global handles)", 0);
        let script = heap.node(NodeType::Code, name, 64);
        let (root, zero) = (heap.root(), 0);
        heap.edge(root, EdgeType::Element, zero, roots);
        heap.edge(roots, EdgeType::Element, zero, handles);
        let mut program = Program { heap, script, scope: root, first_id, sources: HashMap::new() };
        let server = program.object("Server");
        program.heap.edge(handles, EdgeType::Internal, "1 / handle", server);
        let events = program.property(server, "_events", "Object");
        program.scope = program.context();
        let handler = program.function("handler", 12, program.scope);
        program.heap.edge(events, EdgeType::Property, "request", handler);
        program
    }

    pub fn object(&mut self, class: &str) -> NodeIdx {
        self.heap.node(NodeType::Object, class, 32)
    }

    pub fn context(&mut self) -> NodeIdx {
        self.heap.node(NodeType::Object, "system / Context", 40)
    }

    /// A closure over `scope` whose code begins at `line`.
    pub fn function(&mut self, name: &str, line: u32, scope: NodeIdx) -> NodeIdx {
        let closure = self.heap.node(NodeType::Closure, name, 64);
        let source = (name.to_string(), line);
        let shared = match self.sources.get(&source) {
            Some(&shared) => shared,
            None => {
                let shared = self.heap.node(NodeType::Code, name, 64);
                self.heap.edge(shared, EdgeType::Internal, "script", self.script);
                self.sources.insert(source, shared);
                shared
            }
        };
        self.heap.edge(closure, EdgeType::Internal, "shared", shared);
        self.heap.edge(closure, EdgeType::Internal, "context", scope);
        self.heap.location(closure, 7, line - 1, 4);
        closure
    }

    pub fn property(&mut self, of: NodeIdx, name: &str, class: &str) -> NodeIdx {
        let value = self.object(class);
        self.heap.edge(of, EdgeType::Property, name, value);
        value
    }

    /// A variable of the module.
    pub fn variable(&mut self, name: &str, class: &str) -> NodeIdx {
        let value = self.object(class);
        self.heap.edge(self.scope, EdgeType::Context, name, value);
        value
    }

    pub fn text(&mut self, of: NodeIdx, name: &str) {
        let text = self.heap.node(NodeType::String, "some text", 24);
        self.heap.edge(of, EdgeType::Property, name, text);
    }

    /// Puts `item` into an array, where V8 keeps it both as an element and in the store behind it.
    pub fn push(&mut self, array: NodeIdx, store: NodeIdx, index: usize, item: NodeIdx) {
        self.heap.edge(array, EdgeType::Element, index as u32, item);
        self.heap.edge(store, EdgeType::Internal, index.to_string().as_str(), item);
    }

    /// An array's or a map's store.
    pub fn store(&mut self, of: NodeIdx, edge: &str, slots: usize) -> NodeIdx {
        let store = self.heap.node(NodeType::Array, "", 16 + 8 * slots as u64);
        self.heap.edge(of, EdgeType::Internal, edge, store);
        store
    }

    /// An array in the variable `name`, with `count` records of `class`, each with a `Date` and some text.
    pub fn records(&mut self, name: &str, class: &str, count: usize) {
        let array = self.variable(name, "Array");
        let store = self.store(array, "elements", count);
        for index in 0..count {
            let record = self.object(class);
            self.property(record, "at", "Date");
            self.text(record, "url");
            self.push(array, store, index, record);
        }
    }

    pub fn build(mut self) -> Graph {
        let any = self.object("any");
        for node in 1..any.0 {
            self.heap.set_id(NodeIdx(node), self.id_of(NodeIdx(node)));
        }
        self.heap.build()
    }

    /// The id that `node` will have.
    pub fn id_of(&self, node: NodeIdx) -> u64 {
        self.first_id + 2 * u64::from(node.0)
    }
}

/// Snapshots of one process that runs `program` with each number in turn, taken by forked children.
pub fn judge(numbers: &[usize], program: impl Fn(&mut Program, usize)) -> Verdict {
    let graphs = numbers.iter().enumerate().map(|(i, &n)| {
        let mut p = Program::new(1000 * i as u64 + 1);
        program(&mut p, n);
        (format!("{i}.heapsnapshot"), p.build())
    });
    let Ok(verdict) = hunt(&mut Graphs::new(graphs), &[]);
    verdict
}

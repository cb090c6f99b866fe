//! Objects that leakhunt plants in every heap (`js/landmarks.js`) to see them come out right: what has been read of a heap is believed if its landmarks are what they are.

use super::census::ClassCount;
use super::kind::Kind;
use crate::heap::{EdgeName, EdgeType, Graph, NodeIdx, NodeType};

const ROOT: &str = "LeakhuntLandmarks";
const LANDMARK: &str = "LeakhuntLandmark";
/// Landmarks of one planting.
const LANDMARKS: u64 = 54;
/// Of one planting, too: a class made from one of JavaScript's own, and a function.
const MAP: &str = "LeakhuntLandmarkMap";
const FUNCTION: &str = "leakhuntLandmark";
/// Properties from `outside1` on.
const OUTSIDE: usize = 40;
const BUFFER_BYTES: u64 = 4096;
/// A hundred numbers of eight bytes behind a header of sixteen.
const DOUBLES_BYTES: u64 = 816;

#[derive(Clone, Copy, Debug)]
enum Step {
    Property(&'static str),
    Element(u32),
    Internal(&'static str),
    Variable(&'static str),
    /// Whatever edge that holds leads to a landmark.
    Any,
}

use Step::{Any, Element, Internal, Property, Variable};

/// Ways from the root of a planting to a landmark of its own.
const WAYS: [(&str, &[Step]); 14] = [
    ("a property in the object", &[Property("inside")]),
    ("a private field", &[Property("#hidden")]),
    ("a property by symbol", &[Property("<symbol kState>")]),
    ("a property in a table", &[Property("table"), Property("entry")]),
    ("an element", &[Property("elements"), Element(1)]),
    ("an element in a table", &[Property("sparse"), Element(1_000_000)]),
    ("a variable of a function", &[Property("closure"), Internal("context"), Variable("kept")]),
    ("a value of a Map", &[Property("map"), Internal("table"), Any]),
    ("a member of a Set", &[Property("set"), Internal("table"), Any]),
    ("a value of a WeakMap", &[Property("key"), Any]),
    ("the receiver of a bound function", &[Property("bound"), Internal("bound_this")]),
    ("a promise's result", &[Property("promise"), Internal("reactions_or_result")]),
    ("a proxy's target", &[Property("proxy"), Internal("target")]),
    ("a generator's variable", &[Property("generator"), Internal("parameters_and_registers"), Any]),
];

/// Checks the counts of all classes. An `Err` says what is not as it was planted.
pub fn check_counts(classes: &[ClassCount]) -> Result<(), String> {
    let count = |kind: Kind, name: &str| {
        let same = classes.iter().filter(|class| class.kind == kind && class.name == name);
        same.map(|class| class.count).sum::<u64>()
    };
    // More than one where leakhunt was loaded more than once.
    let plantings = count(Kind::Object, ROOT);
    if plantings == 0 {
        return Err(format!("the {ROOT} that leakhunt has planted is not among the classes"));
    }
    for (kind, name, each) in
        [(Kind::Object, LANDMARK, LANDMARKS), (Kind::Object, MAP, 1), (Kind::Closure, FUNCTION, 1)]
    {
        let (found, planted) = (count(kind, name), plantings.saturating_mul(each));
        if found != planted {
            return Err(format!("{found} of {planted} planted {name} were counted"));
        }
    }
    Ok(())
}

/// Checks a graph: each planting has all its landmarks, each by its own way.
pub fn check_graph(graph: &Graph) -> Result<(), String> {
    let of_class = |class: &'static str| {
        let objects = graph.nodes().filter(|node| graph.node_type(*node) == NodeType::Object);
        let mut key = None;
        objects.filter(move |node| {
            let of_node = graph.name_key(*node);
            // Texts are compared until one is right, and numbers from then on.
            key.map_or_else(|| graph.name(*node) == class, |key| key == of_node)
                && *key.get_or_insert(of_node) == of_node
        })
    };
    let roots: Vec<NodeIdx> = of_class(ROOT).collect();
    if roots.is_empty() {
        return Err(format!("the {ROOT} that leakhunt has planted is not in the graph"));
    }
    let (found, planted) = (of_class(LANDMARK).count(), roots.len() * LANDMARKS as usize);
    if found != planted {
        return Err(format!("{found} of {planted} planted {LANDMARK} are in the graph"));
    }
    roots.into_iter().try_for_each(|root| Planting { graph, root }.check())
}

struct Planting<'g> {
    graph: &'g Graph,
    root: NodeIdx,
}

impl Planting<'_> {
    fn check(&self) -> Result<(), String> {
        let mut found = Vec::with_capacity(WAYS.len() + OUTSIDE);
        for (what, way) in WAYS {
            found.push(self.landmark(way).ok_or_else(|| format!("{what} does not lead to what was planted"))?);
        }
        for at in 1..=OUTSIDE {
            let name = format!("outside{at}");
            let held = self.graph.target(self.root, EdgeType::Property, &name).filter(|node| self.is_landmark(*node));
            found.push(held.ok_or_else(|| format!("the planted property {name} is not there"))?);
        }
        found.sort_unstable();
        found.dedup();
        if found.len() as u64 != LANDMARKS {
            return Err(format!("{} of {LANDMARKS} planted objects are held where they should be", found.len()));
        }
        self.check_accessor()?;
        self.check_weak_ref()?;
        self.check_size("a buffer's memory", &[Property("buffer"), Internal("backing_store")], BUFFER_BYTES)?;
        let of_view = [Property("view"), Internal("buffer"), Internal("backing_store")];
        self.check_size("the memory of a view", &of_view, BUFFER_BYTES)?;
        self.check_size("an array of numbers", &[Property("doubles"), Internal("elements")], DOUBLES_BYTES)
    }

    fn is_landmark(&self, node: NodeIdx) -> bool {
        self.graph.node_type(node) == NodeType::Object && self.graph.name(node) == LANDMARK
    }

    fn landmark(&self, way: &[Step]) -> Option<NodeIdx> {
        self.follow(way).filter(|node| self.is_landmark(*node))
    }

    fn follow(&self, way: &[Step]) -> Option<NodeIdx> {
        way.iter().try_fold(self.root, |node, step| self.step(node, *step))
    }

    fn step(&self, node: NodeIdx, step: Step) -> Option<NodeIdx> {
        let (kind, name) = match step {
            Property(name) => (EdgeType::Property, EdgeName::Name(name)),
            Internal(name) => (EdgeType::Internal, EdgeName::Name(name)),
            Variable(name) => (EdgeType::Context, EdgeName::Name(name)),
            Element(index) => (EdgeType::Element, EdgeName::Index(index)),
            Any => {
                let mut held = self.graph.links(node).filter(|link| link.kind != EdgeType::Weak);
                return held.find(|link| self.is_landmark(link.to)).map(|link| link.to);
            }
        };
        self.graph.edges(node).find(|edge| edge.kind == kind && edge.name == name).map(|edge| edge.to)
    }

    fn check_accessor(&self) -> Result<(), String> {
        let [closure, getter] = [Property("closure"), Property("get accessor")].map(|step| self.step(self.root, step));
        let is_function =
            |node: NodeIdx| self.graph.node_type(node) == NodeType::Closure && self.graph.name(node) == FUNCTION;
        match closure {
            Some(function) if is_function(function) && getter == closure => Ok(()),
            _ => Err("a planted getter is not the function that it is".to_owned()),
        }
    }

    fn check_weak_ref(&self) -> Result<(), String> {
        let holder = self.follow(&[Property("weakRef")]).ok_or("the planted WeakRef is not there")?;
        let mut to_landmarks = self.graph.links(holder).filter(|link| self.is_landmark(link.to)).peekable();
        if to_landmarks.peek().is_some() && to_landmarks.all(|link| link.kind == EdgeType::Weak) {
            return Ok(());
        }
        Err("the target of a planted WeakRef is not held weakly".to_owned())
    }

    fn check_size(&self, what: &str, way: &[Step], planted: u64) -> Result<(), String> {
        let size = self.follow(way).map(|node| self.graph.self_size(node).0);
        if size == Some(planted) {
            return Ok(());
        }
        let size = size.map_or_else(|| "nothing".to_owned(), |size| format!("{size} bytes"));
        Err(format!("{what} that was planted has {planted} bytes, and {size} was read"))
    }
}

#[cfg(test)]
#[path = "landmarks_tests.rs"]
mod tests;

//! One snapshot, boiled down to what can be compared with another: for each [site](super::site) how many things, and how large.
//!
//! Snapshots that were taken in forked children share no object ids, so instances cannot be followed; sites can. A profile is
//! small, so that of N graphs only one needs to be in memory at a time.

use super::carrier;
use super::descent::Tree;
use super::gather::{self, Hold, Row};
use super::holds::Holds;
use super::role::{self, Role};
use super::site::{Label, Site, SiteId, Sites};
use super::verdict::SnapshotFacts;
use crate::heap::{EdgeName, EdgeType, Graph, NameKey, NodeIdx, NodeType};
use rustc_hash::FxHashMap;
use std::collections::HashSet;

/// What stays when a graph is let go.
pub struct Profile {
    pub facts: SnapshotFacts,
    pub sites: Vec<Site>,
    /// The program's own scripts: snapshots that share none come from different programs.
    pub scripts: HashSet<Box<str>>,
}

/// A profile, and for each node of its graph the site at which it stands.
pub struct Placed {
    pub profile: Profile,
    site_of: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

impl Placed {
    pub fn site_of(&self, node: NodeIdx) -> Option<SiteId> {
        Some(self.site_of[node.row()]).filter(|&site| site != NOWHERE).map(SiteId)
    }

    pub fn site(&self, id: SiteId) -> &Site {
        &self.profile.sites[id.0 as usize]
    }
}

pub fn place(path: &str, graph: &Graph, tree: &Tree) -> Placed {
    let mut sites = Sites::default();
    let holds = Holds::find(graph, &tree.dominators);
    let mut scripts = HashSet::new();
    for source in graph.nodes().filter(|&node| graph.node_type(node) == NodeType::Code) {
        own_scripts(graph, source, &mut scripts);
    }
    let labels = [role::SHARED, role::ENTRY, role::KEY].map(|text| sites.label(text));
    let mut walk = Walk {
        graph,
        site_of: vec![NOWHERE; graph.node_count()],
        open: Vec::new(),
        parts: FxHashMap::default(),
        names: FxHashMap::default(),
        labels,
        carriers: FxHashMap::default(),
        sites,
    };
    let mut stack: Vec<Frame> = Vec::new();
    gather::walk(graph, tree, &holds, |row| {
        for left in stack.drain(row.depth..) {
            if let Some(SiteId(site)) = left.opened {
                walk.open[site as usize] -= 1;
            }
        }
        let frame = walk.enter(row, stack.last());
        stack.push(frame);
    });
    let Walk { site_of, sites, .. } = walk;
    let facts = SnapshotFacts::of(path.as_ref(), graph);
    Placed { profile: Profile { facts, sites: sites.rows, scripts }, site_of }
}

/// One node on the way down the dominator tree.
struct Frame {
    /// The nearest thing at or above the node.
    thing: Option<SiteId>,
    /// Whom the insides of the node are charged to: nobody, below machinery.
    owner: Option<SiteId>,
    /// For insides and machinery: the name from the program's source by which the thing above holds it.
    via: Option<Label>,
    /// The site that is open while the walk is below this node.
    opened: Option<SiteId>,
    /// The names of its properties are keys.
    keyed: bool,
}

struct Walk<'a> {
    graph: &'a Graph,
    site_of: Vec<u32>,
    /// For each site how many of its things the walk is inside of.
    open: Vec<u32>,
    /// What has been said of a kind, or of a name of that kind: there are millions of nodes, and few of these.
    parts: FxHashMap<(NodeType, Option<NameKey>), Part>,
    /// The same of the names of edges, V8's own apart from the program's.
    names: FxHashMap<(bool, NameKey), Label>,
    /// `SHARED`, `ENTRY` and `KEY`.
    labels: [Label; 3],
    /// The same for carriers, by their own name and source and those of their function.
    carriers: FxHashMap<(NameKey, Option<NodeIdx>, NodeIdx), Label>,
    sites: Sites,
}

#[derive(Clone, Copy)]
struct Part {
    role: Role,
    class: Label,
    /// The class depends on the function that the node carries.
    carries: bool,
}

impl Walk<'_> {
    fn enter(&mut self, row: &Row, above: Option<&Frame>) -> Frame {
        let thing = above.and_then(|frame| frame.thing);
        let owner = above.and_then(|frame| frame.owner);
        let (edge, named) = self.hold(row, above.is_some_and(|frame| frame.keyed));
        let via = above.and_then(|frame| frame.via).or(named.then_some(edge));
        let keyed = row.keyed;
        let Part { role, class, carries } = self.part(row);
        match role {
            Role::Machinery => Frame { thing, owner: None, via, opened: None, keyed },
            Role::Inside => {
                if let Some(SiteId(owner)) = owner {
                    let shallow = &mut self.sites.rows[owner as usize].shallow;
                    *shallow = shallow.saturating_add(row.self_size);
                }
                Frame { thing, owner, via, opened: None, keyed }
            }
            role => {
                let edge = if named { edge } else { above.and_then(|frame| frame.via).unwrap_or(edge) };
                let class = if carries { self.carrier(row.node) } else { class };
                let site = self.sites.child(thing, edge, class, role);
                self.measure(row, site);
                Frame { thing: Some(site), owner: Some(site), via: None, opened: Some(site), keyed }
            }
        }
    }

    /// What the edge is called by which the node is held, and whether that name stands in the program's source.
    fn hold(&mut self, row: &Row, keyed: bool) -> (Label, bool) {
        let [shared, entry, key] = self.labels;
        let Some(Hold { edge, kind, key: name }) = row.hold else { return (shared, false) };
        let label = match name {
            None => entry,
            Some(_) if keyed && kind == EdgeType::Property => key,
            Some(name) => *self
                .names
                .entry((kind == EdgeType::Internal, name))
                .or_insert_with(|| self.sites.label(role::edge_label(kind, self.graph.edge(edge).name))),
        };
        (label, role::names(kind))
    }

    fn part(&mut self, row: &Row) -> Part {
        let name = role::depends_on_name(row.kind).then_some(row.name);
        *self.parts.entry((row.kind, name)).or_insert_with(|| Part {
            role: role::role(self.graph, row.node),
            class: self.sites.label(&role::class(self.graph, row.node)),
            carries: carrier::may_be(self.graph, row.node),
        })
    }

    /// The place of a function is looked up once for each source, and not for each closure.
    fn carrier(&mut self, node: NodeIdx) -> Label {
        let graph = self.graph;
        let shared = |f: NodeIdx| graph.target(f, EdgeType::Internal, "shared");
        let Some(source) = carrier::function_of(graph, node).and_then(shared) else {
            return self.sites.label(&role::class(graph, node));
        };
        let key = (graph.name_key(node), shared(node), source);
        match self.carriers.get(&key) {
            Some(&label) => label,
            None => {
                let label = self.sites.label(&role::class(graph, node));
                *self.carriers.entry(key).or_insert(label)
            }
        }
    }

    fn measure(&mut self, row: &Row, site: SiteId) {
        self.site_of[row.node.row()] = site.0;
        self.open.resize(self.sites.rows.len(), 0);
        let sums = &mut self.sites.rows[site.0 as usize];
        sums.count += 1;
        sums.shallow = sums.shallow.saturating_add(row.self_size);
        if self.open[site.0 as usize] == 0 {
            sums.retained = sums.retained.saturating_add(row.retained);
        }
        self.open[site.0 as usize] += 1;
    }
}

/// The script that a function's source says it comes from. Node 20 keeps a script and its debug information in one slot.
fn own_scripts(graph: &Graph, source: NodeIdx, scripts: &mut HashSet<Box<str>>) {
    let is_script =
        |kind, name| kind == EdgeType::Internal && matches!(name, EdgeName::Name("script" | "script_or_debug_info"));
    for script in graph.edges(source).filter(|edge| is_script(edge.kind, edge.name)).map(|edge| edge.to) {
        let name = graph.name(script);
        let foreign =
            name.is_empty() || name.starts_with("node:") || name.starts_with("(") || name.starts_with("system /");
        if !foreign && !scripts.contains(name) {
            scripts.insert(name.into());
        }
    }
}

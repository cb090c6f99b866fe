//! Who grows because of whom: strings, dates and closures are charged to the growing thing that owns them, so that a leak is
//! told once, by its root.

use super::candidates::Candidate;
use super::descent::{Tree, Visit};
use super::profile::Placed;
use super::role::{self, Role};
use crate::heap::{EdgeType, Graph, NodeIdx, Retainers};

/// Instances that are looked at one by one, spread over all of them.
const SAMPLE: usize = 256;
/// The share of instances that has to be within another candidate's, in per cent.
const MOSTLY: usize = 50;
/// The same where one merely points to the other: several may share what is pointed to.
const NEARLY_ALL: usize = 80;

pub struct Ownership {
    /// For each candidate the one that owns it.
    owner: Vec<Option<usize>>,
    /// For each candidate some of its instances, in heap order.
    instances: Vec<Vec<NodeIdx>>,
    /// Candidates that swell because they hold what grows: no leaks of their own.
    containers: Vec<bool>,
}

impl Ownership {
    pub fn find(graph: &Graph, tree: &Tree, retainers: &Retainers, placed: &Placed, candidates: &[Candidate]) -> Self {
        let of_site = candidate_of_site(placed, candidates);
        let of = |node: NodeIdx| placed.site_of(node).and_then(|site| of_site[site.0 as usize]);
        let mut tally = Tally::new(candidates.len());
        let mut stack: Vec<Option<usize>> = Vec::new();
        tree.descend(|visit| match visit {
            Visit::Enter(node) => {
                let above = stack.last().copied().flatten();
                let here = of(node);
                if let Some(candidate) = here {
                    tally.add(candidate, node, above);
                }
                stack.push(here.or(above));
            }
            Visit::Leave(_) => drop(stack.pop()),
        });
        let mut owner: Vec<Option<usize>> = (0..candidates.len()).map(|c| tally.owner_by_dominance(c)).collect();
        let instances = tally.into_samples();
        break_rings(&mut owner);
        let mut containers = release_from_swelling(candidates, &mut owner);
        for candidate in (0..candidates.len()).filter(|&c| !candidates[c].swells) {
            if owner[candidate].is_some() {
                continue;
            }
            for by in pointed_to_by(graph, retainers, &of, candidate, &instances[candidate]) {
                if candidates[by].swells {
                    containers[by] = true;
                } else if owner[candidate].is_none() && !is_within(&owner, by, candidate) {
                    owner[candidate] = Some(by);
                }
            }
        }
        Ownership { owner, instances, containers }
    }

    pub fn is_root(&self, candidate: usize) -> bool {
        self.owner[candidate].is_none() && !self.containers[candidate]
    }

    pub fn instances(&self, candidate: usize) -> &[NodeIdx] {
        &self.instances[candidate]
    }

    /// Everything that grows because `root` does.
    pub fn below(&self, root: usize) -> Vec<usize> {
        (0..self.owner.len()).filter(|&c| c != root && is_within(&self.owner, c, root)).collect()
    }
}

/// Two that lie within each other in turn: the first, whose growth weighs most, is the root.
fn break_rings(owner: &mut [Option<usize>]) {
    for candidate in 0..owner.len() {
        if owner[candidate].is_some_and(|above| is_within(owner, above, candidate)) {
            owner[candidate] = None;
        }
    }
}

/// An array swells because it takes in more and more of what grows: then it is the holder and not the leak.
fn release_from_swelling(candidates: &[Candidate], owner: &mut [Option<usize>]) -> Vec<bool> {
    let mut containers = vec![false; candidates.len()];
    for candidate in (0..candidates.len()).filter(|&c| !candidates[c].swells) {
        while let Some(above) = owner[candidate].filter(|&above| candidates[above].swells) {
            containers[above] = true;
            owner[candidate] = owner[above];
        }
    }
    containers
}

fn is_within(owner: &[Option<usize>], inner: usize, outer: usize) -> bool {
    let mut at = Some(inner);
    // Chains are as long as there are candidates at most.
    for _ in 0..=owner.len() {
        match at {
            Some(candidate) if candidate == outer => return true,
            Some(candidate) => at = owner[candidate],
            None => return false,
        }
    }
    false
}

fn candidate_of_site(placed: &Placed, candidates: &[Candidate]) -> Vec<Option<usize>> {
    let mut of_site = vec![None; placed.profile.sites.len()];
    for (index, candidate) in candidates.iter().enumerate() {
        for site in &candidate.sites {
            of_site[site.0 as usize] = Some(index);
        }
    }
    of_site
}

/// Other candidates whose instances point to nearly all of this one's, the most first. The dominator is elsewhere when something
/// else points to them too.
fn pointed_to_by(
    graph: &Graph,
    retainers: &Retainers,
    of: &dyn Fn(NodeIdx) -> Option<usize>,
    candidate: usize,
    instances: &[NodeIdx],
) -> Vec<usize> {
    let mut votes: Vec<(usize, usize)> = Vec::new();
    for &instance in instances {
        let mut others: Vec<usize> =
            things_holding(graph, retainers, instance).into_iter().filter_map(of).filter(|&c| c != candidate).collect();
        others.sort_unstable();
        others.dedup();
        for other in others {
            match votes.iter_mut().find(|vote| vote.0 == other) {
                Some(vote) => vote.1 += 1,
                None => votes.push((other, 1)),
            }
        }
    }
    votes.retain(|&(_, count)| count * 100 >= instances.len() * NEARLY_ALL);
    votes.sort_by_key(|&(other, count)| (std::cmp::Reverse(count), other));
    votes.into_iter().map(|(other, _)| other).collect()
}

/// The things that hold `node`, through the insides of theirs.
fn things_holding(graph: &Graph, retainers: &Retainers, node: NodeIdx) -> Vec<NodeIdx> {
    const MOST: usize = 32;
    let mut things = Vec::new();
    let mut inside = vec![node];
    let mut looked_at = 0;
    while let Some(at) = inside.pop() {
        for (holder, edge) in retainers.of(at) {
            looked_at += 1;
            if looked_at > MOST {
                return things;
            }
            if graph.edge(edge).kind == EdgeType::Weak {
                continue;
            }
            match role::role(graph, holder) {
                Role::Thing | Role::Value => things.push(holder),
                Role::Inside => inside.push(holder),
                Role::Machinery => {}
            }
        }
    }
    things
}

/// Counts by whom the instances of each candidate are dominated, and keeps some of them.
struct Tally {
    totals: Vec<usize>,
    outermost: Vec<usize>,
    above: Vec<Vec<(usize, usize)>>,
    samples: Vec<Vec<NodeIdx>>,
    /// Every how manyth instance is kept.
    stride: Vec<usize>,
}

impl Tally {
    fn new(candidates: usize) -> Self {
        Tally {
            totals: vec![0; candidates],
            outermost: vec![0; candidates],
            above: vec![Vec::new(); candidates],
            samples: vec![Vec::new(); candidates],
            stride: vec![1; candidates],
        }
    }

    fn add(&mut self, candidate: usize, node: NodeIdx, above: Option<usize>) {
        if self.totals[candidate].is_multiple_of(self.stride[candidate]) {
            self.samples[candidate].push(node);
            if self.samples[candidate].len() == 2 * SAMPLE {
                let mut keep = false;
                self.samples[candidate].retain(|_| {
                    keep = !keep;
                    keep
                });
                self.stride[candidate] *= 2;
            }
        }
        self.totals[candidate] += 1;
        // Within another one of its own: that one's owner is its owner too.
        if above == Some(candidate) {
            return;
        }
        self.outermost[candidate] += 1;
        let Some(above) = above else { return };
        match self.above[candidate].iter_mut().find(|vote| vote.0 == above) {
            Some(vote) => vote.1 += 1,
            None => self.above[candidate].push((above, 1)),
        }
    }

    fn owner_by_dominance(&self, candidate: usize) -> Option<usize> {
        let &(above, count) =
            self.above[candidate].iter().max_by_key(|&&(above, count)| (count, std::cmp::Reverse(above)))?;
        (count * 100 >= self.outermost[candidate] * MOSTLY).then_some(above)
    }

    fn into_samples(self) -> Vec<Vec<NodeIdx>> {
        self.samples
    }
}

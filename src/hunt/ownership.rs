//! Who grows because of whom: strings, dates and closures are charged to the growing thing that owns them, so that a leak is
//! told once, by its root.

use super::candidates::Candidate;
use super::profile::Placed;
use super::role::{self, Role};
use crate::heap::{Dominators, EdgeType, Graph, NodeIdx, Retainers};

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
}

impl Ownership {
    pub fn find(graph: &Graph, dominators: &Dominators, retainers: &Retainers, placed: &Placed, candidates: &[Candidate]) -> Self {
        let of_site = candidate_of_site(placed, candidates);
        let of = |node: NodeIdx| placed.site_of(node).and_then(|site| of_site[site.0 as usize]);
        let mut tally = Tally::new(candidates.len());
        let mut stack: Vec<(NodeIdx, Option<usize>)> = Vec::new();
        for node in dominators.preorder() {
            let dominator = dominators.idom(node);
            while stack.last().is_some_and(|top| Some(top.0) != dominator) {
                stack.pop();
            }
            let above = stack.last().and_then(|top| top.1);
            let here = of(node);
            if let Some(candidate) = here {
                tally.add(candidate, node, above);
            }
            stack.push((node, here.or(above)));
        }
        let mut owner: Vec<Option<usize>> = (0..candidates.len()).map(|c| tally.owner_by_dominance(c)).collect();
        let instances = tally.into_samples();
        release_from_swelling(candidates, &mut owner);
        for candidate in 0..candidates.len() {
            if owner[candidate].is_none() {
                owner[candidate] = pointed_to_by(graph, retainers, &of, candidate, &instances[candidate]).filter(|&by| !is_within(&owner, by, candidate));
            }
        }
        Ownership { owner, instances }
    }

    pub fn is_root(&self, candidate: usize) -> bool {
        self.owner[candidate].is_none()
    }

    pub fn instances(&self, candidate: usize) -> &[NodeIdx] {
        &self.instances[candidate]
    }

    /// Everything that grows because `root` does.
    pub fn below(&self, root: usize) -> Vec<usize> {
        (0..self.owner.len()).filter(|&c| c != root && is_within(&self.owner, c, root)).collect()
    }
}

/// An array swells because it takes in more and more of what grows: then it is the holder and not the leak.
fn release_from_swelling(candidates: &[Candidate], owner: &mut [Option<usize>]) {
    for candidate in 0..candidates.len() {
        while let Some(above) = owner[candidate].filter(|&above| candidates[above].swells && !candidates[candidate].swells) {
            owner[candidate] = owner[above];
        }
    }
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

/// Another candidate whose instances point to nearly all of this one's. Its dominator is elsewhere when something else does too.
fn pointed_to_by(
    graph: &Graph,
    retainers: &Retainers,
    of: &dyn Fn(NodeIdx) -> Option<usize>,
    candidate: usize,
    instances: &[NodeIdx],
) -> Option<usize> {
    let mut votes: Vec<(usize, usize)> = Vec::new();
    for &instance in instances {
        let mut seen = Vec::new();
        for holder in things_holding(graph, retainers, instance) {
            if let Some(other) = of(holder).filter(|&other| other != candidate && !seen.contains(&other)) {
                seen.push(other);
                match votes.iter_mut().find(|vote| vote.0 == other) {
                    Some(vote) => vote.1 += 1,
                    None => votes.push((other, 1)),
                }
            }
        }
    }
    let (other, count) = votes.into_iter().max_by_key(|&(other, count)| (count, std::cmp::Reverse(other)))?;
    (count * 100 >= instances.len() * NEARLY_ALL).then_some(other)
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
    above: Vec<Vec<(usize, usize)>>,
    samples: Vec<Vec<NodeIdx>>,
    /// Every how manyth instance is kept.
    stride: Vec<usize>,
}

impl Tally {
    fn new(candidates: usize) -> Self {
        Tally { totals: vec![0; candidates], above: vec![Vec::new(); candidates], samples: vec![Vec::new(); candidates], stride: vec![1; candidates] }
    }

    fn add(&mut self, candidate: usize, node: NodeIdx, above: Option<usize>) {
        if self.totals[candidate] % self.stride[candidate] == 0 {
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
        let Some(above) = above.filter(|&above| above != candidate) else { return };
        match self.above[candidate].iter_mut().find(|vote| vote.0 == above) {
            Some(vote) => vote.1 += 1,
            None => self.above[candidate].push((above, 1)),
        }
    }

    fn owner_by_dominance(&self, candidate: usize) -> Option<usize> {
        let &(above, count) = self.above[candidate].iter().max_by_key(|&&(above, count)| (count, std::cmp::Reverse(above)))?;
        (count * 100 >= self.totals[candidate] * MOSTLY).then_some(above)
    }

    fn into_samples(self) -> Vec<Vec<NodeIdx>> {
        self.samples
    }
}

//! Immediate dominators from the numbers of a depth-first walk: the semi-NCA algorithm (Georgiadis 2005, after Lengauer and
//! Tarjan 1979; names follow the papers).
//!
//! Near-linear in practice. Its time goes into memory that is out of the cache, so the columns are few: what is read together
//! stands together, and the edges that matter come sorted in portions that fit a cache.

use std::sync::mpsc::sync_channel;

/// Edges from number `v` to `w` that are not part of the walk's tree.
///
/// Kept in portions by `w`, the largest of which are the first to be used and to be freed.
#[derive(Debug)]
pub(super) struct OtherEdges(Vec<Portion>);

#[derive(Clone, Debug, Default)]
struct Portion {
    /// The lower half of `w`; the upper one is the portion's number.
    low: Vec<u16>,
    /// How far `v` is from the one before, which is not far: the walk comes by in order. [`FAR`] stands for the next of `far`.
    steps: Vec<u16>,
    far: Vec<u32>,
    last: u32,
}

const FAR: u16 = u16::MAX;

const LOW_BITS: u32 = 16;
const PORTION: usize = 1 << LOW_BITS;

impl OtherEdges {
    pub fn new(nodes: usize) -> OtherEdges {
        OtherEdges(vec![Portion::default(); nodes.div_ceil(PORTION)])
    }

    #[inline]
    pub fn push(&mut self, v: u32, w: u32) {
        let portion = &mut self.0[(w >> LOW_BITS) as usize];
        portion.low.push(w as u16);
        match u16::try_from(v.wrapping_sub(portion.last)) {
            Ok(step) if step != FAR => portion.steps.push(step),
            _ => {
                portion.steps.push(FAR);
                portion.far.push(v);
            }
        }
        portion.last = v;
    }

    /// Whether any edge leads to `w`.
    pub fn has_target(&self, w: u32) -> bool {
        self.0[(w >> LOW_BITS) as usize].low.contains(&(w as u16))
    }
}

/// The edges of one portion: their sources by target, and where those of each target start.
struct Sorted {
    from: Vec<u32>,
    starts: Box<[u32; PORTION + 1]>,
}

impl Portion {
    fn sorted(self) -> Sorted {
        let mut starts = Box::new([0; PORTION + 1]);
        for &low in &self.low {
            starts[low as usize] += 1;
        }
        let mut sum = 0;
        for start in starts.iter_mut() {
            sum += *start;
            *start = sum;
        }
        let mut from = vec![0; self.low.len()];
        let (mut far, mut v) = (self.far.iter(), 0);
        // Entries are ends as yet; filling from behind turns them into starts.
        for (&low, &step) in self.low.iter().zip(&self.steps) {
            v = match step {
                FAR => far.next().copied().unwrap_or_default(),
                step => v + u32::from(step),
            };
            let end = &mut starts[low as usize];
            *end -= 1;
            from[*end as usize] = v;
        }
        Sorted { from, starts }
    }
}

/// The way up from a number, as far as it has been compressed: the number at its end, and the smallest semidominator on it.
/// (The papers keep the node that has it; its value is all that is ever asked for.)
///
/// Arrays, since zeroed memory for these is not touched before it is written: links come to be while portions go.
type Link = [u32; 2];

/// Immediate dominators by number. `parent` is the walk's tree; numbers from `parent.len()` to `nodes` hang from the root.
pub(super) fn semi_nca(mut parent: Vec<u32>, others: OtherEdges, nodes: usize) -> Vec<u32> {
    let walked = parent.len();
    let mut links: Vec<Link> = vec![[0; 2]; walked];
    let mut semi = vec![0u32; walked];
    let mut path = Vec::new();
    // One portion is sorted while the one before it is in use.
    std::thread::scope(|scope| {
        let (sender, portions) = sync_channel(0);
        scope.spawn(move || {
            for (high, portion) in others.0.into_iter().enumerate().rev() {
                if sender.send((high, portion.sorted())).is_err() {
                    return;
                }
            }
        });
        for (high, Sorted { from, starts }) in portions {
            let numbers = high * PORTION..walked.min((high + 1) * PORTION);
            for w in numbers.rev().filter(|w| *w != 0) {
                let low = w % PORTION;
                let mut least = parent[w];
                for &v in &from[starts[low] as usize..starts[low + 1] as usize] {
                    let candidate = if v as usize <= w {
                        v
                    } else {
                        if links[v as usize][0] > w as u32 {
                            compress(v, w as u32, &mut links, &mut path);
                        }
                        links[v as usize][1]
                    };
                    least = least.min(candidate);
                }
                semi[w] = least;
                links[w] = [parent[w], least];
            }
        }
    });
    drop(links);
    nearest_common_ancestors(&mut parent, &semi);
    parent.resize(nodes, 0);
    parent
}

/// Links `v` straight to the topmost node above it that is numbered after `w`, collecting the least label on the way.
fn compress(v: u32, w: u32, links: &mut [Link], path: &mut Vec<u32>) {
    let mut node = v;
    while links[node as usize][0] > w {
        path.push(node);
        node = links[node as usize][0];
    }
    // `node` is the topmost: its own link stands.
    while let Some(below) = path.pop() {
        let [up, label] = links[below as usize];
        let [top, above] = links[up as usize];
        links[below as usize] = [top, label.min(above)];
    }
}

/// The dominator is the nearest common ancestor of parent and semidominator in the dominator tree: the first node on the way up that is not numbered after the
/// semidominator. `parent` becomes the answer in place, since everything above `w` is already done.
///
/// Going up step by step, as the paper does, takes quadratic time where many nodes hang from the end of a long list and are also held from
/// its start: a list with an index, which real heaps have. So each node also keeps a jump to an ancestor farther up, as in Myers' skew-binary lists
/// (Information Processing Letters, 1983): at most logarithmically many steps for each node. Says how many there were in all.
fn nearest_common_ancestors(parent: &mut [u32], semi: &[u32]) -> u64 {
    let mut steps = 0;
    let mut depth = vec![0u32; parent.len()];
    let mut jump = vec![0u32; parent.len()];
    for w in 1..parent.len() {
        let mut dominator = parent[w] as usize;
        while dominator as u32 > semi[w] {
            steps += 1;
            let far = jump[dominator];
            dominator = if far > semi[w] { far } else { parent[dominator] } as usize;
        }
        parent[w] = dominator as u32;
        depth[w] = depth[dominator] + 1;
        let (near, far) = (jump[dominator] as usize, jump[jump[dominator] as usize] as usize);
        let alike = depth[dominator] - depth[near] == depth[near] - depth[far];
        jump[w] = if alike { far } else { dominator } as u32;
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list whose end holds as many nodes as the list is long, each of which is held from its start as well.
    #[test]
    fn a_long_list_with_an_index_takes_few_steps() {
        const LENGTH: u32 = 1 << 16;
        let list = 0..LENGTH;
        let mut parent: Vec<u32> = [0].into_iter().chain(list.clone()).chain(list.map(|_| LENGTH)).collect();
        let semi: Vec<u32> = parent.iter().map(|&parent| if parent == LENGTH { 0 } else { parent }).collect();
        let steps = nearest_common_ancestors(&mut parent, &semi);
        assert!(parent[LENGTH as usize + 1..].iter().all(|&dominator| dominator == 0));
        assert!(steps <= 2 * 16 * u64::from(LENGTH), "{steps} steps");
    }
}

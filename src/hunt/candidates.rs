//! What grows: sites joined across snapshots, and the rule of [`growth`](super::growth) put to each.
//!
//! Three rounds, from the most to the least particular key. What grows in one round is taken out before the next, so that a
//! leak is found where it is exact, and yet is not missed where a chain reads differently in one of the snapshots.

use super::growth::{BYTES, Growth, OBJECTS, judge, judge_store};
use super::profile::Profile;
use super::role::{self, Role};
use super::site::{Site, SiteId};
use rustc_hash::{FxHashMap, FxHashSet};

/// Sites of one kind that are judged as one.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// In the last profile; the largest first. Empty only for what has gone by then.
    pub sites: Vec<SiteId>,
    pub class: String,
    pub counts: Vec<u64>,
    pub shallow: Vec<u64>,
    pub retained: Vec<u64>,
    pub growth: Growth,
    /// Not more things but larger ones: an array of numbers, a string that is added to.
    pub swells: bool,
}

impl Candidate {
    pub fn grown(&self) -> u64 {
        last_minus_first(&self.counts)
    }

    pub fn grown_bytes(&self) -> u64 {
        last_minus_first(&self.retained)
    }
}

fn last_minus_first(values: &[u64]) -> u64 {
    values.last().copied().unwrap_or(0).saturating_sub(values.first().copied().unwrap_or(0))
}

/// All that grows or grew, suspicious or not: see each one's `growth`.
pub fn candidates(profiles: &[&Profile]) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut taken: Vec<Vec<bool>> = profiles.iter().map(|p| vec![false; p.sites.len()]).collect();
    // An object is seen to be a map when it has many keys. It was one before, with few.
    let maps: FxHashSet<u64> =
        profiles.iter().flat_map(|p| &p.sites).filter(|s| s.edge() == role::KEY).map(|s| s.keys.chain).collect();
    for round in [Round::Chain, Round::Holder, Round::Class] {
        let mut groups: FxHashMap<u64, Group> = FxHashMap::default();
        for (snapshot, profile) in profiles.iter().enumerate() {
            for (index, site) in profile.sites.iter().enumerate() {
                if !taken[snapshot][index] && round.admits(site) {
                    let group = groups.entry(round.key(site, &maps)).or_insert_with(|| Group::new(profiles.len()));
                    group.add(snapshot, index, site);
                }
            }
        }
        for group in groups.into_values() {
            let Some(candidate) = group.judge(profiles, round) else { continue };
            if matches!(candidate.growth, Growth::Grows | Growth::Slows) {
                group.members.iter().for_each(|&(snapshot, index)| taken[snapshot][index] = true);
                found.push(candidate);
            } else if round == Round::Chain {
                found.push(candidate);
            }
        }
    }
    // The map's order is not the same in two runs; answers are.
    found.sort_by(|a, b| (b.grown_bytes(), &a.class, &a.sites).cmp(&(a.grown_bytes(), &b.class, &b.sites)));
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    Chain,
    Holder,
    Class,
}

impl Round {
    fn key(self, site: &Site, maps: &FxHashSet<u64>) -> u64 {
        match self {
            Round::Chain if maps.contains(&site.keys.keyed) && is_property_of_object(site) => site.keys.keyed,
            Round::Chain => site.keys.chain,
            Round::Holder => site.keys.holder,
            Round::Class => site.keys.class,
        }
    }

    /// What the round may ask about: there are objects, arrays and functions all over a heap, so that their number alone says nothing.
    fn admits(self, site: &Site) -> bool {
        match self {
            // Text that nobody in particular holds is V8's own: names in source, keys.
            Round::Chain => site.role == Role::Thing || site.chain.len() > 1 && site.edge() != role::SHARED,
            Round::Holder => site.role == Role::Thing && site.edge() != role::SHARED,
            Round::Class => site.role == Role::Thing && !role::is_builtin(site.class()),
        }
    }
}

fn is_property_of_object(site: &Site) -> bool {
    site.chain.get(1).is_some_and(|holder| &*holder.class == "Object")
        && !matches!(site.edge(), role::ENTRY | role::SHARED)
}

#[derive(Default)]
struct Group {
    counts: Vec<u64>,
    shallow: Vec<u64>,
    retained: Vec<u64>,
    members: Vec<(usize, usize)>,
}

impl Group {
    fn new(snapshots: usize) -> Self {
        let none = vec![0; snapshots];
        Group { counts: none.clone(), shallow: none.clone(), retained: none, members: Vec::new() }
    }

    fn add(&mut self, snapshot: usize, index: usize, site: &Site) {
        self.counts[snapshot] += site.count;
        self.shallow[snapshot] = self.shallow[snapshot].saturating_add(site.shallow);
        self.retained[snapshot] = self.retained[snapshot].saturating_add(site.retained);
        self.members.push((snapshot, index));
    }

    /// `None` for what never grew by enough to be worth a word.
    fn judge(&self, profiles: &[&Profile], round: Round) -> Option<Candidate> {
        let by_count = judge(&self.counts, OBJECTS);
        let more_each_time = self.counts.windows(2).all(|pair| pair[1] > pair[0]);
        let grows = |growth| matches!(growth, Growth::Grows | Growth::Slows);
        let (growth, swells) = if grows(by_count) || round != Round::Chain {
            (by_count, false)
        } else if more_each_time && grows(judge(&self.retained, BYTES)) {
            (judge(&self.retained, BYTES), false)
        } else if grows(judge_store(&self.shallow, BYTES)) {
            (judge_store(&self.shallow, BYTES), true)
        } else {
            (by_count, false)
        };
        if matches!(growth, Growth::Flat | Growth::Small) {
            return None;
        }
        let last = profiles.len() - 1;
        let mut sites: Vec<usize> = self.members.iter().filter(|m| m.0 == last).map(|m| m.1).collect();
        sites.sort_by_key(|&index| (std::cmp::Reverse(profiles[last].sites[index].count), index));
        let (snapshot, index) = *self.members.last()?;
        Some(Candidate {
            sites: sites.into_iter().map(|index| SiteId(index as u32)).collect(),
            class: profiles[snapshot].sites[index].class().to_string(),
            counts: self.counts.clone(),
            shallow: self.shallow.clone(),
            retained: self.retained.clone(),
            growth,
            swells,
        })
    }
}

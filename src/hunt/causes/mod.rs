//! Causes, one rule in each file, asked in order: the first that holds is the most specific.
//!
//! A rule looks at what piles up and at the way by which it is held; it names the holder as people know it, says what it takes
//! to be true, and what would show that it is not.

mod closure;
mod collection;
mod connection;
mod listener;
mod timer;

use super::path::Hop;
use super::role;
use super::verdict::{Cause, Holder};

/// What a rule may look at.
pub struct Scene<'a> {
    /// The class that the answer names.
    pub class: &'a str,
    /// The class of the topmost things that pile up: the same, or what carries it (a closure, a timer).
    pub root: &'a str,
    /// From whoever holds the instance upwards.
    pub hops: &'a [Hop],
    /// The first hop that does not itself pile up; the number of hops where all of them do.
    pub holder: usize,
    pub swells: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    pub cause: Cause,
    pub holder: Holder,
    pub hypothesis: String,
    pub would_refute: String,
}

const RULES: &[fn(&Scene<'_>) -> Option<Finding>] =
    &[listener::rule, timer::rule, connection::rule, closure::rule, collection::rule];

pub fn find(scene: &Scene<'_>) -> Finding {
    RULES.iter().find_map(|rule| rule(scene)).unwrap_or_else(|| Finding {
        cause: Cause::Other,
        holder: scene.holder(),
        hypothesis: format!("more and more {} stay reachable", scene.class),
        would_refute: format!("the number of {} stays flat when the same load goes on for longer", scene.class),
    })
}

impl<'a> Scene<'a> {
    /// Those that pile up, from the instance to the holder.
    pub fn piling(&self) -> &'a [Hop] {
        &self.hops[..self.holder.min(self.hops.len())]
    }

    pub fn holding(&self) -> &'a [Hop] {
        &self.hops[self.holder.min(self.hops.len())..]
    }

    /// Does something of this class pile up here?
    pub fn piles_up(&self, class: impl Fn(&str) -> bool) -> bool {
        class(self.root) || class(self.class) || self.piling().iter().any(|hop| class(&hop.class))
    }

    /// The holder with the nearest name from the source that leads to it.
    pub fn holder(&self) -> Holder {
        let holding = self.holding();
        match holding.first() {
            // What piles up hangs on a variable without a container: a list whose head the variable is.
            Some(scope) if scope.class.starts_with(role::CONTEXT) => {
                Holder { class: self.root.to_string(), name: scope.name().map(str::to_string) }
            }
            Some(first) => Holder { class: first.class.clone(), name: name_of(holding) },
            None => Holder { class: "(GC roots)".to_string(), name: None },
        }
    }
}

/// The name that leads to the first of `hops`: an index says nothing, so look a little higher.
pub fn name_of(hops: &[Hop]) -> Option<String> {
    const HIGHEST: usize = 4;
    hops.iter().skip(1).take(HIGHEST).find_map(Hop::name).map(str::to_string)
}

/// `Array logs`, or only `Array`.
pub fn named(holder: &Holder) -> String {
    match &holder.name {
        Some(name) => format!("the {} `{name}`", holder.class),
        // `process`, `globalThis`: there is one of them.
        None if holder.class.starts_with(|c: char| c.is_lowercase()) => format!("`{}`", holder.class),
        None => format!("a {}", holder.class),
    }
}

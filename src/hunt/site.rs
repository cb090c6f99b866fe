//! Sites: the places at which a program keeps things, told by names alone.
//!
//! A site is a class together with the way in which its instances are held: `RequestLog, an entry of the Array logs of a
//! Context` is the same place in every snapshot of a program, whatever ids V8 gave the objects. It is the chain of classes and
//! edge names up the dominator tree, cut after a few links or at a scope: whatever holds a scope may change from one moment
//! to the next without any meaning.

use super::role::{self, CONTEXT, Role};
use rustc_hash::FxHashMap;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Links in a chain: the thing, its collection, what that belongs to, and one more.
const LINKS: usize = 4;
/// From here on new sites lose the names of their edges, so that an odd heap cannot make its sites as many as its objects.
const MANY: usize = 1 << 20;

/// A class, and the edge by which the next link of the chain holds it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Link {
    pub edge: Arc<str>,
    pub class: Arc<str>,
}

/// One site, with what was measured there in one snapshot.
#[derive(Debug, Clone)]
pub struct Site {
    /// The thing itself first, then its holders.
    pub chain: Vec<Link>,
    pub keys: Keys,
    pub role: Role,
    pub count: u64,
    /// With the insides that belong to the things.
    pub shallow: u64,
    /// What lies within another thing of the site is not counted twice.
    pub retained: u64,
}

impl Site {
    pub fn class(&self) -> &str {
        &self.chain[0].class
    }

    pub fn edge(&self) -> &str {
        &self.chain[0].edge
    }
}

/// What sites are joined by across snapshots, from the most to the least particular.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys {
    pub chain: u64,
    /// The chain as it reads where the holder is used as a map, and the name of a property is a key.
    pub keyed: u64,
    /// Class, edge and the holder's class.
    pub holder: u64,
    pub class: u64,
}

impl Keys {
    fn of(chain: &[Link]) -> Self {
        // Keys live for one hunt, so the hash need not be the same tomorrow.
        let hash = |value: &dyn Fn(&mut DefaultHasher)| {
            let mut hasher = DefaultHasher::new();
            value(&mut hasher);
            hasher.finish()
        };
        Keys {
            chain: hash(&|h| chain.hash(h)),
            keyed: {
                let mut keyed = chain.to_vec();
                keyed[0].edge = role::KEY.into();
                hash(&|h| keyed.as_slice().hash(h))
            },
            holder: hash(&|h| (&chain[0], chain.get(1).map(|link| &link.class)).hash(h)),
            class: hash(&|h| chain[0].class.hash(h)),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteId(pub u32);

/// A name, interned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Label(pub u32);

#[derive(Default)]
pub struct Sites {
    pub rows: Vec<Site>,
    labels: Vec<Arc<str>>,
    /// Keyed by text that others choose: the standard hasher cannot be flooded.
    label_of: HashMap<Arc<str>, Label>,
    children: FxHashMap<(Option<SiteId>, Label, Label), SiteId>,
    by_chain: FxHashMap<u64, SiteId>,
}

impl Sites {
    pub fn label(&mut self, text: &str) -> Label {
        if let Some(&label) = self.label_of.get(text) {
            return label;
        }
        let label = Label(self.labels.len() as u32);
        let text: Arc<str> = text.into();
        self.labels.push(text.clone());
        self.label_of.insert(text, label);
        label
    }

    /// The site of a thing of `class` that `parent` holds by `edge`.
    pub fn child(&mut self, parent: Option<SiteId>, edge: Label, class: Label, role: Role) -> SiteId {
        let edge = if self.rows.len() < MANY { edge } else { self.label("") };
        if let Some(&site) = self.children.get(&(parent, edge, class)) {
            return site;
        }
        let link = Link { edge: self.labels[edge.0 as usize].clone(), class: self.labels[class.0 as usize].clone() };
        let site = match parent {
            // The second of a linked list stands in the same relation to the first as the third to the second.
            Some(above) if self.rows[above.0 as usize].chain[0] == link => above,
            _ => self.intern(parent, link, role),
        };
        self.children.insert((parent, edge, class), site);
        site
    }

    fn intern(&mut self, parent: Option<SiteId>, link: Link, role: Role) -> SiteId {
        let mut chain = vec![link];
        let above = parent.map(|above| self.rows[above.0 as usize].chain.as_slice()).unwrap_or_default();
        match above.first() {
            Some(scope) if &*scope.class == CONTEXT => chain.push(Link { edge: "".into(), class: scope.class.clone() }),
            _ => chain.extend(above.iter().take(LINKS - 1).cloned()),
        }
        let keys = Keys::of(&chain);
        *self.by_chain.entry(keys.chain).or_insert_with(|| {
            self.rows.push(Site { chain, keys, role, count: 0, shallow: 0, retained: 0 });
            SiteId(self.rows.len() as u32 - 1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain_of(sites: &Sites, id: SiteId) -> String {
        let links = sites.rows[id.0 as usize].chain.iter().map(|l| format!("{}:{}", l.edge, l.class));
        links.collect::<Vec<_>>().join(" < ")
    }

    fn grow(sites: &mut Sites, path: &[(&str, &str)]) -> SiteId {
        path.iter()
            .fold(None, |parent, (edge, class)| {
                let (edge, class) = (sites.label(edge), sites.label(class));
                Some(sites.child(parent, edge, class, Role::Thing))
            })
            .expect("a path has links")
    }

    #[test]
    fn what_holds_a_scope_does_not_matter() {
        let mut sites = Sites::default();
        let a = grow(
            &mut sites,
            &[("x", "Server"), ("handler", "function f"), ("context", CONTEXT), ("logs", "Array"), ("[]", "Log")],
        );
        let b = grow(&mut sites, &[("y", "Timer"), ("context", CONTEXT), ("logs", "Array"), ("[]", "Log")]);
        assert_eq!(a, b);
        assert_eq!(chain_of(&sites, a), "[]:Log < logs:Array < :Context");
    }

    #[test]
    fn a_list_is_two_sites_however_long_it_is() {
        let mut sites = Sites::default();
        let path: Vec<_> = [("head", "Node")].into_iter().chain(std::iter::repeat_n(("next", "Node"), 1000)).collect();
        grow(&mut sites, &path);
        assert_eq!(sites.rows.len(), 2);
    }

    #[test]
    fn a_chain_of_any_length_keeps_its_nearest_links() {
        let mut sites = Sites::default();
        let path: Vec<_> = (0..1000).map(|i| if i % 2 == 0 { ("b", "A") } else { ("a", "B") }).collect();
        let last = grow(&mut sites, &path);
        assert_eq!(chain_of(&sites, last), "a:B < b:A < a:B < b:A");
        assert!(sites.rows.len() <= 5);
    }
}

//! Maps: the first word of every object points to one, and it says what the object is and how large.

use super::layout::Layout;
use super::regions::{Regions, pointee};
use super::size::Rule;
use rustc_hash::FxHashMap;

/// A map: the row of our table that describes one shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MapIdx(pub u32);

impl MapIdx {
    #[inline]
    pub fn row(self) -> usize {
        self.0 as usize
    }
}

/// What a map says that the walker needs.
#[derive(Clone, Copy, Debug)]
pub struct MapInfo {
    pub address: u64,
    pub instance_type: u16,
    pub rule: Rule,
}

/// Every map that an object was seen to have.
pub struct Maps<'a> {
    regions: &'a Regions<'a>,
    layout: &'a Layout,
    table: FxHashMap<u64, Option<MapIdx>>,
    infos: Vec<MapInfo>,
    /// The latest answers by the lower bits of the address: a heap has few maps that many objects have.
    recent: Box<[(u64, Option<MapIdx>); RECENT]>,
}

const RECENT: usize = 1 << 12;

impl<'a> Maps<'a> {
    pub fn new(regions: &'a Regions<'a>, layout: &'a Layout) -> Self {
        let recent = vec![(0, None); RECENT].into_boxed_slice();
        Self {
            regions,
            layout,
            table: FxHashMap::default(),
            infos: Vec::new(),
            recent: recent.try_into().unwrap_or_else(|_| unreachable!("it has that length")),
        }
    }

    /// The map that an object's first word points to. `None` if it points to none, and so begins no object.
    #[inline]
    pub fn of(&mut self, word: u64) -> Option<MapIdx> {
        let address = pointee(word)?;
        let slot = (address >> 3) as usize % RECENT;
        let (known, map) = self.recent[slot];
        if known == address {
            return map;
        }
        let map = self.look_up(address);
        self.recent[slot] = (address, map);
        map
    }

    pub fn info(&self, map: MapIdx) -> &MapInfo {
        &self.infos[map.row()]
    }

    pub fn infos(&self) -> &[MapInfo] {
        &self.infos
    }

    fn look_up(&mut self, address: u64) -> Option<MapIdx> {
        if let Some(known) = self.table.get(&address) {
            return *known;
        }
        let map = self.judge(address).map(|info| {
            self.infos.push(info);
            MapIdx(self.infos.len() as u32 - 1)
        });
        self.table.insert(address, map);
        map
    }

    /// A map is an object whose own map describes maps, as does the map of that one: V8 has one for each native context, and one for those.
    fn judge(&self, address: u64) -> Option<MapInfo> {
        let of_maps = self.regions.follow(address)?;
        let of_those = self.regions.follow(of_maps)?;
        let map = self.layout.types.map;
        if instance_type(self.regions, self.layout, of_maps)? != map
            || instance_type(self.regions, self.layout, of_those)? != map
        {
            return None;
        }
        let instance_type = instance_type(self.regions, self.layout, address)?;
        let words = self.regions.byte(address + self.layout.map.instance_size_in_words)?;
        Some(MapInfo { address, instance_type, rule: Rule::of(self.layout, instance_type, words) })
    }
}

/// The instance type in the map at an address, which has to be a map's.
pub fn instance_type(regions: &Regions<'_>, layout: &Layout, map: u64) -> Option<u16> {
    let at = map + layout.map.instance_type;
    let half = regions.half(at & !3)?;
    Some((half >> (at % 4 * 8)) as u16)
}

/// The instance type of the object at an address. Only for what V8 has put a pointer to: the map is not judged.
pub fn type_of(regions: &Regions<'_>, layout: &Layout, object: u64) -> Option<u16> {
    instance_type(regions, layout, regions.follow(object)?)
}

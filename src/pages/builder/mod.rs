//! Heaps for tests: a page of objects built word by word, with the layout of a real Node.

use super::chunk::{ALIGNMENT, Chunk};
use super::layout::Layout;
use super::regions::{POINTER, Region, Regions};

/// The metadata of four stock binaries.
const METADATA: &str = include_str!("metadata.txt");

pub const NODES: [usize; 4] = [20, 22, 24, 26];

/// The layout of a stock Node of this major version.
pub fn layout_of(major: usize) -> Layout {
    Layout::read(|name| entry(major, name)).unwrap()
}

/// What a stock Node says under a name.
pub fn entry(major: usize, name: &str) -> Option<i32> {
    let column = 1 + NODES.iter().position(|node| *node == major).unwrap();
    let line = METADATA.lines().find(|line| line.split(' ').next() == Some(name))?;
    line.split(' ').nth(column)?.parse().ok()
}

pub fn smi(value: u64) -> u64 {
    value << 32
}

/// A pointer to what is at an address.
pub fn to(address: u64) -> u64 {
    address + POINTER
}

/// One page. Objects are addressed where they will be, so they can point to each other.
pub struct Page {
    pub layout: Layout,
    pub words: Vec<u64>,
    meta_map: u64,
}

impl Page {
    pub const BASE: u64 = 8 * ALIGNMENT;
    pub const START: u64 = Self::BASE + 0x10;

    /// With the map of maps on it.
    pub fn new(major: usize) -> Self {
        let mut page = Self { layout: layout_of(major), words: vec![0; 2], meta_map: Self::START };
        let map = page.layout.types.map;
        page.map(map, 9);
        page
    }

    pub fn next(&self) -> u64 {
        Self::BASE + self.words.len() as u64 * 8
    }

    /// Adds an object, and says where it is.
    pub fn object(&mut self, words: &[u64]) -> u64 {
        let address = self.next();
        self.words.extend(words);
        address
    }

    /// A map for objects of this type; 0 words are for those that tell their size themselves.
    pub fn map(&mut self, instance_type: u16, size_in_words: u8) -> u64 {
        let address = self.next();
        self.words.extend([0; 9]);
        self.set(address, to(self.meta_map));
        // Three words of header, then properties: where V8 puts them in an object made by `new`.
        self.set(address + 8, u64::from(size_in_words) | 3 << 8 | u64::from(instance_type) << 32);
        address
    }

    pub fn set(&mut self, address: u64, word: u64) {
        let at = ((address - Self::BASE) / 8) as usize;
        self.words[at] = word;
    }

    pub fn get(&self, address: u64) -> u64 {
        self.words[((address - Self::BASE) / 8) as usize]
    }

    pub fn type_of(&self, class: &str) -> u16 {
        self.layout.types.of_class(class).unwrap_or_else(|| panic!("no type of {class}"))
    }

    pub fn map_of(&mut self, class: &str, size_in_words: u8) -> u64 {
        let instance_type = self.type_of(class);
        self.map(instance_type, size_in_words)
    }

    /// An internalised one-byte string.
    pub fn text(&mut self, text: &str) -> u64 {
        let map = self.map(8, 0);
        let address = self.object(&[to(map), (text.len() as u64) << 32]);
        for chunk in text.as_bytes().chunks(8) {
            let mut bytes = [0; 8];
            bytes[..chunk.len()].copy_from_slice(chunk);
            self.words.push(u64::from_le_bytes(bytes));
        }
        address
    }

    /// A function with a name.
    pub fn function(&mut self, name: &str) -> u64 {
        let name = self.text(name);
        let shared_map = self.map_of("SharedFunctionInfo", 10);
        let shared = self.object(&[to(shared_map), 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        self.set(shared + self.layout.names.shared_name_or_scope_info, to(name));
        let map = self.map_of("JSFunction", 8);
        let function = self.object(&[to(map), 0, 0, 0, 0, 0, 0, 0]);
        self.set(function + self.layout.names.function_shared, to(shared));
        function
    }

    /// A map for objects that `new` of this function made, or, with a constructor of 0, whatever their prototype says.
    pub fn class_map(&mut self, constructor: u64, prototype: u64, size_in_words: u8) -> u64 {
        let map = self.map_of("JSObject", size_in_words);
        self.set(map + self.layout.map.prototype, to(prototype));
        if constructor != 0 {
            self.set(map + self.layout.map.constructor_or_back_pointer, to(constructor));
            // `bit_field2`, the highest byte of the second word.
            self.set(map + 8, self.get(map + 8) | 1 << 56);
        }
        map
    }

    /// An object with one property of its own, inside of it.
    pub fn with_property(&mut self, key: u64, value: u64) -> u64 {
        let null = self.map_of("Oddball", 4);
        let header = self.layout.descriptors.unwrap();
        let table_map = self.map_of("DescriptorArray", 0);
        let mut table = vec![0; (header / 8 + 3) as usize];
        table[0] = to(table_map);
        table[1] = 1;
        table[(header / 8) as usize] = to(key);
        let table = self.object(&table);
        let map = self.map_of("JSObject", 4);
        self.set(map + self.layout.map.instance_descriptors, to(table));
        self.set(map + self.layout.map.prototype, to(null));
        let own = 1u64 << self.layout.names.own_descriptors_shift;
        self.set(map + self.layout.map.bit_field3, own);
        self.object(&[to(map), 0, 0, to(value)])
    }

    pub fn chunk(&self) -> Chunk {
        Chunk { base: Self::BASE, start: Self::START, end: self.next(), flags: 4, high_water: 0, owner: 1, heap: 1 }
    }

    pub fn regions(&self) -> Regions<'_> {
        Regions::new(vec![Region { base: Self::BASE, words: &self.words }])
    }
}

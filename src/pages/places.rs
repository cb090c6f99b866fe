//! Where in its script a function begins: line and column, both from 1, as V8's snapshots have it.

use super::functions::function_position;
use super::layout::Layout;
use super::maps::type_of;
use super::regions::Regions;
use super::text::{Characters, text};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// Places of functions. Remembers where the lines of each script are: many functions are from one.
pub struct Places<'a> {
    regions: &'a Regions<'a>,
    layout: &'a Layout,
    scripts: RefCell<FxHashMap<u64, Rc<Script>>>,
}

#[derive(Debug, Default)]
struct Script {
    name: String,
    /// The character behind each end of a line, ascending; `None` where the source cannot be read.
    lines: Option<Vec<u32>>,
}

impl<'a> Places<'a> {
    pub fn new(regions: &'a Regions<'a>, layout: &'a Layout) -> Self {
        Self { regions, layout, scripts: RefCell::default() }
    }

    /// `script:line:column` of a function by its SharedFunctionInfo, or the script alone where no more is known; `None` for functions of no script.
    pub fn of_function(&self, shared: u64) -> Option<String> {
        let script = self.regions.follow(shared + self.layout.names.shared_script?)?;
        if Some(type_of(self.regions, self.layout, script)?) != self.layout.types.script {
            return None;
        }
        let known = self.scripts.borrow().get(&script).cloned();
        let script = known.unwrap_or_else(|| {
            let read = Rc::new(self.read(script));
            self.scripts.borrow_mut().insert(script, Rc::clone(&read));
            read
        });
        if script.name.is_empty() {
            return None;
        }
        let place = script.lines.as_ref().zip(function_position(self.regions, self.layout, shared));
        Some(match place {
            Some((lines, position)) => {
                let before = lines.partition_point(|start| *start <= position);
                let start = before.checked_sub(1).map_or(0, |line| lines[line]);
                format!("{}:{}:{}", script.name, before + 1, position - start + 1)
            }
            None => script.name.clone(),
        })
    }

    fn read(&self, script: u64) -> Script {
        let field = |at: Option<u64>| self.regions.follow(script + at?);
        let name = field(self.layout.names.script_name).and_then(|name| text(self.regions, self.layout, name));
        let source = field(self.layout.names.script_source);
        let lines =
            source.and_then(|source| Characters::of(self.regions, self.layout, source)).as_ref().map(line_starts);
        Script { name: name.unwrap_or_default(), lines }
    }
}

/// The character behind each end of a line: `\n`, `\r` without one, and the two separators of Unicode.
fn line_starts(characters: &Characters<'_>) -> Vec<u32> {
    let mut starts = Vec::new();
    let mut previous = 0;
    let mut at = 0u32;
    characters.for_each(|unit| {
        if previous == u16::from(b'\r') && unit != u16::from(b'\n') {
            starts.push(at);
        }
        at += 1;
        if matches!(unit, 0x0a | 0x2028 | 0x2029) {
            starts.push(at);
        }
        previous = unit;
    });
    starts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::builder::{NODES, Page, smi, to};

    #[test]
    fn a_function_is_at_its_line_and_column() {
        for major in NODES {
            let mut page = Page::new(major);
            let source = page.text("one\r\ntwo\n  function three() {}");
            let name = page.text("/app/three.js");
            let script_map = page.map_of("Script", 16);
            let script = page.object(&[to(script_map), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            page.set(script + page.layout.names.script_name.unwrap(), to(name));
            page.set(script + page.layout.names.script_source.unwrap(), to(source));
            let function = page.function("three");
            let shared = page.get(function + page.layout.names.function_shared) - 1;
            page.set(shared + page.layout.names.shared_script.unwrap(), to(script));
            let place = |page: &Page| Places::new(&page.regions(), &page.layout).of_function(shared);
            assert_eq!(place(&page).as_deref(), Some("/app/three.js"), "nothing says where");
            let uncompiled_map = page.map_of("UncompiledDataWithoutPreparseData", 3);
            let uncompiled = page.object(&[to(uncompiled_map), 0, 4]);
            page.set(shared + 8, to(uncompiled));
            assert_eq!(place(&page).as_deref(), Some("/app/three.js:1:5"), "it was never called");
            let own = page.text("three");
            let scope_map = page.map_of("ScopeInfo", 0);
            // Flags, parameters, variables; a place here in newer versions, behind the name and the number of its variable in older ones.
            let scope = if page.layout.names.scope_first_variable == 5 {
                page.object(&[to(scope_map), 0, smi(0), smi(0), smi(19), smi(30), to(own), smi(0), to(own)])
            } else {
                page.object(&[to(scope_map), 0, smi(0), smi(0), to(own), smi(0), smi(19), smi(30), to(own)])
            };
            page.set(shared + page.layout.names.shared_name_or_scope_info, to(scope));
            assert_eq!(place(&page).as_deref(), Some("/app/three.js:3:11"), "Node {major}");
        }
    }
}

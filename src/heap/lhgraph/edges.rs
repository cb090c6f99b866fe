//! A block of edges: kinds, names of those that are named by text, numbers of the others, targets.

use std::io;
use std::ops::Range;

use super::chunk::{Packer, Unpacker};
use super::coding::{Coding, Lately, delta, undo_delta};
use super::{Fault, Header};
use crate::heap::assemble::GraphAssembler;
use crate::heap::graph::Graph;
use crate::heap::kinds::EdgeType;
use crate::heap::sink::{EdgeRow, SnapshotSink};
use crate::heap::units::NodeIdx;

pub struct EdgeCoder {
    lately: Lately,
    kinds: Vec<u8>,
    names: Vec<u64>,
    numbers: Vec<u64>,
    targets: Vec<u64>,
}

impl EdgeCoder {
    pub fn new() -> EdgeCoder {
        EdgeCoder {
            lately: Lately::new(),
            kinds: Vec::new(),
            names: Vec::new(),
            numbers: Vec::new(),
            targets: Vec::new(),
        }
    }

    fn clear(&mut self) {
        self.lately.forget();
        self.kinds.clear();
        for column in [&mut self.names, &mut self.numbers, &mut self.targets] {
            column.clear();
        }
    }

    pub fn write(&mut self, graph: &Graph, rows: Range<u32>, packer: &mut Packer, out: &mut Vec<u8>) -> io::Result<()> {
        self.clear();
        for row in rows {
            let row = row as usize;
            let (kind, name) = (graph.edges.kind(row), graph.edges.name_or_index(row));
            self.kinds.push(kind as u8);
            let column = if kind.has_text_name() { &mut self.names } else { &mut self.numbers };
            column.push(name.into());
            self.targets.push(self.lately.code(kind, name, graph.edges.to(row)));
        }
        packer.bytes(&self.kinds, out)?;
        packer.numbers(Coding::Plain, 0, &self.names, out)?;
        let base = delta(&mut self.numbers);
        packer.numbers(Coding::Delta, base, &self.numbers, out)?;
        packer.numbers(Coding::ByLabel, 0, &self.targets, out)
    }

    pub fn read(
        &mut self,
        body: &mut &[u8],
        rows: usize,
        header: &Header,
        unpacker: &mut Unpacker,
    ) -> Result<GraphAssembler, Fault> {
        self.clear();
        self.kinds.extend_from_slice(unpacker.bytes(body, rows)?);
        let most = EdgeType::ALL.len() as u8;
        if let Some(row) = self.kinds.iter().position(|kind| *kind >= most) {
            return Err(wrong(row, "is of no kind that there is"));
        }
        let kinds = self.kinds.iter().map(|kind| EdgeType::ALL[usize::from(*kind)]);
        let named = kinds.clone().filter(|kind| kind.has_text_name()).count();
        for (column, rows) in [(&mut self.names, named), (&mut self.numbers, rows - named)] {
            let told = unpacker.numbers(body, rows, column)?;
            match told.coding {
                Coding::Plain => {}
                Coding::Delta => undo_delta(column, told.base),
                _ => return Err("a column of names is coded as another".into()),
            }
        }
        let told = unpacker.numbers(body, rows, &mut self.targets)?;
        if told.coding != Coding::ByLabel {
            return Err("the targets are coded as another column".into());
        }
        let mut said = GraphAssembler::with_capacity(0, rows);
        let (mut names, mut numbers) = (self.names.iter(), self.numbers.iter());
        for (row, (kind, code)) in kinds.zip(&self.targets).enumerate() {
            let (column, most) =
                if kind.has_text_name() { (&mut names, header.strings) } else { (&mut numbers, 1 << 32) };
            let name = *column.next().unwrap_or(&u64::MAX);
            if name >= most {
                let what =
                    if kind.has_text_name() { "has a name that is not in `strings`" } else { "has too large a number" };
                return Err(wrong(row, what));
            }
            let name_or_index = name as u32;
            let to = self.lately.undo(kind, name_or_index, *code);
            if u64::from(to) >= header.nodes {
                return Err(wrong(row, "leads to no node"));
            }
            said.edge(EdgeRow { kind, name_or_index, to: NodeIdx(to) });
        }
        Ok(said)
    }
}

fn wrong(row: usize, what: &str) -> Fault {
    Fault::Malformed(format!("edge {row} of the block {what}"))
}

//! A block of nodes: kinds, names, ids, sizes, counts of edges.

use std::io;

use super::chunk::{Packer, Unpacker};
use super::coding::{Coding, delta, fresh, undo_delta, undo_fresh};
use super::{Fault, Header};
use crate::heap::assemble::GraphAssembler;
use crate::heap::classes::ALL_KINDS;
use crate::heap::graph::Graph;
use crate::heap::sink::{NodeRow, SnapshotSink};
use crate::heap::totals::MAX_ROWS;
use crate::heap::units::{Bytes, NodeIdx};
use std::ops::Range;

/// What goes on from block to block.
#[derive(Default)]
pub struct NodeCoder {
    next_name: u64,
    codes: Vec<u64>,
}

impl NodeCoder {
    pub fn write(&mut self, graph: &Graph, rows: Range<u32>, packer: &mut Packer, out: &mut Vec<u8>) -> io::Result<()> {
        let nodes = || rows.clone().map(NodeIdx);
        let kinds: Vec<u8> = nodes().map(|node| graph.node_type(node) as u8).collect();
        packer.bytes(&kinds, out)?;
        let mut column = |values: &mut dyn Iterator<Item = u64>, code: &mut dyn FnMut(&mut [u64]) -> (Coding, u64)| {
            self.codes.clear();
            self.codes.extend(values);
            let (coding, base) = code(&mut self.codes);
            packer.numbers(coding, base, &self.codes, out)
        };
        let next = &mut self.next_name;
        let mut as_name = |values: &mut [u64]| (Coding::Fresh, fresh(values, next));
        column(&mut nodes().map(|node| graph.names[node.row()].into()), &mut as_name)?;
        column(&mut nodes().map(|node| graph.id(node)), &mut |ids| (Coding::Delta, delta(ids)))?;
        let mut plain = |_: &mut [u64]| (Coding::Plain, 0);
        column(&mut nodes().map(|node| graph.self_size(node).0), &mut plain)?;
        column(&mut nodes().map(|node| graph.edge_rows(node).len() as u64), &mut plain)
    }
}

/// What a thread reads blocks of nodes with.
#[derive(Default)]
pub struct NodeReader {
    names: Vec<u64>,
    ids: Vec<u64>,
    sizes: Vec<u64>,
    counts: Vec<u64>,
}

impl NodeReader {
    /// The rows, and how many edges they have together.
    pub fn read(
        &mut self,
        body: &mut &[u8],
        rows: usize,
        header: &Header,
        unpacker: &mut Unpacker,
    ) -> Result<(GraphAssembler, u64), Fault> {
        let kinds = unpacker.bytes(body, rows)?.to_vec();
        for column in [&mut self.names, &mut self.ids, &mut self.sizes, &mut self.counts] {
            let told = unpacker.numbers(body, rows, column)?;
            undo(told.coding, told.base, column)?;
        }
        let mut said = GraphAssembler::with_capacity(rows, 0);
        let mut edges = 0u64;
        let numbers = self.names.iter().zip(&self.ids).zip(self.sizes.iter().zip(&self.counts));
        for (row, (kind, ((&name, &id), (&size, &count)))) in kinds.iter().zip(numbers).enumerate() {
            let kind = *ALL_KINDS.get(usize::from(*kind)).ok_or_else(|| wrong(row, "is of no kind that there is"))?;
            if name >= header.strings {
                return Err(wrong(row, "has a name that is not in `strings`"));
            }
            edges = edges.saturating_add(count);
            if edges > MAX_ROWS {
                return Err(wrong(row, "has more edges than a graph"));
            }
            said.node(NodeRow {
                kind,
                name: name as u32,
                id,
                self_size: Bytes(size),
                edge_count: count as u32,
                attachment: None,
            });
        }
        Ok((said, edges))
    }
}

fn undo(coding: Coding, base: u64, codes: &mut [u64]) -> Result<(), Fault> {
    match coding {
        Coding::Plain => {}
        Coding::Delta => undo_delta(codes, base),
        Coding::Fresh => undo_fresh(codes, base),
        Coding::ByLabel => return Err("a column of nodes is coded as one of edges".into()),
    }
    Ok(())
}

fn wrong(row: usize, what: &str) -> Fault {
    Fault::Malformed(format!("node {row} of the block {what}"))
}

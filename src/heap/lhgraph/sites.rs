//! The small sections: places in source, the nodes that come from them, and what is known to be detached.

use std::io;

use super::chunk::{Packer, Unpacker};
use super::coding::{Coding, delta, undo_delta};
use super::{Fault, Header};
use crate::heap::kinds::Attachment;
use crate::heap::places::Location;
use crate::heap::units::NodeIdx;

pub fn write_places(places: &[Location], packer: &mut Packer, out: &mut Vec<u8>) -> io::Result<()> {
    let parts: [fn(&Location) -> u32; 3] = [|place| place.script_id, |place| place.line, |place| place.column];
    for part in parts {
        let numbers: Vec<u64> = places.iter().map(|place| part(place).into()).collect();
        packer.numbers(Coding::Plain, 0, &numbers, out)?;
    }
    Ok(())
}

pub fn read_places(body: &mut &[u8], rows: usize, unpacker: &mut Unpacker) -> Result<Vec<Location>, Fault> {
    let mut columns = [Vec::new(), Vec::new(), Vec::new()];
    for column in &mut columns {
        read_column(body, rows, unpacker, 1 << 32, column)?;
    }
    let [scripts, lines, places] = columns;
    let rows = scripts.into_iter().zip(lines).zip(places);
    Ok(rows
        .map(|((script, line), column)| Location { script_id: script as u32, line: line as u32, column: column as u32 })
        .collect())
}

/// Node in the upper half, number of its place in the lower, as [`Places`](crate::heap::places::Places) has them.
pub fn write_locations(rows: &[u64], packer: &mut Packer, out: &mut Vec<u8>) -> io::Result<()> {
    let mut nodes: Vec<u64> = rows.iter().map(|row| row >> 32).collect();
    let base = delta(&mut nodes);
    packer.numbers(Coding::Delta, base, &nodes, out)?;
    let places: Vec<u64> = rows.iter().map(|row| row & u64::from(u32::MAX)).collect();
    packer.numbers(Coding::Plain, 0, &places, out)
}

pub fn read_locations(
    body: &mut &[u8],
    rows: usize,
    header: &Header,
    unpacker: &mut Unpacker,
) -> Result<Vec<u64>, Fault> {
    let (mut nodes, mut places) = (Vec::new(), Vec::new());
    read_column(body, rows, unpacker, header.nodes, &mut nodes)?;
    read_column(body, rows, unpacker, header.places, &mut places)?;
    Ok(nodes.into_iter().zip(places).map(|(node, place)| node << 32 | place).collect())
}

pub fn write_attachments(rows: &[(NodeIdx, Attachment)], packer: &mut Packer, out: &mut Vec<u8>) -> io::Result<()> {
    let mut nodes: Vec<u64> = rows.iter().map(|(node, _)| node.0.into()).collect();
    let base = delta(&mut nodes);
    packer.numbers(Coding::Delta, base, &nodes, out)?;
    let states: Vec<u8> = rows.iter().map(|(_, state)| state.number()).collect();
    packer.bytes(&states, out)
}

pub fn read_attachments(
    body: &mut &[u8],
    rows: usize,
    header: &Header,
    unpacker: &mut Unpacker,
) -> Result<Vec<(NodeIdx, Attachment)>, Fault> {
    let mut nodes = Vec::new();
    read_column(body, rows, unpacker, header.nodes, &mut nodes)?;
    let states = unpacker.bytes(body, rows)?;
    let rows = nodes.iter().zip(states).enumerate();
    rows.map(|(row, (node, state))| {
        let state = Attachment::from_number((*state).into())
            .ok_or_else(|| Fault::Malformed(format!("row {row} of the block is neither attached nor detached")))?;
        Ok((NodeIdx(*node as u32), state))
    })
    .collect()
}

/// Plain numbers or differences, each below `most`.
pub fn read_column(
    body: &mut &[u8],
    rows: usize,
    unpacker: &mut Unpacker,
    most: u64,
    column: &mut Vec<u64>,
) -> Result<(), Fault> {
    let told = unpacker.numbers(body, rows, column)?;
    match told.coding {
        Coding::Plain => {}
        Coding::Delta => undo_delta(column, told.base),
        _ => return Err("a column is coded as one of another section".into()),
    }
    match column.iter().position(|number| *number >= most) {
        Some(row) => {
            Err(Fault::Malformed(format!("row {row} of the block says {}, expected less than {most}", column[row])))
        }
        None => Ok(()),
    }
}

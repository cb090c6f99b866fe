//! Reads or writes one snapshot, for `npm run bench:lhgraph`, which measures the process and puts its figures into a table.
//!
//!     lhgraph read FILE            reads it into a graph, and nothing else
//!     lhgraph pack FILE OUT LEVEL  reads it and writes it as a .lhgraph; says how long the writing took
//!     lhgraph text FILE OUT LEVEL  the same as a .heapsnapshot.zst

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use leakhunt::heap::lhgraph::{Header, write_graph};
use leakhunt::heap::{Graph, read_file, write_snapshot};

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let begin = Instant::now();
    let spent = match words[..] {
        ["read", file] => {
            let graph = read(file)?;
            let spent = begin.elapsed();
            eprintln!("{} nodes, {} edges", graph.node_count(), graph.edge_count());
            spent
        }
        ["pack", file, out, level] => {
            let graph = read(file)?;
            let begin = Instant::now();
            let about = Header { writer: "a bench".to_owned(), ..Header::default() };
            write_graph(&graph, &about, level_of(level)?, BufWriter::new(File::create(out)?))?.flush()?;
            begin.elapsed()
        }
        ["text", file, out, level] => {
            let graph = read(file)?;
            let begin = Instant::now();
            let mut packed = BufWriter::new(zstd::Encoder::new(File::create(out)?, level_of(level)?)?);
            write_snapshot(&graph, &mut packed)?;
            packed.into_inner()?.finish()?;
            begin.elapsed()
        }
        // Also what `cargo test` and `cargo bench` say by themselves.
        _ => return Ok(()),
    };
    println!("{:.3}", spent.as_secs_f64());
    Ok(())
}

fn level_of(word: &str) -> io::Result<i32> {
    word.parse().map_err(|_| io::Error::other(format!("'{word}' is no level of zstd's")))
}

fn read(file: &str) -> io::Result<Graph> {
    read_file(Path::new(file), &mut |_| ControlFlow::Continue(())).map_err(io::Error::other)
}

//! The strings of a graph that is at hand as a whole, redacted as those of its text would be.

use super::judge::Edit;
use super::judge::Judge;
use super::placeholder::Salt;
use crate::heap::{ClassCounter, Graph, SnapshotSink};
use std::collections::VecDeque;

/// Tells `take` each string in its order, as it is to be written. Gives the count of the classes, under the names that stayed.
///
/// Nodes and edges are looked at first, and then each string is judged as in a text ([`super::Redactor`]): with one salt, both ways leave the same strings. Contents are
/// needed for that, since what stands in their place is their length and their hash.
pub fn redacted_strings<E>(
    graph: &Graph,
    salt: Salt,
    mut take: impl FnMut(&str) -> Result<(), E>,
) -> Result<ClassCounter, E> {
    let mut judge = Judge::new(salt);
    graph.tell_rows(&mut judge);
    let mut settled = Settled::default();
    for (number, text) in graph.strings() {
        let at = u64::from(number);
        judge.string_at(number, text, at..at + 1);
        settled.texts.push_back(text);
        settled.hand_on(&mut judge, &mut take)?;
    }
    judge.end_of_strings();
    settled.hand_on(&mut judge, &mut take)?;
    Ok(judge.into_classes())
}

/// Strings that have come, and what is to stand in their place; a string's place is its number here.
#[derive(Default)]
struct Settled<'g> {
    /// The number of the first.
    first: u64,
    texts: VecDeque<&'g str>,
    edits: VecDeque<Edit>,
}

impl Settled<'_> {
    fn hand_on<E>(&mut self, judge: &mut Judge, take: &mut impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        self.edits.extend(judge.take_edits());
        let decided = judge.undecided().unwrap_or(u64::MAX);
        while self.first < decided
            && let Some(text) = self.texts.pop_front()
        {
            let number = self.first;
            self.first += 1;
            match self.edits.front().filter(|edit| edit.place.start == number) {
                Some(_) => self.edits.pop_front().map_or(Ok(()), |edit| take(&edit.text))?,
                None => take(text)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Redactor;
    use super::*;
    use crate::heap::{EdgeType, GraphAssembler, GraphBuilder, NodeType, SnapshotParser, write_snapshot};
    use proptest::prelude::*;

    /// The strings of a text, redacted as a text.
    fn of_text(graph: &Graph, salt: &Salt) -> (Vec<String>, u64) {
        let (mut text, mut out) = (Vec::new(), Vec::new());
        write_snapshot(graph, &mut text).unwrap();
        let mut redactor = Redactor::new(salt.clone());
        redactor.feed(&text, &mut out).unwrap();
        let counted = redactor.finish(&mut out).unwrap();
        let mut parser = SnapshotParser::new(GraphAssembler::new());
        parser.feed(&out).unwrap();
        let read = parser.finish().unwrap().into_graph();
        (read.strings().map(|(_, text)| text.to_owned()).collect(), counted.node_count())
    }

    const NAMES: [&str; 12] = [
        "(constant pool)",
        "system / Script",
        "name",
        "get key",
        "key",
        "12345",
        "<symbol key>",
        "a@b.example",
        "",
        "Session",
        "<div class=\"x\">",
        "data:text/javascript,secret",
    ];
    const KINDS: [NodeType; 6] =
        [NodeType::String, NodeType::Object, NodeType::Code, NodeType::Closure, NodeType::Native, NodeType::Symbol];

    proptest! {
        #[test]
        fn a_graph_is_redacted_as_its_text_is(
            nodes in prop::collection::vec((0usize..12, 0usize..6), 1..20),
            edges in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, 0usize..4, any::<prop::sample::Index>()), 0..40),
        ) {
            let mut heap = GraphBuilder::new();
            let nodes: Vec<_> = nodes.into_iter().map(|(name, kind)| heap.node(KINDS[kind], NAMES[name], 8)).collect();
            for (from, name, kind, to) in edges {
                let kind = [EdgeType::Property, EdgeType::Internal, EdgeType::Context, EdgeType::Weak][kind];
                heap.edge(*from.get(&nodes), kind, NAMES[name], *to.get(&nodes));
            }
            let (graph, salt) = (heap.build(), Salt::new());
            let mut told = Vec::new();
            let counter = redacted_strings(&graph, salt.clone(), |text| {
                told.push(text.to_owned());
                Ok::<(), ()>(())
            });
            let nodes = counter.unwrap().node_count();
            let (strings, counted) = of_text(&graph, &salt);
            // Reading adds the classes of elements, where they are not there yet.
            prop_assert_eq!(&told[..], &strings[..told.len()]);
            prop_assert_eq!(nodes, counted);
        }
    }
}

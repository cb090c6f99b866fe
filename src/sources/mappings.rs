//! The `mappings` of a source map, walked once from its beginning: each number in it is the difference to one before, and nothing
//! of what it promises is kept. (The usual libraries keep every segment: fourteen times the file, if a hostile one is made for that.)

use vlq::decode;

/// A position in a text, counted from 0: lines, and UTF-16 units within a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// A place in generated code that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub at: Position,
    /// How many units the name has that the function there bears in generated code; 0 for a function without one.
    pub name: u32,
}

impl Wanted {
    /// The same place as a part of the text counts it that begins at `start`.
    pub fn from(self, start: Position) -> Wanted {
        let Position { line, column } = self.at;
        let column = if line == start.line { column.saturating_sub(start.column) } else { column };
        Wanted { at: Position { line: line.saturating_sub(start.line), column }, ..self }
    }
}

/// What the map says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// A number in the list of sources.
    pub source: u32,
    pub at: Position,
    /// A number in the list of names: what the function was called.
    pub name: Option<u32>,
}

/// What may stand between a function's name and its bracket in minified code: `a(`, `a=(`, `a:(`, `a=async(`, `a=async (`,
/// `a=function(`, `a=function*(`, `a=async function(`, `a=async function*(`.
const BETWEEN: [u32; 8] = [0, 1, 6, 7, 9, 10, 15, 16];
const FARTHEST: u32 = 16;

/// The segment before a wanted place that is nearest to it on its line, and the one that names it.
#[derive(Clone, Copy, Default)]
struct Found {
    column: u32,
    segment: Option<Option<(i64, i64, i64)>>,
    named: Option<(u32, i64)>,
}

/// One answer for each of `wanted`, which are in order. A map that cannot be read tells what it told before the fault.
pub fn origins(mappings: &str, wanted: &[Wanted]) -> Vec<Option<Origin>> {
    let mut found = vec![Found::default(); wanted.len()];
    walk(mappings, wanted, &mut found);
    for i in 1..found.len() {
        // Where no segment lies between two places of a line, both have the same before them.
        if found[i].segment.is_none() && wanted[i].at.line == wanted[i - 1].at.line {
            (found[i].column, found[i].segment) = (found[i - 1].column, found[i - 1].segment);
        }
    }
    found.iter().map(told).collect()
}

/// Looks at each segment once: it is kept for the first place behind it alone, be there ever so many on its line.
fn walk(mappings: &str, wanted: &[Wanted], found: &mut [Found]) {
    let mut bytes = mappings.bytes().peekable();
    let (mut source, mut line, mut column, mut name) = (0i64, 0i64, 0i64, 0i64);
    let mut from = 0;
    for generated in 0u32.. {
        let until = from + wanted[from..].iter().take_while(|w| w.at.line == generated).count();
        let (wanted_here, found_here) = (&wanted[from..until], &mut found[from..until]);
        let farthest = wanted_here.iter().map(|w| w.name.saturating_add(FARTHEST)).max().unwrap_or(0);
        let mut at = 0i64;
        // A segment: the column alone, or also where it comes from, or also its name.
        while let Some(&byte) = bytes.peek().filter(|&&byte| byte != b';') {
            if byte == b',' {
                bytes.next();
                continue;
            }
            let mut fields = [0i64; 5];
            let mut count = 0;
            while bytes.peek().is_some_and(|&byte| byte != b',' && byte != b';') {
                let Some(field) = fields.get_mut(count) else { return };
                let Ok(value) = decode(&mut bytes) else { return };
                *field = value;
                count += 1;
            }
            at = at.saturating_add(fields[0]);
            if count >= 4 {
                source = source.saturating_add(fields[1]);
                line = line.saturating_add(fields[2]);
                column = column.saturating_add(fields[3]);
            }
            if count == 5 {
                name = name.saturating_add(fields[4]);
            }
            let Ok(at) = u32::try_from(at) else { continue };
            let first = wanted_here.partition_point(|w| w.at.column < at);
            let Some(nearest) = found_here.get_mut(first) else { continue };
            if nearest.segment.is_none() || at >= nearest.column {
                (nearest.column, nearest.segment) = (at, Some((count >= 4).then_some((source, line, column))));
            }
            if count == 5 {
                let near = wanted_here[first..].iter().take_while(|w| w.at.column - at <= farthest);
                near.zip(&mut found_here[first..]).for_each(|(wanted, found)| look(wanted, found, at, name));
            }
        }
        from = until;
        if from == wanted.len() || bytes.next().is_none() {
            break;
        }
    }
}

/// Whether the name of the segment at `at` is that of the function which is wanted.
fn look(wanted: &Wanted, found: &mut Found, at: u32, name: i64) {
    let between = (wanted.at.column - at).checked_sub(wanted.name);
    if wanted.name > 0
        && between.is_some_and(|between| BETWEEN.contains(&between))
        && found.named.is_none_or(|(column, _)| at >= column)
    {
        found.named = Some((at, name));
    }
}

fn told(found: &Found) -> Option<Origin> {
    let (source, line, column) = found.segment??;
    let at = Position { line: line.try_into().ok()?, column: column.try_into().ok()? };
    let name = found.named.and_then(|(_, name)| name.try_into().ok());
    Some(Origin { source: source.try_into().ok()?, at, name })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(line: u32, column: u32, name: u32) -> Wanted {
        Wanted { at: Position { line, column }, name }
    }

    /// Lines of segments, as numbers that count from the beginning, in the way that they are written.
    fn written(lines: &[&[&[i64]]]) -> String {
        let mut before = [0i64; 5];
        let mut text = Vec::new();
        for line in lines {
            before[0] = 0;
            for segment in *line {
                for (value, before) in segment.iter().zip(&mut before) {
                    vlq::encode(value - *before, &mut text).unwrap();
                    *before = *value;
                }
                text.push(b',');
            }
            text.push(b';');
        }
        String::from_utf8(text).unwrap()
    }

    fn origin(source: u32, line: u32, column: u32, name: Option<u32>) -> Option<Origin> {
        Some(Origin { source, at: Position { line, column }, name })
    }

    #[test]
    fn a_place_comes_from_the_last_segment_before_it_on_its_line() {
        let map = written(&[&[&[0, 0, 7, 2], &[20, 1, 70, 4], &[30]], &[], &[&[5, 0, 9, 9]]]);
        let asked = [(0, 0), (0, 19), (0, 20), (0, 31), (1, 4), (2, 4), (2, 500)].map(|(l, c)| wanted(l, c, 0));
        let expected = [
            origin(0, 7, 2, None),
            origin(0, 7, 2, None),
            origin(1, 70, 4, None),
            None,
            None,
            None,
            origin(0, 9, 9, None),
        ];
        assert_eq!(origins(&map, &asked), expected);
        assert_eq!(origins(&map, &[]), []);
    }

    #[test]
    fn segments_of_a_line_may_be_out_of_order() {
        let map = written(&[&[&[20, 0, 2, 0], &[4, 0, 1, 0], &[30, 0, 3, 0]]]);
        let asked = [3, 10, 10, 25, 25, 29, 99].map(|column| wanted(0, column, 0));
        let [a, b, c] = [1, 2, 3].map(|line| origin(0, line, 0, None));
        assert_eq!(origins(&map, &asked), [None, a, a, b, b, b, c]);
        // The next line has nothing of this one.
        assert_eq!(origins(&map, &[wanted(0, 99, 0), wanted(1, 99, 0)]), [c, None]);
    }

    #[test]
    fn a_line_with_many_segments_and_many_places_is_walked_once() {
        // Two million segments, none of them before the places, and then all of them: a second where each was held against each.
        let map = ",AAAAA".repeat(1 << 21);
        let asked: Vec<Wanted> = (1..2000).map(|column| wanted(0, 1000 + column, 1)).collect();
        let answers = origins(&map, &asked);
        assert!(answers.iter().all(|answer| *answer == origin(0, 0, 0, None)));
    }

    #[test]
    fn a_function_has_the_name_that_stood_where_its_own_stands() {
        // `function ab(c)`: the bracket is at 11. `d=function(e)`: at 10 of the second line. `f(g=>1)`: none.
        let map = written(&[
            &[&[0, 0, 0, 0], &[9, 0, 0, 9, 3], &[12, 0, 0, 20, 4]],
            &[&[0, 0, 1, 0, 5], &[2, 0, 1, 7]],
            &[&[0, 0, 2, 0, 6], &[2, 0, 2, 5, 7]],
        ]);
        let names: Vec<_> = origins(&map, &[wanted(0, 11, 2), wanted(1, 10, 1), wanted(2, 2, 0)])
            .into_iter()
            .map(|origin| origin.and_then(|origin| origin.name))
            .collect();
        assert_eq!(names, [Some(3), Some(5), None]);
    }

    #[test]
    fn a_fault_ends_the_map_and_no_more() {
        let asked = [wanted(0, 9, 0), wanted(1, 9, 0)];
        for fault in ["A", "!", "\u{e9}", "gggggggggggggggggggggggg", "AAAAAA", "+"] {
            let map = format!("AAAA;AAA{fault}");
            let answers = origins(&map, &asked);
            assert_eq!(answers[0], origin(0, 0, 0, None), "{fault}");
        }
        // Below zero, and beyond what a number holds.
        assert_eq!(origins("AAAD", &asked[..1]), [None]);
        let far = format!("A{0}{0}{0}", "+/////////f");
        assert_eq!(origins(&far, &asked[..1]), [None]);
        assert_eq!(origins(&";".repeat(1 << 20), &[wanted(u32::MAX, 0, 0)]), [None]);
    }
}

//! Two snapshots as a table of classes: what grew most stands first, what shrank most last.

use super::page::{Ink, Page, fit, fit_left, fit_right};
use crate::hunt::diff::{ClassDiff, Diff};
use crate::hunt::figures::{bytes, count, signed, signed_bytes};

/// Rows from the top, where growth is, and from the end, where shrinking is.
const TOP: usize = 20;
const END: usize = 5;
const FIGURES: [usize; 4] = [11, 11, 10, 11];

/// The table for people. `width` is the terminal's; `color` allows ANSI escapes.
pub fn diff(d: &Diff, width: usize, color: bool) -> String {
    let mut page = Page::new(width, color);
    let [before, after] = &d.snapshots;
    let delta = after.shallow_bytes as i64 - before.shallow_bytes as i64;
    let nodes = after.nodes as i64 - before.nodes as i64;
    let headline = format!(
        "The heap went from {} to {} ({}), {} objects.",
        bytes(before.shallow_bytes),
        bytes(after.shallow_bytes),
        signed_bytes(delta),
        signed(nodes)
    );
    page.paragraph(Ink::Bold, "", 0, &headline);
    for (label, facts) in [("before", before), ("after", after)] {
        page.paragraph(Ink::Faint, label, 8, &facts.path);
    }
    page.blank();
    header(&mut page, d.ids_join);
    // Where as many came as went there is nothing to see on one screen; the document has it.
    let changed: Vec<&ClassDiff> =
        d.classes.iter().filter(|row| row.shallow_bytes_delta != 0 || row.count_delta != 0).collect();
    let (grown, shrunk) = changed.split_at(changed.iter().filter(|row| row.shallow_bytes_delta >= 0).count());
    for row in grown.iter().take(TOP) {
        table_row(&mut page, row);
    }
    left_out(&mut page, grown.len().saturating_sub(TOP));
    left_out(&mut page, shrunk.len().saturating_sub(END));
    for row in &shrunk[shrunk.len().saturating_sub(END)..] {
        table_row(&mut page, row);
    }
    page.blank();
    page.paragraph(
        Ink::Plain,
        "",
        0,
        &format!("{} classes did not change.", count(d.unchanged + (d.classes.len() - changed.len()) as u64)),
    );
    let ids = if d.ids_join {
        "Object ids join: 'new' counts objects that were not there before."
    } else {
        "Object ids do not join (V8 numbers objects anew in each forked child), so only classes can be compared."
    };
    page.paragraph(Ink::Faint, "", 0, ids);
    page.finish()
}

fn name_width(page: &Page) -> usize {
    page.width.saturating_sub(FIGURES.iter().sum::<usize>() + FIGURES.len()).max(8)
}

fn header(page: &mut Page, ids_join: bool) {
    let titles = ["before", "after", if ids_join { "new" } else { "change" }, "bytes"];
    let figures: String =
        titles.iter().zip(FIGURES).map(|(title, width)| format!(" {}", fit_right(title, width))).collect();
    let line = page.paint(Ink::Faint, &format!("{}{figures}", fit_left("class", name_width(page))));
    page.raw(&line);
}

fn table_row(page: &mut Page, row: &ClassDiff) {
    let name = fit_left(&row.class, name_width(page));
    let change = row.added.map_or_else(|| signed(row.count_delta), |added| format!("+{}", count(added)));
    let figures = [count(row.counts[0]), count(row.counts[1]), change];
    let figures: String =
        figures.iter().zip(FIGURES).map(|(text, width)| format!(" {}", fit_right(text, width))).collect();
    let ink = match row.shallow_bytes_delta {
        0 => Ink::Plain,
        n if n > 0 => Ink::Yellow,
        _ => Ink::Green,
    };
    let size = page.paint(ink, &fit_right(&signed_bytes(row.shallow_bytes_delta), FIGURES[3]));
    page.raw(&format!("{name}{figures} {size}"));
}

fn left_out(page: &mut Page, rows: usize) {
    if rows > 0 {
        let line = page.paint(Ink::Faint, &fit(&format!("… {} more", count(rows as u64)), page.width));
        page.raw(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hunt::verdict::SnapshotFacts;
    use crate::report::text::clean::columns;

    fn facts(path: &str, shallow_bytes: u64) -> SnapshotFacts {
        SnapshotFacts { path: path.into(), nodes: 10, edges: 20, shallow_bytes }
    }

    fn row(class: &str, counts: [u64; 2], sizes: [u64; 2]) -> ClassDiff {
        ClassDiff {
            class: class.into(),
            counts,
            shallow_bytes: sizes,
            count_delta: counts[1] as i64 - counts[0] as i64,
            shallow_bytes_delta: sizes[1] as i64 - sizes[0] as i64,
            added: None,
            removed: None,
        }
    }

    fn document() -> Diff {
        Diff {
            version: 1,
            snapshots: [facts("a.heapsnapshot", 1000), facts("b.heapsnapshot", 5000)],
            ids_join: false,
            classes: vec![
                row("Log", [10, 510], [400, 20_400]),
                row("\u{1b}[31mEvil\u{202e}", [1, 2], [8, 16]),
                row("Gone", [9, 0], [900, 0]),
            ],
            unchanged: 4,
        }
    }

    #[test]
    fn classes_stand_with_their_counts_and_the_difference() {
        let shown = diff(&document(), 80, false);
        let line = shown.lines().find(|line| line.starts_with("Log ")).expect("a line for the class");
        assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["Log", "10", "510", "+500", "+20.0", "kB"]);
        assert!(shown.contains("Gone") && shown.contains("-900 B") && shown.contains("4 classes did not change"));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_none_holds_an_escape() {
        for width in [40, 60, 80, 120] {
            for line in diff(&document(), width, false).lines() {
                assert!(columns(line) <= width.max(56), "{width}: {line:?}");
                assert!(!line.chars().any(char::is_control), "{line:?}");
            }
        }
    }
}

//! Who holds something, as a tree: each line holds what stands above it.

use super::page::{Ink, Page, fit, side_by_side};
use super::suspect::{shorten, step_in_words};
use crate::hunt::figures::{bytes, count};
use crate::hunt::retainers::{Branch, Held};
use crate::hunt::verdict::Location;

/// Levels that fit on a screen; the document has more.
const DEEP: usize = 5;

/// The tree for people. `width` is the terminal's; `color` allows ANSI escapes.
pub fn retainers(held: &Held, width: usize, color: bool) -> String {
    let mut page = Page::new(width, color);
    let objects = if held.count == 1 { "1 object".to_string() } else { format!("{} objects", count(held.count)) };
    let headline = format!(
        "{objects} of {} in {}: {} retained, {} in themselves.",
        held.class,
        held.snapshot.path,
        bytes(held.retained_bytes),
        bytes(held.shallow_bytes)
    );
    page.paragraph(Ink::Bold, "", 0, &headline);
    page.blank();
    page.paragraph(Ink::Faint, "held by", 9, "");
    if held.tree.is_empty() {
        page.raw("   nobody but V8 itself");
    }
    branches(&mut page, &held.tree, held.count, 1);
    page.blank();
    let example = &held.example;
    // A root, and what only V8's own links hold, have no way to tell of.
    let way = if example.path.is_empty() { "" } else { " Its shortest way to a GC root:" };
    let title = format!("The one that retains most is @{} with {}.{way}", example.id, bytes(example.retained_bytes));
    page.paragraph(Ink::Plain, "", 0, &title);
    let (shown, left_out) = shorten(&example.path);
    for (depth, step) in shown.into_iter().enumerate() {
        let stairs = "  ".repeat(depth.min(page.width / 6) + 1);
        let step = step.map_or_else(|| format!("… {left_out} more steps"), step_in_words);
        let line = fit(&format!("{stairs}└ {step}"), page.width);
        page.raw(&line);
    }
    if let Some(location) = &example.location {
        page.paragraph(Ink::Faint, "code", 6, &place(location));
    }
    page.finish()
}

fn branches(page: &mut Page, tree: &[Branch], held: u64, depth: usize) {
    if depth > DEEP {
        return;
    }
    for branch in tree {
        let who = match (branch.id, branch.retainers) {
            (Some(id), _) => format!("{} @{id}", branch.class),
            (None, _) if branch.class.starts_with('(') => branch.class.clone(),
            (None, n) => format!("{} × {}", count(n), branch.class),
        };
        let holds = if branch.holds == held {
            String::new()
        } else {
            format!("   holds {} of {}", count(branch.holds), count(held))
        };
        let code = branch.location.as_ref().map(|l| format!("   {}", place(l))).unwrap_or_default();
        let edge = match branch.edge_type.as_str() {
            "context" => format!("variable {}", branch.edge),
            "property" => format!(".{}", branch.edge),
            _ => branch.edge.clone(),
        };
        let lead = format!("{}└ {edge} of {who}{holds}", "  ".repeat(depth));
        let (lead, code) = side_by_side(&lead, &code, page.width);
        page.raw(&format!("{lead}{code}"));
        branches(page, &branch.tree, branch.retainers, depth + 1);
    }
}

fn place(l: &Location) -> String {
    format!("{} {}:{}:{}", l.function, l.script, l.line, l.column)
}

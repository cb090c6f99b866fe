//! One object: what it holds, who holds it, why it is alive.

use super::tables::{groups, heading, headline, id, in_short, more, things, words};
use crate::hunt::figures::bytes;
use crate::inspect::{Child, Children, Field, Holders, HoldingEdge, Page as Part, Scope, Shown, Thing, Ways};
use crate::report::text::page::{Ink, Page, fit, fit_left, fit_right};
use crate::report::text::suspect::step_in_words;

const SIZE: usize = 9;
const LABEL: usize = 12;

pub fn show(page: &mut Page, s: &Shown) {
    title(page, &s.object);
    if !s.reachable {
        page.paragraph(Ink::Yellow, "not alive", LABEL, "only weak references lead to it, or none");
    }
    if let Some(dominator) = &s.dominator {
        page.paragraph(Ink::Faint, "kept by", LABEL, &in_short(dominator));
    }
    if let Some(l) = &s.location {
        page.paragraph(Ink::Faint, "code", LABEL, &format!("{} {}:{}:{}", l.function, l.script, l.line, l.column));
    }
    page.blank();
    fields(page, "holds", &s.fields);
    for scope in &s.scopes {
        page.blank();
        variables(page, scope);
    }
}

fn title(page: &mut Page, thing: &Thing) {
    let text = format!(
        "{}: {} retained, {} in itself",
        in_short(thing),
        bytes(thing.retained_bytes),
        bytes(thing.shallow_bytes)
    );
    headline(page, &text);
}

fn variables(page: &mut Page, scope: &Scope) {
    headline(page, &format!("variables of the scope @{}", scope.id));
    fields(page, "variable", &scope.variables);
}

/// A table of references: name, id and kind of what is at their end, its sizes.
fn fields(page: &mut Page, title: &str, part: &Part<Field>) {
    table(page, title, part, |row| (label(&row.edge, &row.edge_type), &row.object));
}

pub fn holders(page: &mut Page, h: &Holders) {
    title(page, &h.object);
    let edge = |row: &HoldingEdge| label(&row.edge, &row.edge_type);
    table(page, "held by its", &h.page, |row| (edge(row), &row.object));
}

fn table<T>(page: &mut Page, title: &str, part: &Part<T>, row: impl Fn(&T) -> (String, &Thing)) {
    if part.total == 0 {
        page.raw("nothing");
        return;
    }
    // The figures and the id keep their width on a narrow terminal.
    let name = (page.width / 4).min(page.width.saturating_sub(34));
    let rest = page.width.saturating_sub(name + 1 + id(0).len() + 2 * SIZE + 2);
    let figures = format!("{} {}", fit_right("shallow", SIZE), fit_right("retained", SIZE));
    heading(page, &[&fit_left(title, name), &fit_left("id", id(0).len() - 1), &fit_left("object", rest), &figures]);
    for each in &part.rows {
        let (edge, thing) = row(each);
        let figures = format!(
            "{} {}",
            fit_right(&bytes(thing.shallow_bytes), SIZE),
            fit_right(&bytes(thing.retained_bytes), SIZE)
        );
        page.raw(&format!("{} {}{} {figures}", fit_left(&edge, name), id(thing.id), fit_left(&words(thing), rest)));
    }
    more(page, part);
}

/// A program's own names as they stand in its source; what is V8's or holds nothing is said to be so.
fn label(edge: &str, kind: &str) -> String {
    match kind {
        "property" | "context" => edge.to_owned(),
        "element" => format!("[{edge}]"),
        _ => format!("({kind}) {edge}"),
    }
}

pub fn children(page: &mut Page, c: &Children) {
    title(page, &c.object);
    if c.by_class {
        return groups(page, "keeps alive, by class", &c.page, |row| {
            (&row.class, [row.count, row.shallow_bytes, row.retained_bytes])
        });
    }
    let rows = c.page.rows.iter().filter_map(thing_of).collect();
    things(page, &Part { total: c.page.total, offset: c.page.offset, rows });
}

fn thing_of(child: &Child) -> Option<Thing> {
    Some(Thing {
        id: child.id?,
        class: child.class.clone(),
        name: child.name.clone(),
        shallow_bytes: child.shallow_bytes,
        retained_bytes: child.retained_bytes,
    })
}

/// Each way as a staircase, the object on top and the GC root at its foot.
pub fn ways(page: &mut Page, w: &Ways) {
    title(page, &w.object);
    if w.ways.is_empty() {
        page.raw("nothing holds it but V8 itself, or weak references");
    }
    for (number, way) in w.ways.iter().enumerate() {
        if w.ways.len() > 1 {
            page.blank();
            let title = page.paint(Ink::Faint, &format!("way {}", number + 1));
            page.raw(&title);
        }
        for (depth, step) in way.iter().enumerate() {
            let stairs = "  ".repeat(depth.min(page.width / 6));
            let line = fit(&format!("{stairs}└ {}", step_in_words(step)), page.width);
            page.raw(&line);
        }
    }
}

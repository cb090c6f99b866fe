//! Lists: figures at the right edge of their columns, names in what is left of the line.

use crate::hunt::figures::{bytes, count};
use crate::inspect::{
    ClassLine, ContextLine, Detached, Instances, Page as Part, ShapeLine, StringLine, Strings, Summary, Thing,
};
use crate::report::text::clean::columns;
use crate::report::text::page::{Ink, Page, fit, fit_left, fit_right};
use crate::report::text::suspect::step_in_words;

const COUNT: usize = 11;
const SIZE: usize = 9;
/// An object's id needs as much, and two blanks after it.
const ID: usize = 12;

pub fn summary(page: &mut Page, s: &Summary) {
    let snapshot = &s.snapshot;
    let size = format!(
        ": {} in {} objects of {} classes",
        bytes(snapshot.shallow_bytes),
        count(snapshot.nodes),
        count(s.classes)
    );
    // The figures stay whole, and the path loses its middle.
    let path = fit(&snapshot.path, page.width.saturating_sub(columns(&size)).max(16));
    headline(page, &format!("{path}{size}"));
    let mut facts = vec![format!("{} references", count(snapshot.edges))];
    facts.push(format!("{} objects ({}) that nothing keeps", count(s.unreachable), bytes(s.unreachable_bytes)));
    let contexts = of(s.contexts, "context", "contexts");
    facts.push(format!("{contexts}, of which {} detached", count(s.detached_contexts)));
    facts.push(of(s.detached_natives, "detached native object", "detached native objects"));
    page.paragraph(Ink::Plain, "", 0, &facts.join("; "));
}

pub fn classes(page: &mut Page, part: &Part<ClassLine>) {
    groups(page, "class", part, |row| (&row.class, [row.count, row.shallow_bytes, row.retained_bytes]));
}

pub fn shapes(page: &mut Page, part: &Part<ShapeLine>) {
    groups(page, "plain objects with", part, |row| (&row.shape, [row.count, row.shallow_bytes, row.retained_bytes]));
}

/// A table of groups: name, count, shallow and retained bytes.
pub(super) fn groups<T>(page: &mut Page, title: &str, part: &Part<T>, row: impl Fn(&T) -> (&str, [u64; 3])) {
    let name = page.width.saturating_sub(COUNT + 2 * SIZE + 3);
    heading(
        page,
        &[
            &fit_left(title, name),
            &fit_right("count", COUNT),
            &fit_right("shallow", SIZE),
            &fit_right("retained", SIZE),
        ],
    );
    for each in &part.rows {
        let (text, [number, shallow, retained]) = row(each);
        let figures =
            [fit_right(&count(number), COUNT), fit_right(&bytes(shallow), SIZE), fit_right(&bytes(retained), SIZE)];
        page.raw(&format!("{} {}", fit_left(text, name), figures.join(" ")));
    }
    more(page, part);
}

pub fn strings(page: &mut Page, s: &Strings) {
    if !s.duplicates {
        let text = page.width.saturating_sub(ID + SIZE + 1);
        heading(page, &[&fit_left("id", ID - 1), &fit_left("string", text), &fit_right("shallow", SIZE)]);
        for row in &s.page.rows {
            page.raw(&format!(
                "{}{} {}",
                id(row.id),
                fit_left(&quoted(row), text),
                fit_right(&bytes(row.shallow_bytes), SIZE)
            ));
        }
        return more(page, &s.page);
    }
    let text = page.width.saturating_sub(ID + COUNT + 2 * SIZE + 3);
    let titles = [fit_right("times", COUNT), fit_right("in all", SIZE), fit_right("wasted", SIZE)];
    heading(page, &[&fit_left("one of them", ID - 1), &fit_left("string", text), &titles.join(" ")]);
    for row in &s.page.rows {
        let figures = [
            fit_right(&count(row.count), COUNT),
            fit_right(&bytes(row.shallow_bytes), SIZE),
            fit_right(&bytes(row.wasted_bytes), SIZE),
        ];
        page.raw(&format!("{}{} {}", id(row.id), fit_left(&quoted(row), text), figures.join(" ")));
    }
    more(page, &s.page);
}

fn quoted(row: &StringLine) -> String {
    format!("\"{}\"", row.text)
}

pub fn detached(page: &mut Page, d: &Detached) {
    headline(page, &of(d.contexts.total, "context", "contexts"));
    for context in &d.contexts.rows {
        context_line(page, context);
    }
    more(page, &d.contexts);
    page.blank();
    headline(page, &of(d.natives.total, "detached native object", "detached native objects"));
    if d.natives.total > 0 {
        things(page, &d.natives);
    }
}

fn context_line(page: &mut Page, context: &ContextLine) {
    let state = if context.detached { "detached" } else { "in use" };
    let known = context.known_as.as_ref().map(|known| format!("   known as {}", in_short(known))).unwrap_or_default();
    let ink = if context.detached { Ink::Yellow } else { Ink::Plain };
    let room = page.width.saturating_sub(ID + 10 + SIZE);
    let state = page.paint(ink, &fit_left(state, 10));
    page.raw(&format!(
        "{}{state}{}{}",
        id(context.id),
        fit_right(&bytes(context.retained_bytes), SIZE),
        fit(&known, room)
    ));
    if let Some(step) = &context.held_by {
        let line = fit(&format!("└ {}", step_in_words(step)), page.width.saturating_sub(ID));
        page.raw(&format!("{}{line}", " ".repeat(ID)));
    }
}

pub fn instances(page: &mut Page, i: &Instances) {
    let objects = of(i.page.total, "object", "objects");
    let title = format!("{objects} of {}, {} in themselves", i.class, bytes(i.shallow_bytes));
    headline(page, &title);
    things(page, &i.page);
}

/// A table of objects: id, what it is, shallow and retained bytes.
pub(super) fn things(page: &mut Page, part: &Part<Thing>) {
    let name = page.width.saturating_sub(ID + 2 * SIZE + 2);
    heading(
        page,
        &[
            &fit_left("id", ID - 1),
            &fit_left("object", name),
            &fit_right("shallow", SIZE),
            &fit_right("retained", SIZE),
        ],
    );
    for thing in &part.rows {
        let figures = format!(
            "{} {}",
            fit_right(&bytes(thing.shallow_bytes), SIZE),
            fit_right(&bytes(thing.retained_bytes), SIZE)
        );
        page.raw(&format!("{}{} {figures}", id(thing.id), fit_left(&words(thing), name)));
    }
    more(page, part);
}

/// The class, and what the object is beyond it.
pub(super) fn words(thing: &Thing) -> String {
    match (thing.class.as_str(), &thing.name) {
        ("(string)" | "(concatenated string)" | "(sliced string)", Some(text)) => format!("\"{text}\""),
        ("Function", Some(name)) => format!("function {name}"),
        ("Function", None) => "function (anonymous)".to_owned(),
        (class, Some(name)) => format!("{class} {name}"),
        (class, None) => class.to_owned(),
    }
}

pub(super) fn in_short(thing: &Thing) -> String {
    format!("{} @{}", words(thing), thing.id)
}

/// A number with its noun.
fn of(number: u64, one: &str, several: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { several })
}

pub(super) fn headline(page: &mut Page, text: &str) {
    let line = page.paint(Ink::Bold, &fit(text, page.width));
    page.raw(&line);
}

pub(super) fn id(id: u64) -> String {
    let text = format!("@{id}");
    let gap = ID.saturating_sub(columns(&text)).max(1);
    format!("{text}{}", " ".repeat(gap))
}

pub(super) fn heading(page: &mut Page, titles: &[&str]) {
    let line = page.paint(Ink::Faint, &titles.join(" "));
    page.raw(&line);
}

/// How much of the list is not on this page.
pub(super) fn more<T>(page: &mut Page, part: &Part<T>) {
    let shown = part.offset.saturating_add(part.rows.len() as u64);
    if part.rows.is_empty() {
        page.raw("none");
    } else if shown < part.total {
        let line = page.paint(Ink::Faint, &format!("… {} more", count(part.total - shown)));
        page.raw(&line);
    }
}

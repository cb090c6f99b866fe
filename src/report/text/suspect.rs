//! One suspect in full: who, how many, who holds it, where, and how to prove us wrong.

use super::clean::columns;
use super::page::{Ink, Page, fit};
use crate::hunt::figures::{bytes, count, series, signed};
use crate::hunt::verdict::{Captured, Cause, Holder, Location, PathStep, Suspect};

/// Steps of a path.
const STEPS: usize = 8;
/// A class's name may take so much of a narrow line.
const TITLE: usize = 20;
/// Where the text of a labelled line begins.
const INDENT: usize = 16;

pub(super) fn suspect_in_full(page: &mut Page, s: &Suspect) {
    let rank = format!("{}  ", s.rank);
    let kind = cause_in_words(s);
    let title = fit(&s.class, page.width.saturating_sub(rank.len() + 3 + kind.len()).max(TITLE));
    let kind = fit(kind, page.width.saturating_sub(rank.len() + 3 + columns(&title)));
    let line = format!("{rank}{}   {}", page.paint(Ink::Bold, &title), page.paint(Ink::Cyan, &kind));
    page.raw(&line);
    let field = |page: &mut Page, label: &str, text: &str| {
        let label = format!("   {label}");
        page.paragraph(Ink::Faint, &label, INDENT, text);
    };
    field(page, "how many", &format!("{}   ({} each time)", series(&s.counts, count), signed(s.growth_per_snapshot)));
    field(page, "memory", &format!("{}   (retained)", series(&s.retained_bytes, bytes)));
    if !s.grows_with.is_empty() {
        let names: Vec<&str> = s.grows_with.iter().map(|c| c.class.as_str()).collect();
        field(page, "grows with", &names.join(", "));
    }
    field(page, "held by", &holder(&s.holder));
    if let Some(other) = &s.details.also_held_by {
        field(page, "also held by", &holder(other));
    }
    path(page, s);
    match &s.location {
        Some(l) => code(page, "code", l),
        None => field(page, "code", "V8 does not know the line"),
    }
    if let Some(f) = s.details.function.as_ref().filter(|&f| Some(f) != s.location.as_ref()) {
        code(page, "function", f);
    }
    if !s.details.captured.is_empty() {
        let one = |c: &Captured| format!("{} ({}, {})", c.variable, c.class, bytes(c.retained_bytes));
        field(page, "keeps", &s.details.captured.iter().map(one).collect::<Vec<_>>().join(", "));
    }
    field(page, "hypothesis", &s.hypothesis);
    field(page, "confidence", &format!("{:.0}%", 100.0 * s.confidence));
    // What the lines above have said already is not said twice.
    let said = [series(&s.counts, count), series(&s.retained_bytes, bytes)];
    let more = s.evidence.iter().filter(|fact| !said.iter().any(|said| fact.ends_with(said.as_str())));
    for (i, fact) in more.enumerate() {
        field(page, if i == 0 { "evidence" } else { "" }, &format!("- {fact}"));
    }
    field(page, "refuted if", &s.would_refute);
    field(page, "fingerprint", &s.fingerprint);
}

/// A place, and below it what V8 runs, if that is something else.
fn code(page: &mut Page, label: &str, l: &Location) {
    let label = format!("   {label}");
    page.paragraph(Ink::Faint, &label, INDENT, &format!("{}  {}:{}:{}", l.function, l.script, l.line, l.column));
    if let Some(g) = &l.generated {
        page.paragraph(Ink::Faint, "", INDENT, &format!("compiled to {}:{}:{}", g.script, g.line, g.column));
    }
}

/// The path as a staircase, the instance on top and the GC root at its foot.
fn path(page: &mut Page, s: &Suspect) {
    let label = page.paint(Ink::Faint, "   path");
    let gap = " ".repeat(INDENT - "   path".len());
    let mut prefix = format!("{label}{gap}");
    let room = page.width.saturating_sub(INDENT);
    page.raw(&format!("{prefix}{}", fit(&format!("a {}", s.class), room)));
    prefix = " ".repeat(INDENT);
    let (shown, left_out) = shorten(&s.path);
    for (depth, step) in shown.iter().enumerate() {
        let stairs = "  ".repeat(depth.min(room / 6));
        let text = match step {
            Some(step) => step_in_words(step),
            None => format!("… {left_out} more steps"),
        };
        let line = fit(&format!("{stairs}└ {text}"), room);
        page.raw(&format!("{prefix}{line}"));
    }
}

/// The first steps and the last two; `None` stands for what lies between.
pub(super) fn shorten(path: &[PathStep]) -> (Vec<Option<&PathStep>>, usize) {
    if path.len() <= STEPS {
        return (path.iter().map(Some).collect(), 0);
    }
    let head = path[..STEPS - 3].iter().map(Some);
    let tail = path[path.len() - 2..].iter().map(Some);
    (head.chain([None]).chain(tail).collect(), path.len() - (STEPS - 1))
}

pub(super) fn step_in_words(step: &PathStep) -> String {
    let edge = match step.edge_type.as_str() {
        "context" => format!("variable {}", step.edge),
        "property" => format!(".{}", step.edge),
        "element" => format!("[{}]", step.edge),
        _ => step.edge.clone(),
    };
    if step.class.starts_with('(') {
        format!("{edge} of {}", step.class)
    } else {
        format!("{edge} of {} @{}", step.class, step.id)
    }
}

pub(super) fn holder(h: &Holder) -> String {
    match &h.name {
        Some(name) => format!("{} {name}", h.class),
        None => h.class.clone(),
    }
}

/// The rule that found it in words, or else the cause.
fn cause_in_words(s: &Suspect) -> &'static str {
    match (s.cause, s.kind.as_str()) {
        (_, "abort-signal") => "listeners on a signal that are never removed",
        (_, "process-event") => "listeners on the process that are never removed",
        (_, "interval") => "intervals that are never cleared",
        (_, "timeout") => "timeouts that are never cleared",
        (_, "unanswered-request") => "requests that are never answered",
        (_, "agent-connection") => "connections of an HTTP agent that are never ended",
        (_, "async-function") => "async functions that wait for ever",
        (_, "pending-promise") => "promises that never settle",
        (_, "async-store") => "an async context that outlives its work",
        (_, "weak-map") => "a WeakMap whose keys are kept",
        (Cause::Listener, _) => "event listeners that are never removed",
        (Cause::Timer, _) => "timers that are never cleared",
        (Cause::Connection, _) => "connections that are never closed",
        (Cause::Closure, _) => "functions that pile up",
        (Cause::Collection, _) => "a collection without a bound",
        (Cause::Other, _) => "cause unknown",
    }
}

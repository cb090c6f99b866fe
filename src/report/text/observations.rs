//! What is odd in the heap, each with a few examples and what to do about it.

use super::page::{Ink, Page, fit};
use super::suspect::holder;
use crate::hunt::figures::{bytes, count, series};
use crate::hunt::verdict::{Example, Observation};

/// Examples of each.
const SHOWN: usize = 2;

pub(super) fn observations(page: &mut Page, observations: &[Observation]) {
    if observations.is_empty() {
        return;
    }
    page.blank();
    let title = page.paint(Ink::Bold, "Worth a look");
    page.raw(&title);
    for o in observations {
        page.paragraph(Ink::Plain, "   ", 3, &o.summary);
        if let Some(trend) = o.growth.as_ref().filter(|trend| trend.grows) {
            page.paragraph(Ink::Yellow, "     grows ", 11, &series(&trend.bytes, bytes));
        }
        for e in o.examples.iter().take(SHOWN) {
            let line = fit(&example(e), page.width.saturating_sub(5));
            page.raw(&format!("     {line}"));
        }
        page.paragraph(Ink::Faint, "     - ", 7, &o.advice);
    }
}

fn example(e: &Example) -> String {
    let what = match (&e.text, &e.location) {
        (Some(text), _) => format!("\"{text}\""),
        (None, Some(l)) => format!("{}  {}:{}:{}", e.class, l.script, l.line, l.column),
        (None, None) => e.class.clone(),
    };
    let times = if e.count == 1 { String::new() } else { format!("{} of ", count(e.count)) };
    format!("{times}@{}  {}  in {}  {what}", e.id, bytes(e.bytes), holder(&e.holder))
}

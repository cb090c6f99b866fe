//! What is odd in the heap, each with a few examples and what to do about it.

use super::clean::columns;
use super::page::{Ink, Page, fit, side_by_side};
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
            let line = example(e, page.width.saturating_sub(5));
            page.raw(&format!("     {line}"));
        }
        page.paragraph(Ink::Faint, "     - ", 7, &o.advice);
    }
}

/// The figures stay whole; of the holder and the thing itself each loses its own middle, so that the end of one is not taken for the other's.
fn example(e: &Example, width: usize) -> String {
    let what = match (&e.text, &e.location) {
        (Some(text), _) => format!("\"{text}\""),
        // Named by its place alone.
        (None, Some(l)) if e.class.ends_with(&format!(":{}:{})", l.line, l.column)) => {
            format!("function at {}:{}:{}", l.script, l.line, l.column)
        }
        (None, Some(l)) => format!("{}  {}:{}:{}", e.class, l.script, l.line, l.column),
        (None, None) => e.class.clone(),
    };
    let times = if e.count == 1 { String::new() } else { format!("{} of ", count(e.count)) };
    let figures = format!("{times}@{}  {}  in ", e.id, bytes(e.bytes));
    let (holder, what) = side_by_side(&holder(&e.holder), &what, width.saturating_sub(columns(&figures) + 2));
    fit(&format!("{figures}{holder}  {what}"), width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hunt::verdict::{Holder, Location, Trend};

    /// An observation whose names and texts all come from the heap; of strings, or of functions.
    fn observation(name: &str, is_text: bool) -> Observation {
        let location = || Location { function: name.into(), script: name.into(), line: 12, column: 3, generated: None };
        let example = |id| Example {
            class: name.into(),
            id,
            count: 20_000,
            bytes: 960_000,
            wasted_bytes: 959_952,
            text: is_text.then(|| name.into()),
            holder: Holder { class: name.into(), name: Some(name.into()) },
            path: Vec::new(),
            location: (!is_text).then(location),
        };
        Observation {
            kind: "duplicate-strings".into(),
            summary: "40,000 strings are copies of 2 texts: one of each would save 1.9 MB".into(),
            advice: "keep one of each where the strings are made (a Map from text to text does)".into(),
            count: 40_000,
            bytes: 1_920_000,
            wasted_bytes: 1_919_904,
            examples: (1..=5).map(example).collect(),
            growth: Some(Trend { counts: vec![10, 20, 30], bytes: vec![480_000, 960_000, 1_920_000], grows: true }),
        }
    }

    fn shown(all: &[Observation], width: usize) -> String {
        let mut page = Page::new(width, false);
        observations(&mut page, all);
        page.finish()
    }

    #[test]
    fn an_observation_has_its_figures_two_examples_and_advice() {
        let steady = Observation {
            growth: Some(Trend { counts: vec![1, 1], bytes: vec![7, 7], grows: false }),
            ..observation("cities", true)
        };
        let screen = shown(&[observation("cities", true), observation("read", false), steady], 100);
        assert!(screen.trim_start().starts_with("Worth a look\n   40,000 strings are copies of 2 texts"), "{screen}");
        for (wanted, times) in [
            ("     grows 480.0 kB → 960.0 kB → 1.9 MB\n", 2),
            ("     20,000 of @1  960.0 kB  in cities cities  \"cities\"\n", 2),
            ("     20,000 of @2  960.0 kB  in read read  read  read:12:3\n", 1),
            ("     - keep one of each", 3),
            ("@3", 0),
        ] {
            assert_eq!(screen.matches(wanted).count(), times, "{wanted:?} in\n{screen}");
        }
    }

    #[test]
    fn lines_fit_the_terminal() {
        for width in [40, 72, 100] {
            for name in ["VeryLongName".repeat(20), "日本".repeat(50)] {
                let screen = shown(&[observation(&name, true), observation(&name, false)], width);
                assert!(screen.lines().all(|line| columns(line) <= width), "{width}:\n{screen}");
                assert!(screen.contains("@1") && screen.contains("grows"), "{screen}");
            }
        }
    }

    #[test]
    fn a_long_holder_and_a_long_text_are_cut_each_for_itself() {
        let mut long = observation("cities", true);
        for e in &mut long.examples {
            e.holder.name = Some("purchasesOfTheLastQuarter".repeat(3));
            e.text = Some("New York City, New York".repeat(5));
        }
        let screen = shown(&[long], 80);
        let line = screen.lines().find(|line| line.contains("@1 ")).unwrap();
        assert_eq!(columns(line), 80, "{line}");
        assert_eq!(line.matches('…').count(), 2, "{line}");
        assert!(
            line.contains("in cities purc…") && line.contains("uarter  \"New") && line.ends_with("York\""),
            "{line}"
        );
    }

    #[test]
    fn a_function_that_is_named_by_its_place_is_told_with_one_place() {
        let mut unnamed = observation("cities", false);
        for e in &mut unnamed.examples {
            e.class = "function (anonymous at read.js:12:3)".into();
        }
        let screen = shown(&[unnamed], 100);
        assert!(screen.contains("  in cities cities  function at cities:12:3\n"), "{screen}");
    }

    #[test]
    fn a_hostile_text_cannot_reach_the_terminal() {
        let evil = "Evil\x1b]0;owned\x07\r\n\u{202e}\u{9b}2J";
        let screen = shown(&[observation(evil, true), observation(evil, false)], 200);
        assert!(screen.chars().all(|c| c == '\n' || !c.is_control()), "{screen:?}");
        assert!(!screen.contains('\u{202e}') && screen.contains("Evil\\u{1b}"), "{screen}");
        // A line of its own would be taken for ours.
        assert_eq!(
            screen.lines().count(),
            shown(&[observation("good", true), observation("good", false)], 200).lines().count()
        );
    }

    #[test]
    fn nothing_odd_takes_no_line() {
        assert_eq!(shown(&[], 80), Page::new(80, false).finish());
    }
}

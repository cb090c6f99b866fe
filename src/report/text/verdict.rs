//! The verdict on one screen: the answer first, then for each suspect who, how many, who holds it, where, and how to prove us wrong.

use super::clean::shell_word;
use super::elsewhere::elsewhere;
use super::observations::observations;
use super::page::{Ink, Page, fit, fit_left};
use super::suspect::{holder, suspect_in_full};
use crate::hunt::figures::{bytes, count, series};
use crate::hunt::verdict::{Answer, KnownLeak, Suspect, Verdict};

/// Suspects in full; the others get a line each. Things that were acquitted.
const IN_FULL: usize = 3;
const ASIDES: usize = 5;

/// The whole answer for people. `width` is the terminal's; `color` allows ANSI escapes.
pub fn verdict(v: &Verdict, width: usize, color: bool) -> String {
    let mut page = Page::new(width, color);
    headline(&mut page, v);
    for suspect in v.suspects.iter().take(IN_FULL) {
        page.blank();
        suspect_in_full(&mut page, suspect);
    }
    suspects_in_short(&mut page, &v.suspects);
    known(&mut page, v);
    if v.suspects.is_empty() {
        largest(&mut page, v);
    }
    elsewhere(&mut page, v.elsewhere.as_ref());
    acquitted(&mut page, v);
    observations(&mut page, &v.observations);
    notes(&mut page, v);
    next(&mut page, v);
    page.finish()
}

fn headline(page: &mut Page, v: &Verdict) {
    let (ink, word) = match v.verdict {
        Answer::Leak => (Ink::Red, "LEAK"),
        Answer::NoLeak => (Ink::Green, "NO LEAK"),
        Answer::Inconclusive => (Ink::Yellow, "INCONCLUSIVE"),
    };
    page.paragraph(ink, word, word.len() + 2, &v.summary);
}

fn suspects_in_short(page: &mut Page, suspects: &[Suspect]) {
    let rest = suspects.get(IN_FULL..).unwrap_or_default();
    if rest.is_empty() {
        return;
    }
    page.blank();
    for s in rest {
        let place = s.location.as_ref().map(|l| format!("{}:{}", l.script, l.line)).unwrap_or_default();
        let line = format!("{}  {}  {}  {}  {}", s.rank, s.class, series(&s.counts, count), holder(&s.holder), place);
        let line = fit(&line, page.width);
        page.raw(&line);
    }
}

fn known(page: &mut Page, v: &Verdict) {
    if v.known.is_empty() {
        return;
    }
    page.blank();
    let title = page.paint(Ink::Bold, "Known, and accepted");
    page.raw(&title);
    for KnownLeak { suspect: s, reason, until } in v.known.iter().take(IN_FULL + ASIDES) {
        let reason = reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let until = until.as_ref().map(|day| format!(" (until {day})")).unwrap_or_default();
        let text = format!("{}  {}, fingerprint {}{reason}{until}", s.class, series(&s.counts, count), s.fingerprint);
        page.paragraph(Ink::Plain, "   ", 3, &text);
    }
    more(page, v.known.len(), IN_FULL + ASIDES);
}

/// How many of a list were left out.
fn more(page: &mut Page, all: usize, shown: usize) {
    if all > shown {
        page.raw(&format!("   and {} more", all - shown));
    }
}

fn acquitted(page: &mut Page, v: &Verdict) {
    if v.acquitted.is_empty() {
        return;
    }
    page.blank();
    let title = page.paint(Ink::Bold, "Grew, and yet no leak");
    page.raw(&title);
    for a in v.acquitted.iter().take(ASIDES) {
        let text = format!("{}  {}: {}", a.class, series(&a.counts, count), a.reason);
        page.paragraph(Ink::Plain, "   ", 3, &text);
    }
    more(page, v.acquitted.len(), ASIDES);
}

fn largest(page: &mut Page, v: &Verdict) {
    if v.largest.is_empty() {
        return;
    }
    page.blank();
    let title = page.paint(Ink::Bold, "What is large in the last snapshot");
    page.raw(&title);
    let name = (page.width / 3).max(16);
    for l in v.largest.iter().take(IN_FULL + ASIDES) {
        let left = fit_left(&l.class, name);
        let figures = format!("{:>9}  {:>10}  ", count(l.count), bytes(l.retained_bytes));
        let room = page.width.saturating_sub(3 + name + figures.len());
        page.raw(&format!("   {left}{figures}{}", fit(&holder(&l.holder), room)));
    }
}

fn notes(page: &mut Page, v: &Verdict) {
    if !v.notes.is_empty() {
        page.blank();
    }
    for note in &v.notes {
        page.paragraph(Ink::Yellow, "note", 6, note);
    }
}

fn next(page: &mut Page, v: &Verdict) {
    let Some(last) = v.snapshots.last() else { return };
    page.blank();
    let title = page.paint(Ink::Bold, "Next");
    page.raw(&title);
    // Commands stay in one piece, whatever the width: people copy them.
    let file = shell_word(&last.path);
    if let Some(s) = v.suspects.first() {
        if let Some(step) = s.path.first() {
            page.raw(&format!("   leakhunt retainers {file} @{}", step.id));
        }
        page.paragraph(
            Ink::Plain,
            "   ",
            3,
            "repair it, put the same load on, take three snapshots again: the answer should be 'no-leak'",
        );
    } else if v.snapshots.len() < 3 {
        page.paragraph(
            Ink::Plain,
            "   ",
            3,
            "take three snapshots under the same load, some minutes apart, and analyze them together",
        );
    }
    page.raw(&format!("   leakhunt unpack {file} -o heap.heapsnapshot     (Chrome DevTools opens it)"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hunt::verdict::{Acquitted, Captured, Cause, Companion, Details, Generated, Holder, Location, PathStep};
    use crate::hunt::verdict::{Elsewhere, ElsewhereKind, SnapshotFacts, UnnamedFunctions, VERSION};
    use crate::report::text::clean::columns;

    fn native_growth() -> Elsewhere {
        Elsewhere {
            kind: ElsewhereKind::Native,
            summary: "the resident set grew by 80 MB (100 MB → 140 MB → 180 MB), 78 MB of it in memory that V8 knows nothing of".into(),
            advice: "worker threads (each has a heap of its own), native addons and libraries".into(),
            resident_growth_bytes: 80,
            growth_bytes: 78,
            resident_bytes: vec![100, 140, 180],
            heap_total_bytes: vec![20, 21, 22],
            heap_used_bytes: vec![15, 15, 15],
            live_bytes: vec![10, 10, 10],
            external_bytes: vec![2, 2, 2],
            shown_outside_bytes: vec![1, 1, 1],
            malloced_bytes: vec![1, 1, 1],
        }
    }

    fn document(class: &str) -> Verdict {
        let step = |edge: &str, edge_type: &str, class: &str| PathStep {
            edge: edge.into(),
            edge_type: edge_type.into(),
            class: class.into(),
            id: 7,
        };
        let holder = Holder { class: "Array".into(), name: Some("logs".into()) };
        let suspect = Suspect {
            rank: 1,
            confidence: 0.97,
            class: class.into(),
            cause: Cause::Collection,
            kind: "array".into(),
            counts: vec![50, 3000, 6000],
            retained_bytes: vec![4400, 264_000, 528_000],
            growth_per_snapshot: 2975,
            holder: holder.clone(),
            path: vec![
                step("5", "element", "Array"),
                step("logs", "context", "Context of handler"),
                step("1", "internal", "(GC roots)"),
            ],
            location: Some(Location {
                function: "handler".into(),
                script: "/app/server.js".into(),
                line: 12,
                column: 3,
                generated: None,
            }),
            fingerprint: "0123456789abcdef".into(),
            hypothesis: "the Array `logs` grows for each piece of work and nothing is ever taken out of it".into(),
            evidence: vec![
                "the number grew in each of 2 intervals: 50 → 3,000 → 6,000".into(),
                "that is 90% of the growth".into(),
            ],
            would_refute: "it stops growing".into(),
            grows_with: vec![Companion { class: "Date".into(), counts: vec![50, 3000, 6000] }],
            details: Details {
                function: Some(Location {
                    function: "(anonymous)".into(),
                    script: "/app/server.js".into(),
                    line: 20,
                    column: 7,
                    generated: Some(Generated { script: "/app/dist/server.js".into(), line: 1, column: 999 }),
                }),
                captured: vec![Captured { variable: "request".into(), class: "Req".into(), retained_bytes: 2500 }],
                also_held_by: Some(Holder { class: "Map".into(), name: Some("byId".into()) }),
                ..Details::default()
            },
            censuses: None,
        };
        Verdict {
            version: VERSION,
            verdict: Answer::Leak,
            summary: format!("{class} grew from 50 to 6,000 in 3 snapshots"),
            snapshots: vec![SnapshotFacts {
                path: "/tmp/my heaps/3.heapsnapshot".into(),
                nodes: 1,
                edges: 1,
                shallow_bytes: 1,
            }],
            known: vec![KnownLeak {
                suspect: Suspect { class: "Metric".into(), counts: vec![7, 80, 900], ..suspect.clone() },
                reason: Some("a ticket has it".into()),
                until: Some("2027-01-31".into()),
            }],
            suspects: vec![suspect],
            unnamed_functions: UnnamedFunctions::default(),
            acquitted: vec![Acquitted {
                class: "LazyConfig".into(),
                counts: vec![0, 800, 800],
                holder,
                reason: "loaded once".into(),
            }],
            largest: Vec::new(),
            observations: Vec::new(),
            elsewhere: Some(native_growth()),
            notes: vec!["a note".into()],
        }
    }

    #[test]
    fn the_answer_comes_first_and_nothing_is_left_out() {
        let shown = verdict(&document("RequestLog"), 80, false);
        assert!(shown.starts_with("LEAK  RequestLog grew from 50 to 6,000"), "{shown}");
        for wanted in [
            "50 → 3,000 → 6,000   (+2,975 each time)",
            "528.0 kB",
            "Date",
            "Array logs",
            "function (anonymous) /app/server.js:20:7 compiled to /app/dist/server.js:1:999",
            "keeps request (Req, 2.5 kB)",
            "also held by Map byId",
            "variable logs of Context of handler @7",
            "(GC roots)",
            "/app/server.js:12:3",
            "it stops growing",
            "0123456789abcdef",
            "LazyConfig  0 → 800 → 800: loaded once",
            "Not in this heap the resident set grew by 80 MB",
            "native addons and libraries",
            "Metric  7 → 80 → 900, fingerprint 0123456789abcdef: a ticket has it (until 2027-01-31)",
            "note  a note",
        ] {
            let flat = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            let wanted = wanted.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(flat.contains(&wanted), "{wanted} in\n{shown}");
        }
        assert_eq!(shown.matches("50 → 3,000 → 6,000").count(), 1, "said once is enough:\n{shown}");
        assert!(shown.contains("leakhunt unpack '/tmp/my heaps/3.heapsnapshot' -o"), "{shown}");
    }

    #[test]
    fn lines_fit_the_terminal_except_for_commands() {
        for width in [40, 72, 100] {
            let shown = verdict(&document(&"VeryLongClassName".repeat(20)), width, false);
            for line in shown.lines().filter(|line| !line.trim_start().starts_with("leakhunt ")) {
                assert!(columns(line) <= width, "{width}: {} {line:?}", columns(line));
            }
        }
    }

    #[test]
    fn a_hostile_name_cannot_reach_the_terminal() {
        let shown = verdict(&document("Evil\x1b]0;owned\x07\r\n\u{202e}\u{9b}2J"), 80, false);
        assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
        assert!(!shown.contains('\u{202e}') && shown.contains("\\u{1b}"));
    }
}

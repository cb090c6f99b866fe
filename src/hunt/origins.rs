//! Places in a verdict told anew, where it is known what the code there was made from. What a suspect is known by (its class, its
//! fingerprint) stays as the heap has it: it must not depend on whether maps are found.

use super::place::file_name;
use super::verdict::{Location, Suspect, Verdict};
use std::collections::HashMap;

/// Generated place to original.
pub type Origins = HashMap<Location, Location>;

impl Verdict {
    pub fn locations(&self) -> Vec<&Location> {
        let known = self.known.iter().map(|known| &known.suspect);
        let suspects = self.suspects.iter().chain(known).flat_map(|s| s.location.iter().chain(&s.details.function));
        let unnamed = &self.unnamed_functions;
        let observed = self.observations.iter().flat_map(|o| o.examples.iter().filter_map(|e| e.location.as_ref()));
        suspects
            .chain(&unnamed.locations)
            .chain(unnamed.functions.iter().map(|f| &f.location))
            .chain(observed)
            .collect()
    }

    pub fn tell_origins(&mut self, origins: &Origins) {
        if let Some(place) = self.suspects.first().and_then(|s| s.location.as_ref())
            && let Some(origin) = origins.get(place)
        {
            self.summary = replaced(&self.summary, &in_summary(place), &in_summary(origin));
        }
        let known = self.known.iter_mut().map(|known| &mut known.suspect);
        for Suspect { location, details, hypothesis, evidence, would_refute, .. } in
            self.suspects.iter_mut().chain(known)
        {
            for text in evidence.iter_mut().chain([hypothesis, would_refute]) {
                rename(text, origins);
            }
            location.iter_mut().chain(&mut details.function).for_each(|place| replace(place, origins));
        }
        let unnamed = &mut self.unnamed_functions;
        unnamed.locations.iter_mut().for_each(|place| replace(place, origins));
        for function in &mut unnamed.functions {
            rename(&mut function.name, origins);
            replace(&mut function.location, origins);
        }
        let examples = self.observations.iter_mut().flat_map(|o| &mut o.examples);
        examples.filter_map(|e| e.location.as_mut()).for_each(|place| replace(place, origins));
    }
}

pub fn replace(place: &mut Location, origins: &Origins) {
    if let Some(origin) = origins.get(place) {
        *place = origin.clone();
    }
}

/// As the summary names a place.
pub(super) fn in_summary(place: &Location) -> String {
    format!("{} at {}:{}", place.function, file_name(&place.script), place.line)
}

/// As a function without a name is called.
pub(super) fn anonymous_at(script: &str, line: u32, column: u32) -> String {
    format!("anonymous at {}:{line}:{column}", file_name(script))
}

fn rename(text: &mut String, origins: &Origins) {
    if !text.contains("anonymous at ") {
        return;
    }
    for (place, origin) in origins {
        let [before, after] = [place, origin].map(|place| anonymous_at(&place.script, place.line, place.column));
        // Two scripts of one name: which of them is meant cannot be told from the text.
        let is_same = |other: &&Location| anonymous_at(&other.script, other.line, other.column) == before;
        if origins.keys().filter(is_same).count() == 1 {
            *text = replaced(text, &before, &after);
        }
    }
}

/// `server.js:1` is no part of `server.js:12`, nor of `server.js:1:5`.
fn replaced(text: &str, before: &str, after: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(before) {
        let (head, tail) = (&rest[..at], &rest[at + before.len()..]);
        let goes_on = tail.starts_with(|c: char| c.is_ascii_digit() || c == ':');
        out.push_str(head);
        out.push_str(if goes_on { before } else { after });
        rest = tail;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hunt::heaps::{Program, judge};
    use crate::hunt::verdict::Generated;

    fn callbacks_that_pile_up(p: &mut Program, n: usize) {
        let (scope, array) = (p.scope, p.variable("callbacks", "Array"));
        let store = p.store(array, "elements", n);
        for index in 0..n {
            let callback = p.function("", 20, scope);
            p.push(array, store, index, callback);
        }
    }

    #[test]
    fn a_verdict_names_the_original_and_is_known_by_what_runs() {
        let verdict = judge(&[100, 1100, 2100], callbacks_that_pile_up);
        let mut told = verdict.clone();
        let place = verdict.suspects[0].location.clone().unwrap();
        let generated = Generated { script: place.script.clone(), line: place.line, column: place.column };
        let origin = Location {
            function: "(anonymous)".into(),
            script: "/app/src/server.ts".into(),
            line: 3,
            column: 9,
            generated: Some(generated),
        };
        told.tell_origins(&Origins::from([(place.clone(), origin.clone())]));
        let (before, after) = (&verdict.suspects[0], &told.suspects[0]);
        assert_eq!((&after.location, &after.details.function), (&Some(origin.clone()), &Some(origin.clone())));
        assert_eq!((&after.class, &after.fingerprint), (&before.class, &before.fingerprint));
        assert_eq!(told.unnamed_functions.functions[0].name, "anonymous at server.ts:3:9");
        assert_eq!(told.unnamed_functions.functions[0].location, origin);
        assert_eq!(told.unnamed_functions.locations, [origin]);
        assert!(verdict.summary.contains("(anonymous) at server.js:20"), "{}", verdict.summary);
        assert!(told.summary.contains("(anonymous) at server.ts:3"), "{}", told.summary);
        let mut untouched = verdict.clone();
        untouched.tell_origins(&Origins::new());
        assert_eq!(untouched, verdict);
    }

    #[test]
    fn a_function_that_is_odd_is_told_as_it_was_written() {
        let mut verdict = judge(&[6000], |p, n| {
            let array = p.variable("handlers", "Array");
            let store = p.store(array, "elements", n);
            for index in 0..n {
                let scope = p.context();
                let handler = p.function("onReply", 33, scope);
                p.push(array, store, index, handler);
            }
        });
        let place = verdict.observations[0].examples[0].location.clone().unwrap();
        assert!(verdict.locations().contains(&&place));
        let origin = Location { script: "/app/src/server.ts".into(), line: 3, ..place.clone() };
        verdict.tell_origins(&Origins::from([(place, origin.clone())]));
        assert_eq!(verdict.observations[0].examples[0].location, Some(origin));
    }

    #[test]
    fn a_place_is_replaced_where_it_is_meant() {
        let place = |script: &str, column| Location {
            function: "f".into(),
            script: script.into(),
            line: 1,
            column,
            generated: None,
        };
        let origins = Origins::from([
            (place("/a/x.js", 2), place("/a/x.ts", 7)),
            (place("/a/y.js", 2), place("/a/y.ts", 7)),
            (place("/b/y.js", 2), place("/b/z.ts", 8)),
        ]);
        for (text, expected) in [
            (
                "by (anonymous at x.js:1:2), twice: anonymous at x.js:1:2",
                "by (anonymous at x.ts:1:7), twice: anonymous at x.ts:1:7",
            ),
            ("anonymous at x.js:1:23", "anonymous at x.js:1:23"),
            ("anonymous at y.js:1:2", "anonymous at y.js:1:2"),
            ("x.js:1:2", "x.js:1:2"),
        ] {
            let mut told = text.to_owned();
            rename(&mut told, &origins);
            assert_eq!(told, expected);
        }
    }
}

//! Censuses as a table of classes: what there is at the last one, or what has come and gone since the first.

use super::page::{Ink, Page, fit, fit_left, fit_right};
use crate::hunt::figures::{bytes, count, signed, signed_bytes};
use crate::pages::{ClassSeries, Kind, Series};
use std::borrow::Cow;
use std::cmp::Reverse;

/// Rows from the top, and from the end where shrinking is.
const TOP: usize = 30;
const END: usize = 5;
const COUNT: usize = 12;
const BYTES: usize = 11;

/// The table for people. `width` is the terminal's; `color` allows ANSI escapes; `diff` compares the first census with the last.
pub fn census(series: &Series, diff: bool, width: usize, color: bool) -> String {
    let mut page = Page::new(width, color);
    headline(&mut page, series, diff);
    page.blank();
    if diff {
        changes(&mut page, series)
    } else {
        inventory(&mut page, series)
    }
    for note in &series.notes {
        page.paragraph(Ink::Yellow, "!", 2, note);
    }
    page.finish()
}

fn headline(page: &mut Page, series: &Series, diff: bool) {
    let line = match (series.censuses.first(), series.censuses.last()) {
        (Some(first), Some(last)) if diff => format!(
            "{} censuses over {}: from {} to {} objects, from {} to {}.",
            count(series.censuses.len() as u64),
            span(last.timestamp_ms.saturating_sub(first.timestamp_ms)),
            count(first.total_count),
            count(last.total_count),
            bytes(first.total_bytes),
            bytes(last.total_bytes)
        ),
        (_, Some(last)) => {
            let others = series.censuses.len() - 1;
            let of = if others == 0 { String::new() } else { format!(" (the last of {})", count(others as u64 + 1)) };
            format!("{} objects take {}{of}.", count(last.total_count), bytes(last.total_bytes))
        }
        _ => "There is no census.".to_owned(),
    };
    page.paragraph(Ink::Bold, "", 0, &line);
}

fn inventory(page: &mut Page, series: &Series) {
    let last = series.censuses.len().saturating_sub(1);
    let present: Vec<_> = series.classes.iter().filter_map(|class| Some((class, class.at(last)?))).collect();
    let has_parts = present.iter().any(|(class, _)| class.owned_at(last).is_some());
    titles(page, if has_parts { &["count", "bytes", "with parts"] } else { &["count", "bytes"] });
    for (class, (number, size)) in present.iter().take(TOP) {
        let mut figures = vec![count(*number), bytes(*size)];
        if has_parts {
            figures.push(class.owned_at(last).map_or_else(String::new, bytes));
        }
        row(page, class, &figures, Ink::Plain);
    }
    left_out(page, present.len().saturating_sub(TOP));
}

fn changes(page: &mut Page, series: &Series) {
    let mut changed: Vec<_> =
        series.classes.iter().map(|class| (class, class.growth())).filter(|(_, growth)| *growth != (0, 0)).collect();
    changed.sort_by_key(|(_, (_, size))| Reverse(*size));
    let (grown, shrunk) = changed.split_at(changed.iter().filter(|(_, (_, size))| *size >= 0).count());
    titles(page, &["before", "after", "change", "bytes"]);
    let tell = |page: &mut Page, &(class, (number, size)): &(&ClassSeries, (i64, i64))| {
        let ends = [class.counts.first(), class.counts.last()].map(|end| count(end.copied().unwrap_or(0)));
        let [before, after] = ends;
        row(
            page,
            class,
            &[before, after, signed(number), signed_bytes(size)],
            if size > 0 { Ink::Yellow } else { Ink::Green },
        );
    };
    grown.iter().take(TOP).for_each(|each| tell(page, each));
    left_out(page, grown.len().saturating_sub(TOP));
    left_out(page, shrunk.len().saturating_sub(END));
    shrunk[shrunk.len().saturating_sub(END)..].iter().for_each(|each| tell(page, each));
}

fn widths(figures: usize) -> impl Iterator<Item = usize> {
    (1..=figures).map(move |place| if place == figures { BYTES } else { COUNT })
}

fn name_width(page: &Page, figures: usize) -> usize {
    page.width.saturating_sub(widths(figures).map(|width| width + 1).sum()).max(8)
}

fn titles(page: &mut Page, titles: &[&str]) {
    let figures: String =
        titles.iter().zip(widths(titles.len())).map(|(title, width)| format!(" {}", fit_right(title, width))).collect();
    let line = page.paint(Ink::Faint, &format!("{}{figures}", fit_left("class", name_width(page, titles.len()))));
    page.raw(&line);
}

/// The last figure is the one that is painted.
fn row(page: &mut Page, class: &ClassSeries, figures: &[String], ink: Ink) {
    let name = fit_left(&name_of(class), name_width(page, figures.len()));
    let shown = figures.iter().zip(widths(figures.len())).enumerate().map(|(place, (text, width))| {
        let text = fit_right(text, width);
        format!(" {}", if place + 1 == figures.len() { page.paint(ink, &text) } else { text })
    });
    let line = format!("{name}{}", shown.collect::<String>());
    page.raw(&line);
}

/// A class as a person would look for it, with its place where it has one.
fn name_of(class: &ClassSeries) -> Cow<'_, str> {
    let name = match (class.kind, &*class.name) {
        (Kind::Closure, "") => Cow::Borrowed("function (anonymous)"),
        (Kind::Closure, name) => Cow::Owned(format!("function {name}")),
        (_, name) => Cow::Borrowed(name),
    };
    match &class.location {
        Some(location) => Cow::Owned(format!("{name}  {location}")),
        None => name,
    }
}

fn left_out(page: &mut Page, rows: usize) {
    if rows > 0 {
        let line = page.paint(Ink::Faint, &fit(&format!("… {} more", count(rows as u64)), page.width));
        page.raw(&line);
    }
}

/// How long, in the largest unit of which there are two.
fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", count(seconds / 86_400)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Taken;
    use crate::report::text::clean::columns;

    fn taken(timestamp_ms: u64, total_count: u64) -> Taken {
        Taken {
            timestamp_ms,
            pid: 1,
            thread_id: 0,
            heap_used_bytes: 0,
            total_count,
            total_bytes: 64 * total_count,
            unnamed_bytes: 0,
        }
    }

    fn class(name: &str, kind: Kind, counts: [u64; 2]) -> ClassSeries {
        ClassSeries {
            name: name.to_owned(),
            kind,
            location: (kind == Kind::Closure).then(|| "/app/server.js:3:14".to_owned()),
            censuses: vec![0, 1],
            counts: counts.to_vec(),
            bytes: counts.map(|count| 64 * count).to_vec(),
            owned_bytes: counts.map(|count| Some(100 * count)).to_vec(),
        }
    }

    fn document() -> Series {
        Series {
            version: 1,
            censuses: vec![taken(0, 1000), taken(600_000, 3000)],
            classes: vec![
                class("Log", Kind::Object, [100, 2100]),
                class("", Kind::Closure, [5, 5]),
                class("\u{1b}[31mEvil\u{202e}", Kind::Object, [1, 2]),
                class("Gone", Kind::Object, [9, 0]),
            ],
            notes: vec!["one file holds no census yet".to_owned()],
        }
    }

    fn words(text: &str, begin: &str) -> Vec<String> {
        let line = text.lines().find(|line| line.starts_with(begin)).expect("a line for the class");
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_last_census_stands_by_itself() {
        let shown = census(&document(), false, 80, false);
        assert!(shown.starts_with("3,000 objects take 192.0 kB (the last of 2)."), "{shown}");
        assert_eq!(words(&shown, "Log "), ["Log", "2,100", "134.4", "kB", "210.0", "kB"]);
        assert_eq!(
            words(&shown, "function"),
            ["function", "(anonymous)", "/app/server.js:3:14", "5", "320", "B", "500", "B"]
        );
        assert!(shown.contains("! one file holds no census yet"));
    }

    #[test]
    fn the_first_and_the_last_are_compared() {
        let shown = census(&document(), true, 80, false);
        assert!(shown.starts_with("2 censuses over 10 min: from 1,000 to 3,000 objects"), "{shown}");
        assert_eq!(words(&shown, "Log "), ["Log", "100", "2,100", "+2,000", "+128.0", "kB"]);
        assert_eq!(words(&shown, "Gone "), ["Gone", "9", "0", "-9", "-576", "B"]);
        assert!(!shown.contains("anonymous"), "what did not change is left out");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_none_holds_an_escape() {
        for (width, diff) in [(40, false), (80, false), (80, true), (120, true)] {
            for line in census(&document(), diff, width, false).lines() {
                assert!(columns(line) <= width.max(64), "{width}: {line:?}");
                assert!(!line.chars().any(char::is_control), "{line:?}");
            }
        }
        assert_eq!(census(&Series::default(), true, 80, false).lines().next(), Some("There is no census."));
    }
}

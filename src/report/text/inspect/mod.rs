//! Answers about an open snapshot, each on a screen: lists as tables, objects with what is around them.

mod object;
mod tables;

use super::page::Page;
use super::retainers::retainers;
use crate::inspect::Answer;

/// An answer for people. `width` is the terminal's; `color` allows ANSI escapes.
pub fn answer(answer: &Answer, width: usize, color: bool) -> String {
    let mut page = Page::new(width, color);
    match answer {
        Answer::Summary(summary) => tables::summary(&mut page, summary),
        Answer::Classes(classes) => tables::classes(&mut page, classes),
        Answer::Shapes(shapes) => tables::shapes(&mut page, shapes),
        Answer::Strings(strings) => tables::strings(&mut page, strings),
        Answer::Detached(detached) => tables::detached(&mut page, detached),
        Answer::Instances(instances) => tables::instances(&mut page, instances),
        Answer::Show(shown) => object::show(&mut page, shown),
        Answer::Holders(holders) => object::holders(&mut page, holders),
        Answer::Retainers(held) => return retainers(held, width, color),
        Answer::Children(children) => object::children(&mut page, children),
        Answer::Path(ways) => object::ways(&mut page, ways),
    }
    page.finish()
}

#[cfg(test)]
mod tests;

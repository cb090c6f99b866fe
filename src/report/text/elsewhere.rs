//! Memory that grows where no snapshot shows it.

use super::page::{Ink, Page};
use crate::hunt::verdict::Elsewhere;

pub(super) fn elsewhere(page: &mut Page, found: Option<&Elsewhere>) {
    let Some(found) = found else { return };
    page.blank();
    let title = page.paint(Ink::Bold, "Not in this heap");
    page.raw(&title);
    page.paragraph(Ink::Yellow, "   ", 3, &found.summary);
    page.paragraph(Ink::Faint, "     - ", 7, &found.advice);
}

//! Functions pile up, whatever container holds them, each with the scope that it closes over.

use super::{Finding, Scene, named};
use crate::hunt::verdict::{Cause, Details};
use crate::hunt::{captures, carrier, role};

pub fn rule(scene: &Scene<'_>) -> Option<Finding> {
    let is_closure = |class: &str| role::is_function_class(class) || class.starts_with(role::CONTEXT);
    if !is_closure(scene.root) {
        return None;
    }
    let holder = scene.holder();
    let function = [scene.root]
        .into_iter()
        .chain(scene.piling().iter().rev().map(|hop| hop.class.as_str()))
        .find(|class| role::is_function_class(class));
    let who = function.and_then(carrier::carried).unwrap_or("a function");
    let keeps = match captures::in_words(scene.captured) {
        Some(variables) => format!("each keeps its variable {variables}"),
        None => "each keeps the variables it closes over".to_string(),
    };
    Some(Finding {
        cause: Cause::Closure,
        kind: if role::is_function_class(scene.root) { "function" } else { "scope" },
        hypothesis: format!("new instances of the function {who} are kept by {}, and {keeps}", named(&holder)),
        would_refute: format!("the number of closures of {who} stays flat under the same load"),
        holder,
        details: Details::default(),
    })
}

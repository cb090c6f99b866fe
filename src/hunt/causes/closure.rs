//! Functions pile up, whatever container holds them, each with the scope that it closes over.

use super::{Finding, Scene, named};
use crate::hunt::role;
use crate::hunt::verdict::Cause;

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
    let who = function.map(|f| f.trim_start_matches("function ")).unwrap_or("a function");
    Some(Finding {
        cause: Cause::Closure,
        hypothesis: format!(
            "new instances of the function {who} are kept by {}, and each keeps the variables it closes over",
            named(&holder)
        ),
        would_refute: format!("the number of closures of {who} stays flat under the same load"),
        holder,
    })
}

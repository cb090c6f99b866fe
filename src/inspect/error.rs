//! Why a question has no answer.

use crate::hunt::HuntError;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    #[error("not a question: {0}")]
    Question(String),
    #[error("no object has the id @{0}: expected one that an answer has shown")]
    NoObject(u64),
    #[error("nothing matches {0:?}: expected a class as `classes` lists it, a shape as `shapes` does, or @id")]
    NoMatch(String),
    #[error("nothing that is alive holds {0:?}")]
    Unreachable(String),
    #[error(transparent)]
    Hunt(#[from] HuntError),
}

impl InspectError {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            InspectError::Question(_) => "ERR_LEAKHUNT_QUESTION",
            InspectError::NoObject(_) | InspectError::NoMatch(_) => "ERR_LEAKHUNT_NO_MATCH",
            InspectError::Unreachable(_) => "ERR_LEAKHUNT_UNREACHABLE",
            InspectError::Hunt(error) => error.code(),
        }
    }
}

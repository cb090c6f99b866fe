//! Errors as JavaScript sees them: `err.code` is stable, `err.message` is one line.

/// A stable `ERR_LEAKHUNT_*` code. napi makes `err.code` of an error's status.
#[derive(Debug, Clone, Copy)]
pub struct Code(pub &'static str);

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        self.0
    }
}

pub type Result<T> = std::result::Result<T, napi::Error<Code>>;

pub fn error(code: &'static str, message: impl Into<String>) -> napi::Error<Code> {
    napi::Error::new(Code(code), message.into())
}

/// N-API itself refused: out of memory, or an environment that is closing.
pub fn internal(error_of_napi: napi::Error) -> napi::Error<Code> {
    error("ERR_LEAKHUNT_INTERNAL", error_of_napi.reason.clone())
}

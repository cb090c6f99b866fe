//! `calibrate()` and `capabilities()`: what of V8 can be trusted here.

use super::error::{Result, internal};
use crate::capture::{fork_proven, fork_unsupported, pages_unsupported};
use crate::os::fork_handlers;
use crate::v8::Isolate;
use crate::v8::calibration::{Reading, compare};
use crate::v8::capabilities::{Calibrated, Capabilities, Capability};
use napi::bindgen_prelude::{Function, JsObjectValue, Object};
use napi_derive::napi;
use serde_json::{Value, json};

/// A collection between two reads moves every figure; a wrong layout disagrees each time.
const TRIES: usize = 5;

/// Holds what is read from V8 natively against what `node:v8` says. Once for each process; later calls keep the first verdict.
/// `native: false` leaves everything to JavaScript.
#[napi]
pub fn calibrate(#[napi(ts_arg_type = "typeof import('node:v8')")] v8: Object, native: bool) -> Result<()> {
    if Capabilities::get().is_some() {
        return Ok(());
    }
    if !native {
        Capabilities::without_native("switched off by LEAKHUNT_NATIVE=0");
        return Ok(());
    }
    let Some(isolate) = Isolate::current() else {
        Capabilities::without_native("this executable does not export V8");
        return Ok(());
    };
    let heap = agrees(
        || isolate.heap_statistics().map(|heap| heap.reading()),
        |names| read_object(&call(&v8, "getHeapStatistics")?, names),
    );
    let spaces = agrees(
        || isolate.heap_spaces().map(|spaces| spaces.iter().flat_map(|space| space.reading()).collect()),
        |_| read_spaces(&v8),
    );
    let code = agrees(
        || isolate.code_statistics().map(|code| code.reading()),
        |names| read_object(&call(&v8, "getHeapCodeStatistics")?, names),
    );
    Capabilities::decide(Calibrated {
        heap_statistics: heap.map_err(internal)?,
        heap_space_statistics: spaces.map_err(internal)?,
        code_statistics: code.map_err(internal)?,
    });
    Ok(())
}

/// What works in this process and why not; null before `calibrate`.
#[napi(ts_return_type = "Record<string, { available: boolean, way: string, reason: string | null }> | null")]
pub fn capabilities() -> Value {
    let Some(all) = Capabilities::get() else { return Value::Null };
    let fork = fork_unsupported().map_or_else(Capability::native, Capability::off);
    let mut document = json!(all);
    document["fork"] = json!(fork);
    document["fork"]["proven"] = fork_proven().into();
    document["fork"]["forkHandlers"] = fork_handlers().into();
    let pages = fork_unsupported().or_else(pages_unsupported);
    document["pages"] = json!(pages.map_or_else(Capability::native, Capability::off));
    document
}

type NapiResult<T> = std::result::Result<T, napi::Error>;

/// Tries until the readings agree once. The inner error is the last disagreement; the outer one is N-API's.
fn agrees(
    native: impl Fn() -> Option<Reading>,
    javascript: impl Fn(&Reading) -> NapiResult<Reading>,
) -> NapiResult<std::result::Result<(), String>> {
    let mut verdict = Err("this executable does not export it".to_owned());
    for _ in 0..TRIES {
        let Some(before) = native() else { return Ok(verdict) };
        let said = javascript(&before)?;
        let Some(after) = native() else { return Ok(verdict) };
        verdict = compare(&before, &said, &after).map_err(|disagreement| disagreement.to_string());
        if verdict.is_ok() {
            break;
        }
    }
    Ok(verdict)
}

fn call<'env>(v8: &Object<'env>, method: &str) -> NapiResult<Object<'env>> {
    v8.get_named_property::<Function<(), Object>>(method)?.call(())
}

fn read_object(object: &Object, names: &Reading) -> NapiResult<Reading> {
    let read = |(name, _): &(String, f64)| Ok(object.get::<f64>(name)?.map(|value| (name.clone(), value)));
    names.iter().filter_map(|name| read(name).transpose()).collect()
}

fn read_spaces(v8: &Object) -> NapiResult<Reading> {
    let spaces = v8.get_named_property::<Function<(), Vec<Object>>>("getHeapSpaceStatistics")?.call(())?;
    let mut reading = Reading::new();
    for space in spaces {
        let name = space.get::<String>("space_name")?.unwrap_or_default();
        for field in ["space_size", "space_used_size", "space_available_size", "physical_space_size"] {
            if let Some(value) = space.get::<f64>(field)? {
                reading.push((format!("{name}.{field}"), value));
            }
        }
    }
    Ok(reading)
}

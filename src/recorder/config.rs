//! What JavaScript hands over: options that are complete and valid by then.

use crate::capture;
use crate::trigger::{Limits, Rule};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    pub dir: PathBuf,
    pub interval_ms: u64,
    /// Decides what happens to a capture when the environment ends: with the process it finishes alone, with a worker only if it was automatic.
    pub is_main_thread: bool,
    pub thread_id: u32,
    pub v8_pool_size: usize,
    pub rules: Vec<Rule>,
    /// Whether significant growth of the live set triggers as well.
    pub growth: bool,
    /// The unattended hunt, where there is to be one.
    #[serde(default)]
    pub hunt: Option<HuntConfig>,
    /// Censuses at intervals, where there are to be some.
    #[serde(default)]
    pub census: Option<CensusConfig>,
    pub limits: Limits,
    pub capture: capture::Config,
    /// Whether automatic snapshots are redacted; one that code asks for says it itself.
    pub redact: bool,
    pub retention: capture::Retention,
    /// The hook for finished files.
    #[serde(default)]
    pub deliver: Option<capture::DeliverConfig>,
    pub labels: BTreeMap<String, String>,
    /// Whether it can be asked at the control socket.
    #[serde(default)]
    pub control: bool,
    /// The file that Node was started with, as a person knows the process.
    #[serde(default)]
    pub program: Option<String>,
    /// Why no capture may be made at all, if so.
    #[serde(default)]
    pub captures_off: Option<String>,
    #[serde(default)]
    pub versions: BTreeMap<String, String>,
}

impl Config {
    /// What goes into the names of this recorder's files.
    pub fn naming(&self) -> capture::Naming {
        capture::Naming { dir: self.dir.clone(), thread_id: self.thread_id }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HuntConfig {
    pub patience_ms: u64,
    pub rest_ms: u64,
    pub analyst: capture::AnalystConfig,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CensusConfig {
    pub every_ms: u64,
    /// Censuses that stay on disk, at least.
    pub keep: usize,
    /// Classes that are told one by one.
    pub max_classes: usize,
}

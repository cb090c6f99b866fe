//! The unattended hunt of one isolate: its course, its snapshots, and what is told of its end.

use super::config::HuntConfig;
use crate::capture::{Analysis, AnalystConfig, Artifact, Claim, Exhibit, Failure, Finding, NoVerdict};
use crate::hunt::verdict::Answer;
use crate::trigger::{Judgement, Patience, Pursuit, Why};
use crossbeam_channel::Receiver;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub struct Hunting {
    pub pursuit: Pursuit,
    pub analyst: AnalystConfig,
    pub analysis: Option<Judging>,
    claim: Arc<Claim>,
    rest: Duration,
    snapshots: Vec<Exhibit>,
    /// The live set after the last full collection.
    live: u64,
    /// The reason of the last refusal, which is told once while it lasts.
    refusal: Option<&'static str>,
    /// How the last refusal read.
    words: String,
}

/// The analysis under way, and where its end is told.
pub struct Judging {
    /// Held for its end: dropping it ends the process.
    pub _analysis: Analysis,
    pub ended: Receiver<Result<Finding, NoVerdict>>,
}

impl Hunting {
    pub fn new(config: &HuntConfig) -> Self {
        let terms = Patience {
            patience: Duration::from_millis(config.patience_ms),
            rest: Duration::from_millis(config.rest_ms),
        };
        Self {
            pursuit: Pursuit::new(terms),
            analyst: config.analyst.clone(),
            analysis: None,
            claim: Arc::default(),
            rest: terms.rest,
            snapshots: Vec::new(),
            live: 0,
            refusal: None,
            words: String::new(),
        }
    }

    /// Takes the live set after a full collection. `true` if a hunt begins.
    pub fn observe(&mut self, now: Instant, live: u64, grows: bool) -> bool {
        self.live = live;
        self.pursuit.observe(now, live, grows)
    }

    pub fn claim(&self) -> (Arc<Claim>, Duration) {
        (Arc::clone(&self.claim), self.rest)
    }

    pub fn live(&self) -> u64 {
        self.live
    }

    /// The snapshot that was due is there, of this live set.
    pub fn captured(&mut self, now: Instant, artifact: &Artifact, live: u64, heap_limit: u64) {
        self.pursuit.captured(now, live, heap_limit.saturating_sub(live));
        self.keep(artifact);
    }

    /// A snapshot that something else has triggered.
    pub fn adopt(&mut self, now: Instant, artifact: &Artifact, live: u64, heap_limit: u64) {
        if self.pursuit.adopt(now, live, heap_limit.saturating_sub(live)) {
            self.keep(artifact);
        }
    }

    fn keep(&mut self, artifact: &Artifact) {
        self.refusal = None;
        self.snapshots.push(Exhibit { path: artifact.path.clone(), raw_bytes: artifact.text_bytes() });
    }

    /// `true` if this refusal has not been told yet.
    pub fn refused(&mut self, now: Instant, again_in: Option<Duration>, code: &'static str, words: String) -> bool {
        self.pursuit.refused(now, again_in);
        self.words = words;
        self.refusal.replace(code) != Some(code)
    }

    pub fn snapshots(&self) -> &[Exhibit] {
        &self.snapshots
    }

    /// The names of the files that are still needed.
    pub fn needed(&self) -> Vec<String> {
        let names = self.snapshots.iter().filter_map(|file| file.path.file_name());
        names.map(|name| name.to_string_lossy().into_owned()).collect()
    }

    /// The analysis has answered. `None` if the hunt goes on.
    pub fn judged(&mut self, now: Instant, finding: Finding, heap_limit: u64) -> Option<Result<Found, StoodDown>> {
        let judgement = match finding.answer {
            Answer::Leak => Judgement::Leak { times: finding.times },
            Answer::NoLeak => Judgement::NoLeak,
            Answer::Inconclusive => Judgement::Inconclusive,
        };
        self.refusal = None;
        if self.pursuit.judged(now, judgement, heap_limit.saturating_sub(self.live)) {
            return None;
        }
        self.snapshots.clear();
        self.claim.release();
        let rests_for = self.pursuit.rests_for(now);
        let (reason, message) = match finding.answer {
            Answer::Leak if finding.is_news => return Some(Ok(Found { finding, rests_for })),
            Answer::Leak => ("known", format!("found for the {} time: {}", nth(finding.times), finding.summary)),
            Answer::NoLeak => ("no-leak", finding.summary.clone()),
            Answer::Inconclusive => ("inconclusive", finding.summary.clone()),
        };
        let snapshots = finding.snapshots.clone();
        Some(Err(StoodDown { reason, message, code: None, snapshots, finding: Some(finding), rests_for }))
    }

    /// The hunt has ended by itself.
    pub fn ended(&mut self, now: Instant, why: Why) -> StoodDown {
        let (reason, message) = match why {
            Why::GrowthStopped => ("growth-stopped", "the live set has not grown any further".to_owned()),
            Why::Refused => ("refused", std::mem::take(&mut self.words)),
        };
        self.stood_down(now, reason, self.refusal.filter(|_| why == Why::Refused), message)
    }

    /// Another process hunts in this directory, or has just done so: this one is no worse off with its verdict.
    pub fn left_to_others(&mut self, now: Instant, failure: &Failure) -> StoodDown {
        self.pursuit.left(now, failure.again_in());
        self.stood_down(now, "elsewhere", Some(failure.code()), failure.to_string())
    }

    /// There is to be no verdict.
    pub fn failed(&mut self, now: Instant, problem: &NoVerdict) -> StoodDown {
        self.pursuit.failed(now);
        self.stood_down(now, "failed", Some(problem.code()), problem.to_string())
    }

    fn stood_down(
        &mut self,
        now: Instant,
        reason: &'static str,
        code: Option<&'static str>,
        message: String,
    ) -> StoodDown {
        self.refusal = None;
        self.claim.release();
        let snapshots = std::mem::take(&mut self.snapshots).into_iter().map(|file| file.path).collect();
        StoodDown { reason, code, message, snapshots, finding: None, rests_for: self.pursuit.rests_for(now) }
    }
}

fn nth(times: u32) -> String {
    match times {
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        _ => format!("{times}th"),
    }
}

/// A leak that is news.
pub struct Found {
    finding: Finding,
    rests_for: Duration,
}

/// A hunt that ended otherwise.
pub struct StoodDown {
    reason: &'static str,
    /// Where something went wrong.
    code: Option<&'static str>,
    message: String,
    snapshots: Vec<PathBuf>,
    finding: Option<Finding>,
    rests_for: Duration,
}

impl Found {
    pub fn document(&self) -> Value {
        let mut document = of_finding(&self.finding);
        document["summary"] = self.finding.summary.as_str().into();
        document["snapshots"] = paths(&self.finding.snapshots);
        document["restMs"] = ms(self.rests_for);
        document
    }
}

impl StoodDown {
    pub fn document(&self) -> Value {
        let mut document = self.finding.as_ref().map_or_else(|| json!({ "verdict": null, "path": null }), of_finding);
        document["reason"] = self.reason.into();
        document["code"] = self.code.into();
        document["message"] = self.message.as_str().into();
        document["snapshots"] = paths(&self.snapshots);
        document["restMs"] = ms(self.rests_for);
        document
    }
}

fn of_finding(finding: &Finding) -> Value {
    json!({
        "verdict": finding.document,
        "path": finding.path.to_string_lossy(),
        "fingerprint": finding.fingerprint,
        "timesFound": finding.times,
        "analysis": {
            "durationMs": ms(finding.duration),
            "cpuMs": finding.cost.cpu_ms,
            "peakRssBytes": finding.cost.peak_rss_bytes,
        },
    })
}

fn paths(paths: &[PathBuf]) -> Value {
    paths.iter().map(|path| path.to_string_lossy()).collect()
}

fn ms(time: Duration) -> Value {
    (time.as_secs_f64() * 1e3).into()
}

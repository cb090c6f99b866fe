//! Leaks that people know of and accept for now: they are told apart, and are no reason to raise an alarm.

use super::verdict::{KnownLeak, Suspect};
use serde::Deserialize;

/// One entry of the user's list. Whoever reads the list has checked it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Accepted {
    pub fingerprint: String,
    #[serde(default)]
    pub reason: Option<String>,
    /// The last day for which it is accepted, as `2027-01-31`.
    #[serde(default)]
    pub until: Option<String>,
    /// That day has passed, so the leak counts again.
    #[serde(default)]
    pub lapsed: bool,
}

/// Takes those that are accepted out of `suspects`, which stay in their order.
pub fn set_apart<S: AsRef<Suspect> + Into<Suspect>>(suspects: Vec<S>, list: &[Accepted]) -> (Vec<S>, Vec<KnownLeak>) {
    let mut known: Vec<KnownLeak> = Vec::new();
    let mut others = Vec::new();
    for suspect in suspects {
        let fingerprint = suspect.as_ref().fingerprint.as_str();
        match list.iter().find(|entry| !entry.lapsed && entry.fingerprint == fingerprint) {
            None => others.push(suspect),
            Some(Accepted { reason, until, .. }) => {
                let (reason, until) = (reason.clone(), until.clone());
                known.push(KnownLeak { suspect: suspect.into(), reason, until });
            }
        }
    }
    known.iter_mut().zip(1..).for_each(|(known, rank)| known.suspect.rank = rank);
    (others, known)
}

/// What to say of suspects that were accepted until some day.
pub fn lapsed(suspects: &[Suspect], list: &[Accepted]) -> Vec<String> {
    let until = |suspect: &Suspect| {
        let entry = list.iter().find(|entry| entry.lapsed && entry.fingerprint == suspect.fingerprint)?;
        entry.until.clone()
    };
    let told = suspects.iter().filter_map(|s| Some((s, until(s)?)));
    told.map(|(s, day)| format!("{} ({}) was accepted until {day}, and counts again", s.class, s.fingerprint)).collect()
}

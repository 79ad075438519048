//! A moment as GitHub gives it: UTC, whole seconds.
//!
//! Only moments that GitHub stated are compared with each other; the local clock never
//! decides anything about an issue (a laptop's clock may be years off).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A moment in UTC with whole-second precision, printed as `2025-09-14T12:03:11Z`.
///
/// Fractions of a second are dropped when parsing: GitHub states whole seconds, and an
/// emulator that states more must not look newer than the same moment in a base line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// A text that is not an RFC 3339 moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a moment like 2025-09-14T12:03:11Z")]
pub struct TimeError(String);

impl Timestamp {
    /// The moment `seconds` after 1970-01-01T00:00:00Z, clamped to the years 1 to 9999.
    pub fn from_second(seconds: i64) -> Self {
        Self(seconds.clamp(-62_135_596_800, 253_402_207_200))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn as_second(self) -> i64 {
        self.0
    }

    /// This moment moved by `seconds`, which may be negative.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self::from_second(self.0.saturating_add(seconds))
    }

    /// `20250914T115930Z`, the form used in a worklog's id.
    pub fn compact(self) -> String {
        self.to_string().replace(['-', ':'], "")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = jiff::Timestamp::from_second(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        write!(f, "{moment}")
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let moment: jiff::Timestamp = text.parse().map_err(|_| TimeError(text.to_owned()))?;
        Ok(Self::from_second(moment.as_second()))
    }
}

impl TryFrom<String> for Timestamp {
    type Error = TimeError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(moment: Timestamp) -> Self {
        moment.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints_whole_seconds() {
        let moment: Timestamp = "2025-09-14T12:03:11.900Z".parse().expect("valid");
        assert_eq!(moment.to_string(), "2025-09-14T12:03:11Z");
        assert_eq!(moment.compact(), "20250914T120311Z");
        let offset: Timestamp = "2025-09-14T14:03:11+02:00".parse().expect("valid");
        assert_eq!(offset, moment);
        assert!("yesterday".parse::<Timestamp>().is_err());
    }
}

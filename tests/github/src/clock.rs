//! Simulated time: whole seconds, moved only by the test.
//!
//! Nothing here reads the machine's clock. A client that compares its own clock with
//! GitHub's answers is caught by starting the stand-in years away from today.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::rfc2822::DateTimePrinter;

/// The simulated clock. Seconds since the Unix epoch.
#[derive(Clone, Debug)]
pub struct Clock {
    now: i64,
    /// Seconds that pass before each request is handled. 0 unless set.
    pub tick: i64,
}

impl Clock {
    /// A clock standing at `iso`, for example `2026-03-01T12:00:00Z`.
    ///
    /// # Panics
    /// If `iso` is not a point in time.
    #[must_use]
    pub fn at(iso: &str) -> Self {
        let now = parse(iso).unwrap_or_else(|| panic!("not a point in time: {iso}"));
        Self { now, tick: 0 }
    }

    /// The time now, in seconds since the Unix epoch.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Lets `seconds` pass; negative values turn the clock back.
    pub fn advance(&mut self, seconds: i64) {
        self.now += seconds;
    }

    /// Sets the clock to `iso`.
    ///
    /// # Panics
    /// If `iso` is not a point in time.
    pub fn set(&mut self, iso: &str) {
        self.now = Self::at(iso).now;
    }
}

/// `2026-03-01T12:00:00Z`: the form of every timestamp in GitHub's answers.
#[must_use]
pub fn iso(seconds: i64) -> String {
    stamp(seconds).to_string()
}

/// `Sun, 01 Mar 2026 12:00:00 GMT`: the form of the `Date` header.
#[must_use]
pub fn http_date(seconds: i64) -> String {
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&stamp(seconds))
        .unwrap_or_default()
}

/// Reads a point in time with any offset, or a bare date. Fractions are dropped, because
/// GitHub keeps whole seconds.
#[must_use]
pub fn parse(text: &str) -> Option<i64> {
    if let Ok(stamp) = text.parse::<Timestamp>() {
        return Some(stamp.as_second());
    }
    let date: Date = text.parse().ok()?;
    format!("{date}T00:00:00Z")
        .parse::<Timestamp>()
        .ok()
        .map(Timestamp::as_second)
}

fn stamp(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let mut clock = Clock::at("2026-03-01T12:00:00Z");
        clock.advance(61);
        assert_eq!(iso(clock.now()), "2026-03-01T12:01:01Z");
        assert_eq!(http_date(clock.now()), "Sun, 01 Mar 2026 12:01:01 GMT");
    }

    #[test]
    fn an_offset_is_read_as_time_and_not_as_text() {
        assert_eq!(
            parse("2026-03-01T14:00:00+02:00"),
            parse("2026-03-01T12:00:00.9Z")
        );
        assert_eq!(parse("2026-03-01"), parse("2026-03-01T00:00:00Z"));
        assert_eq!(parse("yesterday"), None);
    }
}

//! How bad a line says it is, in the words and numbers of the many loggers.

/// A level; the worse the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Every step.
    Trace,
    /// For whoever looks for a fault.
    Debug,
    /// What happens.
    Info,
    /// What happens seldom.
    Notice,
    /// What may become a fault.
    Warn,
    /// A fault.
    Error,
    /// A fault after which the program does not go on.
    Fatal,
}

impl Level {
    /// The word in options and worklogs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Notice => "notice",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// The level that a word means, in any case; `None` if it means none.
    pub fn of_word(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "trace" | "finest" | "finer" | "verbose" | "silly" => Self::Trace,
            "debug" | "dbg" | "fine" | "debug1" | "debug2" | "debug3" | "debug4" | "debug5" => Self::Debug,
            "info" | "information" | "informational" | "inf" | "config" | "log" | "default" => Self::Info,
            "notice" => Self::Notice,
            "warn" | "warning" | "wrn" => Self::Warn,
            "error" | "err" | "severe" | "eror" => Self::Error,
            "fatal" | "critical" | "crit" | "panic" | "emerg" | "emergency" | "alert" | "ftl" | "dpanic" => {
                Self::Fatal
            }
            _ => return None,
        })
    }

    /// The level of a letter: `E`.
    pub(super) fn of_letter(letter: &str) -> Option<Self> {
        Some(match letter {
            "T" | "V" => Self::Trace,
            "D" => Self::Debug,
            "I" => Self::Info,
            "N" => Self::Notice,
            "W" => Self::Warn,
            "E" => Self::Error,
            "F" | "C" => Self::Fatal,
            _ => return None,
        })
    }

    /// The level of a number: up to 7 it is syslog's, from 10 on that of pino and bunyan.
    pub(super) fn of_number(number: i64) -> Option<Self> {
        Some(match number {
            0..=2 => Self::Fatal,
            3 => Self::Error,
            4 => Self::Warn,
            5 => Self::Notice,
            6 => Self::Info,
            7 => Self::Debug,
            10..=19 => Self::Trace,
            20..=29 => Self::Debug,
            30..=39 => Self::Info,
            40..=49 => Self::Warn,
            50..=59 => Self::Error,
            60..=69 => Self::Fatal,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_letters_and_numbers() {
        assert_eq!(Level::of_word("CRITICAL"), Some(Level::Fatal));
        assert_eq!(Level::of_word("Warning"), Some(Level::Warn));
        assert_eq!(Level::of_word("erroneous"), None);
        assert_eq!(Level::of_letter("E"), Some(Level::Error));
        assert_eq!((Level::of_number(50), Level::of_number(3)), (Some(Level::Error), Some(Level::Error)));
        assert!(Level::Fatal > Level::Error && Level::Error > Level::Warn);
        for level in
            [Level::Trace, Level::Debug, Level::Info, Level::Notice, Level::Warn, Level::Error, Level::Fatal]
        {
            assert_eq!(Level::of_word(level.word()), Some(level));
        }
    }
}

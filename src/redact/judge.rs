//! Whether a run of characters looks made by a machine to be kept secret, or is a word, a
//! path, a placeholder.

/// Set of ASCII characters.
pub(super) type Set = u128;

pub(super) const DIGIT: Set = range(b'0', b'9');
pub(super) const UPPER: Set = range(b'A', b'Z');
pub(super) const LOWER: Set = range(b'a', b'z');
pub(super) const ALNUM: Set = DIGIT | UPPER | LOWER;
pub(super) const HEX: Set = DIGIT | range(b'a', b'f') | range(b'A', b'F');
/// Letters, digits, `_` and `-`: base64 for addresses.
pub(super) const URL: Set = ALNUM | one(b'_') | one(b'-');
/// The same with dots between parts.
pub(super) const DOTTED: Set = URL | one(b'.');
/// Everything in base64 of either alphabet.
pub(super) const BASE64: Set = URL | one(b'+') | one(b'/') | one(b'=');

/// The set of these characters.
pub(super) const fn set(chars: &[u8]) -> Set {
    let (mut set, mut i) = (0, 0);
    while i < chars.len() {
        set |= one(chars[i]);
        i += 1;
    }
    set
}

const fn one(c: u8) -> Set {
    1 << c
}

const fn range(from: u8, to: u8) -> Set {
    let mut set = 0;
    let mut c = from;
    while c <= to {
        set |= one(c);
        c += 1;
    }
    set
}

pub(super) fn is_in(set: Set, byte: u8) -> bool {
    byte < 128 && set >> byte & 1 == 1
}

/// The characters of a run as counted by kind.
pub(super) struct Mix {
    pub(super) digits: usize,
    pub(super) uppers: usize,
    pub(super) lowers: usize,
    pub(super) others: usize,
    /// How many different characters.
    pub(super) distinct: u32,
}

impl Mix {
    pub(super) fn of(run: &[u8]) -> Self {
        let mut mix = Self { digits: 0, uppers: 0, lowers: 0, others: 0, distinct: 0 };
        let mut seen = [false; 256];
        for byte in run {
            match byte {
                b'0'..=b'9' => mix.digits += 1,
                b'A'..=b'Z' => mix.uppers += 1,
                b'a'..=b'z' => mix.lowers += 1,
                _ => mix.others += 1,
            }
            mix.distinct += u32::from(!seen[usize::from(*byte)]);
            seen[usize::from(*byte)] = true;
        }
        mix
    }

    /// Not words: digits among letters, or capitals in the middle of them.
    pub(super) fn is_random(&self) -> bool {
        let letters = self.uppers + self.lowers;
        let mixed = (self.digits > 0 && letters > 0) || (self.uppers > 1 && self.lowers > 1);
        self.distinct >= 5 && (mixed || self.digits >= 8)
    }

    /// So clearly not words that nothing else has to speak for it.
    pub(super) fn is_very_random(&self) -> bool {
        self.distinct >= 9 && self.digits > 1 && self.uppers + self.lowers > 3
    }
}

/// Bits of surprise in a character, by how often each occurs.
pub(super) fn entropy(run: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in run {
        counts[usize::from(*byte)] += 1;
    }
    let length = f64::from(u32::try_from(run.len()).unwrap_or(u32::MAX));
    let part = |count: &u32| {
        let share = f64::from(*count) / length;
        -share * share.log2()
    };
    counts.iter().filter(|c| **c > 0).map(part).sum()
}

/// Whether a text breaks off here: an ellipsis, a word for one, or its end.
pub(super) fn is_cut(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at.min(bytes.len())..];
    if rest.iter().take(200).all(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'`')) {
        return true;
    }
    if rest.starts_with("…".as_bytes()) || rest.starts_with(b"..") || rest.starts_with(b"**") {
        return true;
    }
    let rest = rest.trim_ascii_start();
    let Some((b'[' | b'(' | b'<', word)) = rest.split_first() else { return false };
    let word = word.trim_ascii_start().to_ascii_lowercase();
    ["trunc", "cut", "snip", "more", "..", "…", "redac", "omitted"]
        .iter()
        .any(|w| word.starts_with(w.as_bytes()))
}

/// What people and programs write where a value would stand.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    const WORDS: [&str; 26] = [
        "null",
        "none",
        "true",
        "false",
        "undefined",
        "required",
        "optional",
        "string",
        "password",
        "changeme",
        "redacted",
        "removed",
        "masked",
        "hidden",
        "filtered",
        "example",
        "placeholder",
        "enabled",
        "disabled",
        "unlimited",
        "anonymous",
        "production",
        "development",
        "localhost",
        "postgres",
        "default",
    ];
    let value = &value[..value.len().min(64)];
    let lower = value.to_ascii_lowercase();
    let is = |word: &str| lower.trim_ascii() == word.as_bytes();
    let starts = |with: &[&str]| with.iter().any(|w| value.starts_with(w.as_bytes()));
    WORDS.iter().any(|w| is(w))
        || starts(&["<", "${", "$(", "{{", "{%", "%(", "#{", "***", "[", "@{", "\\$"])
        || Mix::of(value).distinct < 4
        || ["your", "example", "xxxx", "....", "****", "changeme", "placeholder", "dummy"]
            .iter()
            .any(|w| lower.windows(w.len()).any(|part| part == w.as_bytes()))
        || value.first() == Some(&b'$') && value[1..].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
        || value.first() == Some(&b'%') && value.last() == Some(&b'%')
}

/// A path or an address without anything random in its parts.
pub(super) fn is_path(value: &[u8]) -> bool {
    let drive = matches!(value, [b'A'..=b'Z' | b'a'..=b'z', b':', b'\\' | b'/', ..]);
    let rooted = ["/", "./", "../", "~/", "file:"].iter().any(|r| value.starts_with(r.as_bytes()));
    let address = value.windows(3).take(12).any(|w| w == b"://");
    let random = |part: &[u8]| {
        let mix = Mix::of(part);
        part.len() >= 16 && mix.is_very_random() && mix.uppers > 0 && mix.lowers > 0
    };
    (drive || rooted || address) && !value.split(|b| matches!(b, b'/' | b'\\')).any(random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_not_random_and_tokens_are() {
        for (text, random) in [
            ("lifecycle", false),
            ("hub_download", false),
            ("Estimators", false),
            ("a8Kq02mZ", true),
            ("01234567", true),
            ("0123456", false),
            ("aaaaaaa1", false),
        ] {
            assert_eq!(Mix::of(text.as_bytes()).is_random(), random, "{text}");
        }
        assert!(entropy(b"aaaaaaaa") < 0.1 && entropy(b"a8Kq02mZ") > 2.9);
    }

    #[test]
    fn a_cut_is_seen() {
        for text in ["", "  \n", "…", "...", " [truncated]", "(cut here)", "\""] {
            assert!(is_cut(text.as_bytes(), 0), "{text}");
        }
        for text in [" next", ".py", "[0]", "\nmore"] {
            assert!(!is_cut(text.as_bytes(), 0), "{text}");
        }
    }

    #[test]
    fn placeholders_and_paths_are_no_secrets() {
        for text in ["<token>", "${TOKEN}", "$TOKEN", "your-token-here", "xxxxxxxxxxxx", "********", "null"] {
            assert!(is_placeholder(text.as_bytes()), "{text}");
        }
        assert!(is_path(b"/run/secrets/db-password") && is_path(b"https://auth.example.com/oauth2/token"));
        assert!(!is_path(b"/aB3dE5fG7hI9jK1lM3nO5pQ7rS9=") && !is_path(b"hunter2hunter2"));
    }
}
